"""The delivery office's rules: which attempts stand, invitations, who pays a repeat, which route an address is on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

from agent.clock import local
from agent.domain.calendar_vn import Calendar
from agent.domain.custody_attempts import (
    MIN_ATTEMPTS,
    MIN_GAP_WORKING_DAYS,
    RULES,
    Attempt,
    Evidence,
    judge_attempt,
    require_return_due,
)
from agent.domain.text import fold
from agent.errors import ConfigError, RuleViolation


class NoAttemptEvidence(StrEnum):
    """What shows that no attempt was made (bằng chứng không đi phát)."""

    POSITION_ELSEWHERE = "position_elsewhere"
    NO_SCAN = "no_scan"
    NO_CALL = "no_call"
    RECEIVER_SAYS = "receiver_says"
    NOT_OUT = "not_out"
    CONFESSED = "confessed"


NO_ATTEMPT_NAME: Final = {
    NoAttemptEvidence.POSITION_ELSEWHERE: "vị trí máy ở nơi khác",
    NoAttemptEvidence.NO_SCAN: "máy không quét bưu gửi trong ngày",
    NoAttemptEvidence.NO_CALL: "không có cuộc gọi đã báo",
    NoAttemptEvidence.RECEIVER_SAYS: "người nhận nói không ai đến",
    NoAttemptEvidence.NOT_OUT: "bưu gửi không rời bưu cục",
    NoAttemptEvidence.CONFESSED: "bưu tá nhận là chưa đi",
}
PAYER_NAME: Final = {
    "addressee": "người nhận",
    "sender": "cơ quan gửi",
    "courier": "bưu tá (bưu cục chịu)",
    "nobody": "bưu cục",
}
"""Who pays one more delivery, by the party at fault."""
COLLECTED_FROM: Final = frozenset({"addressee"})
"""Whose share is collected on delivery; the others' is settled between them and the office."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One edition of the rules of delivery and claims; amounts of days are working days."""

    name: str
    since: date
    source: str
    hold_days: int
    collect_days: int
    repeat_percent: int
    complain_months: int
    answer_days_in_province: int
    answer_days_elsewhere: int
    pay_calendar_days: int
    liability_times_freight: int


def parse_rules(text: str) -> tuple[Rules, ...]:
    """The editions of a TOML file, oldest first; ConfigError names what cannot be read."""
    try:
        rows = [{"since" if k == "from" else k: v for k, v in row.items()} for row in tomllib.loads(text)["editions"]]
        editions = sorted((Rules(**row) for row in rows), key=lambda one: one.since)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(f"Không đọc được quy định phát trả ({error}). Sửa tệp rồi chạy lại.") from None
    if not editions:
        raise ConfigError("Tệp quy định phát trả không có kỳ hiệu lực nào. Sửa tệp rồi chạy lại.")
    return tuple(editions)


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[Rules, ...]:
    """The editions that come with the product."""
    return parse_rules(resources.files("agent.domain").joinpath("data", "delivery_rules.toml").read_text("utf-8"))


def rules_on(day: date, editions: Sequence[Rules] | None = None) -> Rules:
    """The edition in force on a day; before the first one, the first."""
    known = editions or shipped_rules()
    return next((one for one in reversed(known) if one.since <= day), known[0])


def standing(calendar: Calendar, attempts: Iterable[Attempt], struck: Collection[int]) -> tuple[Attempt, ...]:
    """The failed attempts that stand, judged again without those (by number) that were never made."""
    kept: list[Attempt] = []
    for one in attempts:
        if one.number in struck:
            continue
        if one.void:
            kept.append(one)
            continue
        kept.append(
            judge_attempt(
                calendar, kept, at=one.at, reason=one.reason, action=one.action, evidence=one.evidence,
            )
        )  # fmt: skip
    return tuple(kept)


def invited_days(attempts: Iterable[Attempt], written: Iterable[date]) -> list[date]:
    """The days on which the addressee was invited: by a paper that the courier left, or that the office wrote.

    An attempt that was taken back left none.
    """
    left = {local(one.at).date() for one in attempts if not one.void and Evidence.INVITATION in one.evidence}
    return sorted(left | set(written))


def redelivery_days(calendar: Calendar, today: date, rules: Rules) -> list[date]:
    """The days on which an item may be delivered again: working days from today to the end of its holding."""
    days = [today] if calendar.is_working(today) else []
    last = today
    for _day in range(rules.hold_days):
        last = calendar.next_working(last)
        days.append(last)
    return days


def require_redelivery_day(calendar: Calendar, on: date, today: date, rules: Rules) -> None:
    """RuleViolation unless an item may be delivered again on that day, as agreed today."""
    days = redelivery_days(calendar, today, rules)
    if on in days:
        return
    if on < today:
        why = "ngày này đã qua"
    elif on > days[-1]:
        why = f"quá thời hạn lưu giữ {rules.hold_days} ngày làm việc"
    else:
        why = calendar.day(on).why
    raise RuleViolation(
        f"Không hẹn phát ngày {on:%d/%m/%Y} được: {why}. "
        f"Chọn ngày làm việc từ {days[0]:%d/%m/%Y} đến {days[-1]:%d/%m/%Y}.",
        code="redelivery-day",
    )


def require_may_invite(calendar: Calendar, invited: Sequence[date], today: date) -> None:
    """RuleViolation when the last invitation is too young for another one."""
    if not invited or calendar.working_days_between(invited[-1], today) >= MIN_GAP_WORKING_DAYS:
        return
    on = invited[-1]
    for _day in range(MIN_GAP_WORKING_DAYS):
        on = calendar.next_working(on)
    raise RuleViolation(
        f"Đã mời ngày {invited[-1]:%d/%m/%Y}. Lần mời sau cách ít nhất {MIN_GAP_WORKING_DAYS} ngày làm việc: "
        f"từ {on:%d/%m/%Y}."
    )


def require_may_go_back(calendar: Calendar, attempts: Sequence[Attempt], invited: Sequence[date]) -> None:
    """RuleViolation unless the item may return: a counted refusal, or two attempts and two invitations far enough."""
    require_return_due(attempts)
    if any(one.counted and RULES[one.reason].final for one in attempts):
        return
    apart: list[date] = []
    for on in invited:
        if not apart or calendar.working_days_between(apart[-1], on) >= MIN_GAP_WORKING_DAYS:
            apart.append(on)
    if len(apart) < MIN_ATTEMPTS:
        raise RuleViolation(
            f"Chưa được chuyển hoàn: mới mời người nhận {len(apart)} lần, cần {MIN_ATTEMPTS} lần cách nhau "
            f"{MIN_GAP_WORKING_DAYS} ngày làm việc. In giấy mời rồi chờ đủ ngày."
        )


def repeat_freight(freight: int, rules: Rules) -> int:
    """What one more delivery costs, in whole đồng, rounded up.

    >>> repeat_freight(26_000, shipped_rules()[0])
    26000
    """
    return -(-freight * rules.repeat_percent // 100)


@dataclass(frozen=True, slots=True)
class Area:
    """One line of a route: a commune, and a street, hamlet or building in it when the route has only that part."""

    commune: str
    place: str = ""


def fit(address: str, area: Area) -> int:
    """How well an address fits an area: 0 not at all, more for a longer match; marks and case do not matter.

    >>> fit("12 Lạc Long Quân, Tây Hồ, Hà Nội", Area("tay ho")), fit("2 Tây Hồng", Area("Tây Hồ"))
    (6, 0)
    """
    folded = f" {_words(address)} "
    commune, place = _words(area.commune), _words(area.place)
    if not commune or f" {commune} " not in folded or (place and f" {place} " not in folded):
        return 0
    return len(commune) + (1000 + len(place) if place else 0)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))
