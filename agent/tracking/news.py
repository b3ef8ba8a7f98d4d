"""What the citizen has to be told after a status message: raised, fallen away, or noted as told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.clock import local
from agent.domain.actor import Actor, province
from agent.domain.citizen_news import FALLS_AWAY, FOR_THE_CLERK, News, Way
from agent.domain.dossier import ReturnWay
from agent.domain.notices import NoticeKind
from agent.domain.tracking_status import ProvinceStatus
from agent.errors import RuleViolation
from agent.ports import StatusChange
from agent.site import Site
from agent.store.citizen_tasks import CitizenTask, open_tasks, raise_task, settle
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.notices import queue_notice
from agent.store.progress import note
from agent.store.promises import PINNED
from agent.store.sending import withdrawal_of

NOTICE = timedelta(days=1)  # an apology comes at least so long before the day that it moves
BY_STATUS = {
    ProvinceStatus.SUPPLEMENT_ASKED: News.SUPPLEMENT,
    ProvinceStatus.PAYMENT_ASKED: News.PAYMENT,
    ProvinceStatus.WITHDRAWAL_ASKED: News.WITHDRAWAL,
    ProvinceStatus.NOT_ACCEPTED: News.REFUSAL,
    ProvinceStatus.STOPPED: News.STOP,
}

AS_NOTICE = {
    News.SUPPLEMENT: NoticeKind.SUPPLEMENT,
    News.EXTENSION: NoticeKind.EXTENDED,
    News.RESULT: NoticeKind.READY,
}
"""The message that says it; of the rest the citizen is only asked to get in touch: it needs a person."""


def raise_news(
    site: Site, dossier: Dossier, status: ProvinceStatus, change: StatusChange, *, results: int, goes_on: bool = False
) -> None:
    """What a message that was applied asks the desk to tell; what an earlier one asked and is over falls away.

    `goes_on`: the citizen asked for the dossier back, and the province works on.
    """
    at, kind = site.clock.now(), BY_STATUS.get(status)
    if kind is News.WITHDRAWAL and withdrawal_of(dossier.id) is not None:
        kind = None  # asked for at this counter: nobody needs asking whether it is meant
    settle(dossier, [one for one in FALLS_AWAY if one is not kind], by="province", at=at)
    if kind is not None:
        asked = kind in (News.SUPPLEMENT, News.PAYMENT)
        _raise(site, dossier, kind, change, until=change.due_at if asked else None)
    if goes_on:
        _raise(site, dossier, News.GOES_ON, change)
    if results and dossier.return_way is not ReturnWay.COURIER:
        _raise(site, dossier, News.RESULT, change, results=results)
    elif results:
        _send(site, dossier, NoticeKind.READY, once=str(change.version))
    if status is ProvinceStatus.ACCEPTED:
        _send(site, dossier, NoticeKind.ACCEPTED)


def extend(site: Site, dossier: Dossier, change: StatusChange) -> None:
    """Move the promised time where the province moved it; a later one is an extension that the citizen is told of.

    The time that a supplement must be answered by is not the promised one.
    """
    due, was = change.due_at, dossier.due_at
    if due is None or due == was or change.status == ProvinceStatus.SUPPLEMENT_ASKED:
        return
    dossier.due_at = due
    dossier.due_calculation = {**dossier.due_calculation, PINNED: "province"}
    if was is None or due < was:
        return
    before = (CitizenTask.dossier == dossier) & (CitizenTask.kind == News.EXTENSION)
    facts: dict[str, Any] = {
        "was": was.isoformat(),
        "now": due.isoformat(),
        "times": CitizenTask.select().where(before).count() + 1,
        "late": change.at > was - NOTICE,
    }
    _raise(site, dossier, News.EXTENSION, change, until=was, **facts)
    note(
        dossier, "extended", by=province(dossier.office_id, dossier.terminal_id), at=site.clock.now(), ids=site.ids,
        version=change.version, was=facts["was"], due=facts["now"],
    )  # fmt: skip


def raise_doubt(site: Site, dossier: Dossier, kind: News, change: StatusChange) -> None:
    """A message of no use: which dossier and which code, for the clerk to ask the province about."""
    _raise(site, dossier, kind, change, status=change.status)
    by = province(dossier.office_id, dossier.terminal_id)
    note(dossier, kind.value, by=by, at=site.clock.now(), ids=site.ids, status=change.status, version=change.version)


def tell(site: Site, uid: uuid.UUID, tasks: Sequence[uuid.UUID], *, way: str, by: Actor) -> int:
    """Note that the citizen was told what these tasks say, and how; how many were still open."""
    if way not in set(Way):
        raise RuleViolation("Chọn cách đã báo công dân: điện thoại, tại quầy hay tin nhắn.")
    with site.store.writing():
        dossier, at = dossier_by_uid(uid), site.clock.now()
        done = [task for task in open_tasks(dossier) if task.uid in set(tasks)]
        for task in done:
            CitizenTask.update(done_at=at, done_by=by.username, way=way).where(CitizenTask.id == task.id).execute()
        if done:
            kinds = [task.kind.value for task in done]
            note(dossier, "citizen_told", by=by, at=at, ids=site.ids, news=kinds, way=way)
    return len(done)


def _raise(
    site: Site, dossier: Dossier, kind: News, change: StatusChange, *, until: datetime | None = None, **facts: Any
) -> None:
    """Ask the desk to tell; where there is a channel a message goes too, and does the task once it has gone."""
    uid, at = site.ids.uid(), site.clock.now()
    raised = raise_task(dossier, kind, uid=uid, version=change.version, at=at, until=until, **facts)
    if not raised or kind in FOR_THE_CLERK:
        return
    day = datetime.fromisoformat(facts["now"]) if kind is News.EXTENSION else until
    said = AS_NOTICE.get(kind, NoticeKind.NEWS)
    _send(site, dossier, said, once=f"{kind.value}-{change.version}", day=local(day).date() if day else None, task=uid)


def _send(site: Site, dossier: Dossier, kind: NoticeKind, **about: Any) -> None:
    queue_notice(dossier, kind, settings=site.settings, at=site.clock.now(), ids=site.ids, **about)
