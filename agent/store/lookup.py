"""Find one row or say plainly that it is not there; inside `writing()` what is found is locked for the change."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from agent.domain.dossier import Role, State
from agent.domain.operators import foreign_words
from agent.errors import NotFound
from agent.store import rows
from agent.store.base import current, locked, require_writing
from agent.store.dossiers import Component, Dossier, Party, Subject
from agent.store.items import Item

_NEXT_NUMBER = (
    "INSERT INTO daily_number (name, day, last) VALUES (?, ?, 1) "
    "ON CONFLICT (name, day) DO UPDATE SET last = daily_number.last + 1 RETURNING last"
)


def dossier_by_uid(uid: uuid.UUID) -> Dossier:
    """The dossier with this uid, or NotFound."""
    found: Dossier | None = _one(Dossier.uid == uid)
    if found is None:
        raise NotFound("Không có hồ sơ này. Kiểm tra lại mã hoặc tìm theo tên.")
    return found


def dossier_by_number(number: str) -> Dossier:
    """The dossier with this provisional or official number (canonical form), or NotFound."""
    found: Dossier | None = _one((Dossier.provisional == number) | (Dossier.official == number))
    if found is None:
        raise NotFound(f"Không có hồ sơ mang số {number}. Kiểm tra lại số hoặc tìm theo tên.")
    return found


def dossier_of(row_id: int | None) -> Dossier:
    """The dossier of a row that names it by its id (a job, an item), or NotFound."""
    read = rows.first_to_change if current().in_writing else rows.first
    found = read(Dossier, id=row_id)
    if found is None:
        raise NotFound("Hồ sơ của việc này không còn trong sổ. Chạy `doctor` để kiểm tra.")
    return found


def dossiers_to_change(where: Any) -> list[Dossier]:
    """Lock the dossiers that a transaction will change, oldest first, before any of them is changed.

    Whoever changes several rows takes them in this order: dossiers by age, then items, then journals; so two
    transactions cannot wait for each other.
    """
    return list(locked(Dossier.select().where(where).order_by(Dossier.id)))


def items_to_change(numbers: Iterable[str]) -> None:
    """Lock the dossiers and the items of these numbers, in the order of `dossiers_to_change`."""
    if current().dialect == "sqlite":
        return  # it has one writer: whoever writes has locked all there is
    wanted = Item.number.in_(list(numbers))
    dossiers_to_change(Dossier.id.in_(Item.select(Item.dossier).where(wanted)))
    list(locked(Item.select().where(wanted).order_by(Item.id)))


def item_by_number(number: str) -> Item:
    """The item with this S10 number (no spaces), or NotFound; inside `writing()` its dossier is locked with it."""
    if current().in_writing:
        items_to_change([number])
    found = rows.first(Item, number=number)
    if found is None:
        raise NotFound(foreign_words(number) or _unknown(number))
    return found


def _unknown(number: str) -> str:
    from agent.store.ranges import allotted

    if allotted(number):
        return f"Không có bưu gửi {number} trong sổ. Quét lại mã hoặc kiểm tra đã nhận bưu gửi chưa."
    return (
        f"Không có bưu gửi {number} trong sổ; số này cũng không thuộc dải số nào cấp cho bưu cục ở đây. "
        "Để riêng và trả lại bưu cục của nó."
    )


def subject_of(dossier: Dossier, role: Role) -> Subject | None:
    """The person or organisation in this role."""
    party = Party.get_or_none((Party.dossier == dossier) & (Party.role == role))
    return None if party is None else party.subject


def components_of(dossier: Dossier, round_: int | None = None) -> list[Component]:
    """The dossier's components in order; of one supplement round when `round_` is given."""
    query = Component.select().where(Component.dossier == dossier)
    if round_ is not None:
        query = query.where(Component.round == round_)
    return list(query.order_by(Component.round, Component.position))


def queue(office_id: str, states: Sequence[State], *, limit: int = 50, before: int | None = None) -> list[Dossier]:
    """Dossiers of an office in these states, newest first; `before` is the id to page from."""
    query = Dossier.select(Dossier.id).where((Dossier.office_id == office_id) & Dossier.state.in_(list(states)))
    if before is not None:
        query = query.where(Dossier.id < before)
    newest = [one.id for one in query.order_by(Dossier.id.desc()).limit(limit)]  # an index alone serves it
    return list(Dossier.select().where(Dossier.id.in_(newest or [-1])).order_by(Dossier.id.desc()))


def next_number(name: str, day: date) -> int:
    """The next number of a name on a day, from 1, inside the caller's transaction; two callers never get the same."""
    require_writing("lookup.next_number")
    store = current()
    sql = _NEXT_NUMBER if store.dialect == "sqlite" else _NEXT_NUMBER.replace("?", "%s")
    return int(store.database.execute_sql(sql, (name, day.isoformat())).fetchone()[0])


def _one(where: Any) -> Dossier | None:
    query = Dossier.select().where(where)
    found: Dossier | None = (locked(query) if current().in_writing else query).first()
    return found
