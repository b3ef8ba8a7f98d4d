"""Jobs in the hands of workers: claimed under a lease when they are due, settled once, freed when a lease ran out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from peewee import SQL, fn

from agent.domain.jobs import CLERK_LANES, DUE, FINAL, SHORTEST_WAIT, JobState, step_to
from agent.store.base import current, joined
from agent.store.outbox import DUE_NOW, Job, LeaseLost

CUT_OFF: Final = "Chương trình dừng giữa chừng khi đang in. Xem nhãn đã ra chưa rồi mới in lại."


def claim(
    *,
    lanes: Sequence[str],
    worker: str,
    at: datetime,
    lease: timedelta,
    terminal_id: str | None = None,
    limit: int = 1,
    only: str | None = None,
    up: Collection[int] | None = None,
    passing: Collection[str] = (),
    avoid: Collection[int] = (),
) -> list[Job]:
    """Take up to `limit` due jobs for `lease`, by priority and age, in one commit; none due costs no commit.

    A job with a terminal goes to that terminal only; one with a predecessor only after that is over; two of one dossier
    are not sent at once. `only`: the job of that key or none. `up`: ids whose files are known to be up; then jobs whose
    files are not are left. `passing`: kinds of which nothing new is sent; `avoid`: ids to leave.
    """
    if not _some_due(lanes, terminal_id, at):
        return []
    due = due_jobs(lanes, terminal_id, at).limit(limit)
    if only is not None:
        due = due.where(Job.key == only)
    if passing:
        due = due.where(Job.kind.not_in(list(passing)) | (Job.state == JobState.UNKNOWN))
    if avoid:
        due = due.where(Job.id.not_in(list(avoid)))
    if up is not None:
        due = due.where((Job.sent_bytes >= Job.file_bytes) | Job.id.in_(list(up)))
    if not due.exists():
        return []
    store = current()
    with store.writing():
        if store.dialect == "postgresql":
            due = due.for_update("FOR UPDATE SKIP LOCKED")
        ids = [job.id for job in due]
        if not ids:
            return []
        Job.update(
            state=JobState.SENDING,
            attempts=Job.attempts + 1,
            lease_token=Job.lease_token + 1,
            lease_until=at + lease,
            worker=worker,
            **({} if up is None else {"sent_bytes": Job.file_bytes}),
        ).where(Job.id.in_(ids)).execute()
        return list(Job.select().where(Job.id.in_(ids)).order_by(Job.priority, Job.id))


def _some_due(lanes: Sequence[str], terminal_id: str | None, at: datetime) -> bool:
    """Whether anything of these lanes is due, whatever stands before it; most looks find nothing, and cost little."""
    store = current()
    sql = _some_due_sql(len(lanes), store.dialect)
    values = [*lanes, Job.not_before.db_value(at), terminal_id]
    return store.database.execute_sql(sql, values).fetchone() is not None


@lru_cache(maxsize=16)
def _some_due_sql(lanes: int, dialect: str) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    mine = f"not_before <= {mark} AND (terminal_id IS NULL OR terminal_id = {mark})"
    return f"SELECT 1 FROM outbox WHERE {DUE_NOW.sql} AND lane IN ({', '.join([mark] * lanes)}) AND {mine} LIMIT 1"  # noqa: S608


def due_jobs(lanes: Sequence[str], terminal_id: str | None, at: datetime) -> Any:
    """The query of the ids of jobs that may go now, the next one first; behind a refused dossier nothing goes."""
    before, beside = Job.alias("before"), Job.alias("beside")
    ended = before.state.in_(list(FINAL)) | ((before.state == JobState.REJECTED) & (before.kind != "submit"))
    over = before.select(SQL("1")).where((before.id == Job.after_id) & ended)
    sending = (beside.dossier_id == Job.dossier_id) & (beside.state == JobState.SENDING) & (beside.lane == Job.lane)
    busy = beside.select(SQL("1")).where(sending)
    mine = Job.terminal_id.is_null() | (Job.terminal_id == terminal_id)
    return (
        Job.select(Job.id)
        .where(DUE_NOW, Job.lane.in_(list(lanes)), Job.not_before <= at, mine)
        .where(Job.after_id.is_null() | fn.EXISTS(over))
        .where(Job.lane.in_(list(CLERK_LANES)) | Job.dossier_id.is_null() | ~fn.EXISTS(busy))
        .order_by(Job.priority, Job.id)
    )


def settle(
    job: Job,
    state: JobState,
    *,
    at: datetime,
    result: dict[str, Any] | None = None,
    error: str = "",
    retry_at: datetime | None = None,
    files_again: bool = False,
) -> None:
    """Record what became of a claimed job, in the caller's write transaction or one of its own.

    READY: nothing was sent; UNKNOWN: it may have arrived; both are due again at `retry_at` (default: in 5 s), with
    `files_again` after its files went once more.
    Raises LeaseLost when another worker has taken the job over, IllegalStep for a state that cannot follow.
    """
    step_to(JobState.SENDING, state)
    values: dict[str, Any] = {"state": state, "error": error, "lease_until": None, "worker": ""}
    if state in DUE:
        values |= {"not_before": retry_at or at + SHORTEST_WAIT, "doubt": state is JobState.UNKNOWN}
    else:
        values["settled_at"] = at
    if result is not None:
        values["result"] = result
    if files_again:
        values["sent_bytes"] = 0
    with joined():
        fence = (Job.id == job.id) & (Job.state == JobState.SENDING) & (Job.lease_token == job.lease_token)
        if not Job.update(**values).where(fence).execute():
            raise LeaseLost(f"Việc {job.key} đã được tiến trình khác nhận lại; kết quả của lần này không được ghi.")


def recover(*, at: datetime, lanes: Sequence[str], dead: str | None = None) -> int:
    """Free the jobs whose lease ran out as UNKNOWN; of a printing lane those of `dead` alone, as NEEDS_CLERK.

    Returns how many. `dead` names a worker that is known to have ended: its jobs are freed before their lease runs out.
    A slow line prints for minutes, and other terminals' clocks differ: no lease says that a print was cut off.
    """
    sending, mine = Job.state == JobState.SENDING, Job.worker == (dead or "")
    ended = (Job.lease_until <= at) | mine if dead else Job.lease_until <= at
    count = 0
    clerks = [lane for lane in lanes if lane in CLERK_LANES] if dead else []
    others = [lane for lane in lanes if lane not in CLERK_LANES]
    with joined():
        for state, some in ((JobState.NEEDS_CLERK, clerks), (JobState.UNKNOWN, others)):
            if some:
                values = {"state": state, "doubt": True, "lease_until": None, "worker": "", "not_before": at}
                if state is JobState.NEEDS_CLERK:
                    values["error"] = CUT_OFF
                lost = sending & (mine if state is JobState.NEEDS_CLERK else ended)
                count += Job.update(**values).where(lost & Job.lane.in_(some)).execute()
    return count
