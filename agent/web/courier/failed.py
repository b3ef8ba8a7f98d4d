"""An attempt that failed: the reason first, then only the actions that it allows, and the evidence."""

from __future__ import annotations

import math
from typing import TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.custody_attempts import ACTION_NAME, EVIDENCE_NAME, REASON_NAME, RULES, Evidence, Reason
from agent.domain.custody_attempts import Action as Next
from agent.domain.custody_steps import CustodyStep, ItemState, advance
from agent.domain.roles import Action
from agent.tracking.deliver import FactContext, fail_attempt
from agent.web.context import acting, see_other, site
from agent.web.courier import courier, hands
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

OFFERED = (Evidence.POSITION, Evidence.INVITATION, Evidence.CALL, Evidence.STATEMENT)
NOTE_LENGTH = 300
T = TypeVar("T", Reason, Next)


@courier.get("/items/<number>/failed")
@allow(Action.CARRY)
def failed_form(number: str) -> ResponseReturnValue:
    """Choose the reason; then what happens next and what supports it."""
    return _form(number, {})


@courier.post("/items/<number>/failed")
@allow(Action.CARRY)
def failed_now(number: str) -> ResponseReturnValue:
    """Record the attempt and say whether it counts."""
    card = hands.my_card(number)
    reason, action = _member(Reason, "reason"), _member(Next, "action")
    if reason is None:
        return see_other("courier.failed_form", number=card.item.number)
    errors = {}
    if action is None or action not in RULES[reason].actions:
        errors["action"] = _("Chọn hướng xử lý.")
    uid = hands.event_uid()
    if errors or uid is None:
        return _form(number, errors), 422
    evidence = [one.value for one in OFFERED if one.value in request.form.getlist("evidence")]
    custody = fail_attempt(
        site(), card.item.number, reason=reason.value, action=str(action), evidence=evidence, by=acting(),
        context=FactContext(uid, site().clock.now()), note=_note(),
    )  # fmt: skip
    last = custody.attempts[-1]
    if last.counted:
        say(_("Đã ghi phát không thành công, tính là lần %(n)s.") % {"n": custody.counted_attempts})
    else:
        say(_("Đã ghi, nhưng chưa tính là một lần phát: %(why)s.") % {"why": last.why_not}, kind="warn")
    return see_other("courier.home")


def position_of_form() -> dict[str, float]:
    """The position that the phone added to the form; empty without, or when it is no place on earth."""
    try:
        found = {name: float(request.form[name]) for name in ("lat", "lon", "accuracy_m")}
    except (KeyError, ValueError):
        return {}
    on_earth = abs(found["lat"]) <= 90 and abs(found["lon"]) <= 180 and 0 <= found["accuracy_m"] < 100_000
    return found if on_earth and all(math.isfinite(value) for value in found.values()) else {}


def _form(number: str, errors: dict[str, str]) -> str:
    card = hands.my_card(number)
    advance(ItemState(card.item.state), CustodyStep.ATTEMPT_FAILED)
    reason = _member(Reason, "reason")
    rule = RULES[reason] if reason else None
    return render_template(
        "courier/failed.html", card=card, errors=errors, reason=reason, rule=rule, event=site().ids.uid(),
        reasons=REASON_NAME, actions=[(one.value, _(ACTION_NAME[one])) for one in Next if rule and one in rule.actions],
        evidence=[(one.value, _(EVIDENCE_NAME[one])) for one in OFFERED],
        needed=[_(EVIDENCE_NAME[one]) for one in Evidence if rule and one in rule.evidence], form=request.form,
    )  # fmt: skip


def _note() -> str:
    words, place = request.form.get("note", "").strip()[:NOTE_LENGTH], position_of_form()
    if not place:
        return words
    return f"{words} [{place['lat']:.5f}, {place['lon']:.5f} ±{place['accuracy_m']:.0f} m]".strip()


def _member(kind: type[T], name: str) -> T | None:
    text = request.values.get(name, "")
    return kind(text) if text in [one.value for one in kind] else None
