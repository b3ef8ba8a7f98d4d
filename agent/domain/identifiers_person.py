"""The numbers that name a person or an organisation: citizen id, tax code, telephone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from agent.errors import InvalidIdentifier


class Sex(StrEnum):
    """Giới tính as identity papers write it."""

    MALE = "male"
    FEMALE = "female"


SEX_WORD: Final = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ"}

BIRTH_PROVINCES: Final = {
    "001": "Hà Nội", "002": "Hà Giang", "004": "Cao Bằng", "006": "Bắc Kạn", "008": "Tuyên Quang",
    "010": "Lào Cai", "011": "Điện Biên", "012": "Lai Châu", "014": "Sơn La", "015": "Yên Bái",
    "017": "Hòa Bình", "019": "Thái Nguyên", "020": "Lạng Sơn", "022": "Quảng Ninh", "024": "Bắc Giang",
    "025": "Phú Thọ", "026": "Vĩnh Phúc", "027": "Bắc Ninh", "030": "Hải Dương", "031": "Hải Phòng",
    "033": "Hưng Yên", "034": "Thái Bình", "035": "Hà Nam", "036": "Nam Định", "037": "Ninh Bình",
    "038": "Thanh Hóa", "040": "Nghệ An", "042": "Hà Tĩnh", "044": "Quảng Bình", "045": "Quảng Trị",
    "046": "Thừa Thiên Huế", "048": "Đà Nẵng", "049": "Quảng Nam", "051": "Quảng Ngãi", "052": "Bình Định",
    "054": "Phú Yên", "056": "Khánh Hòa", "058": "Ninh Thuận", "060": "Bình Thuận", "062": "Kon Tum",
    "064": "Gia Lai", "066": "Đắk Lắk", "067": "Đắk Nông", "068": "Lâm Đồng", "070": "Bình Phước",
    "072": "Tây Ninh", "074": "Bình Dương", "075": "Đồng Nai", "077": "Bà Rịa - Vũng Tàu",
    "079": "Thành phố Hồ Chí Minh", "080": "Long An", "082": "Tiền Giang", "083": "Bến Tre",
    "084": "Trà Vinh", "086": "Vĩnh Long", "087": "Đồng Tháp", "089": "An Giang", "091": "Kiên Giang",
    "092": "Cần Thơ", "093": "Hậu Giang", "094": "Sóc Trăng", "095": "Bạc Liêu", "096": "Cà Mau",
}  # fmt: skip
"""Provinces of birth registration before the mergers of 2025; numbers keep the old codes for life."""

_CCCD = re.compile(r"(\d{3})(\d)(\d{2})\d{6}")
_PHONE_NOISE = re.compile(r"[\s.\-()]+")


@dataclass(frozen=True, slots=True)
class CitizenId:
    """A 12-digit personal identification number (số căn cước, CCCD). It has no check digit.

    `province` is None for a birth registered abroad (country codes from 100).
    """

    number: str
    province: str | None
    sex: Sex
    birth_year: int


def parse_citizen_id(text: str) -> CitizenId:
    """Read a citizen id; only the structure can be checked.

    >>> parse_citizen_id("001 099 012 345")
    CitizenId(number='001099012345', province='Hà Nội', sex=<Sex.MALE: 'male'>, birth_year=1999)
    """
    digits = re.sub(r"[\s.\-]+", "", text)
    match = _CCCD.fullmatch(digits) if digits.isascii() else None
    if not match:
        raise InvalidIdentifier(
            "citizen-id",
            text,
            f"Số căn cước phải có đúng 12 chữ số (đang có {sum(c.isdigit() for c in digits)}). Quét thẻ hoặc nhập lại.",
        )
    province, century, year = match.groups()
    if province not in BIRTH_PROVINCES and int(province) < 100:
        raise InvalidIdentifier(
            "citizen-id", text, f"Số căn cước không có mã tỉnh “{province}”. Kiểm tra 3 chữ số đầu rồi nhập lại."
        )
    sex = Sex.FEMALE if int(century) % 2 else Sex.MALE
    return CitizenId(digits, BIRTH_PROVINCES.get(province), sex, 1900 + int(century) // 2 * 100 + int(year))


def citizen_id_warnings(
    citizen: CitizenId, *, birth: date | None = None, sex: Sex | None = None, today: date | None = None
) -> list[str]:
    """What does not fit between a citizen id and what is known of its bearer; never a reason to refuse."""
    warnings = []
    if birth is not None and birth.year != citizen.birth_year:
        warnings.append(f"Số căn cước ghi năm sinh {citizen.birth_year}, giấy tờ ghi {birth.year}: xem lại thẻ.")
    if sex is not None and sex is not citizen.sex:
        warnings.append(f"Số căn cước ghi giới tính {SEX_WORD[citizen.sex]}, giấy tờ ghi {SEX_WORD[sex]}: xem lại thẻ.")
    if citizen.province is None:
        warnings.append("Số căn cước ghi nơi đăng ký khai sinh ở nước ngoài: xem lại 3 chữ số đầu.")
    if today is not None and citizen.birth_year > today.year:
        warnings.append(f"Số căn cước ghi năm sinh {citizen.birth_year}, sau hôm nay: xem lại chữ số thứ 4 đến 6.")
    return warnings


class TaxCodeKind(StrEnum):
    """Whom a tax code names."""

    ORGANISATION = "organisation"
    BRANCH = "branch"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A tax code (mã số thuế, MST): 10 digits, 10-3 for a branch, or a person's 12-digit id."""

    number: str
    kind: TaxCodeKind


def parse_tax_code(text: str) -> TaxCode:
    """Read a tax code and check its check digit (python-stdnum); 12 digits are a personal id.

    >>> parse_tax_code("0100 233 488")
    TaxCode(number='0100233488', kind=<TaxCodeKind.ORGANISATION: 'organisation'>)
    """
    from stdnum.exceptions import ValidationError
    from stdnum.vn import mst

    digits = re.sub(r"[\s.\-]+", "", text)
    if len(digits) == 12:
        return TaxCode(parse_citizen_id(digits).number, TaxCodeKind.PERSON)
    try:
        compact = mst.validate(digits)
    except ValidationError:
        raise InvalidIdentifier(
            "tax-code",
            text,
            f"Mã số thuế “{text}” không đúng: cần 10 số, 13 số (chi nhánh) hoặc số căn cước, và số kiểm tra phải khớp."
            " Đối chiếu với giấy tờ rồi nhập lại.",
        ) from None
    if len(compact) == 13:
        return TaxCode(f"{compact[:10]}-{compact[10:]}", TaxCodeKind.BRANCH)
    return TaxCode(compact, TaxCodeKind.ORGANISATION)


def normalise_phone(text: str) -> str:
    """A Vietnamese or international telephone number as E.164.

    >>> normalise_phone("0912.345.678")
    '+84912345678'
    """
    import phonenumbers

    message = f"Số điện thoại “{text}” không gọi được. Nhập lại, ví dụ 0912 345 678."
    try:
        number = phonenumbers.parse(_PHONE_NOISE.sub("", text), "VN")
    except phonenumbers.NumberParseException:
        raise InvalidIdentifier("phone", text, message) from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidIdentifier("phone", text, message)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display_phone(e164: str) -> str:
    """An E.164 number as people here read it: Vietnamese ones in national form.

    >>> display_phone("+84912345678")
    '0912 345 678'
    """
    import phonenumbers

    number = phonenumbers.parse(e164, None)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if number.country_code == 84 else style.INTERNATIONAL)
