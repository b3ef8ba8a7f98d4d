"""What goes back to the authority: approved items and papers taken back, their minutes, the signature."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action
from agent.errors import NotFound
from agent.store.delivery_view import with_plans
from agent.store.returns import ReturnMinutes
from agent.tracking.back import returning as use
from agent.tracking.back.papers import return_pdf
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery import delivery
from agent.web.delivery.desk import holder_words, pdf_answer, said_back, to_back
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@delivery.get("/returns/")
@allow(Action.MANAGE_BAGS)
def returns() -> ResponseReturnValue:
    """What has to go back, and the newest minutes."""
    office = current_user().office_id
    with site().store.reading():
        rows = with_plans(use.going(office))
        papers, out = use.papers_here(office), use.papers_with_couriers(office)
        facts = {
            "agencies": use.agencies(office), "minutes": use.minutes_of(office),
            "holders": holder_words(paper.holder for paper in out),
        }  # fmt: skip
    if rows:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="returns")
    return render_template("delivery/returns.html", rows=rows, papers=papers, out=out, **facts)


@delivery.post("/returns/")
@allow(Action.MANAGE_BAGS)
@said_back
def prepare() -> ResponseReturnValue:
    """Write the minutes of all that goes to one agency."""
    made = use.prepare(site(), request.form.get("agency", ""), by=acting())
    say(_("Đã lập biên bản %(number)s. In hai bản, giao và lấy chữ ký của cơ quan.") % {"number": made.number})
    return see_other("delivery.returns")


@delivery.get("/returns/number/<number>")
@allow(Action.MANAGE_BAGS)
def return_by_number(number: str) -> ResponseReturnValue:
    """The minutes whose paper was scanned."""
    with site().store.reading():
        mine = (ReturnMinutes.number == number) & (ReturnMinutes.office_id == current_user().office_id)
        found = ReturnMinutes.get_or_none(mine)
    if found is None:
        raise NotFound(f"Không có biên bản chuyển hoàn {number} ở bưu cục này. Quét lại.")
    return see_other("delivery.returns", _anchor=f"m-{found.number}")


@delivery.post("/returns/<uuid:uid>/sign")
@allow(Action.MANAGE_BAGS)
@said_back
def sign_return(uid: UUID) -> ResponseReturnValue:
    """The authority has signed."""
    with site().store.reading():
        use.minutes_by_uid(uid, current_user().office_id)
    made = use.sign(site(), uid, request.form.get("receiver", ""), by=acting())
    say(_("Biên bản %(number)s đã ký; cơ quan giữ từ giờ.") % {"number": made.number})
    return to_back()


@delivery.get("/returns/<uuid:uid>.pdf")
@allow(Action.MANAGE_BAGS)
def print_return(uid: UUID) -> ResponseReturnValue:
    """The minutes on paper."""
    pdf = return_pdf(site(), uid, by=acting())
    record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="return minutes on paper")
    return pdf_answer(pdf, "bien-ban-chuyen-hoan")
