"""The monthly statement (biên bản đối soát): volumes and fees of an office's month, and what earlier months lacked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from agent.clock import LOCAL
from agent.domain.canonical_codec import canonical_json, digest
from agent.errors import RuleViolation

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Measures:
    """What is counted: dossiers received (hồ sơ nhận), results handed out (kết quả trả), money in whole đồng.

    `state`, `freight` and `collected` are the three ledgers, paid less refunded; `corrected` is what two people
    corrected in the reconciliation ledger.
    """

    received: int = 0
    delivered: int = 0
    state: int = 0
    freight: int = 0
    collected: int = 0
    corrected: int = 0

    def __add__(self, other: Measures) -> Measures:
        return Measures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Measures)))

    def __sub__(self, other: Measures) -> Measures:
        return Measures(*(getattr(self, one.name) - getattr(other, one.name) for one in fields(Measures)))

    @property
    def money(self) -> int:
        """All đồng."""
        return self.state + self.freight + self.collected + self.corrected


NOTHING = Measures()


@dataclass(frozen=True)
class Line:
    """What the statement says of one dossier; a `period` before the statement's month makes it an adjustment."""

    key: str
    period: str
    code: str
    name: str
    measures: Measures

    def plain(self) -> dict[str, Any]:
        """Plain JSON."""
        head = {"key": self.key, "period": self.period, "code": self.code, "name": self.name}
        return {**head, **asdict(self.measures)}


@dataclass(frozen=True)
class Figures:
    """The figures that both sides sign; `differences` counts what was still open, by kind."""

    office: str
    office_name: str
    month: str
    rows: tuple[Line, ...]  # one a procedure, without key
    adjustments: tuple[Line, ...]  # one a dossier
    compared: int = 0
    compared_at: str = ""  # instant of the last comparison, "" when there was none after the month ended
    differences: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> Measures:
        """Of the month's own rows."""
        return sum((row.measures for row in self.rows), NOTHING)

    @property
    def adjusted(self) -> Measures:
        """Of the adjustments."""
        return sum((line.measures for line in self.adjustments), NOTHING)

    def plain(self) -> dict[str, Any]:
        """Plain JSON: what the digest is made of."""
        return {
            "office": self.office,
            "office_name": self.office_name,
            "month": self.month,
            "rows": [row.plain() for row in self.rows],
            "adjustments": [line.plain() for line in self.adjustments],
            "total": asdict(self.total),
            "adjusted": asdict(self.adjusted),
            "compared": self.compared,
            "compared_at": self.compared_at,
            "differences": dict(self.differences),
        }

    @classmethod
    def from_plain(cls, body: Mapping[str, Any]) -> Figures:
        """The figures of a stored body."""
        names = [one.name for one in fields(Measures)]
        rows, adjustments = (
            tuple(
                Line(one["key"], one["period"], one["code"], one["name"], Measures(**{n: one[n] for n in names}))
                for one in body[part]
            )
            for part in ("rows", "adjustments")
        )
        return cls(
            body["office"], body["office_name"], body["month"], rows, adjustments, body["compared"],
            body["compared_at"], body["differences"],
        )  # fmt: skip


def body_digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a statement's body: what is signed."""
    return digest(canonical_json(body))


def by_procedure(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The month's lines summed by procedure, in the order of their codes."""
    rows: dict[str, Line] = {}
    for line in lines:
        held = rows.get(line.code)
        measures = held.measures + line.measures if held else line.measures
        rows[line.code] = Line("", line.period, line.code, line.name, measures)
    return tuple(rows[code] for code in sorted(rows))


def adjustments(now: Iterable[Line], signed: Mapping[tuple[str, str], Line]) -> tuple[Line, ...]:
    """What closed months would say now less what was signed for them, by dossier and month; `signed` by both.

    >>> before = Line("T1", "2026-10", "1", "", Measures(received=1, state=5000))
    >>> [line.measures.state for line in adjustments([Line("T1", "2026-10", "1", "", Measures(1, 0, 8000))],
    ...                                              {("T1", "2026-10"): before})]
    [3000]
    """
    current = {(line.key, line.period): line for line in now}
    found = []
    for at in sorted({*current, *signed}, key=lambda one: (one[1], one[0])):
        line = current.get(at) or signed[at]
        is_now = current[at].measures if at in current else NOTHING
        was = signed[at].measures if at in signed else NOTHING
        if is_now != was:
            found.append(Line(line.key, line.period, line.code, line.name, is_now - was))
    return tuple(found)


def span(month: str) -> tuple[datetime, datetime]:
    """First instant of a month in Vietnam and of the next, in UTC; RuleViolation unless it is `yyyy-MM`.

    >>> [f"{at:%Y-%m-%d %H}" for at in span("2026-12")]
    ['2026-11-30 17', '2026-12-31 17']
    """
    if not _MONTH.fullmatch(month):
        raise RuleViolation(f"“{month}” không phải một tháng. Ghi dạng 2026-11.")
    year, number = int(month[:4]), int(month[5:])
    first = datetime(year, number, 1, tzinfo=LOCAL)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=LOCAL)
    return first.astimezone(UTC), after.astimezone(UTC)


def month_words(month: str) -> str:
    """A month as it is printed.

    >>> month_words("2026-11")
    'tháng 11 năm 2026'
    """
    return f"tháng {month[5:]} năm {month[:4]}"
