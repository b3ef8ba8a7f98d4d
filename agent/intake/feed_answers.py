"""What the clerk says of a feed before it is filed: what a page is, where it goes, turned, moved, accepted, counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.feed import As, Target
from agent.domain.text import clean
from agent.errors import RuleViolation
from agent.intake.filing import component_of
from agent.intake.inbox import GONE, MOST, without_words
from agent.intake.turned import judged_anew
from agent.intake.unfiled import erase_object
from agent.ports import Verdict
from agent.site import Site
from agent.store import inbox, rows
from agent.store.inbox import Feed, InboxPage
from agent.store.lookup import dossier_by_number

NO_REASON = "Ghi lý do nhận trang này, ví dụ “bản gốc đã mờ”."


def answer(site: Site, uids: Iterable[UUID], *, decided: As | None, to: Target | None = None, by: Actor) -> int:
    """Say what waiting pages are, or where they go (`to`: a dossier's number and a component's uid); how many.

    RuleViolation when they wait no more, NotFound for a place that is none. None and no place: as it was read.
    """
    with site.store.writing():
        if to is not None:
            component_of(dossier_by_number(to.dossier), UUID(to.component))
        found = _waiting(uids, by)
        for page in found:
            rows.change(
                InboxPage, page.id, decided=decided.value if decided else "",
                to_dossier=to.dossier if to else "", to_component=to.component if to else "",
            )  # fmt: skip
    return len(found)


def turn(site: Site, uids: Iterable[UUID], degrees: int | None, *, by: Actor) -> int:
    """Turn pages clockwise by 90, 180 or 270 degrees; None: as far as sets their lines upright. The bytes stay.

    A page that was only turned wrong is in order after that.
    """
    if degrees is not None and degrees % 90:
        raise RuleViolation("Chỉ xoay trang từng góc vuông.")
    with site.store.writing():
        found = _waiting(uids, by)
        for page in found:
            wanted = int(page.seen.get("turn", 0)) if degrees is None else (page.turn + degrees) % 360
            rows.change(InboxPage, page.id, turn=wanted, **judged_anew(page.findings, page.verdict, page.seen, wanted))
    return len(found)


def move(site: Site, uid: UUID, steps: int, *, by: Actor) -> None:
    """Move a page by so many places down (negative: up) within its feed; at the end it stays where it is."""
    with site.store.writing():
        (page,) = _waiting([uid], by)
        pages = inbox.of_stack(by.office_id, by.terminal_id, page.stack)
        at = next(number for number, one in enumerate(pages) if one.id == page.id)
        there = min(max(at + steps, 0), len(pages) - 1)
        pages.insert(there, pages.pop(at))
        for number, one in enumerate(pages, start=1):
            if one.place != number:
                rows.change(InboxPage, one.id, place=number)


def accept(site: Site, uids: Iterable[UUID], *, reason: str, by: Actor) -> int:
    """Accept pages that the gate remarked on, with a reason; how many. RuleViolation for refused ones: scan again."""
    if len(reason.strip()) < 3:
        raise RuleViolation(NO_REASON)
    with site.store.writing():
        found = _waiting(uids, by)
        if any(page.verdict == Verdict.REFUSED for page in found):
            raise RuleViolation("Trang bị từ chối không nhận được bằng lý do; hãy quét lại trang đó.")
        doubtful = [page for page in found if page.verdict == Verdict.WARN]
        for page in doubtful:
            rows.change(InboxPage, page.id, accepted_by=by.username, accepted_reason=clean(reason))
    return len(doubtful)


def count(site: Site, stack: UUID, counted: int | None, *, difference: str = "", by: Actor) -> None:
    """Note how many pages of paper the clerk counted (covers are none), and why fewer or more came."""
    if counted is not None and not 0 <= counted <= 100_000:
        raise RuleViolation("Số trang đếm được không hợp lệ. Nhập một số từ 0.")
    with site.store.writing():
        if not inbox.of_stack(by.office_id, by.terminal_id, stack):
            raise RuleViolation(GONE)
        told = clean(difference) if counted is not None else ""
        rows.create_unless_there(Feed, uid=stack, office_id=by.office_id, terminal_id=by.terminal_id)
        Feed.update(counted=counted, difference=told).where(Feed.uid == stack).execute()


def ask_again(site: Site, uid: UUID, *, by: Actor) -> None:
    """Say that a page is to be scanned again: the next page that comes is offered to stand for it."""
    with site.store.writing():
        (page,) = _waiting([uid], by)
        for other in inbox.waiting(by.office_id, by.terminal_id, limit=MOST):
            if other.again_at is not None and other.id != page.id:
                rows.change(InboxPage, other.id, again_at=None)
        rows.change(InboxPage, page.id, again_at=site.clock.now())


def replace(site: Site, old: UUID, new: UUID, *, by: Actor) -> None:
    """Let a page that came later stand where the old one stood; the old one is thrown away, its picture erased."""
    at = site.clock.now()
    with site.store.writing():
        found = {page.uid: page for page in _waiting([old, new], by)}
        if set(found) != {old, new} or old == new:
            raise RuleViolation(GONE)
        first, second = found[old], found[new]
        rows.change(
            InboxPage, second.id, stack=first.stack, place=first.place,
            decided=first.decided, to_dossier=first.to_dossier, to_component=first.to_component,
        )  # fmt: skip
        rows.change(
            InboxPage, first.id, discarded_at=at, discarded_by=by.username, discarded_why="đã quét lại", name="",
            seen=without_words(first.seen), again_at=None,
        )  # fmt: skip
    erase_object(site, first.sha256, by)


# --- the parts ---------------------------------------------------------------------------------
def _waiting(uids: Iterable[UUID], by: Actor) -> Sequence[InboxPage]:
    found = inbox.to_change(by.office_id, by.terminal_id, uids)
    if not found:
        raise RuleViolation(GONE)
    return found
