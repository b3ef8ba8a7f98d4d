"""The legal filing time (thời điểm nộp hợp lệ) where signing the minutes sets it, and the due date that follows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from agent.domain.actor import Actor
from agent.domain.dossier import ENDED
from agent.domain.forward import Verdict, due_from_filing, parse_term
from agent.errors import NotFound
from agent.site import Site
from agent.store import rows
from agent.store.calendar import working_calendar
from agent.store.dossiers import Dossier
from agent.store.handoffs import StatusMessage
from agent.store.lookup import dossier_by_uid
from agent.store.minutes import FilingChange, Minutes, MinutesLine
from agent.store.progress import note


def file_by_minutes(site: Site, minutes: Minutes, lines: Iterable[MinutesLine], *, by: Actor) -> None:
    """Set the filing time of each dossier that was taken over, inside the caller's transaction.

    Only where `[office]` says that minutes file such a dossier, and only once: the first hand-over counts. The due date
    is counted anew from the signing, unless the province itself has told one.
    """
    office = site.settings.office
    if minutes.signed_at is None:
        return
    taken = {line.dossier_id for line in lines if line.verdict in (Verdict.PRESENT, Verdict.OVER) and line.dossier_id}
    for dossier in Dossier.select().where(Dossier.id.in_(list(taken) or [-1])).order_by(Dossier.id):
        by_minutes = office.files_by_minutes(dossier.procedure_code, dossier.agency)
        if by_minutes and dossier.filed_at is None and dossier.state not in ENDED:
            _file(site, dossier, minutes, by)


def _file(site: Site, dossier: Dossier, minutes: Minutes, by: Actor) -> None:
    assert minutes.signed_at is not None
    before, term = dossier.due_at, parse_term(str(dossier.due_calculation.get("term", "")))
    dossier.filed_at = minutes.signed_at
    told = _province_told_due(dossier)
    if term is not None and not told:
        deadline = due_from_filing(working_calendar(dossier.office_id), minutes.signed_at, term)
        dossier.due_at = deadline.due_at
        dossier.due_calculation = {
            "term": str(term),
            "pending": deadline.depends_on_pending,
            "from": "minutes",
            "minutes": minutes.number,
            "days": [[line.date.isoformat(), line.counted, line.why] for line in deadline.calculation],
        }
    dossier.updated_at = site.clock.now()
    dossier.save()
    note(
        dossier, "filed", by=by, at=site.clock.now(), ids=site.ids, minutes=minutes.number,
        filed=minutes.signed_at.isoformat(), was=before.isoformat() if before else "",
        due=dossier.due_at.isoformat() if dossier.due_at else "", kept_due="province" if told else "",
    )  # fmt: skip
    if dossier.due_at != before:
        rows.create(
            FilingChange, dossier=dossier, office_id=dossier.office_id, minutes=minutes, at=site.clock.now(),
            due_before=before, due_after=dossier.due_at, calculation=dossier.due_calculation,
        )  # fmt: skip


def _province_told_due(dossier: Dossier) -> bool:
    """Whether the province set the promised time itself: then ours does not move it."""
    messages = StatusMessage.select().where(StatusMessage.dossier == dossier)
    return any(one.detail.get("due_at") and one.status != 5 for one in messages)  # 5 asks for papers, by another date


def unseen_changes(site: Site, office_id: str) -> list[FilingChange]:
    """Due dates that moved with the minutes and that no clerk has looked at, oldest first."""
    with site.store.reading():
        mine = (FilingChange.office_id == office_id) & FilingChange.seen_at.is_null()
        return list(FilingChange.select(FilingChange, Dossier).join(Dossier).where(mine).order_by(FilingChange.id))


def see_change(site: Site, dossier_uid: uuid.UUID, *, by: Actor) -> None:
    """A clerk has seen the new due date (and told the citizen); again changes nothing."""
    with site.store.writing():
        dossier = dossier_by_uid(dossier_uid)
        change = rows.first(FilingChange, dossier=dossier.id)
        if change is None:
            raise NotFound("Hạn trả của hồ sơ này không đổi theo biên bản.")
        if change.seen_at is None:
            change.seen_at, change.seen_by = site.clock.now(), by.username
            change.save()
            note(dossier, "due_change_seen", by=by, at=site.clock.now(), ids=site.ids)
