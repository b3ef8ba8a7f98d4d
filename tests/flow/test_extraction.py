"""Values of papers at the counter: taken once pages are read, settled by the clerk, kept through rescans, erased."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.cli.checkup import examine
from agent.domain.dossier import Role
from agent.errors import InvalidIdentifier, NotFound, RuleViolation
from agent.intake.digitise import make_copies
from agent.intake.erase import erase_person
from agent.intake.extraction import extract, extract_all, values_of
from agent.intake.extraction_confirm import confirm_sure, settle_value
from agent.intake.filing import add_pages, pages_of, remove_page, wants_copy
from agent.intake.label import confirm_label
from agent.intake.reading import keep_text, read_one
from agent.intake.sign import sign_copies
from agent.intake.void import void
from agent.jobs.read_pages import PageReaders
from agent.store import journal
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of, subject_of
from agent.store.readings import next_waiting
from agent.store.values import ABSENT, CONFIRMED, CORRECTED, PROPOSED, Value, values_of_component
from tests.builders import CHIEF, CLERK
from tests.flow.counter import Counter
from tests.flow.test_erased_person import everything
from tests.letter_pages import needs_data
from tests.sample_papers import Paper, make

pytestmark = needs_data
FORM, NOTICE = make("tkks", 7), make("gcs", 7)


def labelled(desk: Counter) -> tuple[Dossier, list[Component]]:
    dossier = desk.receive(procedure="1.001193")
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        return dossier, [one for one in components_of(dossier) if wants_copy(one) and one.required]


def scan(desk: Counter, dossier: Dossier, component: Component, paper: Paper) -> None:
    pages = desk.site.digitiser().read_bytes("scan.jpg", paper.jpeg)
    add_pages(desk.site, dossier.uid, component.uid, pages, by=CLERK)


def read_all(desk: Counter) -> None:
    readers = PageReaders(desk.site, desk.site.digitiser().read_text)
    while readers.run_once():
        pass


def rows(desk: Counter, component: Component) -> dict[str, Value]:
    with desk.site.store.reading():
        return values_of_component(component)


def good(desk: Counter, component: Component) -> dict[str, str]:
    with desk.site.store.reading():
        return dict(values_of(component))


def test_values_are_there_when_the_last_page_is_read_and_count_once_the_clerk_says_so(either: Counter) -> None:
    desk = either
    dossier, (form, notice) = labelled(desk)
    scan(desk, dossier, form, FORM)
    scan(desk, dossier, notice, NOTICE)
    read_all(desk)  # the background takes the values: nobody opened a page
    taken = rows(desk, notice)
    assert taken["number"].value == NOTICE.truth["number"] and taken["number"].page is not None
    assert len(taken["number"].box) == 7 and good(desk, notice) == {}
    assert not extract(desk.site, dossier.uid, notice.uid), "the same pages are not worked on twice"

    count = confirm_sure(desk.site, dossier.uid, by=CLERK)
    sure = {**good(desk, form), **good(desk, notice)}
    assert count == len(good(desk, form)) + len(good(desk, notice)) >= 10
    for component, paper in ((form, FORM), (notice, NOTICE)):
        assert good(desk, component).items() <= paper.truth.items(), "nothing wrong is confirmed by one key"
    assert "requester_name" not in good(desk, form), "another person than the dossier's owner is for the clerk to see"

    settle_value(desk.site, dossier.uid, form.uid, "requester_name", "Nguyễn Thị Hường", by=CLERK)
    settle_value(desk.site, dossier.uid, form.uid, "father_name", "", by=CLERK)
    after = rows(desk, form)
    assert (after["requester_name"].state, after["requester_name"].source) == (CORRECTED, "clerk")
    assert after["father_name"].state == ABSENT and "father_name" not in good(desk, form)
    told = [entry for entry in journal.entries("dossier", dossier_id=dossier.id) if entry.kind == "values_settled"]
    assert [entry.body["fields"] for entry in told][-2:] == [["requester_name"], ["father_name"]]
    said = repr([entry.body for entry in told])
    assert not any(value in said for value in sure.values()) and "Hường" not in said, "the journal names nobody"


def test_what_cannot_be_is_refused_and_nothing_changes(desk: Counter) -> None:
    dossier, (form, _) = labelled(desk)
    scan(desk, dossier, form, FORM)
    read_all(desk)
    before = rows(desk, form)["child_birth"].value
    with pytest.raises(RuleViolation, match="không có trong lịch"):
        settle_value(desk.site, dossier.uid, form.uid, "child_birth", "31/02/2025", by=CLERK)
    with pytest.raises(InvalidIdentifier, match="12 chữ số"):
        settle_value(desk.site, dossier.uid, form.uid, "requester_id", "00118801234", by=CLERK)
    with pytest.raises(NotFound):
        settle_value(desk.site, dossier.uid, form.uid, "no_such_field", "x", by=CLERK)
    after = rows(desk, form)["child_birth"]
    assert (after.value, after.state) == (before, PROPOSED)


def test_a_page_scanned_again_keeps_what_the_clerk_said_and_proposes_the_rest_anew(desk: Counter) -> None:
    dossier, (form, _) = labelled(desk)
    scan(desk, dossier, form, FORM)
    read_all(desk)
    settle_value(desk.site, dossier.uid, form.uid, "child_name", "TRẦN GIA BẢO", by=CLERK)
    settle_value(desk.site, dossier.uid, form.uid, "birthplace", FORM.truth["birthplace"], by=CLERK)
    with desk.site.store.reading():
        first = pages_of(form)[0]
    remove_page(desk.site, dossier.uid, first.uid, by=CLERK, reason="mờ")
    extract_all(desk.site, dossier.uid)
    gone = rows(desk, form)
    assert set(gone) == {"child_name", "birthplace"}, "what was only proposed went with its page"
    other = make("tkks", 8)
    scan(desk, dossier, form, other)
    read_all(desk)
    after = rows(desk, form)
    assert (after["child_name"].value, after["child_name"].state) == ("TRẦN GIA BẢO", CORRECTED)
    assert after["birthplace"].state == CONFIRMED and after["birthplace"].read == other.truth["birthplace"]
    assert after["title"].state == PROPOSED and after["child_birth"].value == other.truth["child_birth"]


def test_signing_waits_for_nobody_unless_the_settings_say_so(desk: Counter) -> None:
    dossier, (form, notice) = labelled(desk)
    scan(desk, dossier, form, FORM)
    scan(desk, dossier, notice, NOTICE)
    read_all(desk)
    make_copies(desk.site, dossier.uid, by=CLERK)
    strict = replace(desk.site.settings.extraction, required=True)
    site = replace(desk.site, settings=desk.site.settings.with_(extraction=strict))
    with pytest.raises(RuleViolation, match=f"Chưa xác nhận dữ liệu bóc tách của: {form.name}; {notice.name}"):
        sign_copies(site, dossier.uid, by=CLERK)
    assert len(sign_copies(desk.site, dossier.uid, by=CLERK)) == 2


def test_values_that_a_power_cut_kept_from_being_taken_are_taken_before_signing(desk: Counter) -> None:
    dossier, (form, notice) = labelled(desk)
    scan(desk, dossier, form, FORM)
    scan(desk, dossier, notice, NOTICE)
    for _ in range(2):  # what was read is kept, and then the power goes
        with desk.site.store.reading():
            found = next_waiting("T1", besides=())
        assert found
        keep_text(desk.site, found[0], read_one(desk.site, found[1], desk.site.digitiser().read_text))
    make_copies(desk.site, dossier.uid, by=CLERK)
    assert rows(desk, form) == {}
    strict = replace(desk.site.settings.extraction, required=True)
    site = replace(desk.site, settings=desk.site.settings.with_(extraction=strict))
    with pytest.raises(RuleViolation, match="Chưa xác nhận dữ liệu bóc tách"):
        sign_copies(site, dossier.uid, by=CLERK)
    assert rows(desk, form)["child_name"].value, "it stands on the page that the clerk is sent to"


def test_values_go_with_the_person(desk: Counter) -> None:
    dossier, (form, _) = labelled(desk)
    scan(desk, dossier, form, FORM)
    read_all(desk)
    settle_value(desk.site, dossier.uid, form.uid, "requester_name", "Nguyễn Thị Hường", by=CLERK)
    secrets = [FORM.truth["child_name"], FORM.truth["requester_id"], "Nguyễn Thị Hường"]
    before = everything(desk)
    assert all(secret in before for secret in secrets)
    with desk.site.store.reading():
        owner = subject_of(dossier, Role.OWNER)
    assert owner
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm thủ tục")
    erase_person(desk.site, owner.id_number, basis="yeu-cau", by=CHIEF)
    after = everything(desk)
    assert not any(secret in after for secret in secrets)
    extract_all(desk.site, dossier.uid)
    assert rows(desk, form) == {}, "an erased dossier gives no values any more"
    assert journal.verify() == []


def test_doctor_says_what_is_wrong_with_an_administrators_rules(desk: Counter) -> None:
    rules = desk.folder / "more.toml"
    rules.write_text("[types.GTT]\nname = 'Giấy tạm trú'\nfields = ['nothing']\n", encoding="utf-8")
    asked = replace(desk.site.settings.extraction, rules=str(rules))
    desk.program.settings = desk.program.settings.with_(extraction=asked)
    line = next(one for one in examine(desk.program) if one.name == "quy tắc bóc tách")
    assert not line.fine and "loại giấy tờ GTT" in line.words
    rules.write_text("[types.GTT]\nname = 'Giấy tạm trú'\nfields = ['title']\n", encoding="utf-8")
    line = next(one for one in examine(desk.program) if one.name == "quy tắc bóc tách")
    assert line.fine, line.words
