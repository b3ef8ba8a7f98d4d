"""A feed's pages dealt to components by its cover sheets: where each goes, what is a separator, what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agent.domain.likeness import ALIKE


class Ask(StrEnum):
    """What the clerk is asked; nothing of the feed is filed before everything is answered."""

    LEADING = "leading"  # pages before any cover sheet: where do they go
    UNREAD = "unread"  # it looks like a cover sheet and its code cannot be read
    UNKNOWN_DOSSIER = "unknown-dossier"  # a cover of a dossier that does not take pages here
    OTHER_DOSSIER = "other-dossier"  # a cover of another dossier than the one that is being digitised
    UNKNOWN_COMPONENT = "unknown-component"
    SHOW_ONLY = "show-only"  # a cover of what may not be copied
    CLOSED = "closed"  # a cover of what takes no pages any more: signed, sent
    WHICH_COMPONENT = "which-component"  # a dossier's label tells no component
    TWO_CODES = "two-codes"  # codes on one page name different places
    EMPTY = "empty"  # a cover with no page after it: pulled in together?
    BACK = "back"  # the back of a cover sheet is not blank
    PAIR = "pair"  # two pictures of one page: with and without a note, or scanned twice
    DOUBT = "doubt"  # the gate remarked on it: put right, scanned again, or accepted with a reason
    REFUSED = "refused"  # the gate refused it: scanned again or thrown away
    COUNT = "count"  # the pages counted by hand are not as many as came


class As(StrEnum):
    """What the clerk said a page is."""

    COVER = "cover"  # a separator, for `to`
    PAGE = "page"  # no separator
    BACK = "back"  # the blank back of a separator: not filed
    PAIR = "pair"  # with the page before it, two pictures of one page
    TWO = "two"  # it and the page before are two pages


@dataclass(frozen=True)
class Target:
    """A place: a dossier's provisional number and what names its component; "" not known."""

    dossier: str
    component: str = ""


@dataclass(frozen=True)
class Sheet:
    """A page of a feed (trang trong một lượt quét), in order, with what was seen on it and said about it."""

    key: str
    verdict: str = "ok"  # ok, warn, refused
    blank: bool = False
    says: tuple[Target, ...] = ()  # what our codes on it name, each once
    cover: bool = False  # it has a cover sheet's bars, or a cover's code at both ends
    back: bool | None = None  # of a sheet fed two-sided; None: fed one-sided, or not known
    alike: float = 0.0  # to the page that came before it
    accepted: bool = False
    decided: As | None = None
    to: Target | None = None  # where the clerk put it; of a separator what it says


@dataclass(frozen=True)
class Question:
    """Something to ask about pages, the first of them first."""

    ask: Ask
    keys: tuple[str, ...]
    target: Target | None = None


@dataclass
class Plan:
    """Where everything goes; each page is in exactly one of `placed`, `separators` and `open`."""

    placed: dict[str, Target] = field(default_factory=dict)
    separators: dict[str, Target | None] = field(default_factory=dict)  # covers with what they say, backs without
    open: list[str] = field(default_factory=list)  # asked about
    questions: list[Question] = field(default_factory=list)
    pairs: set[str] = field(default_factory=set)  # second pictures: they count as no further page

    @property
    def ready(self) -> bool:
        """Whether the whole may be filed."""
        return not self.questions and not self.open

    @property
    def pages(self) -> int:
        """Pages of paper that are filed or asked about; separators and second pictures are none."""
        return len(self.placed) + len(self.open) - len(self.pairs)

    def of(self, target: Target) -> list[str]:
        """The pages that go to a place, in order."""
        return [key for key, place in self.placed.items() if place == target]


class Known:
    """The dossiers that pages may go to: provisional number -> component -> why it takes none, None when it does."""

    def __init__(self, dossiers: Mapping[str, Mapping[str, Ask | None]]) -> None:
        self._dossiers = dossiers

    def fault(self, target: Target, only: str) -> Ask | None:
        """Why pages cannot go there; None when they can."""
        if target.dossier not in self._dossiers:
            return Ask.UNKNOWN_DOSSIER
        if only and target.dossier != only:
            return Ask.OTHER_DOSSIER
        if not target.component:
            return Ask.WHICH_COMPONENT
        components = self._dossiers[target.dossier]
        if target.component not in components:
            return Ask.UNKNOWN_COMPONENT
        return components[target.component]


def deal(
    sheets: Sequence[Sheet],
    known: Known,
    *,
    only: str = "",
    start: Target | None = None,
    counted: int | None = None,
    count_settled: bool = False,
) -> Plan:
    """Deal a feed's pages: after a cover sheet all go to its component, until the next one.

    `only` is the dossier that is being digitised (its number; empty: any), `start` where pages before the first cover
    go, `counted` how many pages of paper the clerk counted. What is not sure is asked, never guessed: pages after an
    unread separator wait, they do not go on to the component before it.
    """
    dealer = _Dealer(known, only, start)
    for number, sheet in enumerate(sheets):
        dealer.take(sheet, sheets[number - 1] if number else None)
    dealer.close()
    plan = dealer.plan
    if counted is not None and counted != plan.pages and not plan.open and not count_settled:
        plan.questions.append(Question(Ask.COUNT, ()))
    return plan


class _Dealer:
    """Goes through the pages once; `_place` is where pages go now, `_held` the question that holds them instead."""

    def __init__(self, known: Known, only: str, start: Target | None) -> None:
        self.plan, self._known, self._only = Plan(), known, only
        self._place = start
        self._held: tuple[Ask, list[str], Target | None] | None = None
        self._cover: tuple[str, bool] | None = None  # the last separator, and whether nothing has come after it yet
        self._confirmed = True

    def take(self, sheet: Sheet, before: Sheet | None) -> None:
        if self._separates(sheet):
            self._separator(sheet)
        elif self._is_back(sheet, before):
            self._behind(sheet)
        else:
            self._page(sheet, before)

    def close(self) -> None:
        self._end_cover()
        self._release()

    # --- separators ---
    def _separates(self, sheet: Sheet) -> bool:
        return sheet.decided is As.COVER or (sheet.cover and sheet.decided is None)

    def _separator(self, sheet: Sheet) -> None:
        self._end_cover()
        self._release()
        target = sheet.to or (sheet.says[0] if len(sheet.says) == 1 else None)
        fault = Ask.TWO_CODES if target is None and sheet.says else Ask.UNREAD if target is None else None
        sure = sheet.decided is As.COVER
        if target is not None:
            fault = self._known.fault(target, "" if sure else self._only)
        if fault is not None:
            self._place, self._held = None, (fault, [sheet.key], target)
            self.plan.open.append(sheet.key)
            self._cover = None
            return
        self._place = target
        self.plan.separators[sheet.key] = target
        self._cover, self._confirmed = (sheet.key, True), sure

    def _is_back(self, sheet: Sheet, before: Sheet | None) -> bool:
        """The back of the sheet before it, which is a separator or may be one."""
        behind = sheet.back is True and before is not None and before.back is False and self._separates(before)
        return sheet.decided is As.BACK or (behind and sheet.decided is None and sheet.to is None)

    def _behind(self, sheet: Sheet) -> None:
        if self._held is not None and sheet.decided is not As.BACK:
            self._hold(sheet.key)
        elif sheet.blank or sheet.decided is As.BACK:
            self.plan.separators[sheet.key] = None
        else:
            self.plan.open.append(sheet.key)
            self.plan.questions.append(Question(Ask.BACK, (sheet.key,)))

    def _end_cover(self) -> None:
        """A cover after which nothing came, and which nobody confirmed: were its pages pulled in with it?"""
        if self._cover is not None and self._cover[1] and not self._confirmed:
            key = self._cover[0]
            self.plan.questions.append(Question(Ask.EMPTY, (key,), self.plan.separators[key]))
        self._cover = None

    # --- pages ---
    def _page(self, sheet: Sheet, before: Sheet | None) -> None:
        self._cover = None
        named = () if sheet.decided is As.PAGE else sheet.says
        if sheet.to is not None:
            self._settle(sheet, sheet.to)
        elif len(named) > 1:
            self._ask(sheet, Ask.TWO_CODES, None)
        elif named and named[0] != self._place:
            self._labelled(sheet, named[0])
        elif self._held is not None:
            self._hold(sheet.key)
        elif self._place is None:
            self._held = (Ask.LEADING, [], None)
            self._hold(sheet.key)
        else:
            self._settle(sheet, self._place)
        self._compare(sheet, before)

    def _labelled(self, sheet: Sheet, target: Target) -> None:
        """A page that carries a label: it begins that component, unless the cover before it says otherwise."""
        if not target.component and self._place is not None and self._place.dossier == target.dossier:
            self._settle(sheet, self._place)
            return
        fault = self._known.fault(target, self._only)
        if fault is None and self._place is not None:
            fault = Ask.TWO_CODES
        self._release()
        if fault is None:
            self._place = target
            self._settle(sheet, target)
            return
        self._place, self._held = None, (fault, [], target)
        self._hold(sheet.key)

    def _settle(self, sheet: Sheet, target: Target) -> None:
        fault = self._known.fault(target, "")
        if fault is not None:
            self._ask(sheet, fault, target)
            return
        self.plan.placed[sheet.key] = target
        if sheet.verdict == "refused":
            self.plan.questions.append(Question(Ask.REFUSED, (sheet.key,), target))
        elif sheet.verdict == "warn" and not sheet.accepted:
            self.plan.questions.append(Question(Ask.DOUBT, (sheet.key,), target))

    def _compare(self, sheet: Sheet, before: Sheet | None) -> None:
        placed = self.plan.placed
        together = before is not None and sheet.key in placed and placed.get(before.key) == placed[sheet.key]
        if not together or before is None:
            return
        if sheet.decided is As.PAIR:
            self.plan.pairs.add(sheet.key)
        elif sheet.alike >= ALIKE and sheet.decided is not As.TWO:
            self.plan.questions.append(Question(Ask.PAIR, (before.key, sheet.key), placed[sheet.key]))

    # --- questions ---
    def _ask(self, sheet: Sheet, ask: Ask, target: Target | None) -> None:
        self.plan.open.append(sheet.key)
        self.plan.questions.append(Question(ask, (sheet.key,), target))

    def _hold(self, key: str) -> None:
        assert self._held is not None
        self._held[1].append(key)
        self.plan.open.append(key)

    def _release(self) -> None:
        if self._held is not None:
            ask, keys, target = self._held
            self.plan.questions.append(Question(ask, tuple(keys), target))
        self._held = None


def targets(codes: Iterable[Target]) -> tuple[Target, ...]:
    """What a page's codes name, each place once; a dossier alone says nothing beside one of its components."""
    found = list(dict.fromkeys(codes))
    named = {target.dossier for target in found if target.component}
    return tuple(target for target in found if target.component or target.dossier not in named)
