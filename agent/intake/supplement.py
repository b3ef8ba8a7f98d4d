"""The supplement round: all gaps in one request; the papers arrive, are copied and signed, and it goes on."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from agent.domain.actor import Actor
from agent.domain.citizen_news import News, Way
from agent.domain.dossier import Step, advance
from agent.domain.jobs import JobState
from agent.errors import Incomplete, RuleViolation
from agent.intake.filing import wants_copy
from agent.intake.freeze import files_size, freeze_supplement
from agent.intake.guide import procedure_of, today
from agent.intake.paper_reuse import take as take_reused
from agent.intake.preflight import preflight
from agent.intake.receive import component_values
from agent.intake.request import ComponentInput, handed_in
from agent.site import Site
from agent.store import outbox
from agent.store.citizen_tasks import settle
from agent.store.dossiers import Component, Dossier, Supplement
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.outbox import Job
from agent.store.papers import Paper
from agent.store.progress import note, take_step
from agent.store.sending import queue_message, withdrawal_of


def open_round(dossier: Dossier) -> Supplement:
    """The supplement round that waits for the citizen; IllegalStep when there is none."""
    advance(dossier.state, Step.SUPPLEMENT)
    newest: Supplement | None = (
        Supplement.select().where(Supplement.dossier == dossier).order_by(Supplement.round.desc()).first()
    )
    if newest is None:
        raise RuleViolation("Tỉnh yêu cầu bổ sung nhưng chưa gửi nội dung. Chờ thông báo kế tiếp của tỉnh.")
    return newest


def take_papers(site: Site, uid: uuid.UUID, papers: Sequence[ComponentInput], *, by: Actor) -> list[Component]:
    """Enter the papers that the citizen brought for the open round; asking again replaces nothing that is there."""
    with site.store.reading():
        procedure = procedure_of(site, dossier_by_uid(uid))
    if not papers:
        raise RuleViolation("Chưa có giấy tờ bổ sung nào. Chọn giấy tờ công dân mang đến.")
    brought = {line.code: line for line in map(handed_in, papers)}
    if any(line.quantity < 1 for line in brought.values()):
        raise RuleViolation("Số lượng giấy tờ phải từ 1 trở lên. Sửa số lượng hoặc bỏ dòng đó.")
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        round_ = open_round(dossier)
        case = procedure.case(dossier.case)
        present = {component.code for component in components_of(dossier, round_.round)}
        position = len(present)
        for line in (line for code, line in brought.items() if code not in present):
            values = component_values(line, case.requirement(line.code))
            position += 1
            Component.insert(
                uid=site.ids.uid(), dossier=dossier, round=round_.round, position=position, **values
            ).execute()
        take_reused(site, dossier, by=by, at=site.clock.now(), on=today(site))
        Supplement.update(state="arrived").where(Supplement.id == round_.id).execute()
        settle(dossier, [News.SUPPLEMENT], by=by.username, at=site.clock.now(), way=Way.COUNTER)
        note(
            dossier, "supplement_arrived", by=by, at=site.clock.now(), ids=site.ids,
            round=round_.round, components=list(brought),
        )  # fmt: skip
        return components_of(dossier, round_.round)


def send_supplement(site: Site, uid: uuid.UUID, *, by: Actor) -> Job:
    """Queue the round for the province; Incomplete lists what is asked for and not yet copied and signed."""
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        faults = _faults(site, dossier, open_round(dossier))
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        round_ = open_round(dossier)
        asked = withdrawal_of(dossier.id)
        if asked is not None and asked.state is not JobState.ACKED:
            raise RuleViolation("Công dân đã xin rút hồ sơ; chờ tỉnh trả lời rồi mới gửi bổ sung.")
        gaps = list(dict.fromkeys([*_gaps(dossier, round_), *faults]))
        if gaps:
            raise Incomplete("Chưa gửi bổ sung được: " + "; ".join(gaps) + ".", gaps)
        at = site.clock.now()
        tries = outbox.count_keys(f"{dossier.provisional}/B{round_.round}.")
        key = f"{dossier.provisional}/B{round_.round}.{tries + 1}"
        frozen = freeze_supplement(dossier, round_.round)
        job = queue_message(
            dossier, "supplement", key, frozen, uid=site.ids.uid(), at=at, due=dossier.due_at,
            size=files_size(frozen), terminal_id=site.settings.terminal.id,
        )  # fmt: skip
        Supplement.update(state="sent", key=job.key).where(Supplement.id == round_.id).execute()
        dossier.problem = ""
        take_step(dossier, Step.SUPPLEMENT, by=by, at=at, ids=site.ids, key=job.key, digest=job.digest)
    return job


def _gaps(dossier: Dossier, round_: Supplement) -> list[str]:
    brought = {component.code: component for component in components_of(dossier, round_.round)}
    signed = {
        paper.component_id
        for paper in Paper.select().where((Paper.dossier == dossier) & Paper.signed_sha256.is_null(False))
    }
    gaps = [
        f"{asked.get('name') or asked.get('component')}: chưa có"
        for asked in round_.requests
        if asked.get("component") and asked["component"] not in brought
    ]
    gaps += [f"{c.name}: chưa ký" for c in brought.values() if wants_copy(c) and c.id not in signed]
    return gaps if brought else gaps or ["chưa có giấy tờ nào"]


def _faults(site: Site, dossier: Dossier, round_: Supplement) -> list[str]:
    """What the pre-flight finds of the round; that a paper is not digitised yet is said as not signed."""
    found = preflight(site, dossier, round_=round_.round, whole=True).faults
    return [fault.said for fault in found if fault.code != "missing"]
