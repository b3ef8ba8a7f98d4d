"""Waiting for pages to be read before their copies are made, as long as the clerk wants; text files beside papers."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as PageMissing

from agent.domain.roles import Action
from agent.errors import AgentError, NotFound
from agent.intake.digitise import pages_to_copy
from agent.intake.late_text import plain
from agent.intake.reading import patience_left, want
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.web.context import see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import is_over, log_look, own_dossier
from agent.web.counter.dossier_page import stay
from agent.web.counter.reading_view import reading_view
from agent.web.guard import allow

THEN = {"copies": "counter.copies", "sign": "counter.prepare"}  # what goes on by itself when the pages are read

TEXTS = {"txt": "text/plain", "json": "application/json"}


def to_be_read(held: Dossier, then: str) -> ResponseReturnValue | None:
    """The page that waits for the pages' text, when there is something to wait for and the clerk did not say go."""
    if request.form.get("go"):
        return None
    pages = [page for _, some in pages_to_copy(site(), held) for page in some]
    want(site(), pages)
    return see_other("counter.reading", uid=held.uid, then=then) if patience_left(site(), pages) else None


@counter.get("/dossiers/<uuid:uid>/reading")
@allow(Action.DIGITISE)
def reading(uid: UUID) -> ResponseReturnValue:
    """How many pages are read; goes on when all are, when the time is over, or when the clerk says so."""
    held = own_dossier(uid, Action.DIGITISE)
    then = request.args.get("then", "")
    try:
        todo = pages_to_copy(site(), held)
    except AgentError as error:
        return stay(held, error)
    if not todo or then not in THEN:
        return see_other("counter.dossier", uid=uid)
    log_look(held, "pages being read")
    seen, left = reading_view(held), patience_left(site(), [page for _, some in todo for page in some])
    done, count = seen.counted([page for _, some in todo for page in some])
    return render_template(
        "counter/reading.html", dossier=held, todo=todo, seen=seen, done=done, count=count, left=left, go=THEN[then],
        mark=_mark(held),
    )  # fmt: skip


@counter.get("/dossiers/<uuid:uid>/reading/mark")
@allow(Action.DIGITISE, quiet=True)
def reading_mark(uid: UUID) -> dict[str, str]:
    """A text that differs once a page was read or the dossier changed."""
    return {"mark": _mark(own_dossier(uid, Action.DIGITISE))}


@counter.get("/dossiers/<uuid:uid>/papers/<uuid:paper>/text.<kind>")
@allow(Action.VIEW_DOSSIER)
def paper_text(uid: UUID, paper: UUID, kind: str) -> ResponseReturnValue:
    """The text file beside a paper: its words alone (txt), or the file as it is kept (json)."""
    if kind not in TEXTS:
        raise PageMissing
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    with site().store.reading():
        row = rows.paper_of(held, paper)
    file = reading_view(held).file_of(row)
    if row is None or file is None or file.sha256 is None:
        raise NotFound("Giấy tờ này chưa có tệp chữ kèm. Tải lại trang.")
    if is_over(held, file.sha256):
        raise NotFound("Tệp chữ kèm đã xóa theo yêu cầu hoặc khi hết thời hạn lưu giữ.")
    log_look(held, "text of a digitised paper")
    data = site().vault.get(file.sha256)
    said = f'attachment; filename="{row.file_name.removesuffix(".pdf") or "chu"}.{kind}"'
    return Response(
        data if kind == "json" else plain(data),
        mimetype=TEXTS[kind],
        headers={"Content-Disposition": said, "Cache-Control": "no-store"},
    )


def _mark(held: Dossier) -> str:
    with site().store.reading():
        return rows.mark_of(held) + reading_view(held).mark
