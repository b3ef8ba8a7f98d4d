"""Feedback and recommendations (phản ánh, kiến nghị): taken by the citizen's link, answered by the office in time."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor, system
from agent.domain.deadlines import add_working_days
from agent.domain.text import paragraphs
from agent.errors import IllegalStep, NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.base import locked
from agent.store.calendar import Body, working_calendar
from agent.store.citizen import Feedback
from agent.store.dossiers import Dossier
from agent.store.lookup import dossier_of, dossiers_to_change
from agent.store.progress import announce, note, told

KINDS = {"feedback": "phản ánh", "recommendation": "kiến nghị"}
LONGEST = 2000  # letters
MOST_OPEN = 5  # of one dossier at a time
COLUMNS = ("ma", "bưu cục", "hồ sơ", "loại", "nội dung", "nhận lúc", "hạn trả lời", "trạng thái", "trả lời lúc",
           "trả lời", "đúng hạn")  # fmt: skip


@dataclass(frozen=True)
class FeedbackView:
    """What the public page may show of one: never its words nor the answer's."""

    kind: str
    received_at: datetime
    due_at: datetime
    answered_at: datetime | None


def give(site: Site, dossier_id: int, kind: str, words: str) -> Feedback:
    """Take what the citizen says, with the day by which the office answers.

    RuleViolation for no words, too many, or too many that wait.
    """
    if kind not in KINDS:
        raise RuleViolation("Chọn phản ánh hay kiến nghị rồi gửi lại.")
    said = paragraphs(words)
    if not said or len(said) > LONGEST:
        raise RuleViolation(f"Viết nội dung, tối đa {LONGEST} chữ. Nội dung của bạn chưa được gửi.")
    with site.store.writing():
        (dossier,) = dossiers_to_change(Dossier.id == dossier_id)
        mine = (Feedback.dossier == dossier_id) & (Feedback.state == "open")
        if Feedback.select().where(mine).count() >= MOST_OPEN:
            raise RuleViolation(f"Bưu cục đang xử lý {MOST_OPEN} ý kiến của hồ sơ này. Chờ trả lời, hoặc gọi bưu cục.")
        now = site.clock.now()
        calendar = working_calendar(dossier.office_id, body=Body.OFFICE)
        due = add_working_days(calendar, now, site.settings.citizen.feedback_days).due_at
        made = rows.create(Feedback, uid=site.ids.uid(), dossier=dossier, office_id=dossier.office_id, kind=kind,
                           words=said, received_at=now, due_at=due)  # fmt: skip
        by = system(dossier.office_id, dossier.terminal_id)
        note(dossier, "feedback_given", by=by, at=now, ids=site.ids, feedback=str(made.uid), of=kind,
             words=told(dossier, said))  # fmt: skip
    return made


def of_dossier(dossier: Dossier) -> list[FeedbackView]:
    """What was said about a dossier, newest first, without its words. Inside a transaction."""
    query = Feedback.select().where(Feedback.dossier == dossier).order_by(Feedback.id.desc())
    return [FeedbackView(one.kind, one.received_at, one.due_at, one.answered_at) for one in query]


def waiting(office_id: str) -> list[Feedback]:
    """What an office has to answer, the most urgent first. Inside a transaction."""
    mine = (Feedback.office_id == office_id) & (Feedback.state == "open")
    return list(Feedback.select(Feedback, Dossier).join(Dossier).where(mine).order_by(Feedback.due_at, Feedback.id))


def answered(office_id: str, *, limit: int = 50) -> list[Feedback]:
    """What an office has answered, newest first. Inside a transaction."""
    mine = (Feedback.office_id == office_id) & (Feedback.state == "answered")
    query = Feedback.select(Feedback, Dossier).join(Dossier).where(mine)
    return list(query.order_by(Feedback.answered_at.desc()).limit(limit))


def settle(site: Site, uid: UUID, words: str, *, by: Actor) -> None:
    """Keep what the citizen was answered, and that it was done; nobody else's answer is written over."""
    said = paragraphs(words)
    with site.store.writing():
        held = locked(Feedback.select().where((Feedback.uid == uid) & (Feedback.office_id == by.office_id))).first()
        if held is None:
            raise NotFound("Không có ý kiến này ở bưu cục của bạn. Tải lại danh sách.")
        if not said or len(said) > LONGEST:
            raise RuleViolation(f"Ghi bưu cục đã trả lời công dân thế nào, tối đa {LONGEST} chữ.")
        if held.state != "open":
            raise IllegalStep(held.state, "trả lời ý kiến")
        now, dossier = site.clock.now(), dossier_of(held.dossier_id)
        rows.change(Feedback, held.id, state="answered", answer=said, answered_at=now, answered_by=by.username)
        note(dossier, "feedback_answered", by=by, at=now, ids=site.ids, feedback=str(uid), words=told(dossier, said),
             late=now > held.due_at)  # fmt: skip
        announce("feedback", at=now, office_id=by.office_id, terminal_id=by.terminal_id)


def export(site: Site, office_id: str, *, by: Actor) -> bytes:
    """All of an office as CSV (UTF-8 with mark) for the province, whose contract has no operation for it.

    What is exported is noted with its time; a later export holds it again.
    """
    with site.store.writing():
        query = Feedback.select(Feedback, Dossier).join(Dossier).where(Feedback.office_id == office_id)
        held, now = list(query.order_by(Feedback.id)), site.clock.now()
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\r\n")
        out.writerow(COLUMNS)
        for one in held:
            out.writerow([plain_cell(cell) for cell in _cells(one)])
        unsaid = (Feedback.office_id == office_id) & Feedback.exported_at.is_null()
        Feedback.update(exported_at=now).where(unsaid & Feedback.id.in_([one.id for one in held] or [-1])).execute()
    return "\ufeff".encode() + text.getvalue().encode()


def _cells(one: Feedback) -> list[str]:
    on_time = "" if one.answered_at is None else "có" if one.answered_at <= one.due_at else "không"
    return [
        str(one.uid), one.office_id, one.dossier.official or one.dossier.provisional, KINDS[one.kind], one.words,
        f"{local(one.received_at):%Y-%m-%d %H:%M}", f"{local(one.due_at):%Y-%m-%d %H:%M}",
        "chờ trả lời" if one.state == "open" else "đã trả lời",
        f"{local(one.answered_at):%Y-%m-%d %H:%M}" if one.answered_at else "", one.answer, on_time,
    ]  # fmt: skip


def plain_cell(cell: str) -> str:
    """What a stranger wrote must not run as a formula where the file is opened."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
