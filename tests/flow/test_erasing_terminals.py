"""Each terminal has its own vault: what is erased goes from every one that held it, and from none that needs it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.cli.checkup_vault import examine_vault
from agent.documents.vault import FileVault
from agent.domain.actor import system
from agent.domain.retention import Kind
from agent.intake.digitise import make_copies
from agent.intake.erase import erase_dossier, erase_person
from agent.intake.filing import add_pages, wants_copy
from agent.intake.guide import catalogue, today
from agent.intake.label import confirm_label
from agent.intake.paper_facts import Entry, enter
from agent.intake.paper_retention import _retire, finish_erasing, hold, release, retire_step
from agent.intake.request import ComponentInput
from agent.intake.sign import sign_copies
from agent.intake.void import void
from agent.settings import Retention
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.items import Proof
from agent.store.lookup import components_of
from agent.store.papers import Page, Paper
from agent.store.retention import ErasedObject
from agent.tracking.deliver import deliver
from tests.builders import CHIEF, CLERK, COURIER, OFFICE, scanned
from tests.flow.counter import PROOF, Counter

NEXT_DOOR = replace(CLERK, terminal_id="T2")
NOW = timedelta(0)
DAYS = Retention(masters_days=30, copies_days=365, texts_days=60, values_days=90)


def next_door(desk: Counter, folder: Path) -> Site:
    """The second terminal of the office: the same rows, a vault of its own."""
    settings = desk.site.settings
    there = settings.with_(terminal=replace(settings.terminal, id="T2"))
    return replace(desk.site, vault=FileVault(folder / "vault2", b"x" * 32), settings=there)


def received(desk: Counter) -> Dossier:
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    return dossier


def digitise(site: Site, dossier: Dossier, by: Any, data: bytes = b"") -> list[str]:
    for component in filter(wants_copy, components_of(dossier)):
        pages = site.digitiser().read_bytes("a.jpg", data or scanned(dossier.provisional))
        add_pages(site, dossier.uid, component.uid, pages, by=by)
    make_copies(site, dossier.uid, by=by)
    sign_copies(site, dossier.uid, by=by)
    papers = list(Paper.select().where(Paper.dossier == dossier))
    pages = [page.sha256 for page in Page.select().where(Page.dossier == dossier)]
    return [*pages, *(paper.copy_sha256 for paper in papers), *(paper.signed_sha256 or "" for paper in papers)]


def undone() -> int:
    return ErasedObject.select().where(ErasedObject.done_at.is_null()).count()


def test_what_another_terminal_scanned_and_signed_is_erased_there(either: Counter, tmp_path: Path) -> None:
    desk, other = either, next_door(either, tmp_path)
    dossier = received(desk)
    files = digitise(other, dossier, NEXT_DOOR)
    assert all(map(other.vault.has, files))
    lost = {line.name: line for line in examine_vault(desk.site, repair=False)}["giấy tờ"]
    assert lost.fine, f"nothing is lost here: it lies next door ({lost.words})"
    missing = {line.name: line for line in examine_vault(replace(other, vault=desk.site.vault), repair=False)}
    assert not missing["giấy tờ"].fine, "next door would miss it"

    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    erase_dossier(desk.site, dossier.uid, basis="x", by=CHIEF)
    assert all(map(other.vault.has, files)) and undone(), "this terminal cannot say that they are gone next door"
    finish_erasing(other, young=NOW)
    assert not any(map(other.vault.has, files)) and not undone()


def test_the_same_page_of_paper_at_two_terminals_goes_with_each_one_s_dossier(either: Counter, tmp_path: Path) -> None:
    desk, other, same = either, next_door(either, tmp_path), scanned("cùng một tờ")
    mine, theirs = received(desk), received(desk)
    with desk.site.store.writing():
        Dossier.update(terminal_id="T2").where(Dossier.id == theirs.id).execute()
    page = digitise(desk.site, mine, CLERK, same)[0]
    assert digitise(other, theirs, NEXT_DOOR, same)[0] == page
    void(desk.site, mine.uid, by=CLERK, reason="nhập nhầm")
    void(other, theirs.uid, by=NEXT_DOOR, reason="nhập nhầm")
    erase_dossier(desk.site, mine.uid, basis="x", by=CHIEF)
    finish_erasing(other, young=NOW)
    assert other.vault.has(page), "their dossier still needs it"
    erase_dossier(other, theirs.uid, basis="x", by=NEXT_DOOR)
    finish_erasing(desk.site, young=NOW)
    assert not other.vault.has(page) and not desk.site.vault.has(page) and not undone()


def test_the_signature_of_who_received_is_erased_with_the_person(desk: Counter) -> None:
    dossier = desk.with_result()
    deliver(desk.site, desk.out(dossier), PROOF, by=COURIER)
    desk.send()
    signature = next(proof.signature_sha256 for proof in Proof.select())
    assert desk.site.vault.has(signature)
    erase_person(desk.site, "001188012345", basis="x", by=CHIEF)
    assert not desk.site.vault.has(signature)


def keeping(desk: Counter) -> Site:
    return replace(desk.site, settings=desk.site.settings.with_(retention=DAYS))


def test_a_signed_copy_that_was_used_again_goes_after_its_last_user(desk: Counter) -> None:
    dossier = desk.signed()
    paper = Paper.select().where(Paper.dossier == dossier).first()
    enter(desk.site, dossier.uid, paper.uid, Entry(permanent=True), approve=True, by=CLERK)
    lines = catalogue(desk.site).current("2.000635", today(desk.site)).case("").mandatory
    first = next(one.code for one in lines if one.digitised)
    chosen = [
        ComponentInput(one.code, "electronic", reused=paper.code) if one.code == first else ComponentInput(one.code)
        for one in lines
    ]
    user = desk.receive(components=tuple(chosen))
    site, signed = keeping(desk), paper.signed_sha256 or ""
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    desk.later(days=300)
    void(desk.site, user.uid, by=CLERK, reason="nhập nhầm")
    desk.later(days=100)
    while retire_step(site):
        pass
    assert site.vault.has(signed), "the time of the dossier that uses it is not over"
    desk.later(days=300)
    while retire_step(site):
        pass
    assert not site.vault.has(signed)
    assert all(line.fine for line in examine_vault(site, repair=False))


def test_a_hold_stops_what_has_begun_and_says_what_is_over(desk: Counter) -> None:
    dossier, site = desk.signed(), keeping(desk)
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    page = Page.get(Page.dossier == dossier).sha256
    desk.later(days=40)
    _retire(site, dossier.uid, Kind.MASTERS, system(OFFICE, "T1"))  # and the power goes
    assert hold(site, dossier.uid, reason="KN 12/2026", by=CHIEF) == {Kind.MASTERS}
    finish_erasing(site, young=NOW)
    assert site.vault.has(page) and undone()
    assert all(line.fine for line in examine_vault(site, repair=False)), "it is no file without an owner"
    release(site, dossier.uid, by=CHIEF)
    finish_erasing(site, young=NOW)
    assert not site.vault.has(page) and not undone()


@pytest.mark.parametrize("held", [False, True])
def test_a_page_of_a_held_dossier_is_not_taken_with_another_dossier_s(desk: Counter, held: bool) -> None:
    one, two, site = desk.signed(), desk.signed(), keeping(desk)
    page = Page.get(Page.dossier == one).sha256
    with desk.site.store.writing():
        Page.update(sha256=page).where(Page.dossier == two).execute()
    for dossier in (one, two):
        void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    desk.later(days=40)
    for dossier in (one, two):
        _retire(site, dossier.uid, Kind.MASTERS, system(OFFICE, "T1"))
    if held:
        hold(site, one.uid, reason="KN 12/2026", by=CHIEF)
    finish_erasing(site, young=NOW)
    assert site.vault.has(page) is held
    if held:
        release(site, one.uid, by=CHIEF)
        finish_erasing(site, young=NOW)
        assert not site.vault.has(page)
