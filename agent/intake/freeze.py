"""Freeze what travels to the province: rows into the canonical dossier, supplement or delivery report."""

from __future__ import annotations

import json
from collections.abc import Iterable

from agent.domain.canonical import (
    CanonicalComponent,
    CanonicalDossier,
    CanonicalFee,
    CanonicalFile,
    CanonicalParty,
    CanonicalProcedure,
    CanonicalSupplement,
    Channel,
    CollectedAt,
    FeeLedger,
    Handling,
    PartyKind,
    canonical_json,
)
from agent.domain.canonical_codec import instant_text
from agent.domain.dossier import Role
from agent.store.dossiers import Component, Contact, Dossier, Fee, Party
from agent.store.lookup import components_of
from agent.store.paper_facts import PaperUse, uses_of
from agent.store.papers import Paper


def freeze_dossier(dossier: Dossier) -> bytes:
    """The canonical JSON of the dossier as its rows are now (RFC 8785 bytes)."""
    contact = Contact.get_or_none(Contact.dossier == dossier)
    parties = {party.role: canonical_party(party) for party in Party.select().where(Party.dossier == dossier)}
    return canonical_json(
        CanonicalDossier(
            salt=dossier.salt.hex(),
            provisional=dossier.provisional,
            official=dossier.official or "",
            procedure=CanonicalProcedure(dossier.procedure_code, dossier.procedure_version),
            case=dossier.case,
            agency=dossier.agency,
            office=dossier.office_id,
            terminal=dossier.terminal_id,
            channel=Channel(dossier.channel),
            received_at=instant_text(dossier.received_at),
            due_at=instant_text(dossier.due_at) if dossier.due_at else "",
            content=dossier.content,
            owner=parties.get(Role.OWNER),
            submitter=parties.get(Role.SUBMITTER),
            representative=parties.get(Role.REPRESENTATIVE),
            return_way=dossier.return_way,
            return_address=contact.address if contact else "",
            components=canonical_components(components_of(dossier)),
            fees=tuple(_fee(fee) for fee in Fee.select().where(Fee.dossier == dossier).order_by(Fee.id)),
        )
    )


def freeze_supplement(dossier: Dossier, round_: int) -> bytes:
    """The canonical JSON of one supplement round."""
    return canonical_json(
        CanonicalSupplement(
            salt=dossier.salt.hex(),
            provisional=dossier.provisional,
            official=dossier.official or "",
            round=round_,
            components=canonical_components(components_of(dossier, round_)),
        )
    )


def files_size(frozen: bytes) -> int:
    """Bytes of the distinct files that a frozen message names: what has to be up before it goes."""
    sizes = {file["sha256"]: file["size"] for one in json.loads(frozen).get("components", ()) for file in one["files"]}
    return sum(sizes.values())


def canonical_party(party: Party) -> CanonicalParty:
    """One party with its personal data."""
    who = party.subject
    return CanonicalParty(
        kind=PartyKind(who.kind),
        name=who.name,
        id_type=who.id_type,
        id_number=who.id_number,
        birth_date=who.birth_date,
        sex=who.sex,
        address=who.address,
        phone=who.phone,
        email=who.email,
        relation=party.relation,
        authorisation=party.authorisation,
    )


def canonical_components(components: Iterable[Component]) -> tuple[CanonicalComponent, ...]:
    """Components with the files of their signed papers."""
    wanted = list(components)
    papers = {
        paper.component_id: paper
        for paper in Paper.select().where(Paper.component.in_([c.id for c in wanted]) if wanted else Paper.id == -1)
    }
    uses = uses_of(wanted)
    return tuple(_component(one, papers.get(one.id), uses.get(one.id)) for one in wanted)


def _component(component: Component, paper: Paper | None, use: PaperUse | None) -> CanonicalComponent:
    """One component; a paper that serves again goes by its code and its file's hash."""
    files: tuple[CanonicalFile, ...] = ()
    if use is not None:
        name = f"{component.code or component.position}_{component.round}.pdf"
        files = (CanonicalFile(use.sha256, name, use.size, use.pages, "application/pdf"),)
    if paper is not None and paper.signed_sha256:
        name = paper.file_name or f"{component.code or component.position}_{component.round}.pdf"
        files = (CanonicalFile(paper.signed_sha256, name, paper.signed_size or 0, paper.pages, "application/pdf"),)
    return CanonicalComponent(
        code=component.code,
        name=component.name,
        form=component.form,
        quantity=component.quantity,
        pages=paper.pages if paper else use.pages if use else 0,
        handling=Handling(component.handling),
        paper_code=paper.code if paper else use.code if use else "",
        reused_from=component.reused_from,
        files=files,
    )


def _fee(fee: Fee) -> CanonicalFee:
    return CanonicalFee(
        code=fee.code,
        name=fee.name,
        ledger=FeeLedger(fee.ledger),
        amount=fee.amount,
        collected_at=CollectedAt(fee.stage),
        paid=fee.paid_at is not None,
    )
