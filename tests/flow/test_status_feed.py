"""The province's feed: every act of its clerk moves the dossier as the life cycle says, and the desk is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.domain.citizen_news import News, Way
from agent.domain.dossier import ReturnWay, State
from agent.errors import RuleViolation
from agent.ports import StatusChange
from agent.site import Site
from agent.soap.province.ledger import Ledger
from agent.store import desk as screens
from agent.store import journal
from agent.store.citizen_tasks import CitizenTask, count_open, open_tasks
from agent.store.dossiers import Dossier
from agent.store.handoffs import FeedCursor, StatusMessage, clock_offset
from agent.tracking.follow import follow
from agent.tracking.news import tell
from tests.builders import CLERK, OFFICE
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import Counter, counter

LATER = datetime(2031, 1, 20, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, prepared: Path, shared_province: Sandbox) -> Iterator[Counter]:
    """One counter for the whole file; each test has its own dossier."""
    folder = tmp_path_factory.mktemp("feed") / "data"
    with counter(folder, prepared, shared=shared_province) as opened:
        yield opened


def after(desk: Counter, *acts: str, dossier: Dossier | None = None, **options: Any) -> Dossier:
    """A dossier on which the province's clerk did these acts, as it stands once the feed was read."""
    held = dossier or desk.handed_off()
    desk.act(held, *acts, **options)
    desk.program.follow_once(desk.site)
    return desk.now(held)


def news(desk: Counter, dossier: Dossier) -> list[News]:
    return [task.kind for task in tasks(desk, dossier)]


def tasks(desk: Counter, dossier: Dossier) -> list[CitizenTask]:
    with desk.site.store.reading():
        return open_tasks(dossier)


def applied(desk: Counter, dossier: Dossier) -> list[tuple[int, str]]:
    with desk.site.store.reading():
        rows = StatusMessage.select().where(StatusMessage.dossier == dossier).order_by(StatusMessage.version)
        return [(row.status, row.applied) for row in rows]


class Feed:
    """The real province with another feed in front of it."""

    def __init__(self, real: Any, changes: list[StatusChange]) -> None:
        self._real, self._changes = real, changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def status_changes(self, **_asked: Any) -> list[StatusChange]:
        return self._changes


def heard(desk: Counter, *changes: StatusChange) -> Site:
    """A site that hears these messages next."""
    feed = Feed(desk.site.province(), list(changes))
    return replace(desk.site, province=lambda: feed)


def message(desk: Counter, dossier: Dossier, version: int, status: int, **more: Any) -> StatusChange:
    """A message where the feed was read to so far."""
    with desk.site.store.reading():
        cursor = FeedCursor.get(FeedCursor.office_id == OFFICE).cursor
    return StatusChange(cursor, dossier.official or "", version, status, desk.clock.now(), "UBND", "", "", **more)


def test_an_extension_moves_the_promised_day_and_the_citizen_is_to_be_told_before_the_old_one(desk: Counter) -> None:
    dossier = after(desk, "take-up", dossier=desk.handed_off(procedure="1.001612"))
    was = dossier.due_at
    dossier = after(desk, "extend", dossier=dossier, due_at=LATER, note="Chờ xác minh.")
    assert (dossier.state, dossier.due_at) == (State.HANDED_OFF, LATER)
    (task,) = tasks(desk, dossier)
    assert (task.kind, task.until, task.facts["times"], task.facts["late"]) == (News.EXTENSION, was, 1, False)
    assert "extended" in desk.kinds(dossier)
    again = after(desk, "extend", dossier=dossier, due_at=LATER + timedelta(days=9))
    assert [one.facts["times"] for one in tasks(desk, again)] == [1, 2]


def test_a_supplement_s_own_time_is_not_taken_for_the_promised_day(desk: Counter) -> None:
    before = desk.handed_off()
    dossier = after(desk, "supplement", dossier=before, due_at=LATER)
    assert (dossier.state, dossier.due_at) == (State.SUPPLEMENT_ASKED, before.due_at)
    assert [(one.kind, one.until) for one in tasks(desk, dossier)] == [(News.SUPPLEMENT, LATER)]


def test_money_that_is_asked_for_raises_a_task_that_falls_away_once_the_province_goes_on(desk: Counter) -> None:
    owed = [{"component": "LPTB", "name": "Lệ phí trước bạ", "reason": "450.000 đ"}]
    dossier = after(desk, "take-up", "pay", requests=owed)
    assert (dossier.state, dossier.province_status, news(desk, dossier)) == (State.HANDED_OFF, 6, [News.PAYMENT])
    dossier = after(desk, "take-up", dossier=dossier)
    assert (dossier.province_status, news(desk, dossier)) == (4, [])


@pytest.mark.parametrize(
    ("acts", "state", "kind"),
    [(("refuse",), State.REFUSED, News.REFUSAL), (("withdraw", "stop"), State.STOPPED, News.STOP)],
)
def test_a_dossier_that_was_refused_or_stopped_stands_in_its_queue_until_the_citizen_was_told(
    desk: Counter, acts: tuple[str, ...], state: State, kind: News
) -> None:
    dossier = after(desk, *acts, note="Không thuộc thẩm quyền.")
    assert (dossier.state, dossier.problem, news(desk, dossier)) == (state, "Không thuộc thẩm quyền.", [kind])
    assert dossier.closed_at
    assert dossier.id in queue(desk, "ended") and dossier.id in queue(desk, "tell")
    (task,) = tasks(desk, dossier)
    assert tell(desk.site, dossier.uid, [task.uid], way=Way.PHONE, by=CLERK) == 1
    assert tell(desk.site, dossier.uid, [task.uid], way=Way.PHONE, by=CLERK) == 0
    assert dossier.id in queue(desk, "ended") and dossier.id not in queue(desk, "tell")
    assert desk.kinds(dossier)[-1] == "citizen_told"


def queue(desk: Counter, name: str) -> list[int]:
    day = desk.clock.now() - timedelta(days=1), desk.clock.now() + timedelta(days=1)
    with desk.site.store.reading():
        lines = screens.queue_lines(OFFICE, name, day, limit=100, before=None)
        assert len(lines) == screens.queue_counts(OFFICE, CLERK.username, day)[name]
    return [line.dossier.id for line in lines]


def test_a_result_to_be_fetched_is_told_and_one_that_the_postman_brings_is_not(desk: Counter) -> None:
    fetched = after(desk, "take-up", "finish", "result-ready", dossier=desk.handed_off(return_way="counter"))
    brought = after(desk, "take-up", "finish", "result-ready")
    assert (fetched.return_way, fetched.state, news(desk, fetched)) == (
        ReturnWay.COUNTER, State.RESULT_READY, [News.RESULT],
    )  # fmt: skip
    assert (brought.state, news(desk, brought)) == (State.RESULT_READY, [])


def test_a_code_that_nobody_knows_is_told_with_its_dossier_and_no_other_message_is_lost(desk: Counter) -> None:
    odd, other = desk.handed_off(), desk.handed_off()
    ledger = Ledger(desk.province.folder)
    try:
        with ledger.writing():
            ledger.run(
                "INSERT INTO changes"
                " (office, number, version, status, at, body, handler, note, due_at, results, requests)"
                " SELECT office, number, 2, 42, at, body, handler, note, due_at, results, requests FROM changes"
                " WHERE number = :number",
                number=odd.official,
            )
    finally:
        ledger.close()
    other = after(desk, "take-up", dossier=other)
    assert other.province_status == 2
    assert applied(desk, odd)[-1] == (42, "unknown")
    (task,) = tasks(desk, odd)
    assert (task.kind, task.facts) == (News.UNKNOWN_STATUS, {"status": 42})
    assert desk.now(odd).state is State.HANDED_OFF
    with desk.site.store.reading():
        assert count_open(OFFICE) == len(queue(desk, "tell"))


def test_a_message_of_no_use_is_told_and_changes_nothing_while_the_next_is_heard(desk: Counter) -> None:
    dossier = desk.handed_off()
    broken = message(desk, dossier, 2, 9, results=({"name": "kết quả không mã"},))
    follow(heard(desk, broken, message(desk, dossier, 3, 4)))
    now = desk.now(dossier)
    assert (now.state, now.province_status) == (State.HANDED_OFF, 4)
    assert applied(desk, dossier)[1:] == [(9, "unreadable"), (4, "applied")]
    assert news(desk, dossier) == [News.UNREADABLE]
    assert desk.results(dossier) == []
    assert journal.verify() == []


def test_late_repeated_and_regressed_messages_move_nothing_backwards(desk: Counter) -> None:
    dossier = after(desk, "take-up", "finish", "result-ready")
    version, due = dossier.province_version, dossier.due_at
    said = [
        message(desk, dossier, version, 5, requests=({"component": "X", "name": "", "reason": ""},)),  # repeated
        message(desk, dossier, 2, 3),  # late
        message(desk, dossier, version + 1, 4, due_at=LATER),  # a newer number with an older state
        message(desk, dossier, version + 1, 8),  # the same number twice
    ]
    follow(heard(desk, *said))
    now = desk.now(dossier)
    assert (now.state, now.province_status, now.province_version) == (State.RESULT_READY, 9, version)
    assert (now.due_at, news(desk, now)) == (due, [])


def test_who_was_told_and_how_must_be_a_way_that_there_is(desk: Counter) -> None:
    with pytest.raises(RuleViolation, match="điện thoại"):
        tell(desk.site, desk.receive().uid, [], way="chim bồ câu", by=CLERK)


def test_the_difference_of_clocks_is_learnt_from_each_contact_and_told_when_it_matters(desk: Counter) -> None:
    def learnt() -> timedelta:
        desk.program.follow_once(desk.site)
        with desk.site.store.reading():
            return clock_offset(OFFICE)

    desk.clock.at = datetime.now(UTC)
    assert abs(learnt()) < timedelta(seconds=10)
    desk.clock.forward(minutes=-7)
    try:
        assert timedelta(minutes=6) < learnt() < timedelta(minutes=8)
        desk.clock.forward(minutes=14)
        assert -timedelta(minutes=8) < learnt() < -timedelta(minutes=6)
    finally:
        desk.clock.at = datetime.now(UTC)


def test_news_queues_and_messages_of_no_use_are_the_same_on_either_database(either: Counter) -> None:
    dossier = either.handed_off()
    broken = message(either, dossier, 2, 9, results=({"name": "kết quả không mã"},))
    follow(heard(either, broken, message(either, dossier, 3, 77), message(either, dossier, 4, 6)))
    assert news(either, dossier) == [News.UNREADABLE, News.UNKNOWN_STATUS, News.PAYMENT]
    follow(heard(either, message(either, dossier, 5, 8)))
    assert news(either, dossier) == [News.UNREADABLE, News.UNKNOWN_STATUS, News.STOP]
    assert queue(either, "tell") == queue(either, "ended") == [dossier.id]
    either.later(days=40)
    assert queue(either, "ended") == [dossier.id]  # the citizen was not told yet
    tell(either.site, dossier.uid, [task.uid for task in tasks(either, dossier)], way=Way.COUNTER, by=CLERK)
    assert queue(either, "tell") == queue(either, "ended") == []
