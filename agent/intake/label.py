"""Label a dossier: queue the label, answer what became of it, and complete the step by scanning it back."""

from __future__ import annotations

import uuid

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.dossier import ENDED, WORDS, State, Step
from agent.domain.identifiers import mint_provisional, parse_provisional
from agent.domain.jobs import JobState
from agent.errors import IllegalStep, InvalidIdentifier, NotFound, RuleViolation
from agent.settings import Device
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import dossier_by_uid
from agent.store.outbox import Job
from agent.store.progress import note, take_step, told
from labels.payload import Damaged, DossierCode, read_code
from labels.spec import DossierLabel

PRINT_LANE = "print"


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


def request_label(site: Site, uid: uuid.UUID, *, by: Actor, again: str = "") -> Job:
    """Queue the dossier's label for this terminal's printer; `again` is the reason for a further one.

    Asking twice for the same label returns the same job. LabelError (as RuleViolation) when the label
    could not be read back from its own picture.
    """
    from labels.errors import LabelError
    from labels.produce import produce

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        count = Component.select().where(Component.dossier == dossier).count()
    if dossier.state in ENDED:
        raise IllegalStep(WORDS[dossier.state], Step.LABEL)
    try:
        printer = _printer(site)
        payload = produce(label_spec(site, dossier, components=count), printer.language, dpi=printer.dpi)
    except LabelError as error:
        raise RuleViolation(f"Không in được nhãn: {error.message}") from error
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        job = outbox.find(_key(dossier)) if dossier.label_attempt else None
        if job is not None and not again:
            return job
        return _queue(site, dossier, payload, again=again, by=by)


def _queue(site: Site, dossier: Dossier, payload: bytes, *, again: str, by: Actor) -> Job:
    at = site.clock.now()
    dossier.label_attempt += 1
    dossier.save()
    job = outbox.enqueue(
        uid=site.ids.uid(),
        lane=PRINT_LANE,
        kind="label",
        key=_key(dossier),
        payload=payload,
        office_id=dossier.office_id,
        terminal_id=by.terminal_id,
        dossier_id=dossier.id,
        at=at,
    )
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
    return request_label(site, uid, by=by, again="giao dịch viên báo nhãn không ra")


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


def test_label(site: Site) -> bytes:
    """A label for trying a printer: it names no dossier."""
    from labels.produce import produce

    spec = DossierLabel(
        provisional=mint_provisional(site.settings.terminal.id, local(site.clock.now()).date(), 0),
        official=None,
        procedure_code="0.000000",
        procedure_name="IN THỬ, không phải hồ sơ",
        received_at=local(site.clock.now()),
        office=site.settings.office.name,
        component_count=0,
        training=True,
    )
    printer = _printer(site)
    return produce(spec, printer.language, dpi=printer.dpi)


def _printer(site: Site) -> Device:
    """The terminal's label printer as it is set up; without one, labels wait in the commonest language."""
    chosen = next((device for device in site.settings.devices if device.role == "label"), None)
    return chosen or Device(name="", role="label", kind="", address="")


def _key(dossier: Dossier) -> str:
    return f"{dossier.provisional}/L{dossier.label_attempt}"
