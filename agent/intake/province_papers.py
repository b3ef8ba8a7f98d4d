"""Papers that the province's store holds of an owner, offered beside our own instead of being asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from agent.clock import local
from agent.domain.identifiers import parse_paper_code
from agent.errors import InvalidIdentifier
from agent.intake.paper_reuse import Offer


def province_offers(papers: Iterable[Mapping[str, Any]], ours: Sequence[Offer], *, on: date) -> list[Offer]:
    """What the port gave (`lookup_reusable`) as offers, valid ones first; what we hold ourselves is not said twice.

    Of our own papers of which nobody entered how long they hold, the province's word counts. One without a code cannot
    be named in a dossier and is left out.
    """
    held = {offer.code for offer in ours if offer.entered}
    named = [paper for paper in papers if paper.get("paperCode") and paper["paperCode"] not in held]
    return sorted((_offer(paper, on) for paper in named), key=lambda one: bool(one.why))


def _offer(paper: Mapping[str, Any], on: date) -> Offer:
    code = str(paper["paperCode"])
    until = _day(str(paper.get("validUntil") or ""))
    why = []
    if paper.get("valid") is False:
        why.append("tỉnh ghi không còn giá trị")
    elif until is not None and until < on:
        why.append(f"hết hiệu lực từ {until:%d/%m/%Y}")
    return Offer(
        uid=None,
        code=code,
        shown=_short(code),
        name=str(paper.get("name", "")),
        doc_type="",
        component=str(paper.get("componentCode", "")),
        number="",
        issued_on=local(paper["at"]).date() if paper.get("at") else None,
        issuer="",
        validity=f"đến hết {until:%d/%m/%Y}" if until else "chưa ghi thời hạn",
        pages=0,
        dossier=None,
        source=str(paper.get("number", "")),
        why=tuple(why),
        province=True,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _short(code: str) -> str:
    """The code without the owner's number."""
    try:
        return parse_paper_code(code).short
    except InvalidIdentifier:
        return "" if code[:9].isdigit() else code
