"""Give a digitised paper its code and its file's name by the scheme that the settings name."""

from __future__ import annotations

import uuid
from datetime import datetime

from agent.clock import local
from agent.domain.identifiers import mint_paper_code
from agent.domain.paper_codes import file_name, parse_scheme, part_value
from agent.errors import RuleViolation
from agent.intake.guide import catalogue
from agent.site import Site
from agent.store import paper_numbers
from agent.store.dossiers import Component, Dossier

UNKNOWN_KIND = "GTK"  # giấy tờ khác


def code_paper(
    site: Site, dossier: Dossier, component: Component, uid: uuid.UUID, *, owner_id: str, at: datetime
) -> dict[str, str]:
    """The columns `code` and `file_name` of a new copy's row, in the caller's transaction."""
    papers, kind = site.settings.papers, component.doc_type or UNKNOWN_KIND
    scheme = parse_scheme(papers.code)
    if scheme is None:
        minted = mint_paper_code(owner_id, kind, uid.int)
        code, shown = minted.text, minted.short.replace(".", "-")
    else:
        values = _values(site, dossier, scheme.pattern, kind=kind, at=at)
        code = shown = scheme.code(values, *paper_numbers.allot(component, scheme.series(values)))
    return {"code": code, "file_name": file_name(papers.file, shown, local(at).date(), component.name)}


def _values(site: Site, dossier: Dossier, pattern: str, *, kind: str, at: datetime) -> dict[str, str]:
    papers = site.settings.papers
    given = {
        "agency": papers.agency or site.settings.office.authority,
        "office": dossier.office_id,
        "terminal": site.settings.terminal.id,
        "field": _field(site, dossier) if "{field}" in pattern else "",
        "kind": dict(pair.split("=", 1) for pair in papers.kinds).get(kind, kind),
        "year": f"{local(at):%Y}",
    }
    return {name: part_value(name, text) for name, text in given.items() if f"{{{name}}}" in pattern}


def _field(site: Site, dossier: Dossier) -> str:
    try:
        return catalogue(site).procedure(dossier.procedure_code, dossier.procedure_version).field_code
    except RuleViolation:
        return ""
