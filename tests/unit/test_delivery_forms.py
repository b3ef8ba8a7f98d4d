"""The delivery office's papers: every item can be scanned off the sheet, sums are right, bad forms are not made."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from agent.domain.s10 import number_in_range
from labels.errors import LabelError
from labels.forms import claim, delivery_list, going_back, invitation
from labels.forms.common import Head, Party
from tests.unit.test_forms import ADDRESS, AT, NAME, OFFICIAL, codes, texts

NUMBERS = [number_in_range("RD", 1000 + n).text for n in range(12)]
URL = "https://tracuu.example.vn/t/7hq2mKQ9vB3xLp0"


def head(code: str, payload: str = "") -> Head:
    return Head(
        "UBND phường Tây Hồ", "Bưu cục Tây Hồ", "", code, payload or f"PA1M|{code}", "Hà Nội", AT, training=True
    )


def day_list(count: int = 12) -> delivery_list.DeliveryListForm:
    lines = tuple(
        delivery_list.DeliveryLine(
            number, NAME if n % 3 == 0 else "Đỗ Văn Đặng", ADDRESS, "0912 345 678", 26_000 * (n % 2)
        )
        for n, number in enumerate(NUMBERS[:count])
    )
    return delivery_list.DeliveryListForm(head("DS261123-01"), "Trần Đức Ân", "T7", AT.date(), lines, "Lan Anh")


def test_every_item_of_a_long_list_is_scanned_off_the_paper_and_the_money_is_summed():
    pdf = delivery_list.render(day_list())
    pages = texts(pdf)
    found = set().union(*(codes(pdf, 300, page) for page in range(len(pages))))
    assert len(pages) > 1 and found == {*NUMBERS, "DS261123-01", "PA1M|DS261123-01"}
    words = " ".join(pages)
    assert "156.000 đ" in words and "Tổng cộng 12 bưu gửi" in words
    with pytest.raises(LabelError):
        dataclasses.replace(day_list(), lines=())


def test_an_invitation_names_its_days_and_what_to_bring_and_no_citizen_number():
    form = invitation.InvitationForm(
        head(OFFICIAL, "PA1|T3-26N21-0C7K|"), 2, NUMBERS[0], NAME, ADDRESS, date(2026, 11, 25), date(2026, 12, 1),
        "Bưu cục Tây Hồ", "7:30–17:00", "024 3829 1234", 26_000, URL,
    )  # fmt: skip
    pdf = invitation.render(form)
    assert codes(pdf, 300) == {OFFICIAL, "PA1|T3-26N21-0C7K|", NUMBERS[0], URL}
    words = " ".join(texts(pdf))
    assert "lần 2" in words and "01/12/2026" in words and "giấy ủy quyền" in words
    alone = " ".join(texts(invitation.render(dataclasses.replace(form, addressee_only=True))))
    assert "tận tay chủ hồ sơ" in alone and "Người nhận thay" not in alone
    with pytest.raises(LabelError):
        dataclasses.replace(form, collect_until=date(2026, 11, 24))


def test_minutes_of_a_return_and_of_a_claim_say_why_and_how_much():
    lines = (going_back.BackLine(NUMBERS[0], OFFICIAL, "Trích lục", "người nhận vắng mặt", "16/11"),
             going_back.BackLine("", OFFICIAL, "Giấy cũ"))  # fmt: skip
    back = going_back.GoingBackForm(head("CH261123-01"), Party("Lan Anh"), Party("Lê Thu Hà"), AT, lines)
    pdf = going_back.render(back)
    assert NUMBERS[0] in codes(pdf, 300) and "người nhận vắng mặt" in " ".join(texts(pdf))
    made = claim.ClaimForm(
        head("KN261123-01"), NUMBERS[0], OFFICIAL, Party(NAME), "mất", AT.date(), date(2026, 11, 18),
        date(2026, 12, 1), (ADDRESS,), (claim.InventoryLine("Trích lục", 2, 16_000),), 26_000, 16_000, 0, "4 lần cước",
        liability=104_000, pay_by=date(2026, 12, 23),
    )  # fmt: skip
    words = " ".join(texts(claim.render(made)))
    assert "104.000 đ" in words and "Một trăm lẻ bốn nghìn đồng" in words and "23/12/2026" in words
    assert "chưa trả lời" in words
    with pytest.raises(LabelError):
        dataclasses.replace(made, freight=-1)
