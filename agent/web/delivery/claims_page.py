"""Claim files: opened from an item, worked on until they are paid or answered, the nearest term first."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.claims import KIND_NAME, STATE_NAME, STEP_NAME, STEPS, Kind, State, Step
from agent.domain.roles import Action
from agent.errors import NotFound, RuleViolation
from agent.store.claims import Claim
from agent.store.delivery_lists import names_of
from agent.store.delivery_view import claims_closed, claims_open
from agent.store.items import Item
from agent.tracking.back import claims as use
from agent.tracking.back.papers import basis, claim_pdf
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery import delivery
from agent.web.delivery.desk import day_of, money_of, pdf_answer, said_back, to_back, today
from agent.web.delivery.item_acts import act
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

MOST = 200
CLOSED = 10  # that are shown below the open ones


@delivery.get("/claims/")
@allow(Action.MANAGE_BAGS)
def claims() -> ResponseReturnValue:
    """The open files, the one whose term ends first at the top."""
    with site().store.reading():
        found = claims_open(current_user().office_id, limit=MOST)
        closed = claims_closed(current_user().office_id, limit=CLOSED)
    return render_template(
        "delivery/claims.html", claims=found, closed=closed, kinds=KIND_NAME, states=STATE_NAME, day=today(),
        kind=Kind, state=State,
    )  # fmt: skip


@delivery.post("/items/<number>/claim")
@allow(Action.MANAGE_BAGS)
def open_claim(number: str) -> ResponseReturnValue:
    """Open a claim file for an item."""

    def do(held: Item) -> str:
        form = request.form
        made = use.open_claim(
            site(), held.number,
            use.Complaint(
                kind=form.get("kind", ""), facts=form.get("facts", ""), complainant=form.get("complainant", ""),
                contact=form.get("contact", ""), complained_on=day_of("complained_on"),
                transit_ended_on=day_of("transit_ended_on"), in_province=form.get("where", "in") == "in",
                has_receipt=bool(form.get("receipt")), damage=money_of("damage"), reissue=money_of("reissue"),
            ),
            by=acting(),
        )  # fmt: skip
        return _("Đã mở hồ sơ khiếu nại %(number)s, trả lời trước hết %(day)s.") % {
            "number": made.number, "day": f"{made.answer_by:%d/%m/%Y}",
        }  # fmt: skip

    return act("facts", do, number)


@delivery.get("/claims/number/<number>")
@allow(Action.MANAGE_BAGS)
def claim_by_number(number: str) -> ResponseReturnValue:
    """The file whose paper was scanned."""
    with site().store.reading():
        mine = (Claim.number == number) & (Claim.office_id == current_user().office_id)
        found = Claim.get_or_none(mine)
    if found is None:
        raise NotFound(f"Không có hồ sơ khiếu nại {number} ở bưu cục này. Quét lại.")
    return see_other("delivery.claim", uid=found.uid)


@delivery.get("/claims/<uuid:uid>")
@allow(Action.MANAGE_BAGS)
def claim(uid: UUID) -> ResponseReturnValue:
    """One file: facts, inventory, figures, whose turn until when."""
    with site().store.reading():
        held = use.claim_by_uid(uid, current_user().office_id)
        entries = use.entries_of(held)
        item = Item.get_by_id(held.item_id)
        signed = current_user().username in use.not_payers(held)
        names = names_of([held.opened_by, held.owner, *(one.by for one in entries)])
    record_access(site(), current_user(), dossier=None, purpose=Purpose.COMPLAINT, what="claim file")
    user, pays = current_user(), held.state == State.MINUTED
    acts = user.may(Action.COLLECT_FEE) and not signed if pays else user.may(Action.COUNTERSIGN)
    steps = [step for at, step in STEPS if at is State(held.state)]
    return render_template(
        "delivery/claim.html", claim=held, entries=entries, item=item, names=names, kind=KIND_NAME[Kind(held.kind)],
        state=STATE_NAME[State(held.state)], steps=[(step.value, STEP_NAME[step]) for step in steps], day=today(),
        sources=_sources(), basis=basis(held), acts=acts, pays=pays, signed=signed,
    )  # fmt: skip


@delivery.post("/claims/<uuid:uid>/facts")
@allow(Action.MANAGE_BAGS)
@said_back
def add_fact(uid: UUID) -> ResponseReturnValue:
    """Add what was found out, or a line of the inventory."""
    _mine(uid)
    form = request.form
    if form.get("thing"):
        quantity = form.get("quantity", 1, type=int) or 0
        use.add_inventory(site(), uid, form["thing"], quantity, money_of("amount"), by=acting())
    else:
        use.add_fact(site(), uid, form.get("words", ""), by=acting())
    say(_("Đã ghi vào hồ sơ khiếu nại."))
    return to_back()


@delivery.post("/claims/<uuid:uid>/step")
@allow(Action.COUNTERSIGN, Action.COLLECT_FEE)
@said_back
def claim_step(uid: UUID) -> ResponseReturnValue:
    """Answer, sign the minutes, pay, or open a rejected file again."""
    _mine(uid)
    form = request.form
    if form.get("step") == Step.REOPEN:
        made = use.reopen(site(), uid, form.get("words", ""), by=acting())
        say(_("Đã mở lại hồ sơ %(number)s, trả lời trước hết %(day)s.")
            % {"number": made.number, "day": f"{made.answer_by:%d/%m/%Y}"})  # fmt: skip
        return to_back()
    amount = money_of("amount") if form.get("amount", "").strip() else None
    if amount is not None and amount < 0:
        raise RuleViolation("Số tiền không đúng. Nhập số đồng, không có chữ.")
    made = use.take_step(site(), uid, form.get("step", ""), form.get("words", ""), by=acting(), amount=amount,
                         source=form.get("source", "till"))  # fmt: skip
    say(_("Hồ sơ %(number)s: %(state)s.") % {"number": made.number, "state": _(STATE_NAME[State(made.state)])})
    return to_back()


@delivery.get("/claims/<uuid:uid>.pdf")
@allow(Action.MANAGE_BAGS)
def print_claim(uid: UUID) -> ResponseReturnValue:
    """The minutes of the claim on paper."""
    pdf = claim_pdf(site(), uid, by=acting())
    record_access(site(), current_user(), dossier=None, purpose=Purpose.COMPLAINT, what="claim on paper")
    return pdf_answer(pdf, "bien-ban-khieu-nai")


def _sources() -> list[tuple[str, str]]:
    """Where compensation is paid from."""
    banks = [(one.name, f"{_('chuyển khoản từ')} {one.name}") for one in site().settings.accounts if not one.direct]
    return [("till", _("quỹ ca của tôi, tiền mặt")), ("safe", _("két bưu cục, tiền mặt")), *banks]


def _mine(uid: UUID) -> None:
    """NotFound unless the file is the office's, before what was typed is looked at."""
    with site().store.reading():
        use.claim_by_uid(uid, current_user().office_id)
