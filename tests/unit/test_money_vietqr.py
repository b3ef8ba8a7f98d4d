"""VietQR's text, byte for byte as another program makes it, and read back whatever it holds."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.identifiers import mint_provisional
from agent.domain.money_vietqr import purpose_of, purposes_in, read_vietqr, vietqr
from agent.errors import RuleViolation

MADE_BY_NAPAS_QR_PYTHON = (  # 0.2.0, QRPay(bin, number, transaction_amount=…, purpose_of_transaction=…).code
    ("970436", "0011000000001", 26000, "HST16T2100CQA",
     "00020101021238570010A00000072701270006970436011300110000000010208QRIBFTTA"
     "53037045405260005802VN62170813HST16T2100CQA6304C272"),
    ("970415", "113366668888", 79000, "Ung Ho Quy Vac Xin",
     "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA"
     "53037045405790005802VN62220818Ung Ho Quy Vac Xin63043ACF"),
    ("970403", "0011012345678", 1, "A",
     "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA5303704540115802VN62050801A6304DA42"),
)  # fmt: skip
MIXED = st.text(string.ascii_letters + string.digits, min_size=4, max_size=19)
NOISE = st.text("ABHS0123. -/", max_size=30)


@pytest.mark.parametrize("bin_, number, amount, purpose, text", MADE_BY_NAPAS_QR_PYTHON)
def test_the_text_is_what_another_program_makes(bin_, number, amount, purpose, text):
    assert vietqr(bin_=bin_, number=number, amount=amount, purpose=purpose) == text


@given(
    bin_=st.integers(0, 999_999),
    number=MIXED,
    amount=st.integers(1, 9_999_999_999_999),
    purpose=MIXED,
    spoil=st.integers(0, 60),
)
def test_what_was_written_is_read_back_and_a_slip_is_noticed(bin_, number, amount, purpose, spoil):
    text = vietqr(bin_=f"{bin_:06d}", number=number, amount=amount, purpose=purpose)
    read = {"bin": f"{bin_:06d}", "number": number, "amount": str(amount), "purpose": purpose}
    assert read_vietqr(text) == read
    wrong = text[:spoil] + ("1" if text[spoil] != "1" else "2") + text[spoil + 1 :]
    with pytest.raises(RuleViolation):
        read_vietqr(wrong)


@given(
    day=st.dates(min_value=date(2026, 1, 1), max_value=date(2029, 12, 31)),
    number=st.integers(0, 9000),
    before=NOISE,
    after=NOISE,
    ledger=st.sampled_from(["", "state", "freight", "collected"]),
)
def test_a_purpose_is_found_in_whatever_a_bank_makes_of_it(day, number, before, after, ledger):
    purpose = purpose_of("HS", mint_provisional("T1", day, number), ledger)
    cut = f"{before}{purpose[:5].lower()} {purpose[5:9]}-{purpose[9:]}{after}"
    assert purpose in purposes_in(cut, "HS")


WRONG = [{"amount": 0}, {"amount": -1}, {"amount": 10**13}, {"purpose": "hồ sơ"}, {"purpose": "A" * 26}, {"bin_": "97"}]


@pytest.mark.parametrize("bad", WRONG)
def test_what_does_not_fit_the_format_is_refused(bad):
    whole = {"bin_": "970436", "number": "0011000000001", "amount": 1, "purpose": "HS", **bad}
    with pytest.raises(RuleViolation):
        vietqr(**whole)
