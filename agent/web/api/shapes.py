"""What the API answers with: plain shapes, filled from rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.domain.dossier import WORDS, Role
from agent.domain.text import mask_id, mask_phone
from agent.store import rows
from agent.store.dossiers import Component, Dossier, Fee, Party, Subject
from agent.store.items import CustodyEvent, Item, Result
from agent.store.outbox import Job
from agent.store.papers import Page, Paper


@dataclass(frozen=True)
class PartyOut:
    """A party; identity number and telephone are masked."""

    role: str
    kind: str
    name: str
    id_number: str
    phone: str


@dataclass(frozen=True)
class ComponentOut:
    """One line of the checklist as it was handed in."""

    id: str
    code: str
    name: str
    form: str
    quantity: int
    handling: str
    required: bool
    round: int


@dataclass(frozen=True)
class FeeOut:
    """One amount in đồng."""

    code: str
    name: str
    ledger: str
    amount: int
    paid: bool


@dataclass(frozen=True)
class ResultOut:
    """One result of a dossier."""

    id: str
    province_id: str
    name: str
    form: str
    way: str
    state: str
    item: str | None


@dataclass(frozen=True)
class DossierOut:
    """A dossier; instants are UTC."""

    id: str
    provisional: str
    official: str | None
    state: str
    words: str
    office: str
    terminal: str
    procedure: str
    procedure_version: int
    procedure_name: str
    agency: str
    channel: str
    return_way: str
    received_at: datetime
    due_at: datetime | None
    province_status: int
    problem: str
    tracking_token: str
    parties: list[PartyOut]
    components: list[ComponentOut]
    fees: list[FeeOut]
    results: list[ResultOut]


@dataclass(frozen=True)
class DossierLine:
    """A dossier in a list."""

    id: str
    provisional: str
    official: str | None
    state: str
    words: str
    procedure: str
    procedure_name: str
    received_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class DossierPage:
    """A page of a list; `next` is the cursor of the following page, null at the end."""

    items: list[DossierLine]
    next: str | None


@dataclass(frozen=True)
class PageOut:
    """One page image and what the gate said of it."""

    id: str
    component: str
    name: str
    sha256: str
    verdict: str
    reason: str
    dpi: int | None


@dataclass(frozen=True)
class PaperOut:
    """A digitised paper; `code` is its short form, without the owner's id."""

    id: str
    component: str
    code: str
    name: str
    pages: int
    copy_sha256: str
    signed_sha256: str | None
    signer: str


@dataclass(frozen=True)
class PapersOut:
    """Pages and papers of a dossier."""

    dossier: str
    pages: list[PageOut]
    papers: list[PaperOut]


@dataclass(frozen=True)
class JobOut:
    """One job of the outbox, without its payload."""

    key: str
    lane: str
    kind: str
    state: str
    attempts: int
    digest: str
    error: str


@dataclass(frozen=True)
class EventOut:
    """One custody event; `occurred_at` is the corrected clock, `claimed_at` what the phone's own clock said.

    `standing`: stands, pending, corrected; waiting, refused, conflict are what a phone sent without effect so far.
    """

    id: str
    step: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    from_holder: str
    to_holder: str
    reason: str
    action: str
    upu_code: str
    claimed_at: datetime | None = None
    uncertain_ms: int = 0
    capture: str = ""
    phone: str = ""
    seq: int | None = None
    bag: str = ""
    evidence: tuple[str, ...] = ()
    parent: str = ""
    corrects: str = ""
    countersigned_by: str = ""
    standing: str = "stands"
    code: str = ""
    message: str = ""


@dataclass(frozen=True)
class ItemOut:
    """A postal item with its custody events."""

    number: str
    state: str
    holder: str
    offered_to: str
    attempts: int
    collect: int
    dossier: str
    events: list[EventOut]


def dossier_out(dossier: Dossier) -> DossierOut:
    """A dossier with all that belongs to it."""
    parties = rows.every(Party, dossier=dossier)
    fees = rows.every(Fee, dossier=dossier)
    results = rows.every(Result, dossier=dossier)
    components = sorted(rows.every(Component, dossier=dossier), key=lambda one: (one.round, one.position))
    return DossierOut(
        id=str(dossier.uid),
        provisional=dossier.provisional,
        official=dossier.official,
        state=dossier.state.value,
        words=WORDS[dossier.state],
        office=dossier.office_id,
        terminal=dossier.terminal_id,
        procedure=dossier.procedure_code,
        procedure_version=dossier.procedure_version,
        procedure_name=dossier.procedure_name,
        agency=dossier.agency,
        channel=dossier.channel,
        return_way=dossier.return_way.value,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
        province_status=dossier.province_status,
        problem=dossier.problem,
        tracking_token=dossier.public_token,
        parties=[_party(party) for party in parties],
        components=[component_out(component) for component in components],
        fees=[FeeOut(f.code, f.name, f.ledger, f.amount, f.paid_at is not None) for f in fees],
        results=[result_out(result) for result in results],
    )


def line_out(dossier: Dossier) -> DossierLine:
    """A dossier in a list."""
    return DossierLine(
        id=str(dossier.uid),
        provisional=dossier.provisional,
        official=dossier.official,
        state=dossier.state.value,
        words=WORDS[dossier.state],
        procedure=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
    )


def _party(party: Party) -> PartyOut:
    who = rows.first(Subject, id=party.subject_id)
    assert who is not None  # parties keep their subject: the reference restricts
    return PartyOut(Role(party.role).value, who.kind, who.name, mask_id(who.id_number), mask_phone(who.phone))


def component_out(c: Component) -> ComponentOut:
    """A component."""
    return ComponentOut(str(c.uid), c.code, c.name, c.form.value, c.quantity, c.handling, c.required, c.round)


def result_out(result: Result) -> ResultOut:
    """A result."""
    return ResultOut(
        str(result.uid), result.province_id, result.name, result.form, result.way.value, result.state,
        result.item.number if result.item else None,
    )  # fmt: skip


def page_out(page: Page) -> PageOut:
    """A page."""
    component = str(page.component.uid) if page.component else ""
    return PageOut(str(page.uid), component, page.name, page.sha256, page.verdict, page.reason, page.dpi)


def paper_out(paper: Paper) -> PaperOut:
    """A paper."""
    return PaperOut(
        str(paper.uid), str(paper.component.uid), paper.shown, paper.name, paper.pages,
        paper.copy_sha256, paper.signed_sha256, paper.signer,
    )  # fmt: skip


def papers_out(dossier: Dossier) -> PapersOut:
    """Pages and papers of a dossier."""
    pages = Page.select().where(Page.dossier == dossier).order_by(Page.component, Page.position)
    papers = Paper.select().where(Paper.dossier == dossier).order_by(Paper.id)
    return PapersOut(str(dossier.uid), [page_out(page) for page in pages], [paper_out(paper) for paper in papers])


def job_out(job: Job) -> JobOut:
    """A job."""
    return JobOut(job.key, job.lane, job.kind, job.state.value, job.attempts, job.digest, job.error)


def item_out(item: Item, events: list[CustodyEvent]) -> ItemOut:
    """An item with its events."""
    return ItemOut(
        number=item.number,
        state=item.state,
        holder=item.holder,
        offered_to=item.offered_to,
        attempts=item.attempts,
        collect=item.collect,
        dossier=str(item.dossier.uid),
        events=[event_out(event) for event in events],
    )


def event_out(event: CustodyEvent) -> EventOut:
    """A custody event."""
    return EventOut(
        str(event.uid), event.step, event.occurred_at, event.recorded_at, event.actor, event.from_holder,
        event.to_holder, event.reason, event.action, event.upu_code,
    )  # fmt: skip
