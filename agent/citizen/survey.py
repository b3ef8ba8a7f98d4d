"""What the citizen thinks of the service: one tap, then words if wanted; once a dossier, changeable for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.domain.actor import system
from agent.domain.text import paragraphs
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.base import locked
from agent.store.citizen import Survey
from agent.store.dossiers import Dossier
from agent.store.items import Result
from agent.store.lookup import dossier_of, dossiers_to_change
from agent.store.progress import note
from agent.store.satisfaction import LEAST, MOST, OPERATION, queue_satisfaction, reported

LONGEST = 1000  # letters of the optional words
AT_ONCE = 100  # reports queued in one step


@dataclass(frozen=True)
class SurveyView:
    """Whether the citizen may answer now, what was answered, and until when it can be changed."""

    open: bool
    score: int | None
    fixed_at: datetime | None


def survey_of(site: Site, dossier: Dossier) -> SurveyView:
    """How the survey of a dossier stands. Inside a transaction."""
    now, held = site.clock.now(), rows.first(Survey, dossier=dossier.id)
    if held is not None:
        return SurveyView(held.state == "open" and now < held.fixed_at, held.score, held.fixed_at)
    last = _last_delivery(dossier)
    days = timedelta(days=site.settings.citizen.survey_days)
    return SurveyView(last is not None and now <= last + days and reported(dossier) is None, None, None)


def answer(site: Site, dossier_id: int, score: int, words: str | None = None) -> None:
    """Keep the citizen's answer, or change it within its time; `words` None leaves those that are there.

    RuleViolation with what to do when it is too early, too late, or the counter has asked already.
    """
    if not LEAST <= score <= MOST:
        raise RuleViolation(f"Mức độ hài lòng từ {LEAST} đến {MOST}. Chọn lại.")
    said = None if words is None else paragraphs(words)[:LONGEST]
    with site.store.writing():
        (dossier,) = dossiers_to_change(Dossier.id == dossier_id)
        now, held = site.clock.now(), locked(Survey.select().where(Survey.dossier == dossier_id)).first()
        if not survey_of(site, dossier).open:
            raise RuleViolation(_why_closed(dossier, held))
        if held is None:
            fixed = now + timedelta(hours=site.settings.citizen.survey_hours)
            rows.create(Survey, dossier=dossier, office_id=dossier.office_id, score=score, words=said or "",
                        answered_at=now, changed_at=now, fixed_at=fixed)  # fmt: skip
        else:
            kept = held.words if said is None else said
            rows.change(Survey, held.id, score=score, words=kept, changed_at=now)
        by = system(dossier.office_id, dossier.terminal_id)
        note(dossier, "survey_answered", by=by, at=now, ids=site.ids, score=score, changed=held is not None)


def report_surveys(site: Site) -> int:
    """Queue the reports of answers that can no longer be changed; how many. Those nobody takes are kept here."""
    with site.store.reading():
        due = (Survey.state == "open") & (Survey.fixed_at <= site.clock.now())
        ids = [held.id for held in Survey.select(Survey.id).where(due).order_by(Survey.id).limit(AT_ONCE)]
    if not ids:
        return 0
    offered = site.province().offers(OPERATION)
    with site.store.writing():
        for held in locked(Survey.select().where(Survey.id.in_(ids) & (Survey.state == "open"))):
            dossier = dossier_of(held.dossier_id)
            goes = offered and bool(dossier.salt) and reported(dossier) is None  # asked at the counter meanwhile
            if goes:
                queue_satisfaction(dossier, held.score, channel="online", answered_at=held.changed_at,
                                   at=site.clock.now(), ids=site.ids, comment=paragraphs(held.words))  # fmt: skip
            rows.change(Survey, held.id, state="reported" if goes else "kept")
    return len(ids)


def _last_delivery(dossier: Dossier) -> datetime | None:
    given = Result.select(Result.delivered_at).where((Result.dossier == dossier) & Result.delivered_at.is_null(False))
    return max((one.delivered_at for one in given), default=None)


def _why_closed(dossier: Dossier, held: Survey | None) -> str:
    if held is not None:
        return "Đánh giá này đã chốt và gửi đi. Muốn nói thêm, dùng mục phản ánh, kiến nghị."
    if reported(dossier) is not None:
        return "Bưu cục đã ghi đánh giá của hồ sơ này ở quầy. Muốn nói thêm, dùng mục phản ánh, kiến nghị."
    if _last_delivery(dossier) is None:
        return "Chưa trả kết quả nào của hồ sơ này. Đánh giá được khi đã nhận kết quả."
    return "Đã quá hạn đánh giá hồ sơ này. Muốn nói thêm, dùng mục phản ánh, kiến nghị."
