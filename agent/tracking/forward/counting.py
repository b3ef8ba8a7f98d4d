"""Count a hand-over thing by thing (kiểm đếm): each scan is kept at once, so that a power cut costs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from agent.domain.actor import Actor
from agent.domain.forward import NEXT_STEP, Counted, Follow, Paper, Seal, Verdict, mint
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import journal, rows
from agent.store.bags import BAG, Parcel
from agent.store.items import Item, Result
from agent.store.minutes import (
    COUNTING,
    KEPT,
    Manifest,
    Minutes,
    MinutesLine,
    line_of,
    lines_of_minutes,
    minutes_by_number,
)
from agent.store.progress import announce
from agent.tracking.forward.parcels import next_of
from agent.tracking.forward.scanned import Scanned

HANDOVER: Final = "handover"
COLLECTION: Final = "collection"
ARRIVAL: Final = "arrival"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one scan came to. `kind`: counted, again, opened, over, elsewhere, unknown; `words` for who scanned."""

    kind: str
    number: str
    words: str

    @property
    def good(self) -> bool:
        """Whether the thing was expected and is there."""
        return self.kind in ("counted", "opened")


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that should be there."""

    number: str
    kind: str
    parcel: Parcel | None = None
    item: Item | None = None
    result: Result | None = None
    dossier_id: int | None = None
    inside: str = ""
    seal: str = ""


def begin(
    site: Site, kind: str, expected: Iterable[Expected], *, by: Actor, giver: str, taker: str, agency: str,
    office_id: str, manifest: Manifest | None = None, place: str = "",
) -> Minutes:  # fmt: skip
    """New minutes with a line for each thing that should be there, inside the caller's transaction."""
    now = site.clock.now()
    minutes = rows.create(
        Minutes, uid=site.ids.uid(), number=mint(Paper.MINUTES, *next_of(site, "minutes", by)), kind=kind,
        office_id=office_id, terminal_id=by.terminal_id, agency=agency, manifest=manifest, giver=giver, taker=taker,
        state=COUNTING, place=place, giver_name=by.full_name, opened_at=now, opened_by=by.name,
    )  # fmt: skip
    for one in expected:
        rows.create(
            MinutesLine, minutes=minutes, number=one.number, kind=one.kind, parcel=one.parcel, item=one.item,
            result=one.result, dossier=one.dossier_id, inside=one.inside, seal=one.seal,
        )  # fmt: skip
    write(site, minutes, "opened", by=by, manifest=manifest.number if manifest else "")
    return minutes


def being_counted(number: str, kind: str) -> Minutes:
    """The minutes of this number while they are counted, locked; RuleViolation once the count is closed."""
    minutes = minutes_named(number)
    if minutes.kind != kind:
        raise RuleViolation(f"Biên bản {number} không phải loại này. Mở lại từ danh sách.")
    if minutes.voided_at is not None:
        raise RuleViolation(f"Lần kiểm đếm {number} đã bỏ. Bắt đầu lần mới.")
    if minutes.state != COUNTING:
        raise RuleViolation(f"Biên bản {number} đã chốt kiểm đếm. Muốn đếm thêm, bấm “đếm tiếp” trước khi hai bên ký.")
    return minutes


def minutes_named(number: str) -> Minutes:
    """The minutes of this number, or NotFound."""
    minutes = minutes_by_number(number)
    if minutes is None:
        raise NotFound(f"Không có biên bản {number} trong sổ. Quét lại mã trên biên bản.")
    return minutes


def count_line(site: Site, line: MinutesLine, *, capture: str, seal_state: str = "") -> None:
    """The thing of this line is there."""
    line.counted_at, line.capture = site.clock.now(), capture
    line.seal_state = seal_state or line.seal_state
    line.save()


def found_besides(
    site: Site, minutes: Minutes, number: str, verdict: Verdict, *, kind: str, capture: str,
    parcel: Parcel | None = None, item: Item | None = None,
) -> MinutesLine:  # fmt: skip
    """A line for a thing that was found and not expected: named, with what happens next."""
    known = line_of(minutes, number)
    if known is not None:
        return known
    owner = parcel.dossier_id if parcel else item.dossier_id if item else None
    return rows.create(
        MinutesLine, minutes=minutes, number=number, kind=kind, parcel=parcel, item=item, dossier=owner, expected=False,
        counted_at=site.clock.now(), capture=capture, verdict=verdict.value, follow=NEXT_STEP[verdict].value,
    )  # fmt: skip


def foreign(site: Site, minutes: Minutes, scan: Scanned, *, capture: str) -> Answer:
    """A number that is in nobody's books here: kept in the minutes by its number, and said whose it is if known."""
    found_besides(site, minutes, scan.number, Verdict.UNKNOWN, kind="unknown", capture=capture)
    words = scan.words or f"{scan.number} không có trong sổ. Để riêng; biên bản ghi là thừa, bên giao hỏi lại số hiệu."
    return Answer("unknown", scan.number, words)


def tally(lines: Iterable[MinutesLine]) -> Counted:
    """How the count stands; a bag counts by what lies in it."""
    things = [line for line in lines if line.kind != BAG]
    expected = [line for line in things if line.expected]
    present = sum(line.counted_at is not None for line in expected)
    return Counted(len(expected), present, len(things) - len(expected))


def judge(lines: Iterable[MinutesLine], *, short: Follow = Follow.SEARCH) -> None:
    """Give each line its verdict when the count is closed, with what happens next."""
    for line in lines:
        if line.expected:
            verdict = Verdict.PRESENT if line.counted_at is not None else Verdict.SHORT
            follow = short if verdict is Verdict.SHORT else Follow(line.follow or "")
            line.verdict, line.follow = verdict.value, follow.value
            line.save()


def unjudge(lines: Iterable[MinutesLine]) -> None:
    """Take the verdicts back: the count goes on."""
    for line in lines:
        if line.expected:
            kept = line.follow if line.follow == Follow.WITH_INVENTORY else ""
            line.verdict, line.follow = "", kept
            line.save()


def mark(line: MinutesLine, fact: Seal) -> None:
    """What was seen of a line's seal; one that is not intact is opened and counted together."""
    line.seal_state = fact.value
    line.follow = "" if fact is Seal.INTACT else Follow.WITH_INVENTORY.value
    line.save()


def settled(site: Site, minutes: Minutes, *, by: Actor) -> None:
    """The minutes are signed and kept; what they named as present needs nothing more."""
    now = site.clock.now()
    minutes.kept_at, minutes.kept_by, minutes.state = now, by.name, KEPT
    minutes.save()
    over: Any = (MinutesLine.minutes == minutes) & MinutesLine.verdict.in_([Verdict.PRESENT, Verdict.OVER])
    MinutesLine.update(settled_at=now).where(over).execute()


def write(site: Site, minutes: Minutes, kind: str, *, by: Actor, **body: Any) -> None:
    """An entry of the custody ledger about minutes: numbers and verdicts, no names."""
    now = site.clock.now()
    journal.append(
        "custody", f"minutes_{kind}", uid=site.ids.uid(), at=now, actor=by.name, office_id=minutes.office_id,
        terminal_id=by.terminal_id, dossier_id=None, body={"minutes": minutes.number, "of": minutes.kind, **body},
    )  # fmt: skip
    announce(f"minutes_{kind}", at=now, office_id=minutes.office_id, terminal_id=by.terminal_id)


def verdicts(minutes: Minutes) -> list[list[str]]:
    """What is signed: each number with its verdict, seal and next step."""
    return [[line.number, line.verdict, line.seal_state, line.follow] for line in lines_of_minutes(minutes)]
