"""Numbers of other operators (bưu gửi của doanh nghiệp khác), told apart by a table so that they are named as such."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

OWN_COUNTRY: Final = "VN"
_S10_SHAPE = re.compile(r"[A-Z]{2}\d{9}([A-Z]{2})")


@dataclass(frozen=True, slots=True)
class Operators:
    """The table: names by an S10 number's country, and by shapes that other operators print."""

    by_country: dict[str, str]
    by_shape: tuple[tuple[re.Pattern[str], str], ...]


def parse_operators(text: str) -> Operators:
    """Read a table of operators (TOML); re.error or KeyError when it is not one."""
    table = tomllib.loads(text)
    shapes = tuple((re.compile(one["pattern"]), str(one["name"])) for one in table.get("shape", []))
    return Operators({one["code"]: str(one["name"]) for one in table.get("country", [])}, shapes)


@lru_cache(maxsize=1)
def operators() -> Operators:
    """The table that ships with the product."""
    return parse_operators(resources.files("agent.domain").joinpath("data", "operators.toml").read_text("utf-8"))


def foreign_operator(text: str, table: Operators | None = None) -> str | None:
    """Whose number this is when it is another operator's; None for ours and for what nobody knows.

    >>> foreign_operator("RR 123 456 785 CN"), foreign_operator("SPXVN0123456789"), foreign_operator("RR123456785VN")
    ('China Post (Trung Quốc)', 'SPX Express', None)
    """
    known = table or operators()
    compact = re.sub(r"\s+", "", text).upper()
    match = _S10_SHAPE.fullmatch(compact)
    if match is not None:
        country = match[1]
        return None if country == OWN_COUNTRY else known.by_country.get(country, f"bưu chính nước ngoài mã {country}")
    return next((name for pattern, name in known.by_shape if pattern.fullmatch(compact)), None)


def foreign_words(text: str, table: Operators | None = None) -> str:
    """What to tell whoever scanned another operator's number; empty when it is none.

    >>> foreign_words("TT1-261129-012B")
    ''
    """
    name = foreign_operator(text, table)
    if name is None:
        return ""
    return f"“{text.strip()[:40]}” là bưu gửi của {name}, không phải của bưu cục. Để riêng và trả lại đúng đơn vị đó."
