"""An electronic original goes to the province byte for byte as it came, with no signature of ours, without a PIN."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain.dossier import State
from agent.errors import Incomplete, RuleViolation
from agent.intake import inbox
from agent.intake.digitise import make_copies
from agent.intake.electronic import take_as_original, untouched
from agent.intake.erase import erase_dossier
from agent.intake.filing import add_pages, remove_page, wants_copy
from agent.intake.label import confirm_label
from agent.intake.preflight import preflight
from agent.intake.sign import sign_copies, unsigned
from agent.intake.submit import submit
from agent.intake.void import void
from agent.ports import Verdict
from agent.ports_pages import PageFile
from agent.store.dossiers import Component, Dossier
from agent.store.inbox import InboxPage
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.papers import Page, Paper
from tests import signed_files as made
from tests.builders import CHIEF, CLERK, scanned
from tests.flow.counter import Counter
from tests.flow.test_erased_person import everything


@pytest.fixture
def original(desk: Counter) -> bytes:
    """A document signed by a body of this folder's demonstration CA."""
    at = desk.site.clock.now()
    return made.signed(made.signer(desk.folder / "demonstration-ca", at), made.document(), at)


def labelled(desk: Counter) -> tuple[Dossier, list[Component]]:
    dossier = desk.receive(procedure="1.001193")  # two papers that are copied, one that is only shown
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    return dossier_by_uid(dossier.uid), [one for one in components_of(dossier) if wants_copy(one)]


def uploaded(desk: Counter, dossier: Dossier, component: Component, data: bytes, name: str = "gốc.pdf") -> list[Page]:
    file = PageFile(name, data, {"kind": "upload", "device": "browser"}, desk.site.ids.uid())
    return inbox.upload(desk.site, dossier.uid, component.uid, [file], by=CLERK).pages


def test_a_signed_file_is_its_own_paper_and_reaches_the_province_untouched(desk: Counter, original: bytes) -> None:
    dossier, (first, *rest) = labelled(desk)
    (page,) = uploaded(desk, dossier, first, original)
    assert page.verdict == Verdict.OK and page.seen["original"]["state"] == "trusted"
    take_as_original(desk.site, dossier.uid, first.uid, by=CLERK)
    for component in rest:
        pages = desk.site.digitiser().read_bytes("scan.jpg", scanned(component.name))
        add_pages(desk.site, dossier.uid, component.uid, pages, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    paper = Paper.get(Paper.component == first)
    assert untouched(paper) and paper.pages == 2 and paper.signer == made.SIGNER
    assert desk.site.vault.get(paper.signed_sha256) == original
    assert paper.evidence["original"]["signatures"][0]["covers"] == "whole"
    assert paper.id not in [one.id for one in unsigned(dossier)]

    sign_copies(desk.site, dossier.uid, by=CLERK)
    assert Paper.get_by_id(paper.id).signed_sha256 == page.sha256
    assert preflight(desk.site, dossier_by_uid(dossier.uid), whole=True).faults == ()
    submit(desk.site, dossier.uid, by=CLERK)
    desk.send()
    assert desk.now(dossier).state is State.HANDED_OFF
    assert len(desk.held("SELECT * FROM files WHERE sha256 = :sha", sha=page.sha256)) == 1


def test_a_dossier_of_originals_alone_needs_no_key(desk: Counter, original: bytes, tmp_path: Path) -> None:
    dossier, components = labelled(desk)
    for component in components:
        uploaded(desk, dossier, component, original)
        take_as_original(desk.site, dossier.uid, component.uid, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    (keyless := tmp_path / "keys").mkdir()
    without = replace(desk.site, signers=lambda: pytest.fail(f"a key was asked for: {keyless}"))
    assert sign_copies(without, dossier.uid, by=CLERK) == []
    assert desk.now(dossier).state is State.SIGNED
    assert preflight(desk.site, desk.now(dossier), whole=True).faults == ()


def test_an_original_may_be_exchanged_until_the_dossier_is_signed(desk: Counter, original: bytes) -> None:
    dossier, (first, *rest) = labelled(desk)
    uploaded(desk, dossier, first, original)
    take_as_original(desk.site, dossier.uid, first.uid, by=CLERK)
    for component in rest:
        pages = desk.site.digitiser().read_bytes("a.jpg", scanned("a"))
        add_pages(desk.site, dossier.uid, component.uid, pages, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    at = desk.site.clock.now()
    newer = made.signed(made.signer(desk.folder / "demonstration-ca", at), original, at, field="Sig2", box=None)
    (page,) = uploaded(desk, dossier, first, newer, "mới.pdf")
    with pytest.raises(Incomplete, match="một tệp gốc"):
        make_copies(desk.site, dossier.uid, by=CLERK)
    old = Page.get((Page.component == first) & (Page.id != page.id))
    remove_page(desk.site, dossier.uid, old.uid, by=CLERK, reason="người nộp đổi tệp")
    make_copies(desk.site, dossier.uid, by=CLERK)
    assert desk.site.vault.get(Paper.get(Paper.component == first).signed_sha256) == newer


def test_a_file_that_was_changed_after_signing_is_kept_with_its_reason_and_not_used(
    desk: Counter, original: bytes
) -> None:
    dossier, (first, *_) = labelled(desk)
    data = made.repainted(original)
    (page,) = uploaded(desk, dossier, first, data)
    assert page.verdict == Verdict.REFUSED and "không còn là bản gốc điện tử" in page.reason
    assert desk.site.vault.get(page.sha256) == data
    with pytest.raises(RuleViolation, match="chữ ký số hợp lệ"):
        take_as_original(desk.site, dossier.uid, first.uid, by=CLERK)
    with pytest.raises(Incomplete, match="không còn là bản gốc điện tử"):
        make_copies(desk.site, dossier.uid, by=CLERK)


# --- what is left of who signed ----------------------------------------------------------------
def test_a_page_that_waits_no_more_does_not_name_who_signed_it(desk: Counter, original: bytes) -> None:
    dossier, (first, *_) = labelled(desk)
    file = PageFile("a.pdf", made.filled(original), {"kind": "folder"}, desk.site.ids.uid())
    (waits,) = inbox.take_in(desk.site, [file], by=CLERK).pages
    assert made.SIGNER in waits.reason

    (page,) = inbox.file_pages(desk.site, dossier.uid, first.uid, [waits.uid], by=CLERK).pages
    assert made.SIGNER in page.reason and not names_the_signer(waits)
    assert inbox.return_pages(desk.site, dossier.uid, first.uid, by=CLERK) == 1
    back = InboxPage.get_by_id(waits.id)
    assert back.reason == waits.reason and back.seen["original"]["state"] == "extended", "as it was"
    inbox.discard(desk.site, [waits.uid], why="người nộp đổi tệp", by=CLERK)
    assert not names_the_signer(waits) and "signed-extended" in InboxPage.get_by_id(waits.id).findings


def names_the_signer(waits: InboxPage) -> bool:
    row = InboxPage.get_by_id(waits.id)
    return made.SIGNER in f"{row.name} {row.reason} {row.seen}"


def test_after_an_erasure_nothing_names_the_citizen_who_signed_the_original(desk: Counter) -> None:
    citizen, at = "NGUYỄN VĂN CÔNG DÂN", desk.site.clock.now()
    data = made.signed(made.signer(desk.folder / "demonstration-ca", at, citizen), made.document(), at)
    dossier, components = labelled(desk)
    for component in components:
        uploaded(desk, dossier, component, data)
        take_as_original(desk.site, dossier.uid, component.uid, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    void(desk.site, dossier.uid, by=CLERK, reason="nhầm")
    assert citizen in everything(desk)
    erase_dossier(desk.site, dossier.uid, basis="yeu-cau", by=CHIEF)
    assert citizen not in everything(desk)


def test_where_the_office_says_so_a_signed_file_is_copied_like_paper(desk: Counter, original: bytes) -> None:
    site = replace(
        desk.site, settings=desk.site.settings.with_(copy=replace(desk.site.settings.copy, originals="copy"))
    )
    dossier, components = labelled(desk)
    for component in components:
        uploaded(desk, dossier, component, original)
        take_as_original(site, dossier.uid, component.uid, by=CLERK)
    make_copies(site, dossier.uid, by=CLERK)
    papers = list(Paper.select().where(Paper.dossier == dossier))
    assert papers and all(paper.signed_sha256 is None and paper.pages == 2 for paper in papers)
