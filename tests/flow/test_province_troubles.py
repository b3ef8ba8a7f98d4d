"""A province that is down, mumbles, answers twice or lies: nothing is lost, doubled or moved backwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.errors import HandoffUnavailable, StoreFull
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, pages_of, remove_page
from agent.intake.label import confirm_label
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.jobs import hand_off, schedule
from agent.jobs.runner import Settlement, Worker
from agent.ports import StatusChange
from agent.ports_province import Receipt
from agent.site import Site
from agent.soap.judge import rejected
from agent.store import outbox
from agent.store.dossiers import Dossier, Supplement
from agent.store.handoffs import StatusMessage
from agent.store.lookup import components_of
from agent.store.outbox import Job
from agent.store.reconciliation import Run
from agent.tracking.follow import follow
from tests.builders import CLERK, OFFICE, scanned
from tests.flow.counter import Counter

Open = Callable[..., Counter]


class Told:
    """The province as it is, but for what a test makes it say: an adapter of its own in front of the real one."""

    def __init__(
        self, real: Any, *, receipt: Callable[[Receipt], Receipt] | None = None, feed: Any = None,
        unreachable: bool = False, spoiled: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._real, self._receipt, self._feed, self._unreachable = real, receipt, feed, unreachable
        self._spoiled = list(spoiled)  # the province's refusals of what it cannot read, in order

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def submit(self, **asked: Any) -> Receipt:
        if self._spoiled:
            raise rejected(self._spoiled.pop(0), "")
        return self._said(self._real.submit(**asked))

    def submission(self, key: str) -> Receipt | None:
        held = self._real.submission(key)
        return self._said(held) if held else None

    def _said(self, receipt: Receipt) -> Receipt:
        return self._receipt(receipt) if self._receipt else receipt

    def status_changes(self, **asked: Any) -> Sequence[StatusChange]:
        if self._unreachable:
            raise HandoffUnavailable("Không nối được tới tỉnh.")
        return self._feed if self._feed is not None else self._real.status_changes(**asked)


def through(desk: Counter, **said: Any) -> Site:
    told = Told(desk.site.province(), **said)
    return replace(desk.site, province=lambda: told)


def work(desk: Counter, site: Site) -> None:
    worker = Worker(site, hand_off.HANDLERS, ("handoff",), "T1:send")
    while worker.run_once():
        pass


def change(dossier: Dossier, version: int, status: int, **more: Any) -> StatusChange:
    assert dossier.official
    return StatusChange(version, dossier.official, version, status, dossier.received_at, "UBND", "Cán bộ", "", **more)


def submissions(desk: Counter) -> int:
    return int(desk.held("SELECT count(*) AS n FROM dossiers")[0]["n"])


# --- a message that comes spoiled -------------------------------------------------------------------
@pytest.mark.parametrize("code", ["MESSAGE_INVALID", "SCHEMA_INVALID", "DIGEST_MISMATCH"])
def test_a_message_that_was_spoiled_on_its_way_goes_again(desk: Counter, code: str) -> None:
    dossier = desk.submitted()
    work(desk, through(desk, spoiled=[code]))
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.READY
    assert not desk.now(dossier).problem
    desk.later()
    desk.send_jobs()
    assert desk.now(dossier).state is State.HANDED_OFF
    assert submissions(desk) == 1


def test_what_comes_spoiled_each_time_is_for_people(desk: Counter) -> None:
    dossier = desk.submitted()
    site = through(desk, spoiled=["SCHEMA_INVALID"] * 9)
    for _ in range(hand_off.PATIENCE):
        work(desk, site)
        desk.later()
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.REJECTED
    assert "lược đồ" in desk.now(dossier).problem


# --- offline ---------------------------------------------------------------------------------------
def test_without_the_province_everything_up_to_the_queue_works_and_leaves_later(either: Counter) -> None:
    desk = either
    desk.province.kill()
    dossier = desk.submitted()
    desk.send_jobs()
    with pytest.raises(HandoffUnavailable, match=r"[Kk]hông"):
        desk.program.follow_once(desk.site)
    waiting = desk.now(dossier)
    assert (waiting.state, waiting.official) == (State.SUBMITTED, None)
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.READY
    assert desk.job(f"{dossier.provisional}/S1").error

    desk.province.start()
    desk.later()
    site = through_new_address(desk)
    work(desk, site)
    assert desk.now(dossier).state is State.HANDED_OFF and desk.now(dossier).official
    assert submissions(desk) == 1


def through_new_address(desk: Counter) -> Site:
    """The site as configured with the address on which the province came back."""
    gateway = desk.province.gateway(read_timeout=5.0)
    return replace(desk.site, province=lambda: gateway)


@pytest.mark.parametrize(
    "fault",
    ["cut-after-commit", "garbage", "empty", "html", "html-502", "other-key", "wrong-digest", "duplicate"],
)
def test_an_answer_that_says_nothing_is_asked_about_and_never_sent_blindly(open_counter: Open, fault: str) -> None:
    desk = open_counter(faults=f"{fault}:op=SubmitDossier:times=1")
    dossier = desk.submitted()
    key = f"{dossier.provisional}/S1"
    desk.send_jobs()
    job = desk.job(key)
    if fault != "duplicate":
        assert job.state is JobState.UNKNOWN and "hỏi lại" in job.error, job.state
        assert desk.now(dossier).state is State.SUBMITTED
        desk.later()
        desk.send_jobs()
    assert desk.job(key).state is JobState.ACKED
    assert desk.now(dossier).state is State.HANDED_OFF
    assert submissions(desk) == 1
    assert desk.held("SELECT count(*) AS n FROM receipts")[0]["n"] == 1


def test_a_busy_province_is_tried_again(open_counter: Open) -> None:
    desk = open_counter(faults="503:op=SubmitDossier:times=1,busy:op=SubmitDossier:times=1:after=1")
    dossier = desk.submitted()
    for _ in range(3):
        desk.send_jobs()
        desk.later()
    assert desk.now(dossier).state is State.HANDED_OFF


# --- receipts --------------------------------------------------------------------------------------
def test_a_receipt_with_a_false_signature_is_asked_for_again_then_held_with_words(desk: Counter) -> None:
    dossier = desk.submitted()
    key = f"{dossier.provisional}/S1"
    forged = through(desk, receipt=lambda receipt: replace(receipt, signature=receipt.signature[:-1] + b"\x00"))
    for _ in range(hand_off.PATIENCE - 1):
        work(desk, forged)
        assert desk.job(key).state is JobState.UNKNOWN
        assert desk.now(dossier).state is State.SUBMITTED
        desk.later()
    work(desk, forged)
    held = desk.job(key)
    assert held.state is JobState.HELD and "Chữ ký trên biên nhận" in held.error
    assert "thả việc" in desk.now(dossier).problem

    with desk.site.store.reading():
        assert outbox.show(key).doubt, "released, it must ask before it sends"
    outbox.release(key)
    desk.send_jobs()
    assert (desk.now(dossier).state, desk.now(dossier).problem) == (State.HANDED_OFF, "")
    assert submissions(desk) == 1


def test_a_receipt_of_an_unknown_authority_is_believed_in_training_only(desk: Counter) -> None:
    dossier = desk.submitted()
    real = replace(desk.site, settings=desk.site.settings.with_(training=False))
    for _ in range(hand_off.PATIENCE):
        work(desk, real)
        desk.later()
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.HELD
    assert "CA" in desk.now(dossier).problem


def test_a_receipt_that_speaks_of_something_else_is_held_and_the_dossier_cannot_be_sent_anew(desk: Counter) -> None:
    dossier = desk.submitted()
    work(desk, through(desk, receipt=lambda receipt: replace(receipt, digest="0" * 64)))
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.HELD
    assert desk.now(dossier).state is State.SUBMITTED
    assert submit(desk.site, dossier.uid, by=CLERK).key == f"{dossier.provisional}/S1"
    assert submissions(desk) == 1


def test_the_same_official_number_for_two_dossiers_is_held_with_both_names(desk: Counter) -> None:
    first, second = desk.receive(), desk.receive()
    site = desk.site

    class OneNumber(Told):
        def allocate_number(self, **_asked: Any) -> str:
            return "H26.019.02-261121-010001"

    told = OneNumber(site.province())
    work(desk, replace(site, province=lambda: told))
    one, other = desk.now(first), desk.now(second)
    assert (one.official, other.official) == ("H26.019.02-261121-010001", None)
    held = desk.job(f"{second.provisional}/N")
    assert held.state is JobState.HELD and first.provisional in held.error and second.provisional in held.error


def test_an_outcome_that_cannot_be_recorded_is_held_and_the_worker_goes_on(desk: Counter) -> None:
    first, second = desk.receive(), desk.receive()

    class NoNumber(Told):
        def allocate_number(self, *, key: str, **asked: Any) -> str:
            if key == first.provisional:
                return None  # type: ignore[return-value]  # a fault in an adapter
            return str(self._real.allocate_number(key=key, **asked))

    told = NoNumber(desk.site.province())
    with desk.site.store.writing():
        Dossier.update(official="X").where(Dossier.id == first.id).execute()
    work(desk, replace(desk.site, province=lambda: told))
    assert desk.job(f"{first.provisional}/N").state is JobState.HELD
    assert desk.now(second).official


# --- refused ---------------------------------------------------------------------------------------
def refused(desk: Counter) -> Dossier:
    """A dossier that the province refused once, for a reason of its content."""

    class Refuses(Told):
        def submit(self, **_asked: Any) -> Receipt:
            from agent.soap.judge import rejected

            raise rejected("FILE_TOO_LARGE", "components/files")

    dossier = desk.submitted()
    told = Refuses(desk.site.province())
    work(desk, replace(desk.site, province=lambda: told))
    return desk.now(dossier)


def test_a_refused_dossier_is_scanned_again_signed_and_sent_under_a_new_key(desk: Counter) -> None:
    dossier = refused(desk)
    assert dossier.state is State.REJECTED and "quét lại" in dossier.problem
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if pages_of(one))
        page = pages_of(component)[0]
    remove_page(desk.site, dossier.uid, page.uid, by=CLERK, reason="quá nặng")
    smaller = desk.site.digitiser().read_bytes("nho.jpg", scanned("nhỏ hơn"))
    add_pages(desk.site, dossier.uid, component.uid, smaller, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.CANCELLED, "the old message cannot be sent any more"
    sign_copies(desk.site, dossier.uid, by=CLERK)
    job = submit(desk.site, dossier.uid, by=CLERK)
    assert job.key.endswith("/S2")
    desk.send_jobs()
    assert (desk.now(dossier).state, desk.now(dossier).problem) == (State.HANDED_OFF, "")
    assert submissions(desk) == 1


def test_a_refused_message_that_is_sent_again_as_it_was_carries_its_dossier_along(desk: Counter) -> None:
    dossier = refused(desk)
    outbox.retry(f"{dossier.provisional}/S1")
    desk.send()
    assert desk.now(dossier).state is State.HANDED_OFF
    assert desk.kinds(dossier)[-4:] == ["reject", "submit", "acknowledge", "province_status"]


def test_sending_a_mended_dossier_withdraws_the_refused_message(desk: Counter) -> None:
    dossier = refused(desk)
    submit(desk.site, dossier.uid, by=CLERK)
    assert desk.job(f"{dossier.provisional}/S1").state is JobState.CANCELLED
    desk.send_jobs()
    assert submissions(desk) == 1


# --- the status feed -------------------------------------------------------------------------------
def test_a_message_for_a_dossier_whose_receipt_is_on_its_way_waits_and_is_applied(open_counter: Open) -> None:
    desk = open_counter(faults="cut-after-commit:op=SubmitDossier:times=1")
    dossier = desk.submitted()
    desk.send_jobs()
    desk.act(dossier, "take-up", "finish", "result-ready")
    desk.program.follow_once(desk.site)
    assert desk.now(dossier).state is State.SUBMITTED
    with desk.site.store.reading():
        assert {message.applied for message in StatusMessage.select()} == {"waiting"}
    desk.later()
    desk.send_jobs()
    done = desk.now(dossier)
    assert (done.state, done.province_status) == (State.RESULT_READY, 9)
    with desk.site.store.reading():
        assert {message.applied for message in StatusMessage.select()} == {"applied"}


def test_a_held_dossier_without_number_stops_nobody_elses_news_and_gets_its_own_when_released(desk: Counter) -> None:
    other = desk.handed_off()
    held = desk.receive()
    outbox.hold(f"{held.provisional}/N", "thử")
    confirm_label(desk.site, held.uid, held.provisional, by=CLERK)
    desk.digitise(held)
    sign_copies(desk.site, held.uid, by=CLERK)
    submit(desk.site, held.uid, by=CLERK)
    work(desk, through(desk, receipt=lambda receipt: replace(receipt, digest="0" * 64)))
    assert desk.job(f"{held.provisional}/S1").state is JobState.HELD
    desk.act(held, "take-up", "finish", "result-ready")
    desk.act(other, "take-up")
    desk.program.follow_once(desk.site)
    assert (desk.now(other).province_status, desk.now(held).official) == (2, None)

    outbox.release(f"{held.provisional}/S1")
    desk.send()
    assert (desk.now(held).state, desk.now(held).province_status) == (State.RESULT_READY, 9)


def test_the_books_are_compared_by_the_hour_where_the_province_can_be_reached(desk: Counter) -> None:
    desk.handed_off()
    plan = schedule.entries()

    def compared_after(**amount: float) -> int:
        desk.later(**amount)
        schedule.run_due(desk.site, plan)
        with desk.site.store.reading():
            return int(Run.select().count())

    assert [compared_after(seconds=1), compared_after(minutes=10), compared_after(minutes=30)] == [0, 1, 1]
    assert compared_after(hours=1) == 2
    offline = Told(desk.site.province(), unreachable=True)
    plan_site = replace(desk.site, province=lambda: offline)
    desk.later(hours=1)
    schedule.run_due(plan_site, plan)
    with desk.site.store.reading():
        assert Run.select().count() == 2, "what could not be compared is no comparison"


class FullOnce:
    """The store as it is, but that it refuses the first look of a worker."""

    def __init__(self, real: Any) -> None:
        self._real, self.refused = real, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def data_version(self) -> int:
        if not self.refused:
            self.refused += 1
            raise StoreFull("Đĩa đầy.")
        return int(self._real.data_version())


def test_a_worker_outlives_a_full_disk(desk: Counter) -> None:
    dossier, stop, full = desk.receive(), threading.Event(), FullOnce(desk.site.store)

    def last(site: Site, job: Job) -> Settlement:
        stop.set()
        return hand_off.allocate(site, job)

    Worker(replace(desk.site, store=full), {"allocate": last}, ("handoff",), "T1:send").run(stop, every=0.01)
    assert full.refused == 1 and desk.now(dossier).official


def test_what_a_slow_line_kept_from_its_turn_is_not_done_under_a_lease_that_ran_out(desk: Counter) -> None:
    done: list[str] = []

    def slow(site: Site, job: Job) -> Settlement:
        done.append(job.key)
        desk.later(seconds=61)
        return hand_off.allocate(site, job)

    first, second = desk.receive(), desk.receive()
    worker = Worker(desk.site, {"allocate": slow}, ("handoff",), "T1:send")
    worker.run_once()
    assert done == [f"{first.provisional}/N"]
    schedule.free_leases(desk.site)
    worker.run_once()
    assert done[1:] == [f"{second.provisional}/N"] and desk.now(second).official


def test_a_late_message_never_moves_a_dossier_backwards(desk: Counter) -> None:
    dossier = desk.handed_off()
    late, asks = change(dossier, 5, 2), change(dossier, 6, 5, requests=({"component": "", "name": "A", "reason": ""},))
    follow(through(desk, feed=[asks]))
    follow(through(desk, feed=[late]))  # 5 -> 2 is a legal step: only its version shows that it is old
    now = desk.now(dossier)
    assert (now.state, now.province_status, now.province_version) == (State.SUPPLEMENT_ASKED, 5, 6)
    follow(through(desk, feed=[change(dossier, 9, 9, results=({"id": "KQ1", "name": "KQ", "form": "paper"},))]))
    follow(through(desk, feed=[change(dossier, 10, 4), change(dossier, 11, 1)]))  # newer, and still impossible
    now = desk.now(dossier)
    assert (now.state, now.province_status) == (State.RESULT_READY, 9)
    with desk.site.store.reading():
        held = StatusMessage.select().where(StatusMessage.dossier == dossier).order_by(StatusMessage.version)
        assert [(m.version, m.applied) for m in held][1:] == [
            (5, "late"), (6, "applied"), (9, "applied"), (10, "late"), (11, "late"),
        ]  # fmt: skip


def test_a_feed_that_repeats_itself_changes_nothing(open_counter: Open) -> None:
    desk = open_counter(faults="status-regress:op=GetStatusChanges,duplicate:op=GetStatusChanges")
    dossier = desk.with_result()
    assert (dossier.state, dossier.province_status) == (State.RESULT_READY, 9)
    kinds = desk.kinds(dossier)
    for _ in range(2):
        follow(desk.site)
    assert desk.kinds(dossier) == kinds


def test_more_gaps_while_a_round_is_open_join_it(desk: Counter) -> None:
    dossier = desk.handed_off()
    gaps = [{"component": "", "name": name, "reason": "thiếu"} for name in ("Ảnh thẻ", "Sổ hộ tịch")]
    follow(through(desk, feed=[change(dossier, 6, 5, requests=(gaps[0],))]))
    follow(through(desk, feed=[change(dossier, 7, 5, requests=tuple(gaps))]))
    with desk.site.store.reading():
        (round_,) = Supplement.select().where(Supplement.dossier == dossier)
    assert [gap["name"] for gap in round_.requests] == ["Ảnh thẻ", "Sổ hộ tịch"]


def test_a_status_of_a_dossier_that_is_not_ours_is_passed_over(desk: Counter) -> None:
    dossier = desk.handed_off()
    strange = replace(change(dossier, 6, 4), number="H99-261121-0001", cursor=50)
    follow(through(desk, feed=[strange, replace(change(dossier, 7, 4), cursor=51)]))
    assert desk.now(dossier).province_status == 4


def test_one_task_of_the_schedule_that_breaks_does_not_end_the_others(desk: Counter) -> None:
    done: list[str] = []

    def breaks(_site: Site) -> None:
        raise ValueError("a value that nobody thought of")

    plan = [
        schedule.Entry("breaks", timedelta(seconds=5), breaks),
        schedule.Entry("works", timedelta(seconds=5), lambda site: done.append(site.settings.office.id)),
    ]
    for _ in range(2):
        schedule.run_due(desk.site, plan)
        desk.later()
    assert done == [OFFICE, OFFICE]
