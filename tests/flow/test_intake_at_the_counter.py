"""Receiving, labelling and digitising as clerks and citizens really do it, good days and bad."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.errors import Incomplete, InvalidIdentifier, InvalidIntake, RuleViolation, StoreFull
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, pages_of, remove_page
from agent.intake.forms import receipt_pdf
from agent.intake.label import answer_label, confirm_label, request_label
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.intake.void import void
from agent.store import claiming, journal, outbox
from agent.store.dossiers import Component, Dossier, Party
from agent.store.lookup import components_of
from agent.store.outbox import Job
from agent.store.papers import Page, Paper
from agent.web.counter import resolve
from tests.builders import CARD, CLERK, Station, scanned, station
from tests.flow.counter import Counter
from tests.flow.test_whole_way import words_of

SHOWN, FORM = "000.00.00.Y99-KQ900001", "000.00.00.Y99-KQ900101"
PERSON = PartyInput(name="Trần Văn Mẫu", id_number="001090000123", phone="0987654321", address="1 Tràng Thi, Hà Nội")


def frozen(desk: Counter, dossier: Dossier) -> dict[str, Any]:
    """What travels to the province."""
    with desk.site.store.reading():
        return dict(json.loads(outbox.show(f"{dossier.provisional}/S{desk.now(dossier).submission}").payload))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return station(tmp_path_factory.mktemp("alone"))


@pytest.fixture
def alone(folder: Station) -> Station:
    """A counter that needs no province: what is typed never gets that far."""
    return folder.bind()


def nothing_received(desk: Station) -> bool:
    with desk.site.store.reading():
        return not Dossier.select().exists() and not Job.select().exists() and not journal.entries("dossier")


# --- bad input -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"owner": PartyInput(chip_card="001188012345|Nguyễn")}, "owner", "2 trong 7 mục"),
        ({"owner": PartyInput(chip_card=CARD.replace("Nữ", "Ná"))}, "owner", "Giới tính"),
        ({"owner": PartyInput(chip_card=CARD.replace("001188", "OO1188"))}, "owner", "12"),
        ({"owner": PartyInput(chip_card=CARD.replace("14031988", "31021988"))}, "owner", "Ngày sinh"),
        ({"owner": replace(PERSON, name=" ")}, "owner", "họ tên"),
        ({"owner": replace(PERSON, phone="123")}, "owner", ""),
        ({"owner": replace(PERSON, id_kind="giấy phép lái xe")}, "owner", "Chọn một trong"),
        ({"components": ()}, f"component:{FORM}", "Thiếu"),
        ({"components": (ComponentInput(FORM), ComponentInput(SHOWN), ComponentInput("KQ-LA"))}, "component:KQ-LA",
         "không có trong danh mục"),
        ({"components": (ComponentInput(FORM, quantity=-1), ComponentInput(SHOWN))}, "components", "từ 1 trở lên"),
        ({"channel": "bồ câu"}, "channel", "Chọn một trong"),
        ({"return_way": "tên lửa"}, "return_way", "Chọn một trong"),
        ({"owner": replace(PERSON, address="")}, "return_address", "địa chỉ nhận"),
        ({"case": "không có"}, "case", ""),
    ],
)  # fmt: skip
def test_each_fault_of_an_intake_is_named_at_its_field_and_nothing_is_kept(
    alone: Station, changes: dict[str, Any], field: str, words: str
) -> None:
    whole = {"owner": PERSON, "components": (ComponentInput(FORM), ComponentInput(SHOWN)), **changes}
    with pytest.raises(InvalidIntake) as refused:
        receive(alone.site, Intake("2.000635", **whole), by=CLERK)
    assert words in refused.value.fields[field], refused.value.fields
    assert nothing_received(alone)


def test_an_unknown_procedure_is_refused_with_what_to_do(alone: Station) -> None:
    with pytest.raises(InvalidIntake) as refused:
        receive(alone.site, Intake("9.999999", PERSON, ()), by=CLERK)
    assert set(refused.value.fields) == {"procedure"} and "9.999999" in refused.value.message
    assert nothing_received(alone)


def test_all_faults_are_told_at_once(alone: Station) -> None:
    with pytest.raises(InvalidIntake) as refused:
        receive(alone.site, Intake("2.000635", replace(PERSON, name=""), (), channel="x", return_way="y"), by=CLERK)
    assert {"owner", "channel", "return_way"} <= set(refused.value.fields)
    assert len(refused.value.fields) >= 5


# --- people and papers -----------------------------------------------------------------------------
def test_an_organisation_is_received_by_its_tax_code_with_who_brings_the_papers(desk: Counter) -> None:
    firm = PartyInput(name="Công ty TNHH Hồ Tây", kind="organisation", id_number="0100109106", phone="02438290000")
    with pytest.raises(InvalidIntake, match="phải có người nộp"):
        desk.receive(owner=firm)
    dossier = desk.signed(owner=firm, submitter=PERSON)
    with desk.site.store.reading():
        roles = {party.role.value: (party.subject.kind, party.subject.id_type) for party in Party.select()}
    assert roles == {"owner": ("organisation", "tax_code"), "submitter": ("person", "citizen_id")}
    submit(desk.site, dossier.uid, by=CLERK)
    sent = frozen(desk, dossier)
    assert sent["owner"]["idNumber"] == "0100109106" and sent["submitter"]["name"] == "Trần Văn Mẫu"
    desk.send()
    assert desk.now(dossier).state is State.HANDED_OFF
    text = words_of(receipt_pdf(desk.site, dossier.uid))
    assert "Trần Văn Mẫu" in text and "Công ty TNHH Hồ Tây" in text


def test_a_representative_needs_the_authorisation_and_both_travel(desk: Counter) -> None:
    other = replace(PERSON, name="Lê Thị Ủy", id_number="001190000456")
    with pytest.raises(InvalidIntake, match="văn bản ủy quyền"):
        desk.receive(owner=PERSON, representative=other)
    dossier = desk.signed(
        owner=PERSON, representative=other, authorisation_number="UQ-12/2026", authorisation_date=date(2026, 11, 1)
    )
    submit(desk.site, dossier.uid, by=CLERK)
    assert "UQ-12/2026" in frozen(desk, dossier)["representative"]["authorisation"]
    assert "Lê Thị Ủy" in words_of(receipt_pdf(desk.site, dossier.uid))
    desk.send()
    assert desk.now(dossier).state is State.HANDED_OFF


def test_what_is_only_shown_is_never_copied(desk: Counter) -> None:
    dossier = desk.receive()
    with desk.site.store.reading():
        shown = next(one for one in components_of(dossier) if one.code == SHOWN)
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    pages = desk.site.digitiser().read_bytes("scan.jpg", scanned("căn cước"))
    with pytest.raises(RuleViolation, match="chỉ xuất trình"):
        add_pages(desk.site, dossier.uid, shown.uid, pages, by=CLERK)
    desk.digitise(dossier)
    with desk.site.store.reading():
        assert not Page.select().where(Page.component == shown).exists()
        assert not Paper.select().where(Paper.component == shown).exists()


def test_a_paper_that_the_province_already_holds_needs_no_pages(desk: Counter) -> None:
    reused = (ComponentInput(FORM, reused="001188012345.TKTL.X"), ComponentInput(SHOWN))
    dossier = desk.submitted(components=reused)
    (component,) = (one for one in frozen(desk, dossier)["components"] if one["code"] == FORM)
    assert (component["files"], component["reusedFrom"]) == ([], "001188012345.TKTL.X")
    desk.send()
    assert desk.now(dossier).state is State.HANDED_OFF


def test_a_file_from_the_citizen_is_copied_like_a_scan(desk: Counter) -> None:
    dossier = desk.submitted(components=(ComponentInput(FORM, form="electronic"), ComponentInput(SHOWN)))
    (component,) = (one for one in frozen(desk, dossier)["components"] if one["code"] == FORM)
    assert component["form"] == "electronic" and len(component["files"]) == 1


# --- labels ----------------------------------------------------------------------------------------
def uncertain(desk: Counter, dossier: Dossier) -> Job:
    """A label of which nobody knows whether it came out: the agent died while it printed."""
    job = request_label(desk.site, dossier.uid, by=CLERK)
    claiming.claim(
        lanes=("print",), worker="T1:print", at=desk.clock.now(), lease=timedelta(minutes=1), terminal_id="T1"
    )
    claiming.recover(at=desk.clock.now(), lanes=("print",), dead="T1:print")
    assert desk.job(job.key).state is JobState.NEEDS_CLERK
    return job


@pytest.mark.parametrize("came_out", [True, False])
def test_an_uncertain_label_asks_the_clerk_and_is_printed_again_only_on_a_no(desk: Counter, came_out: bool) -> None:
    dossier = desk.receive()
    job = uncertain(desk, dossier)
    assert request_label(desk.site, dossier.uid, by=CLERK).key == job.key, "asking again prints nothing new"
    answer_label(desk.site, dossier.uid, came_out=came_out, by=CLERK)
    with desk.site.store.reading():
        labels = [(one.key[-2:], one.state.value) for one in Job.select().where(Job.lane == "print").order_by(Job.id)]
    assert labels == ([("L1", "acked")] if came_out else [("L1", "cancelled"), ("L2", "ready")])
    with pytest.raises(RuleViolation, match="không còn chờ trả lời"):
        answer_label(desk.site, dossier.uid, came_out=True, by=CLERK)


def test_the_label_of_another_dossier_does_not_complete_the_step(desk: Counter) -> None:
    mine, other = desk.receive(), desk.receive()
    with pytest.raises(RuleViolation, match=f"{other.provisional}, không phải {mine.provisional}"):
        confirm_label(desk.site, mine.uid, f"PA1|{other.provisional}|", by=CLERK)
    with pytest.raises(InvalidIdentifier):
        confirm_label(desk.site, mine.uid, mine.provisional[:-1] + ("0" if mine.provisional[-1] != "0" else "1"),
                      by=CLERK)  # fmt: skip
    assert desk.now(mine).state is State.RECEIVED
    for torn in (f"PA1|{mine.provisional}", "PA2|x|y"):
        with pytest.raises(RuleViolation, match="Quét lại"):
            confirm_label(desk.site, mine.uid, torn, by=CLERK)
    with pytest.raises(RuleViolation, match="không phải nhãn hồ sơ"):
        confirm_label(desk.site, mine.uid, f"PA1C|{mine.provisional}|TP-02", by=CLERK)
    confirm_label(desk.site, mine.uid, f"PA1|{mine.provisional}|", by=CLERK)
    confirm_label(desk.site, mine.uid, mine.provisional.lower(), by=CLERK)  # scanned twice, as a wedge types it
    assert desk.now(mine).state is State.LABELLED
    assert desk.kinds(mine).count("label") == 1


# --- pages -----------------------------------------------------------------------------------------
def test_a_page_added_after_the_copy_was_made_is_in_the_copy_that_is_signed(desk: Counter) -> None:
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    desk.digitise(dossier)
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if one.code == FORM)
    more = desk.site.digitiser().read_bytes("trang-2.jpg", scanned("trang hai"))
    add_pages(desk.site, dossier.uid, component.uid, more, by=CLERK)
    with pytest.raises((Incomplete, RuleViolation)):
        submit(desk.site, dossier.uid, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    (paper,) = sign_copies(desk.site, dossier.uid, by=CLERK)
    assert paper.pages == 2


def test_pages_stay_in_order_when_one_is_taken_out_and_another_comes(desk: Counter) -> None:
    dossier = desk.receive()
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if one.code == FORM)
    for name in ("a", "b", "c"):
        add_pages(
            desk.site, dossier.uid, component.uid, desk.site.digitiser().read_bytes(name, scanned(name)), by=CLERK
        )
    with desk.site.store.reading():
        first = pages_of(component)[0]
    remove_page(desk.site, dossier.uid, first.uid, by=CLERK, reason="mờ")
    add_pages(desk.site, dossier.uid, component.uid, desk.site.digitiser().read_bytes("d", scanned("d")), by=CLERK)
    with desk.site.store.reading():
        assert [(page.position, page.name) for page in pages_of(component)] == [(2, "b"), (3, "c"), (4, "d")]


def test_a_mandatory_paper_without_usable_pages_keeps_the_dossier_here(desk: Counter) -> None:
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if one.code == FORM)
    torn = desk.site.digitiser().read_bytes("rach.jpg", scanned("rách")[:9_000])
    add_pages(desk.site, dossier.uid, component.uid, torn, by=CLERK)
    with pytest.raises(Incomplete, match="hỏng") as gaps:
        make_copies(desk.site, dossier.uid, by=CLERK)
    assert len(gaps.value.gaps) == 1
    assert desk.now(dossier).state is State.LABELLED


# --- taking back, and a full disk ------------------------------------------------------------------
def test_a_voided_dossier_leaves_nothing_in_the_queues_and_takes_no_further_step(desk: Counter) -> None:
    dossier = desk.signed()
    request_label(desk.site, dossier.uid, by=CLERK)
    with pytest.raises(RuleViolation, match="lý do"):
        void(desk.site, dossier.uid, by=CLERK, reason=" ")
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm thủ tục")
    with desk.site.store.reading():
        assert {job.state for job in Job.select()} == {JobState.CANCELLED}
    desk.send_jobs()
    assert desk.held("SELECT count(*) AS n FROM allocations")[0]["n"] == 0
    with pytest.raises(RuleViolation):
        submit(desk.site, dossier.uid, by=CLERK)


@contextmanager
def disk_full(bytes_: int = 8192) -> Iterator[None]:
    """No file may grow beyond so many bytes: what a full disk does to a database and a vault."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="only on Windows is there no RLIMIT_FSIZE")
def test_a_full_disk_is_said_in_words_and_leaves_nothing_half_done(desk: Counter) -> None:
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if one.code == FORM)
        rows = {model: model.select().count() for model in (Dossier, Component, Page, Job, journal.JournalEntry)}
    pages = desk.site.digitiser().read_bytes("scan.jpg", scanned("đầy"))
    with disk_full():
        for act in (
            desk.receive,
            lambda: add_pages(desk.site, dossier.uid, component.uid, pages, by=CLERK),
            lambda: void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm"),
        ):
            with pytest.raises(StoreFull, match=r"đầy.*[Gg]iải phóng"):
                act()
    with desk.site.store.reading():
        assert rows == {model: model.select().count() for model in rows}
    assert journal.verify() == [] and desk.now(dossier).state is State.LABELLED
    assert desk.site.vault.check() == []
    desk.digitise(dossier)
    assert desk.receive().provisional > dossier.provisional


def test_a_torn_code_in_the_scan_box_is_to_be_scanned_again_not_searched_for() -> None:
    for torn in ("PA1|T1-6T21-00CQ", "PA1K|fly", "PA9|x"):
        with pytest.raises(InvalidIdentifier, match="Quét lại"):
            resolve.follow(torn)
