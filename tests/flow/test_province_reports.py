"""Milestones and payments reach the province each once in effect, whatever is lost on the way, and without names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.cli.peers import folder_of
from agent.domain.bucket_rows import custody_bucket, fees_bucket, milestone_digest, payment_digest
from agent.domain.buckets import sum_digests
from agent.errors import HandoffDriftUnknown, HandoffError, HandoffOutcomeUnknown, HandoffUnavailable
from agent.ports import BucketDigest
from agent.reconcile.bundle import make_bundle
from agent.reconcile.verify import verify
from agent.site import Site
from agent.soap.judge import rejected
from agent.soap.province.ledger import Ledger
from agent.store.dossiers import Dossier
from agent.store.exchanges import AwaitedReport, ReportCursor, await_report
from agent.store.handoffs import ProvinceReceipt
from agent.store.items import CustodyEvent, Item
from agent.store.told_rows import told_milestones, told_payments
from agent.tracking.province_reports import milestone_of, payments_of, report_all
from agent.wiring import offline_checker
from tests.builders import OFFICE, Station, delivered, handed_off, received, station_with_province
from tests.flow.counter import Counter

EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
FAULTS = "cut-after-commit:op=ReportPayments:times=1,cut-after-commit:op=ReportCustody:times=1"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station_with_province(tmp_path_factory.mktemp("station"), faults=FAULTS) as at:
        yield at


@pytest.fixture(scope="module")
def dossier(running: Station) -> Dossier:
    """A delivered dossier, and another that the province does not have yet."""
    found = delivered(running)
    received(running)
    return found


def theirs(running: Station, query: str) -> list[dict[str, Any]]:
    ledger = Ledger(folder_of(running.program))
    try:
        return ledger.rows(query)
    finally:
        ledger.close()


def report(running: Station) -> list[tuple[int, int] | str]:
    """Four turns of the clock: what each came to."""
    said: list[tuple[int, int] | str] = []
    for _ in range(4):
        try:
            said.append(report_all(running.site))
        except HandoffError as error:
            said.append(type(error).__name__)
    return said


def test_a_lost_answer_makes_no_second_milestone_and_no_second_payment(running: Station, dossier: Dossier) -> None:
    assert report(running) == ["HandoffOutcomeUnknown", (0, 1), (0, 0), (0, 0)]
    with running.site.store.reading():
        events = list(CustodyEvent.select(CustodyEvent, Item, Dossier).join(Item).join(Dossier))
        payments = payments_of(dossier)
    assert events and payments
    held = theirs(running, "SELECT uid, holder FROM custody")
    assert sorted(row["uid"] for row in held) == sorted(str(one.uid) for one in events)
    assert {":" in row["holder"] for row in held} == {False}  # roles, never names
    assert sorted(row["uid"] for row in theirs(running, "SELECT uid FROM payments")) == sorted(
        one.uid for one in payments
    )


def test_what_was_reported_agrees_with_our_own_sums(running: Station, dossier: Dossier) -> None:
    with running.site.store.reading():
        events = [
            milestone_of(one) for one in CustodyEvent.select(CustodyEvent, Item, Dossier).join(Item).join(Dossier)
        ]
    at = events[0].at
    ours = [BucketDigest(custody_bucket(OFFICE, at), *sum_digests(map(milestone_digest, events)))]
    province = running.site.province()
    assert province.compare_digests(scope=f"custody:{OFFICE}", digests=ours) == []
    rows = province.list_payments(fees_bucket(OFFICE, at))
    assert sum(row.amount for row in rows) == sum(one.amount for one in payments_of(dossier))
    sums = [BucketDigest(fees_bucket(OFFICE, at), *sum_digests(map(payment_digest, rows)))]
    assert province.compare_digests(scope=f"fees:{OFFICE}", digests=sums) == []


def test_the_receipt_is_kept_and_the_bundle_stays_whole(running: Station, dossier: Dossier) -> None:
    with running.site.store.reading():
        kinds = {one.kind for one in ProvinceReceipt.select().where(ProvinceReceipt.dossier == dossier)}
    assert "payments" in kinds
    assert verify(make_bundle(running.site, dossier.uid), checker=offline_checker(running.site.clock)).consistent


def test_a_report_that_starts_again_from_the_beginning_changes_nothing_there(
    running: Station, dossier: Dossier
) -> None:
    before = theirs(running, "SELECT * FROM payments"), theirs(running, "SELECT * FROM custody")
    with running.site.store.writing():
        ReportCursor.update(cursor=0).execute()
    assert report_all(running.site) == (0, 1)
    assert (theirs(running, "SELECT * FROM payments"), theirs(running, "SELECT * FROM custody")) == before


class Spoilt:
    """The real province, but for its answer to a report: an error that a test gives, or a milestone refused."""

    def __init__(self, real: Any, *, payments: Any = None, custody: Any = None, refuse: str = "") -> None:
        self._real, self._payments, self._custody, self._refuse = real, payments, custody, refuse
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def report_payments(self, *, key: str, **said: Any) -> Any:
        self.asked.append(key)
        error = (self._payments or {}).get(key.partition("/")[0])
        if error is not None:
            raise error
        return self._real.report_payments(key=key, **said)

    def report_custody(self, *, office: str, events: Any) -> Any:
        self.asked.append(f"custody {len(events)}")
        if self._custody is not None:
            raise self._custody
        answer = self._real.report_custody(office=office, events=events)
        return replace(answer, refused=((events[0].uid, self._refuse, ""),)) if self._refuse else answer


class Counted:
    """The store, and how often it was written to."""

    def __init__(self, real: Any) -> None:
        self._real, self.written = real, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def writing(self) -> Any:
        self.written += 1
        return self._real.writing()


def spoilt(running: Station, **how: Any) -> tuple[Site, Spoilt]:
    province = Spoilt(running.site.province(), **how)
    return replace(running.site, province=lambda: province), province


def again(running: Station, *dossiers: Dossier, kind: str = "payments") -> None:
    """Let these wait as new ones do."""
    with running.site.store.writing():
        for dossier in dossiers:
            await_report(dossier.id, kind)


def waits(running: Station, dossier: Dossier, kind: str = "payments") -> AwaitedReport | None:
    with running.site.store.reading():
        mine = (AwaitedReport.dossier == dossier) & (AwaitedReport.kind == kind)
        found: AwaitedReport | None = AwaitedReport.get_or_none(mine)
        return found


def test_where_nothing_is_new_nothing_is_written(running: Station, dossier: Dossier) -> None:
    report_all(running.site)
    counted = Counted(running.site.store)
    assert report_all(replace(running.site, store=counted)) == (0, 0)
    assert counted.written == 0


@pytest.fixture(scope="module")
def second(running: Station) -> Dossier:
    return handed_off(running)


@pytest.mark.parametrize(
    "error",
    [
        HandoffOutcomeUnknown("?"),
        HandoffUnavailable("?"),
        HandoffDriftUnknown("?", operation="ReportPayments", field="x"),
    ],
)
def test_a_dossier_whose_report_fails_keeps_no_other_from_being_told(
    running: Station, dossier: Dossier, second: Dossier, error: HandoffError
) -> None:
    again(running, dossier, second)
    site, province = spoilt(running, payments={dossier.provisional: error}, custody=error)
    again(running, dossier, kind="custody")
    with pytest.raises(type(error)):
        report_all(site)
    assert waits(running, dossier) and not waits(running, second)
    again(running, second)
    province.asked.clear()
    with pytest.raises(type(error)):
        report_all(site)
    told = [key.partition("/")[0] for key in province.asked if "/" in key]
    assert told == [second.provisional, dossier.provisional], "what failed goes behind the others"
    report_all(running.site)
    assert not waits(running, dossier) and not waits(running, dossier, "custody")


def test_a_line_that_is_cut_is_not_tried_with_every_dossier(
    running: Station, dossier: Dossier, second: Dossier
) -> None:
    many = [dossier, second, handed_off(running), handed_off(running)]
    again(running, *many)
    site, province = spoilt(running, payments={one.provisional: HandoffUnavailable("?") for one in many})
    with pytest.raises(HandoffUnavailable):
        report_all(site)
    assert len(province.asked) == 3
    assert report_all(running.site) == (0, 4)


def test_a_refused_report_is_kept_and_told_again_a_day_later(running: Station, second: Dossier) -> None:
    again(running, second)
    site, province = spoilt(running, payments={second.provisional: rejected("CONTENT_INVALID", "amount")})
    assert report_all(site) == (0, 0)
    assert report_all(site) == (0, 0)
    assert len(province.asked) == 1
    held = waits(running, second)
    assert held and held.error == "CONTENT_INVALID" and held.retry_at > running.site.clock.now() + timedelta(hours=23)
    with running.site.store.reading():
        assert second.provisional not in {row.provisional for row in told_payments(OFFICE, *EVER)}
    with running.site.store.writing():
        AwaitedReport.update(retry_at=running.site.clock.now()).where(AwaitedReport.id == held.id).execute()
    assert report_all(running.site) == (0, 1)
    with running.site.store.reading():
        assert second.provisional in {row.provisional for row in told_payments(OFFICE, *EVER)}


@pytest.mark.parametrize("how", ["the milestone is refused", "the batch fails"])
def test_a_milestone_that_is_not_taken_waits_and_the_others_go_on(running: Station, dossier: Dossier, how: str) -> None:
    with running.site.store.writing():
        ReportCursor.update(cursor=0).where(ReportCursor.kind == "custody").execute()
    if how == "the milestone is refused":
        site, province = spoilt(running, refuse="KEY_REUSE")
        assert report_all(site) == (0, 0)
        assert report_all(site) == (0, 0)
        assert len(province.asked) == 1
    else:
        site, province = spoilt(running, custody=HandoffOutcomeUnknown("?"))
        with pytest.raises(HandoffOutcomeUnknown):
            report_all(site)
    held = waits(running, dossier, "custody")
    assert held and held.error == ("KEY_REUSE" if "refused" in how else "")
    with running.site.store.reading():
        assert told_milestones(OFFICE, *EVER) == []
    again(running, dossier, kind="custody")
    assert report_all(running.site) == (0, 0), "they are there already"
    with running.site.store.reading():
        assert told_milestones(OFFICE, *EVER)


def test_what_failed_goes_behind_what_is_new_on_each_database(either: Counter) -> None:
    first, last = either.handed_off(), either.handed_off()
    running = Station(either.site, either.program)
    report_all(either.site)
    again(running, first, last)
    site, province = spoilt(running, payments={first.provisional: HandoffOutcomeUnknown("?")})
    for _ in range(2):
        with pytest.raises(HandoffOutcomeUnknown):
            report_all(site)
        again(running, last)
    told = [key.partition("/")[0] for key in province.asked]
    assert told == [first.provisional, last.provisional, last.provisional, first.provisional]
    assert report_all(either.site) == (0, 2)
