"""Cash in hands: what a blind count finds stays found, whoever made it; deposits, limits, reversals, receipts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.domain.money_entries import Account, Leg, moved
from agent.errors import AgentError, Duplicate, Forbidden, RuleViolation
from agent.fee_receipts.files import FileReceipts
from agent.intake.void import void
from agent.money import deposits, issuing, remit, reversals, shift, variances
from agent.money.refunds import pay_out
from agent.store import money
from agent.store.bank import OfficialReceipt
from agent.store.cash import CashDeposit, CashVariance, Remittance, Shift
from agent.store.items import CustodyEvent, Item
from agent.store.money import MoneyEntry, MoneyLeg
from agent.store.money_fees import check_limit
from agent.tracking.deliver import deliver
from agent.tracking.journal import corrections
from tests.builders import OFFICE
from tests.flow.counter import PROOF
from tests.flow.money_desk import (
    AGENCY,
    CHIEF,
    CLERK,
    COURIER,
    CUOC,
    DEPUTY,
    PHI,
    PROVINCE,
    SECOND,
    MoneyDesk,
    money_desk,
    notes,
    pages_as,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MoneyDesk]:
    with money_desk(tmp_path / "data") as made:
        yield made


def short_shift(desk: MoneyDesk, *, by: int = 5_000) -> CashVariance:
    """A shift in which `by` đồng are missing, counted."""
    till = shift.open_till(desk.site, notes(100_000), by=CLERK)
    for _ in range(3):
        desk.receive()
    shift.count_till(desk.site, till.uid, notes(124_000 - by), by=CLERK)
    with desk.site.store.reading():
        found: CashVariance = CashVariance.get()
        return found


def test_what_the_count_found_cannot_be_hidden_by_its_maker(desk: MoneyDesk) -> None:
    variance = short_shift(desk)
    site = desk.site
    with site.store.reading():
        till = Shift.get()
    assert (variance.amount, variance.maker, till.state) == (-5_000, "lananh", "frozen")
    with pytest.raises(RuleViolation, match="Không đếm lại"):
        shift.count_till(site, till.uid, notes(124_000), by=CLERK)
    with pytest.raises(Forbidden, match="người giữ ca"):
        shift.count_till(site, till.uid, notes(124_000), by=SECOND)
    with pytest.raises(Forbidden, match="không tự đề nghị"):
        variances.explain(site, variance.uid, words="Tiền lẻ cũ rách đã bỏ", remedy="operator", by=CLERK)
    with pytest.raises(RuleViolation, match="chưa có giải trình"):
        variances.countersign(site, variance.uid, by=CHIEF)
    variances.explain(site, variance.uid, words="Thối nhầm cho một khách", remedy="pays", by=CLERK)
    promoted = replace(CLERK, role=CHIEF.role)
    for who in (CLERK, promoted, SECOND):
        with pytest.raises(Forbidden):
            variances.countersign(site, variance.uid, by=who)
    again = shift.open_till(site, {}, by=CLERK)  # a new shift begins at nought: nothing flows back
    assert again.uid != till.uid and desk.hand(Account.TILL, str(again.uid)) == 0
    assert desk.hand(Account.VARIANCE, str(variance.uid)) == 5_000
    variances.countersign(site, variance.uid, by=CHIEF)
    with pytest.raises(Forbidden, match="không tự ghi"):
        variances.settle_up(site, variance.uid, by=CLERK)
    assert desk.hand(Account.VARIANCE, str(variance.uid)) == 5_000 and desk.sound() == []


def test_entries_are_never_changed_and_tampering_is_found(desk: MoneyDesk) -> None:
    desk.receive()
    with pytest.raises(Exception, match="append-only"), desk.site.store.writing():
        MoneyLeg.update(amount=1).execute()
    with pytest.raises(Exception, match="append-only"), desk.site.store.writing():
        MoneyEntry.delete().execute()
    with desk.site.store.writing():
        desk.site.store.database.execute_sql("DROP TRIGGER money_leg_no_update")
        MoneyLeg.update(amount=MoneyLeg.amount * 2).execute()  # both sides: it still balances
    assert any("đã bị sửa" in words for words in desk.sound())


@pytest.mark.parametrize(
    "legs, said",
    [
        (moved({PHI: 10**13}, (Account.BANK, "b"), (Account.SAFE, OFFICE)), "vượt"),
        ((Leg(PHI, Account.BANK, "b", -5), Leg(CUOC, Account.SAFE, OFFICE, 5)), "không cân"),
        ((), "không có số tiền nào"),
        (moved({PHI: 5}, (Account.SAFE, OFFICE), (Account.BANK, "b")), "không đủ tiền"),
    ],
    ids=["overflow", "ledgers mixed", "nothing", "more than is there"],
)
def test_a_posting_that_cannot_be_is_refused_and_nothing_is_written(desk: MoneyDesk, legs: Any, said: str) -> None:
    with pytest.raises(RuleViolation, match=said), desk.site.store.writing():
        money.post("wrong", "test", legs, by=CLERK, at=desk.clock.now(), ids=desk.site.ids)
    with desk.site.store.reading():
        assert MoneyEntry.select().count() == 0 and MoneyLeg.select().count() == 0


def test_the_same_key_posts_once_and_other_legs_under_it_are_refused(desk: MoneyDesk) -> None:
    def post(amount: int) -> MoneyEntry:
        with desk.site.store.writing():
            legs = moved({PHI: amount}, (Account.OWED, AGENCY), (Account.SAFE, OFFICE))
            return money.post("k", "test", legs, by=CLERK, at=desk.clock.now(), ids=desk.site.ids)

    assert post(5).uid == post(5).uid
    with pytest.raises(Duplicate):
        post(6)


def test_a_deposit_that_differs_is_frozen_until_two_others_agree(desk: MoneyDesk) -> None:
    site = desk.site
    taken = desk.deliver(desk.receive(paid=False, way="courier"))
    key = site.ids.uid()
    for _ in range(2):  # the phone sent it twice
        deposits.declare(site, taken, by=COURIER, key=key)
    assert desk.hand(Account.COURIER, "tuyen7") == 0 and desk.hand(Account.TRANSIT, str(key)) == taken
    with pytest.raises(Forbidden, match="không tự đếm"):
        deposits.receive(site, key, notes(taken), by=COURIER)
    deposits.receive(site, key, notes(taken - 2_000), by=SECOND)
    with pytest.raises(RuleViolation, match="Không đếm lại"):
        deposits.receive(site, key, notes(taken), by=SECOND)
    assert desk.hand(Account.SAFE, OFFICE) == 0  # frozen: the money stays where it is
    with site.store.reading():
        variance = CashVariance.get()
    variances.explain(site, variance.uid, words="Bưu tá đếm nhầm một tờ", remedy="operator", by=SECOND)
    variances.countersign(site, variance.uid, by=CHIEF)
    with site.store.reading():
        assert CashDeposit.get().state == "settled"
    assert desk.hand(Account.SAFE, OFFICE) == taken - 2_000
    assert desk.all_of(Account.VARIANCE) == {} and desk.sound() == []


def test_a_courier_near_the_limit_is_given_nothing_more_to_collect_on(tmp_path: Path) -> None:
    with money_desk(tmp_path / "data", courier_limit=50_000) as desk:
        desk.deliver(desk.receive(paid=False, way="courier"))  # 34.000 in hand
        with pytest.raises(RuleViolation, match=r"quá hạn mức 50\.000 đ tiền mặt\. Cho nộp tiền trước"):
            desk.out(desk.receive(paid=False, way="courier"))
        desk.out(desk.receive(way="courier"))  # nothing to collect: never stopped
        deposits.declare(desk.site, 34_000, by=COURIER)
        desk.out(desk.receive(paid=False, way="courier"))
        with desk.site.store.writing():
            check_limit(replace(desk.site.settings.money, courier_limit=0), "tuyen7", [], by=CLERK)


def test_a_refund_after_the_till_was_closed_is_owed_and_paid_from_the_safe(desk: MoneyDesk) -> None:
    site = desk.site
    dossier = desk.receive()
    till = shift.open_till(site, {}, by=CLERK)  # what was taken before goes into it
    shift.count_till(site, till.uid, notes(8_000), by=CLERK)
    with site.store.reading():
        waiting = CashDeposit.get()
    deposits.receive(site, waiting.uid, notes(8_000), by=CHIEF)
    void(site, dossier.uid, by=CLERK, reason="nhập nhầm thủ tục")
    assert desk.hand(Account.REFUND, dossier.provisional) == -8_000
    with pytest.raises(RuleViolation, match="không đủ tiền"):
        pay_out(site, dossier.provisional, "till", 8_000, by=CLERK)
    pay_out(site, dossier.provisional, "safe", 8_000, by=CHIEF)
    with pytest.raises(RuleViolation, match="Không còn gì phải hoàn"):
        pay_out(site, dossier.provisional, "safe", 8_000, by=CHIEF)
    assert desk.all_of(Account.SAFE) == {} and desk.all_of(Account.OWED) == {} and desk.sound() == []


def test_a_reversal_moves_nothing_until_a_second_person_signs(desk: MoneyDesk) -> None:
    site = desk.site
    dossier = desk.receive()
    with site.store.reading():
        entry = MoneyEntry.get()
    request = reversals.ask(site, entry.uid, reason="Thu nhầm hồ sơ khác", by=SECOND)
    assert desk.owed(dossier) == 0
    page = pages_as(desk, SECOND.username)
    assert 'id="reason"' not in page(f"/money/entries/{entry.uid}"), "it is asked for already"
    reversals.answer(site, request.uid, agreed=False, by=CHIEF)
    assert 'id="reason"' in page(f"/money/entries/{entry.uid}"), "a refusal is not the end of it"
    request = reversals.ask(site, entry.uid, reason="Đúng là thu nhầm, có phiếu", by=SECOND)
    assert request.state == "asked" and "minh không đồng ý: Thu nhầm" in request.reason
    for who in (SECOND, replace(SECOND, role=CHIEF.role), replace(CLERK, role=CHIEF.role)):
        with pytest.raises(Forbidden):
            reversals.answer(site, request.uid, agreed=True, by=who)
    for _ in range(2):
        reversals.answer(site, request.uid, agreed=True, by=CHIEF)
    assert desk.owed(dossier) == 8_000 and [fee.code for fee in desk.fees(dossier)] == ["LP1", "LP1.2"]
    assert desk.all_of(Account.TILL) == {} and desk.all_of(Account.OWED) == {} and desk.sound() == []


def test_a_delivery_that_did_not_happen_asks_for_its_money_again_once_that_is_reversed(desk: MoneyDesk) -> None:
    site, dossier = desk.site, desk.receive(paid=False, way="courier")
    owed = desk.deliver(dossier)
    with site.store.reading():
        item, done = Item.get(), CustodyEvent.get(CustodyEvent.step == "deliver")
        (taken,) = money.entries(OFFICE, kind="collected")
    corrections.ask(site, item.number, done.uid, "Phát nhầm nhà, đã lấy lại", by=CLERK)
    with site.store.reading():
        asked = Item.get().last_event
    corrections.answer(site, item.number, asked, agree=True, by=CHIEF)
    request = reversals.ask(site, taken.uid, reason="Trả lại tiền cho người nhận nhầm", by=CLERK)
    reversals.answer(site, request.uid, agreed=True, by=CHIEF)
    with site.store.reading():
        assert Item.get().collect == owed == desk.owed(dossier), "whoever gets it now pays"
    deliver(site, item.number, replace(PROOF, collected=owed), by=COURIER)
    assert desk.hand(Account.COURIER, COURIER.username) == owed and desk.owed(dossier) == 0 and desk.sound() == []


def test_remittances_have_a_deadline_and_the_province_sees_those_to_itself_alone(desk: MoneyDesk) -> None:
    site = desk.site
    desk.receive()  # Saturday 21/11/2026
    till = shift.open_till(site, {}, by=CLERK)
    shift.count_till(site, till.uid, notes(8_000), by=CLERK)
    with site.store.reading():
        deposit = CashDeposit.get()
    deposits.receive(site, deposit.uid, notes(8_000), by=CHIEF)
    with site.store.reading():
        (due,) = remit.due_list(site, OFFICE)
    assert (due.amount, due.oldest.isoformat(), due.due_on.isoformat()) == (8_000, "2026-11-21", "2026-11-23")
    with pytest.raises(RuleViolation, match=r"nay là 8\.000 đ"):
        remit.remit(site, AGENCY, "state", "safe", 9_000, by=CHIEF)
    slip = remit.remit(site, AGENCY, "state", "safe", 8_000, by=CHIEF)
    with pytest.raises(AgentError, match="Ghi số giấy xác nhận"):
        remit.acknowledge(site, slip.uid, reference="", by=CHIEF)
    officer, other = replace(PROVINCE, office_id=AGENCY), replace(PROVINCE, office_id=OFFICE)
    with site.store.reading():
        assert [one.uid for one in remit.remittances(officer)] == [slip.uid]
        assert [one.uid for one in remit.remittances(PROVINCE)] == [slip.uid]
        Remittance.get()
    assert other.office_id == OFFICE
    remit.acknowledge(site, slip.uid, reference="", by=officer)
    with site.store.reading():
        assert Remittance.get().acknowledged_by == "tinh"


def test_official_receipts_are_asked_for_once_and_their_numbers_are_read_back(desk: MoneyDesk, tmp_path: Path) -> None:
    folder = tmp_path / "bien-lai"
    site = replace(desk.site, fee_receipts=FileReceipts(folder))
    assert issuing.exchange(desk.site) == (0, 0) and "không thay biên lai" in desk.site.fee_receipts.words
    dossier = desk.receive()
    assert issuing.exchange(site) == (1, 0) and issuing.exchange(site) == (0, 0)
    (asked,) = (folder / "asked").glob("*.json")
    body = json.loads(asked.read_text(encoding="utf-8"))
    assert (body["dossier"], body["amount"], body["currency"]) == (dossier.provisional, 8_000, "VND")
    assert "Hường" not in asked.read_text(encoding="utf-8")
    (folder / "issued").mkdir()
    (folder / "issued" / "half.csv").write_bytes(b"key,serial,num")  # still being written
    rows = f"key,serial,number,reason\n{body['key']},AA/26E,0001234,\nBL-unknown,AA/26E,1,\n"
    (folder / "issued" / "today.csv").write_text(rows, encoding="utf-8-sig")
    assert issuing.exchange(site) == (0, 1) and issuing.exchange(site) == (0, 0)
    with site.store.reading():
        held = OfficialReceipt.get()
    assert (held.state, held.serial, held.number) == ("issued", "AA/26E", "0001234")


def test_no_page_tells_the_clerk_what_the_till_should_hold_before_the_count(desk: MoneyDesk) -> None:
    site = desk.site
    till = shift.open_till(site, notes(100_000), by=CLERK)
    dossier = desk.receive(copies=3)  # 24.000: 124.000 are expected
    told = ("124.000", "24.000", "124000")
    pages = pages_as(desk, "lananh")
    for path in (
        "/money/",
        "/money/shift",
        f"/money/shift/{till.uid}",
        "/money/entries",
        "/money/mine",
        "/money/remittances",
    ):
        body = pages(path)
        assert not any(words in body for words in told), path
    assert f"/money/dossiers/{dossier.uid}" not in pages("/money/entries")
    shift.count_till(site, till.uid, notes(124_000), by=CLERK)
    assert "124.000" in pages(f"/money/shift/{till.uid}")
    with site.store.reading():
        deposit = CashDeposit.get()
    receiver = pages_as(desk, "minh")
    for path in (
        f"/money/deposits/{deposit.uid}",
        "/money/deposits",
        "/money/",
        f"/money/shift/{till.uid}",
        "/money/entries",
        "/money/entries?account=transit",
        "/money/variances",
    ):
        assert "124.000" not in receiver(path) and "124000" not in receiver(path), path
    assert "nộp tiền, chờ đếm</td>" not in receiver("/money/entries?account=transit")
    with site.store.reading():
        (handed_in,) = money.entries(OFFICE, kind="deposited")
    for path in (f"/money/shift/{till.uid}/slip.pdf", f"/money/entries/{handed_in.uid}"):
        with pytest.raises(AssertionError, match="403"):
            receiver(path)
    deposits.receive(site, deposit.uid, notes(124_000), by=CHIEF)
    assert "124.000" in receiver(f"/money/shift/{till.uid}")
    assert "nộp tiền, chờ đếm</td>" in receiver("/money/entries?account=transit")


def test_the_deputy_settles_what_the_chief_counted(desk: MoneyDesk) -> None:
    variance = short_shift(desk)
    with desk.site.store.reading():
        deposit = CashDeposit.get()
    deposits.receive(desk.site, deposit.uid, notes(119_000), by=CHIEF)
    variances.explain(desk.site, variance.uid, words="Không tìm ra nguyên nhân", remedy="operator", by=CHIEF)
    with pytest.raises(Forbidden):
        variances.countersign(desk.site, variance.uid, by=CHIEF)
    variances.send_back(desk.site, variance.uid, reason="xem lại camera quầy", by=DEPUTY)
    variances.explain(desk.site, variance.uid, words="Đã xem camera, thối thừa", remedy="operator", by=CHIEF)
    variances.countersign(desk.site, variance.uid, by=DEPUTY)
    assert desk.all_of(Account.VARIANCE) == {} and desk.all_of(Account.OPERATOR) == {CUOC: 5_000}
    assert desk.all_of(Account.SAFE) == {PHI: 24_000, CUOC: -5_000} and desk.sound() == []
