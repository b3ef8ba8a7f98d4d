"""Pages and copies: upload, verdicts, PDF/A."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.intake import inbox
from agent.intake.digitise import make_copies
from agent.intake.filing import accept_page, remove_page
from agent.ports import Verdict
from agent.ports_pages import PageFile
from agent.store.dossiers import Dossier
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.counter.dossier_acts import on_dossier
from agent.web.counter.reading_page import to_be_read
from agent.web.counter.reading_view import lacking_words
from agent.web.i18n import gettext as _
from agent.web.notices import say

LARGEST = 96 << 20  # bytes of one upload


@counter.post("/dossiers/<uuid:uid>/components/<uuid:component>/pages")
@on_dossier(Action.DIGITISE, body=LARGEST)
def upload(held: Dossier, component: UUID) -> ResponseReturnValue | None:
    """File the uploaded pages under the component; the gate's word on each is shown at once."""
    files = [file for file in request.files.getlist("pages") if file.filename]
    if not files:
        raise RuleViolation("Chưa chọn tệp nào. Chọn tệp ảnh hoặc PDF của giấy tờ rồi nộp.")
    feed, origin = site().ids.uid(), {"kind": "upload", "device": "browser"}
    sent = [PageFile(str(file.filename), file.read(), origin, feed) for file in files]
    filed = inbox.upload(site(), held.uid, component, sent, by=actor())
    words = _("Đã nộp %(count)s trang.") % {"count": len(filed.pages)}
    if filed.ignored:
        words += " " + _("Bỏ qua vì không phải trang giấy: %(names)s.") % {"names": ", ".join(filed.ignored)}
    elif filed.known:
        words += " " + _("%(count)s trang đã có từ trước.") % {"count": filed.known}
    bad = [page for page in filed.pages if page.verdict != Verdict.OK]
    if bad:
        words += " " + _("%(count)s trang cần xem lại.") % {"count": len(bad)}
    say(words, kind="warn" if filed.ignored or bad else "done")
    return see_other("counter.dossier", uid=held.uid, component=component) if bad else None


@counter.post("/dossiers/<uuid:uid>/pages/<uuid:page>")
@on_dossier(Action.DIGITISE)
def judge_page(held: Dossier, page: UUID) -> None:
    """Accept a page that the gate remarked on, or take it out, each with a reason."""
    decide(held, page, request.form.get("act", ""), request.form.get("reason", ""))


def decide(held: Dossier, page: UUID, act: str, reason: str) -> None:
    """Take a page out ("remove"), or accept it as it is, and say so."""
    if act == "remove":
        if len(reason.strip()) < 3:
            raise RuleViolation("Ghi lý do bỏ trang này, ví dụ “quét nhầm giấy”.")
        remove_page(site(), held.uid, page, by=actor(), reason=reason.strip())
        say(_("Đã bỏ trang; việc bỏ vẫn còn trong nhật ký."))
    else:
        accept_page(site(), held.uid, page, by=actor(), reason=reason)
        say(_("Đã nhận trang với lý do đã ghi."))


@counter.post("/dossiers/<uuid:uid>/copies")
@on_dossier(Action.DIGITISE)
def copies(held: Dossier) -> ResponseReturnValue | None:
    """Make the PDF/A copies, once their pages are read or the clerk does not wait, and go on to signing."""
    if waits := to_be_read(held, "copies"):
        return waits
    made = make_copies(site(), held.uid, by=actor(), wait=0)
    lacks = lacking_words(made)
    words = _("Đã tạo %(count)s bản PDF/A. Xem lại rồi ký.") % {"count": len(made)}
    say(f"{words} {lacks}".strip(), kind="warn" if lacks else "done")
    return see_other("counter.sign", uid=held.uid)
