"""One pass: a whole feed through the scanner, dealt by its cover sheets and filed in one transaction, exactly once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.feed import As, Ask, Known, Plan, Sheet, Target, deal, targets
from agent.domain.official_code import hint_of
from agent.errors import RuleViolation
from agent.intake.filing import component_of, may_take_pages, take_back, wants_copy
from agent.intake.inbox import GONE, file_under, without_words
from agent.intake.unfiled import erase_object
from agent.site import Site
from agent.store import inbox, rows
from agent.store.dossiers import Component, Dossier
from agent.store.inbox import SEPARATOR, Feed, InboxPage
from agent.store.lookup import components_of, dossiers_to_change
from agent.store.progress import note, told
from labels.payload import ComponentCode, DossierCode, read_code

UNDO = timedelta(hours=1)  # how long pictures of separators are kept after their feed was filed
CHANGED = "Lượt quét này vừa thay đổi (có trang mới, hoặc vừa sửa ở cửa sổ khác). Xem lại rồi xếp."


@dataclass(frozen=True)
class FeedView:
    """A feed that waits (lượt quét), where its pages would go, and what is to be asked."""

    stack: UUID
    pages: Sequence[InboxPage]  # in the clerk's order
    plan: Plan
    names: dict[Target, tuple[str, str]]  # dossier's number and component's name of each place
    takes: frozenset[Target]  # places that pages may go to
    hints: dict[str, str]  # by page: the dossier's number that somebody else's code names
    note: Feed | None

    @property
    def mark(self) -> str:
        """A text that differs when anything of what the clerk sees differs."""
        told = [f"{page.uid} {page.turn} {page.accepted_by}" for page in self.pages]
        told += [f"{key} {place}" for key, place in self.plan.placed.items()]
        told += [f"{key} {place}" for key, place in self.plan.separators.items()]
        told += [str(question) for question in self.plan.questions]
        told += [str(self.note.counted if self.note else "")]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    @property
    def interrupted(self) -> bool:
        """Whether some were left by a feed that was interrupted: then the sheets are to be counted."""
        return any(page.origin.get("recovered") for page in self.pages)


@dataclass(frozen=True)
class FiledFeed:
    """What became of a feed."""

    pages: int
    dossiers: tuple[str, ...]  # provisional numbers
    components: int
    separators: int


# --- looking -----------------------------------------------------------------------------------
def feeds(site: Site, *, by: Actor, only: str = "", most: int | None = None) -> list[FeedView]:
    """The feeds that wait at the clerk's terminal, the oldest first; `only` is the dossier that is being digitised."""
    with site.store.reading():
        stacks = inbox.stacks(by.office_id, by.terminal_id)
        return [_view(by, stack, only) for stack in stacks[:most]]


def feed(site: Site, stack: UUID, *, by: Actor, only: str = "") -> FeedView:
    """One feed; RuleViolation when none of its pages waits any more."""
    with site.store.reading():
        view = _view(by, stack, only)
    if not view.pages:
        raise RuleViolation(GONE)
    return view


# --- filing ------------------------------------------------------------------------------------
def file_feed(site: Site, stack: UUID, *, mark: str, by: Actor, only: str = "") -> FiledFeed:
    """File a whole feed as the clerk saw it (`mark`), of one dossier or many, in one transaction.

    Separators are filed as such; their pictures are erased once the filing can no longer be taken back. RuleViolation,
    with nothing filed, when something is still asked, when it changed since, or when it was filed already.
    """
    at = site.clock.now()
    with site.store.writing():
        view = _view(by, stack, only)
        _require_fileable(view, mark)
        places = dict.fromkeys(view.plan.placed.values())
        dossiers = _locked(target.dossier for target in places)
        inbox.to_change(by.office_id, by.terminal_id, [page.uid for page in view.pages])
        _require_fileable(view := _view(by, stack, only), mark)  # as it is now that nobody else changes it
        by_key = {str(page.uid): page for page in view.pages}
        for target in places:
            dossier = dossiers[target.dossier]
            component = component_of(dossier, UUID(target.component))
            came = [by_key[key] for key in view.plan.of(target)]
            file_under(site, dossier, component, came, by=by, at=at)
        for key, says in view.plan.separators.items():
            _put_away(by_key[key], says, at)
        for dossier in dossiers.values():
            _note_feed(site, dossier, view, by)
    sweep_separators(site, by=by)
    return FiledFeed(len(view.plan.placed), tuple(dossiers), len(places), len(view.plan.separators))


def return_feed(site: Site, stack: UUID, *, by: Actor) -> int:
    """Undo: a feed that was filed waits again, its separators too; how many pages."""
    with site.store.writing():
        found = inbox.last_filed_stack(by.office_id, by.terminal_id, stack)
        if not found:
            raise RuleViolation("Không còn trang nào để trả về hộp trang. Tải lại trang để xem.")
        filed = [row.page for row in found if row.page is not None]
        own = {page.id: page for row in found if (page := row.page) is not None and page.created_at == row.filed_at}
        _locked({page.dossier.provisional for page in filed})
        for row in inbox.last_filed_stack(by.office_id, by.terminal_id, stack):
            name = row.page.name if row.page is not None else row.name
            rows.change(InboxPage, row.id, page=None, filed_at=None, discarded_why="", name=name)
        for component in dict.fromkeys(page.component for page in own.values()):
            mine = [page for page in own.values() if page.component == component]
            take_back(site, mine[0].dossier, component, mine, by=by)
    return len(filed)


def sweep_separators(site: Site, *, by: Actor) -> int:
    """Erase the pictures of separators whose filing is past taking back; how many."""
    at = site.clock.now()
    with site.store.writing():
        spent = inbox.spent_separators(by.office_id, by.terminal_id, at - UNDO)
        for row in spent:
            rows.change(InboxPage, row.id, filed_at=None, discarded_at=at, discarded_by=by.username)
    for sha256 in sorted({row.sha256 for row in spent}):
        erase_object(site, sha256, by)
    return len(spent)


# --- the parts ---------------------------------------------------------------------------------
def _view(by: Actor, stack: UUID, only: str) -> FeedView:
    pages = inbox.of_stack(by.office_id, by.terminal_id, stack)
    said = {str(page.uid): _said(page) for page in pages}
    official = {number for page in pages if (number := hint_of(page.seen.get("codes", [])))}
    numbers = {target.dossier for places in said.values() for target in places}
    numbers |= {page.to_dossier for page in pages if page.to_dossier} | ({only} if only else set())
    desk = _Desk(by.office_id, numbers, official)
    sheets = [
        _sheet(page, pages[n - 1] if n else None, desk.resolved(said[str(page.uid)])) for n, page in enumerate(pages)
    ]
    about = inbox.feed_note(stack)
    counted, settled = (about.counted, bool(about.difference)) if about else (None, False)
    plan = deal(sheets, Known(desk.known), only=only, counted=counted, count_settled=settled)
    hints = {
        str(page.uid): number
        for page in pages
        if (number := desk.official.get(hint_of(page.seen.get("codes", [])), ""))
    }
    return FeedView(stack, pages, plan, desk.names, desk.takes, hints, about)


class _Desk:
    """The dossiers of this office that a feed names: which components they have, and which of them take pages."""

    def __init__(self, office_id: str, provisionals: set[str], officials: set[str]) -> None:
        named = Dossier.provisional.in_(list(provisionals)) | Dossier.official.in_(list(officials))
        found = (
            list(Dossier.select().where((Dossier.office_id == office_id) & named)) if provisionals or officials else []
        )
        self.official = {dossier.official: dossier.provisional for dossier in found if dossier.official}
        self.known: dict[str, dict[str, Ask | None]] = {}
        self.names: dict[Target, tuple[str, str]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        for dossier in found:
            components = components_of(dossier)
            self.known[dossier.provisional] = {str(one.uid): _fault(dossier, one) for one in components}
            for one in components:
                place = Target(dossier.provisional, str(one.uid))
                self.names[place] = (dossier.official or dossier.provisional, one.name)
            codes = [one.code for one in components]
            alone = {one.code: str(one.uid) for one in components if one.code and codes.count(one.code) == 1}
            self._codes[dossier.provisional] = alone | {str(one.uid): str(one.uid) for one in components}

    @property
    def takes(self) -> frozenset[Target]:
        return frozenset(place for place in self.names if self.known[place.dossier][place.component] is None)

    def resolved(self, places: Iterable[Target]) -> tuple[Target, ...]:
        """The places with their components' uids instead of codes; what is not known stays as it was read."""
        return targets(Target(p.dossier, self._codes.get(p.dossier, {}).get(p.component, p.component)) for p in places)


def _fault(dossier: Dossier, component: Component) -> Ask | None:
    if not wants_copy(component):
        return Ask.SHOW_ONLY
    try:
        may_take_pages(dossier, component)
    except RuleViolation:
        return Ask.CLOSED
    return None


def _said(page: InboxPage) -> tuple[Target, ...]:
    """What our codes on a page name."""
    found = []
    for code in page.seen.get("codes", []):
        match read_code(str(code["text"])):
            case ComponentCode(provisional, component):
                found.append(Target(provisional, component))
            case DossierCode(provisional, _):
                found.append(Target(provisional))
    return targets(found)


def _sheet(page: InboxPage, before: InboxPage | None, says: tuple[Target, ...]) -> Sheet:
    """A row as the dealer takes it; neighbours count only where they came one after the other."""
    followed = before is not None and (before.feed, before.position + 1) == (page.feed, page.position)
    two_sided = "duplex" in str(page.origin.get("source", "")).casefold()
    return Sheet(
        key=str(page.uid),
        verdict=page.verdict,
        blank="blank" in page.findings,
        says=says,
        cover=bool(page.seen.get("cover")) or _at_both_ends(page),
        back=page.position % 2 == 0 if two_sided else None,
        alike=float(page.seen.get("alike", 0.0)) if followed else 0.0,
        accepted=bool(page.accepted_by),
        decided=As(page.decided) if page.decided else None,
        to=Target(page.to_dossier, page.to_component) if page.to_dossier else None,
    )


def _at_both_ends(page: InboxPage) -> bool:
    """Whether a component's code stands in the page's upper and in its lower half, as on cover sheets alone."""
    ours = [code for code in page.seen.get("codes", []) if str(code["text"]).startswith("PA1C|")]
    across = "x" if page.seen.get("turn") in (90, 270) else "y"
    return any(code[across] < 0.4 for code in ours) and any(code[across] > 0.6 for code in ours)


def _require_fileable(view: FeedView, mark: str) -> None:
    if not view.pages:
        raise RuleViolation(GONE)
    if view.mark != mark:
        raise RuleViolation(CHANGED)
    if not view.plan.ready:
        count = len(view.plan.questions)
        raise RuleViolation(f"Còn {count} điều cần trả lời trước khi xếp lượt quét này; chưa xếp trang nào.")


def _locked(provisionals: Iterable[str]) -> dict[str, Dossier]:
    wanted = Dossier.provisional.in_(list(provisionals) or [""])
    return {dossier.provisional: dossier for dossier in dossiers_to_change(wanted)}


def _put_away(page: InboxPage, says: Target | None, at: Any) -> None:
    """A separator is filed without a page; what it said stays, so that taking back finds everything as it was."""
    answer = {"decided": As.COVER.value, "to_dossier": says.dossier, "to_component": says.component} if says else {}
    rows.change(
        InboxPage, page.id, filed_at=at, discarded_why=SEPARATOR, seen=without_words(page.seen),
        **(answer or {"decided": As.BACK.value}),
    )  # fmt: skip


def _note_feed(site: Site, dossier: Dossier, view: FeedView, by: Actor) -> None:
    """How the whole feed was reconciled, in the journal of each dossier that got pages of it."""
    about = view.note
    note(
        dossier, "feed_filed", by=by, at=site.clock.now(), ids=site.ids,
        feed=str(view.stack), images=len(view.pages), pages=view.plan.pages, separators=len(view.plan.separators),
        pairs=len(view.plan.pairs), counted=about.counted if about else None,
        difference=told(dossier, about.difference) if about and about.difference else "",
    )  # fmt: skip
