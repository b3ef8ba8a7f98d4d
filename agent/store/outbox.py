"""Jobs that leave the store: queued with the change that caused them; people look them up, hold, release and cancel."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from peewee import SQL, BigIntegerField, BooleanField, IntegerField, TextField, fn

from agent.domain.jobs import JobState, JobStep, advance_job, step_to
from agent.errors import Duplicate, NotFound, StoreLocked
from agent.store import rows
from agent.store.base import Model, joined, require_writing
from agent.store.fields import BytesField, CodeField, EnumField, JsonField, Reference, ShaField, UidField, UtcField

DUE_NOW: Final = SQL("state IN ('ready', 'unknown')")  # literal, so that the partial index serves it


class LeaseLost(StoreLocked):
    """The job was taken over by another worker; what this one did must not be recorded."""

    code = "lease-lost"
    retryable = False


class Job(Model):
    """One effect to bring about (in nhãn, gửi hồ sơ, báo tin); `doubt`: an earlier try may have arrived."""

    uid = UidField(unique=True)
    lane = TextField()
    kind = TextField()
    key = CodeField(unique=True)
    digest = ShaField()  # of the payload; stays when the payload is erased
    state = EnumField(JobState)
    doubt = BooleanField(default=False)
    attempts = IntegerField(default=0)
    not_before = UtcField()
    lease_until = UtcField(null=True)
    lease_token = IntegerField(default=0)  # grows with each claim
    worker = TextField(default="")
    office_id = TextField()
    terminal_id = TextField(null=True)  # only this terminal may do it; null: any worker
    dossier_id = BigIntegerField(null=True, index=True)
    after_id = BigIntegerField(null=True)
    priority = IntegerField(default=0)  # lower first
    file_bytes = BigIntegerField(default=0)  # of the files that go before it
    sent_bytes = BigIntegerField(default=0)  # of them, known to lie there
    error = TextField(default="")
    result = JsonField(null=True)
    created_at = UtcField()
    settled_at = UtcField(null=True)

    class Meta:
        table_name = "outbox"
        indexes = ((("state", "lane", "id"), False),)

    @property
    def payload(self) -> bytes:
        """The frozen bytes; NotFound when they were erased."""
        found = Payload.get_or_none(Payload.job == self.id)
        if found is None:
            raise NotFound(f"Nội dung của việc {self.key} đã được xoá theo yêu cầu, không gửi lại được.")
        return bytes(found.body)


Job.add_index(Job.index(Job.lane, Job.priority, Job.id, where=DUE_NOW, name="outbox_due"))
_AT_TERMINAL: Final = SQL("terminal_id IS NOT NULL")
Job.add_index(Job.index(Job.terminal_id, Job.lane, Job.id, where=_AT_TERMINAL, name="outbox_terminal"))


class Payload(Model):
    """What a job sends: may hold personal data, so it can be erased apart from its job."""

    job = Reference(Job, primary_key=True, on_delete="CASCADE")
    body = BytesField()

    class Meta:
        table_name = "outbox_payload"


def enqueue(
    *,
    uid: uuid.UUID,
    lane: str,
    kind: str,
    key: str,
    payload: bytes,
    office_id: str,
    at: datetime,
    terminal_id: str | None = None,
    dossier_id: int | None = None,
    after: Job | int | None = None,
    priority: int = 0,
    size: int = 0,
    not_before: datetime | None = None,
) -> Job:
    """Queue a job in the caller's write transaction; the same key and payload again give the job that is there.

    `after`: not before that job is over. `priority`: lower first. `size`: bytes of the files that must be up before it.
    Raises Duplicate for a key with other bytes.
    """
    require_writing("outbox.enqueue")
    digest = hashlib.sha256(payload).hexdigest()
    found = find(key)
    if found is None:
        found = rows.create_unless_there(
            Job,
            uid=uid,
            lane=lane,
            kind=kind,
            key=key,
            digest=digest,
            state=JobState.READY,
            not_before=not_before or at,
            office_id=office_id,
            terminal_id=terminal_id,
            dossier_id=dossier_id,
            after_id=after.id if isinstance(after, Job) else after,
            priority=priority,
            file_bytes=size,
            created_at=at,
        )
        if found is None:
            found = show(key)  # another transaction has just queued the same key
        else:
            rows.insert(Payload, {"job": found.id, "body": payload})
    if found.digest != digest:
        raise Duplicate(f"Mã {key} đã dùng cho nội dung khác. Nội dung đã gửi không được đổi; hãy dùng mã mới.")
    return found


def find(key: str) -> Job | None:
    """The job with this key, or None."""
    return rows.first(Job, key=key)


def show(key: str) -> Job:
    """The job with this key, or NotFound."""
    found = find(key)
    if found is None:
        raise NotFound(f"Không có việc nào mang mã {key}. Xem danh sách bằng `queue ls`.")
    return found


def ls(*, states: Iterable[JobState] | None = None, lanes: Iterable[str] | None = None, limit: int = 100) -> list[Job]:
    """Jobs in these states and lanes (default: all), newest first."""
    query = Job.select()
    if states is not None:
        query = query.where(Job.state.in_(list(states)))
    if lanes is not None:
        query = query.where(Job.lane.in_(list(lanes)))
    return list(query.order_by(Job.id.desc()).limit(limit))


def counts() -> dict[tuple[str, JobState], int]:
    """How many jobs there are by lane and state."""
    query: Any = Job.select(Job.lane, Job.state, fn.COUNT(Job.id)).group_by(Job.lane, Job.state)
    return {(lane, state): int(count) for lane, state, count in query.tuples()}


def hold(key: str, reason: str) -> Job:
    """Keep a waiting job from being sent, with the reason."""
    return _step(key, JobStep.HOLD, error=reason)


def release(key: str) -> Job:
    """Let a held job go on; one whose outcome is not known is asked about first."""
    return _step(key, JobStep.RESUME if show(key).doubt else JobStep.RELEASE)


def retry(key: str) -> Job:
    """Send again, now, what waits, was rejected or needs the clerk: the same bytes under the same key."""
    return _step(key, JobStep.RETRY)


def cancel(key: str, reason: str) -> Job:
    """Give a job up for good, with the reason."""
    return _step(key, JobStep.CANCEL, error=reason)


def resolve(job: Job, state: JobState, *, at: datetime, result: dict[str, Any] | None = None) -> None:
    """End a job that nobody is sending by what a person saw: ACKED (it came out) or CANCELLED; updates `job`.

    Raises IllegalStep when that cannot follow, LeaseLost when a worker has taken the job meanwhile.
    """
    values = {"settled_at": at} if result is None else {"settled_at": at, "result": result}
    changed = _step(job.key, step_to(job.state, state), **values)
    job.state, job.settled_at, job.result = changed.state, changed.settled_at, changed.result


def _step(key: str, step: JobStep, **values: Any) -> Job:
    with joined():
        job = show(key)
        values["state"] = advance_job(job.state, step)
        if step is JobStep.RETRY:
            values |= {"not_before": job.created_at, "settled_at": None, "sent_bytes": 0}
            if values["state"] is JobState.READY:
                values["doubt"] = False
        unchanged = (Job.id == job.id) & (Job.state == job.state) & (Job.lease_token == job.lease_token)
        if not Job.update(**values).where(unchanged).execute():
            raise LeaseLost(f"Việc {key} vừa được tiến trình khác xử lý. Xem lại trạng thái rồi làm lại.")
        return show(key)


def erase_payloads(dossier_id: int) -> int:
    """Delete what a dossier's jobs sent, inside writing(); jobs and digests stay. Returns how many."""
    require_writing("outbox.erase_payloads")
    jobs = Job.select(Job.id).where(Job.dossier_id == dossier_id)
    return int(Payload.delete().where(Payload.job.in_(jobs)).execute())


def count_keys(prefix: str) -> int:
    """How many jobs were queued under keys that begin so."""
    keys = (prefix, prefix + "\x7f")
    return int(rows.found("SELECT COUNT(*) FROM outbox WHERE key >= ? AND key < ?", *keys)[0][0])


def of_dossier(dossier_id: int) -> list[Job]:
    """A dossier's jobs in the order in which they were queued."""
    return list(Job.select().where(Job.dossier_id == dossier_id).order_by(Job.id))


def oldest_waiting(finished: Iterable[JobState]) -> datetime | None:
    """When the oldest job was queued whose state is none of `finished`."""
    first = Job.select(Job.created_at).where(Job.state.not_in(list(finished))).order_by(Job.id).first()
    return None if first is None else first.created_at
