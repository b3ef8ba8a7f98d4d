"""After hours without a line what is due today arrives first, and what the page says of the rest comes true."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.breaker import Breaker
from agent.domain.jobs import JobState
from agent.store.dossiers import Dossier
from agent.store.outbox import Job
from tests.flow.counter import Counter
from tests.flow.outage import Moving, Recovery, ThinLine, recover, stack_up

COUNT, KBIT = 60, 1000
START = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def recovered(tmp_path_factory, prepared, shared_province) -> tuple[Counter, Recovery, datetime]:
    """Eight hours offline with 60 dossiers waiting, then a line of 1 Mbit/s."""
    from tests.flow.counter import counter

    with counter(tmp_path_factory.mktemp("outage") / "data", prepared, shared=shared_province) as desk:
        dossiers = [desk.receive() for _ in range(COUNT)]
        clock = Moving(desk.site.clock.now())
        stack_up(desk.site, dossiers, most_bytes=400_000, days=5)
        back = clock.now() + timedelta(hours=8)
        province = ThinLine(desk.site.province(), clock, kbit=KBIT, up_at=back)
        yield desk, recover(desk.site, clock, province), back


def test_what_is_due_today_arrives_first(recovered) -> None:
    desk, seen, _ = recovered
    with desk.site.store.reading():
        days = {job.id: job.priority for job in Job.select()}
        assert Job.select().where((Job.kind == "submit") & (Job.state == JobState.ACKED)).count() == COUNT
        assert Dossier.select().where(Dossier.official.is_null()).count() == 0
    arrived = [days[job_id] for job_id, _ in seen.finished]
    assert len(set(arrived)) > 3 and arrived == sorted(arrived)


def test_the_time_that_the_page_tells_comes_true_within_a_fifth(recovered) -> None:
    _, seen, _ = recovered
    wrong = seen.errors(over=timedelta(seconds=20))
    assert len(wrong) > 20
    assert max(wrong) <= 0.2, sorted(wrong)[-5:]


def test_the_line_is_found_again_within_half_an_hour(recovered) -> None:
    _, seen, back = recovered
    assert seen.reopened is not None and timedelta(0) < seen.reopened - back <= timedelta(minutes=31)


def test_hundreds_of_offices_that_were_cut_off_together_do_not_come_back_together() -> None:
    back, asked = START + timedelta(hours=8), []
    for office in range(300):
        rng, breaker, now = random.Random(office), Breaker(), START
        while now < back:
            breaker.failed(now, rng)
            now = breaker.next_try or now + timedelta(seconds=5)
            assert breaker.may(now)
        asked.append(now)
        breaker.passed(now)
        assert breaker.allowance == 1, "what waited does not fall on the province at once"
    a_minute = [
        sum(1 for at in asked if timedelta(minutes=n) <= at - back < timedelta(minutes=n + 1)) for n in range(30)
    ]
    assert max(a_minute) < 300 // 8 and sum(a_minute) == 300
