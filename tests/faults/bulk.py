"""Dossiers in bulk: received, labelled and handed off by the real use cases, with small files in place of scans."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from agent.domain.catalogue import Case, Requirement
from agent.domain.dossier import Step
from agent.domain.identifiers import mint_paper_code
from agent.intake.filing import wants_copy
from agent.intake.guide import catalogue, today
from agent.intake.label import confirm_label
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.intake.submit import submit
from agent.settings import Settings
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.papers import Paper
from agent.store.progress import take_step
from agent.wiring import build_site
from tests.builders import CARD, CLERK

FILES = 3


def furnish(folder: Path, count: int, *, seed: int = 1) -> list[str]:
    """A data folder with so many dossiers that wait to be sent, three files each; their provisional numbers."""
    site = build_site(Settings(data=folder))
    chance = random.Random(f"{seed}:files")
    try:
        procedure = procedure_of(site)
        return [hand_in(site, procedure, chance).provisional for _ in range(count)]
    finally:
        site.store.close()


def procedure_of(site: Site) -> str:
    """A procedure of the catalogue whose first case has enough components."""
    for procedure in catalogue(site).in_force(today(site)):
        if len(_digitised(procedure.case())) >= FILES:
            return procedure.code
    raise AssertionError("no procedure of the sample has three components")


def _digitised(case: Case) -> list[Requirement]:
    return [one for one in case.requirements if one.digitised]


def hand_in(site: Site, procedure: str, chance: random.Random) -> Dossier:
    """One dossier whose papers are signed and which is queued for the province."""
    case = catalogue(site).current(procedure, today(site)).case()
    chosen = dict.fromkeys(one.code for one in (*case.mandatory, *_digitised(case)[:FILES]))
    dossier = receive(
        site,
        Intake(procedure, PartyInput(chip_card=CARD, phone="0912 345 678"), tuple(map(ComponentInput, chosen))),
        by=CLERK,
    )
    confirm_label(site, dossier.uid, dossier.provisional, by=CLERK)
    with site.store.reading():
        parts = [one for one in components_of(dossier) if wants_copy(one)][:FILES]
    files = [_file(site, chance) for _ in parts]
    with site.store.writing():
        fresh, at = dossier_by_uid(dossier.uid), site.clock.now()
        for component, (sha256, size) in zip(parts, files, strict=True):
            _paper(site, fresh, component, sha256, size)
        for step in (Step.DIGITISE, Step.SIGN):
            take_step(fresh, step, by=CLERK, at=at, ids=site.ids, papers=[sha256 for sha256, _ in files])
    submit(site, dossier.uid, by=CLERK)
    return dossier


def _file(site: Site, chance: random.Random) -> tuple[str, int]:
    """A small file of its own in the vault: now and then longer than one chunk of the campaign's settings."""
    data = b"%PDF-1.7\n" + chance.randbytes(chance.choice((300, 900, 2_000, 3_000, 6_000)))
    digest = site.vault.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    return digest, len(data)


def _paper(site: Site, dossier: Dossier, component: Component, sha256: str, size: int) -> None:
    uid = site.ids.uid()
    code = mint_paper_code(CARD.partition("|")[0], "GT", uid.int).text
    copy = hashlib.sha256(sha256.encode()).hexdigest()  # of the unsigned copy, which does not travel
    Paper.create(
        uid=uid, dossier=dossier, component=component, code=code, file_name="ban-sao.pdf", name=component.name, pages=1,
        copy_sha256=copy, copy_size=size, signed_sha256=sha256, signed_size=size, signer=CLERK.username,
        signed_at=site.clock.now(), evidence={"signature": {"training": True}}, created_at=site.clock.now(),
    )  # fmt: skip
