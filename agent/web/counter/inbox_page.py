"""The inbox's pages: what waits, filing it under a component, throwing it away, upload from a browser or a phone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound as PageMissing

from agent.accounts.access import Purpose, record_access
from agent.domain.camera import sheet_of
from agent.domain.roles import Action
from agent.errors import AgentError, NotFound, RuleViolation
from agent.intake.inbox import discard, file_pages, return_pages, take_in
from agent.intake.one_pass import FeedView, feeds
from agent.ports import Verdict
from agent.ports_pages import PageFile
from agent.store import desk as rows
from agent.store import inbox as store
from agent.store.dossiers import Dossier
from agent.store.lookup import queue
from agent.web.context import current_user, see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, own_dossier
from agent.web.counter.dossier_acts import on_dossier
from agent.web.counter.dossier_view import TAKES_PAGES
from agent.web.counter.inbox_feed_view import choices, feed_page
from agent.web.counter.inbox_view import has_covers, inbox_view, mark_here, setting_words, sign_of, source_words
from agent.web.counter.page_pictures import SMALL
from agent.web.counter.paper_acts import LARGEST
from agent.web.errors import status_of
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

WIDE = 1_100  # pixels of a page that is looked at closely
FEEDS = 30  # feeds that are shown at once, the oldest
CANDIDATES = 8  # dossiers that are offered to file under
MOST_TICKED = 40  # pages that an address names
ACCEPTED = ("bản gốc như vậy", "bản gốc đã mờ", "mặt sau trắng", "bản chụp, không quét lại được")
REASONS = ("quét nhầm giấy", "đã quét lại", "trang trắng", "không thuộc hồ sơ nào", "tệp hỏng")


def reason_words() -> tuple[str, ...]:
    """The reasons for throwing a page away, in the user's language."""
    return (
        _("quét nhầm giấy"), _("đã quét lại"), _("trang trắng"), _("không thuộc hồ sơ nào"), _("tệp hỏng"),
    )  # fmt: skip


# --- looking -----------------------------------------------------------------------------------
@counter.get("/inbox")
@allow(Action.DIGITISE)
def inbox() -> ResponseReturnValue:
    """The pages that wait at this terminal."""
    return inbox_page()


@counter.get("/inbox/phone")
@allow(Action.DIGITISE)
def inbox_phone() -> ResponseReturnValue:
    """Take pictures of papers with a phone."""
    return inbox_page(phone=True)


@counter.get("/inbox/mark")
@allow(Action.DIGITISE, quiet=True)
def inbox_mark() -> ResponseReturnValue:
    """A text that differs once the inbox or a scanner's word changed; no personal data."""
    with site().store.reading():
        return {"mark": mark_here()}


@counter.get("/inbox/<uuid:page>.png")
@allow(Action.DIGITISE, quiet=True)
def inbox_thumbnail(page: UUID) -> Response:
    """A small picture of a waiting page, or a large one to read it; never kept by the browser."""
    user = current_user()
    with site().store.reading():
        row = store.one(user.office_id, user.terminal_id, page)
    if row is None or not row.width:
        raise NotFound("Trang này không còn chờ trong hộp, hoặc không mở được. Tải lại trang.")
    width = WIDE if request.args.get("wide") else SMALL
    flat = None if request.args.get("raw") else sheet_of(row.seen)
    png = site().digitiser().thumbnail(site().vault.get(row.sha256), row.media, width=width, flat=flat)
    return Response(png, mimetype="image/png", headers={"Cache-Control": "no-store"})


# --- in ----------------------------------------------------------------------------------------
@counter.post("/inbox")
@allow(Action.DIGITISE, body=LARGEST)
def inbox_upload() -> ResponseReturnValue:
    """Files from a browser or a phone's camera wait in the inbox; the same form sent twice adds nothing."""
    phone = "phone" in request.form
    try:
        files = uploaded(request.files.getlist("pages"), device="phone" if phone else "browser")
        kept = take_in(site(), files, by=actor())
    except AgentError as error:
        return inbox_page(phone=phone, problem=error)
    words = _("%(count)s trang đã vào hộp.") % {"count": len(kept.pages)}
    if kept.ignored:
        words += " " + _("Bỏ qua vì không phải trang giấy: %(names)s.") % {"names": ", ".join(kept.ignored)}
    doubts = sum(1 for page in kept.pages if page.verdict != Verdict.OK)
    if doubts:
        words += " " + _("%(count)s trang cần xem lại.") % {"count": doubts}
    say(words, kind="warn" if kept.ignored or doubts else "done")
    return see_other("counter.inbox_phone" if phone else "counter.inbox")


def uploaded(sent: list[FileStorage], *, device: str) -> list[PageFile]:
    """The files of a form as page files; the form's `feed` and their bytes tell a second sending of the same form."""
    files = [(str(file.filename), file.read()) for file in sent if file.filename]
    if not files:
        raise RuleViolation("Chưa chọn tệp nào. Chọn tệp ảnh hoặc PDF của giấy tờ rồi nộp.")
    told = hashlib.sha256(request.form.get("feed", "").encode() or site().ids.uid().bytes)
    for _name, data in files:
        told.update(hashlib.sha256(data).digest())
    feed = UUID(bytes=told.digest()[:16])
    return [PageFile(name, data, {"kind": "upload", "device": device}, feed) for name, data in files]


@counter.post("/inbox/scan")
@allow(Action.DIGITISE)
def inbox_scan() -> ResponseReturnValue:
    """Have a scanner scan what lies in its feeder."""
    try:
        scan_with(request.form.get("device", ""))
    except AgentError as error:
        return inbox_page(problem=error)
    return see_other("counter.inbox")


@counter.post("/dossiers/<uuid:uid>/components/<uuid:component>/scan")
@on_dossier(Action.DIGITISE)
def scan_pages(held: Dossier, component: UUID) -> ResponseReturnValue:
    """The same from the dossier's page, where the pages then show."""
    scan_with(request.form.get("device", ""))
    return see_other("counter.dossier", uid=held.uid, component=component)


# --- out ---------------------------------------------------------------------------------------
@counter.post("/dossiers/<uuid:uid>/components/<uuid:component>/inbox")
@on_dossier(Action.DIGITISE)
def file_inbox(held: Dossier, component: UUID) -> ResponseReturnValue:
    """File the ticked pages under the component, or all that the screen showed."""
    wanted = _ticked("shown" if "all" in request.form else "page")
    if "all" in request.form and has_covers(wanted):
        say(_("Có tờ phân cách trong các trang chờ: xếp theo tờ phân cách ở đây."), kind="warn")
        return see_other("counter.inbox", held=held.provisional)
    if not wanted:
        raise RuleViolation("Chưa đánh dấu trang nào. Đánh dấu trang cần xếp, hoặc xếp tất cả.")
    filed = file_pages(site(), held.uid, component, wanted, by=actor())
    words = _("Đã xếp %(count)s trang.") % {"count": len(filed.pages)}
    if filed.known:
        words += " " + _("%(count)s trang đã có từ trước.") % {"count": filed.known}
    doubts = [page for page in filed.pages if page.verdict != Verdict.OK]
    if doubts:
        words += " " + _("%(count)s trang cần xem lại.") % {"count": len(doubts)}
    undo = see_other("counter.return_inbox", uid=held.uid, component=component).location
    say(words, kind="warn" if doubts else "done", undo_url=undo, undo_words=_("trả về hộp trang"))
    stays = doubts or len(filed.pages) + filed.known < len(wanted)
    return see_other("counter.dossier", uid=held.uid, **({"component": component} if stays else {}))


@counter.post("/dossiers/<uuid:uid>/components/<uuid:component>/inbox/return")
@on_dossier(Action.DIGITISE)
def return_inbox(held: Dossier, component: UUID) -> ResponseReturnValue:
    """Undo: what was filed last waits in the inbox again."""
    count = return_pages(site(), held.uid, component, by=actor())
    say(_("Đã trả %(count)s trang về hộp trang.") % {"count": count})
    return see_other("counter.dossier", uid=held.uid, component=component)


@counter.post("/inbox/to")
@allow(Action.DIGITISE)
def inbox_to() -> ResponseReturnValue:
    """Go to a dossier with the ticked pages ticked there."""
    try:
        held = own_dossier(UUID(request.form.get("dossier", "")), Action.DIGITISE)
    except ValueError:
        raise PageMissing from None
    ticked = _ticked("page")
    tick = ".".join(str(uid) for uid in ticked) if len(ticked) <= MOST_TICKED else ""
    return see_other("counter.dossier", uid=held.uid, tick=tick or None)


@counter.post("/inbox/discard")
@allow(Action.DIGITISE)
def inbox_discard() -> ResponseReturnValue:
    """Throw the ticked pages away, each with who did it and why."""
    try:
        wanted = _ticked("page")
        if not wanted:
            raise RuleViolation("Chưa đánh dấu trang nào. Đánh dấu trang cần bỏ.")
        count = discard(site(), wanted, why=request.form.get("why", ""), by=actor())
    except AgentError as error:
        return inbox_page(problem=error)
    say(_("Đã bỏ %(count)s trang; ảnh không nơi nào dùng nữa đã được xóa.") % {"count": count}, kind="warn")
    return see_other("counter.inbox")


# --- the parts ---------------------------------------------------------------------------------
def inbox_page(*, phone: bool = False, problem: AgentError | None = None) -> ResponseReturnValue:
    """The inbox's page, with what an act on it refused."""
    user, box, only = current_user(), inbox_view(), request.values.get("held", "")[:48]
    lines, views = [], [] if phone or not box.pages else feeds(site(), by=actor(), only=only, most=FEEDS)
    if not phone and box.pages:
        with site().store.reading():
            lines = rows.lines_of(queue(user.office_id, TAKES_PAGES, limit=CANDIDATES))
    if box.pages:
        record_access(site(), user, dossier=None, purpose=Purpose.INTAKE, what="page inbox")
    page = render_template(
        "counter/inbox_phone.html" if phone else "counter/inbox.html",
        box=box,
        lines=lines,
        reasons=list(zip(REASONS, reason_words(), strict=True)),
        problem=problem.message if problem else "",
        form=site().ids.token(),
        feeds=[feed_page(view) for view in views],
        places=places(views) if any(not view.plan.ready for view in views) else [],
        only=only,
        accepted=ACCEPTED,
        ticked=set(request.form.getlist("page")),
        setting_words=setting_words,
        source_words=source_words,
        sign_of=sign_of,
    )
    return (page, status_of(problem)) if problem else page


def places(views: Sequence[FeedView]) -> list[tuple[str, str]]:
    """Where pages can be put, as a form's choices."""
    with site().store.reading():
        return choices(queue(current_user().office_id, TAKES_PAGES, limit=CANDIDATES), views)


def scan_with(name: str) -> None:
    """Have a scanner of this terminal scan, or stop."""
    if name not in {scanner.name for scanner in inbox_view().scanners}:
        raise NotFound(f"Không có máy quét tên “{name}” ở quầy này. Xem trang Thiết bị.")
    if request.form.get("act") == "stop":
        site().devices.stop_scan(name)
        say(_("Đã bảo %(name)s dừng sau tờ đang quét; trang đã quét vẫn giữ.") % {"name": name})
        return
    site().devices.scan_pages(name)
    say(_("Đang quét ở %(name)s; trang hiện ra khi quét xong từng tờ.") % {"name": name})


def _ticked(name: str) -> list[UUID]:
    try:
        return [UUID(one) for one in request.form.getlist(name)]
    except ValueError:
        raise RuleViolation("Danh sách trang không đúng. Tải lại trang rồi chọn lại.") from None
