"""Send the messages to citizens: each once, in the hours that are allowed, with what became of it written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from agent.domain.actor import Actor, system
from agent.domain.citizen_news import Way
from agent.domain.jobs import JobState
from agent.domain.notices import NOTICE_LANE, NoticeKind, may_go_from
from agent.errors import NotFound
from agent.jobs.runner import Handler, Settlement, Worker, retry_time
from agent.ports_notices import Notice, NoticeOutcome, NoticeResult, Notifier
from agent.site import Site
from agent.store import rows
from agent.store.citizen_tasks import CitizenTask
from agent.store.lookup import dossier_of
from agent.store.notices import body_of, drop_words, why_not
from agent.store.outbox import Job
from agent.store.progress import note

_NO_CHANNEL: Final = "Bưu cục chưa đặt kênh gửi tin. Đặt [notices] rồi khởi động lại, hoặc báo công dân ở quầy."
_ASK_FIRST: Final = (
    "Chưa rõ tin đã đến hay chưa, và cổng gửi tin không hỏi lại được. Gọi công dân rồi trả lời ở hàng đợi; "
    "đừng gửi lại."
)


def send_notice(site: Site, job: Job) -> Settlement:
    """One message: refused when nobody needs it any more, put off in quiet hours, asked about when in doubt."""
    try:
        body = body_of(job)
    except NotFound as error:
        return Settlement(JobState.REJECTED, error=error.message)
    kind, now = NoticeKind(body["kind"]), site.clock.now()
    expired = now > datetime.fromisoformat(body["until"])
    if expired and not job.doubt:
        return _ended(site, job, "Tin quá hạn mà chưa gửi được. Báo công dân qua điện thoại.")
    stale = _no_need(site, job, kind, body["task"])
    if stale and not job.doubt:
        return _ended(site, job, stale)
    later = may_go_from(kind, now)
    if later > now:
        return Settlement(JobState.READY, retry_at=later)
    notifier = site.notifier()
    if notifier is None:
        return Settlement(JobState.READY, error=_NO_CHANNEL, retry_at=now + timedelta(minutes=30))
    notice = Notice(str(job.uid), body["to"], body["text"], kind.value, job.office_id)
    outcome = _outcome(notifier, notice, in_doubt=job.doubt, expired=expired)
    return _settled(site, job, kind, body["task"], outcome)


HANDLERS: Final[dict[str, Handler]] = {"notice": send_notice}


def notice_worker(site: Site) -> Worker:
    """The worker of the messages' lane."""
    return Worker(site, HANDLERS, (NOTICE_LANE,), f"{site.settings.terminal.id}:notices")


def _outcome(notifier: Notifier, notice: Notice, *, in_doubt: bool, expired: bool) -> NoticeOutcome | None:
    """Send, or ask first where an earlier try may have arrived; None: only a person can find out."""
    if in_doubt:
        said = notifier.ask(notice.key)
        if said is not None and said.result in (NoticeResult.SENT, NoticeResult.REFUSED):
            return said
        if expired:
            return None  # what it says is no news any more
        if said is not None and said.result is NoticeResult.UNKNOWN:
            return said
        if said is None and not notifier.repeats:
            return None
    return notifier.send(notice)


def _no_need(site: Site, job: Job, kind: NoticeKind, task: str) -> str:
    """Why the message is not wanted any more; empty when it is."""
    with site.store.reading():
        held = rows.first(CitizenTask, uid=UUID(task)) if task else None
        if held is not None and held.done_at is not None:
            return "Công dân đã được báo, hoặc không còn gì phải báo."
        return why_not(dossier_of(job.dossier_id), kind, site.settings) if site.settings.notices.channel else ""


def _settled(site: Site, job: Job, kind: NoticeKind, task: str, outcome: NoticeOutcome | None) -> Settlement:
    if outcome is None:
        return Settlement(JobState.NEEDS_CLERK, error=_ASK_FIRST)
    if outcome.result is NoticeResult.SENT:
        said = {"reference": outcome.reference} if outcome.reference else {}
        return Settlement(JobState.ACKED, result=said, record=lambda: _sent(site, job, kind, task))
    if outcome.result is NoticeResult.REFUSED:
        return _ended(site, job, f"{outcome.reason} Báo công dân cách khác.")
    state = JobState.UNKNOWN if outcome.result is NoticeResult.UNKNOWN else JobState.READY
    wait = site.clock.now() + timedelta(seconds=outcome.wait) if outcome.wait else retry_time(site, job)
    return Settlement(state, error=outcome.reason, retry_at=wait)


def _ended(site: Site, job: Job, reason: str) -> Settlement:
    """It will not go; its words go, the desk's task stays."""

    def record() -> None:
        drop_words(job)
        note(dossier_of(job.dossier_id), "notice_not_sent", by=_by(site), at=site.clock.now(), ids=site.ids,
             job=str(job.uid))  # fmt: skip

    return Settlement(JobState.REJECTED, error=reason, record=record)


def _sent(site: Site, job: Job, kind: NoticeKind, task: str) -> None:
    """What a message that has gone means: the desk need not tell it again, and its words are not kept."""
    now = site.clock.now()
    drop_words(job)
    if task:
        mine = (CitizenTask.uid == UUID(task)) & CitizenTask.done_at.is_null()
        CitizenTask.update(done_at=now, done_by="notice", way=Way.MESSAGE.value).where(mine).execute()
    note(dossier_of(job.dossier_id), "notice_sent", by=_by(site), at=now, ids=site.ids, notice=kind.value,
         job=str(job.uid))  # fmt: skip


def _by(site: Site) -> Actor:
    return system(site.settings.office.id, site.settings.terminal.id)
