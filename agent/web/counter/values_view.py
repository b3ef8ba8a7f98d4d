"""Values of papers as the screen shows them: what was read, how sure, what differs from the dossier, the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from agent.domain.dossier import Role
from agent.domain.extraction import FieldRule, Kind, PaperType, Rules, Source
from agent.domain.extraction_check import shown
from agent.domain.extraction_compare import Difference, PartyFacts, differences
from agent.domain.text import mask_id
from agent.intake.extraction_confirm import is_sure
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of
from agent.store.papers import Page
from agent.store.values import ABSENT, CONFIRMED, CORRECTED, SETTLED, Value, run_of, values_of_dossier
from agent.web.i18n import gettext

LOOK = 0.42  # of the page's width: how much of the page is seen around a value


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


DOUBT_WORDS = {
    "weak": _("chữ mờ, đọc chưa chắc"),
    "repaired": _("đã sửa chữ số đọc nhầm"),
    "spelling": _("có chữ không đúng chính tả"),
    "several": _("trên giấy có nhiều chỗ khác nhau"),
    "sources": _("mã trên giấy và chữ in không khớp"),
    "check": _("chữ số kiểm tra không khớp"),
    "plain": _("lấy từ dòng mã máy, không có dấu"),
    "future": _("ngày ở tương lai"),
    "fit": _("số định danh, ngày sinh, giới tính không khớp nhau"),
    "label": _("không thấy rõ tên mục"),
    "place": _("nhận theo vị trí trên giấy"),
}
SOURCE_WORDS = {
    Source.TEXT: _("chữ in"),
    Source.MRZ: _("dòng mã máy"),
    Source.QR: _("mã QR"),
    Source.RULE: _("theo loại giấy"),
    Source.CLERK: _("nhập tay"),
}
STATE_WORDS = {CONFIRMED: _("đã xác nhận"), CORRECTED: _("đã sửa"), ABSENT: _("giấy không có")}
ROLE_WORDS = {Role.OWNER: _("chủ hồ sơ"), Role.SUBMITTER: _("người nộp"), Role.REPRESENTATIVE: _("người được đại diện")}
DIFFERENCE_WORDS = {
    "name": _("Họ tên trên giấy: %(paper)s, khác với %(role)s: %(dossier)s."),
    "accents": _("Họ tên trên giấy: %(paper)s, khác dấu với %(role)s: %(dossier)s."),
    "id": _("Số giấy tờ trên giấy: %(paper)s, khác với %(role)s: %(dossier)s."),
    "birth": _("Ngày sinh trên giấy: %(paper)s, khác với %(role)s: %(dossier)s."),
}


@dataclass(frozen=True)
class Crop:
    """The part of a page's picture where a value stands, as an SVG shows it."""

    page: UUID
    view: str  # viewBox around the value
    around: str  # viewBox of more of the page
    box: tuple[float, float, float, float]  # left, top, width, height
    turn: str  # transform that makes the page upright
    wide: float
    high: float


@dataclass(frozen=True)
class FieldView:
    """One field of a paper on the screen."""

    rule: FieldRule
    row: Value
    text: str
    sign: str
    words: str
    source: str
    warning: str
    crop: Crop | None
    error: str = ""
    brief: str = ""

    @property
    def name(self) -> str:
        """The control's name, unique on the page."""
        return f"{self.row.component.uid}-{self.rule.code}"

    @property
    def settled(self) -> bool:
        return self.row.state in SETTLED

    @property
    def sure(self) -> bool:
        return is_sure(self.row) and not self.warning

    @property
    def numeric(self) -> bool:
        return self.rule.kind in (Kind.ID, Kind.DATE, Kind.YEAR)


@dataclass(frozen=True)
class PaperView:
    """One component with its fields."""

    component: Component
    kind: PaperType
    fields: list[FieldView]
    unread: int

    @property
    def other(self) -> bool:
        """Whether the paper is of another type than the list asks for."""
        wanted = self.component.doc_type
        return bool(wanted and self.kind.code not in (wanted, "*") and self.kind.titles)


@dataclass(frozen=True)
class ValuesView:
    """All papers of a dossier with values."""

    papers: list[PaperView]
    pages: dict[UUID, Crop] = field(default_factory=dict)  # one of each page that is shown
    elsewhere: list[str] = field(default_factory=list)  # terminals that have pages which are not here

    @property
    def fields(self) -> list[FieldView]:
        return [one for paper in self.papers for one in paper.fields]

    @property
    def sure(self) -> int:
        """How many one key confirms."""
        return sum(one.sure for one in self.fields)

    @property
    def waiting(self) -> int:
        """How many are not settled, of those that the paper must have or that were found."""
        return sum(1 for one in self.fields if not one.settled and (one.rule.required or one.text))

    @property
    def settled(self) -> int:
        return sum(one.settled for one in self.fields)

    @property
    def warnings(self) -> list[str]:
        """What differs from the dossier, numbers masked: for a page that is not about them."""
        return [one.brief for one in self.fields if one.brief and not one.settled]

    @property
    def next(self) -> FieldView | None:
        """The first field that waits for a word."""
        waiting = [one for one in self.fields if not one.settled]
        return next((one for one in waiting if not one.sure), waiting[0] if waiting else None)


def values_view(
    dossier: Dossier,
    rules: Rules,
    parties: Sequence[PartyFacts],
    wrong: Mapping[str, tuple[str, str]] | None = None,
    away: Mapping[UUID, str] | None = None,
) -> ValuesView:
    """The screen's view, inside reading(); `wrong` is by control's name what was typed and why it was not kept.

    `away` is by uid of a page the terminal where its picture is.
    """
    held = values_of_dossier(dossier)
    papers, pages = list[PaperView](), dict[UUID, Crop]()
    alive = {page.uid for page in Page.select(Page.uid).where(Page.dossier == dossier)} - set(away or {})
    for component in components_of(dossier):
        rows, run = held.get(component.id), run_of(component)
        if rows is None or run is None:
            continue
        kind = rules.type_of(run.kind)
        apart = differences(kind, {name: row.value for name, row in rows.items() if row.value}, parties)
        fields = [
            _field(rule, rows[rule.code], apart.get(rule.code), alive, wrong or {})
            for rule in kind.fields
            if rule.code in rows
        ]
        papers.append(PaperView(component, kind, fields, run.unread))
        pages |= {one.crop.page: one.crop for one in fields if one.crop}
    return ValuesView(papers, pages, sorted(set((away or {}).values())))


def difference_words(apart: Difference, kind: Kind, *, masked: bool = False) -> str:
    """What differs, in words."""
    paper, dossier = apart.paper, apart.dossier
    if apart.part == "id" and masked:
        paper, dossier = mask_id(paper), mask_id(dossier)
    told = {
        "paper": shown(kind, paper),
        "dossier": shown(Kind.DATE, dossier) if apart.part == "birth" else dossier,
        "role": gettext(ROLE_WORDS[apart.role]),
    }
    return gettext(DIFFERENCE_WORDS[apart.part]) % told


def _field(
    rule: FieldRule, row: Value, apart: Difference | None, alive: set[UUID], wrong: Mapping[str, tuple[str, str]]
) -> FieldView:
    warning = difference_words(apart, rule.kind) if apart else ""
    name = f"{row.component.uid}-{rule.code}"
    typed, error = wrong.get(name, (shown(rule.kind, row.value), ""))
    sign, words = _state(row, warning, required=rule.required)
    source = gettext(SOURCE_WORDS[Source(row.source)]) if row.source and row.value else ""
    crop = _crop(row) if row.page in alive else None
    brief = difference_words(apart, rule.kind, masked=True) if apart else ""
    return FieldView(rule, row, typed, sign, words, source, warning, crop, error, brief)


def _state(row: Value, warning: str, *, required: bool) -> tuple[str, str]:
    if row.state in STATE_WORDS:
        return "complete", gettext(STATE_WORDS[row.state])
    if not row.value:
        return ("decide" if required else "untouched"), gettext(_("không đọc được")) if required else gettext(
            _("không thấy")
        )
    if row.doubt:
        return "decide", gettext(DOUBT_WORDS[row.doubt])
    if is_sure(row) and not warning:
        return "partial", gettext(_("đọc chắc"))
    return "decide", gettext(_("cần xem"))


def _crop(row: Value) -> Crop | None:
    if len(row.box) != 7:
        return None
    left, top, right, bottom, angle, wide, high = row.box
    across, down = max(1.0, right - left), max(1.0, bottom - top)
    pad = 0.35 * down
    seen = math.ceil(max(across + 2 * pad, 5 * down))
    view = f"{left - pad:.0f} {top:.0f} {seen} {down:.0f}"
    side = min(max(LOOK * wide, 1.3 * across), wide)
    x = min(max(0.0, left + across / 2 - side / 2), wide - side)
    y = min(max(0.0, (top + bottom) / 2 - side / 2), max(0.0, high - side))
    around = f"{x:.0f} {y:.0f} {side:.0f} {side:.0f}"
    turn = f"rotate({-angle:.2f} {wide / 2:.1f} {high / 2:.1f})"
    return Crop(row.page, view, around, (left, top, across, down), turn, wide, high)
