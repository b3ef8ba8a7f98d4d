"""Messages to citizens as outbox jobs: queued with what caused them, frozen, sent once, their words erased after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from agent.clock import Ids
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ENDED, Role, State
from agent.domain.jobs import JobState
from agent.domain.notices import NOTICE_LANE, NoticeKind, may_go_from, words, worth_until
from agent.settings import Settings
from agent.store import outbox
from agent.store.citizen import Switch, is_on, wish_of
from agent.store.dossiers import Contact, Dossier
from agent.store.lookup import subject_of
from agent.store.outbox import Job, Payload

OF_STEP: Final[Mapping[CustodyStep, NoticeKind]] = {
    CustodyStep.OUT_FOR_DELIVERY: NoticeKind.OUT_FOR_DELIVERY,
    CustodyStep.HOLD: NoticeKind.HELD,
    CustodyStep.DELIVER: NoticeKind.DELIVERED,
    CustodyStep.RETURN: NoticeKind.RETURNED,
}
"""Steps of custody that the citizen hears of; invitations have dates and are queued by who makes them."""
LATE: Final = timedelta(hours=1)  # a message that could have gone for so long tells of a fault
_AFTER_END: Final = frozenset({NoticeKind.DELIVERED, NoticeKind.RETURNED, NoticeKind.NEWS})


def queue_notice(
    dossier: Dossier,
    kind: NoticeKind,
    *,
    settings: Settings,
    at: datetime,
    ids: Ids,
    once: str = "",
    day: date | None = None,
    code: str = "",
    task: UUID | None = None,
) -> Job | None:
    """Queue one message about a dossier in the caller's write transaction; None when none is sent (see `why_not`).

    `once` tells messages of one kind apart: an attempt's number, an item, a status version; the same again gives the
    job that is there, and one message comes of it. `day`: by when, or the new day. `code`: of NoticeKind.CODE only.
    `task`: the clerk's task that is done once the message has gone.
    """
    key = f"{dossier.provisional}/T/{kind.value}" + (f"/{once}" if once else "")
    known = outbox.find(key)
    if known is not None:
        return known
    if why_not(dossier, kind, settings):
        return None
    body = {
        "to": phone_of(dossier),
        "kind": kind.value,
        "text": words(
            kind, office=_office(dossier, settings), link=tracking_link(dossier, settings), day=day, code=code,
            accents=settings.notices.accents, training=settings.training,
        ),
        "until": worth_until(kind, at).isoformat(),
        "task": str(task) if task else "",
    }  # fmt: skip
    return outbox.enqueue(
        uid=ids.uid(),
        lane=NOTICE_LANE,
        kind="notice",
        key=key,
        payload=json.dumps(body, ensure_ascii=False, sort_keys=True).encode(),
        office_id=dossier.office_id,
        dossier_id=dossier.id,
        not_before=may_go_from(kind, at),
        priority=0 if kind is NoticeKind.CODE else 1,
        at=at,
    )


def why_not(dossier: Dossier, kind: NoticeKind, settings: Settings) -> str:
    """Why no message of this kind is sent for a dossier, in Vietnamese; empty when one is."""
    asked = settings.notices
    if not asked.channel:
        return "Bưu cục chưa đặt kênh gửi tin."
    if not is_on(dossier.office_id, Switch.NOTICES):
        return "Bưu cục đang tắt gửi tin cho công dân."
    if not dossier.salt:
        return "Dữ liệu cá nhân của hồ sơ đã xóa."
    if dossier.state in ENDED and dossier.state is not State.CLOSED and kind not in _AFTER_END:
        return "Hồ sơ đã kết thúc."
    wish = wish_of(dossier)
    if wish is False:
        return "Công dân không muốn nhận tin."
    if wish is None and asked.opt_in and kind is not NoticeKind.CODE:
        return "Chưa hỏi công dân có muốn nhận tin."
    return "" if phone_of(dossier) else "Hồ sơ không có số điện thoại."


def phone_of(dossier: Dossier) -> str:
    """The number to reach the citizen at: where the result goes, else the submitter's, else the owner's; or empty."""
    contact = Contact.get_or_none(Contact.dossier == dossier)
    if contact is not None and contact.phone:
        return str(contact.phone)
    for role in (Role.SUBMITTER, Role.OWNER):
        person = subject_of(dossier, role)
        if person is not None and person.phone:
            return str(person.phone)
    return ""


def tracking_link(dossier: Dossier, settings: Settings) -> str:
    """The address of the dossier's tracking page, as on its receipt."""
    return f"{settings.web.public_url.rstrip('/')}/t/{dossier.public_token}"


def _office(dossier: Dossier, settings: Settings) -> str:
    own = settings.office
    return own.name if dossier.office_id == own.id else f"Bưu cục {dossier.office_id}"


@dataclass(frozen=True)
class SentNotice:
    """A message as the dossier's page shows it; never its words or number."""

    kind: NoticeKind
    key: str
    state: JobState
    queued_at: datetime
    not_before: datetime
    settled_at: datetime | None
    error: str


def notices_of(dossier: Dossier) -> list[SentNotice]:
    """The dossier's messages, newest first."""
    mine = (Job.dossier_id == dossier.id) & (Job.lane == NOTICE_LANE)
    found = []
    for job in Job.select().where(mine).order_by(Job.id.desc()):
        kind = NoticeKind(job.key.split("/T/", 1)[1].split("/")[0])
        found.append(SentNotice(kind, job.key, job.state, job.created_at, job.not_before, job.settled_at, job.error))
    return found


@dataclass(frozen=True)
class Backlog:
    """Messages that have not gone: all, those that could have gone for an hour, those of which nobody is sure."""

    waiting: int
    late: int
    doubtful: int


def backlog(now: datetime) -> Backlog:
    """What waits of the whole database's messages."""
    lane = Job.select().where(Job.lane == NOTICE_LANE)
    open_ = lane.where(Job.state.in_([JobState.READY, JobState.SENDING]))
    unsure = [JobState.UNKNOWN, JobState.NEEDS_CLERK, JobState.HELD]
    late = open_.where(Job.not_before <= now - LATE, Job.created_at <= now - LATE)
    return Backlog(open_.count(), late.count(), lane.where(Job.state.in_(unsure)).count())


def drop_words(job: Job) -> None:
    """Erase what a settled message said and to whom; its digest stays. Inside writing()."""
    Payload.delete().where(Payload.job == job.id).execute()


def body_of(job: Job) -> dict[str, Any]:
    """The frozen message: to, kind, text, until, task."""
    held: dict[str, Any] = json.loads(job.payload)
    return held
