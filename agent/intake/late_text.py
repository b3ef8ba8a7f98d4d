"""Late text: what pages say that were read after their copy was made, as an unsigned file beside the paper."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any

from agent.domain.actor import system
from agent.intake.reading import erase_unnamed, texts_of, unread
from agent.ports_text import PageText
from agent.site import Site
from agent.store import readings
from agent.store.papers import Page, Paper
from agent.store.progress import note
from agent.store.readings import PaperText

FORM = "postal-agent.text/1"
ABOUT = "Chữ máy đọc được, không ký số; bản sao đã ký mới có giá trị."


def owe_text(site: Site, paper: Paper) -> None:
    """Note that a new copy lacks the text of pages that are still to be read. Inside writing()."""
    if site.settings.ocr.enabled and any(_lacks(fact) for fact in paper.evidence.get("pages", [])):
        here = site.settings.terminal.id
        PaperText.create(paper=paper, dossier=paper.dossier, terminal_id=here)


def make_late_texts(site: Site) -> int:
    """Make the text files that are owed by this terminal and whose pages are all read; how many papers are done."""
    with site.store.reading():
        due = [(row, row.paper, _pages(row.paper)) for row in readings.due_texts(site.settings.terminal.id)]
    done = 0
    for row, paper, pages in due:
        if not unread(site, pages):
            done += _make(site, row, paper, pages)
    return done


def plain(document: bytes) -> str:
    """The text file's words alone, page after page."""
    pages = json.loads(document)["pages"]
    return "\n\n".join(f"--- {page['page']} ---\n{page['text']}".rstrip() for page in pages) + "\n"


def _make(site: Site, row: PaperText, paper: Paper, pages: Sequence[Page]) -> bool:
    texts, facts = texts_of(site, pages), paper.evidence.get("pages", [])
    lacking = {fact["sha256"] for fact in facts if _lacks(fact)}
    late = [text for page, text in zip(pages, texts, strict=True) if text and text.words and page.sha256 in lacking]
    data = _document(paper, pages, texts) if late else b""
    sha256 = site.vault.put(data) if data else None
    with site.store.writing():
        at, mine = site.clock.now(), (PaperText.id == row.id) & PaperText.made_at.is_null()
        kept = PaperText.update(sha256=sha256, size=len(data) or None, made_at=at).where(mine).execute()
        if kept and sha256:
            here = system(site.settings.office.id, site.settings.terminal.id)
            note(paper.dossier, "text_kept", by=here, at=at, ids=site.ids, text=sha256, paper=paper.copy_sha256)
    if sha256 and not kept:  # the paper was given up meanwhile
        erase_unnamed(site, sha256)
    return bool(kept)


def _document(paper: Paper, pages: Sequence[Page], texts: Sequence[PageText | None]) -> bytes:
    """The file: each page with its state, its text, and its words as in ports_text.Word."""
    said = {
        "form": FORM, "about": ABOUT, "paper": paper.name, "copy_sha256": paper.copy_sha256,
        "pages": list(_said(pages, texts)),
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _said(pages: Sequence[Page], texts: Sequence[PageText | None]) -> Iterator[dict[str, Any]]:
    for number, (page, text) in enumerate(zip(pages, texts, strict=True), start=1):
        yield {
            "page": number,
            "sha256": page.sha256,
            "state": text.state if text else "none",
            "engine": text.engine if text else "",
            "confidence": text.confidence if text else 0.0,
            "text": text.text if text else "",
            "words": [list(astuple(word)) for word in text.words] if text else [],
        }


def _pages(paper: Paper) -> list[Page]:
    """The pages that the copy was made of, in its order."""
    used = [fact["sha256"] for fact in paper.evidence.get("pages", [])]
    rows = list(Page.select().where(Page.component == paper.component_id).order_by(Page.position))
    return [row for row in rows if row.sha256 in used]


def _lacks(fact: dict[str, Any]) -> bool:
    """Whether a page of a copy was not read when the copy was made."""
    return bool(fact.get("text", {}).get("state") == "none")
