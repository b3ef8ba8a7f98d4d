"""Claims: what went wrong with an item, whose turn it is until when, and the least that is paid."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from agent.domain.calendar_vn import Calendar
from agent.domain.delivery import Rules
from agent.errors import IllegalStep, RuleViolation


class Kind(StrEnum):
    """What is claimed (nội dung khiếu nại)."""

    LOST = "lost"
    SUBSTITUTED = "substituted"
    DAMAGED = "damaged"
    DAMAGED_PART = "damaged_part"
    OPENED = "opened"
    LATE = "late"


class State(StrEnum):
    """Where a claim file stands (trạng thái hồ sơ khiếu nại)."""

    OPEN = "open"
    ACCEPTED = "accepted"
    MINUTED = "minuted"
    PAID = "paid"
    REJECTED = "rejected"


class Step(StrEnum):
    """What is done with a claim file."""

    ACCEPT = "accept"
    REJECT = "reject"
    MINUTES = "minutes"
    PAY = "pay"
    REOPEN = "reopen"


KIND_NAME: Final = {
    Kind.LOST: "mất",
    Kind.SUBSTITUTED: "bị tráo đổi",
    Kind.DAMAGED: "hư hỏng toàn bộ",
    Kind.DAMAGED_PART: "hư hỏng một phần",
    Kind.OPENED: "bị mở, thiếu bên trong",
    Kind.LATE: "chậm so với thời gian toàn trình",
}
STATE_NAME: Final = {
    State.OPEN: "đang xác minh",
    State.ACCEPTED: "đã nhận lỗi, chờ biên bản",
    State.MINUTED: "có biên bản, chờ trả tiền",
    State.PAID: "đã trả tiền, đóng",
    State.REJECTED: "không có căn cứ, đóng",
}
STEP_NAME: Final = {
    Step.ACCEPT: "trả lời: có lỗi của bưu cục",
    Step.REJECT: "trả lời: không có căn cứ",
    Step.MINUTES: "ký biên bản bồi thường",
    Step.PAY: "trả tiền bồi thường",
    Step.REOPEN: "mở lại: có chứng cứ mới",
}
STEPS: Final = {
    (State.OPEN, Step.ACCEPT): State.ACCEPTED,
    (State.OPEN, Step.REJECT): State.REJECTED,
    (State.ACCEPTED, Step.MINUTES): State.MINUTED,
    (State.MINUTED, Step.PAY): State.PAID,
    (State.REJECTED, Step.REOPEN): State.OPEN,
}
CLOSED: Final = (State.PAID, State.REJECTED)
WHOLE: Final = (Kind.LOST, Kind.SUBSTITUTED, Kind.DAMAGED)
"""Total loss, damage or substitution: the limit itself is owed."""


def advance(state: State, step: Step) -> State:
    """The state after a step; IllegalStep names those that are possible.

    >>> advance(State.OPEN, Step.ACCEPT)
    <State.ACCEPTED: 'accepted'>
    """
    try:
        return STEPS[state, step]
    except KeyError:
        possible = [STEP_NAME[legal] for at, legal in STEPS if at is state]
        raise IllegalStep(STATE_NAME[state], STEP_NAME[step], allowed=possible) from None


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when what has to be done: a complaint may come, must be answered."""

    complain_by: date
    answer_by: date


def terms(rules: Rules, calendar: Calendar, *, complained_on: date, transit_ended_on: date, in_province: bool) -> Terms:
    """The terms of a complaint; RuleViolation for one that came too late or before the item could be late."""
    complain_by = add_months(transit_ended_on, rules.complain_months)
    if complained_on > complain_by:
        raise RuleViolation(
            f"Khiếu nại ngày {complained_on:%d/%m/%Y} đã quá hạn: chỉ nhận đến {complain_by:%d/%m/%Y}, "
            f"{rules.complain_months} tháng từ ngày hết thời gian toàn trình {transit_ended_on:%d/%m/%Y}."
        )
    days = rules.answer_days_in_province if in_province else rules.answer_days_elsewhere
    answer_by = complained_on
    for _day in range(days):
        answer_by = calendar.next_working(answer_by)
    return Terms(complain_by, answer_by)


def pay_by(rules: Rules, minutes_on: date) -> date:
    """The last day on which the compensation is paid."""
    return minutes_on + timedelta(days=rules.pay_calendar_days)


def liability(
    rules: Rules, kind: Kind, *, freight: int, damage: int = 0, reissue: int = 0, has_receipt: bool = True
) -> int:
    """The least that is owed, in đồng; the freight's refund is inside it.

    Total: four times the freight. Part: the actual damage up to that. Late: the freight. `reissue` is what making lost
    result papers again costs, paid whole. Nothing without a receipt of acceptance.
    """
    if min(freight, damage, reissue) < 0:
        raise RuleViolation("Số tiền không được âm. Nhập lại số tiền.")
    if not has_receipt:
        return 0
    most = rules.liability_times_freight * freight
    if kind in WHOLE:
        return most + reissue
    if kind is Kind.LATE:
        return freight
    return min(damage, most) + reissue


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of its month.

    >>> add_months(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
