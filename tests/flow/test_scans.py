"""Scans of the terminal's readers: kept, taken once, while they are fresh, by the screens of their own terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.errors import NotFound, RuleViolation
from agent.intake.prints import answer_job, request_test
from agent.intake.scans import FRESH, KEPT, record_scans, take_scan, waiting_from, waits, wipe_scans
from agent.ports import Scan
from agent.store import outbox
from agent.store import scans as events
from agent.store.scans import ScanEvent
from tests.builders import CARD, CLERK
from tests.flow.counter import Counter

ELSEWHERE = replace(CLERK, terminal_id="T2")


def scanned(desk: Counter, *texts: str, **more: object) -> list[ScanEvent]:
    """Scans of now, oldest first."""
    record_scans(desk.site, [Scan("doc", text.encode(), **more) for text in texts])  # type: ignore[arg-type]
    with desk.site.store.reading():
        return list(reversed(events.latest("T1", limit=len(texts))))


def test_a_scan_is_taken_once_and_what_it_said_is_gone_with_that(either: Counter) -> None:
    [card] = scanned(either, CARD)
    assert (card.kind, card.length) == ("chip-card", len(CARD.encode()))
    assert waits(either.site, card.uid, by=CLERK)
    assert take_scan(either.site, card.uid, by=CLERK) == CARD
    assert not waits(either.site, card.uid, by=CLERK)
    kept = events.by_uid(card.uid)
    assert kept is not None
    assert (kept.raw, kept.taken_by, kept.length) == (None, "lananh", len(CARD.encode()))
    with pytest.raises(RuleViolation, match="đã được dùng"):
        take_scan(either.site, card.uid, by=CLERK)


def test_a_scan_is_of_its_terminal_alone(desk: Counter) -> None:
    [card] = scanned(desk, CARD)
    assert not waits(desk.site, card.uid, by=ELSEWHERE)
    with pytest.raises(NotFound, match="không phải của quầy này"):
        take_scan(desk.site, card.uid, by=ELSEWHERE)
    assert events.after("T2", 0) == []
    assert take_scan(desk.site, card.uid, by=CLERK) == CARD


def test_after_ten_seconds_nobody_acts_on_a_scan_any_more(desk: Counter) -> None:
    first, second = scanned(desk, CARD, "PA1K|next")
    began = desk.clock.now()
    assert waiting_from(desk.site, "T1", since=began) == first.id - 1
    desk.later(seconds=FRESH.total_seconds())
    assert take_scan(desk.site, first.uid, by=CLERK) == CARD
    assert waiting_from(desk.site, "T1", since=began) == second.id - 1
    desk.later(seconds=1)
    assert waiting_from(desk.site, "T1", since=began) == second.id
    with pytest.raises(RuleViolation, match="đã cũ"):
        take_scan(desk.site, second.uid, by=CLERK)


def test_a_screen_begins_after_what_was_scanned_before_its_session(desk: Counter) -> None:
    [before] = scanned(desk, "PA1B|minh")
    desk.later(seconds=2)
    assert waiting_from(desk.site, "T1", since=desk.clock.now()) == before.id
    [since] = scanned(desk, CARD)
    assert waiting_from(desk.site, "T1", since=desk.clock.now()) == since.id - 1


def test_torn_and_repeated_scans_wait_for_nobody(desk: Counter) -> None:
    [torn] = scanned(desk, CARD[:30], torn=True, note="Máy đọc bị rút ra giữa chừng.")
    [again] = scanned(desk, "PA1K|next", repeat=True)
    assert (torn.kind, again.kind) == ("", "command:next")
    assert waiting_from(desk.site, "T1", since=desk.clock.now()) == again.id
    with pytest.raises(RuleViolation, match="không trọn vẹn"):
        take_scan(desk.site, torn.uid, by=CLERK)


def test_scans_that_others_took_never_hide_those_that_wait(desk: Counter) -> None:
    many = scanned(desk, *(f"PA1T|T-{n:04}" for n in range(120)))
    for scan in many:
        take_scan(desk.site, scan.uid, by=CLERK)
    [last] = scanned(desk, CARD)
    assert [scan.id for scan in events.after("T1", many[0].id - 1)] == [last.id]


def test_what_a_scan_said_is_erased_although_nobody_took_it(desk: Counter) -> None:
    [card] = scanned(desk, CARD)
    desk.clock.forward(seconds=(KEPT + timedelta(seconds=1)).total_seconds())
    assert wipe_scans(desk.site) == 1
    assert ScanEvent.get_by_id(card.id).raw is None


def test_a_print_of_another_terminal_is_not_answered_from_here(desk: Counter) -> None:
    job = request_test(desk.site, "label", by=CLERK)
    with desk.site.store.writing():
        outbox.Job.update(state=outbox.JobState.NEEDS_CLERK).where(outbox.Job.key == job.key).execute()
    for came_out in (True, False):
        with pytest.raises(NotFound, match="không phải của quầy này"):
            answer_job(desk.site, job.key, came_out=came_out, by=ELSEWHERE)
    assert outbox.show(job.key).state is outbox.JobState.NEEDS_CLERK
