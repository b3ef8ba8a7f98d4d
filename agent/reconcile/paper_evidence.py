"""Everything that is known of how one digitised paper came to be: for the screen and for its evidence bundle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from agent.errors import NotFound
from agent.reconcile.bundle import plain_entry
from agent.store.dossiers import Dossier
from agent.store.fields import utc_text
from agent.store.journal import JournalEntry
from agent.store.papers import Page, Paper
from agent.store.readings import PageReading, PaperText

SIGNATURE: Final = "signature"
KINDS: Final = ("chain", "ocsp", "crls")  # objects that a signature rests on


def gather(dossier: Dossier, paper: Paper) -> dict[str, Any]:
    """Plain facts of a paper, all digests and no words of it; inside reading(). NotFound when they were erased."""
    if "pages" not in paper.evidence:
        raise NotFound("Chứng cứ của giấy tờ này đã được xóa theo yêu cầu hoặc hết thời hạn lưu giữ.")
    made = {name: value for name, value in paper.evidence.items() if name != SIGNATURE}
    hashes = [page["sha256"] for page in made.get("pages", [])]
    journal = [plain_entry(entry) for entry in _entries(dossier, paper, hashes)]
    digitised = _digitised(paper, journal)
    signed = None
    if paper.signed_sha256:
        signed = {
            "sha256": paper.signed_sha256,
            "size": paper.signed_size,
            "signer": paper.signer,
            "at": utc_text(paper.signed_at) if paper.signed_at else "",  # an original may state none
            SIGNATURE: paper.evidence.get(SIGNATURE, {}),
        }
    return {
        "uid": str(paper.uid),
        "code": paper.shown,
        "file": paper.file_name,
        "name": paper.name,
        "component": str(paper.component.uid),
        "form": str(paper.component.form),
        "digitised": digitised,
        "pages": _pages(paper, made, digitised["terminal"]),
        "copy": {"sha256": paper.copy_sha256, "size": paper.copy_size, "pages": paper.pages, "evidence": made},
        "signed": signed,
        "text": _text(paper),
        "journal": journal,
    }


def paper_of(dossier: Dossier, uid: Any) -> Paper:
    """The dossier's paper of this uid, or NotFound."""
    found: Paper | None = Paper.get_or_none((Paper.uid == uid) & (Paper.dossier == dossier))
    if found is None:
        raise NotFound("Hồ sơ không có bản số hóa này. Tải lại trang.")
    return found


def named_paper(dossier: Dossier, name: str) -> Paper:
    """The dossier's paper of this code (whole or as it is shown) or uid, or NotFound with those there are."""
    papers = list(Paper.select().where(Paper.dossier == dossier).order_by(Paper.id))
    for paper in papers:
        if name.strip() in (paper.code, paper.shown, str(paper.uid)):
            return paper
    raise NotFound(
        f"Hồ sơ không có giấy tờ {name}. Các giấy tờ có: {', '.join(one.shown for one in papers) or 'không có'}."
    )


def evidence_objects(paper: Paper) -> dict[str, list[str]]:
    """SHA-256 of the chain, OCSP answers and CRLs that the signature rests on."""
    said = paper.evidence.get(SIGNATURE, {})
    return {kind: list(said.get(kind, [])) for kind in KINDS}


def _pages(paper: Paper, made: dict[str, Any], terminal: str) -> list[dict[str, Any]]:
    """The raw pages in the copy's order, each with what the gate and the clerk said of it."""
    rows = {row.sha256: row for row in Page.select().where(Page.component == paper.component_id)}
    found = []
    for number, fact in enumerate(made.get("pages", []), start=1):
        row: Page | None = rows.get(fact["sha256"])
        found.append({"position": number, "sha256": fact["sha256"], **(_page(row, terminal) if row else {})})
    return found


def _page(row: Page, terminal: str) -> dict[str, Any]:
    """What is known of a page; its reading is that of the terminal where the copy was made."""
    same = (PageReading.sha256 == row.sha256) & (PageReading.turn == row.turn)
    found = list(PageReading.select().where(same).order_by(PageReading.id))
    reading = next((one for one in found if one.terminal_id == terminal), found[0] if found else None)
    return {
        "uid": str(row.uid),
        "name": row.name,
        "media": row.media,
        "width": row.width,
        "height": row.height,
        "dpi": row.dpi,
        "origin": row.origin,
        "verdict": str(row.verdict),
        "reason": row.reason,
        "findings": row.findings,
        "seen": row.seen,
        "turn": row.turn,
        "accepted": {"by": row.accepted_by, "reason": row.accepted_reason} if row.accepted_by else None,
        "filed_at": utc_text(row.created_at),
        "reading": {"state": reading.state, **reading.facts} if reading else None,
    }


def _text(paper: Paper) -> dict[str, Any] | None:
    """The unsigned text file beside the paper, when there is one."""
    row = PaperText.get_or_none(PaperText.paper == paper)
    if row is None or row.sha256 is None or row.made_at is None:
        return None
    return {"sha256": row.sha256, "size": row.size, "at": utc_text(row.made_at)}


def _digitised(paper: Paper, journal: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Who made the copy, when and where: as the journal says."""
    for entry in journal:
        if paper.copy_sha256 in entry["body"].get("papers", ()):
            return {"by": entry["actor"], "at": entry["at"], "office": entry["office"], "terminal": entry["terminal"]}
    return {"by": "", "at": utc_text(paper.created_at), "office": "", "terminal": ""}


def _entries(dossier: Dossier, paper: Paper, pages: list[str]) -> list[JournalEntry]:
    """The journal's entries that name this paper, its component or its pages."""
    named = {*pages, paper.copy_sha256, paper.signed_sha256 or "", str(paper.component.uid)} - {""}
    mine = (JournalEntry.dossier_id == dossier.id) & (JournalEntry.ledger == "dossier")
    return [entry for entry in JournalEntry.select().where(mine).order_by(JournalEntry.id) if named & _names(entry)]


def _names(entry: JournalEntry) -> set[str]:
    found: set[str] = set()
    for value in entry.body.values():
        values = value if isinstance(value, list) else [value]
        found.update(one for one in values if isinstance(one, str))
    return found
