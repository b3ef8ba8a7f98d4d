"""The line to the province as its clerks see it: cut, busy, changed, thin; nothing is lost, doubled or in the way."""

from __future__ import annotations

import itertools
import json
import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.domain.breaker import Circuit
from agent.domain.jobs import JobState
from agent.errors import (
    HandoffDriftUnavailable,
    HandoffDriftUnknown,
    HandoffError,
    HandoffFault,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
)
from agent.jobs.line import POISON, Line
from agent.jobs.schedule import compare_books, entries, free_leases, poll, run_due
from agent.jobs.working import send_worker, senders
from agent.ports import StatusChange
from agent.reconcile.in_flight import unread_statuses
from agent.store import claiming, outbox
from agent.store.dossiers import Dossier
from agent.store.handoffs import FeedCursor
from agent.store.outbox import Job
from agent.store.province_line import line_of
from tests.builders import OFFICE
from tests.flow.counter import Counter, counter
from tests.flow.outage import Moving, stack_up

SEEDS = itertools.count(100)
DOWN = HandoffUnavailable("Không kết nối được với hệ thống của tỉnh.")


class Spoilt:
    """The real province, but that some calls of a test fail: `fault(name, named)` gives the error or None."""

    def __init__(self, real: Any, fault: Any) -> None:
        self._real, self._fault, self.calls = real, fault, list[tuple[str, str]]()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            self.calls.append((name, str(named.get("key", given[0] if given else ""))))
            error = self._fault(name, named)
            if error is not None:
                raise error
            return found(*given, **named)

        return call


class Bench:
    """One counter with messages that wait, and its senders in the hand of the test."""

    def __init__(self, desk: Counter) -> None:
        self.desk, self.clock = desk, Moving(desk.site.clock.now())
        self.fault: Any = lambda name, named: None
        self.province = Spoilt(desk.site.province(), self.spoil)
        self.site = replace(desk.site, clock=self.clock, province=lambda: self.province)
        self.restart()

    def restart(self) -> None:
        """The work process begins anew."""
        self.line = Line(self.site, random.Random(3))
        self.first, self.second, self.bulk = senders(self.site, self.line)

    def spoil(self, name: str, named: dict[str, Any]) -> Exception | None:
        """What the test makes of a call now."""
        return self.fault(name, named)

    def stack(self, count: int, **how: Any) -> list[str]:
        """So many dossiers ready to go, each with a file; their keys."""
        made = [self.desk.receive() for _ in range(count)]
        with self.site.store.writing():
            Job.update(state=JobState.ACKED).where(Job.kind == "allocate").execute()
        jobs = stack_up(self.site, made, most_bytes=how.get("most_bytes", 4_000), days=0, seed=next(SEEDS))
        return [job.key for job in jobs]

    def work(self, seconds: int = 0) -> None:
        """All that can be done now, then again and again until so many seconds have passed."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while True:
            while self.bulk.run_once() or self.first.run_once() or self.second.run_once():
                pass
            with suppress(HandoffError):
                poll(self.site, self.line)
            if self.clock.now() >= end:
                return
            self.clock.forward(max(4, seconds / 40))

    def job(self, key: str) -> Job:
        with self.site.store.reading():
            return outbox.show(key)

    def line_told(self) -> Any:
        with self.site.store.reading():
            return line_of(self.site.settings.terminal.id)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: Any, prepared: Any, shared_province: Any) -> Iterator[Counter]:
    with counter(tmp_path_factory.mktemp("line") / "data", prepared, shared=shared_province) as desk:
        yield desk


@pytest.fixture
def bench(opened: Counter) -> Iterator[Bench]:
    made = Bench(opened)
    yield made
    with made.site.store.writing():
        over = [JobState.ACKED, JobState.CANCELLED]
        Job.update(state=JobState.CANCELLED).where(Job.state.not_in(over)).execute()


def test_files_go_before_their_message_and_what_has_none_passes_them(bench: Bench) -> None:
    (key,) = bench.stack(1)
    assert bench.first.run_once() == 0, "its files are not up"
    assert bench.bulk.run_once()
    assert bench.first.run_once() == 1
    assert bench.job(key).state is JobState.ACKED and bench.job(key).sent_bytes == bench.job(key).file_bytes
    order = [name for name, _ in bench.province.calls if name != "status_changes"]
    assert order == ["upload_state", "put_chunk", "submit"]


def test_a_restart_in_the_middle_of_a_file_goes_on_where_the_province_stands(bench: Bench) -> None:
    settings = bench.site.settings
    thin = replace(settings, province=replace(settings.province, chunk_bytes=1_000))
    bench.site = replace(bench.site, settings=thin)
    bench.restart()
    bench.stack(1, most_bytes=8_000)
    sent = list[int]()

    def cut(name: str, named: dict[str, Any]) -> Exception | None:
        if name == "put_chunk":
            sent.append(named["offset"])
            return DOWN if len(sent) == 2 else None
        return None

    bench.fault = cut
    bench.bulk.run_once()
    bench.restart()
    bench.clock.forward(60)
    bench.work()
    assert sent[:3] == [0, 1_000, 1_000] and len(sent) == len(set(sent)) + 1


def test_when_the_line_is_cut_it_is_left_alone_and_everything_goes_when_it_is_back(bench: Bench) -> None:
    keys = bench.stack(6)
    bench.fault = lambda name, named: DOWN
    bench.work(seconds=1_800)
    tried = len(bench.province.calls)
    assert tried < 60, "half an hour offline is some tries, not thousands"
    assert bench.line_told().state == Circuit.OPEN and "kết nối" in bench.line_told().words
    assert {bench.job(key).state for key in keys} == {JobState.READY}
    bench.fault = lambda name, named: None
    bench.work(seconds=1_900)
    assert {bench.job(key).state for key in keys} == {JobState.ACKED}
    assert bench.line_told().state == Circuit.CLOSED


def test_somebody_who_knows_that_the_line_is_back_has_it_tried_at_once(bench: Bench) -> None:
    from agent.store.province_line import nudge

    (key,) = bench.stack(1)
    bench.fault = lambda name, named: DOWN
    bench.work(seconds=1_800)
    bench.fault = lambda name, named: None
    nudge(bench.site.settings.office.id, at=bench.clock.now())
    bench.work(seconds=1)
    assert bench.job(key).state is JobState.ACKED


def test_a_message_that_alone_fails_is_held_with_words_and_the_others_go(bench: Bench) -> None:
    poison, *others = bench.stack(4)
    bench.fault = lambda name, named: DOWN if name == "submit" and named["key"] == poison else None
    for _ in range(POISON + 2):
        bench.work(seconds=600)
        others += bench.stack(1)
    bench.work(seconds=60)
    assert {bench.job(key).state for key in others} == {JobState.ACKED}
    held = bench.job(poison)
    assert held.state is JobState.HELD and f"{POISON} lần" in held.error and poison in held.error
    with bench.site.store.reading():
        assert poison in Dossier.get_by_id(held.dossier_id).problem
    bench.fault = lambda name, named: None
    outbox.release(poison)
    bench.work(seconds=600)
    assert bench.job(poison).state is JobState.ACKED


LOST = HandoffOutcomeUnknown("Mất trả lời.")
INSIDE = HandoffFault("Lỗi INTERNAL của hệ thống tỉnh.")


@pytest.mark.parametrize(("count", "error"), [(8, LOST), (4, INSIDE)])
def test_many_messages_that_fail_stop_nobody_behind_them(bench: Bench, count: int, error: Exception) -> None:
    poison, healthy = bench.stack(count), bench.stack(6)
    with bench.site.store.writing():
        Job.update(priority=0).where(Job.key.in_(poison)).execute()
    bench.fault = lambda name, named: error if name == "submit" and named["key"] in poison else None
    bench.work(seconds=7_200)
    assert {bench.job(key).state for key in healthy} == {JobState.ACKED}
    for _ in range(POISON):
        if any(bench.job(key).state is JobState.HELD for key in poison):
            return
        bench.stack(1)
        bench.work(seconds=1_800)
    raise AssertionError("while others pass it is seen who fails alone")


def test_a_province_that_fails_inside_has_answered_and_holds_nobody_while_it_does(bench: Bench) -> None:
    keys = bench.stack(5)
    bench.fault = lambda name, named: INSIDE if name == "submit" else None
    bench.work(seconds=7_200)
    assert {bench.job(key).state for key in keys} == {JobState.UNKNOWN}
    assert bench.line_told().state == Circuit.CLOSED
    assert sum(name == "submit" for name, _ in bench.province.calls) < 200, "each waits longer and longer"


def test_an_outage_holds_nobody_however_long_it_lasts(bench: Bench) -> None:
    keys = bench.stack(2)
    bench.fault = lambda name, named: DOWN if name == "submit" else None
    bench.work(seconds=7_200)
    assert {bench.job(key).state for key in keys} <= {JobState.READY, JobState.UNKNOWN}


def test_an_unknown_outcome_is_asked_about_until_it_is_known_and_stays_in_sight(bench: Bench) -> None:
    (key,) = bench.stack(1)
    bench.fault = lambda name, named: HandoffOutcomeUnknown("Mất trả lời.") if name == "submit" else None
    bench.work()
    assert bench.job(key).state is JobState.UNKNOWN
    bench.fault = lambda name, named: DOWN if name == "submission" else None
    bench.work(seconds=120)
    assert bench.job(key).state is JobState.UNKNOWN, "a question without an answer makes nothing clearer"
    assert bench.job(key).attempts > 1
    bench.fault = lambda name, named: None
    bench.province.calls.clear()
    bench.work(seconds=2_000)
    assert bench.job(key).state is JobState.ACKED
    asked = [name for name, about in bench.province.calls if about == key]
    assert asked[0] == "submission" and asked.count("submit") == 1


def test_an_operation_that_the_province_changed_is_paused_alone(bench: Bench) -> None:
    changed = HandoffDriftUnknown("Trả lời không đúng hợp đồng.", operation="SubmitDossier", field="receipt")
    first, second = bench.stack(2)
    bench.fault = lambda name, named: changed if name == "submit" else None
    numbered = bench.desk.receive()
    bench.work()
    tried = [asked for name, asked in bench.province.calls if name == "submit"]
    assert len(tried) == 1, "the second is not sent into the same wall"
    assert bench.job(f"{numbered.provisional}/N").state is JobState.ACKED
    assert "SubmitDossier" in bench.line_told().paused and bench.line_told().state == Circuit.CLOSED
    bench.fault = lambda name, named: None
    bench.work(seconds=120)
    assert {bench.job(key).state for key in (first, second)} == {JobState.ACKED}
    assert bench.line_told().paused == {}


def test_a_changed_question_about_a_message_is_not_asked_without_end(bench: Bench) -> None:
    (key,) = bench.stack(1)
    bench.fault = lambda name, named: DOWN if name == "submit" else None
    bench.work()
    assert bench.job(key).state is JobState.READY and bench.job(key).attempts == 1
    changed = HandoffDriftUnavailable("Trả lời không đúng hợp đồng.", operation="GetSubmission", field="receipt")
    bench.fault = lambda name, named: changed if name == "submission" else None
    bench.clock.forward(60)
    tried = sum(bench.first.run_once() for _ in range(20))
    assert tried == 1 and bench.job(key).not_before > bench.clock.now()
    bench.fault = lambda name, named: None
    bench.work(seconds=120)
    assert bench.job(key).state is JobState.ACKED and bench.line_told().paused == {}


class SlowStore:
    """The real store, of which a reader sees whether another thread gets through the line meanwhile."""

    def __init__(self, real: Any) -> None:
        self._real, self.through, self.seen = real, self.reading, list[bool]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def reading(self) -> Any:
        other = threading.Thread(target=self.through, daemon=True)
        other.start()
        other.join(5)
        self.seen.append(not other.is_alive())
        return self._real.reading()


def test_whoever_asks_while_the_store_is_slow_keeps_no_sender_waiting(bench: Bench) -> None:
    slow = SlowStore(bench.site.store)
    line = Line(replace(bench.site, store=slow), random.Random(3))
    slow.through = line.avoid
    for job_id in range(3):
        line.failed("mất mạng", job_id)
    assert not line.closed
    line.may()
    assert slow.seen == [True]


def test_a_message_that_is_minutes_on_its_way_is_not_sent_beside_itself(bench: Bench) -> None:
    settings = bench.site.settings
    inline = replace(settings, province=replace(settings.province, profile="dongbohosomc"))
    bench.site = replace(bench.site, settings=inline)
    bench.restart()
    (key,) = bench.stack(1)
    assert bench.bulk.run_once()
    with bench.site.store.writing():
        Job.update(file_bytes=27_000_000).where(Job.key == key).execute()
    beside = list[int]()

    def slow(name: str, named: dict[str, Any]) -> Exception | None:
        if name == "submit" and not beside:
            bench.clock.forward(220)  # 27 MB at 1 Mbit/s
            beside.append(free_leases(bench.site))
            beside.append(send_worker(bench.site).run_once(only=key))
        return None

    bench.fault = slow
    assert bench.first.run_once() == 1
    assert beside == [0, 0]
    assert bench.job(key).state is JobState.ACKED and bench.job(key).attempts == 1


def test_what_another_has_taken_over_is_not_sent_any_more(bench: Bench) -> None:
    bench.line.passed("submit"), bench.line.passed("submit")
    first, second = bench.stack(2)
    while bench.bulk.run_once():
        pass

    def taken_over(name: str, named: dict[str, Any]) -> Exception | None:
        if name == "submit" and named["key"] == first and bench.clock.now() < began + timedelta(seconds=50):
            bench.clock.forward(50)
            claiming.recover(at=bench.clock.now(), lanes=("handoff",), dead=bench.first.name)
        return None

    began, bench.fault = bench.clock.now(), taken_over
    with bench.site.store.writing():
        Job.update(priority=0).where(Job.key == first).execute()
    bench.first.run_once()
    assert [key for name, key in bench.province.calls if name == "submit"] == [first]
    bench.work(seconds=60)
    assert [bench.job(key).state for key in (first, second)] == [JobState.ACKED] * 2


def test_files_that_the_province_lost_are_sent_once_more(bench: Bench) -> None:
    (key,) = bench.stack(1)
    lost = iter([HandoffRejected("Tỉnh chưa có tệp.", error_code="FILE_MISSING")])
    bench.fault = lambda name, named: next(lost, None) if name == "submit" else None
    bench.work(seconds=30)
    assert bench.job(key).state is JobState.ACKED
    assert [name for name, _ in bench.province.calls].count("upload_state") == 2


def test_files_that_are_gone_hold_their_message_and_nobody_elses(bench: Bench) -> None:
    gone, erased, other = bench.stack(3)
    payload = json.loads(bench.job(gone).payload)
    bench.site.vault.erase(payload["components"][0]["files"][0]["sha256"])
    with bench.site.store.writing():
        outbox.erase_payloads(bench.job(erased).dossier_id)
    bench.work(seconds=5)
    assert bench.job(gone).state is JobState.HELD and bench.job(gone).error
    assert bench.job(erased).state is JobState.HELD and "xoá" in bench.job(erased).error
    assert bench.job(other).state is JobState.ACKED


def test_a_budget_leaves_the_line_to_others(bench: Bench) -> None:
    settings = bench.site.settings
    bench.site = replace(bench.site, settings=replace(settings, province=replace(settings.province, line_kbit=80)))
    bench.restart()
    waits = list[float]()

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        bench.clock.forward(seconds)
        return False

    bench.bulk.wait = wait
    (key,) = bench.stack(1, most_bytes=200_000)
    began = bench.clock.now()
    bench.work()
    size = bench.job(key).file_bytes
    least = timedelta(seconds=(size * 1.37 - 10_000) / 10_000 * 0.9)
    assert bench.clock.now() - began >= least and max(waits) < 4


def test_a_dossier_costs_two_commits_at_most_and_many_together_less(bench: Bench) -> None:
    commits = list[int]()

    def counted(count: int) -> float:
        keys = bench.stack(count)
        while bench.bulk.run_once():
            pass
        bench.line.tell(force=True)
        commits.clear()
        while bench.first.run_once():
            pass
        assert {bench.job(key).state for key in keys} == {JobState.ACKED}
        return len(commits) / count

    connection = bench.site.store.database.connection()
    connection.set_commit_hook(lambda: bool(commits.append(1)))
    try:
        assert counted(1) == 2, "claimed, and settled with all that it means"
        bench.line.passed("submit", 0)
        assert counted(16) <= 1 + 1 / 4, "claimed together"
    finally:
        connection.set_commit_hook(None)


class Crowded:
    """The real province, but that its feed is full of messages of dossiers that we do not know yet."""

    def __init__(self, real: Any, at: Any, most: int = 1_000) -> None:
        self._real, self._at, self._most, self.asked = real, at, most, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def status_changes(self, *, office: str, cursor: int, maximum: int) -> list[StatusChange]:
        self.asked += 1
        assert self.asked < 9, "the feed is asked without end"
        places = range(cursor + 1, min(cursor + maximum, self._most) + 1)
        return [StatusChange(place, f"H29.{place}", 1, 2, self._at, office, "", "") for place in places]


def test_a_full_feed_that_waits_for_a_number_is_asked_once_a_turn(bench: Bench) -> None:
    (key,) = bench.stack(1)
    with bench.site.store.writing():
        Job.update(state=JobState.UNKNOWN).where(Job.key == key).execute()
    crowded = Crowded(bench.desk.site.province(), bench.clock.now())
    poll(replace(bench.site, province=lambda: crowded), bench.line)
    assert crowded.asked == 1


def test_statuses_far_down_the_feed_are_read_before_the_books_are_compared(bench: Bench) -> None:
    with bench.site.store.reading():
        held = FeedCursor.get_or_none(FeedCursor.office_id == OFFICE)
    at = held.cursor if held else 0
    crowded = Crowded(bench.desk.site.province(), bench.clock.now(), most=at + 250)
    site = replace(bench.site, province=lambda: crowded)
    last = (f"H29.{at + 250}", 2)
    assert last in unread_statuses(site, OFFICE)
    compare_books(site)
    assert unread_statuses(site, OFFICE) == set()
    with bench.site.store.writing():
        FeedCursor.update(cursor=at).where(FeedCursor.office_id == OFFICE).execute()


def test_what_the_clock_asks_of_the_province_waits_while_its_line_is_broken(bench: Bench) -> None:
    plan = [entry for entry in entries() if entry.name != "feed"]
    bench.clock.forward(1)
    run_due(bench.site, plan, line=bench.line)
    bench.line.failed("wrong password", blocked=True)
    bench.clock.forward(3_600)
    bench.province.calls.clear()
    run_due(bench.site, plan, line=bench.line)
    assert bench.province.calls == []
    bench.line.passed("feed")
    run_due(bench.site, plan, line=bench.line)
    assert {"journal_head", "compare_digests"} <= {name for name, _ in bench.province.calls}
