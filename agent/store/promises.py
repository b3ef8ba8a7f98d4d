"""The promises of dossiers from their rows: one in full, and those of an office that are about to break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from agent.clock import local
from agent.domain.custody_steps import CustodyStep, ItemState
from agent.domain.deadlines import DayLine
from agent.domain.dossier import ENDED, ReturnWay, State
from agent.domain.postal_legs import PostalLegs, Zone, parse_legs, zone_between
from agent.domain.promise import Calendars, Facts, LegKind, LegState, Promise, Routes, promise
from agent.domain.promise_watch import Breaking, Watch
from agent.errors import ConfigError
from agent.settings import Settings
from agent.store.calendar import Body, working_calendar
from agent.store.dossiers import Contact, Dossier
from agent.store.handoffs import ProvinceReceipt
from agent.store.items import CustodyEvent, Item, Result

THERE = [step.value for step in (CustodyStep.ARRIVE, CustodyStep.OUT_FOR_DELIVERY, CustodyStep.HOLD)]
"""What shows that an item has reached its delivery office; a courier may set out without saying that it arrived."""
ITEM_ENDED = (ItemState.DELIVERED.value, ItemState.RETURNED.value)
PINNED = "pinned"  # in due_calculation: who named the day, where it was not counted here
SOON = timedelta(days=5)  # further ahead than any leg's warning reaches over a weekend


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A dossier whose promise is about to break (`near`) or broken (`late`), and whose leg it is."""

    dossier: UUID
    number: str  # official, else provisional
    leg: LegKind
    state: LegState
    leg_due_at: datetime
    expected_at: datetime | None  # at the citizen's door, as things stand
    items: tuple[str, ...]  # item numbers under way


def promise_of(dossier: Dossier, *, settings: Settings, now: datetime, calendars: Calendars | None = None) -> Promise:
    """The promise of one dossier at `now`. Inside a transaction; `calendars`: others than those in use."""
    return promises_of([dossier], settings=settings, now=now, calendars=calendars)[0]


def promises_of(
    dossiers: Sequence[Dossier], *, settings: Settings, now: datetime, calendars: Calendars | None = None
) -> list[Promise]:
    """The promises of dossiers, in their order, by four look-ups for all of them."""
    held = _Held(dossiers)
    return [held.promise(one, settings, now, calendars or calendars_of(one.office_id)) for one in dossiers]


def calendars_of(office_id: str) -> Calendars:
    """The calendars in use for an office's dossiers."""
    return Calendars(working_calendar(office_id), working_calendar(office_id, body=Body.OFFICE))


def about_to_break(
    office_id: str, *, settings: Settings, now: datetime, limit: int = 500, expected: bool = True
) -> list[AtRisk]:  # fmt: skip
    """Dossiers of an office whose running leg ends soon or should have ended, the earliest end first.

    `expected` False leaves out when they will be at the door, which costs as much as all the rest.

    Inside a transaction. `custody` raises its alarms from it; nothing personal is in it.
    """
    here = (Dossier.office_id == office_id) & Dossier.state.not_in(list(ENDED))
    soon = Dossier.due_at.is_null() | (Dossier.due_at <= now + SOON)
    moving = Dossier.state.in_([State.RECEIVED, State.LABELLED, State.DIGITISED, State.SIGNED, State.SUBMITTED,
                                State.REJECTED, State.RESULT_READY])  # fmt: skip
    rows = list(Dossier.select(*_WATCHED).where(here & (soon | moving)).order_by(Dossier.due_at, Dossier.id))
    held, calendars = _Held(rows), calendars_of(office_id)
    watch = Watch(calendars, now=now, warn_days=settings.promise.warn_days)
    breaking = [(leg, dossier) for dossier in rows if (leg := held.breaking(dossier, settings, watch)) is not None]
    first = sorted(breaking, key=lambda one: one[0].due_at)[:limit]
    whole = _whole([dossier.id for _, dossier in first]) if expected else {}
    found = []
    for leg, dossier in first:
        known = whole.get(dossier.id)
        at = held.promise(known, settings, now, calendars).expected_at if known else None
        found.append(AtRisk(dossier.uid, dossier.official or dossier.provisional, leg.kind, leg.state, leg.due_at, at,
                            held.under_way(dossier)))  # fmt: skip
    return found


def _whole(ids: Sequence[int]) -> dict[int, Dossier]:
    found: dict[int, Dossier] = {}
    for start in range(0, len(ids), _AT_ONCE):
        found |= {one.id: one for one in Dossier.select().where(Dossier.id.in_(ids[start : start + _AT_ONCE]))}
    return found


def legs_of(settings: Settings) -> PostalLegs:
    """The tables of postal legs in use; ConfigError for a file that cannot be used."""
    return _legs(settings.promise.legs)


@lru_cache(maxsize=4)
def _legs(path: str) -> PostalLegs:
    if not path:
        return parse_legs(resources.files("agent.domain").joinpath("data", "postal_legs.toml").read_text("utf-8"))
    try:
        return parse_legs(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"Không đọc được bảng thời gian bưu chính {path} ({error.strerror}).") from error


def _routes(dossier: Dossier, address: str, settings: Settings) -> Routes:
    legs, asked = legs_of(settings), settings.promise
    edition = legs.edition(local(dossier.received_at).date())
    here, there = legs.area(settings.office.area), legs.area_of(address) if address else None
    back = zone_between(here, there) if here and there else _zone(asked.return_zone)
    forward = _zone(asked.forward_zone)
    return Routes(forward, edition.zones[forward], back, edition.zones[back], edition.source)


def _zone(name: str) -> Zone:
    try:
        return Zone(name)
    except ValueError:
        raise ConfigError(f"[promise]: không có vùng “{name}”. Các vùng: {', '.join(Zone)}.") from None


_AT_ONCE: Final = 500
_WATCHED: Final = (
    Dossier.id, Dossier.uid, Dossier.official, Dossier.provisional, Dossier.state, Dossier.received_at,
    Dossier.due_at, Dossier.filed_at, Dossier.closed_at, Dossier.updated_at, Dossier.return_way,
)  # fmt: skip
"""What says which leg is running: what was counted and how (a long list) is read only of those that are at risk."""


class _Given(NamedTuple):
    """A result as the promise needs it."""

    ready_at: datetime
    delivered_at: datetime | None
    form: str


class _Carried(NamedTuple):
    """An item as the promise needs it."""

    number: str
    state: str
    updated_at: datetime


class _Held:
    """The rows that the promises of some dossiers need."""

    def __init__(self, dossiers: Sequence[Dossier]) -> None:
        self.acked: dict[int, datetime] = {}
        self.results: dict[int, list[_Given]] = {}
        self.items: dict[int, list[_Carried]] = {}
        self.at_office: dict[int, datetime] = {}
        self.addresses: dict[int, str] = {}
        for start in range(0, len(dossiers), _AT_ONCE):
            self._read([one.id for one in dossiers[start : start + _AT_ONCE]])

    def _read(self, ids: list[int]) -> None:
        submitted = (ProvinceReceipt.kind == "submit") & ProvinceReceipt.dossier.in_(ids)
        columns: Any = ProvinceReceipt.select(ProvinceReceipt.dossier, ProvinceReceipt.at).where(submitted)
        for dossier_id, at in columns.tuples():
            self.acked[dossier_id] = min(at, self.acked.get(dossier_id, at))
        made: Any = Result.select(Result.dossier, Result.ready_at, Result.delivered_at, Result.form)
        for dossier_id, *rest in made.where(Result.dossier.in_(ids)).tuples():
            self.results.setdefault(dossier_id, []).append(_Given(*rest))
        items: Any = Item.select(Item.dossier, Item.number, Item.state, Item.updated_at).where(Item.dossier.in_(ids))
        for dossier_id, *rest in items.order_by(Item.id).tuples():
            self.items.setdefault(dossier_id, []).append(_Carried(*rest))
        arrived = CustodyEvent.step.in_(THERE) & Item.dossier.in_(ids)
        events: Any = CustodyEvent.select(Item.dossier, CustodyEvent.occurred_at).join(Item).where(arrived)
        for dossier_id, at in events.tuples():
            self.at_office[dossier_id] = min(at, self.at_office.get(dossier_id, at))
        reach: Any = Contact.select(Contact.dossier, Contact.address).where(Contact.dossier.in_(ids))
        self.addresses.update(reach.tuples())

    def promise(self, dossier: Dossier, settings: Settings, now: datetime, calendars: Calendars) -> Promise:
        """The promise of one of them."""
        routes = _routes(dossier, self.addresses.get(dossier.id, ""), settings)
        return promise(self.facts(dossier, settings), routes, calendars, now=now, warn_days=settings.promise.warn_days)

    def breaking(self, dossier: Dossier, settings: Settings, watch: Watch) -> Breaking | None:
        """The leg of one of them that is about to break."""
        facts = self._moments(dossier, settings)
        address = self.addresses.get(dossier.id, "")
        on = local(dossier.received_at).date()
        there = legs_of(settings).edition(on).zones[_zone(settings.promise.forward_zone)]
        return watch.breaking(facts, there, lambda: _routes(dossier, address, settings).back)

    def under_way(self, dossier: Dossier) -> tuple[str, ...]:
        """The numbers of a dossier's items that are on their way."""
        return tuple(one.number for one in self.items.get(dossier.id, ()) if one.state not in ITEM_ENDED)

    def facts(self, dossier: Dossier, settings: Settings) -> Facts:
        """What is known of one dossier."""
        return replace(
            self._moments(dossier, settings),
            term=str(dossier.due_calculation.get("term", "")),
            due_lines=due_lines(dossier),
            pinned=bool(dossier.due_calculation.get(PINNED)),
        )

    def _moments(self, dossier: Dossier, settings: Settings) -> Facts:
        """When what happened to one of them; not how its day was counted."""
        results = self.results.get(dossier.id, [])
        minutes = settings.office.files_by_minutes(dossier.procedure_code, dossier.agency)
        ready = min((one.ready_at for one in results), default=None)
        delivered = [one.delivered_at for one in results]
        given = max((at for at in delivered if at), default=None) if delivered and all(delivered) else None
        stopped = (dossier.closed_at or dossier.updated_at) if dossier.state in ENDED and given is None else None
        items = self.items.get(dossier.id, [])
        if items and all(one.state in ITEM_ENDED for one in items) and given is None:
            stopped = stopped or max(one.updated_at for one in items)  # it went back to the authority
        electronic = bool(results) and all(one.form == "electronic" for one in results)
        return Facts(
            received_at=dossier.received_at,
            due_at=dossier.due_at,
            term="",
            from_minutes=minutes,
            handed_at=dossier.filed_at or self.acked.get(dossier.id) or ready,
            ready_at=ready,
            at_office_at=self.at_office.get(dossier.id) or given,
            delivered_at=given,
            stopped_at=stopped,
            by_courier=dossier.return_way is ReturnWay.COURIER,
            electronic=electronic or dossier.return_way is ReturnWay.ELECTRONIC,
        )


def due_lines(dossier: Dossier) -> tuple[DayLine, ...]:
    """How the promised day was counted, as it was kept."""
    days = dossier.due_calculation.get("days", [])
    return tuple(DayLine(date.fromisoformat(on), counted, why) for on, counted, why in days)
