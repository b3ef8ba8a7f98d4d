"""Acts on a dossier from its page: label, hand-off, supplement round, voiding."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import AgentError, Forbidden, NotFound
from agent.intake.label import answer_label, attempt_of, request_label
from agent.intake.redo_copy import redo_copy
from agent.intake.request import ComponentInput
from agent.intake.submit import submit
from agent.intake.supplement import send_supplement, take_papers
from agent.intake.void import collected, refunded, void
from agent.store.dossiers import Dossier
from agent.tracking.news import tell
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, own_dossier
from agent.web.counter.dossier_page import stay
from agent.web.counter.flight_view import REDONE
from agent.web.errors import status_of
from agent.web.filters import dong
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def on_dossier(action: Action, *, body: int = 1 << 20) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An act of `action`: what the act refuses is said on the dossier's page, with nothing lost."""

    def mark(act: Callable[..., Any]) -> Callable[..., Any]:
        @allow(action, body=body)
        @wraps(act)
        def view(uid: UUID, **values: Any) -> ResponseReturnValue:
            held = own_dossier(uid, action)
            try:
                answer = act(held, **values)
            except (NotFound, Forbidden):
                raise
            except AgentError as error:
                return stay(held, error)
            return answer if answer is not None else see_other("counter.dossier", uid=uid)

        return view

    return mark


@counter.post("/dossiers/<uuid:uid>/label")
@on_dossier(Action.LABEL)
def label(held: Dossier) -> None:
    """Queue the label; a further one needs its reason."""
    again = request.form.get("reason", "").strip() if held.label_attempt else ""
    seen = request.form.get("seen", type=int)
    job = request_label(site(), held.uid, by=actor(), again=again, seen=seen)
    if attempt_of(job.key) == held.label_attempt:
        if again:
            say(_("Đã có một bản đang in."))
        else:
            say(_("Nhãn đã gửi in rồi. Muốn in thêm, ghi lý do rồi bấm in lại."), kind="warn")
        return
    say(_("Đã gửi in nhãn. Dán lên hồ sơ rồi quét nhãn vào ô quét."))


@counter.post("/dossiers/<uuid:uid>/label/answer")
@on_dossier(Action.LABEL)
def answer(held: Dossier) -> None:
    """Say whether the uncertain label came out."""
    came_out = request.form.get("came_out") == "yes"
    answer_label(site(), held.uid, came_out=came_out, by=actor())
    say(_("Đã ghi: nhãn đã ra.") if came_out else _("Đã ghi: nhãn không ra; đang in nhãn mới."))


@counter.post("/dossiers/<uuid:uid>/submit")
@on_dossier(Action.HAND_OFF)
def send(held: Dossier) -> None:
    """Queue the dossier for the province; after a refusal, once more."""
    submit(site(), held.uid, by=actor())
    say(_("Đã xếp hàng gửi tỉnh. Cứ làm tiếp, phần mềm tự gửi và tự hỏi lại."))


@counter.post("/dossiers/<uuid:uid>/supplement")
@on_dossier(Action.SUPPLEMENT)
def bring(held: Dossier) -> None:
    """Enter the papers that the citizen brought for the round."""
    papers = [
        ComponentInput(code, form=request.form.get(f"form:{code}", "original"))
        for code in request.form.getlist("paper")
    ]
    take_papers(site(), held.uid, papers, by=actor())
    say(_("Đã nhận giấy tờ bổ sung. Tiếp theo: nộp trang, ký, gửi."))


@counter.post("/dossiers/<uuid:uid>/supplement/send")
@on_dossier(Action.HAND_OFF)
def send_round(held: Dossier) -> None:
    """Queue the round for the province."""
    send_supplement(site(), held.uid, by=actor())
    say(_("Đã xếp hàng gửi bổ sung."))


@counter.post("/dossiers/<uuid:uid>/papers/<uuid:paper>/redo")
@on_dossier(Action.DIGITISE)
def redo(held: Dossier, paper: UUID) -> None:
    """Take a copy back to what is still sound of it: signed again, made again, or scanned again."""
    done = redo_copy(site(), held.uid, paper, by=actor(), anew=bool(request.args.get("anew")))
    say(_(REDONE[done]), kind="warn")


@counter.post("/dossiers/<uuid:uid>/told")
@on_dossier(Action.SUPPLEMENT)
def told(held: Dossier) -> None:
    """Note that the citizen was told, or that the province was asked, and how."""
    tasks = [UUID(one) for one in request.form.getlist("task") if _is_uid(one)]
    if tell(site(), held.uid, tasks, way=request.form.get("way", ""), by=actor()):
        say(_("Đã ghi: đã báo công dân."))
    else:
        say(_("Việc này đã được ghi từ trước."))


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@counter.get("/dossiers/<uuid:uid>/void")
@allow(Action.VOID)
def void_form(uid: UUID) -> ResponseReturnValue:
    """Ask for the reason."""
    return _void_page(own_dossier(uid, Action.VOID))


@counter.post("/dossiers/<uuid:uid>/void")
@allow(Action.VOID)
def void_now(uid: UUID) -> ResponseReturnValue:
    """Take the dossier back before it leaves."""
    held, reason = own_dossier(uid, Action.VOID), request.form.get("reason", "")
    try:
        void(site(), uid, by=actor(), reason=reason)
    except AgentError as error:
        return _void_page(held, reason, error.message), status_of(error)
    words = _("Đã hủy hồ sơ %(number)s.") % {"number": held.provisional}
    back = refunded(site(), uid)
    if back:
        words += " " + _("Trả lại công dân %(amount)s đã thu; sổ tiền đã ghi hoàn.") % {"amount": dong(back)}
    say(words, kind="warn")
    return see_other("counter.dossier", uid=uid)


def _void_page(held: Dossier, reason: str = "", problem: str = "") -> str:
    paid = collected(site(), held.uid)
    return render_template("counter/void.html", dossier=held, reason=reason, problem=problem, collected=paid)
