"""`verify` of a citizen's receipt of a hand-over: its bytes and public keys, no network, no database."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.citizen.receipt_check import ReceiptVerdict, check, keys_in
from agent.clock import local
from agent.settings import Settings


def verify_receipt(args: argparse.Namespace, data: bytes, settings: Settings) -> int | None:
    """Judge `data` if it is a receipt, answer, and give the exit code; None when it is something else."""
    from agent.cli import EXIT_DIFFERENCE, EXIT_DONE, answer

    if check(data, {}) is None:
        return None
    keys = keys_in(args.trust.read_bytes(), str(args.trust)) if args.trust else _installed(settings)
    verdict = check(data, keys)
    assert verdict is not None
    strict = bool(args.trust) or not settings.training
    good = verdict.stands(strict=strict)
    answer(args, verdict.plain(), "\n".join(_lines(args.bundle, verdict, good)))
    return EXIT_DONE if good else EXIT_DIFFERENCE


def _installed(settings: Settings) -> dict[str, bytes]:
    """The public keys that lie in the data folder, if there is one: this terminal's own."""
    found: dict[str, bytes] = {}
    for path in sorted((settings.data / "keys").glob("receipt*.pub.pem")):
        found |= keys_in(path.read_bytes(), str(path))
    return found


def _lines(path: Path, verdict: ReceiptVerdict, good: bool) -> list[str]:
    lines = [f"{'✓ Biên nhận đứng vững' if good else '✗ Không chấp nhận biên nhận này'}: {path}"]
    if verdict.training:
        lines.append("  TRAINING / TẬP HUẤN – không có giá trị pháp lý")
    if verdict.facts is not None:
        from datetime import datetime

        facts = verdict.facts
        lines.append(f"  bưu gửi {facts.item or '(không có, trả tại quầy hoặc bản điện tử)'}, {facts.office_name}")
        lines.append(
            f"  giao lúc {local(datetime.fromisoformat(facts.at)):%H:%M %d/%m/%Y}, người nhận {facts.receiver}"
        )
        lines.append(f"  mã bằng chứng {facts.proof}")
    return [*lines, *(f"  {words}" for words in verdict.problems)]
