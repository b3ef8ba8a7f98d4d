"""How many working days a postal leg takes, by the zone between two places, from tables with effective dates."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from agent.domain.text import fold
from agent.errors import ConfigError


class Zone(StrEnum):
    """How far two places are from each other, as the tariff of times knows it (vùng)."""

    SAME_AREA = "same_area"  # cùng khu vực
    WITHIN_PROVINCE = "within_province"  # trong tỉnh
    SPECIAL_CITIES = "special_cities"  # giữa các đô thị đặc biệt, loại I
    ELSEWHERE = "elsewhere"  # liên tỉnh khác


ZONE_NAME: Mapping[Zone, str] = {
    Zone.SAME_AREA: "cùng khu vực",
    Zone.WITHIN_PROVINCE: "trong tỉnh",
    Zone.SPECIAL_CITIES: "giữa đô thị đặc biệt, loại I",
    Zone.ELSEWHERE: "liên tỉnh",
}


@dataclass(frozen=True, slots=True)
class ZoneDays:
    """Working days of one zone: on the way to the delivery office, and from there to the addressee."""

    transit: int
    delivery: int

    @property
    def total(self) -> int:
        """Working days from the sender to the addressee."""
        return self.transit + self.delivery


@dataclass(frozen=True, slots=True)
class Area:
    """A place that counts as one area; `words` (folded) stand at the end of addresses there."""

    id: str
    province: str
    special: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """The days that apply from `effective` up to and including `expires` (None: until the next edition)."""

    effective: date
    expires: date | None
    source: str
    zones: Mapping[Zone, ZoneDays]


@dataclass(frozen=True, slots=True)
class PostalLegs:
    """The tables of postal legs with the areas that addresses are looked up in."""

    editions: tuple[Edition, ...]
    areas: tuple[Area, ...]

    def edition(self, on: date) -> Edition:
        """The edition of a day; ConfigError, naming the day, when none applies."""
        fit = [one for one in self.editions if one.effective <= on and (one.expires is None or on <= one.expires)]
        if not fit:
            raise ConfigError(f"Bảng thời gian bưu chính không có quy định cho ngày {on:%d/%m/%Y}. Bổ sung tệp bảng.")
        return max(fit, key=lambda one: one.effective)

    def area_of(self, address: str) -> Area | None:
        """The area that an address lies in: the longest of its words that the address ends with or names in a part."""
        parts = [part.strip() for part in fold(address).split(",")]
        found = [(len(word), area) for area in self.areas for word in area.words if _named(word, parts)]
        return max(found, key=lambda one: one[0])[1] if found else None

    def area(self, area_id: str) -> Area | None:
        """The area with this id."""
        return next((area for area in self.areas if area.id == area_id), None)


def _named(word: str, parts: Iterable[str]) -> bool:
    """Whether one part of an address is the place: alone, or behind what kind of place it is."""
    return any(part == word or part.endswith(f" {word}") for part in parts)


def zone_between(a: Area, b: Area) -> Zone:
    """The zone between two areas.

    >>> here, there = Area("01", "01", True, ()), Area("02", "01", False, ())
    >>> zone_between(here, here).value, zone_between(here, there).value
    ('same_area', 'within_province')
    """
    if a.id == b.id:
        return Zone.SAME_AREA
    if a.province == b.province:
        return Zone.WITHIN_PROVINCE
    return Zone.SPECIAL_CITIES if a.special and b.special else Zone.ELSEWHERE


def parse_legs(text: str) -> PostalLegs:
    """Read the TOML of the tables; ConfigError names what is wrong with them."""
    try:
        found = tomllib.loads(text)
        editions = tuple(_edition(row) for row in found["editions"])
        areas = tuple(_area(row) for row in found.get("areas", ()))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"Không đọc được bảng thời gian bưu chính ({error}). Sửa tệp rồi chạy lại.") from None
    if not editions:
        raise ConfigError("Bảng thời gian bưu chính không có quy định nào. Sửa tệp rồi chạy lại.")
    return PostalLegs(editions, areas)


def _edition(row: Mapping[str, Any]) -> Edition:
    zones = {}
    for zone in Zone:
        given = row["zones"][zone.value]
        days = ZoneDays(int(given["transit"]), int(given["delivery"]))
        if min(days.transit, days.delivery) < 0:
            raise ValueError(f"{zone.value}: days must not be negative")
        if given.get("slip", 2 * days.total) != 2 * days.total:
            raise ValueError(f"{zone.value}: slip must be the days of both ways, {2 * days.total}")
        zones[zone] = days
    effective, expires = row["effective"], row.get("expires")
    if not isinstance(effective, date) or not isinstance(expires, date | None):
        raise ValueError("effective and expires must be dates")
    return Edition(effective, expires, str(row["source"]), zones)


def _area(row: Mapping[str, Any]) -> Area:
    words = tuple(fold(str(word)) for word in row["words"])
    return Area(str(row["id"]), str(row["province"]), bool(row.get("special", False)), words)
