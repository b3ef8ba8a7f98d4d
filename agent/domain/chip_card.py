"""The text in the QR code of a chip identity card, read by a keyboard-wedge reader or a camera."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from agent.domain.identifiers_person import SEX_WORD, Sex, citizen_id_warnings, parse_citizen_id
from agent.domain.text import clean, fold
from agent.errors import InvalidIdentifier

_GARBLED: Final = ("\ufffd", "Ã", "Ä‘", "áº", "á»", "Æ°")
"""What UTF-8 looks like when a reader sends it as another encoding."""
_SEXES: Final = {fold(word): sex for sex, word in SEX_WORD.items()}
_TYPE_INSTEAD: Final = "Quét lại thẻ; nếu vẫn lỗi, nhập tay theo mặt thẻ."


@dataclass(frozen=True, slots=True)
class ChipCard:
    """What a chip card's QR code says (thẻ căn cước gắn chip).

    `birth` is None where day or month is unknown; `issued` is None where the card leaves it empty. `warnings` name what
    does not fit within the card; they never forbid.
    """

    number: str
    old_number: str
    name: str
    birth: date | None
    birth_year: int
    sex: Sex
    address: str
    issued: date | None
    warnings: tuple[str, ...] = ()


def looks_like_chip_card(text: str) -> bool:
    """Whether a scan is meant as a chip card, well read or not: bars after 12 digits.

    >>> looks_like_chip_card("001099012345||Lê An|01"), looks_like_chip_card("RR123456785VN")
    (True, False)
    """
    return text.count("|") >= 3 and text.lstrip("\ufeff ")[:12].isdigit()


def parse_chip_card(text: str) -> ChipCard:
    """Read `CCCD|old CMND|name|ddmmyyyy|Nam or Nữ|address|ddmmyyyy`; later fields of newer cards are ignored.

    InvalidIdentifier says what is wrong with the text and what to do, never showing the text itself.

    >>> parse_chip_card("001099012345||Nguyễn Văn An|01021999|Nam|Số 1, Hà Nội|05062021").name
    'Nguyễn Văn An'
    """
    fields = [clean(field) for field in text.strip().lstrip("\ufeff").split("|")]
    if len(fields) < 7:
        raise _unreadable(f"Mã QR trên thẻ chỉ đọc được {len(fields)} trong 7 mục. {_TYPE_INSTEAD}")
    if any(sign in text for sign in _GARBLED):
        raise _unreadable("Đầu đọc gửi sai bảng mã tiếng Việt: đặt đầu đọc sang UTF-8 rồi quét lại thẻ.")
    number, old_number, name, birth_digits, sex_word, address, issued_digits = fields[:7]
    citizen = parse_citizen_id(number)
    if old_number and not (old_number.isdigit() and len(old_number) in (9, 12)):
        raise _unreadable(f"Số CMND cũ trên thẻ không đọc được. {_TYPE_INSTEAD}")
    sex = _SEXES.get(fold(sex_word))
    if sex is None:
        raise _unreadable(f"Giới tính trên thẻ không đọc được (cần Nam hoặc Nữ). {_TYPE_INSTEAD}")
    if not name or not any(character.isalpha() for character in name):
        raise _unreadable(f"Họ tên trên thẻ không đọc được. {_TYPE_INSTEAD}")
    birth, birth_year = _birth(birth_digits)
    issued = _date(issued_digits, "Ngày cấp") if issued_digits else None
    warnings = citizen_id_warnings(citizen, birth=birth or date(birth_year, 1, 1), sex=sex)
    return ChipCard(citizen.number, old_number, name, birth, birth_year, sex, address, issued, tuple(warnings))


def _birth(digits: str) -> tuple[date | None, int]:
    """A birth date; 0000yyyy and 00mmyyyy stand for an unknown day."""
    if len(digits) == 8 and digits.isascii() and digits.isdigit() and digits.startswith("00") and digits[4:] > "1800":
        return None, int(digits[4:])
    birth = _date(digits, "Ngày sinh")
    return birth, birth.year


def _date(digits: str, called: str) -> date:
    try:
        if len(digits) != 8 or not (digits.isascii() and digits.isdigit()) or digits[4:] < "1800":
            raise ValueError
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        raise _unreadable(f"{called} trên thẻ không đọc được (cần ngày tháng năm, 8 chữ số). {_TYPE_INSTEAD}") from None


def _unreadable(message: str) -> InvalidIdentifier:
    """The error carries no part of the card: it may end in a log."""
    return InvalidIdentifier("chip-card", "", message)
