"""A dossier goes from the citizen's hand to the province, and every result of it comes back."""

from __future__ import annotations

import uuid

import pytest

from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.errors import IllegalStep, RuleViolation
from agent.intake.forms import handed_in_pdf, receipt_pdf
from agent.reconcile.compare import compare
from agent.store import journal, outbox
from agent.store.items import Proof
from agent.store.outbox import Job
from agent.tracking.deliver import FactContext, ProofInput, deliver, deliver_electronically, pick_up
from agent.tracking.items import register_item
from tests.builders import CLERK, COURIER, OFFICE
from tests.flow.counter import PROOF, Counter


def words_of(pdf: bytes) -> str:
    """The text of a PDF as a reader extracts it, on one line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def test_the_whole_way_ends_closed_with_books_that_agree(either: Counter) -> None:
    desk = either
    dossier = desk.with_result()
    assert (dossier.state, dossier.province_status) == (State.RESULT_READY, 9)

    deliver(desk.site, desk.out(dossier), PROOF, by=COURIER)
    desk.send()

    done = desk.now(dossier)
    assert (done.state, done.province_status) == (State.CLOSED, 10)
    report = compare(desk.site, office=OFFICE)
    assert report.compared >= 1 and not report.differences
    with desk.site.store.reading():
        assert outbox.ls(states=[s for s in JobState if s is not JobState.ACKED]) == []
    assert journal.verify() == []
    assert desk.kinds(dossier) == [
        "received", "label", "pages_filed", "digitise", "sign", "submit", "numbered", "acknowledge",
        "province_status", "province_status", "province_status", "province_status", "finish", "deliver", "close",
        "province_status",
    ]  # fmt: skip


def test_three_results_by_three_ways_close_the_dossier_only_with_the_last(desk: Counter) -> None:
    dossier = desk.with_result("paper", "paper", "electronic")
    by_courier, at_counter, electronic = desk.results(dossier)
    register_first = [by_courier.uid]

    from agent.tracking.items import allot_range, collect_from_authority

    allot_range(desk.site, OFFICE, "RD", 0, 9)
    item = register_item(desk.site, dossier.uid, by=CLERK, results=register_first)
    collect_from_authority(desk.site, item.number, by=CLERK)
    deliver(desk.site, item.number, PROOF, by=CLERK)  # the citizen came to the office where it lay
    assert desk.now(dossier).state is State.RESULT_READY

    pick_up(desk.site, dossier.uid, at_counter.uid, PROOF, by=CLERK)
    assert desk.now(dossier).state is State.RESULT_READY

    deliver_electronically(desk.site, dossier.uid, electronic.uid, by=CLERK)
    assert desk.now(dossier).state is State.CLOSED
    desk.send()
    assert desk.now(dossier).province_status == 10
    assert all(result.reported for result in desk.results(dossier))
    assert {row["item"] for row in desk.held("SELECT item FROM results")} == {item.number, "counter", "electronic"}
    assert not compare(desk.site, office=OFFICE).differences


def test_the_same_delivery_sent_twice_is_one_delivery(desk: Counter) -> None:
    dossier = desk.with_result()
    number = desk.out(dossier)
    fact = FactContext(uuid.uuid4(), desk.clock.now())
    for _ in range(2):
        deliver(desk.site, number, PROOF, by=COURIER, context=fact)
    with desk.site.store.reading():
        assert Proof.select().count() == 1
        assert Job.select().where(Job.kind == "delivery").count() == 1
    with pytest.raises(IllegalStep, match="đã phát"):
        deliver(desk.site, number, PROOF, by=COURIER)


def test_a_result_made_after_the_last_one_was_handed_over_opens_the_dossier_again(desk: Counter) -> None:
    dossier = desk.with_result("electronic")
    (first,) = desk.results(dossier)
    deliver_electronically(desk.site, dossier.uid, first.uid, by=CLERK)
    desk.act(dossier, "result-ready", results=[{"name": "Kết quả thứ hai", "form": "electronic"}])
    desk.program.follow_once(desk.site)
    again = desk.now(dossier)
    assert (again.state, again.closed_at) == (State.RESULT_READY, None)

    deliver_electronically(desk.site, dossier.uid, desk.results(dossier)[1].uid, by=CLERK)
    desk.send()
    assert (desk.now(dossier).state, desk.now(dossier).province_status) == (State.CLOSED, 10)


def test_a_paper_result_is_not_handed_over_without_seeing_who_takes_it(desk: Counter) -> None:
    dossier = desk.with_result(return_way="counter")
    (result,) = desk.results(dossier)
    for proof in (ProofInput(receiver=""), ProofInput(receiver="Ai đó"), ProofInput("Ai", identity_type="CCCD")):
        with pytest.raises(RuleViolation, match="giấy tờ đã xem"):
            pick_up(desk.site, dossier.uid, result.uid, proof, by=CLERK)
    with pytest.raises(RuleViolation, match="bản giấy"):
        deliver_electronically(desk.site, dossier.uid, result.uid, by=CLERK)
    assert desk.now(dossier).state is State.RESULT_READY


@pytest.mark.parametrize(
    ("acts", "state", "words"),
    [(("refuse",), State.REFUSED, "refuse"), (("take-up", "take-up", "stop"), State.STOPPED, "stop")],
)
def test_what_the_province_ends_is_ended_here_with_nothing_left_in_the_queue(
    desk: Counter, acts: tuple[str, ...], state: State, words: str
) -> None:
    dossier = desk.handed_off()
    desk.act(dossier, *acts)
    desk.send()
    ended = desk.now(dossier)
    assert ended.state is state and ended.closed_at is not None
    assert desk.kinds(dossier)[-1] == words
    with desk.site.store.reading():
        assert outbox.ls(states=[s for s in JobState if s not in (JobState.ACKED, JobState.CANCELLED)]) == []
    with pytest.raises(RuleViolation, match="chưa có kết quả"):
        register_item(desk.site, dossier.uid, by=CLERK)
    assert ("Tỉnh đã tiếp nhận" in words_of(receipt_pdf(desk.site, dossier.uid))) is (state is State.STOPPED)


def test_the_receipt_says_received_here_until_the_province_accepted(desk: Counter) -> None:
    dossier = desk.submitted()
    before = words_of(receipt_pdf(desk.site, dossier.uid))
    desk.send()
    official = desk.now(dossier).official
    after = words_of(receipt_pdf(desk.site, dossier.uid))
    assert official and f"Tỉnh đã tiếp nhận, số {official}" in after
    assert official not in before and dossier.provisional in before
    assert "Tỉnh đã tiếp nhận" not in before and "dự kiến" in before
    assert "Nguyễn Thị Hường" in before and "TẬP HUẤN" in before.upper()
    assert "Tờ khai cấp bản sao trích lục hộ tịch" in words_of(handed_in_pdf(desk.site, dossier.uid))
