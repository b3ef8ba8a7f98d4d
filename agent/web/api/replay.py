"""How an answer is kept under its key: what names people is kept as a reference and shown anew from its rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from agent.store.lookup import dossier_by_uid
from agent.web.api.plain import plain
from agent.web.api.shapes import DossierOut, PapersOut, dossier_out, papers_out

_REFERENCE = "$kept"


def reference(kind: str, uid: UUID | str) -> dict[str, str]:
    """What stands for a "dossier" or its "papers" in a kept answer."""
    return {_REFERENCE: kind, "id": str(uid)}


def kept_form(answer: Any) -> Any:
    """What is stored of an answer: a dossier's personal data stays in its own, erasable rows."""
    if isinstance(answer, DossierOut):
        return reference("dossier", answer.id)
    if isinstance(answer, PapersOut):
        return reference("papers", answer.dossier)
    return plain(answer)


def shown_again(kept: Any) -> Any:
    """The answer of a kept form, in the caller's reading transaction: the same dossier as it stands now."""
    if not isinstance(kept, dict) or _REFERENCE not in kept:
        return kept
    dossier = dossier_by_uid(UUID(kept["id"]))
    return dossier_out(dossier) if kept[_REFERENCE] == "dossier" else papers_out(dossier)
