"""The office's own days: propose, see which dossiers move, confirm by a second person, take back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.citizen import calendar as cases
from agent.citizen.calendar import DayAsked
from agent.domain.calendar_vn import DayKind, DayState
from agent.domain.roles import EVERYWHERE as EVERY_OFFICE_ROLES
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store.accounts import User
from agent.store.calendar import Body, CalendarEntry, Step, frozen_calendar, history_of, newest_steps
from agent.web.citizen import citizen
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


SHOWN = 100  # moved dossiers that are listed by number
KINDS = ((DayKind.OFF, _("nghỉ")), (DayKind.WORK, _("làm việc, làm bù")))
STATES = (
    (DayState.OFFICIAL, _("chính thức")),
    (DayState.PROVISIONAL, _("tạm, có thể đổi")),
    (DayState.PENDING, _("đang xin ý kiến, chưa áp dụng")),
)
BODIES = (
    (Body.OFFICE, _("bưu cục: chỉ các chặng bưu chính")),
    (Body.AUTHORITY, _("cơ quan: thời hạn giải quyết")),
    (Body.BOTH, _("cả hai")),
)
STEPS = {
    Step.PROPOSED: ("decide", _("chờ người thứ hai duyệt")),
    Step.IN_FORCE: ("complete", _("đang áp dụng")),
    Step.REFUSED: ("refused", _("không duyệt")),
    Step.WITHDRAWAL_PROPOSED: ("decide", _("đề nghị bỏ, chờ duyệt")),
    Step.WITHDRAWN: ("untouched", _("đã bỏ")),
}


@citizen.get("/calendar")
@allow(Action.RUN_OFFICE)
def calendar() -> ResponseReturnValue:
    """All entries by day, and the form for another."""
    return _calendar_page()


@citizen.post("/calendar")
@allow(Action.RUN_OFFICE)
def ask_day() -> ResponseReturnValue:
    """Show what would move; with `sure` the proposal is written down."""
    try:
        asked = _asked()
        if request.form.get("sure"):
            entry = cases.propose(site(), asked, by=acting())
            say(gettext("Đã ghi đề nghị. Ngày này có hiệu lực khi người thứ hai duyệt.")
                if asked.state is not DayState.PENDING else gettext("Đã ghi ngày đang xin ý kiến."))  # fmt: skip
            return see_other("citizen.day", entry=entry)
        moved = cases.preview(site(), asked, by=acting())
    except RuleViolation as error:
        return _calendar_page(problem=error.message), 422
    return render_template("citizen/preview.html", asked=asked, moved=moved, shown=SHOWN, form=request.form, **_words())


@citizen.get("/calendar/<uuid:entry>")
@allow(Action.RUN_OFFICE)
def day(entry: UUID) -> ResponseReturnValue:
    """One entry with its steps, and what would move when the waiting step is confirmed."""
    moved = cases.moves_of(site(), entry, by=acting())
    with site().store.reading():
        steps = history_of(entry)
        names = _names(steps)
    last = steps[-1]
    mine = last.by == current_user().username
    return render_template("citizen/day.html", steps=steps, last=last, moved=moved, shown=SHOWN, mine=mine,
                           names=names, **_words())  # fmt: skip


@citizen.post("/calendar/<uuid:entry>/<any(confirm, refuse, withdraw):verb>")
@allow(Action.RUN_OFFICE)
def decide(entry: UUID, verb: str) -> ResponseReturnValue:
    """Confirm (with the number of dossiers that was shown), refuse, or ask to take back."""
    if verb == "confirm":
        seen = request.form.get("seen", "")
        moved = cases.confirm(site(), entry, by=acting(), seen=int(seen) if seen.isdecimal() else None)
        say(gettext("Đã duyệt. %(n)s hồ sơ đổi ngày hẹn.") % {"n": len(moved)})
    elif verb == "refuse":
        cases.refuse(site(), entry, by=acting())
        say(gettext("Đã từ chối. Lịch giữ nguyên."))
    else:
        cases.ask_withdrawal(site(), entry, by=acting())
        say(gettext("Đã ghi."))
    return see_other("citizen.day", entry=entry)


def _asked() -> DayAsked:
    form = request.form
    try:
        return DayAsked(
            on=date.fromisoformat(form.get("on", "")),
            kind=DayKind(form.get("kind", "")),
            state=DayState(form.get("state", "")),
            body=Body(form.get("body", "")),
            why=form.get("why", ""),
            everywhere=bool(form.get("everywhere")) and current_user().role in EVERY_OFFICE_ROLES,
        )
    except ValueError:
        raise RuleViolation(gettext("Ngày chưa đúng. Chọn ngày trong lịch, rồi chọn đủ các mục.")) from None


def _calendar_page(problem: str = "") -> str:
    here = current_user()
    with site().store.reading():
        rows = newest_steps(None if here.role in EVERY_OFFICE_ROLES else here.office_id)
        names = _names(rows)
    today = site().clock.now().year
    table = [entry for entry in frozen_calendar().entries.values() if entry.on.year >= today]
    return render_template("citizen/calendar.html", rows=rows, names=names, problem=problem, form=request.form,
                           table=sorted(table, key=lambda entry: entry.on), everywhere=here.role in EVERY_OFFICE_ROLES,
                           **_words())  # fmt: skip


def _words() -> dict[str, object]:
    lists = {"kinds": KINDS, "states": STATES, "bodies": BODIES}
    spoken = {
        f"{name}_spoken": [(value.value, gettext(words)) for value, words in listed] for name, listed in lists.items()
    }
    return {name: dict(listed) for name, listed in lists.items()} | spoken | {"step_words": STEPS}


def _names(rows: list[CalendarEntry]) -> dict[str, str]:
    """Full names of who took the steps."""
    users = User.select(User.username, User.full_name).where(User.username.in_([row.by for row in rows] or [""]))
    return {user.username: user.full_name for user in users}
