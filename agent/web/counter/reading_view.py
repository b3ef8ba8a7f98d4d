"""How far the reading of a dossier's pages is, as its page shows it: by sight for each page, and what copies lack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.ports_text import BLANK, OFF, READ
from agent.store import readings
from agent.store.dossiers import Dossier
from agent.store.papers import Page, Paper
from agent.store.readings import ERASED, WAITING, Key, PageReading, PaperText
from agent.web.context import site
from agent.web.i18n import gettext as _


@dataclass(frozen=True)
class ReadingView:
    """The readings of a dossier's pages, and the text files beside its papers."""

    rows: dict[Key, PageReading] = field(default_factory=dict)
    beside: dict[int, PaperText] = field(default_factory=dict)  # by the paper's id

    @property
    def mark(self) -> str:
        """A text that differs once a page was read."""
        return f"-{self.unread}r{len(self.rows)}" if self.rows else ""

    @property
    def unread(self) -> int:
        """How many pages wait to be read."""
        return sum(row.state == WAITING for row in self.rows.values())

    def counted(self, pages: Iterable[Page]) -> tuple[int, int]:
        """How many of these pages are done with, of how many that are to be read."""
        found = [row.state for page in pages if (row := self.rows.get(readings.key_of(page))) and row.state != ERASED]
        return len(found) - found.count(WAITING), len(found)

    def sign_of(self, page: Page) -> tuple[str, str]:
        """The sign of a page and its words; empty for one that is not to be read."""
        row = self.rows.get(readings.key_of(page))
        if row is None or row.state in (ERASED, OFF):
            return "", ""
        if row.state == WAITING:
            return "untouched", _("chưa đọc chữ")
        if row.state in (READ, BLANK):
            sure = round(row.facts.get("confidence", 0))
            return "complete", _("đã đọc chữ, chắc %(sure)s %%") % {"sure": sure} if sure else _("không có chữ")
        return "decide", row.reason

    def file_of(self, paper: Paper | None) -> PaperText | None:
        """The text file beside a paper, once there is one."""
        found = self.beside.get(paper.id) if paper else None
        return found if found and found.sha256 else None


def reading_view(dossier: Dossier) -> ReadingView:
    """The view; nothing where reading is switched off and nothing was read."""
    with site().store.reading():
        return ReadingView(readings.of_dossier(site().settings.terminal.id, dossier), readings.texts_beside(dossier))


def lacking_words(papers: Iterable[Paper]) -> str:
    """What to say of copies that lack the text of a page, once for all of them; empty when none does."""
    facts = [page.get("text", {}) for paper in papers for page in paper.evidence.get("pages", [])]
    late = sum(fact.get("state") == "none" for fact in facts)
    if late:
        return _("%(count)s trang chưa đọc chữ xong: chữ sẽ thành tệp kèm bản sao, bản sao không đổi.") % {
            "count": late
        }
    if any(fact.get("state") == OFF for fact in facts):
        return _("Bản sao không có lớp chữ: máy này chưa có dữ liệu tiếng Việt để đọc chữ. Báo quản trị viên.")
    failed = sum(fact.get("state") not in (READ, BLANK, None) for fact in facts)
    if failed:
        return _("%(count)s trang không đọc được chữ; bản sao vẫn dùng được.") % {"count": failed}
    return ""
