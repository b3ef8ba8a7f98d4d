"""The monthly statement signed: by the office's supervisor, then by the province; what comes later is an adjustment.

A month that both signed is closed: its figures never change. What is found about it later stands in the next month's
statement, dossier by dossier. The province may send one back with a reason; the office then signs a new revision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.domain.statement import (
    Figures,
    Line,
    adjustments,
    body_digest,
    by_procedure,
    month_words,
    span,
)
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import journal
from agent.store import statement_facts as stored
from agent.store.base import locked
from agent.store.fields import utc_text
from agent.store.progress import announce
from agent.store.statements import Statement, StatementLine


@dataclass(frozen=True)
class Draft:
    """A month as it stands now: its figures, and the lines of dossiers that they are made of."""

    figures: Figures
    lines: tuple[Line, ...]


def draft(site: Site, *, office: str, month: str) -> Draft:
    """The month's figures as they stand now, adjustments of closed months included; RuleViolation for no month."""
    span(month)
    with site.store.reading():
        return _draft(site, office, month)


def sign_for_office(site: Site, *, office: str, month: str, by: Actor) -> Statement:
    """The supervisor signs the figures as they are now; they stand from here on.

    RuleViolation before the month is over, while it was not compared since, when it is signed already, or when an
    earlier month still waits for the province.
    """
    _, until = span(month)
    now = site.clock.now()
    if by.role is not Role.SUPERVISOR or by.office_id != office:
        raise RuleViolation("Kiểm soát viên của chính bưu cục ký cho bưu cục. Nhờ người đó ký.")
    if now < until:
        raise RuleViolation(f"{month_words(month).capitalize()} chưa hết, chưa chốt được. Ký sau ngày cuối tháng.")
    with site.store.writing():
        held = stored.newest(office, month)
        if held is not None and held.returned_at is None:
            words = "hai bên đã ký" if held.province_signed_at else "bưu cục đã ký, đang chờ tỉnh"
            raise RuleViolation(f"Biên bản {held.number}: {words}. Không ký lại được.")
        _require_earlier_closed(office, month)
        made = _draft(site, office, month)
        if not made.figures.compared_at:
            raise RuleViolation("Chưa đối soát lần nào từ khi hết tháng. Đối soát rồi ký.")
        body = made.figures.plain()
        revision = held.revision + 1 if held else 1
        statement = Statement.create(
            uid=site.ids.uid(), office_id=office, month=month, revision=revision, body=body, digest=body_digest(body),
            number=f"BBDS-{office}-{month.replace('-', '')}" + (f"-{revision}" if revision > 1 else ""),
            office_signed_at=now, office_signed_by=by.name, office_signed_name=by.full_name,
        )  # fmt: skip
        _keep_lines(statement, made.lines)
        _noted(site, statement, "statement_signed", by)
    return statement


def countersign(site: Site, uid: UUID, *, by: Actor, digest: str) -> Statement:
    """The province signs the very figures whose digest its page showed: the month is closed."""
    with site.store.writing():
        statement = _waiting(uid, by)
        if by.name == statement.office_signed_by:
            raise RuleViolation("Người ký cho bưu cục không ký cho tỉnh được. Nhờ cán bộ của tỉnh ký.")
        if not statement.digest == digest == body_digest(statement.body):
            raise RuleViolation("Số liệu của biên bản không còn là số liệu đã hiện. Tải lại trang, xem lại rồi ký.")
        statement.province_signed_at = site.clock.now()
        statement.province_signed_by, statement.province_signed_name = by.name, by.full_name
        statement.save()
        _noted(site, statement, "statement_closed", by)
    return statement


def send_back(site: Site, uid: UUID, *, by: Actor, reason: str) -> Statement:
    """The province does not agree: the statement stands as it was, and the office signs a new revision."""
    if not reason.strip():
        raise RuleViolation("Ghi lý do để bưu cục biết phải sửa gì, rồi làm lại.")
    with site.store.writing():
        statement = _waiting(uid, by)
        statement.returned_at, statement.returned_by = site.clock.now(), by.name
        statement.reason = reason.strip()[:2000]
        statement.save()
        _noted(site, statement, "statement_returned", by)
    return statement


def statement_by_uid(site: Site, uid: UUID) -> Statement:
    """One statement; NotFound."""
    with site.store.reading():
        found: Statement | None = Statement.get_or_none(Statement.uid == uid)
    if found is None:
        raise NotFound("Không có biên bản này. Tải lại trang biên bản.")
    return found


def _draft(site: Site, office: str, month: str) -> Draft:
    _, until = span(month)
    own = stored.facts_of(office, month)
    closed = stored.closed_months(office, month)
    now = [line for earlier in closed for line in stored.facts_of(office, earlier)]
    later = adjustments(now, stored.signed_for(office, closed))
    run = stored.last_run(office)
    since = run is not None and run.at >= until
    name = site.settings.office.name if office == site.settings.office.id else office
    figures = Figures(
        office, name, month, by_procedure(own), later, run.compared if run else 0,
        utc_text(run.at) if run and since else "", stored.open_by_kind(office, month),
    )  # fmt: skip
    return Draft(figures, (*own, *later))


def _require_earlier_closed(office: str, month: str) -> None:
    begun = (Statement.office_id == office) & (Statement.month < month)
    months = {row.month for row in Statement.select(Statement.month).where(begun)}
    still = sorted(months - set(stored.closed_months(office, month)))
    if still:
        words = month_words(still[0])
        raise RuleViolation(f"Biên bản {words} chưa được hai bên ký. Xong {words} rồi ký tháng sau.")


def _keep_lines(statement: Statement, lines: tuple[Line, ...]) -> None:
    for line in lines:
        at = line.measures
        StatementLine.insert(
            statement=statement, key=line.key, period=line.period, procedure_code=line.code, procedure_name=line.name,
            received=at.received, delivered=at.delivered, state=at.state, freight=at.freight, collected=at.collected,
            corrected=at.corrected,
        ).execute()  # fmt: skip


def _waiting(uid: UUID, by: Actor) -> Statement:
    if by.role is not Role.PROVINCE:
        raise RuleViolation("Bên thứ hai là cán bộ của tỉnh. Đăng nhập bằng tài khoản của tỉnh rồi ký.")
    found: Statement | None = locked(Statement.select().where(Statement.uid == uid)).first()
    if found is None:
        raise NotFound("Không có biên bản này. Tải lại trang biên bản.")
    if found.province_signed_at is not None or found.returned_at is not None:
        raise RuleViolation(f"Biên bản {found.number} không còn chờ tỉnh ký. Tải lại trang biên bản.")
    return found


def _noted(site: Site, statement: Statement, kind: str, by: Actor) -> None:
    body: dict[str, Any] = {"statement": str(statement.uid), "number": statement.number, "digest": statement.digest}
    now = site.clock.now()
    journal.append(
        "statement", kind, uid=site.ids.uid(), at=now, actor=by.name, office_id=statement.office_id,
        terminal_id=by.terminal_id, dossier_id=None, body=body,
    )  # fmt: skip
    announce(kind, at=now, office_id=statement.office_id, terminal_id=by.terminal_id)
