"""VietQR: the text of a transfer's QR (EMVCo merchant-presented, Napas 247), its purpose, and how one is read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from agent.errors import RuleViolation

NAPAS: Final = "A000000727"
TO_ACCOUNT: Final = "QRIBFTTA"
MOST: Final = 9_999_999_999_999  # tag 54 holds 13 digits
LEDGER_MARK: Final[Mapping[str, str]] = {"": "A", "state": "N", "freight": "C", "collected": "T"}
_PURPOSE: Final = re.compile(r"[A-Za-z0-9 ]{1,25}")
_BIN: Final = re.compile(r"\d{6}")
_NUMBER: Final = re.compile(r"[A-Za-z0-9]{4,19}")


def vietqr(*, bin_: str, number: str, amount: int, purpose: str) -> str:
    """The QR's text for one transfer of `amount` đồng to an account; it holds for this amount and purpose alone.

    RuleViolation when a part does not fit the format.

    >>> vietqr(bin_="970436", number="0011000000001", amount=26000, purpose="HST16T2100CQA")[-8:-4]
    '6304'
    """
    if not _BIN.fullmatch(bin_) or not _NUMBER.fullmatch(number):
        raise RuleViolation(
            f"Tài khoản {bin_}/{number} không dùng được cho VietQR. Sửa mục [[account]] trong cấu hình."
        )
    if not 0 < amount <= MOST:
        raise RuleViolation(f"Số tiền {amount} đ không lập mã VietQR được. Kiểm tra lại khoản thu.")
    if not _PURPOSE.fullmatch(purpose):
        raise RuleViolation(f"Nội dung chuyển khoản “{purpose}” dài quá 25 ký tự hoặc có dấu. Sửa mục money.purpose.")
    account = _tag("00", bin_) + _tag("01", number)
    text = "".join(
        (
            _tag("00", "01"),
            _tag("01", "12"),  # dynamic: paid once
            _tag("38", _tag("00", NAPAS) + _tag("01", account) + _tag("02", TO_ACCOUNT)),
            _tag("53", "704"),
            _tag("54", str(amount)),
            _tag("58", "VN"),
            _tag("62", _tag("08", purpose)),
            "6304",
        )
    )
    return text + f"{crc(text):04X}"


def crc(text: str) -> int:
    """CRC-16/CCITT-FALSE (polynomial 1021, start FFFF) of ASCII text.

    >>> f"{crc('123456789'):04X}"
    '29B1'
    """
    value = 0xFFFF
    for byte in text.encode("ascii"):
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def read_vietqr(text: str) -> dict[str, str]:
    """The parts of a VietQR by the names of `vietqr`; RuleViolation for another code, or one that was misread."""
    try:
        if int(text[-4:], 16) != crc(text[:-4]):
            raise ValueError("CRC")
        whole = dict(_parts(text))
        service = dict(_parts(whole["38"]))
        account = dict(_parts(service["01"]))
        if service["00"] != NAPAS:
            raise ValueError("not Napas")
        purpose = dict(_parts(whole.get("62", ""))).get("08", "")
        return {"bin": account["00"], "number": account["01"], "amount": whole.get("54", ""), "purpose": purpose}
    except (ValueError, KeyError, UnicodeEncodeError):
        raise RuleViolation("Mã này không phải VietQR, hoặc đọc sai. Quét lại.") from None


def purpose_of(prefix: str, provisional: str, ledger: str) -> str:
    """What a transfer for a dossier must say: prefix, the provisional number without hyphens, the ledger's letter.

    The number's own check character guards it against slips.

    >>> purpose_of("HS", "T1-6T21-00CQ", "")
    'HST16T2100CQA'
    """
    if not re.fullmatch(r"[A-Z]{2,6}", prefix):
        raise RuleViolation(f"money.purpose = {prefix!r}: dùng 2 đến 6 chữ cái A–Z.")
    made = prefix + provisional.replace("-", "") + LEDGER_MARK[ledger]
    if not _PURPOSE.fullmatch(made):
        raise RuleViolation(f"Nội dung chuyển khoản “{made}” dài quá 25 ký tự. Rút ngắn mục money.purpose.")
    return made


def purposes_in(words: str, prefix: str) -> list[str]:
    """What might be purposes in a bank's words, which come back in capitals, cut apart or glued to others.

    The caller looks each up: only one that was given out counts.

    >>> "HST16T2100CQA" in purposes_in("MBVCB.123.hs t16t2100-cqa.CT tu 001", "HS")
    True
    """
    flat = re.sub(r"[^0-9A-Z]", "", words.upper())
    starts = [at for at in range(len(flat)) if flat.startswith(prefix, at)]
    marks = set(LEDGER_MARK.values())
    found = (flat[at:end] for at in starts for end in range(at + len(prefix) + 6, min(at + 25, len(flat)) + 1))
    return list(dict.fromkeys(one for one in found if one[-1] in marks))


def _tag(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        length = int(text[at + 2 : at + 4])
        value = text[at + 4 : at + 4 + length]
        if len(value) != length:
            raise ValueError("cut off")
        yield text[at : at + 2], value
        at += 4 + length
