"""Delivery attempts: which reason allows which action, demands which evidence, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from agent.clock import local
from agent.domain.calendar_vn import Calendar
from agent.errors import RuleViolation

MIN_ATTEMPTS: Final = 2
MIN_GAP_WORKING_DAYS: Final = 2
"""At least two invitations, two working days apart, before an item goes back (Decision 45/2016)."""


class Reason(StrEnum):
    """Why an item was not delivered (lý do phát không thành công)."""

    ABSENT = "absent"
    WRONG_ADDRESS = "wrong_address"
    MOVED = "moved"
    REFUSED = "refused"
    ASKED_LATER = "asked_later"
    NO_PAYMENT = "no_payment"
    NOT_IDENTIFIED = "not_identified"
    FORCE_MAJEURE = "force_majeure"
    NO_ATTEMPT = "no_attempt"


class Action(StrEnum):
    """What is done with the item next (hướng xử lý)."""

    REDELIVER = "redeliver"
    HOLD = "hold"
    FORWARD = "forward"
    RETURN = "return"


class Evidence(StrEnum):
    """What supports an attempt or a delivery (bằng chứng)."""

    POSITION = "position"
    PHOTO = "photo"
    CALL = "call"
    INVITATION = "invitation"
    STATEMENT = "statement"
    IDENTITY = "identity"
    SIGNATURE = "signature"
    ONE_TIME_CODE = "one_time_code"


REASON_NAME: Final = {
    Reason.ABSENT: "người nhận vắng mặt",
    Reason.WRONG_ADDRESS: "sai địa chỉ",
    Reason.MOVED: "người nhận đã chuyển đi",
    Reason.REFUSED: "người nhận từ chối",
    Reason.ASKED_LATER: "người nhận hẹn lại",
    Reason.NO_PAYMENT: "người nhận chưa trả tiền",
    Reason.NOT_IDENTIFIED: "không xác minh được người nhận",
    Reason.FORCE_MAJEURE: "bất khả kháng",
    Reason.NO_ATTEMPT: "chưa đi phát",
}
ACTION_NAME: Final = {
    Action.REDELIVER: "phát lại",
    Action.HOLD: "lưu giữ",
    Action.FORWARD: "chuyển tiếp",
    Action.RETURN: "chuyển hoàn",
}
EVIDENCE_NAME: Final = {
    Evidence.POSITION: "vị trí",
    Evidence.PHOTO: "ảnh",
    Evidence.CALL: "cuộc gọi",
    Evidence.INVITATION: "giấy mời",
    Evidence.STATEMENT: "lời khai của bưu tá",
    Evidence.IDENTITY: "giấy tờ người nhận",
    Evidence.SIGNATURE: "chữ ký",
    Evidence.ONE_TIME_CODE: "mã một lần",
}


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """The actions that a reason allows, the evidence without which it does not count, and its weight.

    `counts` False: never one of the two attempts. `final`: the item may go back at once. `at_fault`: the
    party that pays for the repeat delivery.
    """

    actions: frozenset[Action]
    evidence: frozenset[Evidence]
    counts: bool = True
    final: bool = False
    at_fault: str = "addressee"


_A, _E = Action, Evidence
RULES: Final = {
    Reason.ABSENT: ReasonRule(frozenset({_A.REDELIVER, _A.HOLD}), frozenset({_E.POSITION, _E.INVITATION})),
    Reason.WRONG_ADDRESS: ReasonRule(
        frozenset({_A.HOLD, _A.FORWARD, _A.REDELIVER}), frozenset({_E.POSITION, _E.PHOTO}), at_fault="sender"
    ),
    Reason.MOVED: ReasonRule(frozenset({_A.FORWARD, _A.HOLD, _A.REDELIVER}), frozenset({_E.POSITION, _E.STATEMENT})),
    Reason.REFUSED: ReasonRule(frozenset({_A.RETURN, _A.HOLD}), frozenset({_E.POSITION, _E.STATEMENT}), final=True),
    Reason.ASKED_LATER: ReasonRule(frozenset({_A.REDELIVER, _A.HOLD}), frozenset({_E.CALL})),
    Reason.NO_PAYMENT: ReasonRule(frozenset({_A.REDELIVER, _A.HOLD}), frozenset({_E.POSITION, _E.INVITATION})),
    Reason.NOT_IDENTIFIED: ReasonRule(frozenset({_A.REDELIVER, _A.HOLD}), frozenset({_E.POSITION})),
    Reason.FORCE_MAJEURE: ReasonRule(
        frozenset({_A.REDELIVER, _A.HOLD}), frozenset({_E.STATEMENT}), counts=False, at_fault="nobody"
    ),
    Reason.NO_ATTEMPT: ReasonRule(frozenset({_A.REDELIVER}), frozenset(), counts=False, at_fault="courier"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One failed attempt (lần phát không thành công); `why_not` says why it does not count."""

    number: int
    at: datetime
    reason: Reason
    action: Action
    evidence: frozenset[Evidence]
    counted: bool
    why_not: str = ""
    void: bool = False  # taken back, or never made: it stands as a fact and bars no other


def judge_attempt(
    calendar: Calendar,
    earlier: Iterable[Attempt],
    *,
    at: datetime,
    reason: Reason,
    action: Action,
    evidence: frozenset[Evidence],
) -> Attempt:
    """Record a failed attempt: it always stands, and counts only with its evidence and the gap.

    RuleViolation when the reason does not allow the action.
    """
    rule, earlier = RULES[reason], tuple(earlier)
    if action not in rule.actions:
        possible = ", ".join(ACTION_NAME[legal] for legal in Action if legal in rule.actions)
        raise RuleViolation(
            f"Lý do “{REASON_NAME[reason]}” không đi với “{ACTION_NAME[action]}”. Chọn một trong: {possible}."
        )
    why_not = ""
    missing = [EVIDENCE_NAME[needed] for needed in Evidence if needed in rule.evidence - evidence]
    last = next((attempt for attempt in reversed(earlier) if attempt.counted), None)
    if not rule.counts:
        why_not = f"lý do “{REASON_NAME[reason]}” không tính là một lần phát"
    elif missing:
        why_not = f"thiếu {', '.join(missing)}"
    elif last is not None and gap(calendar, last.at, at) < MIN_GAP_WORKING_DAYS:
        why_not = f"cách lần phát trước chưa đủ {MIN_GAP_WORKING_DAYS} ngày làm việc"
    return Attempt(len(earlier) + 1, at, reason, action, evidence, not why_not, why_not)


def without(calendar: Calendar, attempts: Iterable[Attempt], number: int, why: str) -> tuple[Attempt, ...]:
    """The attempts when this one counts no more; those after it are judged again, for it bars none of them now."""
    kept: list[Attempt] = []
    for one in attempts:
        if one.number == number:
            kept.append(replace(one, counted=False, why_not=why, void=True))
        elif one.void:
            kept.append(one)
        else:
            kept.append(
                judge_attempt(calendar, kept, at=one.at, reason=one.reason, action=one.action, evidence=one.evidence)
            )
    return tuple(kept)


def gap(calendar: Calendar, first: datetime, second: datetime) -> int:
    """Working days from one attempt to the next, by their local dates."""
    return calendar.working_days_between(local(first).date(), local(second).date())


def require_return_due(attempts: Iterable[Attempt]) -> None:
    """RuleViolation unless the item may go back: two counted attempts, or a counted refusal."""
    counted = [attempt for attempt in attempts if attempt.counted]
    if len(counted) >= MIN_ATTEMPTS or any(RULES[attempt.reason].final for attempt in counted):
        return
    raise RuleViolation(
        f"Chưa được chuyển hoàn: mới có {len(counted)} lần phát được tính, cần {MIN_ATTEMPTS} lần cách nhau "
        f"{MIN_GAP_WORKING_DAYS} ngày làm việc hoặc người nhận từ chối. Phát lại rồi thử lại."
    )


def require_delivery_evidence(evidence: frozenset[Evidence]) -> None:
    """RuleViolation unless the receiver was identified and signed or gave the one-time code."""
    if Evidence.IDENTITY not in evidence:
        raise RuleViolation("Chưa ghi giấy tờ của người nhận. Xem giấy tờ, ghi loại và 4 số cuối rồi phát.")
    if not evidence & {Evidence.SIGNATURE, Evidence.ONE_TIME_CODE}:
        raise RuleViolation("Chưa có chữ ký hoặc mã một lần của người nhận. Lấy một trong hai rồi phát.")
