"""UPU S10 item numbers: two letters, eight digits, a check digit, a country.

Numbers are taken from allotted ranges and never minted. The check digit misses 1.6 % of single-digit errors
and 2.0 % of swaps: always look the item up as well. Source: UPU standard S10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agent.errors import InvalidIdentifier

WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_S10 = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")


class ServiceClass(StrEnum):
    """What the first letters of an item number say about the service (loại dịch vụ)."""

    EMS = "ems"
    REGISTERED = "registered"
    INSURED = "insured"
    PARCEL = "parcel"
    TRACKED = "tracked"
    LETTER = "letter"
    DOMESTIC = "domestic"
    OTHER = "other"


SERVICE_MARK: Final = {
    ServiceClass.EMS: "EMS",
    ServiceClass.REGISTERED: "BƯU PHẨM BẢO ĐẢM",
    ServiceClass.INSURED: "KHAI GIÁ",
    ServiceClass.PARCEL: "BƯU KIỆN",
}
"""What labels and couriers' phones call a service."""
_DOMESTIC_FIRST: Final = frozenset("BDNPZ")
_BY_FIRST: Final = {
    "E": ServiceClass.EMS, "R": ServiceClass.REGISTERED, "V": ServiceClass.INSURED, "C": ServiceClass.PARCEL,
    "L": ServiceClass.TRACKED, "U": ServiceClass.LETTER,
}  # fmt: skip


def service_class(prefix: str) -> ServiceClass:
    """The service that a two-letter prefix stands for.

    >>> service_class("RR"), service_class("AV"), service_class("AA")
    (<ServiceClass.REGISTERED: 'registered'>, <ServiceClass.DOMESTIC: 'domestic'>, <ServiceClass.OTHER: 'other'>)
    """
    if prefix[0] in _DOMESTIC_FIRST or "AV" <= prefix <= "AZ" or prefix in {"GA", "GD"}:
        return ServiceClass.DOMESTIC
    return _BY_FIRST.get(prefix[0], ServiceClass.OTHER)


def check_digit(serial: str) -> str:
    """The check digit of an eight-digit serial.

    >>> check_digit("47312482"), check_digit("12345678")
    ('9', '5')
    """
    if not re.fullmatch(r"[0-9]{8}", serial):
        raise InvalidIdentifier("s10", serial, f"Số thứ tự bưu gửi “{serial}” phải có đúng 8 chữ số.")
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, WEIGHTS, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


@dataclass(frozen=True, slots=True)
class S10:
    """A postal item's number (số hiệu bưu gửi), for instance RR123456785VN."""

    prefix: str
    serial: str
    country: str

    @classmethod
    def parse(cls, text: str) -> S10:
        """Read an item number typed or scanned, with or without spaces; the check digit must be right."""
        compact = re.sub(r"[\s.\-]+", "", text).upper()
        match = _S10.fullmatch(compact) if compact.isascii() else None
        if not match:
            raise InvalidIdentifier(
                "s10", text, f"“{text}” không phải số hiệu bưu gửi (mẫu: RR 123 456 785 VN). Quét lại hoặc nhập lại."
            )
        prefix, serial, digit, country = match.groups()
        if digit != check_digit(serial):
            raise InvalidIdentifier(
                "s10", text, f"Số hiệu bưu gửi “{text}” sai chữ số kiểm tra. Quét lại hoặc nhập lại."
            )
        return cls(prefix, serial, country)

    @staticmethod
    def looks_like(text: str) -> bool:
        """Whether a text has the shape of an item number, its check digit right or wrong.

        >>> S10.looks_like("rr 123 456 789 vn"), S10.looks_like("TT1-261129-012B")
        (True, False)
        """
        return bool(_S10.fullmatch(re.sub(r"[\s.\-]+", "", text).upper()))

    @property
    def text(self) -> str:
        """The 13 characters as stored and put in bar codes."""
        return f"{self.prefix}{self.serial}{check_digit(self.serial)}{self.country}"

    @property
    def service(self) -> ServiceClass:
        """The service that the prefix stands for."""
        return service_class(self.prefix)

    def __str__(self) -> str:
        """The number as printed for people.

        >>> str(S10.parse("rr123456785vn"))
        'RR 123 456 785 VN'
        """
        digits = self.text[2:11]
        return f"{self.prefix} {digits[:3]} {digits[3:6]} {digits[6:]} {self.country}"


def number_in_range(prefix: str, serial: int, country: str = "VN") -> S10:
    """The item number of one serial of an allotted range."""
    if not re.fullmatch("[A-Z]{4}", prefix + country) or len(prefix) != 2 or not 0 <= serial <= 99_999_999:
        raise InvalidIdentifier(
            "s10",
            f"{prefix}{serial}{country}",
            f"Dải số bưu gửi {prefix}…{country} không hợp lệ: kiểm tra dải số được cấp.",
        )
    return S10(prefix, f"{serial:08d}", country)
