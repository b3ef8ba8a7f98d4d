"""What the counter's screens show: queues with their counts, and all rows of one dossier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from peewee import fn

from agent.domain.dossier import ENDED, Role, State
from agent.domain.jobs import CLERK_LANES, JobState
from agent.domain.roles import Role as UserRole
from agent.store.accounts import User
from agent.store.citizen_tasks import CitizenTask, count_open, open_tasks, with_open_tasks
from agent.store.dossiers import Component, Contact, Dossier, Draft, Fee, Party, Subject, Supplement
from agent.store.handoffs import ProvinceReceipt
from agent.store.items import Item, Result
from agent.store.journal import JournalEntry
from agent.store.outbox import Job
from agent.store.papers import Page, Paper

BY_STATE: Final[dict[str, tuple[State, ...]]] = {
    "working": (State.RECEIVED, State.LABELLED, State.DIGITISED, State.SIGNED),
    "to_sign": (State.DIGITISED,),
    "sending": (State.SUBMITTED, State.SUPPLEMENT_SENT),
    "handled": (State.HANDED_OFF, State.WITHDRAWAL_ASKED),
    "supplement": (State.SUPPLEMENT_ASKED,),
    "result": (State.RESULT_READY,),
    "rejected": (State.REJECTED,),
    "ended": (State.REFUSED, State.STOPPED),
}
RECENT: Final = timedelta(days=30)  # so long a dossier that was refused or stopped stands in its queue
BY_JOB: Final = {
    "labels": (tuple(CLERK_LANES), (JobState.NEEDS_CLERK, JobState.REJECTED)),
    "unknown": (("handoff",), (JobState.UNKNOWN, JobState.SENDING)),
}
OPEN: Final = tuple(state for state in State if state not in ENDED)
WAITING: Final = (JobState.READY, JobState.SENDING, JobState.UNKNOWN)


@dataclass(frozen=True)
class Line:
    """One row of a queue: the dossier, who it is for, and its job that needs a word."""

    dossier: Dossier
    owner: str
    job: Job | None = None


@dataclass(frozen=True)
class Gathered:
    """Everything that is stored of one dossier, read in one transaction."""

    dossier: Dossier
    parties: dict[Role, Party]
    contact: Contact | None
    components: list[Component]
    pages: dict[int, list[Page]]  # by component id
    papers: dict[int, Paper]  # by component id
    fees: list[Fee]
    jobs: list[Job]  # newest first
    rounds: list[Supplement]  # newest first
    results: list[Result]
    items: dict[int, Item]
    receipts: list[ProvinceReceipt]
    journal: list[JournalEntry]  # newest first
    tasks: list[CitizenTask]  # what the citizen is still to be told

    def job(self, kind: str) -> Job | None:
        """The newest job of a kind."""
        return next((job for job in self.jobs if job.kind == kind), None)


def queue_counts(office_id: str, username: str, day: tuple[datetime, datetime]) -> dict[str, int]:
    """How many dossiers wait in each queue of an office; `day` is today from its first instant to the next day's."""
    rows: Any = (
        Dossier.select(Dossier.state, fn.COUNT(Dossier.id))
        .where((Dossier.office_id == office_id) & Dossier.state.in_(list(OPEN)))
        .group_by(Dossier.state)
    )
    by_state = {State(state): int(count) for state, count in rows.tuples()}
    counts = {name: sum(by_state.get(state, 0) for state in states) for name, states in BY_STATE.items()}
    counts["working"] += Draft.select().where(_drafts(office_id, username)).count()
    for name in ("unknown", "due", "labels", "ended"):
        counts[name] = _waiting(office_id, name, day)[1].count()
    counts["tell"] = count_open(office_id)
    return counts


def queue_lines(
    office_id: str, name: str, day: tuple[datetime, datetime], *, limit: int, before: int | None
) -> list[Line]:
    """A queue's dossiers, newest first; `before` is the dossier id to page from."""
    column, query = _waiting(office_id, name, day)
    if before is not None:
        query = query.where(column < before)
    newest: Any = query.order_by(column.desc()).limit(limit).tuples()
    return lines_of(dossiers_by_id([found for (found,) in newest]))


def lines_of(dossiers: Sequence[Dossier]) -> list[Line]:
    """The dossiers with their owners' names and their newest job that needs a word, in the same order."""
    ids = [dossier.id for dossier in dossiers] or [-1]
    people: Any = (
        Party.select(Party.dossier, Subject.name)
        .join(Subject)
        .where(Party.dossier.in_(ids) & (Party.role == Role.OWNER))
        .tuples()
    )
    names = dict(people)
    wrong = (JobState.UNKNOWN, JobState.NEEDS_CLERK, JobState.REJECTED, JobState.HELD)
    jobs = Job.select().where(Job.dossier_id.in_(ids) & Job.state.in_(list(wrong))).order_by(Job.id)
    by_dossier = {job.dossier_id: job for job in jobs}
    return [Line(dossier, names.get(dossier.id, ""), by_dossier.get(dossier.id)) for dossier in dossiers]


def dossiers_by_id(ids: Iterable[int]) -> list[Dossier]:
    """These dossiers, newest first."""
    return list(Dossier.select().where(Dossier.id.in_(list(ids) or [-1])).order_by(Dossier.id.desc()))


def received_from(draft_uid: Any) -> Dossier | None:
    """The dossier that a draft was received as."""
    found: Dossier | None = Dossier.get_or_none(Dossier.draft_uid == draft_uid)
    return found


def received_today(office_id: str, day: tuple[datetime, datetime]) -> int:
    """How many dossiers the office received today."""
    mine = (Dossier.office_id == office_id) & (Dossier.received_at >= day[0]) & (Dossier.received_at < day[1])
    return int(Dossier.select().where(mine).count())


def line_to_province(office_id: str) -> tuple[int, str]:
    """How many messages wait for the province, and what the oldest was last told."""
    mine = (Job.office_id == office_id) & (Job.lane == "handoff") & Job.state.in_(list(WAITING))
    oldest = Job.select().where(mine).order_by(Job.id).first()
    return int(Job.select().where(mine).count()), (oldest.error if oldest else "")


def last_print(terminal_id: str) -> Job | None:
    """The terminal's newest print job that was tried."""
    mine = (Job.terminal_id == terminal_id) & (Job.lane == "print") & (Job.attempts > 0)
    found: Job | None = Job.select().where(mine).order_by(Job.id.desc()).first()
    return found


def couriers(office_id: str) -> list[User]:
    """The office's couriers who can sign in, by name."""
    mine = (User.office_id == office_id) & (User.role == UserRole.COURIER) & User.active
    return list(User.select().where(mine).order_by(User.full_name))


def user_names(usernames: Iterable[str]) -> dict[str, str]:
    """Full names by user name."""
    rows: Any = User.select(User.username, User.full_name).where(User.username.in_(list(usernames) or [""]))
    return dict(rows.tuples())


def page_of(dossier: Dossier, uid: Any) -> Page | None:
    """A page of the dossier."""
    found: Page | None = Page.get_or_none((Page.uid == uid) & (Page.dossier == dossier))
    return found


def paper_of(dossier: Dossier, uid: Any) -> Paper | None:
    """A digitised paper of the dossier."""
    found: Paper | None = Paper.get_or_none((Paper.uid == uid) & (Paper.dossier == dossier))
    return found


def mark_of(dossier: Dossier) -> str:
    """A text that differs after anything happened to the dossier: its last journal entry and its jobs' states."""
    last: Any = JournalEntry.select(fn.MAX(JournalEntry.id)).where(JournalEntry.dossier_id == dossier.id).scalar()
    jobs = Job.select(Job.id, Job.state, Job.attempts).where(Job.dossier_id == dossier.id).order_by(Job.id)
    return f"{last}-" + "-".join(f"{job.state.value[:3]}{min(job.attempts, 1)}" for job in jobs)


def gather(dossier: Dossier) -> Gathered:
    """All rows of the dossier, inside the caller's reading()."""
    pages: dict[int, list[Page]] = {}
    for page in Page.select().where(Page.dossier == dossier).order_by(Page.component, Page.position):
        pages.setdefault(page.__data__["component"], []).append(page)
    parties = Party.select(Party, Subject).join(Subject).where(Party.dossier == dossier)
    return Gathered(
        dossier=dossier,
        parties={party.role: party for party in parties},
        contact=Contact.get_or_none(Contact.dossier == dossier),
        components=list(
            Component.select()
            .where(Component.dossier == dossier)
            .order_by(Component.round, Component.position)
        ),
        pages=pages,
        papers={paper.component_id: paper for paper in Paper.select().where(Paper.dossier == dossier)},
        fees=list(Fee.select().where(Fee.dossier == dossier).order_by(Fee.id)),
        jobs=list(Job.select().where(Job.dossier_id == dossier.id).order_by(Job.id.desc())),
        rounds=list(Supplement.select().where(Supplement.dossier == dossier).order_by(Supplement.round.desc())),
        results=list(Result.select().where(Result.dossier == dossier).order_by(Result.id)),
        items={item.id: item for item in Item.select().where(Item.dossier == dossier)},
        receipts=list(
            ProvinceReceipt.select().where(ProvinceReceipt.dossier == dossier).order_by(ProvinceReceipt.id)
        ),
        journal=list(
            JournalEntry.select()
            .where(JournalEntry.dossier_id == dossier.id)
            .order_by(JournalEntry.id.desc())
            .limit(300)
        ),
        tasks=open_tasks(dossier),
    )  # fmt: skip


def _waiting(office_id: str, name: str, day: tuple[datetime, datetime]) -> tuple[Any, Any]:
    """The column of dossier ids and the query of them that make a queue, from indexes alone."""
    if name in BY_JOB:
        lanes, states = BY_JOB[name]
        mine = (
            (Job.office_id == office_id) & Job.lane.in_(lanes) & Job.state.in_(states) & Job.dossier_id.is_null(False)
        )
        if name == "unknown":  # while the province is being asked, it is as unknown as before
            mine &= Job.doubt
        return Job.dossier_id, Job.select(Job.dossier_id).where(mine).distinct()
    if name == "tell":
        return CitizenTask.dossier, with_open_tasks(office_id)
    query = Dossier.select(Dossier.id).where(Dossier.office_id == office_id)
    if name == "ended":  # later they are found by search, unless the citizen still has to be told
        recent = (Dossier.closed_at >= day[0] - RECENT) | Dossier.id.in_(with_open_tasks(office_id))
        return Dossier.id, query.where(Dossier.state.in_(list(BY_STATE[name])) & recent)
    if name == "due":
        due = (Dossier.due_at >= day[0]) & (Dossier.due_at < day[1])
        return Dossier.id, query.where(Dossier.state.in_(list(OPEN)) & due)
    return Dossier.id, query.where(Dossier.state.in_(list(BY_STATE[name])))


def _drafts(office_id: str, username: str) -> Any:
    return (Draft.username == username) & (Draft.office_id == office_id)


def items_of(dossier: Dossier) -> list[Item]:
    """The dossier's postal items."""
    return list(Item.select().where(Item.dossier == dossier).order_by(Item.id))
