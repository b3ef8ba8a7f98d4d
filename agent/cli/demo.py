"""`demo`: one dossier all the way, from page images to the delivered result and books that agree."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import log
from agent.cli import EXIT_DIFFERENCE, EXIT_DONE, answer, progress
from agent.cli.demo_steps import Stations
from agent.cli.demo_story import Story
from agent.settings import Device, Settings

if TYPE_CHECKING:
    from agent.cli.program import Peer, Program


def run_demo(args: argparse.Namespace, program: Program) -> int:
    """Run the whole way in `--data`, with a sandbox province and a simulated printer of its own."""
    story, peers = Story(), list["Peer"]()
    log.configure("warning")  # progress is told in words; what goes wrong is still logged
    with program.hold():
        try:
            progress("▸ Mở tỉnh giả lập và máy in giả lập")
            peers.append(province := program.start("sandbox", "--port", "0"))
            peers.append(printer := program.start("devices", "simulate", "zpl"))
            site = program.site(with_peers(program.settings, province, printer))
            stations = Stations(program, site, story, artefacts_folder(program.settings.data))
            with program.reading(site):
                stations.walk(args.pages)
        finally:
            for peer in reversed(peers):
                peer.stop()
    answer(args, story.body, summary(story.body))
    return EXIT_DONE if succeeded(story.body) else EXIT_DIFFERENCE


def artefacts_folder(data: Path) -> Path:
    """Where plain exported copies go: beside the data folder, in which everything is encrypted."""
    return data.with_name(f"{data.name}-artefacts")


def with_peers(settings: Settings, province: Peer, printer: Peer) -> Settings:
    """The settings with the addresses of the two peers that were just started."""
    label = Device(name="nhan", role="label", kind="tcp", address=printer.said["address"], language="zpl")
    return settings.with_(
        province=replace(settings.province, profile="sandbox", endpoint=province.said["address"]),
        devices=(label,),
    )


def succeeded(body: dict[str, Any]) -> bool:
    """Whether every promise of the demo was kept."""
    return bool(
        body["dossier"]["state"] == "closed"
        and body["handoff"]["state"] == "acked"
        and body["return"]["state"] == "delivered"
        and body["reconciliation"]["differences"] == 0
        and body["planted"]["found"]
    )


def summary(body: dict[str, Any]) -> str:
    """The end of the demo in words: each artefact with its path."""
    made, seconds = body["artefacts"], body["seconds"]
    lines = [
        "",
        f"✓ Hồ sơ {body['dossier']['official']} ({body['dossier']['provisional']}): {body['dossier']['state']}",
        f"  Bưu gửi {body['return']['item']}: {body['return']['state']}",
        f"  Đối soát: {body['reconciliation']['compared']} hồ sơ, {body['reconciliation']['differences']} khác biệt;"
        f" khác biệt cài thử “{body['planted']['kind']}”: {'tìm thấy' if body['planted']['found'] else 'KHÔNG thấy'}",
        "",
        "Các tệp đã làm ra:",
        f"  giấy tiếp nhận   {made['receipt_pdf']}",
        f"  bản kê đã nộp    {made['handed_in_pdf']}",
        f"  nhãn (PDF)       {made['label_pdf']}",
        f"  nhãn (ZPL)       {made['label_zpl']}",
        *(f"  bản đã ký        {path}" for path in made["signed_pdfs"]),
        f"  gói chứng cứ     {made['proof_bundle']}",
        "",
        "Thời gian: " + ", ".join(f"{name} {spent:.2f} s" for name, spent in seconds.items()),
    ]
    return "\n".join(lines)
