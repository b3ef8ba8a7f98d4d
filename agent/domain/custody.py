"""The custody of a postal item: a fold of its entries in which exactly one holder answers at any moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from agent.clock import local
from agent.domain.calendar_vn import Calendar
from agent.domain.custody_attempts import (
    Action,
    Attempt,
    Evidence,
    Reason,
    judge_attempt,
    require_delivery_evidence,
    require_return_due,
    without,
)
from agent.domain.custody_steps import ENDED, STATE_NAME, STEP_NAME, CustodyStep, ItemState, advance, allowed, said
from agent.errors import Duplicate, IllegalStep, RuleViolation

CLOCK_SKEW: Final = timedelta(minutes=10)
_MOVING: Final = frozenset(
    {CustodyStep.REGISTER, CustodyStep.ACCEPT, CustodyStep.FIND, CustodyStep.DELIVER, CustodyStep.RETURN}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of custody (bút toán giữ bưu gửi), added and never edited.

    `from_holder` is who has the item when the step is done, `to_holder` who gets it (OFFER, ACCEPT, REGISTER,
    DELIVER, RETURN, FIND). A bag's entry is written for each item in it, with `bag`. REVERSE names the entry it
    `corrects`: the first one stands pending, a second one by the same author takes effect by `countersigned_by`, a
    second person, or is `declined` by that person.
    """

    uid: UUID
    step: CustodyStep
    occurred_at: datetime
    actor: str
    from_holder: str = ""
    to_holder: str = ""
    bag: str = ""
    reason: Reason | None = None
    action: Action | None = None
    evidence: frozenset[Evidence] = frozenset()
    corrects: UUID | None = None
    countersigned_by: str = ""
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Custody:
    """What the entries so far come to: state, the one holder, an open offer, the bag, the attempts."""

    state: ItemState
    holder: str
    offered_to: str = ""
    offered_at: datetime | None = None
    bag: str = ""
    attempts: tuple[Attempt, ...] = ()
    damaged: bool = False
    opened: bool = False
    pending: tuple[UUID, ...] = ()
    entries: tuple[Entry, ...] = ()
    before_end: Custody | None = field(default=None, repr=False)

    @property
    def counted_attempts(self) -> int:
        """Failed attempts that count."""
        return sum(attempt.counted for attempt in self.attempts)

    @property
    def holding(self) -> Entry:
        """The entry by which the holder became the holder."""
        return next(entry for entry in reversed(self.entries) if self._moved(entry))

    def _moved(self, entry: Entry) -> bool:
        if entry.step is not CustodyStep.REVERSE:
            return entry.step in _MOVING
        ended = (CustodyStep.DELIVER, CustodyStep.RETURN)
        effective = bool(entry.countersigned_by) and not entry.declined
        return effective and any(one.uid == entry.corrects and one.step in ended for one in self.entries)


def fold(entries: Iterable[Entry], calendar: Calendar) -> Custody | None:
    """The custody after all entries, in order; None when there are none."""
    custody: Custody | None = None
    known: dict[UUID, Entry] = {}
    for entry in entries:
        if entry.uid not in known:
            known[entry.uid] = entry
            custody = follow(custody, entry, calendar)
        elif known[entry.uid] != entry:
            raise _other_content()
    return custody


def apply(custody: Custody | None, entry: Entry, calendar: Calendar) -> Custody:
    """The custody after one more entry.

    The same entry again changes nothing; another entry under a known uid is Duplicate. IllegalStep when the state
    does not allow the step, RuleViolation when the holder, offer, bag, evidence or countersignature does not fit.
    """
    if custody is None:
        return _register(entry)
    for known in custody.entries:
        if known.uid == entry.uid:
            if known != entry:
                raise _other_content()
            return custody
    return follow(custody, entry, calendar)


def follow(custody: Custody | None, entry: Entry, calendar: Calendar) -> Custody:
    """As `apply`, for an entry that is known to be new: what came before is not looked through."""
    if custody is None:
        return _register(entry)
    after = _after(custody, entry, calendar)
    return replace(after, entries=(*custody.entries, entry))


def _other_content() -> Duplicate:
    return Duplicate("Sự kiện này đã ghi với nội dung khác. Tải lại danh sách rồi ghi sự kiện mới.")


def _register(entry: Entry) -> Custody:
    if entry.step is not CustodyStep.REGISTER or not entry.to_holder:
        raise IllegalStep("chưa có số hiệu", STEP_NAME[entry.step], allowed=[STEP_NAME[CustodyStep.REGISTER]])
    return Custody(ItemState.REGISTERED, entry.to_holder, entries=(entry,))


def _after(custody: Custody, entry: Entry, calendar: Calendar) -> Custody:
    step = entry.step
    if step in (CustodyStep.REVERSE, CustodyStep.STRIKE):
        return _amended(custody, entry, calendar)
    state = advance(custody.state, step)
    if step is not CustodyStep.FIND:
        _require_holder(custody, entry)
    moved = custody if state is custody.state else replace(custody, state=state)
    match step:
        case CustodyStep.OFFER | CustodyStep.WITHDRAW | CustodyStep.ACCEPT:
            return _hand_over(moved, entry)
        case CustodyStep.INTO_BAG | CustodyStep.OUT_OF_BAG:
            return _bag(moved, entry)
        case CustodyStep.FIND:
            return replace(moved, holder=_named(entry))
        case CustodyStep.DAMAGE:
            return replace(moved, damaged=True)
        case CustodyStep.OPEN:
            return replace(moved, opened=True)
        case CustodyStep.LOSE:
            return replace(moved, offered_to="", offered_at=None, bag="", before_end=custody)
    _require_free(custody, entry)
    match step:
        case CustodyStep.ATTEMPT_FAILED:
            return replace(moved, attempts=(*custody.attempts, _attempt(custody, entry, calendar)))
        case CustodyStep.APPROVE_RETURN:
            require_return_due(custody.attempts)
        case CustodyStep.DELIVER:
            require_delivery_evidence(entry.evidence)
            return replace(moved, holder=_named(entry), before_end=custody)
        case CustodyStep.RETURN:
            return replace(moved, holder=_named(entry), before_end=custody)
    return moved


def _require_holder(custody: Custody, entry: Entry) -> None:
    if entry.from_holder != custody.holder:
        raise RuleViolation(
            f"Không ghi được bước “{STEP_NAME[entry.step]}”: bưu gửi do “{said(custody.holder)}” giữ, "
            f"không phải “{said(entry.from_holder) or 'không rõ'}”. Người giữ phải giao, người nhận phải nhận."
        )


def _require_free(custody: Custody, entry: Entry) -> None:
    """Nothing but hand-over happens to what is offered or lies in a bag."""
    if custody.offered_to:
        raise RuleViolation(
            f"Bưu gửi đang chờ “{said(custody.offered_to)}” nhận. Chờ nhận hoặc rút lại rồi {STEP_NAME[entry.step]}."
        )
    if custody.bag:
        raise RuleViolation(f"Bưu gửi đang trong túi {custody.bag}. Lấy khỏi túi rồi {STEP_NAME[entry.step]}.")


def _hand_over(custody: Custody, entry: Entry) -> Custody:
    if entry.bag != custody.bag:
        raise RuleViolation(
            f"Bưu gửi đang trong túi {custody.bag}: giao nhận cả túi, hoặc lấy khỏi túi trước."
            if custody.bag
            else f"Bưu gửi không nằm trong túi {entry.bag}. Kiểm tra lại túi."
        )
    if entry.step is CustodyStep.OFFER:
        if custody.offered_to:
            raise RuleViolation(
                f"Bưu gửi đang chờ “{said(custody.offered_to)}” nhận. Rút lại trước khi giao người khác."
            )
        if _named(entry) == custody.holder:
            raise RuleViolation("Không giao bưu gửi cho chính người đang giữ. Chọn người nhận khác.")
        return replace(custody, offered_to=entry.to_holder, offered_at=entry.occurred_at)
    if not custody.offered_to:
        raise RuleViolation(
            f"Chưa ai giao bưu gửi: “{said(custody.holder)}” phải giao trước khi {STEP_NAME[entry.step]}."
        )
    if entry.step is CustodyStep.WITHDRAW:
        return replace(custody, offered_to="", offered_at=None)
    if entry.to_holder != custody.offered_to:
        raise RuleViolation(
            f"Bưu gửi được giao cho “{said(custody.offered_to)}”, không phải “{said(entry.to_holder)}”."
        )
    return replace(custody, holder=entry.to_holder, offered_to="", offered_at=None)


def _bag(custody: Custody, entry: Entry) -> Custody:
    if custody.offered_to:
        raise RuleViolation(f"Bưu gửi đang chờ “{said(custody.offered_to)}” nhận. Rút lại rồi {STEP_NAME[entry.step]}.")
    if entry.step is CustodyStep.INTO_BAG:
        if custody.bag or not entry.bag:
            raise RuleViolation(
                f"Bưu gửi đang trong túi {custody.bag}: lấy khỏi túi đó trước." if custody.bag else "Thiếu số túi."
            )
        return replace(custody, bag=entry.bag)
    if not custody.bag or entry.bag != custody.bag:
        raise RuleViolation(f"Bưu gửi không nằm trong túi {entry.bag or '?'}. Kiểm tra lại túi.")
    return replace(custody, bag="")


def _attempt(custody: Custody, entry: Entry, calendar: Calendar) -> Attempt:
    if entry.reason is None or entry.action is None:
        raise RuleViolation("Phát không thành công phải ghi cả lý do và hướng xử lý. Chọn đủ hai mục.")
    return judge_attempt(
        calendar,
        custody.attempts,
        at=entry.occurred_at,
        reason=entry.reason,
        action=entry.action,
        evidence=entry.evidence,
    )


def _amended(custody: Custody, entry: Entry, calendar: Calendar) -> Custody:
    """An earlier entry is spoken of: corrected by two people, or an attempt that a supervisor found never made."""
    if entry.step is CustodyStep.STRIKE:
        return _without(custody, entry.corrects, "bưu tá không đi phát", calendar)
    return _reverse(custody, entry, calendar)


def _reverse(custody: Custody, entry: Entry, calendar: Calendar) -> Custody:
    """Correct an entry: pending until a second person countersigns or declines."""
    wrong = next((known for known in custody.entries if known.uid == entry.corrects), None)
    require_correctable(custody, wrong)
    assert wrong is not None
    asked = next((known for known in custody.entries if known.uid in custody.pending and _same(known, entry)), None)
    if not entry.countersigned_by:
        if any(known.corrects == entry.corrects for known in custody.entries if known.uid in custody.pending):
            raise RuleViolation("Sự kiện này đang có đính chính chờ người thứ hai. Chờ ký hoặc từ chối rồi đính chính.")
        return replace(custody, pending=(*custody.pending, entry.uid))
    if asked is None:
        raise RuleViolation("Không có đính chính nào đang chờ ký. Tải lại trang bưu gửi.")
    if entry.countersigned_by == asked.actor:
        raise RuleViolation("Đính chính phải do người thứ hai ký xác nhận, không phải chính người ghi.")
    left = tuple(uid for uid in custody.pending if uid != asked.uid)
    return replace(custody if entry.declined else _undone(custody, wrong, calendar), pending=left)


def _same(asked: Entry, entry: Entry) -> bool:
    return asked.corrects == entry.corrects and asked.actor == entry.actor


CORRECTABLE: Final = (
    CustodyStep.DELIVER, CustodyStep.RETURN, CustodyStep.LOSE, CustodyStep.ATTEMPT_FAILED, CustodyStep.DAMAGE,
    CustodyStep.OPEN,
)  # fmt: skip
_ENDING: Final = (CustodyStep.DELIVER, CustodyStep.RETURN, CustodyStep.LOSE)


def require_correctable(custody: Custody, wrong: Entry | None) -> None:
    """RuleViolation unless this entry may be corrected: the end of an item's way, its loss, an attempt, damage."""
    ends = custody.state in (*ENDED, ItemState.LOST) and custody.before_end is not None
    if wrong is not None and wrong.step in _ENDING:
        last = next(known for known in reversed(custody.entries) if known.step is wrong.step)
        if ends and wrong is last:
            return
    elif wrong is not None and wrong.step in CORRECTABLE and not ends:
        return
    if not ends and (wrong is None or wrong.step in _ENDING):
        names = [STEP_NAME[legal] for legal in allowed(custody.state)]
        raise IllegalStep(STATE_NAME[custody.state], STEP_NAME[CustodyStep.REVERSE], allowed=names)
    raise RuleViolation("Đính chính phải chỉ đúng lần phát hoặc trả đã ghi. Mở lại bưu gửi rồi đính chính.")


def _undone(custody: Custody, wrong: Entry, calendar: Calendar) -> Custody:
    if custody.before_end is not None and wrong.step in _ENDING:
        return replace(custody.before_end, damaged=custody.damaged, opened=custody.opened)
    if wrong.step is CustodyStep.DAMAGE:
        return replace(custody, damaged=False)
    if wrong.step is CustodyStep.OPEN:
        return replace(custody, opened=False)
    return _without(custody, wrong.uid, "đã đính chính", calendar)


def _without(custody: Custody, attempt: UUID | None, why: str, calendar: Calendar) -> Custody:
    """An attempt counts no more, also after an end of the way that is taken back; RuleViolation when there is none."""
    failed = [known.uid for known in custody.entries if known.step is CustodyStep.ATTEMPT_FAILED]
    if attempt not in failed:
        raise RuleViolation("Bưu gửi không có lần phát này. Tải lại trang rồi chọn lại.")
    attempts = without(calendar, custody.attempts, failed.index(attempt) + 1, why)
    before = replace(custody.before_end, attempts=attempts) if custody.before_end else None
    return replace(custody, attempts=attempts, before_end=before)


def _named(entry: Entry) -> str:
    if not entry.to_holder:
        raise RuleViolation(f"Bước “{STEP_NAME[entry.step]}” phải ghi người nhận. Chọn hoặc quét thẻ người nhận.")
    return entry.to_holder


def require_possible_time(custody: Custody, occurred_at: datetime, now: datetime) -> None:
    """RuleViolation for a fact that lies in the future or before its item was registered: a device's clock is wrong.

    CLOCK_SKEW either way is forgiven, because phones and terminals never agree to the second.
    """
    if occurred_at > now + CLOCK_SKEW:
        raise RuleViolation(
            f"Giờ của sự kiện ({local(occurred_at):%H:%M %d/%m/%Y}) ở sau giờ hiện tại ({local(now):%H:%M %d/%m/%Y}). "
            "Chỉnh đồng hồ của thiết bị theo giờ mạng rồi ghi lại; sự kiện này chưa được ghi."
        )
    registered = custody.entries[0].occurred_at
    if occurred_at < registered - CLOCK_SKEW:
        raise RuleViolation(
            f"Giờ của sự kiện ({local(occurred_at):%H:%M %d/%m/%Y}) ở trước lúc bưu gửi có số hiệu "
            f"({local(registered):%H:%M %d/%m/%Y}). Chỉnh đồng hồ của thiết bị theo giờ mạng rồi ghi lại; "
            "sự kiện này chưa được ghi."
        )
