"""Scans of this terminal's readers, pushed to its screens as they are committed; what they said stays on the server."""

from __future__ import annotations

from typing import Any

from flask.blueprints import BlueprintSetupState

from agent.accounts.principal import Principal
from agent.domain.roles import Action
from agent.intake.scans import is_fresh, waiting_from
from agent.store import scans as events
from agent.store.scans import ScanEvent
from agent.web.context import site, visit
from agent.web.counter import counter
from agent.web.i18n import gettext as _
from agent.web.security import at_this_machine


class ScanFeed:
    """The `scan` events of the terminal at which the user signed in, for the browsers of that very machine.

    A supervisor's screen elsewhere, or a phone that brings pages, shares the agent but not the counter.
    """

    name = "scan"

    def start(self, user: Principal) -> int:
        """Before the fresh scans that nobody took, so that none is lost between two pages.

        What was scanned before this session began is nobody's: the badge that ended the one before, for instance.
        """
        now = visit()
        if now is None or not _follows(user):
            return 0
        with site().store.reading():
            return waiting_from(site(), user.terminal_id, since=now.since)

    def after(self, user: Principal, place: int) -> list[tuple[int, Any]]:
        """The scans since, without what they said: a screen takes one by its uid."""
        if not _follows(user):
            return []
        with site().store.reading():
            found = events.after(user.terminal_id, place)
        return [(scan.id, _told(scan)) for scan in found]


def _follows(user: Principal) -> bool:
    return user.may(Action.SEARCH) and at_this_machine()


def _told(scan: ScanEvent) -> dict[str, Any]:
    kind, _colon, command = scan.kind.partition(":")
    why_not = _why_not(scan)
    return {
        "uid": str(scan.uid),
        "kind": kind,
        "command": command,
        "device": scan.device,
        "acts": not why_not,
        "words": why_not or scan.note,
    }


def _why_not(scan: ScanEvent) -> str:
    """Why nothing follows from a scan, in words; empty when something does."""
    if scan.torn or scan.kind == "damaged":
        return f"{_('Mã quét không trọn vẹn. Quét lại.')} {scan.note}".strip()
    if scan.repeat:
        return _("Mã vừa quét lặp lại, chỉ tính một lần.")
    return "" if is_fresh(site(), scan) else _("Lượt quét này đã cũ nên không dùng nữa. Quét lại.")


@counter.record
def _follow(state: BlueprintSetupState) -> None:
    state.app.extensions["live"].feeds.append(ScanFeed())
