"""What a courier agreed, left and took at the door reaches the office's rows with the event, or is refused alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from agent.clock import local
from agent.domain.custody_order import Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import Role
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import journal, rows
from agent.store.calendar import Body, working_calendar
from agent.store.custody_chain import chain_of
from agent.store.custody_events import CustodyConflict, DeviceEvent
from agent.store.delivery import Invitation, ItemPlan, RepeatFreight, TakeBack, TakeBackMove
from agent.store.dossiers import Contact, Party, Subject
from agent.store.items import Item, Proof
from agent.store.rounds import stop_of
from agent.tracking.back.decide import addressee_only, redeliver
from agent.tracking.back.invite import invite, invited
from agent.tracking.back.no_attempt import say_no_attempt
from agent.tracking.back.own import plan_of
from agent.tracking.back.proxy import excuse, want_back
from agent.tracking.journal import corrections, leaving
from agent.tracking.journal.conflicts import decide
from agent.tracking.journal.held import of_row
from tests.flow.custody_world import OFFICE, PLACE, PROOF, PhoneAtHand, make_site
from tests.store.test_custody_journal import CHIEF, CLERK, item_of, out_with, said

S = CustodyStep
FAILED: dict[str, Any] = {
    "reason": "absent", "action": "redeliver", "evidence": ["invitation"], "position": PLACE, "app": "1.1.0",
}  # fmt: skip


@pytest.fixture
def site(place: dict[str, Any]) -> Iterator[Site]:
    made = make_site(place.pop("data"), **place)
    yield made
    assert journal.verify() == []
    made.store.close()


def agreed(on: date | str, hours: str = "14–16h") -> dict[str, Any]:
    return {**FAILED, "redelivery": {"on": str(on), "hours": hours}}


def working_day(site: Site, count: int) -> date:
    day, calendar = local(site.clock.now()).date(), working_calendar(OFFICE, body=Body.OFFICE)
    for _ in range(count):
        day = calendar.next_working(day)
    return day


def plan(number: str) -> ItemPlan:
    found = plan_of(item_of(number))
    assert found is not None
    return found


def test_the_day_agreed_at_the_door_is_the_offices_to_decide_and_a_wrong_one_is_refused_alone(site: Site) -> None:
    phone, numbers = out_with(site, 5)
    now, day = site.clock.now(), working_day(site, 2)
    wrong = (now.date() - timedelta(days=1), date(2026, 11, 22), working_day(site, 11))  # over, a Sunday, beyond
    sent = [phone.mint(S.ATTEMPT_FAILED, numbers[n], now, **agreed(on)) for n, on in enumerate(wrong)]
    sent += [phone.mint(S.ATTEMPT_FAILED, numbers[3], now, **agreed(day))]
    sent += [phone.mint(S.ATTEMPT_FAILED, numbers[4], now, **agreed(working_day(site, 10), ""))]
    told = phone.send(site, *sent)
    assert said(told) == [("refused", "redelivery-day")] * 3 + [("taken", "")] * 2
    assert "đã qua" in told[0].message and "Chọn ngày làm việc từ" in told[1].message
    assert "10 ngày làm việc" in told[2].message
    assert [item_of(number).attempts for number in numbers] == [0, 0, 0, 1, 1]
    kept = plan(numbers[3])
    assert (kept.action, kept.redeliver_on, kept.agreed) == ("redeliver", day, "14–16h")
    assert kept.decided == 0 and str(kept.promised_in) == sent[3]["id"], "the office decides on it"
    assert said(phone.send(site, *sent)) == [("refused", "redelivery-day")] * 3 + [("known", "")] * 2


def test_a_day_counts_from_the_door_however_late_the_phone_sends_it(site: Site) -> None:
    phone, (number,) = out_with(site)
    day = working_day(site, 1)
    body = phone.mint(S.ATTEMPT_FAILED, number, site.clock.now(), **agreed(day))
    site.clock.forward(days=5)  # type: ignore[attr-defined]
    assert said(phone.send(site, body)) == [("taken", "")]
    assert plan(number).redeliver_on == day < local(site.clock.now()).date(), "the promise was broken, and shows"


def test_what_the_office_decided_stands_against_a_report_that_comes_late(site: Site) -> None:
    phone, (number,) = out_with(site)
    first = phone.mint(S.ATTEMPT_FAILED, number, site.clock.now(), **agreed(working_day(site, 1)))
    again = phone.mint(S.OUT_FOR_DELIVERY, number, site.clock.now() + timedelta(minutes=5))
    second = phone.mint(S.ATTEMPT_FAILED, number, site.clock.now() + timedelta(hours=1), **agreed(working_day(site, 3)))
    site.clock.forward(hours=2)  # type: ignore[attr-defined]
    phone.send(site, first, again, second)
    assert plan(number).redeliver_on == working_day(site, 3), "the last word of the day"
    with site.store.writing():  # as when a person decides that the first one happened, before
        earlier = of_row(DeviceEvent.get(DeviceEvent.uid == first["id"]))
        leaving.keep(site, earlier, chain_of(item_of(number), working_calendar()), by=CLERK)
    assert plan(number).redeliver_on == working_day(site, 3), "an earlier attempt says nothing of what comes next"
    redeliver(site, number, working_day(site, 4), by=CLERK, agreed="gọi điện")
    kept = plan(number)
    assert (kept.decided, kept.promised_in, kept.agreed) == (2, None, "gọi điện")


def test_an_attempt_that_was_not_made_takes_its_word_back(site: Site) -> None:
    phone, numbers = out_with(site, 2)
    now = site.clock.now()
    sent = [phone.mint(S.ATTEMPT_FAILED, number, now, **agreed(working_day(site, 1))) for number in numbers]
    phone.send(site, *sent)
    wrong = item_of(numbers[0]).last_event
    corrections.ask(site, numbers[0], wrong, "Bưu tá ghi nhầm nhà", by=CLERK)
    corrections.answer(site, numbers[0], item_of(numbers[0]).last_event, agree=True, by=CHIEF)
    event = item_of(numbers[1]).last_event
    say_no_attempt(
        site, numbers[1], courier="tuyen7", day=local(now).date(), evidence=["confessed"], by=CHIEF, event=event
    )
    for number in numbers:
        kept = plan(number)
        assert (kept.action, kept.redeliver_on, kept.agreed, kept.promised_in) == ("", None, "", None)


def test_an_invitation_of_an_attempt_that_was_taken_back_invited_nobody(site: Site) -> None:
    phone, numbers = out_with(site, 2)
    now = site.clock.now()
    phone.send(site, *(phone.mint(S.ATTEMPT_FAILED, number, now, **FAILED) for number in numbers))
    with site.store.reading():
        assert [invited(item_of(number)) for number in numbers] == [[local(now).date()]] * 2
    corrections.ask(site, numbers[0], item_of(numbers[0]).last_event, "Bưu tá ghi nhầm nhà", by=CLERK)
    corrections.answer(site, numbers[0], item_of(numbers[0]).last_event, agree=True, by=CHIEF)
    event = item_of(numbers[1]).last_event
    say_no_attempt(
        site, numbers[1], courier="tuyen7", day=local(now).date(), evidence=["confessed"], by=CHIEF, event=event
    )
    with site.store.reading():
        assert [invited(item_of(number)) for number in numbers] == [[], []]
    for number in numbers:
        redeliver(site, number, working_day(site, 1), by=CLERK)
    assert RepeatFreight.select().count() == 0, "nobody pays another delivery for it either"


def failed_once(site: Site, phone: PhoneAtHand, number: str) -> None:
    """A first attempt without a paper; the item is back and the office writes an invitation."""
    phone.send(site, phone.mint(S.ATTEMPT_FAILED, number, site.clock.now(), **{**FAILED, "evidence": []}))
    invite(site, number, by=CLERK)
    site.clock.forward(days=7)  # type: ignore[attr-defined]
    phone.send(site, phone.mint(S.OUT_FOR_DELIVERY, number, site.clock.now()))


def test_the_invitation_left_at_the_door_is_the_offices_own_and_counts_once(site: Site) -> None:
    phone, numbers = out_with(site, 2)
    for number in numbers:
        failed_once(site, phone, number)
    left, strange = numbers
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    now = site.clock.now()
    sent = [
        phone.mint(S.ATTEMPT_FAILED, left, now, **FAILED, invitation=1),
        phone.mint(S.ATTEMPT_FAILED, strange, now, **FAILED, invitation=7),
    ]
    told = phone.send(site, *sent)
    assert said(told) == [("taken", ""), ("refused", "unknown-invitation")]
    assert "chỉ có số 1" in told[1].message
    paper = Invitation.get(Invitation.item == item_of(left))
    assert (str(paper.left_in), paper.left_at) == (sent[0]["id"], now)
    with site.store.reading():
        assert invited(item_of(left)) == [local(now).date()], "one paper is one invitation, on the day it was left"
    again = phone.mint(S.OUT_FOR_DELIVERY, left, now + timedelta(minutes=5))
    twice = phone.mint(S.ATTEMPT_FAILED, left, now + timedelta(minutes=9), **FAILED, invitation=1)
    told = phone.send(site, again, twice)
    assert said(told) == [("taken", ""), ("refused", "unknown-invitation")] and "đã ghi để lại" in told[1].message


def test_one_paper_is_left_once_though_both_attempts_come_in_one_sending(site: Site) -> None:
    """A phone without a network goes on offering a paper that it left already."""
    phone, (number,) = out_with(site)
    failed_once(site, phone, number)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    now = site.clock.now()
    first = phone.mint(S.ATTEMPT_FAILED, number, now, **FAILED, invitation=1)
    out = phone.mint(S.OUT_FOR_DELIVERY, number, now + timedelta(minutes=5))
    second = phone.mint(S.ATTEMPT_FAILED, number, now + timedelta(minutes=9), **FAILED, invitation=1)
    told = phone.send(site, first, out, second)
    assert said(told) == [("taken", ""), ("taken", ""), ("refused", "unknown-invitation")]
    paper = Invitation.get(Invitation.item == item_of(number))
    assert (str(paper.left_in), paper.left_at) == (first["id"], now)


def test_a_person_decides_of_an_attempt_whose_paper_another_one_left(site: Site) -> None:
    phone, (number, other) = out_with(site, 2)
    failed_once(site, phone, number)
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    now = site.clock.now()
    first = phone.mint(S.ATTEMPT_FAILED, number, now, **FAILED, invitation=1)
    out = phone.mint(S.OUT_FOR_DELIVERY, number, now + timedelta(minutes=5))
    twice = phone.mint(S.ATTEMPT_FAILED, number, now + timedelta(minutes=9), **FAILED, invitation=1, seq=out["seq"])
    bare = phone.mint(S.DELIVER, other, now, proof=None, seq=out["seq"])
    assert said(phone.send(site, first, out, twice, bare)) == [("taken", "")] * 2 + [("conflict", "twice")] * 2
    site.clock.forward(hours=1)  # type: ignore[attr-defined]
    of_event = {str(row.disputes): row.uid for row in CustodyConflict.select()}
    decide(site, of_event[twice["id"]], Decision.AFTER, by=CHIEF)
    assert item_of(number).attempts == 3
    paper = Invitation.get(Invitation.item == item_of(number))
    assert (str(paper.left_in), paper.left_at) == (first["id"], now), "the paper is still the first one's"
    with pytest.raises(RuleViolation, match="bằng chứng"):
        decide(site, of_event[bare["id"]], Decision.AFTER, by=CHIEF)
    decide(site, of_event[bare["id"]], Decision.ASIDE, by=CHIEF)
    assert item_of(other).state == "out_for_delivery"


def test_papers_taken_at_the_door_are_the_couriers_and_no_others(site: Site) -> None:
    phone, numbers = out_with(site, 4)
    old, spare, lost = (want_back(site, numbers[0], name, by=CLERK, required=name == "Bằng cũ")
                        for name in ("Bằng cũ", "Bản sao", "Thẻ cũ"))  # fmt: skip
    excuse(site, lost.uid, "lost", by=CLERK)
    foreign = want_back(site, numbers[1], "Giấy khác", by=CLERK, required=False)
    needed = want_back(site, numbers[2], "Bằng lái cũ", by=CLERK)
    unknown = want_back(site, numbers[3], "Thêm sau khi đi", by=CLERK)
    papers = (
        {old.uid: True, spare.uid: False, lost.uid: True},
        {foreign.uid: True, old.uid: True},
        {needed.uid: False},
        {},
    )
    now = site.clock.now()
    sent = [
        phone.mint(S.DELIVER, number, now, proof={**PROOF, "papers": [
            {"id": str(uid), "taken": taken} for uid, taken in ticked.items()]})
        for number, ticked in zip(numbers, papers, strict=True)
    ]  # fmt: skip
    told = phone.send(site, *sent)
    assert said(told) == [("taken", ""), ("refused", "unknown-paper"), ("refused", "rule"), ("taken", "")]
    assert "Bằng lái cũ" in told[2].message
    state = {row.uid: (row.state, row.holder) for row in TakeBack.select()}
    mine = ("taken", phone.holder)
    assert state[old.uid] == mine and state[lost.uid] == mine, "given after all"
    assert state[spare.uid] == state[foreign.uid] == state[needed.uid] == ("wanted", "")
    assert state[unknown.uid] == mine, "a paper that the phone did not know of is asked of its courier"
    assert Proof.select().count() == 2 and TakeBackMove.select().count() == 3


def test_an_older_apps_event_keeps_its_form_and_its_courier_answers_for_all_papers(site: Site) -> None:
    phone, (number,) = out_with(site)
    paper = want_back(site, number, "Bằng cũ", by=CLERK)
    body = phone.mint(S.DELIVER, number, site.clock.now())
    assert not {"redelivery", "invitation"} & set(body) and "papers" not in body["proof"]
    assert said(phone.send(site, body)) == [("taken", "")]
    assert TakeBack.get_by_id(paper.id).holder == phone.holder


@pytest.mark.parametrize(
    "odd",
    [
        agreed("2026-13-01"), agreed("mai"), {**FAILED, "redelivery": "2026-11-20"}, {**FAILED, "invitation": "1"},
        {**FAILED, "invitation": -1}, {**agreed("2026-11-20"), "action": "hold"}, agreed("2026-11-20", "x" * 41),
        {**FAILED, "invitation": True},
    ],
    ids=["no month", "word", "text", "text number", "below nothing", "other action", "long hours", "truth"],
)  # fmt: skip
def test_a_field_that_cannot_be_read_is_refused_and_the_rest_goes_on(site: Site, odd: dict[str, Any]) -> None:
    phone, (number, other) = out_with(site, 2)
    now = site.clock.now()
    told = phone.send(site, phone.mint(S.ATTEMPT_FAILED, number, now, **odd), phone.mint(S.DELIVER, other, now))
    assert said(told) == [("refused", "event-field"), ("taken", "")]
    assert Item.get(Item.number == number).attempts == 0


def test_the_owner_receives_and_whom_to_call_has_no_right_by_that(site: Site) -> None:
    phone, numbers = out_with(site, 4)
    item, company = item_of(numbers[0]), item_of(numbers[3])
    with site.store.writing():
        for one, name, kind in ((item, "Nguyễn Thị Hường", "person"), (company, "Công ty Sen Hồ", "organisation")):
            subject = rows.create(Subject, uid=site.ids.uid(), kind=kind, name=name, salt=b"s" * 16)
            rows.create(Party, dossier=one.dossier_id, role=Role.OWNER, subject=subject)
            rows.create(Contact, dossier=one.dossier_id, name="Lê Văn Nam", phone="0912345678", address="12 Tây Hồ")
    with site.store.reading():
        stop = stop_of(item)
    assert (stop.name, stop.contact, stop.phone) == ("Nguyễn Thị Hường", "Lê Văn Nam", "0912345678")
    for number in (numbers[0], numbers[3]):
        addressee_only(site, number, True, by=CLERK)
    now = site.clock.now()
    proofs = [
        (numbers[0], {"receiver": "Lê Văn Nam"}), (numbers[1], {"relation": "người đại diện"}),
        (numbers[2], {"relation": "người đại diện", "authorisation": "Giấy khai sinh của con"}),
        (numbers[3], {"relation": "người đại diện", "authorisation": "ĐKDN 0101", "receiver": "Đỗ Văn Giám"}),
    ]  # fmt: skip
    sent = [phone.mint(S.DELIVER, number, now, proof={**PROOF, **odd}) for number, odd in proofs]
    told = phone.send(site, *sent)
    assert said(told) == [("refused", "rule"), ("refused", "rule"), ("taken", ""), ("taken", "")]
    assert "tận tay" in told[0].message and "Người đại diện" in told[1].message
