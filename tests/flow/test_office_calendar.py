"""The office's own days: listed before they are confirmed, confirmed by a second person, every day recounted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agent.citizen.calendar import DayAsked, ask_withdrawal, confirm, moves_of, preview, propose, refuse
from agent.clock import LOCAL, local
from agent.domain.actor import Actor
from agent.domain.calendar_vn import DayKind, DayState
from agent.domain.deadlines import Term, due
from agent.domain.roles import Role
from agent.errors import Duplicate, Forbidden, IllegalStep, NotFound, RuleViolation
from agent.messages.file import FileNotifier
from agent.settings_citizen import Notices
from agent.store import journal, outbox
from agent.store.calendar import Body, working_calendar
from agent.store.dossiers import Dossier
from agent.store.due_dates import calculation
from agent.store.promise_moves import moves_of as history_of
from agent.store.promises import PINNED, about_to_break, promise_of
from tests.e2e import rounds
from tests.flow.counter import Counter

MINH = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, "BC-TAYHO", "T1")
ADMIN = Actor("quantri", "Phạm Văn Hưng", Role.ADMINISTRATOR, "BC-TAYHO", "T1")
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL).astimezone(UTC)
STORM = date(2026, 12, 2)


def storm(body: Body = Body.BOTH, **changes) -> DayAsked:
    return replace(DayAsked(STORM, DayKind.OFF, DayState.OFFICIAL, body, "đóng cửa vì bão"), **changes)


@pytest.fixture
def at(tmp_path):
    made = rounds.station(tmp_path)
    made.site.clock.at = MONDAY
    yield made
    made.site.store.close()


def received(at, person: int = 0) -> Dossier:
    """A dossier of one of the people, with three working days at the authority."""
    dossier = rounds.received(at, person)
    return with_term(at.site, dossier)


def with_term(site, dossier: Dossier, term: Term = Term(3)) -> Dossier:
    made = due(working_calendar(), dossier.received_at, term)
    with site.store.writing():
        dossier.due_at, dossier.due_calculation = made.due_at, calculation(dossier, made) | {"term": str(term)}
        dossier.save()
    return dossier


def due_of(dossier: Dossier) -> date:
    return local(Dossier.get_by_id(dossier.id).due_at).date()


def in_force(site, asked: DayAsked, by: Actor = MINH, second: Actor = ADMIN):
    return confirm(site, propose(site, asked, by=by), by=second)


def test_a_storm_is_listed_confirmed_and_every_open_dossier_recounted_with_an_entry(at):
    site, some = at.site, [received(at, n) for n in range(3)]
    before = [due_of(one) for one in some]
    listed = preview(site, storm(), by=MINH)
    assert [one.dossier.id for one in listed] == [one.id for one in some]
    assert [due_of(one) for one in some] == before  # looked at, nothing changed
    entry = propose(site, storm(), by=MINH)
    assert [due_of(one) for one in some] == before and working_calendar("BC-TAYHO").is_working(STORM)
    moved = confirm(site, entry, by=ADMIN, seen=3)
    assert len(moved) == 3 and not working_calendar("BC-TAYHO").is_working(STORM)
    for dossier, was in zip(some, before, strict=True):
        now = due_of(dossier)
        assert now == working_calendar().next_working(was)
        held = Dossier.get_by_id(dossier.id)
        assert any("đóng cửa vì bão" in why for _, _, why in held.due_calculation["days"])
        entries = [one for one in journal.entries("dossier", dossier_id=dossier.id) if one.kind == "due_recomputed"]
        assert len(entries) == 1 and entries[0].actor == "user:quantri"
        (told,) = history_of(held)
        assert (local(told.was).date(), local(told.now).date(), told.why) == (was, now, "02/12/2026: đóng cửa vì bão")


def test_taking_the_day_back_brings_the_days_back_and_needs_a_second_person_too(at):
    dossier = received(at)
    was = due_of(dossier)
    entry = propose(at.site, storm(), by=MINH)
    confirm(at.site, entry, by=ADMIN)
    ask_withdrawal(at.site, entry, by=ADMIN)
    assert due_of(dossier) != was
    with pytest.raises(RuleViolation, match="không tự duyệt"):
        confirm(at.site, entry, by=ADMIN)
    assert [one.now for one in moves_of(at.site, entry, by=MINH)] == [dossier.due_at]
    confirm(at.site, entry, by=MINH)
    assert due_of(dossier) == was and working_calendar("BC-TAYHO").is_working(STORM)


def test_what_the_province_named_and_what_has_ended_stays(at):
    named, other, ended = received(at), received(at, 1), received(at, 2)
    with at.site.store.writing():
        Dossier.update(
            due_at=datetime(2026, 12, 9, 10, tzinfo=UTC), due_calculation={**named.due_calculation, PINNED: "province"}
        ).where(Dossier.id == named.id).execute()
        Dossier.update(due_at=datetime(2026, 12, 8, 10, tzinfo=UTC)).where(Dossier.id == other.id).execute()
        Dossier.update(state="voided").where(Dossier.id == ended.id).execute()
    kept = [due_of(one) for one in (named, other, ended)]
    moved = in_force(at.site, storm(Body.AUTHORITY))
    assert [due_of(one) for one in (named, other, ended)] == kept
    assert all(one.was == one.now for one in moved)


def test_a_closed_post_office_moves_the_door_and_not_the_authoritys_term(at):
    # due Wed 2/12 at the authority for one-day terms; the office is closed the day after
    dossier = received(at)
    closed = working_calendar().next_working(due_of(dossier))
    moved = in_force(at.site, storm(Body.OFFICE, on=closed))
    (one,) = moved
    assert one.was == one.now and one.door_now > one.door_was and due_of(dossier) == local(one.was).date()
    made = promise_of(dossier, settings=at.site.settings, now=at.site.clock.now())
    assert made.promised_at == one.door_now
    assert any("bão" in line.why for leg in made.legs for line in leg.moved_by)


def test_the_citizen_hears_of_a_new_day_where_there_is_a_channel(at):
    asked = Notices(channel="file")
    site = replace(at.site, settings=at.site.settings.with_(notices=asked),
                   notifier=lambda: FileNotifier(at.site.settings.data / "n"))  # fmt: skip
    dossier = received(at)
    in_force(site, storm())
    jobs = [job for job in outbox.of_dossier(dossier.id) if "/T/extended" in job.key]
    assert len(jobs) == 1 and f"{due_of(dossier):%d/%m/%Y}" in jobs[0].payload.decode()


def test_nobody_confirms_alone_or_for_another_office_and_a_list_that_changed_is_shown_again(at):
    entry = propose(at.site, storm(), by=MINH)
    with pytest.raises(RuleViolation, match="không tự duyệt"):
        confirm(at.site, entry, by=MINH)
    with pytest.raises(Forbidden):
        confirm(at.site, entry, by=replace(MINH, username="hoa", office_id="BC-SONTAY"))
    with pytest.raises(Forbidden):
        propose(at.site, storm(everywhere=True), by=MINH)
    received(at)
    with pytest.raises(RuleViolation, match="0 thành 1"):
        confirm(at.site, entry, by=ADMIN, seen=0)
    assert working_calendar("BC-TAYHO").is_working(STORM)
    refuse(at.site, entry, by=ADMIN)
    with pytest.raises(IllegalStep):
        confirm(at.site, entry, by=ADMIN)
    with pytest.raises(NotFound):
        confirm(at.site, at.site.ids.uid(), by=ADMIN)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (storm(on=date(2036, 12, 2)), "quá xa"), (storm(why="  "), "Ghi lý do"), (storm(why="x" * 161), "tối đa"),
        (storm(on=date(2026, 12, 5)), "vốn đã là ngày nghỉ"), (storm(kind=DayKind.WORK), "vốn đã là ngày làm việc"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_meant_is_refused_with_what_to_do(at, asked, words):
    with pytest.raises(RuleViolation, match=words):
        propose(at.site, asked, by=MINH)


def test_a_day_stands_once_and_a_pending_one_moves_nothing_and_needs_nobody(at):
    dossier = received(at)
    was = due_of(dossier)
    propose(at.site, storm(state=DayState.PENDING), by=MINH)
    assert due_of(dossier) == was
    day = working_calendar("BC-TAYHO").day(STORM)
    assert day.working and not day.firm
    with pytest.raises(Duplicate):
        propose(at.site, storm(), by=MINH)


def test_another_offices_day_is_not_ours_and_one_for_all_is(at):
    in_force(at.site, storm(), by=replace(MINH, office_id="BC-SONTAY"), second=replace(ADMIN, office_id="BC-SONTAY"))
    assert working_calendar("BC-TAYHO").is_working(STORM) and not working_calendar("BC-SONTAY").is_working(STORM)
    in_force(at.site, storm(everywhere=True, on=date(2026, 12, 3)), by=ADMIN, second=replace(ADMIN, username="hai"))
    assert not working_calendar("BC-TAYHO").is_working(date(2026, 12, 3))
    assert not working_calendar().is_working(date(2026, 12, 3)) and working_calendar().is_working(STORM)


def test_another_process_sees_the_new_day_at_once(at):
    import subprocess
    import sys

    assert working_calendar("BC-TAYHO").is_working(STORM)
    in_force(at.site, storm())
    code = (
        "import sys; from pathlib import Path; from agent.settings import Settings;"
        "from agent.wiring import build_site;"
        "from datetime import date; from agent.store.calendar import working_calendar;"
        "build_site(Settings(data=Path(sys.argv[1])));"
        "print(working_calendar('BC-TAYHO').is_working(date(2026, 12, 2)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(at.site.settings.data)], capture_output=True, text=True,
                          timeout=60, check=True)  # fmt: skip
    assert done.stdout.strip() == "False"


def test_promises_about_to_break_are_listed_with_their_leg_and_item(at):
    assert about_to_break("BC-TAYHO", settings=at.site.settings, now=at.site.clock.now()) == []
    early, item = received(at), rounds.held(at, 1)
    at.site.clock.forward(days=1)
    found = about_to_break("BC-TAYHO", settings=at.site.settings, now=at.site.clock.now())
    legs = {one.dossier: (one.leg.value, one.state.value, one.items) for one in found}
    assert legs[early.uid] == ("to_authority", "near", ())
    at.site.clock.forward(days=9)
    found = about_to_break("BC-TAYHO", settings=at.site.settings, now=at.site.clock.now())
    legs = {one.dossier: (one.leg.value, one.state.value, one.items) for one in found}
    carried = Dossier.get_by_id(item.dossier_id)
    assert legs[carried.uid] == ("delivery", "late", (item.number,))
    assert about_to_break("BC-SONTAY", settings=at.site.settings, now=at.site.clock.now()) == []


def test_the_same_on_either_database(either: Counter):
    """Days of the calendar, recount, promises, on SQLite and on PostgreSQL."""
    dossier = with_term(either.site, either.receive())
    start = local(dossier.received_at).date()
    on = working_calendar().next_working(start)
    was = due_of(dossier)
    moved = in_force(either.site, storm(on=on))
    assert [one.dossier.id for one in moved] == [dossier.id]
    assert due_of(dossier) == working_calendar("BC-TAYHO").next_working(was)
    either.clock.forward(days=20)
    with either.site.store.reading():
        (risk,) = about_to_break("BC-TAYHO", settings=either.site.settings, now=either.clock.now())
    assert risk.dossier == dossier.uid and risk.state.value == "late"
