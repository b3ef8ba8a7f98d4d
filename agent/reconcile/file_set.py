"""The file set (bộ tệp) of one dossier for who has the right to it: signed copies, texts, evidence, receipts, index."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Final
from uuid import UUID

from agent.domain.canonical import canonical_json
from agent.domain.canonical_zip import pack
from agent.errors import NotFound
from agent.reconcile.paper_evidence import gather
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.fields import utc_text
from agent.store.handoffs import ProvinceReceipt
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.paper_facts import PaperUse, facts_of, uses_of
from agent.store.papers import Paper

COLUMNS: Final = (
    "round", "position", "component", "name", "form", "quantity", "state", "code", "file", "sha256", "size", "pages",
    "signer", "signed_at", "number", "issued_on", "issuer", "validity", "source",
)  # fmt: skip
SIGNED, UNSIGNED, REUSED, ABSENT, NONE = "signed", "unsigned", "reused", "not-here", "no-paper"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def file_set(site: Site, uid: UUID) -> bytes:
    """A canonical ZIP: `papers/` named by the scheme, `texts/`, `evidence/`, `receipts/`, `index.csv` and `.json`.

    The same facts give the same bytes. What is not signed, erased or kept elsewhere stands in the index only; nobody's
    personal row is in it, and no raw page. NotFound for an erased dossier.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        if not dossier.salt:
            raise NotFound(f"Dữ liệu của hồ sơ {dossier.provisional} đã được xóa, không còn gì để xuất.")
        parts = components_of(dossier)
        papers = {paper.component_id: paper for paper in Paper.select().where(Paper.dossier == dossier)}
        uses = uses_of(parts)
        lines = [_line(one, papers.get(one.id), uses.get(one.id)) for one in parts]
        evidence = {paper.id: gather(dossier, paper) for paper in papers.values() if "pages" in paper.evidence}
        receipts = list(ProvinceReceipt.select().where(ProvinceReceipt.dossier == dossier).order_by(ProvinceReceipt.id))
    members: dict[str, bytes] = {}
    for component, line in zip(parts, lines, strict=True):
        if line["sha256"] and not site.vault.has(line["sha256"]):
            line |= {"state": ABSENT, "file": ""}
        elif line["sha256"]:
            line["file"] = name = _unique(line["file"], members)
            members[name] = site.vault.get(line["sha256"])
            paper = papers.get(component.id)
            if paper is not None and paper.id in evidence:
                members |= _beside(site, name, evidence[paper.id])
    for number, one in enumerate(receipts, start=1):
        stem = f"receipts/{number:02d}-{one.kind}"
        members |= {f"{stem}.json": one.document} | ({f"{stem}.cms": one.signature} if one.signature else {})
    head = _head(dossier)
    members["index.json"] = canonical_json({**head, "papers": lines})
    members["index.csv"] = _csv(lines)
    return pack(members)


def _head(dossier: Dossier) -> dict[str, Any]:
    return {
        "provisional": dossier.provisional,
        "official": dossier.official or "",
        "procedure": dossier.procedure_code,
        "office": dossier.office_id,
        "received_at": utc_text(dossier.received_at),
    }


def _line(component: Component, paper: Paper | None, use: PaperUse | None) -> dict[str, Any]:
    """One row of the index, with an empty cell for what is not known."""
    line: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    line |= {
        "round": component.round, "position": component.position, "component": component.code,
        "name": component.name, "form": str(component.form), "quantity": component.quantity, "state": NONE,
    }  # fmt: skip
    if paper is not None:
        line |= _of_paper(paper)
    elif use is not None:
        shown = Paper(code=use.code).shown
        line |= {
            "state": REUSED, "code": shown, "file": f"papers/{_safe(shown)}.pdf", "sha256": use.sha256,
            "size": use.size, "pages": use.pages, "source": use.source.official or use.source.provisional,
        }  # fmt: skip
    return line


def _of_paper(paper: Paper) -> dict[str, Any]:
    facts = facts_of(paper)
    until = "" if facts is None else "permanent" if facts.permanent else str(facts.valid_until or "")
    return {
        "state": SIGNED if paper.signed_sha256 else UNSIGNED,
        "code": paper.shown,
        "file": f"papers/{paper.file_name or _safe(paper.shown) + '.pdf'}" if paper.signed_sha256 else "",
        "sha256": paper.signed_sha256 or "",
        "size": paper.signed_size or "",
        "pages": paper.pages,
        "signer": paper.signer,
        "signed_at": utc_text(paper.signed_at) if paper.signed_at else "",
        "number": facts.number if facts else "",
        "issued_on": str(facts.issued_on or "") if facts else "",
        "issuer": facts.issuer if facts else "",
        "validity": until,
    }


def _beside(site: Site, name: str, evidence: dict[str, Any]) -> dict[str, bytes]:
    """A paper's evidence and its text file, under the paper's own name."""
    stem = name.removeprefix("papers/").removesuffix(".pdf")
    found = {f"evidence/{stem}.json": canonical_json(evidence)}
    if evidence["text"] and site.vault.has(evidence["text"]["sha256"]):
        found[f"texts/{stem}.json"] = site.vault.get(evidence["text"]["sha256"])
    return found


def _unique(name: str, members: dict[str, bytes]) -> str:
    """The name, with a number when another file has it already, in whatever case."""
    taken, stem, number = {one.lower() for one in members}, name.removesuffix(".pdf"), 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}.pdf"
    return name


def _safe(code: str) -> str:
    return re.sub(r"[^0-9A-Za-z._\-]+", "-", code).strip("-.") or "GIAY-TO"


def _csv(lines: list[dict[str, Any]]) -> bytes:
    """The index for a spreadsheet: UTF-8 with its mark, and nothing that it would take for a formula."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for line in lines:
        cells = [str(line[name]) for name in COLUMNS]
        table.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
