"""Enter a paper in its owner's index (kho giấy tờ): what it says of itself, how long and for what it serves again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.domain.actor import Actor
from agent.errors import InvalidIntake, NotFound, RuleViolation
from agent.intake.extraction import values_of
from agent.site import Site
from agent.store import rows
from agent.store.lookup import dossier_by_uid
from agent.store.paper_facts import PaperFacts, facts_of
from agent.store.papers import Paper
from agent.store.progress import note

PERMANENT = "permanent"
LONGEST = 500


@dataclass(frozen=True)
class Entry:
    """What the index says of a paper; days are days, codes as they are in the catalogue."""

    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    signed_by: str = ""
    abstract: str = ""
    permanent: bool = False
    valid_until: date | None = None
    procedures: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


def entry_of(values: Mapping[str, str]) -> Entry:
    """The entry that confirmed values of a paper make (agent.intake.extraction.values_of)."""
    until = values.get("valid_until", "")
    return Entry(
        number=values.get("number", "")[:LONGEST],
        issued_on=_day(values.get("issued_on", "")),
        issuer=values.get("issuer", "")[:LONGEST],
        signed_by=values.get("signer", "")[:LONGEST],
        abstract=values.get("abstract", "")[:LONGEST],
        permanent=until == PERMANENT,
        valid_until=_day(until),
    )


def enter_from_values(site: Site, paper: Paper, *, by: Actor, at: datetime) -> None:
    """Enter a paper as it is signed, from what people confirmed of it; offered again when its validity is known.

    An entry that somebody typed stays. Inside writing().
    """
    if facts_of(paper) is not None:
        return
    found = entry_of(values_of(paper.component))
    if found != Entry():
        _keep(site, paper, found, by=by, at=at, approve=found.permanent or found.valid_until is not None)


def enter(site: Site, uid: uuid.UUID, paper_uid: uuid.UUID, entry: Entry, *, approve: bool, by: Actor) -> PaperFacts:
    """Enter what the clerk typed; `approve` lets it be offered at the next intake. InvalidIntake names the faults."""
    faults = {}
    if approve and not entry.permanent and entry.valid_until is None:
        faults["valid_until"] = "Cho dùng lại thì phải ghi thời hạn: một ngày, hoặc vô thời hạn."
    if entry.permanent and entry.valid_until:
        faults["valid_until"] = "Đã chọn vô thời hạn thì bỏ trống ngày hết hiệu lực."
    if entry.issued_on and entry.valid_until and entry.valid_until < entry.issued_on:
        faults["valid_until"] = "Ngày hết hiệu lực trước ngày ban hành. Kiểm tra lại hai ngày."
    if faults:
        raise InvalidIntake(faults)
    with site.store.writing():
        dossier, at = dossier_by_uid(uid), site.clock.now()
        paper = Paper.get_or_none((Paper.uid == paper_uid) & (Paper.dossier == dossier))
        if paper is None:
            raise NotFound("Hồ sơ không có bản số hóa này. Tải lại trang.")
        if not dossier.salt:
            raise RuleViolation("Hồ sơ đã xóa dữ liệu cá nhân, không ghi thêm được.")
        return _keep(site, paper, entry, by=by, at=at, approve=approve)


def proposed(site: Site, paper: Paper) -> Entry:
    """What stands in the index now, else what confirmed values would make of it; inside reading()."""
    held = facts_of(paper)
    if held is None:
        return entry_of(values_of(paper.component))
    return Entry(
        held.number, held.issued_on, held.issuer, held.signed_by, held.abstract, held.permanent, held.valid_until,
        tuple(held.procedures), tuple(held.agencies),
    )  # fmt: skip


def _keep(site: Site, paper: Paper, entry: Entry, *, by: Actor, at: datetime, approve: bool) -> PaperFacts:
    values: dict[str, Any] = {
        **vars(entry), "procedures": list(entry.procedures), "agencies": list(entry.agencies), "updated_at": at,
        "updated_by": by.username, "approved_at": at if approve else None,
        "approved_by": by.username if approve else "",
    }  # fmt: skip
    held = facts_of(paper)
    if held is None:
        made = rows.create(PaperFacts, paper=paper.id, dossier=paper.__data__["dossier"], **values)
    else:
        PaperFacts.update(**values).where(PaperFacts.id == held.id).execute()
        made = PaperFacts.get_by_id(held.id)
    note(paper.dossier, "paper_entered", by=by, at=at, ids=site.ids, paper=str(paper.uid), approved=approve)
    return made


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
