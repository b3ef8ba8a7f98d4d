"""Conflicts to decide, by keys: the event stands before or after the other one, or has no effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.permissions import require
from agent.domain.custody_order import ConflictKind, Decision
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Action
from agent.errors import NotFound, RuleViolation
from agent.store import custody_lookups as look
from agent.store.custody_events import CustodyConflict, DeviceEvent
from agent.store.money_surplus import collected_of
from agent.tracking.journal.conflicts import decide, deciders, is_maker
from agent.tracking.journal.surplus import Question, question
from agent.web.context import acting, current_user, see_other, site
from agent.web.custody import custody, words
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@custody.get("/conflicts")
@allow(Action.MANAGE_BAGS)
def conflicts() -> ResponseReturnValue:
    """The open conflicts of the office; one of them is laid out with both its events."""
    with site().store.reading():
        rows = look.open_conflicts(current_user().office_id)
        wanted = request.args.get("c", "")
        here = next((row for row in rows if str(row.uid) == wanted), rows[0] if rows else None)
        sent = look.device_events([row.disputes for row in rows])
        stands = look.custody_events([row.stands for row in rows if row.stands])
        names = words.holder_names(
            [who for one in stands.values() for who in (one.from_holder, one.to_holder, one.actor)]
            + [f"courier:{one.courier}" for one in sent.values()]
            + [str(one.body.get(name, "")) for one in sent.values() for name in ("from", "to")]
        )
        asked = _Asked() if here is None else _asked(here, sent.get(here.disputes))
    return render_template(
        "custody/conflicts.html", rows=rows, here=here, sent=sent, stands=stands, names=names, words=words, asked=asked,
        may_decide=current_user().may(Action.CORRECT),
    )  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """What the page asks about one conflict: the money in question, and who may answer."""

    money: Question | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    own: bool = False  # one side is the reader's own word
    deciders: Sequence[str] = ()


def _asked(here: CustodyConflict, event: DeviceEvent | None) -> _Asked:
    """Inside a transaction."""
    courier = f"user:{event.courier}" if event else ""
    money = question(here.item, collected_of(event)) if event and event.step == CustodyStep.DELIVER else None
    if money is not None and not money.surplus and here.kind != ConflictKind.AMOUNT:
        money = None
    people = words.people_names([one.by for one in money.settled] if money else [])
    return _Asked(money, people, is_maker(here, here.item, courier, acting()), deciders(here, here.item, courier))


@custody.post("/conflicts/<uuid:conflict>")
@allow(Action.CORRECT)
def decide_now(conflict: UUID) -> ResponseReturnValue:
    """Decide one conflict."""
    with site().store.reading():
        row = CustodyConflict.get_or_none(CustodyConflict.uid == conflict)
    if row is None:
        raise NotFound("Không có xung đột này. Tải lại danh sách.")
    require(current_user(), Action.CORRECT, row.office_id)
    chosen = request.form.get("decision", "")
    if chosen not in [one.value for one in Decision]:
        say(gettext("Chọn một trong ba cách quyết định."), kind="warn")
        return see_other("custody.conflicts", c=str(conflict))
    try:
        due = request.form.get("due", "")
        item = decide(site(), conflict, Decision(chosen), by=acting(), due=int(due) if due.isdecimal() else None)
    except RuleViolation as error:
        say(gettext(error.message), kind="warn")
        return see_other("custody.conflicts", c=str(conflict))
    say(gettext("Đã quyết định. Bưu gửi %(item)s đã được ghi lại theo đó.") % {"item": item.number})
    return see_other("custody.conflicts")
