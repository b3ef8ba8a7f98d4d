"""What a campaign left behind: each dossier at both ends, its receipt, its files byte for byte, its people."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.domain.canonical import NO_DIGEST
from agent.domain.jobs import JobState
from agent.reconcile.recheck import dossier_states, ledger_rows
from agent.settings import Settings
from agent.site import Site
from agent.soap.province.ledger import Ledger
from agent.store import journal
from agent.store.dossiers import Dossier
from agent.store.handoffs import ProvinceReceipt
from agent.store.outbox import Job
from agent.wiring import build_site
from tests.contract.sandbox_process import OFFICE
from tests.faults.campaign import OPEN

WITH_PEOPLE = (JobState.HELD, JobState.NEEDS_CLERK)


def audit(data: Path, province: Path, wanted: list[str]) -> list[str]:
    """Everything that is wrong: lost, duplicated, other bytes, open ends, refused here but held there."""
    site, ledger = build_site(Settings(data=data)), Ledger(province)
    try:
        with site.store.reading():
            return [*_dossiers(site, ledger, province, wanted), *_books(ledger)]
    finally:
        ledger.close()
        site.store.close()


def ends(data: Path) -> Counter[str]:
    """How many dossiers ended in which way."""
    site = build_site(Settings(data=data))
    try:
        with site.store.reading():
            return Counter(str(_last(dossier).state) for dossier in Dossier.select())
    finally:
        site.store.close()


def _last(dossier: Dossier) -> Job:
    """The dossier's last message."""
    sent = (Job.dossier_id == dossier.id) & (Job.kind == "submit")
    return Job.select().where(sent).order_by(Job.id.desc()).get()


def _dossiers(site: Site, ledger: Ledger, province: Path, wanted: list[str]) -> Iterator[str]:
    here = {dossier.provisional: dossier for dossier in Dossier.select()}
    there = dict[str, list[dict[str, Any]]]()
    for row in ledger.rows("SELECT number, provisional, digest, submitted_as FROM dossiers"):
        there.setdefault(row["provisional"], []).append(row)
    yield from (f"{name}: the province has it, nobody sent it" for name in there.keys() - here.keys())
    for name in wanted:
        if name not in here:
            yield f"{name}: lost here"
            continue
        held = there.get(name, [])
        if len(held) > 1:
            yield f"{name}: duplicated, {len(held)} dossiers at the province"
        yield from _one(site, ledger, province, here[name], held)


def _one(site: Site, ledger: Ledger, province: Path, dossier: Dossier, held: list[dict[str, Any]]) -> Iterator[str]:
    name, state = dossier.provisional, _last(dossier).state
    receipts = [row for one in held for row in _receipts(ledger, one["number"])]
    if held and len(receipts) != 1:
        yield f"{name}: {len(receipts)} receipts for it at the province"
    if state in OPEN:
        yield f"{name}: without an end, {state}"
    if state is JobState.ACKED:
        if not held:
            yield f"{name}: lost, acknowledged here and not held there"
            return
        mine = [(bytes(row.document), bytes(row.signature)) for row in ProvinceReceipt.select().where(
            (ProvinceReceipt.dossier == dossier) & (ProvinceReceipt.kind == "submit"))]  # fmt: skip
        if mine != [(row["document"], row["signature"]) for row in receipts]:
            yield f"{name}: {len(mine)} receipts here are not the {len(receipts)} of the province"
        yield from _files(site, ledger, province, dossier, held[0]["number"])
    elif held and state not in (*OPEN, *WITH_PEOPLE):
        yield f"{name}: {state} here, but the province holds it"
    if state in WITH_PEOPLE and not (dossier.problem or _last(dossier).error):
        yield f"{name}: held, and nobody is told why"


def _receipts(ledger: Ledger, number: str) -> list[dict[str, Any]]:
    return ledger.rows(
        "SELECT document, signature FROM receipts WHERE number = :n AND operation = 'SubmitDossier'", n=number
    )


def _files(site: Site, ledger: Ledger, province: Path, dossier: Dossier, number: str) -> Iterator[str]:
    """Named in the frozen message, in our vault and on the province's disk with that hash, and in its ledger."""
    job = Job.get((Job.dossier_id == dossier.id) & (Job.state == JobState.ACKED) & (Job.kind == "submit"))
    components = json.loads(job.payload)["components"]
    named = {file["sha256"] for component in components for file in component["files"]}
    known = {row["sha256"] for row in ledger.rows("SELECT sha256 FROM files WHERE number = :n", n=number)}
    if named != known or len(named) < 3:
        yield f"{dossier.provisional}: {len(named)} files were named, the province knows {len(known)}"
    for sha256 in sorted(named):
        path = province / "files" / sha256
        there = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "nothing"
        mine = hashlib.sha256(site.vault.read(sha256, 0, site.vault.size(sha256))).hexdigest()
        if (there, mine) != (sha256, sha256):
            yield f"{dossier.provisional}: the file {sha256[:12]} is not the same at both ends"


def _books(ledger: Ledger) -> Iterator[str]:
    """Both chains unbroken, every cached state the fold of its facts."""
    yield from map(str, journal.verify())
    yield from map(str, dossier_states() + ledger_rows())
    previous = NO_DIGEST
    for row in ledger.rows("SELECT document FROM receipts WHERE office = :o ORDER BY id", o=OFFICE):
        if json.loads(row["document"])["previous"] != previous:
            yield "the province's chain of receipts is broken"
        previous = hashlib.sha256(row["document"]).hexdigest()
