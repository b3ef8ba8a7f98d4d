"""Find one row or say plainly that it is not there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from agent.domain.dossier import Role, State
from agent.errors import NotFound
from agent.store.dossiers import Component, DailyNumber, Dossier, Party, Subject
from agent.store.items import Item


def dossier_by_uid(uid: uuid.UUID) -> Dossier:
    """The dossier with this uid, or NotFound."""
    found: Dossier | None = Dossier.get_or_none(Dossier.uid == uid)
    if found is None:
        raise NotFound("Không có hồ sơ này. Kiểm tra lại mã hoặc tìm theo tên.")
    return found


def dossier_by_number(number: str) -> Dossier:
    """The dossier with this provisional or official number (canonical form), or NotFound."""
    found: Dossier | None = Dossier.get_or_none((Dossier.provisional == number) | (Dossier.official == number))
    if found is None:
        raise NotFound(f"Không có hồ sơ mang số {number}. Kiểm tra lại số hoặc tìm theo tên.")
    return found


def item_by_number(number: str) -> Item:
    """The item with this S10 number (no spaces), or NotFound."""
    found: Item | None = Item.get_or_none(Item.number == number)
    if found is None:
        raise NotFound(f"Không có bưu gửi {number} trong sổ. Quét lại mã hoặc kiểm tra đã nhận bưu gửi chưa.")
    return found


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
    query = Dossier.select().where((Dossier.office_id == office_id) & Dossier.state.in_(list(states)))
    if before is not None:
        query = query.where(Dossier.id < before)
    return list(query.order_by(Dossier.id.desc()).limit(limit))


def next_number(name: str, day: date) -> int:
    """The next number of a name on a day, from 1, inside the caller's transaction."""
    changed = (
        DailyNumber.update(last=DailyNumber.last + 1)
        .where((DailyNumber.name == name) & (DailyNumber.day == day))
        .execute()
    )
    if not changed:
        DailyNumber.insert(name=name, day=day, last=1).execute()
        return 1
    return int(DailyNumber.get((DailyNumber.name == name) & (DailyNumber.day == day)).last)
