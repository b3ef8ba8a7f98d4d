"""Pictures of filed pages, small and to be read; never kept by the browser."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Response, request

from agent.domain.camera import sheet_of
from agent.domain.roles import Action
from agent.errors import NotFound
from agent.store import desk as rows
from agent.store.papers import Page
from agent.web.context import site
from agent.web.counter import counter
from agent.web.counter.desk import is_over, log_picture, own_dossier
from agent.web.guard import allow

SMALL: Final = 208  # pixels of a thumbnail: two for each on the screen
LARGE: Final = 1240  # pixels: 150 dpi of A4, enough to tell ở from ơ
GONE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 104 140"><rect width="104" height="140" fill="#eee9df"/>'
    '<path d="M36 54l32 32m0-32L36 86" stroke="#6b6f75" stroke-width="3"/></svg>'
)  # where a page stood whose time of keeping is over


@counter.get("/dossiers/<uuid:uid>/pages/<uuid:page>.png")
@allow(Action.VIEW_DOSSIER, quiet=True)
def thumbnail(uid: UUID, page: UUID) -> Response:
    """A small picture of a page. Its view is that of the dossier's page."""
    row = _page(uid, page, Action.VIEW_DOSSIER)
    if row is None:
        return _answer(GONE, "image/svg+xml")
    flat = None if request.args.get("raw") else sheet_of(row.seen)
    raw = site().vault.get(row.sha256)
    return _answer(site().digitiser().thumbnail(raw, row.media, width=SMALL, flat=flat), "image/png")


@counter.get("/dossiers/<uuid:uid>/pages/<uuid:page>.jpg")
@allow(Action.DIGITISE, quiet=True)
def page_picture(uid: UUID, page: UUID) -> Response:
    """A page to read values on. Its view is that of the page it stands on, or its own."""
    row = _page(uid, page, Action.DIGITISE)
    if row is None:
        return _answer(GONE, "image/svg+xml")
    log_picture(row.dossier)
    raw = site().vault.get(row.sha256)
    return _answer(site().digitiser().picture(raw, row.media, width=LARGE, flat=sheet_of(row.seen)), "image/jpeg")


def _page(uid: UUID, page: UUID, action: Action) -> Page | None:
    """The page, for who may see it; None when its picture is over. NotFound when the dossier has no such page."""
    held = own_dossier(uid, action)
    with site().store.reading():
        row = rows.page_of(held, page)
    if row is None:
        raise NotFound("Trang này không còn trong hồ sơ. Tải lại trang.")
    row.dossier = held
    return None if is_over(held, row.sha256) else row


def _answer(data: bytes | str, media: str) -> Response:
    return Response(data, mimetype=media, headers={"Cache-Control": "no-store"})
