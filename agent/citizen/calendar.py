"""The office's own days: proposed, looked at with the dossiers that they move, put in force by a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.calendar_vn import DayEntry, DayKind, DayState
from agent.domain.notices import NoticeKind
from agent.domain.promise import Calendars
from agent.domain.roles import EVERYWHERE as EVERY_OFFICE_ROLES
from agent.errors import Duplicate, Forbidden, IllegalStep, RuleViolation
from agent.site import Site
from agent.store import journal
from agent.store.base import current
from agent.store.calendar import (
    EVERYWHERE,
    STANDS,
    Body,
    CalendarEntry,
    Step,
    add_step,
    as_day,
    frozen_calendar,
    history_of,
    newest_steps,
    standing,
)
from agent.store.dossiers import Dossier
from agent.store.due_dates import Moved, calculation, moved_by_day
from agent.store.notices import queue_notice
from agent.store.progress import announce, note

PAST, AHEAD = timedelta(days=60), timedelta(days=550)
"""A day that lies further back moves nothing that is still open; one further ahead is a slip of the keyboard."""
LONGEST = 160


@dataclass(frozen=True)
class DayAsked:
    """A day as somebody proposes it; `everywhere`: for every office of this database."""

    on: date
    kind: DayKind
    state: DayState
    body: Body
    why: str
    everywhere: bool = False


def preview(site: Site, asked: DayAsked, *, by: Actor) -> list[Moved]:
    """The open dossiers whose days would move, before anything is written."""
    office = _office(asked, by)
    _check(site, asked)
    with site.store.reading():
        return _moves(site, office, asked.on, as_of(asked), withdrawn=None)


def propose(site: Site, asked: DayAsked, *, by: Actor) -> UUID:
    """Write the proposal down; it changes nothing before a second person confirms it.

    A pending day moves nothing and needs nobody: it is in force at once.
    """
    office = _office(asked, by)
    _check(site, asked)
    with site.store.writing():
        same = [row for row in newest_steps() if row.office_id == office and row.on == asked.on]
        if any(row.step in (*STANDS, Step.PROPOSED) for row in same):
            raise Duplicate(
                f"Ngày {asked.on:%d/%m/%Y} đã có mục lịch đang dùng hoặc chờ duyệt. Bỏ mục đó trước, rồi thêm mục mới."
            )
        entry, now = site.ids.uid(), site.clock.now()
        step = Step.IN_FORCE if asked.state is DayState.PENDING else Step.PROPOSED
        add_step(entry, step, office_id=office, on=asked.on, kind=asked.kind, state=asked.state, body=asked.body,
                 why=asked.why.strip(), by=by.username, at=now)  # fmt: skip
        _written(site, entry, step, office, asked.on, by, moved=0)
    return entry


def ask_withdrawal(site: Site, entry: UUID, *, by: Actor) -> None:
    """Ask that a day which is in force be taken back; a proposal, or a pending day, falls at once."""
    with site.store.writing():
        last = _last(entry, by)
        if last.step is Step.PROPOSED or (last.step is Step.IN_FORCE and last.state is DayState.PENDING):
            _step(site, last, Step.WITHDRAWN, by)
        elif last.step is Step.IN_FORCE:
            _step(site, last, Step.WITHDRAWAL_PROPOSED, by)
        else:
            raise IllegalStep(last.step, "bỏ mục lịch")


def moves_of(site: Site, entry: UUID, *, by: Actor) -> list[Moved]:
    """The dossiers that would move when the waiting step of an entry is confirmed."""
    with site.store.reading():
        last = _last(entry, by)
        return _waiting_moves(site, last)


def confirm(site: Site, entry: UUID, *, by: Actor, seen: int | None = None) -> list[Moved]:
    """A second person confirms: the calendar changes, and with it every day that depends on it, each with its entry.

    `seen`: how many dossiers the person was shown; RuleViolation when it is another number by now. Who must hear of a
    new day is told by message where there is a channel. The moved dossiers.
    """
    with site.store.writing():
        last = _last(entry, by)
        if last.step not in (Step.PROPOSED, Step.WITHDRAWAL_PROPOSED):
            raise IllegalStep(last.step, "duyệt mục lịch")
        if last.by == by.username:
            raise RuleViolation("Người đề nghị không tự duyệt. Nhờ kiểm soát viên hoặc quản trị viên khác duyệt.")
        moved = _waiting_moves(site, last)
        if seen is not None and seen != len(moved):
            raise RuleViolation(
                f"Số hồ sơ đổi ngày hẹn vừa thay đổi: {seen} thành {len(moved)}. Chưa đổi gì; xem lại rồi duyệt."
            )
        target = Step.IN_FORCE if last.step is Step.PROPOSED else Step.WITHDRAWN
        _step(site, last, target, by, moved=len(moved))
        for one in moved:
            _move(site, one, last, by)
    return moved


def refuse(site: Site, entry: UUID, *, by: Actor) -> None:
    """A second person (or who asked) leaves the calendar as it is."""
    with site.store.writing():
        last = _last(entry, by)
        if last.step not in (Step.PROPOSED, Step.WITHDRAWAL_PROPOSED):
            raise IllegalStep(last.step, "từ chối mục lịch")
        _step(site, last, Step.REFUSED if last.step is Step.PROPOSED else Step.IN_FORCE, by)


def as_of(asked: DayAsked) -> CalendarEntry:
    """The row that a proposal would become."""
    return CalendarEntry(on=asked.on, kind=asked.kind, state=asked.state, body=asked.body, why=asked.why.strip())


def _waiting_moves(site: Site, last: CalendarEntry) -> list[Moved]:
    if last.step is Step.WITHDRAWAL_PROPOSED:
        return _moves(site, last.office_id, last.on, None, withdrawn=last.entry)
    return _moves(site, last.office_id, last.on, last, withdrawn=None) if last.step is Step.PROPOSED else []


def _moves(site: Site, office: str, on: date, added: CalendarEntry | None, *, withdrawn: UUID | None) -> list[Moved]:
    """What moves at each office that the entry is meant for."""
    offices = [office] if office != EVERYWHERE else _all_offices()
    found: list[Moved] = []
    for one in offices:
        now = standing(one)
        then = [row for row in now if row.entry != withdrawn] + ([added] if added else [])
        if office == EVERYWHERE and added and any(row.office_id == one and row.on == on for row in now):
            then = [*now]  # the office has a day of its own there, which goes over it
        before, after = _calendars(now), _calendars(then)
        if before != after:
            found += moved_by_day([one], on, before=before, after=after, settings=site.settings, now=site.clock.now())
    return found


def _calendars(rows: list[CalendarEntry]) -> Calendars:
    def of(body: Body) -> list[DayEntry]:
        return [as_day(row) for row in rows if row.body in (body, Body.BOTH)]

    table = frozen_calendar()
    return Calendars(table.with_overrides(of(Body.AUTHORITY)), table.with_overrides(of(Body.OFFICE)))


def _move(site: Site, one: Moved, entry: CalendarEntry, by: Actor) -> None:
    """Keep the new day with how it was counted, write it down, and let the citizen know."""
    dossier, now = one.dossier, site.clock.now()
    if one.counted is not None:
        dossier.due_at, dossier.due_calculation = one.counted.due_at, calculation(dossier, one.counted)
        Dossier.update(due_at=dossier.due_at, due_calculation=dossier.due_calculation).where(
            Dossier.id == dossier.id
        ).execute()
    note(
        dossier, "due_recomputed", by=by, at=now, ids=site.ids, entry=str(entry.entry), day=entry.on.isoformat(),
        was=one.was.isoformat() if one.was else "", due=one.now.isoformat() if one.now else "",
        door_was=one.door_was.isoformat() if one.door_was else "",
        door=one.door_now.isoformat() if one.door_now else "",
    )  # fmt: skip
    if one.counted is not None:
        queue_notice(dossier, NoticeKind.EXTENDED, settings=site.settings, at=now, ids=site.ids,
                     once=f"{entry.entry}-{entry.step.value}", day=local(one.counted.due_at).date())  # fmt: skip


def _step(site: Site, last: CalendarEntry, step: Step, by: Actor, *, moved: int = 0) -> None:
    add_step(last.entry, step, office_id=last.office_id, on=last.on, kind=last.kind, state=last.state, body=last.body,
             why=last.why, by=by.username, at=site.clock.now())  # fmt: skip
    _written(site, last.entry, step, last.office_id, last.on, by, moved=moved)


def _written(site: Site, entry: UUID, step: Step, office: str, on: date, by: Actor, *, moved: int) -> None:
    journal.append(
        "dossier", f"calendar_{step.value}", uid=site.ids.uid(), at=site.clock.now(), actor=by.name,
        office_id=office or by.office_id, terminal_id=by.terminal_id, dossier_id=None,
        body={"entry": str(entry), "day": on.isoformat(), "moved": moved},
    )  # fmt: skip
    announce("calendar", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)


def _last(entry: UUID, by: Actor) -> CalendarEntry:
    """The newest step of an entry that this person may decide on."""
    last = history_of(entry, lock=current().in_writing)[-1]
    _require_office(last.office_id, by)
    return last


def _office(asked: DayAsked, by: Actor) -> str:
    office = EVERYWHERE if asked.everywhere else by.office_id
    _require_office(office, by)
    return office


def _require_office(office: str, by: Actor) -> None:
    if office != by.office_id and by.role not in EVERY_OFFICE_ROLES:
        raise Forbidden("Lịch chung và lịch của bưu cục khác do quản trị viên đặt. Báo quản trị viên.")


def _check(site: Site, asked: DayAsked) -> None:
    today = local(site.clock.now()).date()
    if not today - PAST <= asked.on <= today + AHEAD:
        raise RuleViolation(f"Ngày {asked.on:%d/%m/%Y} quá xa hôm nay. Kiểm tra lại năm rồi nhập lại.")
    if not asked.why.strip() or len(asked.why.strip()) > LONGEST:
        raise RuleViolation(f"Ghi lý do, tối đa {LONGEST} chữ: ví dụ “bưu cục đóng cửa vì bão”.")
    plain = frozen_calendar().day(asked.on)
    if asked.state is not DayState.PENDING and plain.working is (asked.kind is DayKind.WORK) and plain.firm:
        already = "ngày làm việc" if plain.working else "ngày nghỉ"
        raise RuleViolation(f"{asked.on:%d/%m/%Y} vốn đã là {already} ({plain.why}). Không cần thêm.")


def _all_offices() -> list[str]:
    query: Any = Dossier.select(Dossier.office_id).distinct()
    return sorted(office for (office,) in query.tuples())
