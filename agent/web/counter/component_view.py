"""A dossier's components as the screen shows them: each with its sign, its words and its pages."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.dossier import PaperForm
from agent.domain.originals import is_original
from agent.intake.electronic import untouched
from agent.intake.filing import SHOW_ONLY, form_words, wants_copy
from agent.ports import Verdict
from agent.store.desk import Gathered
from agent.store.dossiers import Component
from agent.store.papers import Page, Paper
from agent.web.i18n import gettext as _

SHORT = {"keep_forward": "giữ", "copy_return": "trả lại", "show_only": "xuất trình"}


@dataclass(frozen=True)
class ComponentView:
    """One row of the components' table."""

    row: Component
    sign: str
    words: str
    kind: str
    pages: tuple[Page, ...]
    paper: Paper | None
    open: bool  # takes pages now

    @property
    def sheets(self) -> int:
        """How many pages it has; a signed file counts with all of its own."""
        return sum(int(page.seen.get("sheets", 1)) for page in self.pages)

    @property
    def doubts(self) -> tuple[Page, ...]:
        """Pages on which the clerk has to say something."""
        return tuple(page for page in self.pages if undecided(page))

    @property
    def short(self) -> bool:
        """Whether something is to be done before copies can be made."""
        return self.open and (self.sign in ("decide", "refused") or (self.row.required and not self.pages))


def component_views(held: Gathered, *, round_: int) -> list[ComponentView]:
    """All components; those of `round_` take pages until they are signed, in states where pages are taken."""
    return [_view(held, component, round_) for component in held.components]


def undecided(page: Page) -> bool:
    """Whether the clerk still has to say something about a page."""
    return page.verdict == Verdict.REFUSED or (page.verdict == Verdict.WARN and not page.accepted_by)


def _view(held: Gathered, component: Component, round_: int) -> ComponentView:
    pages = tuple(held.pages.get(component.id, ()))
    paper = held.papers.get(component.id)
    sign, words = _state(component, pages, paper)
    kind = f"{_(form_words(component.form))}, {_(SHORT[component.handling])}"
    ours = paper is not None and bool(paper.signed_sha256) and not untouched(paper)
    open_ = wants_copy(component) and component.round == round_ and not ours
    return ComponentView(component, sign, words, kind, pages, paper, open_)


def _state(component: Component, pages: tuple[Page, ...], paper: Paper | None) -> tuple[str, str]:
    if component.reused_from:
        return "complete", _("dùng lại từ kho")
    if component.handling == SHOW_ONLY:
        return "complete", _("đã xem, trả lại ngay")
    if paper and untouched(paper):
        return "complete", _("bản điện tử, giữ nguyên tệp gốc")
    if paper and paper.signed_sha256:
        return "complete", _("đã ký số")
    doubts = sorted((page for page in pages if undecided(page)), key=lambda page: page.verdict != Verdict.REFUSED)
    told = doubts[0] if doubts else None
    if told is not None:
        return ("refused" if told.verdict == Verdict.REFUSED else "decide"), told.reason
    if component.form is not PaperForm.ELECTRONIC and any(is_original(page.seen) for page in pages):
        return "decide", _("tệp có chữ ký số: ghi là nộp bản điện tử?")
    if paper:
        return "complete", _("đã số hóa, chờ ký")
    if pages:
        return "complete", _("đủ trang, rõ")
    return "untouched", _("chưa có trang") if component.required else _("chưa có trang (không bắt buộc)")
