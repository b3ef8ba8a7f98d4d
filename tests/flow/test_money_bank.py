"""Transfers: each line of a statement is what it is, has its repair, and an import twice changes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.domain.money_entries import Account
from agent.errors import AgentError, Forbidden, NotFound, RuleViolation
from agent.money import collect, refunds, repairs, reversals, slips, statements
from agent.money.statements import Imported
from agent.settings import BankAccount
from agent.store import money
from agent.store.bank import BankLine
from agent.store.items import Item
from agent.tracking.deliver import deliver
from tests.builders import OFFICE
from tests.flow.counter import PROOF
from tests.flow.money_desk import (
    AGENCY,
    BANK,
    CHIEF,
    CLERK,
    COURIER,
    CUOC,
    DEPUTY,
    PHI,
    SECOND,
    THU_HO,
    MoneyDesk,
    money_desk,
    pages_as,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MoneyDesk]:
    with money_desk(tmp_path / "data") as made:
        yield made


def bring(desk: MoneyDesk, *lines: tuple[str, int]) -> dict[str, int]:
    """Import a statement twice; what was new the first time."""
    file = desk.statement(*lines)
    done = statements.import_statement(desk.site, BANK.name, file, by=CHIEF)
    again = statements.import_statement(desk.site, BANK.name, file, by=CHIEF)
    assert again == Imported({}, len(lines))
    return done.new


def line(desk: MoneyDesk, verdict: str) -> BankLine:
    with desk.site.store.reading():
        found: BankLine = BankLine.select().where(BankLine.verdict == verdict).order_by(BankLine.id.desc()).first()
        return found


def test_a_short_transfer_waits_and_the_rest_completes_it(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False, way="courier")
    purpose, owed = desk.purpose(dossier), desk.owed(dossier)
    assert bring(desk, (f"CK {purpose}", owed - 4_000)) == {"short": 1}
    assert desk.owed(dossier) == owed and desk.all_of(Account.SUSPENSE) == {THU_HO: -(owed - 4_000)}
    assert bring(desk, (f"{purpose} not", 4_000)) == {"matched": 1}
    assert desk.owed(dossier) == 0 and desk.all_of(Account.SUSPENSE) == {}
    assert desk.all_of(Account.BANK) == {PHI: 8_000, CUOC: 26_000}
    assert line(desk, "short").state == "settled" and desk.sound() == []


def test_the_rest_of_a_short_transfer_can_be_taken_in_cash(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    bring(desk, (desk.purpose(dossier), 5_000))
    for _ in range(2):
        repairs.repair(desk.site, line(desk, "short").uid, repairs.IN_CASH, by=CLERK)
    assert desk.owed(dossier) == 0 and desk.all_of(Account.BANK) == {PHI: 5_000}
    assert desk.all_of(Account.TILL) == {PHI: 3_000} and desk.sound() == []


def test_what_came_too_much_or_twice_is_owed_and_paid_back(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    purpose = desk.purpose(dossier)
    assert bring(desk, (purpose, 10_000)) == {"over": 1}
    assert bring(desk, (purpose, 8_000)) == {"duplicate": 1}
    assert desk.hand(Account.REFUND, dossier.provisional) == -10_000
    refunds.pay_out(desk.site, dossier.provisional, BANK.name, 10_000, by=CHIEF)
    assert desk.all_of(Account.BANK) == {PHI: 8_000} and desk.all_of(Account.REFUND) == {} and desk.sound() == []


def test_money_that_nobody_can_place_is_assigned_only_where_it_is_due(desk: MoneyDesk) -> None:
    dossier, other = desk.receive(paid=False), desk.receive(paid=False, copies=2)
    assert bring(desk, ("NGUYEN THI HUONG NOP LE PHI", 8_000)) == {"unknown": 1}
    row = line(desk, "unknown")
    with pytest.raises(RuleViolation, match="chờ chuyển khoản 16"):
        repairs.repair(desk.site, row.uid, repairs.ASSIGN, number=other.provisional, by=CLERK)
    with pytest.raises(NotFound):
        repairs.repair(desk.site, row.uid, repairs.ASSIGN, number="T9-6T21-00CQ", by=CLERK)
    with pytest.raises(Forbidden, match="kiểm soát viên"):
        repairs.repair(desk.site, row.uid, repairs.BEAR, by=CLERK)
    for _ in range(2):
        repairs.repair(desk.site, row.uid, repairs.ASSIGN, number=dossier.provisional, by=CLERK)
    assert desk.owed(dossier) == 0 and desk.all_of(Account.BANK) == {PHI: 8_000} and desk.sound() == []
    bring(desk, ("KHONG RO", 1_000))
    repairs.repair(desk.site, line(desk, "unknown").uid, repairs.BEAR, by=CHIEF)
    assert desk.all_of(Account.SUSPENSE) == {} and desk.sound() == []


def test_another_office_does_not_pay_out_what_this_one_owes(desk: MoneyDesk) -> None:
    bring(desk, ("NGUYEN THI HUONG NOP LE PHI", 8_000))
    row = line(desk, "unknown")
    repairs.repair(desk.site, row.uid, repairs.OWE, by=CLERK)
    with pytest.raises(RuleViolation, match="Không còn gì phải hoàn"):
        refunds.pay_out(desk.site, str(row.uid), BANK.name, 8_000, by=replace(CHIEF, office_id="BC-SONTAY"))
    assert desk.hand(Account.REFUND, str(row.uid)) == -8_000
    refunds.pay_out(desk.site, str(row.uid), BANK.name, 8_000, by=CHIEF)
    assert desk.all_of(Account.BANK) == {} and desk.sound() == []


def test_a_refund_whose_line_comes_before_it_is_entered_asks_nobody_to_pay_again(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    purpose = desk.purpose(dossier)
    bring(desk, (purpose, 8_000), (purpose, 8_000))
    assert bring(desk, (f"HOAN TIEN {purpose}", -8_000)) == {"matched": 1}
    assert desk.owed(dossier) == 0 and desk.all_of(Account.REFUND) == {} and desk.all_of(Account.BANK) == {PHI: 8_000}
    with pytest.raises(RuleViolation, match="có thể đã hoàn rồi"):
        refunds.pay_out(desk.site, dossier.provisional, BANK.name, 8_000, by=CLERK)
    assert bring(desk, (f"KH DOI LAI {purpose}", -8_000)) == {"chargeback": 1}
    assert desk.owed(dossier) == 8_000 and desk.all_of(Account.BANK) == {} and desk.sound() == []


def test_a_payment_that_names_its_dossier_is_matched_once_it_is_entered(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    purpose = desk.purpose(dossier)
    assert bring(desk, (purpose, 9_000), (f"HOAN {purpose}", -3_000)) == {"over": 1, "chargeback": 1}
    row = line(desk, "chargeback")
    with pytest.raises(RuleViolation, match="Ghi khoản chi trước"):
        repairs.repair(desk.site, row.uid, repairs.PAID_OUT, by=CLERK)
    bring(desk, (f"{purpose} LAN 2", 2_000))
    assert desk.hand(Account.REFUND, dossier.provisional) == -3_000
    refunds.pay_out(desk.site, dossier.provisional, BANK.name, 3_000, by=CLERK)
    assert "Khớp khoản đã chi" in pages_as(desk, CLERK.username)("/money/bank")
    repairs.repair(desk.site, row.uid, repairs.PAID_OUT, by=CLERK)
    assert desk.all_of(Account.BANK) == {PHI: 8_000} and desk.all_of(Account.SUSPENSE) == {} and desk.sound() == []


def reverse(desk: MoneyDesk, kind: str) -> None:
    with desk.site.store.reading():
        entry = money.entries(OFFICE, kind=kind)[0]
    request = reversals.ask(desk.site, entry.uid, reason="Gán nhầm hồ sơ khác", by=SECOND)
    reversals.answer(desk.site, request.uid, agreed=True, by=DEPUTY)


def test_money_of_a_statement_that_was_given_to_the_wrong_dossier_is_reversed_and_given_again(desk: MoneyDesk) -> None:
    wrong, right = desk.receive(paid=False), desk.receive(paid=False)
    bring(desk, ("NGUYEN THI HUONG NOP LE PHI", 8_000))
    for dossier in (wrong, right):
        repairs.repair(desk.site, line(desk, "unknown").uid, repairs.ASSIGN, number=dossier.provisional, by=CLERK)
        if dossier is wrong:
            reverse(desk, "collected")
            assert desk.all_of(Account.SUSPENSE) == {THU_HO: -8_000} and desk.all_of(Account.BANK) == {THU_HO: 8_000}
    assert (desk.owed(wrong), desk.owed(right)) == (8_000, 0)
    assert desk.all_of(Account.SUSPENSE) == {} and desk.all_of(Account.BANK) == {PHI: 8_000} and desk.sound() == []


def test_a_transfer_that_a_statement_confirmed_is_reversed_where_its_money_is(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    purpose = desk.purpose(dossier)
    collect.collect(desk.site, dossier.uid, ["LP1"], method="vietqr", amount=8_000, by=CLERK)
    bring(desk, (purpose, 8_000))
    reverse(desk, "collected")
    assert desk.all_of(Account.VIETQR) == {} and desk.all_of(Account.BANK) == {THU_HO: 8_000}
    assert (desk.owed(dossier), line(desk, "unknown").state) == (8_000, "open")
    repairs.repair(desk.site, line(desk, "unknown").uid, repairs.OWE, by=CHIEF)
    refunds.pay_out(desk.site, str(line(desk, "unknown").uid), BANK.name, 8_000, by=CLERK)
    bring(desk, ("HOAN TIEN", -8_000))
    reverse(desk, "refund_paid")
    assert desk.all_of(Account.SUSPENSE) == {THU_HO: 8_000} and desk.all_of(Account.BANK) == {}, "the bank has paid it"
    assert desk.sound() == []


def test_the_rest_of_a_transfer_that_nobody_paid_in_cash_is_asked_for_again(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    bring(desk, (desk.purpose(dossier), 5_000))
    for _ in range(2):
        repairs.repair(desk.site, line(desk, "short").uid, repairs.IN_CASH, by=CLERK)
        assert desk.owed(dossier) == 0 and desk.all_of(Account.TILL) == {PHI: 3_000}
        reverse(desk, "rest_in_cash")
        assert desk.owed(dossier) == 8_000 and desk.all_of(Account.TILL) == {}
        assert desk.all_of(Account.BANK) == {THU_HO: 5_000} and line(desk, "short").state == "open"
    bring(desk, (desk.purpose(dossier), 3_000))
    assert desk.owed(dossier) == 0 and desk.all_of(Account.SUSPENSE) == {}
    assert desk.all_of(Account.BANK) == {PHI: 8_000} and desk.sound() == []


def test_money_that_came_in_two_lines_is_not_reversed(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    bring(desk, (desk.purpose(dossier), 5_000), (desk.purpose(dossier), 3_000))
    with pytest.raises(RuleViolation, match="trong nhiều dòng"):
        reverse(desk, "collected")
    assert desk.owed(dossier) == 0 and desk.all_of(Account.BANK) == {PHI: 8_000} and desk.sound() == []


def test_who_says_that_money_is_owed_back_does_not_pay_it_out(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    bring(desk, (desk.purpose(dossier), 5_000))
    repairs.repair(desk.site, line(desk, "short").uid, repairs.OWE, by=CLERK)
    seen, of_others = pages_as(desk, CLERK.username)("/money/refunds"), pages_as(desk, CHIEF.username)("/money/refunds")
    assert "người khác chi" in seen and "Vũ Thị Hoa, Đỗ Quang Minh" in seen and "Ghi đã chi" not in seen
    assert "người khác chi" not in of_others and "Ghi đã chi" in of_others
    with pytest.raises(Forbidden, match=r"không tự chi\. Nhờ Vũ Thị Hoa, Đỗ Quang Minh, Lý Quang chi"):
        refunds.pay_out(desk.site, dossier.provisional, BANK.name, 5_000, by=CLERK)
    refunds.pay_out(desk.site, dossier.provisional, BANK.name, 5_000, by=CHIEF)
    bring(desk, (desk.purpose(dossier), 8_000), (desk.purpose(dossier), 8_000))
    assert desk.hand(Account.REFUND, dossier.provisional) == -8_000
    refunds.pay_out(desk.site, dossier.provisional, BANK.name, 8_000, by=CLERK)  # no word of his is in this
    assert desk.all_of(Account.REFUND) == {} and desk.sound() == []


def test_a_transfer_that_the_clerk_saw_is_confirmed_by_the_statement(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    purpose = desk.purpose(dossier)
    collect.collect(desk.site, dossier.uid, ["LP1"], method="vietqr", amount=8_000, by=CLERK)
    assert desk.all_of(Account.VIETQR) == {PHI: 8_000}
    assert bring(desk, (f"IBFT {purpose[:6]} {purpose[6:].lower()}.FT26", 8_000)) == {"matched": 1}
    assert desk.all_of(Account.VIETQR) == {} and desk.all_of(Account.BANK) == {PHI: 8_000}
    assert bring(desk, (f"HOAN {purpose}", -8_000)) == {"chargeback": 1}
    assert desk.owed(dossier) == 8_000 and desk.all_of(Account.BANK) == {} and desk.sound() == []


def test_what_was_transferred_on_the_way_is_not_collected_at_the_door_again(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False, way="courier")
    number, purpose = desk.out(dossier), desk.purpose(dossier)
    with desk.site.store.reading():
        assert Item.get().collect == 34_000
    assert bring(desk, (purpose, 34_000)) == {"matched": 1}
    with desk.site.store.reading():
        assert Item.get().collect == 0
    deliver(desk.site, number, PROOF, by=COURIER)
    assert desk.all_of(Account.COURIER) == {} and desk.sound() == []


def test_a_fee_that_is_claimed_while_the_item_is_on_its_way_is_not_booked_as_taken_at_the_door(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False, way="courier")
    owed = desk.owed(dossier)
    first = desk.fees(dossier)[0]
    number = desk.out(dossier)
    for name, amount in (("Phí bổ sung bản sao", 20_000), ("Phí thẩm định lại", 40_000)):
        collect.add_fee(desk.site, dossier.uid, name=name, ledger="state", amount=amount, by=CLERK)
    collect.collect(desk.site, dossier.uid, [first.code], method="cash", amount=first.amount, by=CLERK)
    with desk.site.store.reading():
        assert Item.get(Item.number == number).collect == owed - first.amount, "what was paid here, and no more, falls"
    deliver(desk.site, number, replace(PROOF, collected=owed - first.amount), by=COURIER)
    assert desk.hand(Account.COURIER, COURIER.username) == owed - first.amount, "the notes that he took"
    assert desk.owed(dossier) == 60_000 and desk.sound() == []


def test_fees_paid_straight_to_the_authority_leave_nothing_to_remit(tmp_path: Path) -> None:
    straight = BankAccount(
        name="KB-TAYHO", bin="970418", number="112233445566", owner="UBND PHUONG TAY HO", ledger="state",
        authority=AGENCY, direct=True,
    )  # fmt: skip
    with money_desk(tmp_path / "data") as desk:
        desk.site = replace(desk.site, settings=desk.site.settings.with_(accounts=(BANK, straight)))
        dossier = desk.receive(paid=False, way="courier")
        ours, theirs = collect.transfers(desk.site, dossier.uid)
        assert (ours.amount, ours.account.name) == (26_000, "VCB-BC")
        assert (theirs.amount, theirs.purpose[-1]) == (8_000, "N")
        file = desk.statement((theirs.purpose, 8_000))
        assert statements.import_statement(desk.site, "KB-TAYHO", file, by=CHIEF).new == {"matched": 1}
        assert desk.all_of(Account.DIRECT) == {PHI: 8_000} and desk.all_of(Account.BANK) == {}
        assert desk.owed(dossier) == 26_000 and desk.sound() == []


def test_a_workbook_of_the_bank_is_read_as_its_csv_is(desk: MoneyDesk) -> None:
    import xlsxwriter

    dossier = desk.receive(paid=False)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["NGÂN HÀNG ABC", "", ""])
        sheet.write_row(2, 1, ["Ngày giao dịch", "Số tiền ghi có", "Diễn giải", "Mã giao dịch"])
        sheet.write_row(3, 1, [46347, 8_000, f"CK {desk.purpose(dossier)}", "FT1"])  # a spreadsheet's own date
        sheet.write_row(4, 1, ["Cộng phát sinh", 8_000])
    found = statements.import_statement(desk.site, BANK.name, out.getvalue(), by=CHIEF)
    assert found.new == {"matched": 1} and line(desk, "matched").on.isoformat() == "2026-11-21"


@pytest.mark.parametrize(
    "data, said",
    [
        (b"", "rỗng"),
        (b"a,b\n1,2\n", "dòng tiêu đề"),
        ("Ngày;Số tiền;Nội dung\n21/11/2026;8.000,5;x".encode(), "không phải số đồng nguyên"),
        ("Ngày;Số tiền;Nội dung\n21/11/2026;99999999999999999;x".encode(), "quá lớn"),
        ("Ngày;Số tiền;Nội dung\n2026.21.11;8000;x".encode(), "không đúng dạng"),
        ("Ngày;Số tiền;Nội dung\n".encode(), "không có dòng giao dịch"),
        (b"PK\x03\x04 not a zip", "XLSX hỏng"),
        (b"\xd0\xcf\x11\xe0old", "kiểu cũ"),
        (b"\x00\x01\x02", "không phải tệp văn bản"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_whole(desk: MoneyDesk, data: bytes, said: str) -> None:
    with pytest.raises(AgentError, match=said):
        statements.import_statement(desk.site, BANK.name, data, by=CHIEF)
    with desk.site.store.reading():
        assert BankLine.select().count() == 0


def test_an_import_of_an_unknown_account_or_a_short_look_at_the_fees_says_so(desk: MoneyDesk) -> None:
    dossier = desk.receive(paid=False)
    site, uid = desk.site, dossier.uid
    bad: list[tuple[Any, str]] = [
        (lambda: statements.import_statement(site, "x", b"", by=CHIEF), "Không có tài khoản"),
        (lambda: collect.collect(site, uid, ["LP1"], method="cash", amount=1, by=CLERK), "đã đổi thành"),
        (lambda: collect.collect(site, uid, [], method="cash", amount=0, by=CLERK), "Chưa chọn"),
        (lambda: collect.collect(site, uid, ["LP1"], method="gold", amount=1, by=CLERK), "hình thức"),
        (lambda: collect.add_fee(site, uid, name="Bổ sung", ledger="state", amount=-1, by=CLERK), "lớn hơn"),
        (lambda: collect.add_fee(site, uid, name="Bổ sung", ledger="x", amount=1, by=CLERK), "sổ nào"),
        (lambda: collect.waive(site, uid, "LP1", decided_by="", reason="nghèo", by=CLERK), "người quyết định"),
    ]
    for act, said in bad:
        with pytest.raises(AgentError, match=said):
            act()
    added = collect.add_fee(desk.site, dossier.uid, name="Phí bổ sung", ledger="collected", amount=5_000, by=CLERK)
    again = collect.add_fee(desk.site, dossier.uid, name="Phí bổ sung", ledger="collected", amount=5_000, by=CLERK)
    assert added.id == again.id and desk.owed(dossier) == 13_000


def test_the_paper_s_qr_is_what_the_bank_s_app_reads(desk: MoneyDesk) -> None:
    import pypdfium2
    import zxingcpp

    from agent.domain.money_vietqr import read_vietqr

    dossier = desk.receive(paid=False, way="courier")
    page = pypdfium2.PdfDocument(slips.transfer_pdf(desk.site, dossier.uid))[0].render(scale=4).to_pil()
    codes = [one.text for one in zxingcpp.read_barcodes(page) if one.text.startswith("000201")]
    assert [read_vietqr(one) for one in codes] == [
        {"bin": BANK.bin, "number": BANK.number, "amount": "34000", "purpose": desk.purpose(dossier)}
    ]
    assert dossier.office_id == OFFICE
