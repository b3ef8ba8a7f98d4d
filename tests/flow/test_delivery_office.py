"""The delivery office: lists by route and scan, the day's end, decisions, invitations, return, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from agent.domain.calendar_vn import DayKind, DayState
from agent.domain.custody_steps import CustodyStep, ItemState
from agent.domain.delivery import rules_on
from agent.domain.dossier import ReturnWay
from agent.domain.s10 import number_in_range
from agent.errors import Duplicate, Forbidden, InvalidIdentifier, NotFound, RuleViolation
from agent.reconcile import recheck
from agent.store.calendar import Body, Step, add_step, frozen_calendar, working_calendar
from agent.store.delivery import DeliveryList, Invitation, ListLine, RepeatFreight
from agent.store.delivery_lists import entries_of, missing_entries, progress
from agent.store.delivery_view import counter_rows, counts, rows_of
from agent.store.dossiers import Fee
from agent.store.items import Result
from agent.store.journal import JournalEntry
from agent.tracking.back import lists
from agent.tracking.back.day_end import close_list, come_back
from agent.tracking.back.decide import (
    REPEAT_CODE,
    addressee_only,
    approve_return,
    forward_to_address,
    forward_to_office,
    hold,
    redeliver,
)
from agent.tracking.back.invite import invite
from agent.tracking.back.no_attempt import say_no_attempt, trail_of
from agent.tracking.back.own import standing_attempts
from agent.tracking.back.proxy import (
    AuthorisationInput,
    authorisations_of,
    authorise,
    excuse,
    papers_of,
    receive_paper,
    require_may_receive,
    want_back,
    withdraw,
)
from agent.tracking.back.returning import agencies, lines_of, papers_with_couriers, prepare, sign
from agent.tracking.back.routes import RouteInput, save_route
from tests import postgres
from tests.builders import OFFICE
from tests.e2e import rounds
from tests.flow.delivery_desk import CHIEF, CLERK, COURIER, DESK, ELSEWHERE, LEFT, MINE, Office, office

WHO = COURIER.username


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One delivery office for this module on each database; each test brings its own items."""
    folder = tmp_path_factory.mktemp("office")
    if request.param == "sqlite":
        made = office(folder)
        yield made
        made.site.store.close()
        return
    with postgres.migrated(request.getfixturevalue("postgres_server")) as url:
        made = office(folder, url)
        yield made
        made.bind().site.store.close()


@pytest.fixture(autouse=True)
def morning(at: Office) -> None:
    from tests.flow.delivery_desk import MONDAY

    at.bind()
    with at.site.store.writing():
        ListLine.update(outcome="withdrawn").where(ListLine.outcome == "").execute()
        DeliveryList.update(state="closed").where(DeliveryList.state == "open").execute()
    at.clock.at = max(at.clock.at, MONDAY)


def listed(at: Office, numbers: list[str]) -> DeliveryList:
    on = lists.open_list(at.site, WHO, by=CLERK)
    for number in numbers:
        lists.put_on(at.site, on.uid, number, by=CLERK)
    return on


def outcomes(at: Office, on: DeliveryList) -> dict[str, str]:
    with at.site.store.reading():
        on = DeliveryList.get_by_id(on.id)
        return {entry.item.number: entry.outcome for entry in entries_of(on)}


def today(at: Office) -> date:
    from agent.clock import local

    return local(at.clock.now()).date()


def failed_and_back(at: Office, number: str, **how: object) -> None:
    at.sent_out(number)
    at.fail(number, **how)  # type: ignore[arg-type]
    at.given_back(number)
    come_back(at.site, number, by=CLERK)


def test_a_list_is_proposed_by_routes_made_by_scanning_and_answered_for_only_once_accepted(at: Office) -> None:
    first, second, third, _ = numbers = at.arrived(4)  # the third lives in Ba Đình, on no route
    route = save_route(at.site, RouteInput("T7", "Ven hồ", WHO, "Tây Hồ"), by=CLERK)
    with pytest.raises(Duplicate):
        save_route(at.site, RouteInput("t7", "Khác", "", ""), by=CLERK)
    said = lists.propose(at.site, by=CLERK)
    assert said.items >= 3 and said.left >= 1
    on = lists.open_list(at.site, WHO, by=CLERK)
    assert on.route_id == route.id and outcomes(at, on)[first] == "proposed" and third not in outcomes(at, on)
    with pytest.raises(RuleViolation, match="chưa quét"):
        lists.offer(at.site, on.uid, by=CLERK)
    assert at.item(first).offered_to == "", "nothing is offered while one was not scanned"
    lists.put_on(at.site, on.uid, first, by=CLERK)
    lists.put_on(at.site, on.uid, third, by=CLERK)
    with pytest.raises(RuleViolation, match="đã quét"):
        lists.put_on(at.site, on.uid, first, by=CLERK)
    lists.drop_unscanned(at.site, on.uid, by=CLERK)
    lists.offer(at.site, on.uid, by=CLERK)
    assert outcomes(at, on) == {first: "offered", third: "offered"}
    assert at.item(first).holder == DESK, "an offer moves nothing"
    assert second in {row.item.number for row in queue(at, "arrived")}
    at.out([first])
    assert lists.withdraw(at.site, on.uid, by=CLERK) == 1
    assert outcomes(at, on) == {first: "out", third: "withdrawn"}
    with pytest.raises(NotFound):
        lists.offer(at.site, on.uid, by=ELSEWHERE)
    save_route(at.site, RouteInput("T7", "Ven hồ", "", "Tây Hồ", active=False), by=CLERK, uid=route.uid)
    assert len(numbers) == 4


def queue(at: Office, name: str) -> list[object]:
    with at.site.store.reading():
        return list(rows_of(name, OFFICE, today(at), limit=500))


def test_an_item_is_on_one_list_at_most_and_only_when_the_office_holds_it(at: Office) -> None:
    number, held_by_courier = at.arrived(2)
    at.sent_out(held_by_courier)
    on = listed(at, [number])
    with at.site.store.writing():
        other = DeliveryList.create(
            uid=at.site.ids.uid(), office_id=OFFICE, terminal_id="T1", number="DS-other", day=today(at), courier="x",
            made_by="lananh", made_at=at.clock.now(),
        )  # fmt: skip
    with pytest.raises(RuleViolation, match=on.number):
        lists.put_on(at.site, other.uid, number, by=CLERK)
    with pytest.raises(RuleViolation, match="giữ"):
        lists.put_on(at.site, on.uid, held_by_courier, by=CLERK)
    with pytest.raises(NotFound):
        lists.put_on(at.site, on.uid, number_in_range("RD", 99_999_999).text, by=CLERK)
    with pytest.raises(InvalidIdentifier):
        lists.put_on(at.site, on.uid, "RD100999998VN", by=CLERK)


def test_the_days_end_names_each_item_without_an_outcome_and_keeps_it_until_it_has_one(at: Office) -> None:
    delivered, failed, lost_scan, silent = numbers = at.arrived(4)
    on = listed(at, numbers)
    lists.offer(at.site, on.uid, by=CLERK)
    at.out([delivered, failed, lost_scan])
    at.deliver(delivered)
    at.fail(failed)
    assert outcomes(at, on) == {delivered: "delivered", failed: "failed", lost_scan: "out", silent: "offered"}
    assert come_back(at.site, failed, by=CLERK).taken is False, "custody does not move before the courier gives it"
    at.given_back(failed)
    assert come_back(at.site, failed, by=CLERK).taken is True
    assert at.item(failed).holder == DESK and at.item(failed).state == ItemState.AT_OFFICE
    with pytest.raises(RuleViolation, match=r"Còn 2 .*chưa giải thích"):
        close_list(at.site, on.uid, {}, by=CLERK)
    with pytest.raises(RuleViolation, match="Còn 1"):
        close_list(at.site, on.uid, {lost_scan: "phone_owes", silent: "because"}, by=CLERK)
    waiting = close_list(at.site, on.uid, {lost_scan: "phone_owes", silent: "with_courier"}, by=CLERK)
    assert {entry.item.number for entry in waiting} == {lost_scan, silent}
    with at.site.store.reading():
        assert {one.item.number for one in missing_entries(OFFICE, today(at), limit=99)} >= {lost_scan, silent}
    at.deliver(lost_scan)  # the phone came back on line
    with at.site.store.reading():
        left = {one.item.number for one in missing_entries(OFFICE, today(at), limit=99)}
        mine = next(one for one in progress(OFFICE, today(at)) if one.on.id == on.id)
    assert lost_scan not in left and silent in left
    assert (mine.lines, mine.delivered, mine.back, mine.awaited) == (4, 2, 1, 1)
    with pytest.raises(RuleViolation, match="đã khép"):
        close_list(at.site, on.uid, {}, by=CLERK)


def test_a_delivery_that_was_taken_back_stands_on_its_list_as_missing_again(at: Office) -> None:
    from agent.store.items import CustodyEvent
    from agent.tracking.journal import corrections

    (number,) = at.arrived()
    on = listed(at, [number])
    lists.offer(at.site, on.uid, by=CLERK)
    at.out([number])
    at.deliver(number)
    assert outcomes(at, on) == {number: "delivered"} and close_list(at.site, on.uid, {}, by=CLERK) == []
    with at.site.store.reading():
        wrong = CustodyEvent.get((CustodyEvent.item == at.item(number)) & (CustodyEvent.step == "deliver")).uid
    corrections.ask(at.site, number, wrong, "Giao nhầm nhà bên cạnh", by=CLERK)
    corrections.answer(at.site, number, at.item(number).last_event, agree=True, by=CHIEF)
    assert outcomes(at, on) == {number: "out"}
    with at.site.store.reading():
        assert number in {entry.item.number for entry in missing_entries(OFFICE, today(at), limit=500)}
    at.given_back(number)
    assert come_back(at.site, number, by=CLERK).taken and outcomes(at, on) == {number: "back"}


def test_minutes_of_a_return_are_signed_without_the_item_that_was_lost_in_between(at: Office) -> None:
    from agent.tracking.custody import move

    numbers = at.arrived(2)
    for number in numbers:
        failed_and_back(at, number, reason="refused", action="return", evidence=(*LEFT, "statement", "photo"))
        approve_return(at.site, number, by=CHIEF)
    with at.site.store.reading():
        (agency,) = agencies(OFFICE)
    minutes = prepare(at.site, agency, by=CLERK)
    move(at.site, numbers[0], CustodyStep.LOSE, by=CLERK)
    with pytest.raises(RuleViolation, match=f"{numbers[0]}.*in lại"):
        sign(at.site, minutes.uid, "Lê Thu Hà", by=CLERK)
    assert [at.item(number).state for number in numbers] == ["lost", "return_approved"]
    sign(at.site, minutes.uid, "Lê Thu Hà", by=CLERK)
    with at.site.store.reading():
        assert [line.item.number for line in lines_of(minutes)] == [numbers[1]]
    assert at.item(numbers[1]).state == ItemState.RETURNED


def test_a_failed_item_must_be_decided_and_the_party_at_fault_pays_the_repeat_once(at: Office) -> None:
    (number,) = at.arrived(collect=26_000)
    before = at.item(number).collect
    failed_and_back(at, number)
    on = lists.open_list(at.site, WHO, by=CLERK)
    with pytest.raises(RuleViolation, match="chưa quyết định"):
        lists.put_on(at.site, on.uid, number, by=CLERK)
    assert number in {row.item.number for row in queue(at, "undecided")}  # type: ignore[attr-defined]
    saturday = date(2026, 11, 21)
    with pytest.raises(RuleViolation, match="thứ Bảy"):
        redeliver(at.site, number, saturday, by=CLERK)
    with pytest.raises(RuleViolation):
        redeliver(at.site, number, date(2026, 11, 13), by=CLERK)
    redeliver(at.site, number, date(2026, 11, 18), by=CLERK, agreed="gọi 0912 345 678, hẹn sáng thứ Tư")
    redeliver(at.site, number, date(2026, 11, 19), by=CLERK, agreed="đổi sang thứ Năm")
    with at.site.store.reading():
        paid = list(RepeatFreight.select().where(RepeatFreight.item == at.item(number)))
        again = (Fee.dossier == at.item(number).dossier_id) & (Fee.code == REPEAT_CODE)
        fees = [fee.amount for fee in Fee.select().where(again)]
    assert [(one.fault, one.amount) for one in paid] == [("addressee", 26_000)]
    assert at.item(number).collect == before + 26_000 and fees == [26_000]
    with pytest.raises(RuleViolation, match="hẹn phát ngày 19/11/2026"):
        lists.put_on(at.site, on.uid, number, by=CLERK)
    at.later(days=3)
    assert number in {row.item.number for row in queue(at, "redeliver")}  # type: ignore[attr-defined]
    lists.put_on(at.site, lists.open_list(at.site, WHO, by=CLERK).uid, number, by=CLERK)


def test_each_repeat_is_a_fee_with_a_code_of_its_own_at_the_price_of_one(at: Office) -> None:
    (number,) = at.arrived(collect=26_000)
    for _ in range(2):
        failed_and_back(at, number)
        hold(at.site, number, by=CLERK)
        forward_to_address(at.site, number, "số 9 ngõ 2, phường Tây Hồ", by=CLERK)
    with at.site.store.reading():
        mine = Fee.select().where((Fee.dossier == at.item(number).dossier_id) & Fee.code.startswith(REPEAT_CODE))
        fees = [(fee.code, fee.amount) for fee in mine.order_by(Fee.id)]
    assert fees == [(REPEAT_CODE, 26_000), (f"{REPEAT_CODE}.2", 26_000)]


def test_what_the_sender_or_the_courier_did_wrong_is_not_collected_from_the_receiver(at: Office) -> None:
    (number,) = at.arrived(collect=26_000)
    before = at.item(number).collect
    failed_and_back(at, number, reason="wrong_address", evidence=("position", "photo"))
    forward_to_address(at.site, number, "7 Xuân Diệu, Tây Hồ, Hà Nội", by=CLERK)
    with at.site.store.reading():
        paid = RepeatFreight.get(RepeatFreight.item == at.item(number))
        (row,) = [one for one in rows_of("arrived", OFFICE, today(at), limit=500) if one.item.number == number]
    assert (paid.fault, paid.amount, paid.collected) == ("sender", 26_000, False)
    assert at.item(number).collect == before
    assert row.stop.address == "7 Xuân Diệu, Tây Hồ, Hà Nội"


def test_two_invitations_two_working_days_apart_then_back_and_not_before(at: Office) -> None:
    (number,) = at.arrived()
    with pytest.raises(RuleViolation, match="chưa phát lần nào"):
        invite(at.site, number, by=CLERK)
    failed_and_back(at, number, evidence=("position",))  # no invitation was left: it does not count
    first = invite(at.site, number, by=CLERK)
    assert first.number == 1 and first.notice in ("queued", "not_sent")
    with pytest.raises(RuleViolation, match="Lần mời sau"):
        invite(at.site, number, by=CLERK)
    with pytest.raises(RuleViolation, match="mới có 0 lần"):
        approve_return(at.site, number, by=CHIEF)
    redeliver(at.site, number, next_working(at), by=CLERK)
    at.later(days=7)
    failed_and_back(at, number)
    with pytest.raises(RuleViolation, match="mới có 1 lần"):
        approve_return(at.site, number, by=CHIEF)
    redeliver(at.site, number, next_working(at), by=CLERK)
    at.later(days=7)
    failed_and_back(at, number)
    with pytest.raises(Forbidden):
        approve_return(at.site, number, by=CLERK)
    approve_return(at.site, number, by=CHIEF)
    assert at.item(number).state == ItemState.RETURN_APPROVED
    with at.site.store.reading():
        agency = next(one for one in agencies(OFFICE))
    minutes = prepare(at.site, agency, by=CLERK)
    with pytest.raises(RuleViolation, match="họ tên"):
        sign(at.site, minutes.uid, " ", by=CLERK)
    sign(at.site, minutes.uid, "Lê Thu Hà", by=CLERK)
    item = at.item(number)
    assert item.state == ItemState.RETURNED and item.holder == f"authority:{agency}"
    with pytest.raises(RuleViolation, match="Không có"):
        prepare(at.site, agency, by=CLERK)


def next_working(at: Office) -> date:
    return working_calendar().next_working(today(at))


def test_an_attempt_that_was_never_made_is_charged_to_the_courier_and_no_longer_counts(at: Office) -> None:
    (number,) = at.arrived()
    at.sent_out(number)
    event = at.fail(number)
    day = today(at)
    with at.site.store.reading():
        trail = trail_of(at.item(number), day, WHO)
        assert trail.left_office and trail.scanned and not trail.on_list
        assert len(standing_attempts(at.item(number))) == 1
    with pytest.raises(Forbidden):
        say_no_attempt(at.site, number, courier=WHO, day=day, evidence=["receiver_says"], by=CLERK, event=event)
    with pytest.raises(RuleViolation, match="bằng chứng"):
        say_no_attempt(at.site, number, courier=WHO, day=day, evidence=["rumour"], by=CHIEF, event=event)
    with pytest.raises(RuleViolation, match="không giữ"):
        say_no_attempt(at.site, number, courier="khac", day=day, evidence=["receiver_says"], by=CHIEF)
    say_no_attempt(at.site, number, courier=WHO, day=day, evidence=["receiver_says"], by=CHIEF, event=event)
    with pytest.raises(Duplicate):
        say_no_attempt(at.site, number, courier=WHO, day=day, evidence=["receiver_says"], by=CHIEF)
    item = at.item(number)
    assert (item.attempts, item.counted) == (1, 0), "it stands as a fact and counts no more, on his phone too"
    with at.site.store.reading():
        assert standing_attempts(item) == () and recheck.item_states() == []


def test_held_items_expire_and_are_fetched_by_the_addressee_alone_where_that_is_asked(at: Office) -> None:
    (number,) = at.arrived()
    hold(at.site, number, by=CLERK, collect=True)
    addressee_only(at.site, number, True, by=CLERK)
    with at.site.store.reading():
        (row,) = [one for one in rows_of("held", OFFICE, today(at), limit=500) if one.item.number == number]
    assert row.plan is not None and row.plan.held_until > today(at)
    with pytest.raises(RuleViolation, match="tận tay"):
        authorise(at.site, number, AuthorisationInput("notarised", "Lê Văn Nam", today(at), "12/CC"), by=CLERK)
    with pytest.raises(RuleViolation, match="tận tay"):
        deliver_at_office(at, number, relation="con", receiver="Nguyễn Văn Con")
    assert at.item(number).state == ItemState.HELD
    deliver_at_office(at, number, relation="")
    assert at.item(number).state == ItemState.DELIVERED


def deliver_at_office(at: Office, number: str, **proof: object) -> None:
    from dataclasses import replace

    from agent.tracking.deliver import deliver
    from tests.flow.delivery_desk import PROOF

    deliver(at.site, number, replace(PROOF, **proof), by=CLERK)  # type: ignore[arg-type]


def test_a_proxy_needs_a_paper_that_is_valid_and_a_picture_of_one_written_by_hand(at: Office) -> None:
    (number,) = at.arrived()
    at.sent_out(number)
    with pytest.raises(RuleViolation, match="phải có giấy"):
        at.deliver(number, relation="người được ủy quyền", receiver="Lê Văn Nam")
    bad = {
        "ảnh chụp": AuthorisationInput("handwritten", "Lê Văn Nam", today(at)),
        "hết hạn": AuthorisationInput("certified", "Lê Văn Nam", today(at), "9", valid_until=date(2026, 1, 1)),
        "phải có số": AuthorisationInput("notarised", "Lê Văn Nam", today(at)),
        "sau hôm nay": AuthorisationInput("electronic", "Lê Văn Nam", date(2030, 1, 1)),
    }
    for words, given in bad.items():
        with pytest.raises(RuleViolation, match=words):
            authorise(at.site, number, given, by=CLERK)
    authorise(at.site, number, AuthorisationInput("handwritten", "Lê Văn Nam", today(at), photo=b"\xff\xd8"), by=CLERK)
    at.deliver(number, relation="người được ủy quyền", receiver="Lê Văn Nam")
    assert at.item(number).state == ItemState.DELIVERED


def test_a_proxy_s_paper_has_to_be_valid_at_the_door_not_when_the_phone_comes_back(at: Office) -> None:
    from dataclasses import replace

    from agent.tracking.deliver import FactContext, deliver
    from tests.flow.delivery_desk import PROOF

    (number,) = at.arrived()
    paper = AuthorisationInput("certified", "Lê Văn Nam", today(at), "17", valid_until=today(at))
    authorise(at.site, number, paper, by=CLERK)
    at.sent_out(number)
    given = FactContext(at.site.ids.uid(), at.clock.now(), capture="reader")
    at.later(days=2)
    late = replace(given, uid=at.site.ids.uid(), occurred_at=at.clock.now())
    proof = replace(PROOF, relation="người được ủy quyền", receiver="Lê Văn Nam")
    with pytest.raises(RuleViolation, match="phải có giấy"):
        deliver(at.site, number, proof, by=COURIER, context=late)
    deliver(at.site, number, proof, by=COURIER, context=given)
    assert at.item(number).state == ItemState.DELIVERED


def test_a_list_that_collects_more_than_the_courier_may_carry_is_not_offered(at: Office) -> None:
    numbers = at.arrived(2, collect=3_000_000)  # the office allows 5.000.000 đ
    on = listed(at, numbers)
    with pytest.raises(RuleViolation, match="quá hạn mức"):
        lists.offer(at.site, on.uid, by=CLERK)
    assert at.item(numbers[0]).offered_to == ""
    lists.take_off(at.site, on.uid, numbers[1], by=CLERK)
    lists.offer(at.site, on.uid, by=CLERK)
    assert at.item(numbers[0]).offered_to == MINE


def test_papers_that_the_authority_wants_back_are_ticked_brought_in_and_given_with_the_minutes(at: Office) -> None:
    (number,) = at.arrived()
    paper = want_back(at.site, number, "Giấy chứng nhận cũ", by=CLERK)
    at.sent_out(number)
    with pytest.raises(RuleViolation, match="Giấy chứng nhận cũ"):
        at.deliver(number, taken_back=())
    assert at.item(number).state == ItemState.OUT_FOR_DELIVERY, "the delivery was refused whole"
    at.deliver(number, taken_back=(str(paper.uid),))
    with at.site.store.reading():
        assert [one.holder for one in papers_of(at.item(number))] == [MINE]
        assert paper.id in {one.id for one in papers_with_couriers(OFFICE)}
        agency = at.item(number).dossier.agency
    with pytest.raises(RuleViolation, match="Không có"):
        prepare(at.site, agency, by=CLERK)  # it is still the courier's
    receive_paper(at.site, paper.uid, by=CLERK)
    minutes = prepare(at.site, agency, by=CLERK)
    with at.site.store.reading():
        assert [line.paper_id for line in lines_of(minutes)] == [paper.id]
    sign(at.site, minutes.uid, "Lê Thu Hà", by=CLERK)
    with at.site.store.reading():
        (kept,) = papers_of(at.item(number))
    assert (kept.state, kept.holder) == ("given", f"authority:{agency}")


def test_an_item_is_not_forwarded_to_an_office_where_nobody_could_ever_scan_it_in(at: Office) -> None:
    """An office in another database, or a slip of the keyboard: the item would be offered for ever."""
    (number,) = at.arrived()
    failed_and_back(at, number)
    before = at.item(number)
    for code in ("BC-BAVI", "BC-SONTAI", "TTHCC"):
        with pytest.raises(RuleViolation, match=r"không dùng chung sổ.*BC-SONTAY"):
            forward_to_office(at.site, number, code, by=CLERK)
    after = at.item(number)
    assert (after.state, after.offered_to, after.holder) == (before.state, "", before.holder)


def test_an_item_forwarded_to_another_office_is_theirs_once_they_scan_it(at: Office) -> None:
    (number,) = at.arrived()
    hold(at.site, number, by=CLERK)
    forward_to_office(at.site, number, "BC-SONTAY", by=CLERK)
    assert at.item(number).holder == DESK
    assert come_back(at.site, number, by=ELSEWHERE).taken
    item = at.item(number)
    assert (item.office_id, item.holder, item.state) == ("BC-SONTAY", "office:BC-SONTAY", "at_office")
    with pytest.raises(Forbidden):
        hold(at.site, number, by=CLERK)


def test_a_paper_that_is_still_wanted_is_asked_for_by_the_office_that_delivers(at: Office) -> None:
    (number,) = at.arrived()
    paper = want_back(at.site, number, "Giấy phép cũ", by=CLERK)
    forward_to_office(at.site, number, "BC-SONTAY", by=CLERK)
    come_back(at.site, number, by=ELSEWHERE)
    with pytest.raises(NotFound):
        excuse(at.site, paper.uid, "lost", by=CLERK)
    assert excuse(at.site, paper.uid, "lost", by=ELSEWHERE).office_id == "BC-SONTAY"


def test_the_counts_of_the_home_are_the_rows_behind_them(at: Office) -> None:
    at.arrived(2)
    with at.site.store.reading():
        said = counts(OFFICE, today(at))
        for name in ("arrived", "undecided", "redeliver", "held", "coming", "to_return"):
            assert said[name] == len(rows_of(name, OFFICE, today(at), limit=999)), name
    assert said["arrived"] >= 2


def test_nobody_receives_by_a_withdrawn_authorisation_but_what_was_handed_over_before_stands(at: Office) -> None:
    """A phone may report later what was done before: it is judged by when it happened."""
    (number,) = at.arrived()
    given = AuthorisationInput("notarised", "Trần Văn Nam", today(at), number="123/2026")
    paper = authorise(at.site, number, given, by=CLERK)
    before = at.clock.now()
    at.later(minutes=5)
    with pytest.raises(RuleViolation, match="lý do"):
        withdraw(at.site, paper.uid, "", by=CLERK)
    for reason in ("owner", ""):  # whoever may not is turned away, whatever the form says
        with pytest.raises(Forbidden):
            withdraw(at.site, paper.uid, reason, by=ELSEWHERE)
    with pytest.raises(NotFound):
        withdraw(at.site, at.site.ids.uid(), "", by=CLERK)
    first = withdraw(at.site, paper.uid, "owner", by=CLERK).withdrawn_at
    at.later(minutes=5)
    assert withdraw(at.site, paper.uid, "mistake", by=CLERK).withdrawn_at == first
    item = at.item(number)
    who = {"receiver": "Trần Văn Nam", "relation": "người được ủy quyền", "authorisation": ""}
    with at.site.store.reading():
        assert authorisations_of(item) == []
        require_may_receive(item, **who, at=before)
        with pytest.raises(RuleViolation, match="phải có giấy"):
            require_may_receive(item, **who, at=at.clock.now())
        withdrawn = JournalEntry.select().where(JournalEntry.kind == "authorisation_withdrawn")
        assert [entry.body["reason"] for entry in withdrawn if entry.body["item"] == number] == ["owner"]


def test_results_that_no_courier_brings_are_rows_with_their_owner(at: Office) -> None:
    dossier = rounds.with_result(at)
    with at.site.store.writing():
        Result.update(way=ReturnWay.COUNTER).where(Result.dossier == dossier).execute()
    with at.site.store.reading():
        rows = [row for row in counter_rows(OFFICE, limit=99) if row.result.dossier.id == dossier.id]
        assert len(counter_rows(OFFICE, limit=99)) == counts(OFFICE, today(at))["counter"]
    assert [(bool(row.owner), row.phone[:3]) for row in rows] == [(True, "+84")]


def test_the_offices_own_days_off_move_the_days_of_an_invitation_and_of_the_return(at: Office) -> None:
    """A day on which the office is closed neither counts as a day to come for the item nor towards the next paper."""
    (number,) = at.arrived()
    failed_and_back(at, number)
    at.later(days=4)
    first = next_working(at)
    second = frozen_calendar().next_working(first)
    before = _invitation_days(at)
    entry = at.site.ids.uid()
    with at.site.store.writing():
        add_step(
            entry, Step.IN_FORCE, office_id=OFFICE, on=first, kind=DayKind.OFF, state=DayState.PROVISIONAL,
            body=Body.OFFICE, why="Bưu cục sửa nhà", by=CHIEF.username, at=at.clock.now(),
        )  # fmt: skip
    try:
        made = invite(at.site, number, by=CLERK)
        assert (made.collect_from, made.collect_until) == _invitation_days(at)
        assert (before[0], made.collect_from) == (first, second) and made.collect_until > before[1]
        at.later(days=(second - today(at)).days)
        with pytest.raises(RuleViolation, match="Lần mời sau"):
            invite(at.site, number, by=CLERK)
    finally:
        with at.site.store.writing():
            add_step(
                entry, Step.WITHDRAWN, office_id=OFFICE, on=first, kind=DayKind.OFF, state=DayState.PROVISIONAL,
                body=Body.OFFICE, why="", by=CHIEF.username, at=at.clock.now(),
            )  # fmt: skip
    at.later(days=3)
    invite(at.site, number, by=CLERK)


def _invitation_days(at: Office) -> tuple[date, date]:
    with at.site.store.reading():
        calendar, day = working_calendar(OFFICE, body=Body.OFFICE), today(at)
        last = day
        for _ in range(rules_on(day).collect_days):
            last = calendar.next_working(last)
        return calendar.next_working(day), last


def test_an_invitation_row_is_kept_with_its_days(at: Office) -> None:
    (number,) = at.arrived()
    failed_and_back(at, number)
    at.later(days=4)
    made = invite(at.site, number, by=CLERK)
    with at.site.store.reading():
        kept = Invitation.get_by_id(made.id)
    assert today(at) < kept.collect_from <= kept.collect_until
