"""What anybody who holds a receipt's random token may know of its dossier: stage, office, expected date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final

from agent.domain.dossier import ReturnWay, State
from agent.settings import Settings
from agent.store import rows
from agent.store.citizen import OfficeSwitch, Switch, is_on
from agent.store.dossiers import Contact, Dossier, Party, Subject
from agent.store.items import Item, Result
from agent.store.promises import promise_of

LAST: Final = 4  # digits of the phone that are asked for
_MOST_PHONES: Final = 4
_NOBODY: Final = "----"  # no digits: nothing that is typed equals it


@dataclass(frozen=True)
class Tracked:
    """A dossier without anything personal: no names, no numbers, no procedure."""

    office_id: str
    state: State
    province_status: int
    return_way: ReturnWay
    due_at: datetime | None
    updated_at: datetime
    item_state: str  # of the newest item that is not delivered, empty: none


def dossier_by_token(token: str) -> Dossier | None:
    """The dossier that a token leads to, for the public pages; or None."""
    return rows.first(Dossier, public_token=token)


def tracked(token: str) -> Tracked | None:
    """What the token leads to, or None."""
    found = dossier_by_token(token)
    return None if found is None else view_of(found)


def view_of(found: Dossier) -> Tracked:
    """A dossier as its public page shows it."""
    on_the_way = (Item.dossier == found) & (Item.state != "delivered")
    item = Item.select(Item.state, Item.updated_at).where(on_the_way).order_by(Item.id.desc()).first()
    way = found.return_way
    if item is None and Result.select().where((Result.dossier == found) & (Result.way == "electronic")).exists():
        way = ReturnWay.ELECTRONIC
    changed = max(found.updated_at, item.updated_at) if item else found.updated_at
    return Tracked(
        found.office_id, found.state, found.province_status, way, found.due_at, changed, item.state if item else ""
    )


def door_day(found: Dossier, settings: Settings, now: datetime) -> datetime | None:
    """When the result is expected in the citizen's hands; None where nothing is expected any more or yet."""
    made = promise_of(found, settings=settings, now=now)
    if made.ended or made.expected_at is None:
        return None
    return max(made.expected_at, now) if made.running else made.expected_at


def by_phone(number: str, last: str) -> Dossier | None:
    """The dossier of this number when its office takes the phone's last digits, and they are right; else None.

    Whether the number, the office's switch or the digits are wrong, the same questions are asked of the database and
    the same comparisons made.
    """
    official, provisional = rows.first(Dossier, official=number), rows.first(Dossier, provisional=number)
    found = official or provisional
    dossier_id, office_id = (found.id, found.office_id) if found is not None else (0, "")
    here = is_on(office_id, Switch.PHONE_TRACKING)
    phones: list[str] = [row.phone for row in rows.every(Contact, dossier=dossier_id)]
    people: Any = Subject.select(Subject.phone).join(Party, on=Party.subject == Subject.id)
    phones += [row.phone for row in people.where(Party.dossier == dossier_id)]
    known = ([phone[-LAST:] for phone in phones if len(phone) > LAST] + [_NOBODY] * _MOST_PHONES)[:_MOST_PHONES]
    fits = [compare_digest(one.encode(), last.encode()) for one in known]
    return found if any(fits) and here else None


def phone_tracking_somewhere() -> bool:
    """Whether any office of this database takes number and phone, so that the form is offered at all."""
    query: Any = OfficeSwitch.select(OfficeSwitch.office_id).where(OfficeSwitch.name == Switch.PHONE_TRACKING.value)
    offices = list(query.distinct().tuples())  # to the end: a cursor that stops halfway keeps this thread in the past
    return any(is_on(office_id, Switch.PHONE_TRACKING) for (office_id,) in offices)
