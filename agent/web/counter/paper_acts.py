"""Pages and copies: upload, verdicts, small pictures, PDF/A."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import NotFound, RuleViolation
from agent.intake.digitise import accept_page, add_pages, make_copies, remove_page
from agent.ports import Verdict
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, own_dossier
from agent.web.counter.dossier_acts import on_dossier
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

LARGEST = 96 << 20  # bytes of one upload
WIDTH = 208  # pixels of a thumbnail: two for each on the screen


@counter.post("/dossiers/<uuid:uid>/components/<uuid:component>/pages")
@on_dossier(Action.DIGITISE, body=LARGEST)
def upload(held: Dossier, component: UUID) -> ResponseReturnValue | None:
    """File the uploaded pages under the component; the gate's word on each is shown at once."""
    files = [file for file in request.files.getlist("pages") if file.filename]
    if not files:
        raise RuleViolation("Chưa chọn tệp nào. Chọn tệp ảnh hoặc PDF của giấy tờ rồi nộp.")
    digitiser = site().digitiser()
    images = [image for file in files for image in digitiser.read_bytes(str(file.filename), file.read())]
    ignored = [image.name for image in images if image.verdict is Verdict.IGNORED]
    filed = add_pages(site(), held.uid, component, images, by=actor())
    words = _("Đã nộp %(count)s trang.") % {"count": len(filed)}
    if ignored:
        words += " " + _("Bỏ qua vì không phải trang giấy: %(names)s.") % {"names": ", ".join(ignored)}
    elif len(filed) < len(images):
        words += " " + _("%(count)s trang đã có từ trước.") % {"count": len(images) - len(filed)}
    bad = [page for page in filed if page.verdict != Verdict.OK]
    if bad:
        words += " " + _("%(count)s trang cần xem lại.") % {"count": len(bad)}
    say(words, kind="warn" if ignored or bad else "done")
    return see_other("counter.dossier", uid=held.uid, component=component) if bad else None


@counter.post("/dossiers/<uuid:uid>/pages/<uuid:page>")
@on_dossier(Action.DIGITISE)
def judge_page(held: Dossier, page: UUID) -> None:
    """Accept a page that the gate remarked on, or take it out, each with a reason."""
    reason = request.form.get("reason", "")
    if request.form.get("act") == "remove":
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
    """Make the PDF/A copies and go on to signing."""
    made = make_copies(site(), held.uid, by=actor())
    say(_("Đã tạo %(count)s bản PDF/A. Xem lại rồi ký.") % {"count": len(made)})
    return see_other("counter.sign", uid=held.uid)


@counter.get("/dossiers/<uuid:uid>/pages/<uuid:page>.png")
@allow(Action.VIEW_DOSSIER, quiet=True)
def thumbnail(uid: UUID, page: UUID) -> Response:
    """A small picture of a page; never kept by the browser. Its view is that of the dossier's page."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    with site().store.reading():
        row = rows.page_of(held, page)
    if row is None:
        raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
    png = site().digitiser().thumbnail(site().vault.get(row.sha256), row.media, width=WIDTH)
    return Response(png, mimetype="image/png", headers={"Cache-Control": "no-store"})
