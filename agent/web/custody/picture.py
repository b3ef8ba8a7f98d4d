"""The trail of one item as a picture: a row an event, and its three clocks on one axis of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.clock import local

LEFT, RIGHT = 400, 985  # of the drawing, and of the axis within it
ROW, TOP = 24, 34
STEPS = [timedelta(minutes=m) for m in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 43200)]


@dataclass(frozen=True)
class Mark:
    """One event as a row of the picture; places are in the drawing's units."""

    number: str
    words: str
    kind: str  # stands | pending | corrected | waiting | refused | conflict
    y: int
    claimed: float | None
    corrected: float
    received: float
    doubt: float  # half the width of what the corrected time may be off
    title: str


@dataclass(frozen=True)
class Band:
    """From which row to which one holder answers."""

    holder: str
    y: int
    height: int
    odd: bool


@dataclass(frozen=True)
class Picture:
    """The whole drawing."""

    height: int
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Told:
    """What the picture is told of an event."""

    number: str
    words: str
    kind: str
    holder: str  # who answers from this event on
    claimed: datetime | None
    corrected: datetime
    received: datetime
    doubt: timedelta
    title: str


def draw(events: Sequence[Told]) -> Picture:
    """Lay the events out in their order, top down, on an axis that reaches from the first clock to the last."""
    instants = [at for one in events for at in (one.claimed, one.corrected, one.received) if at is not None]
    first, last = min(instants), max(instants)
    if last - first < timedelta(minutes=5):
        last = first + timedelta(minutes=5)
    span = (last - first).total_seconds()

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * (at - first).total_seconds() / span, 1)

    marks = tuple(
        Mark(
            one.number, one.words, one.kind, TOP + ROW * row, None if one.claimed is None else x(one.claimed),
            x(one.corrected), x(one.received),
            round((RIGHT - LEFT) * min(one.doubt.total_seconds(), span) / span, 1), one.title,
        )
        for row, one in enumerate(events)
    )  # fmt: skip
    return Picture(TOP + ROW * len(events) + 10, marks, tuple(_bands(events)), tuple(_ticks(first, last, x)))


def _bands(events: Sequence[Told]) -> list[Band]:
    made: list[Band] = []
    for row, one in enumerate(events):
        y = TOP + ROW * row - ROW // 2
        if made and made[-1].holder == one.holder:
            before = made.pop()
            made.append(Band(before.holder, before.y, before.height + ROW, before.odd))
        else:
            made.append(Band(one.holder, y, ROW, len(made) % 2 == 1))
    return made


def _ticks(first: datetime, last: datetime, x: Callable[[datetime], float]) -> list[tuple[float, str]]:
    step = next((one for one in STEPS if (last - first) / one <= 6), STEPS[-1])
    start = local(first)
    at = start.replace(hour=0, minute=0, second=0, microsecond=0)
    found, day = [], ""
    while at <= local(last):
        if at >= start:
            words = f"{at:%H:%M}" if step < timedelta(days=1) else f"{at:%d/%m}"
            if step < timedelta(days=1) and f"{at:%d/%m}" != day:
                day = f"{at:%d/%m}"
                words = f"{words} {day}"
            found.append((x(at), words))
        at += step
    return found
