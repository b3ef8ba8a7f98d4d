"""Both ledgers compared against a real sandbox province: what differs, whose it is, and what is only on its way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.domain.jobs import JobState
from agent.errors import HandoffUnavailable, RuleViolation
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages
from agent.intake.request import ComponentInput
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.intake.supplement import send_supplement, take_papers
from agent.jobs import hand_off
from agent.reconcile import recheck, repair
from agent.reconcile.bundle import make_bundle
from agent.reconcile.compare import Report, compare
from agent.reconcile.explain import Kind, Owner
from agent.reconcile.record import Found
from agent.reconcile.verify import verify
from agent.store import journal, outbox
from agent.store.dossiers import Dossier
from agent.store.items import Result
from agent.store.ledger import correct_row
from agent.store.lookup import components_of
from agent.store.outbox import Job
from agent.store.reconciliation import Difference, Run
from agent.tracking.deliver import ProofInput, deliver_electronically, pick_up
from tests.builders import CHIEF, CLERK, OFFICE, Station, delivered, handed_off, scanned, signed, station_with_province
from tests.contract import sandbox_process as province


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station_with_province(tmp_path_factory.mktemp("station")) as at:
        yield at


@pytest.fixture(scope="module")
def dossier(running: Station) -> Dossier:
    return delivered(running)


def reconcile(at: Station) -> Report:
    return compare(at.site, office=OFFICE, by=CLERK)


def of(report: Report, dossier: Dossier) -> list[Found]:
    return [one for one in report.differences if one.key == dossier.provisional]


def test_after_a_whole_way_both_ledgers_agree_without_listing_anything(running: Station, dossier: Dossier) -> None:
    report = reconcile(running)
    assert of(report, dossier) == [] and report.compared >= 1 and report.in_flight == 0
    assert report.exchanged == 0


@pytest.mark.parametrize(
    ("planted", "kind", "words"),
    [
        ("fee", Kind.FEE, "34.000 đ, tỉnh ghi 44.000 đ"),
        ("status", Kind.STATUS, "trạng thái ở tỉnh lùi lại"),
        ("drop", Kind.MISSING_THERE, "sổ của tỉnh không có hồ sơ này"),
        ("file", Kind.FILE, "tỉnh thiếu 1 tệp"),
    ],
)
def test_a_planted_difference_is_named_keeps_its_row_and_is_closed_when_mended(
    running: Station, dossier: Dossier, planted: str, kind: Kind, words: str
) -> None:
    running.act(dossier, "plant", kind=planted)
    try:
        (first,), (again,) = of(reconcile(running), dossier), of(reconcile(running), dossier)
    finally:
        running.act(dossier, "unplant", kind=planted)
    assert (first.kind, first.owner) == (kind, Owner.PROVINCE)
    assert words in first.explanation and first.suggestion and first.repairs
    assert again.uid == first.uid and again.age > first.age

    assert of(reconcile(running), dossier) == []
    closed = Difference.get(Difference.uid == first.uid)
    assert (closed.repair, closed.closed_by) == ("gone", "system") and closed.closed_at


def test_one_day_is_compared_alone(running: Station, dossier: Dossier) -> None:
    running.act(dossier, "plant", kind="fee")
    try:
        other = compare(running.site, office=OFFICE, day=datetime(2020, 1, 1).date())  # noqa: DTZ001
        assert (other.compared, other.differences) == (0, ())
        assert len(of(reconcile(running), dossier)) == 1
        compare(running.site, office=OFFICE, day=datetime(2020, 1, 1).date())  # noqa: DTZ001
        assert Difference.select().where(Difference.closed_at.is_null()).count() == 1  # another day closes nothing
    finally:
        running.act(dossier, "unplant", kind="fee")
        reconcile(running)


def test_what_waits_to_be_sent_is_on_its_way_and_no_difference(running: Station) -> None:
    waiting = signed(running)
    submit(running.site, waiting.uid, by=CLERK)
    report = reconcile(running)
    assert of(report, waiting) == [] and report.in_flight == 1
    running.send()
    assert reconcile(running).in_flight == 0


def test_what_arrived_while_our_power_failed_is_on_its_way_and_no_difference(running: Station) -> None:
    cut = signed(running)
    submit(running.site, cut.uid, by=CLERK)
    while running.program.send_once(running.site) == 0:
        pass
    late = handed_off(running)  # the lane works on
    assert of(reconcile(running), late) == []

    half = signed(running)
    job = submit(running.site, half.uid, by=CLERK)
    settled = hand_off.hand_over(running.site, outbox.show(job.key))  # the province has it; nothing is recorded here
    assert settled.state.value == "acked"
    report = reconcile(running)
    assert report.exchanged == 1 and of(report, half) == [] and report.in_flight == 1
    running.send()
    assert reconcile(running).exchanged == 0


def test_a_status_that_still_waits_in_the_feed_is_no_difference(running: Station) -> None:
    moved = handed_off(running)
    running.act(moved, "take-up")
    report = reconcile(running)
    assert report.exchanged == 1 and of(report, moved) == []
    running.send()


def test_what_waits_longer_than_a_day_is_late_and_can_be_sent_again(running: Station) -> None:
    waiting = signed(running)
    job = submit(running.site, waiting.uid, by=CLERK)
    outbox.hold(job.key, "máy đang sửa")
    tomorrow = _Later(running.site.clock.now() + timedelta(hours=25))
    report = compare(replace(running.site, clock=tomorrow), office=OFFICE)
    (late,) = of(report, waiting)
    assert (late.kind, late.owner) == (Kind.LATE, Owner.OFFICE)
    assert "25 giờ" in late.explanation and "máy đang sửa" in late.explanation

    repair.resend(running.site, late.uid, by=CLERK)
    running.send()
    assert of(reconcile(running), waiting) == []
    assert Difference.get(Difference.uid == late.uid).repair == "gone"


def test_what_is_sent_again_is_what_waits_and_not_what_the_province_refused(running: Station) -> None:
    waiting = handed_off(running)
    keys, at = [f"{waiting.provisional}/{end}" for end in ("B1", "D1")], running.site.clock.now()
    with running.site.store.writing():
        for key, kind, state in zip(keys, ("supplement", "delivery"), (JobState.REJECTED, JobState.HELD), strict=True):
            job = outbox.enqueue(
                uid=running.site.ids.uid(), lane="handoff", kind=kind, key=key, payload=b"{}",
                office_id=OFFICE, dossier_id=waiting.id, at=at,
            )  # fmt: skip
            Job.update(state=state).where(Job.id == job.id).execute()
    tomorrow = _Later(at + timedelta(hours=25))
    (late,) = of(compare(replace(running.site, clock=tomorrow), office=OFFICE), waiting)
    repair.resend(running.site, late.uid, by=CLERK)
    assert [outbox.show(key).state for key in keys] == [JobState.REJECTED, JobState.READY]
    for key in keys:
        outbox.cancel(key, "thử xong")


def test_a_dossier_that_only_the_province_has_is_shown_and_can_be_explained_by_two(running: Station) -> None:
    gateway = running.site.province()
    province.upload(gateway, province.page())  # type: ignore[arg-type]
    payload = province.canonical_json(province.dossier("T9-9999"))
    gateway.submit(key="T9-9999", digest=province.digest(payload), dossier=payload)
    (found,) = [one for one in reconcile(running).differences if one.key == "T9-9999"]
    assert (found.kind, found.owner, found.ours) == (Kind.MISSING_HERE, Owner.SYSTEM, {})

    pending = repair.explain(running.site, found.uid, reason="hồ sơ thử của tỉnh", by=CLERK)
    assert (pending.pending, pending.pending_by) == ("explain", CLERK.name)
    assert [one.pending for one in reconcile(running).differences if one.key == "T9-9999"] == ["explain"]
    with pytest.raises(RuleViolation, match="người thứ hai"):
        repair.countersign(running.site, found.uid, by=CLERK)
    repair.countersign(running.site, found.uid, by=CHIEF)
    assert [one for one in reconcile(running).differences if one.key == "T9-9999"] == []


def test_what_two_people_accept_changes_our_ledger_and_is_in_the_journal(running: Station) -> None:
    mine = handed_off(running)
    running.act(mine, "plant", kind="fee")
    (found,) = of(reconcile(running), mine)
    repair.accept_theirs(running.site, found.uid, reason="thu thêm 10.000 đ tại tỉnh", by=CLERK)
    assert len(of(reconcile(running), mine)) == 1  # nothing changes before the second person
    repair.countersign(running.site, found.uid, by=CHIEF)
    assert of(reconcile(running), mine) == []
    entries = [e for e in journal.entries("dossier", dossier_id=mine.id) if e.kind.startswith("difference")]
    assert [(e.kind, e.actor) for e in entries] == [
        ("difference_proposed", CLERK.name),
        ("difference_closed", CHIEF.name),
    ]
    assert "thu thêm" not in json.dumps([e.body for e in entries], ensure_ascii=False)  # words stay erasable

    running.act(mine, "unplant", kind="fee")
    (back,) = of(reconcile(running), mine)
    repair.correct(running.site, back.uid, value=34_000, reason="tỉnh đã sửa", by=CHIEF)
    repair.countersign(running.site, back.uid, by=CLERK)
    assert of(reconcile(running), mine) == [] and journal.verify() == []


def test_a_proposal_falls_when_the_facts_it_was_made_for_change(running: Station) -> None:
    mine = handed_off(running)
    running.act(mine, "plant", kind="fee")
    (found,) = of(reconcile(running), mine)
    repair.accept_theirs(running.site, found.uid, reason="thu thêm tại tỉnh", by=CLERK)
    (same,) = of(reconcile(running), mine)
    assert same.pending == "accept"
    with running.site.store.writing():
        correct_row(mine, at=running.site.clock.now(), fee=1)

    (other,) = of(reconcile(running), mine)
    assert (other.uid, other.pending) == (found.uid, "")
    with pytest.raises(RuleViolation, match="chưa có đề xuất"):
        repair.countersign(running.site, found.uid, by=CHIEF)


def test_a_supplement_and_results_of_two_kinds_leave_both_ledgers_and_the_bundle_in_agreement(running: Station) -> None:
    site, mine = running.site, handed_off(running, procedure="1.001193")
    asked = components_of(mine)[0]
    running.act(mine, "take-up")
    running.act(mine, "supplement", requests=[{"component": asked.code, "name": asked.name, "reason": "mờ"}])
    running.send()
    (part,) = take_papers(site, mine.uid, [ComponentInput(asked.code)], by=CLERK)
    add_pages(site, mine.uid, part.uid, site.digitiser().read_bytes("s.jpg", scanned("bổ sung")), by=CLERK)
    make_copies(site, mine.uid, by=CLERK)
    sign_copies(site, mine.uid, by=CLERK)
    send_supplement(site, mine.uid, by=CLERK)
    assert of(reconcile(running), mine) == []  # on its way
    running.send()
    assert of(reconcile(running), mine) == []

    running.act(mine, "finish")
    running.act(
        mine, "result-ready", results=[{"name": "Giấy khai sinh"}, {"name": "Bản điện tử", "form": "electronic"}]
    )
    running.send()
    seen = ProofInput(receiver="Nguyễn Thị Hường", identity_type="CCCD", identity_last4="2345", identity_matched=True)
    for result in Result.select().where(Result.dossier == mine):
        if result.form == "electronic":
            deliver_electronically(site, mine.uid, result.uid, by=CLERK)
        else:
            pick_up(site, mine.uid, result.uid, seen, by=CLERK)
    running.send()
    assert of(reconcile(running), mine) == []
    verdict = verify(make_bundle(site, mine.uid), checker=running.program.checker())
    assert (verdict.consistent, verdict.problems) == (True, ())
    assert recheck.dossier_states() == recheck.item_states() == recheck.ledger_rows() == []


def test_an_unreachable_province_leaves_no_trace_of_a_comparison(running: Station) -> None:
    runs = Run.select().count()

    def unreachable() -> object:
        raise HandoffUnavailable("Không kết nối được.")

    with pytest.raises(HandoffUnavailable):
        compare(replace(running.site, province=unreachable), office=OFFICE)  # type: ignore[arg-type]
    assert Run.select().count() == runs


class _Later:
    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at
