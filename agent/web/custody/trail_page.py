"""The trail of one item: its three clocks in one picture, the same in a table, and how to correct an entry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.permissions import require
from agent.domain.custody import CORRECTABLE
from agent.domain.custody_steps import STATE_NAME, ItemState
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.errors import RuleViolation
from agent.store.custody_lookups import Outside, Step, Trail, trail_of, who_answers
from agent.store.lookup import item_by_number
from agent.tracking.journal import corrections
from agent.web.context import acting, current_user, see_other, site
from agent.web.custody import custody, words
from agent.web.custody.picture import Told, draw
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@custody.get("/items/<number>")
@allow(Action.MANAGE_BAGS, Action.COUNTERSIGN)
def trail(number: str) -> ResponseReturnValue:
    """The trail of an item."""
    return _page(number, {})


@custody.post("/items/<number>/corrections")
@allow(Action.CORRECT)
def correct(number: str) -> ResponseReturnValue:
    """Ask that one event be taken back."""
    _open(number)
    wrong = _uid(request.form.get("event", ""))
    if wrong is None:
        return _page(number, {"event": gettext("Chọn sự kiện ghi sai.")}), 422
    try:
        corrections.ask(site(), number, wrong, request.form.get("reason", ""), by=acting())
    except RuleViolation as error:
        return _page(number, {"reason": gettext(error.message)}), 422
    say(gettext("Đã ghi đính chính, đang chờ người thứ hai ký. Chưa có gì thay đổi."))
    return see_other("custody.trail", number=number)


@custody.post("/items/<number>/corrections/<uuid:correction>")
@allow(Action.COUNTERSIGN)
def countersign(number: str, correction: UUID) -> ResponseReturnValue:
    """Agree to a pending correction, or decline it."""
    _open(number)
    agree = request.form.get("answer") == "agree"
    try:
        corrections.answer(site(), number, correction, agree=agree, by=acting())
    except RuleViolation as error:
        say(gettext(error.message), kind="warn")
        return see_other("custody.trail", number=number)
    say(gettext("Đã ký đính chính.") if agree else gettext("Đã từ chối đính chính. Sự kiện vẫn đứng."))
    return see_other("custody.trail", number=number)


def _open(number: str) -> Any:
    """The item, when it is of the user's office; whoever countersigns has to see what is asked."""
    with site().store.reading():
        item = item_by_number(S10.parse(number).text)
    signs = current_user().may(Action.COUNTERSIGN)
    require(current_user(), Action.COUNTERSIGN if signs else Action.MANAGE_BAGS, item.office_id)
    return item


def _page(number: str, errors: dict[str, str]) -> str:
    item = _open(number)
    with site().store.reading():
        found, answer = trail_of(item), who_answers(item.number)
        names = words.holder_names(
            [who for one in found.steps for who in (one.from_holder, one.to_holder, one.actor, one.countersigned_by)]
            + [item.holder, item.offered_to]
            + [f"courier:{one.event.courier}" for one in found.outside]
        )
    rows = _rows(found, names)
    me = acting().name
    pending = [one for one in found.steps if one.uid in found.pending]
    return render_template(
        "custody/trail.html", item=item, trail=found, answer=answer, names=names, rows=rows,
        picture=draw([told for told, *_rest in rows]), words=words, state=STATE_NAME[ItemState(item.state)],
        pending=pending, mine=me, errors=errors, form=request.form, correctable=_correctable(found),
        may_correct=current_user().may(Action.CORRECT), may_sign=current_user().may(Action.COUNTERSIGN),
    )  # fmt: skip


def _correctable(found: Trail) -> list[Step]:
    steps = [one.value for one in CORRECTABLE]
    return [one for one in found.steps if one.step in steps and one.uid not in found.corrected]


def _rows(found: Trail, names: dict[str, str]) -> list[tuple[Told, Step | None, Outside | None]]:
    """Every event as the picture and the table tell it: those that count in their order, then those that do not."""
    rows: list[tuple[Told, Step | None, Outside | None]] = []
    holder = ""
    for number, one in enumerate(found.steps, 1):
        if one.step in ("register", "accept", "find", "deliver", "return"):
            holder = one.to_holder
        kind = "corrected" if one.uid in found.corrected else "pending" if one.uid in found.pending else "stands"
        doubt = timedelta(milliseconds=one.doubt_ms)
        told = Told(
            str(number), words.step_words(one.step), kind, names.get(holder, holder), one.claimed, one.corrected,
            one.received, doubt, f"{words.step_words(one.step)}: {names.get(one.from_holder, '')}",
        )  # fmt: skip
        rows.append((told, one, None))
    for out in found.outside:
        event = out.event
        at = event.corrected_at or event.received_at
        doubt = timedelta(milliseconds=event.uncertain_ms)
        label = words.step_words(event.step) if event.step else gettext("không đọc được")
        verdict = gettext(words.VERDICT_WORDS[event.verdict])
        told = Told(
            "–", f"{label} ({verdict})", event.verdict, gettext("ngoài chuỗi"), event.claimed_at, at,
            event.received_at, doubt, event.message,
        )  # fmt: skip
        rows.append((told, None, out))
    return rows


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
