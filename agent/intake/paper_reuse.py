"""Reuse (tái sử dụng giấy tờ): the owner's digitised papers that serve again, and one taken instead of a new scan."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from agent.domain.actor import Actor
from agent.domain.dossier import Role, State
from agent.domain.reuse import Terms, why_not
from agent.errors import InvalidIntake
from agent.site import Site
from agent.store import retention
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import subject_of
from agent.store.paper_facts import PaperFacts, PaperUse, facts_of, paper_by_code, papers_of_owner
from agent.store.papers import Paper
from agent.store.progress import note

NO_SOURCE = (State.REJECTED, State.VOIDED)
SENT = (
    State.HANDED_OFF, State.SUPPLEMENT_ASKED, State.SUPPLEMENT_SENT, State.WITHDRAWAL_ASKED, State.RESULT_READY,
    State.CLOSED, State.REFUSED, State.STOPPED,
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One of the owner's papers as the clerk sees it at intake; `why` empty: it may be taken."""

    uid: uuid.UUID | None  # of ours
    code: str  # whole: for the dossier that takes it, not for the screen
    shown: str
    name: str
    doc_type: str
    component: str  # the component's code in its own dossier
    number: str
    issued_on: date | None
    issuer: str
    validity: str  # Vietnamese
    pages: int
    dossier: uuid.UUID | None
    source: str  # number of its own dossier
    why: tuple[str, ...] = ()
    entered: bool = True  # whether it stands in the index: somebody said what it is and how long it holds
    province: bool = False  # it lies in the province's store, and goes by its code

    @property
    def value(self) -> str:
        """What a component names that takes it: the uid of our paper, the code of the province's."""
        return self.code if self.province else str(self.uid)

    def serves(self, code: str, doc_type: str) -> bool:
        """Whether it is the kind of paper that a line of the checklist asks for."""
        return self.component == code or (bool(doc_type) and self.doc_type == doc_type)


def offers(site: Site, id_number: str, *, procedure: str, agency: str, on: date, by: Actor) -> list[Offer]:
    """The owner's papers that this office digitised, those that may serve again first; whoever shows them logs it.

    Another office's papers are not among them, nor those of a dossier whose owner was erased.
    """
    if not id_number.strip():
        return []
    with site.store.reading():
        held = papers_of_owner(id_number.strip(), by.office_id)
        found = [
            _offer(site, paper, facts, procedure, agency or site.settings.office.authority, on) for paper, facts in held
        ]
    return sorted(found, key=lambda one: bool(one.why))


def take(site: Site, dossier: Dossier, *, by: Actor, at: datetime, on: date) -> None:
    """Tie the components that name one of our own papers to it, in the transaction that received them.

    A name that is no paper of ours (one of the province's store) is left as it is. InvalidIntake says why a paper of
    ours may not serve: of another owner or office, expired, out of scope, or not to be had.
    """
    owner = subject_of(dossier, Role.OWNER)
    faults = {}
    for component in _untied(dossier):
        paper = _named(component.reused_from)
        if paper is None:
            continue
        if _by_province(paper, component.reused_from, owner.id_number if owner else ""):
            continue
        why = _refused(site, dossier, paper, owner.id_number if owner else "", on, by)
        if why:
            faults[f"component:{component.code}"] = f"{component.name}: không dùng lại được: {'; '.join(why)}."
            continue
        PaperUse.create(
            component=component, dossier=dossier, source=paper.dossier, paper_uid=paper.uid, code=paper.code,
            sha256=paper.signed_sha256, size=paper.signed_size, pages=paper.pages, at=at, by=by.username,
        )  # fmt: skip
        Component.update(reused_from=paper.code).where(Component.id == component.id).execute()
        note(
            dossier, "paper_reused", by=by, at=at, ids=site.ids,
            component=str(component.uid), paper=str(paper.uid), source=paper.dossier.provisional,
        )  # fmt: skip
    if faults:
        raise InvalidIntake(faults)


def terms_of(facts: PaperFacts | None) -> Terms | None:
    """The terms that an entry holds."""
    if facts is None:
        return None
    return Terms(
        facts.approved_at is not None,
        facts.permanent,
        facts.valid_until,
        tuple(facts.procedures),
        tuple(facts.agencies),
    )


def _offer(site: Site, paper: Paper, facts: PaperFacts | None, procedure: str, agency: str, on: date) -> Offer:
    terms = terms_of(facts)
    why = [*why_not(terms, on=on, procedure=procedure, agency=agency), *_not_here(site, paper)]
    return Offer(
        uid=paper.uid,
        code=paper.code,
        shown=paper.shown,
        name=paper.name,
        doc_type=paper.component.doc_type,
        component=paper.component.code,
        number=facts.number if facts else "",
        issued_on=facts.issued_on if facts else None,
        issuer=facts.issuer if facts else "",
        validity=terms.words if terms else "",
        pages=paper.pages,
        dossier=paper.dossier.uid,
        source=paper.dossier.official or paper.dossier.provisional,
        why=tuple(why),
        entered=facts is not None,
    )


def _not_here(site: Site, paper: Paper) -> list[str]:
    """Why the file itself cannot serve."""
    source: Dossier = paper.dossier
    if source.state in NO_SOURCE:
        return ["hồ sơ gốc đã hủy hoặc tỉnh chưa nhận"]
    if (paper.signed_sha256, source.id) in retention.over_among([paper.signed_sha256 or ""]):
        return ["đã xóa khi hết thời hạn lưu giữ"]
    if source.state not in SENT and not site.vault.has(paper.signed_sha256 or ""):
        return [f"tệp nằm ở quầy {source.terminal_id} và tỉnh chưa có"]
    return []


def _refused(site: Site, dossier: Dossier, paper: Paper, owner: str, on: date, by: Actor) -> list[str]:
    theirs = subject_of(paper.dossier, Role.OWNER)
    if paper.dossier.office_id != by.office_id or theirs is None or not owner or theirs.id_number != owner:
        return ["không phải giấy tờ của chủ hồ sơ này tại bưu cục"]
    terms = terms_of(facts_of(paper))
    return [
        *why_not(terms, on=on, procedure=dossier.procedure_code, agency=dossier.agency),
        *_not_here(site, paper),
    ]


def _by_province(paper: Paper, named: str, owner: str) -> bool:
    """Whether a paper of ours is named by its code as the province's: it lies there, and no terms are entered here."""
    theirs = subject_of(paper.dossier, Role.OWNER)
    same = theirs is not None and bool(owner) and theirs.id_number == owner
    return same and named == paper.code and paper.dossier.state in SENT and facts_of(paper) is None


def _untied(dossier: Dossier) -> Iterable[Component]:
    tied = PaperUse.select(PaperUse.component).where(PaperUse.dossier == dossier)
    mine = (Component.dossier == dossier) & (Component.reused_from != "") & Component.id.not_in(tied)
    return list(Component.select().where(mine).order_by(Component.position))


def _named(text: str) -> Paper | None:
    """Our paper of this uid or code."""
    try:
        found: Paper | None = Paper.get_or_none((Paper.uid == uuid.UUID(text)) & Paper.signed_sha256.is_null(False))
        return found
    except ValueError:
        return paper_by_code(text)
