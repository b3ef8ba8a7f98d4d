"""Follow the province: read its status feed and let each message move its dossier, never backwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from agent import log
from agent.clock import local
from agent.domain.actor import province
from agent.domain.citizen_news import News
from agent.domain.dossier import AT_PROVINCE, ENDED, State, Step
from agent.domain.jobs import JobState
from agent.domain.tracking_status import STATUS_NAME, ProvinceStatus, moves_forward
from agent.errors import IntegrityError, RuleViolation
from agent.ports import StatusChange
from agent.site import Site
from agent.store import outbox
from agent.store.base import current
from agent.store.dossiers import Dossier, Supplement
from agent.store.handoffs import FeedCursor, StatusMessage
from agent.store.items import Result
from agent.store.ledger import change_row
from agent.store.lookup import dossier_of, dossiers_to_change
from agent.store.outbox import Job
from agent.store.progress import note, take_step
from agent.tracking.news import extend, raise_doubt, raise_news

logger = log.get(__name__)
WITHDRAWN = (JobState.READY, JobState.HELD, JobState.REJECTED)
STALE = {
    "supplement": "tỉnh đã kết thúc, không còn chờ bổ sung",
    "withdrawal": "tỉnh đã kết thúc, không còn gì để rút",
}
"""What no longer can be sent once the province has ended, and why."""
ANSWER_OUT = (JobState.SENDING, JobState.UNKNOWN)
BATCH = 100
DRIFT_MS = 5_000  # a smaller change of the clocks' difference is not worth a commit


def follow(site: Site) -> int:
    """Read what is new in the feed of this office and apply it in one commit; the number of messages taken.

    Fewer than BATCH when the feed ends, or waits at a message whose dossier may be about to get its number.
    """
    office = site.settings.office.id
    with site.store.reading():
        held = FeedCursor.get_or_none(FeedCursor.office_id == office)
    cursor = held.cursor if held else 0
    province_ = site.province()
    changes = province_.status_changes(office=office, cursor=cursor, maximum=BATCH)
    offset = _offset(held, province_.clock_ahead)
    if not changes and offset is None:
        return 0
    taken = 0
    with site.store.writing():
        dossiers_to_change(Dossier.official.in_([change.number for change in changes]))
        for change in changes:
            if not _take(site, office, change):
                break
            cursor, taken = change.cursor, taken + 1
        _keep_cursor(office, held, cursor, site.clock.now())
        if offset is not None:
            FeedCursor.update(clock_offset_ms=offset).where(FeedCursor.office_id == office).execute()
    return taken


def _offset(held: FeedCursor | None, ahead: timedelta | None) -> int | None:
    """The clocks' difference (ms) when it is another than the one that is kept; None when there is nothing to keep."""
    if ahead is None:
        return None
    found = round(ahead.total_seconds() * 1000)
    return found if abs(found - (held.clock_offset_ms if held else 0)) >= DRIFT_MS else None


def read_again(office: str) -> None:
    """Read the feed from its beginning, in the caller's transaction; what was kept of it before changes nothing."""
    FeedCursor.update(cursor=0).where(FeedCursor.office_id == office).execute()


def apply_waiting(site: Site, dossier_id: int) -> None:
    """Apply the messages that came before the province's receipt did."""
    dossier = dossier_of(dossier_id)
    waiting = (StatusMessage.dossier == dossier) & (StatusMessage.applied == "waiting")
    for message in StatusMessage.select().where(waiting).order_by(StatusMessage.version):
        message.applied = _judged(site, dossier, _change_of(dossier, message))
        message.save()


def _take(site: Site, office: str, change: StatusChange) -> bool:
    """Keep one message; False when its dossier may be about to get its number, so that the feed must wait."""
    dossier = Dossier.get_or_none(Dossier.official == change.number)
    if dossier is None:
        if _number_on_its_way(office):
            return False
        logger.warning("status of a dossier that is not ours", extra={"key": change.number})
        return True
    if StatusMessage.get_or_none((StatusMessage.dossier == dossier) & (StatusMessage.version == change.version)):
        return True
    applied = "waiting" if _must_wait(dossier, change) else _judged(site, dossier, change)
    StatusMessage.create(
        dossier=dossier,
        version=change.version,
        status=change.status,
        at=change.at,
        body=change.body,
        handler=change.handler,
        note=change.note,
        applied=applied,
        detail={
            "results": [dict(one) for one in change.results],
            "requests": [dict(one) for one in change.requests],
            "due_at": change.due_at.isoformat() if change.due_at else "",
        },
    )
    return True


def _number_on_its_way(office: str) -> bool:
    """Whether the answer to a dossier without number is out; of one that is held, the feed is read again later."""
    unnumbered = Dossier.select(Dossier.id).where((Dossier.office_id == office) & Dossier.official.is_null())
    sent = (Job.kind == "submit") & Job.state.in_(list(ANSWER_OUT)) & Job.dossier_id.in_(unnumbered)
    return bool(Job.select().where(sent).exists())


def _must_wait(dossier: Dossier, change: StatusChange) -> bool:
    """Whether our own answer must be in first: the receipt of the dossier, or of the round before the next one."""
    asks = change.status == ProvinceStatus.SUPPLEMENT_ASKED
    return dossier.state is State.SUBMITTED or (asks and dossier.state is State.SUPPLEMENT_SENT)


def _judged(site: Site, dossier: Dossier, change: StatusChange) -> str:
    """Apply one message alone: one of no use is told to the clerk and keeps no other from being heard."""
    if change.status not in STATUS_NAME:
        logger.warning("status %s is not known", change.status, extra={"key": change.number})
        raise_doubt(site, dossier, News.UNKNOWN_STATUS, change)
        return "unknown"
    try:
        with current().database.savepoint():
            return _apply(site, dossier, change)
    except (RuleViolation, IntegrityError, KeyError, TypeError, ValueError) as error:
        logger.warning("a status message is of no use: %s", type(error).__name__, extra={"key": change.number})
        raise_doubt(site, dossier_of(dossier.id), News.UNREADABLE, change)
        return "unreadable"


def _apply(site: Site, dossier: Dossier, change: StatusChange) -> str:
    """Move the dossier as the message says; "late" when it would go backwards."""
    status = ProvinceStatus(change.status)
    old = ProvinceStatus(dossier.province_status) if dossier.province_status else None
    again = status is old and change.version > dossier.province_version
    if (dossier.state in ENDED and dossier.state is not State.CLOSED) or change.version <= dossier.province_version:
        return "late"
    if not again and not moves_forward(old, status):
        return "late"
    dossier.province_status, dossier.province_version = change.status, change.version
    extend(site, dossier, change)
    change_row(dossier, at=site.clock.now(), status=change.status)
    was = dossier.state
    results = _move(site, dossier, status, change, old)
    goes_on = was is State.WITHDRAWAL_ASKED and dossier.state in (State.HANDED_OFF, State.SUPPLEMENT_ASKED)
    raise_news(site, dossier, status, change, results=results, goes_on=goes_on)
    return "applied"


def _move(
    site: Site, dossier: Dossier, status: ProvinceStatus, change: StatusChange, old: ProvinceStatus | None
) -> int:
    """Take the step that the message means, or only note it; how many new results it brought."""
    body: dict[str, Any] = {"status": change.status, "version": change.version}
    step = _step(dossier.state, status)
    if step in (Step.RESUME, Step.ASK_SUPPLEMENT) and dossier.state is State.WITHDRAWAL_ASKED:
        step = step if old is ProvinceStatus.WITHDRAWAL_ASKED else None  # else said before the withdrawal came there
    if status is ProvinceStatus.SUPPLEMENT_ASKED and step:
        body["round"] = _open_round(site, dossier, change)
    elif status is ProvinceStatus.SUPPLEMENT_ASKED and dossier.state is State.SUPPLEMENT_ASKED:
        body["round"] = _ask_for_more(dossier, change)
    kept: list[Result] = []
    if status is ProvinceStatus.PROCESSED:
        kept = _keep_results(site, dossier, change)
        step = step if kept else None
        body["results"] = [result.province_id for result in kept]
    by = province(dossier.office_id, dossier.terminal_id)
    if step in (Step.STOP, Step.REFUSE):
        dossier.problem = change.note  # why, for the citizen who asks at the counter
    if step is not None:
        _leave_behind(dossier, step, at=site.clock.now())
        take_step(dossier, step, by=by, at=site.clock.now(), ids=site.ids, **body)
        return len(kept)
    dossier.updated_at = site.clock.now()
    dossier.save()
    note(dossier, "province_status", by=by, at=site.clock.now(), ids=site.ids, **body)
    return len(kept)


def _step(state: State, status: ProvinceStatus) -> Step | None:
    """What a status means for a dossier in `state`; None when it is only to be noted."""
    if state is State.CLOSED and status is ProvinceStatus.PROCESSED:
        return Step.FINISH  # one more result after all others were handed over
    if state not in AT_PROVINCE:
        return None
    if status is ProvinceStatus.SUPPLEMENT_ASKED:
        return Step.ASK_SUPPLEMENT if state in (State.HANDED_OFF, State.WITHDRAWAL_ASKED) else None
    if status in (ProvinceStatus.ACCEPTED, ProvinceStatus.IN_PROCESS):
        return Step.RESUME if state in (State.SUPPLEMENT_ASKED, State.WITHDRAWAL_ASKED) else None
    if status is ProvinceStatus.WITHDRAWAL_ASKED:
        return Step.WITHDRAW if state in (State.HANDED_OFF, State.SUPPLEMENT_ASKED) else None
    ends = {
        ProvinceStatus.PROCESSED: Step.FINISH,
        ProvinceStatus.STOPPED: Step.STOP,
        ProvinceStatus.NOT_ACCEPTED: Step.REFUSE,
    }
    return ends.get(status)


def _leave_behind(dossier: Dossier, step: Step, *, at: datetime) -> None:
    """An end closes the dossier's day and withdraws what no longer can be sent; another result opens it again."""
    dossier.closed_at = at if step in (Step.STOP, Step.REFUSE) else None
    if step in (Step.STOP, Step.REFUSE, Step.FINISH):
        mine = Job.kind.in_(list(STALE)) & Job.state.in_(list(WITHDRAWN))
        for job in Job.select().where((Job.dossier_id == dossier.id) & mine):
            outbox.cancel(job.key, STALE[job.kind])


def _ask_for_more(dossier: Dossier, change: StatusChange) -> int:
    """Gaps that the province adds while a round is open join that round: the citizen is asked once."""
    newest = Supplement.select().where(Supplement.dossier == dossier).order_by(Supplement.round.desc()).first()
    assert newest is not None  # a dossier is asked for papers by opening a round
    known = [dict(one) for one in newest.requests]
    newest.requests = known + [dict(one) for one in change.requests if dict(one) not in known]
    newest.due_on = local(change.due_at).date() if change.due_at else newest.due_on
    newest.save()
    return int(newest.round)


def _open_round(site: Site, dossier: Dossier, change: StatusChange) -> int:
    number = Supplement.select().where(Supplement.dossier == dossier).count() + 1
    Supplement.create(
        uid=site.ids.uid(),
        dossier=dossier,
        round=number,
        state="asked",
        requests=[dict(one) for one in change.requests],
        asked_at=change.at,
        due_on=local(change.due_at).date() if change.due_at else None,
    )
    return number


def _keep_results(site: Site, dossier: Dossier, change: StatusChange) -> list[Result]:
    kept = []
    for one in change.results:
        if Result.get_or_none((Result.dossier == dossier) & (Result.province_id == one["id"])):
            continue
        form = one.get("form", "paper")
        kept.append(
            Result.create(
                uid=site.ids.uid(),
                dossier=dossier,
                province_id=one["id"],
                name=one.get("name", ""),
                type=one.get("type", ""),
                form=form,
                way="electronic" if form == "electronic" else dossier.return_way,
                state="ready",
                sha256=one.get("sha256") or None,
                ready_at=change.at,
            )
        )
    return kept


def _change_of(dossier: Dossier, message: StatusMessage) -> StatusChange:
    due = message.detail.get("due_at")
    return StatusChange(
        cursor=0,
        number=dossier.official or "",
        version=message.version,
        status=message.status,
        at=message.at,
        body=message.body,
        handler=message.handler,
        note=message.note,
        due_at=datetime.fromisoformat(due) if due else None,
        results=tuple(message.detail["results"]),
        requests=tuple(message.detail["requests"]),
    )


def _keep_cursor(office: str, held: FeedCursor | None, cursor: int, at: datetime) -> None:
    """Move on from where this reading began; when another one moved meanwhile, its place stands."""
    if held is None:
        FeedCursor.insert(office_id=office, cursor=cursor, contact_at=at).on_conflict_ignore().execute()
        return
    unmoved = (FeedCursor.office_id == office) & (FeedCursor.cursor == held.cursor)
    FeedCursor.update(cursor=cursor, contact_at=at).where(unmoved).execute()
