"""What the office sees of its couriers' phones: last contact, events not sent or owed, clocks, versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from agent.domain.roles import Role
from agent.site import Site
from agent.store.accounts import User
from agent.store.phone_chain import standing
from agent.store.phones import Phone, phones_of_office

SILENT: Final = timedelta(hours=12)  # of a phone that has something to send, or of a working day
CLOCK_LIMIT: Final = timedelta(minutes=2)


class Trouble(StrEnum):
    """What needs somebody's eye (việc cần xem)."""

    OWES = "owes"  # numbers of its sequence are missing
    UNSENT = "unsent"  # it said that it has events, and has been silent since
    SILENT = "silent"
    CLOCK = "clock"


@dataclass(frozen=True)
class PhoneLine:
    """One phone as a line of the list; `owed` counts missing numbers, `unsent` is what it said at last contact."""

    phone: Phone
    courier_name: str
    received: int
    owed: int
    unsent: int
    clock: timedelta | None  # office minus phone
    troubles: frozenset[Trouble]


def overview(site: Site, office_id: str | None) -> list[PhoneLine]:
    """The phones of an office (None: of every office), those in use first."""
    now = site.clock.now()
    with site.store.reading():
        names = {row.username: row.full_name for row in User.select()}
        return [_line(phone, names.get(phone.courier, phone.courier), now) for phone in phones_of_office(office_id)]


def couriers(site: Site, office_id: str | None) -> list[tuple[str, str]]:
    """User name and full name of the couriers who can get a phone."""
    query: Any = User.select().where((User.role == Role.COURIER) & User.active)
    with site.store.reading():
        rows = query if office_id is None else query.where(User.office_id == office_id)
        return [(row.username, row.full_name) for row in rows.order_by(User.username)]


def _line(phone: Phone, name: str, now: datetime) -> PhoneLine:
    held = standing(phone.uid)
    clock = None if phone.clock_offset_ms is None else timedelta(milliseconds=phone.clock_offset_ms)
    quiet = phone.last_seen_at is None or now - phone.last_seen_at > SILENT
    signs = {
        Trouble.OWES: held.owed > 0,
        Trouble.UNSENT: bool(phone.unsent) and quiet,
        Trouble.SILENT: quiet,
        Trouble.CLOCK: clock is not None and abs(clock) > CLOCK_LIMIT,
    }
    troubles = frozenset(kind for kind, there in signs.items() if there) if phone.revoked_at is None else frozenset()
    return PhoneLine(phone, name, held.next_seq - 1, held.owed, phone.unsent or 0, clock, troubles)
