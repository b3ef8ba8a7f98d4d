"""Before a dossier leaves: every fault at once, each with what mends it; nothing leaves with a fault."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.domain.dossier import State
from agent.errors import Incomplete
from agent.intake.digitise import make_copies
from agent.intake.filing import accept_page, add_pages
from agent.intake.guide import sample_text
from agent.intake.label import confirm_label
from agent.intake.preflight import Fault, Fix, Preflight, preflight
from agent.intake.redo_copy import redo_copy
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.intake.vault_look import Seen, look
from agent.reconcile.refold import fold_dossier
from agent.store import journal
from agent.store.catalogue import CatalogueEdition
from agent.store.dossiers import Dossier, Party, Subject
from agent.store.lookup import components_of
from agent.store.outbox import Job
from agent.store.papers import Page, Paper
from tests.builders import CLERK, scanned
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import Counter, counter

BUDGET = 0.1  # seconds for a dossier of ten pages


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, prepared: Path, shared_province: Sandbox) -> Iterator[Counter]:
    """One counter for the whole file; each test has its own dossier."""
    with counter(tmp_path_factory.mktemp("preflight") / "data", prepared, shared=shared_province) as opened:
        yield opened


def checked(desk: Counter, dossier: Dossier, *, whole: bool = True) -> Preflight:
    with desk.site.store.reading():
        return preflight(desk.site, desk.now(dossier), whole=whole)


def faults(desk: Counter, dossier: Dossier) -> dict[str, Fault]:
    return {fault.code: fault for fault in checked(desk, dossier).faults}


def papers(desk: Counter, dossier: Dossier) -> list[Paper]:
    with desk.site.store.reading():
        return list(Paper.select().where(Paper.dossier == dossier).order_by(Paper.id))


def change(desk: Counter, row: Any, **values: Any) -> None:
    """What a program before us, or a hand in the database, may have left there."""
    with desk.site.store.writing():
        type(row).update(**values).where(type(row).id == row.id).execute()


def spoil(desk: Counter, sha256: str, *, at: int) -> None:
    """One byte of an object of the vault differs on the disk."""
    place = Path(desk.site.settings.data / "vault" / desk.site.vault.place(sha256))
    (chunks,) = place.parent.glob(f"{place.name}-*.bin")
    held = bytearray(chunks.read_bytes())
    held[at] ^= 1
    chunks.write_bytes(held)


def refused(desk: Counter, dossier: Dossier) -> tuple[str, ...]:
    """What submitting says; nothing is queued."""
    with pytest.raises(Incomplete, match="Chưa gửi được") as told:
        submit(desk.site, dossier.uid, by=CLERK)
    with desk.site.store.reading():
        assert not Job.select().where((Job.dossier_id == dossier.id) & (Job.kind == "submit")).exists()
    return told.value.gaps


def test_a_sound_dossier_has_no_fault_and_leaves(desk: Counter) -> None:
    dossier = desk.signed()
    assert checked(desk, dossier) == Preflight(())
    submit(desk.site, dossier.uid, by=CLERK)
    assert desk.now(dossier).state is State.SUBMITTED


def test_every_fault_is_said_at_once_with_its_fix_and_nothing_leaves(desk: Counter) -> None:
    dossier = desk.signed(procedure="1.001193")
    first, second, *_ = papers(desk, dossier)
    change(desk, first, signed_sha256="0" * 64)
    change(desk, second, pages=7)
    change(desk, dossier, agency="không phải mã", procedure_version=99)
    with desk.site.store.reading():
        owner: Subject = Party.get(Party.dossier == dossier).subject
    change(desk, owner, id_number="12345")
    found = faults(desk, dossier)
    assert {code: one.fix for code, one in found.items()} == {
        "procedure": Fix.ELSEWHERE, "agency": Fix.VOID, "owner": Fix.VOID,
        "file-absent": Fix.REDO, "page-count": Fix.REMAKE, "paper-code": Fix.REMAKE,
    }  # fmt: skip
    assert found["file-absent"].about == first.name and found["page-count"].about == second.name
    gaps = refused(desk, dossier)
    assert len(gaps) >= 6 and any("7 trang" in gap for gap in gaps)
    assert not any("12345" in gap for gap in gaps)


def test_a_damaged_file_is_named_and_mended_by_signing_its_copy_again(desk: Counter) -> None:
    dossier = desk.signed()
    paper = papers(desk, dossier)[0]
    assert paper.signed_sha256 and paper.signed_size
    spoil(desk, paper.signed_sha256, at=-40)
    told = faults(desk, dossier)["file-damaged"]
    assert told.about == paper.name and "sao lưu" in told.words and told.paper == paper.uid
    assert refused(desk, dossier)

    assert redo_copy(desk.site, dossier.uid, paper.uid, by=CLERK) == "sign"
    assert desk.now(dossier).state is State.DIGITISED
    sign_copies(desk.site, dossier.uid, by=CLERK)
    assert checked(desk, dossier).faults == ()
    submit(desk.site, dossier.uid, by=CLERK)
    with desk.site.store.reading():
        kinds = [entry.kind for entry in journal.entries("dossier", dossier_id=dossier.id)]
    assert fold_dossier(kinds) is State.SUBMITTED


def test_a_lost_copy_is_made_again_from_its_pages_and_lost_pages_are_asked_for(desk: Counter) -> None:
    dossier = desk.signed()
    paper = papers(desk, dossier)[0]
    assert paper.signed_sha256
    desk.site.vault.erase(paper.signed_sha256)
    desk.site.vault.erase(paper.copy_sha256)
    assert redo_copy(desk.site, dossier.uid, paper.uid, by=CLERK) == "copies"
    make_copies(desk.site, dossier.uid, by=CLERK)
    sign_copies(desk.site, dossier.uid, by=CLERK)
    assert checked(desk, dossier).faults == ()

    (anew,) = [one for one in papers(desk, dossier) if one.component_id == paper.component_id]
    with desk.site.store.reading():
        pages = list(Page.select().where(Page.component == paper.component))
    for sha256 in {str(anew.signed_sha256), anew.copy_sha256, *(page.sha256 for page in pages)}:
        desk.site.vault.erase(sha256)
    assert redo_copy(desk.site, dossier.uid, anew.uid, by=CLERK) == "pages"
    assert faults(desk, dossier)["missing"].fix is Fix.PAGES


@pytest.mark.parametrize(
    ("values", "code"), [({"findings": ["blank"], "verdict": "warn"}, "blank"), ({"dpi": 150}, "low-dpi")]
)
def test_a_blank_or_coarse_page_waits_for_a_better_one_or_a_reason(
    desk: Counter, values: dict[str, Any], code: str
) -> None:
    dossier = desk.signed()
    with desk.site.store.reading():
        page = Page.select().where(Page.dossier == dossier).first()
    change(desk, page, **{"verdict": "warn", **values})
    assert list(faults(desk, dossier)) == [code]
    assert refused(desk, dossier)
    accept_page(desk.site, dossier.uid, page.uid, by=CLERK, reason="bản gốc như vậy")
    assert checked(desk, dossier).faults == ()


def test_a_training_signature_does_not_leave_for_a_real_province(desk: Counter) -> None:
    dossier = desk.signed()
    real = replace(desk.site, settings=desk.site.settings.with_(training=False))
    with desk.site.store.reading():
        assert {one.code for one in preflight(real, dossier).faults} == {"signature-training"}


def test_a_procedure_that_ended_holds_back_only_what_was_received_after_its_end(desk: Counter) -> None:
    dossier = desk.signed()
    with desk.site.store.writing():
        text = sample_text().replace("since =", "until = 2026-01-31\nsince =")
        edition = CatalogueEdition.create(
            sha256="1" * 64, text=text, loaded_at=desk.clock.now(), loaded_by=CLERK.username
        )
    try:
        assert list(faults(desk, dossier)) == ["procedure-version"]
        change(desk, dossier, received_at=desk.clock.now().replace(year=2026, month=1, day=30))
        found = checked(desk, dossier)
        assert found.faults == () and [one.code for one in found.remarks] == ["procedure-ended"]
        change(desk, dossier, official="SO-LA-123")
        assert [one.code for one in checked(desk, dossier).remarks] == ["procedure-ended", "official-number"]
    finally:
        with desk.site.store.writing():
            edition.delete_instance()
    assert date(2026, 1, 31) < desk.clock.now().date()


def test_what_the_list_demands_and_nobody_handed_in_is_named(desk: Counter) -> None:
    dossier = desk.signed(procedure="1.001193")
    with desk.site.store.writing():
        component = components_of(dossier)[0]
        Page.delete().where(Page.component == component).execute()
        Paper.delete().where(Paper.component == component).execute()
    assert [(one.code, one.about) for one in checked(desk, dossier).faults] == [("missing", component.name)]


def test_the_check_of_ten_pages_takes_less_than_a_tenth_of_a_second(desk: Counter) -> None:
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    component = next(one for one in components_of(dossier))
    for number in range(10):
        pages = desk.site.digitiser().read_bytes("scan.jpg", scanned(f"{dossier.provisional} {number}"))
        add_pages(desk.site, dossier.uid, component.uid, pages, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    sign_copies(desk.site, dossier.uid, by=CLERK)
    (paper,) = papers(desk, dossier)[:1]
    assert paper.pages == 10
    took = []
    for _ in range(5):
        started = time.perf_counter()
        assert checked(desk, dossier).faults == ()
        took.append(time.perf_counter() - started)
    assert min(took) < BUDGET, took


def test_a_file_is_seen_for_what_it_is(desk: Counter) -> None:
    vault = desk.site.vault
    pdf, text = vault.put(b"%PDF-1.7 " + b"x" * 100), vault.put(b"no such thing")
    assert look(vault, pdf, 109, whole=True) is Seen.SOUND
    assert look(vault, pdf, 110, whole=False) is Seen.OTHER_SIZE
    assert look(vault, text, 13, whole=False) is Seen.NO_PDF
    assert look(vault, "f" * 64, 1, whole=False) is Seen.ABSENT
