"""One item before the delivery office: who holds it, its attempts as they stand, and what can be decided now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.clock import local
from agent.domain.claims import KIND_NAME
from agent.domain.custody_attempts import ACTION_NAME, EVIDENCE_NAME, REASON_NAME, RULES, Action, Evidence, Reason
from agent.domain.custody_steps import CustodyStep
from agent.domain.delivery import NO_ATTEMPT_NAME, PAYER_NAME, require_may_go_back, require_may_invite
from agent.domain.roles import Action as May
from agent.errors import RuleViolation
from agent.store.calendar import Body, working_calendar
from agent.store.claims import Claim
from agent.store.delivery import NoAttempt, RepeatFreight
from agent.store.delivery_lists import line_waiting, names_of
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result
from agent.store.rounds import stop_of
from agent.tracking.back.claims import transit_end
from agent.tracking.back.invite import invitations_of, invited
from agent.tracking.back.no_attempt import trail_of
from agent.tracking.back.own import own_item, plan_of, standing_attempts
from agent.tracking.back.proxy import KINDS, NOT_GIVEN, WITHDRAWN, authorisations_of, papers_of
from agent.tracking.custody import custody_of
from agent.web.context import acting, current_user, site
from agent.web.courier.deliver import IDENTITIES, RELATIONS
from agent.web.delivery import delivery
from agent.web.delivery.desk import holder_words, today
from agent.web.guard import allow
from agent.web.i18n import gettext

DOINGS = ("redeliver", "hold", "address", "office", "give", "no_attempt", "proxy", "paper", "claim")


@delivery.get("/items/<number>")
@allow(May.MANAGE_BAGS)
def item(number: str) -> ResponseReturnValue:
    """The item; `do` opens the form of one decision."""
    return page_of(number, {})


def page_of(number: str, errors: dict[str, str]) -> str:
    """The page with what was wrong of the form that was sent."""
    by, doing = acting(), request.values.get("do", "")
    with site().store.reading():
        held = own_item(number, by)
        dossier = Dossier.get_by_id(held.dossier_id)
        facts = _facts(held)
    record_access(site(), current_user(), dossier=dossier.uid, purpose=Purpose.DELIVERY, what="item with receiver")
    return render_template(
        "delivery/item.html", item=held, dossier=dossier, doing=doing if doing in DOINGS else "", errors=errors,
        form=request.form, day=today(), reasons=REASON_NAME, actions=ACTION_NAME, evidence=EVIDENCE_NAME,
        relations=[(value, gettext(words)) for value, words in RELATIONS],
        identities=[(value, gettext(words)) for value, words in IDENTITIES], kinds=KINDS,
        not_given=NOT_GIVEN, withdrawn=WITHDRAWN, no_attempt_evidence=NO_ATTEMPT_NAME, payers=PAYER_NAME,
        here=held.holder == f"office:{by.office_id}" and not held.offered_to,
        **_options(facts),
        ended=held.state in ("delivered", "returned", "lost"), supervises=current_user().may(May.COUNTERSIGN), **facts,
    )  # fmt: skip


def _options(facts: dict[str, Any]) -> dict[str, Any]:
    """What the forms offer to choose from."""
    events = [
        (str(entry.uid), f"{local(entry.occurred_at):%H:%M %d/%m} · {gettext(REASON_NAME[entry.reason])}")
        for entry, gone in facts["reported"] if not gone and entry.reason
    ]  # fmt: skip
    return {
        "f_events": lambda: events,
        "f_evidence": lambda: [(one.value, gettext(words)) for one, words in NO_ATTEMPT_NAME.items()],
        "f_kinds": lambda: [(value, gettext(words)) for value, words in KINDS.items()],
        "f_claims": lambda: [(one.value, gettext(words)) for one, words in KIND_NAME.items()],
        "f_transit": facts["transit_end"].isoformat,
    }


def _facts(held: Item) -> dict[str, Any]:
    calendar = working_calendar()
    custody = custody_of(held, calendar)
    attempts = standing_attempts(held, calendar)
    failed = [entry for entry in custody.entries if entry.step is CustodyStep.ATTEMPT_FAILED] if custody else []
    charged = list(NoAttempt.select().where(NoAttempt.item == held).order_by(NoAttempt.id))
    struck = {row.event for row in charged}
    couriers = {one.removeprefix("courier:") for entry in (custody.entries if custody else ())
                for one in (entry.from_holder, entry.to_holder) if one.startswith("courier:")}  # fmt: skip
    plan, line = plan_of(held), line_waiting(held)
    days, office = invited(held), working_calendar(held.office_id, body=Body.OFFICE)
    return {
        "stop": stop_of(held), "plan": plan, "line": line, "attempts": attempts, "charged": charged,
        "reported": [(entry, entry.uid in struck) for entry in failed], "days": days,
        "invitations": invitations_of(held), "papers": papers_of(held), "proxies": authorisations_of(held),
        "repeats": list(RepeatFreight.select().where(RepeatFreight.item == held).order_by(RepeatFreight.id)),
        "claim": Claim.get_or_none((Claim.item == held) & Claim.closed_at.is_null()),
        "transit_end": transit_end(held),
        "results": list(Result.select().where(Result.item == held).order_by(Result.id)),
        "holders": holder_words([held.holder, held.offered_to]), "names": names_of(couriers),
        "undecided": held.attempts > (plan.decided if plan else 0),
        "may_invite": held.attempts > 0 and _allowed(lambda: require_may_invite(office, days, today())),
        "return_why": _why(lambda: require_may_go_back(office, attempts, days)),
        "trail": trail_of(held, today(), max(couriers, default="")) if couriers else None,
    }  # fmt: skip


def _allowed(rule: Any) -> bool:
    return not _why(rule)


def _why(rule: Any) -> str:
    """Why a rule forbids something now; empty when it allows it."""
    try:
        rule()
    except RuleViolation as error:
        return error.message
    return ""


@delivery.get("/matrix")
@allow(May.MANAGE_BAGS)
def matrix() -> ResponseReturnValue:
    """Which reason allows what and demands which evidence, as the phones apply it."""
    rows = [
        (
            REASON_NAME[reason], [ACTION_NAME[one] for one in Action if one in rule.actions],
            [EVIDENCE_NAME[one] for one in Evidence if one in rule.evidence], rule.counts, rule.final,
            PAYER_NAME[rule.at_fault],
        )
        for reason in Reason for rule in (RULES[reason],)
    ]  # fmt: skip
    return render_template("delivery/matrix.html", rows=rows)


def event_day(uid: UUID, held: Item) -> Any:
    """The local day and the courier of a reported attempt; None when the item has no such event. Inside reading()."""
    custody = custody_of(held)
    found = next((entry for entry in custody.entries if entry.uid == uid), None) if custody else None
    return None if found is None else (local(found.occurred_at).date(), found.from_holder.removeprefix("courier:"))
