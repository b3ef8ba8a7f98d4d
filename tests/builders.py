"""Makers of whole stations and of dossiers at each point of their way, for tests that cross units."""

from __future__ import annotations

import io
import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from agent.cli.peers import folder_of
from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Role
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, wants_copy
from agent.intake.guide import catalogue, today
from agent.intake.label import confirm_label
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.processes import Program
from agent.settings import Settings
from agent.site import Site
from agent.store import base, outbox
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import components_of, dossier_by_uid
from agent.tracking.custody import accept, courier_holder, hand_over, move
from agent.tracking.deliver import ProofInput, deliver
from agent.tracking.items import allot_range, collect_from_authority, register_item
from agent.wiring import build_site

OFFICE = "BC-TAYHO"
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
COURIER = Actor("tuyen7", "Phạm Đức Ân", Role.COURIER, OFFICE, "T1")
CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
_starts = itertools.count(1)


@dataclass
class Station:
    """One counter with its site, and the commands' program over the same folder."""

    site: Site
    program: Program

    @property
    def folder(self) -> Path:
        return self.site.settings.data

    def bind(self) -> Station:
        """Make this station's store the open one again, after another was opened in this process."""
        base.proxy.initialize(self.site.store.database)
        return self

    def send(self) -> None:
        """Send everything that waits for the province, then read its feed."""
        while self.program.send_once(self.site):
            pass
        self.program.follow_once(self.site)

    def act(self, dossier: Dossier, *actions: str, **options: Any) -> None:
        """Acts of the sandbox province's clerk."""
        for action in actions:
            self.program.act(folder_of(self.program), dossier.provisional, action, options)


def station(folder: Path, *, endpoint: str = "", clock: Any = None, authority: Path | None = None) -> Station:
    """A station in a folder; `authority` is a demonstration CA to copy, so that no new one has to be made."""
    settings = Settings(data=folder)
    if endpoint:
        settings = settings.with_(province=replace(settings.province, endpoint=endpoint))
    if authority is not None and not (folder / "demonstration-ca").exists():
        shutil.copytree(authority, folder / "demonstration-ca")
    return Station(build_site(settings, clock=clock), Program(settings))


@contextmanager
def station_with_province(folder: Path, *, faults: str = "", authority: Path | None = None) -> Iterator[Station]:
    """A station and a sandbox province of its own, in a process of its own."""
    if authority is not None:
        shutil.copytree(authority, folder / "demonstration-ca")
    words = ("sandbox", "--port", "0", *(("--faults", faults) if faults else ()))
    peer = Program(Settings(data=folder)).start(*words)
    try:
        yield station(folder, endpoint=peer.said["address"])
    finally:
        peer.stop()


def received(at: Station, *, procedure: str = "2.000635", card: str = CARD, way: str = "courier") -> Dossier:
    """A received dossier with all mandatory components."""
    case = catalogue(at.site).current(procedure, today(at.site)).case()
    parts = tuple(ComponentInput(needed.code) for needed in case.mandatory)
    owner = PartyInput(chip_card=card, phone="0912 345 678")
    return receive(at.site, Intake(procedure, owner, parts, return_way=way), by=CLERK)


def signed(at: Station, **options: Any) -> Dossier:
    """A dossier whose papers are digitised and signed."""
    dossier = received(at, **options)
    confirm_label(at.site, dossier.uid, dossier.provisional, by=CLERK)
    for component in (one for one in components_of(dossier) if wants_copy(one)):
        pages = at.site.digitiser().read_bytes("scan.jpg", scanned(dossier.provisional))
        add_pages(at.site, dossier.uid, component.uid, pages, by=CLERK)
    make_copies(at.site, dossier.uid, by=CLERK)
    sign_copies(at.site, dossier.uid, by=CLERK)
    return dossier_by_uid(dossier.uid)


def handed_off(at: Station, **options: Any) -> Dossier:
    """A dossier that the province acknowledged."""
    dossier = signed(at, **options)
    job = submit(at.site, dossier.uid, by=CLERK)
    at.send()
    sent = outbox.show(job.key)
    assert sent.state.value == "acked", f"{sent.key} {sent.state} {sent.error}"
    return dossier_by_uid(dossier.uid)


def delivered(at: Station, **options: Any) -> Dossier:
    """A dossier whose result a courier handed over, reported and acknowledged."""
    dossier = handed_off(at, **options)
    at.act(dossier, "take-up", "finish", "result-ready")
    at.send()
    number = with_courier(at, dossier).number
    proof = ProofInput(
        receiver="Nguyễn Thị Hường", relation="chủ hồ sơ", identity_type="CCCD", identity_last4="2345",
        identity_matched=True, signature=b"strokes", position={"lat": 21.07, "lon": 105.82, "accuracy_m": 12},
    )  # fmt: skip
    deliver(at.site, number, proof, by=COURIER)
    at.send()
    return dossier_by_uid(dossier.uid)


def with_courier(at: Station, dossier: Dossier) -> Item:
    """The item of a dossier whose result is ready, out for delivery with the courier."""
    start = next(_starts) * 1000
    allot_range(at.site, OFFICE, "RD", start, start + 999)
    item = register_item(at.site, dossier.uid, by=CLERK)
    collect_from_authority(at.site, item.number, by=CLERK)
    holder = courier_holder(COURIER.username)
    hand_over(at.site, [item.number], to=holder, by=CLERK)
    accept(at.site, [item.number], holder=holder, by=COURIER)
    move(at.site, item.number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    return item


@cache
def scanned(text: str) -> bytes:
    """A scanned letter as JPEG, 200 dpi, different for each text."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(image)
    pen.text((200, 200), text, fill="black", font_size=60)
    for row in range(500, 2139, 44):
        pen.rectangle((150, row, 1504, row + 18), fill=(40, 40, 90))
    out = io.BytesIO()
    image.save(out, "JPEG", dpi=(200, 200), quality=85)
    return out.getvalue()
