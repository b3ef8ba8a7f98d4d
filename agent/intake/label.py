"""Label a dossier: queue the label, answer what became of it, and complete the step by scanning it back."""

from __future__ import annotations

import uuid

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.dossier import ENDED, WORDS, State, Step
from agent.domain.identifiers import mint_provisional, parse_provisional
from agent.domain.jobs import JobState
from agent.errors import IllegalStep, InvalidIdentifier, NotFound, RuleViolation
from agent.intake.print_jobs import SETTLED, Frozen, freeze, give_up, queue_print
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.outbox import Job
from agent.store.progress import note, take_step, told
from labels.payload import Damaged, DossierCode, read_code
from labels.spec import DossierLabel


def label_spec(site: Site, dossier: Dossier, *, components: int) -> DossierLabel:
    """What the label says: codes and times, no personal data."""
    return DossierLabel(
        provisional=dossier.provisional,
        official=dossier.official,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        received_at=local(dossier.received_at),
        office=site.settings.office.name,
        component_count=components,
        training=site.settings.training,
    )


def request_label(site: Site, uid: uuid.UUID, *, by: Actor, again: str = "", seen: int | None = None) -> Job:
    """Queue the dossier's label for this terminal's printer; `again` is the reason for a further one.

    `seen` is how many labels the asker knew of: a form that comes twice queues one. What is still under way or asked
    about is returned, whatever the reason; one that was given up or refused unsent is made anew. RuleViolation when
    it does not fit the paper or could not be read back from its own picture.
    """
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        count = Component.select().where(Component.dossier == dossier).count()
    if dossier.state in ENDED:
        raise IllegalStep(WORDS[dossier.state], Step.LABEL)
    frozen = freeze(site, label_spec(site, dossier, components=count), "label")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        job = outbox.find(_key(dossier)) if dossier.label_attempt else None
        if job is not None:
            late = seen is not None and seen < dossier.label_attempt
            if late or job.state not in SETTLED or (job.state is JobState.ACKED and not again):
                return job
        give_up(job, "in lại")
        return _queue(site, dossier, frozen, again=again, by=by)


def _queue(site: Site, dossier: Dossier, frozen: Frozen, *, again: str, by: Actor) -> Job:
    at = site.clock.now()
    dossier.label_attempt += 1
    dossier.save()
    job = queue_print(site, dossier, frozen, kind="label", key=_key(dossier), role="label", by=by)
    attempt, reason = dossier.label_attempt, told(dossier, again)
    note(dossier, "label_queued", by=by, at=at, ids=site.ids, attempt=attempt, reason=reason)
    return job


def answer_label(site: Site, uid: uuid.UUID, *, came_out: bool, by: Actor) -> Job:
    """The clerk says whether an uncertain label came out; if not, a new one is queued."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        job = outbox.find(_key(dossier))
        if job is None or job.state is not JobState.NEEDS_CLERK:
            raise RuleViolation("Nhãn này không còn chờ trả lời. Tải lại trang để xem tình trạng mới.")
        at = site.clock.now()
        answer = JobState.ACKED if came_out else JobState.CANCELLED
        outbox.resolve(job, answer, at=at, result={"by": by.name})
        note(dossier, "label_answered", by=by, at=at, ids=site.ids, came_out=came_out)
    if came_out:
        return job
    return request_label(site, uid, by=by, again="giao dịch viên báo nhãn không ra", seen=dossier.label_attempt)


def confirm_label(site: Site, uid: uuid.UUID, scanned: str, *, by: Actor) -> Dossier:
    """Complete the step: the code on the label was scanned back and is this dossier's."""
    number = scanned_provisional(scanned)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        if number != dossier.provisional:
            raise RuleViolation(
                f"Nhãn vừa quét mang số {number}, không phải {dossier.provisional}. "
                "Gỡ nhãn, dán đúng nhãn của hồ sơ này rồi quét lại."
            )
        at = site.clock.now()
        job = outbox.find(_key(dossier)) if dossier.label_attempt else None
        if job is not None and job.state is JobState.NEEDS_CLERK:
            outbox.resolve(job, JobState.ACKED, at=at, result={"by": by.name})  # the label is in the clerk's hand
        if dossier.state is State.RECEIVED:
            dossier.label_scanned_at = at
            take_step(dossier, Step.LABEL, by=by, at=at, ids=site.ids)
    return dossier


def scanned_provisional(scanned: str) -> str:
    """The provisional number in what a reader sent: the bars' text, or the QR that `labels.payload` describes."""
    match read_code(scanned):
        case None:
            return parse_provisional(scanned.strip()).text
        case DossierCode(provisional=number):
            return parse_provisional(number).text
        case Damaged():
            raise InvalidIdentifier("label code", scanned, "Mã quét không trọn vẹn. Quét lại nhãn.")
    raise InvalidIdentifier("label code", scanned, "Mã vừa quét không phải nhãn hồ sơ. Quét nhãn dán trên bìa hồ sơ.")


def find_label_job(site: Site, dossier: Dossier) -> Job:
    """The newest label job of a dossier; NotFound before the first."""
    with site.store.reading():
        now = dossier_by_uid(dossier.uid)
        job = outbox.find(_key(now)) if now.label_attempt else None
    if job is None:
        raise NotFound("Hồ sơ này chưa in nhãn.")
    return job


def test_spec(site: Site) -> DossierLabel:
    """What a label for trying a printer says: it names no dossier."""
    return DossierLabel(
        provisional=mint_provisional(site.settings.terminal.id, local(site.clock.now()).date(), 0),
        official=None,
        procedure_code="0.000000",
        procedure_name="IN THỬ, không phải hồ sơ",
        received_at=local(site.clock.now()),
        office=site.settings.office.name,
        component_count=0,
        training=True,
    )


def attempt_of(key: str) -> int:
    """Which of its dossier's labels the job of this key is, from 1."""
    return int(key.rpartition("/L")[2])


def _key(dossier: Dossier) -> str:
    return f"{dossier.provisional}/L{dossier.label_attempt}"
