"""A feed as its screen shows it: groups by where each page will go, pages with their state, questions with answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.domain.feed import Ask, Plan, Question, Target
from agent.intake.filing import wants_copy
from agent.intake.one_pass import FeedView
from agent.ports import Verdict
from agent.store.dossiers import Dossier
from agent.store.inbox import InboxPage
from agent.store.lookup import components_of
from agent.web.i18n import gettext

MERGED = (Ask.DOUBT, Ask.REFUSED)  # asked once for all pages of a feed


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


ASKS = {
    Ask.LEADING: _("Trang chưa biết của giấy tờ nào: không có tờ phân cách ở trước."),
    Ask.UNREAD: _("Trông như tờ phân cách nhưng không đọc được mã. Các trang sau nó chưa xếp vào đâu."),
    Ask.UNKNOWN_DOSSIER: _("Tờ phân cách của hồ sơ không có ở bưu cục này."),
    Ask.OTHER_DOSSIER: _("Tờ phân cách của hồ sơ khác, không phải hồ sơ đang số hóa."),
    Ask.UNKNOWN_COMPONENT: _("Tờ phân cách của thành phần không có trong hồ sơ."),
    Ask.SHOW_ONLY: _("Giấy tờ này chỉ xuất trình, không được sao. Bỏ các trang này hoặc chọn nơi khác."),
    Ask.CLOSED: _("Thành phần này đã ký hoặc hồ sơ đã gửi, không nhận thêm trang."),
    Ask.WHICH_COMPONENT: _("Nhãn chỉ nói hồ sơ, không nói thành phần. Chọn thành phần."),
    Ask.TWO_CODES: _("Mã trên trang nói khác tờ phân cách ở trước. Chọn nơi đúng."),
    Ask.EMPTY: _("Sau tờ phân cách này không có trang nào. Xem máy có kéo dính hai tờ không."),
    Ask.BACK: _("Mặt sau tờ phân cách có chữ hoặc hình."),
    Ask.PAIR: _("Hai ảnh liền nhau rất giống nhau: một trang chụp có và không có giấy ghi chú, hay quét trùng?"),
    Ask.DOUBT: _("Trang cần xem: sửa, quét lại, hoặc nhận với lý do."),
    Ask.REFUSED: _("Trang bị từ chối: quét lại hoặc bỏ."),
    Ask.COUNT: _("Số trang đếm tay khác số trang đã quét."),
}


@dataclass(frozen=True)
class Card:
    """A page on the screen."""

    row: InboxPage
    number: int  # in the feed, from 1
    sign: str
    words: str  # what is said of it
    separator: bool
    second: bool  # the second picture of a page

    @property
    def turned(self) -> str:
        """The class that shows it as the clerk turned it."""
        return f"turn-{self.row.turn}" if self.row.turn else ""


@dataclass(frozen=True)
class Group:
    """Pages that go to one place, or that wait for one answer."""

    title: str  # the component's name
    under: str  # the dossier's number
    cards: Sequence[Card]
    asked: bool


@dataclass(frozen=True)
class Asked:
    """A question on the screen."""

    ask: Ask
    words: str
    cards: Sequence[Card]
    place: str  # the value of the place that is meant or hinted at, for the choice
    cover: bool  # about a separator, or what looks like one


@dataclass(frozen=True)
class FeedPage:
    """A feed with everything that its screen needs."""

    view: FeedView
    cards: Sequence[Card]
    groups: Sequence[Group]
    asked: Sequence[Asked]

    @property
    def uid(self) -> UUID:
        return self.view.stack

    @property
    def plan(self) -> Plan:
        return self.view.plan

    @property
    def places(self) -> int:
        """How many components get pages."""
        return len(set(self.plan.placed.values()))

    @property
    def counted(self) -> int | None:
        return self.view.note.counted if self.view.note else None

    @property
    def awry(self) -> bool:
        """Whether some pages lie wrong and the gate knows how to turn them."""
        return any(_lies_wrong(card.row) for card in self.cards)


def feed_page(view: FeedView) -> FeedPage:
    """The screen's view of a feed."""
    told = {key: question for question in view.plan.questions for key in question.keys}
    cards = [_card(page, number, view.plan, told) for number, page in enumerate(view.pages, start=1)]
    return FeedPage(view, cards, list(_groups(view, cards)), list(_asked(view, cards)))


def choices(dossiers: Sequence[Dossier], views: Sequence[FeedView]) -> list[tuple[str, str]]:
    """Where pages can be put: components that are copied, of the dossiers that feeds name, then of those that wait."""
    found: dict[str, str] = {}
    for view in views:
        for target in (one for one in view.names if one in view.takes):
            found[value_of(target)] = " · ".join(view.names[target])
    for dossier in dossiers:
        for component in components_of(dossier):
            if wants_copy(component):
                place = Target(dossier.provisional, str(component.uid))
                found.setdefault(value_of(place), f"{dossier.official or dossier.provisional} · {component.name}")
    return list(found.items())


def value_of(target: Target | None) -> str:
    """A place as a form's value."""
    return f"{target.dossier}/{target.component}" if target else ""


def _card(page: InboxPage, number: int, plan: Plan, told: dict[str, Question]) -> Card:
    key, question = str(page.uid), told.get(str(page.uid))
    sign = {Verdict.OK: "complete", Verdict.WARN: "decide"}.get(Verdict(page.verdict), "refused")
    words = page.reason
    if key in plan.separators:
        sign, words = "complete", gettext("tờ phân cách")
    elif page.accepted_by and page.verdict == Verdict.WARN:
        sign, words = "complete", gettext("đã nhận: %(why)s") % {"why": page.accepted_reason}
    elif question is not None and sign == "complete":
        sign, words = "unknown", gettext(ASKS[question.ask])
    return Card(page, number, sign, words or gettext("rõ"), key in plan.separators, key in plan.pairs)


def _groups(view: FeedView, cards: Sequence[Card]) -> Iterator[Group]:
    """Groups in the order in which their first page came; a cover stands before the pages it leads."""
    by_key = {str(card.row.uid): card for card in cards}
    places: dict[Target | str, list[Card]] = {}
    holding = {key: question for question in view.plan.questions for key in question.keys if key in view.plan.open}
    last: Target | str = ""
    for key, card in by_key.items():
        if key in view.plan.placed:
            last = view.plan.placed[key]
        elif key in holding:
            last = f"?{holding[key].keys[0]}"
        elif (says := view.plan.separators.get(key)) is not None:
            last = says
        places.setdefault(last, []).append(card)
    for place, held in places.items():
        if isinstance(place, Target):
            number, name = view.names.get(place, (place.dossier, place.component))
            yield Group(name, number, held, asked=False)
        else:
            yield Group(gettext("Chưa biết xếp vào đâu"), "", held, asked=True)


def _asked(view: FeedView, cards: Sequence[Card]) -> Iterator[Asked]:
    by_key = {str(card.row.uid): card for card in cards}
    merged: dict[Ask, list[Card]] = {}
    for question in view.plan.questions:
        about = [by_key[key] for key in question.keys]
        if question.ask in MERGED:
            merged.setdefault(question.ask, []).extend(about)
            continue
        hinted = next((hint for key in question.keys if (hint := view.hints.get(key))), "")
        meant = question.target if question.target in view.takes else _likely(view, cards, about, hinted)
        yield Asked(
            question.ask, gettext(ASKS[question.ask]), about, value_of(meant), bool(about and _is_cover(about[0].row))
        )
    for ask, about in merged.items():
        yield Asked(ask, gettext(ASKS[ask]), about, "", cover=False)


def _likely(view: FeedView, cards: Sequence[Card], about: Sequence[Card], hinted: str) -> Target | None:
    """Where the choice begins: what a code hints at, else the component after the one before that has no pages yet."""
    places = [target for target in view.names if target in view.takes]
    if hinted:
        return next((target for target in places if target.dossier == hinted), None)
    first = about[0].number if about else 0
    before = [place for card in cards[: first - 1] if (place := view.plan.placed.get(str(card.row.uid)))]
    if not before:
        return None
    used = set(view.plan.placed.values())
    mine = [target for target in places if target.dossier == before[-1].dossier]
    return next((target for target in mine[mine.index(before[-1]) :] if target not in used), None)


def _is_cover(page: InboxPage) -> bool:
    return bool(page.seen.get("cover")) or page.decided == "cover"


def _lies_wrong(page: InboxPage) -> bool:
    return bool(page.seen.get("turn")) and page.turn != page.seen["turn"] and not page.seen.get("cover")
