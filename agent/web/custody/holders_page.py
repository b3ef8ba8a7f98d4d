"""Custody by holder: who answers for how many items, in which state, since when; and the items of one holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.custody_steps import STATE_NAME, ItemState
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.errors import InvalidIdentifier
from agent.store.custody_lookups import PAGE, Holding, held_by, holdings
from agent.store.items import Item
from agent.web.context import current_user, see_other, site
from agent.web.custody import custody, words
from agent.web.guard import allow
from agent.web.i18n import gettext


@dataclass(frozen=True)
class Holder:
    """A holder with what he answers for."""

    holder: str
    name: str
    count: int
    oldest: datetime | None
    states: dict[str, int]


@custody.get("/")
@allow(Action.MANAGE_BAGS)
def home() -> ResponseReturnValue:
    """Who holds what of the office's items."""
    typed, error = request.args.get("item", "").strip(), ""
    if typed:
        try:
            number = S10.parse(typed).text
        except InvalidIdentifier as wrong:
            error = gettext(wrong.message)
        else:
            with site().store.reading():
                known = Item.select().where(Item.number == number).exists()
            if known:
                return see_other("custody.trail", number=number)
            error = gettext("Không có bưu gửi %(number)s trong sổ. Quét lại hoặc kiểm tra số.") % {"number": number}
    office = current_user().office_id
    with site().store.reading():
        found = holdings(office)
        names = words.holder_names([one.holder for one in found])
    holders = _holders(found, names)
    now = site().clock.now()
    return render_template(
        "custody/holders.html", holders=holders, states=_states(found), state_name=STATE_NAME, now=now, words=words,
        total=sum(one.count for one in holders), error=error, typed=typed,
    )  # fmt: skip


@custody.get("/holder")
@allow(Action.MANAGE_BAGS)
def holder() -> ResponseReturnValue:
    """The items that one holder answers for, longest held first."""
    name, page = request.args.get("name", ""), max(0, request.args.get("page", 0, type=int))
    with site().store.reading():
        items = held_by(current_user().office_id, name, after=page * PAGE, limit=PAGE + 1)
        names = words.holder_names([name, *(item.offered_to for item in items)])
    return render_template(
        "custody/holder.html", name=name, names=names, items=items[:PAGE], more=len(items) > PAGE, page=page,
        states=STATE_NAME, now=site().clock.now(), words=words,
    )  # fmt: skip


def _holders(found: list[Holding], names: dict[str, str]) -> list[Holder]:
    made: dict[str, Holder] = {}
    for one in found:
        before = made.get(one.holder) or Holder(one.holder, names.get(one.holder, one.holder), 0, None, {})
        oldest = min((at for at in (before.oldest, one.oldest) if at is not None), default=None)
        states = {**before.states, one.state: one.count}
        made[one.holder] = Holder(one.holder, before.name, before.count + one.count, oldest, states)
    return sorted(made.values(), key=lambda one: (-one.count, one.name))


def _states(found: list[Holding]) -> list[ItemState]:
    there = {one.state for one in found}
    return [state for state in ItemState if state.value in there]
