"""The inbox as screens show it: the pages that wait at this terminal, where they came from, the scanners to hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from agent.domain.roles import Action
from agent.intake.inbox import MOST
from agent.ports import Verdict
from agent.store import inbox
from agent.store.devices import statuses
from agent.store.inbox import InboxPage
from agent.web.context import current_user, site
from agent.web.i18n import gettext as _

SIGNS = {Verdict.OK: "complete", Verdict.WARN: "decide", Verdict.REFUSED: "refused", Verdict.IGNORED: "refused"}


@dataclass(frozen=True)
class ScannerView:
    """A page scanner that can be told to scan, and what it last said."""

    name: str
    words: str
    sign: str
    scanning: bool


@dataclass(frozen=True)
class InboxView:
    """What waits, and a text that differs when that or a scanner's word changes."""

    pages: Sequence[InboxPage]
    scanners: Sequence[ScannerView]
    mark: str
    ticked: frozenset[str]

    @property
    def sources(self) -> str:
        """Where the waiting pages came from, each named once."""
        return ", ".join(dict.fromkeys(source_words(page) for page in self.pages))

    @property
    def covers(self) -> bool:
        """Whether a cover sheet is among them."""
        return any(page.seen.get("cover") for page in self.pages)

    @property
    def interrupted(self) -> bool:
        """Whether some were left by a feed that was interrupted: then the sheets are to be counted."""
        return any(page.origin.get("recovered") for page in self.pages)


def inbox_view() -> InboxView:
    """The inbox of the signed-in user's terminal; nothing for who files no pages."""
    user = current_user()
    if not user.may(Action.DIGITISE):
        return InboxView((), (), "", frozenset())
    with site().store.reading():
        scanners, mark = _scanners(), mark_here()
        pages = inbox.waiting(user.office_id, user.terminal_id, limit=MOST)
    ticked = frozenset(request.values.get("tick", "").split("."))
    return InboxView(pages, scanners, mark, ticked)


def has_covers(uids: Sequence[UUID]) -> bool:
    """Whether a cover sheet is among these waiting pages: then they are not all one paper's."""
    wanted = set(uids)
    return any(page.uid in wanted and page.seen.get("cover") for page in inbox_view().pages)


def mark_here() -> str:
    """The mark of this terminal's inbox and scanners, inside reading()."""
    user = current_user()
    words = "|".join(f"{one.name}{one.words}" for one in _scanners())
    return f"{inbox.mark(user.office_id, user.terminal_id)}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def source_words(page: InboxPage) -> str:
    """Where a page came from, in a word."""
    if page.origin.get("kind") == "upload":
        return _("điện thoại") if page.origin.get("device") == "phone" else _("tải lên")
    return str(page.origin.get("device") or _("không rõ nguồn"))


def setting_words(page: InboxPage) -> str:
    """How it was made: size, true dpi, and what was asked of the scanner where that differs."""
    origin: dict[str, Any] = page.origin
    dpi, asked = page.dpi, origin.get("asked_dpi")
    told = [f"{page.width} × {page.height}", f"{dpi} dpi" if dpi else _("không ghi dpi")]
    if asked and dpi and asked != dpi:
        told.append(_("đặt %(dpi)s dpi") % {"dpi": asked})
    told += [str(origin[name]) for name in ("mode", "source") if origin.get(name)]
    if origin.get("recovered"):
        told.append(_("lấy lại sau khi bị ngắt"))
    return " · ".join(told)


def sign_of(page: InboxPage) -> str:
    """The sign of what the gate said."""
    return SIGNS[Verdict(page.verdict)]


def _scanners() -> list[ScannerView]:
    said = {one.name: one for one in statuses(site().settings.terminal.id)}
    found = []
    for line in site().devices.lines():
        if line.role == "pages" and line.kind == "sane":
            last = said.get(line.name)
            sign = "unknown" if last is None or last.ready is None else "complete" if last.ready else "decide"
            scanning = last is not None and last.connected and last.ready is None
            found.append(ScannerView(line.name, last.words if last else "", sign, scanning))
    return found
