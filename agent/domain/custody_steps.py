"""The states of a postal item, the steps between them, and the UPU event of each step."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from agent.errors import IllegalStep


class ItemState(StrEnum):
    """Where an item is on its way (trạng thái bưu gửi)."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    AT_OFFICE = "at_office"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    HELD = "held"
    RETURN_APPROVED = "return_approved"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"


class CustodyStep(StrEnum):
    """What can happen to an item (sự kiện)."""

    REGISTER = "register"
    OFFER = "offer"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    INTO_BAG = "into_bag"
    OUT_OF_BAG = "out_of_bag"
    ARRIVE = "arrive"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    HOLD = "hold"
    FORWARD = "forward"
    APPROVE_RETURN = "approve_return"
    DELIVER = "deliver"
    RETURN = "return"
    LOSE = "lose"
    FIND = "find"
    DAMAGE = "damage"
    OPEN = "open"
    REVERSE = "reverse"
    STRIKE = "strike"  # a failed attempt that was reported and never made


_I, _C = ItemState, CustodyStep
OPEN_STATES: Final = (
    _I.REGISTERED, _I.ACCEPTED, _I.AT_OFFICE, _I.OUT_FOR_DELIVERY, _I.ATTEMPT_FAILED, _I.HELD, _I.RETURN_APPROVED,
)  # fmt: skip
"""Somebody answers for the item."""
ENDED: Final = (_I.DELIVERED, _I.RETURNED)

STEPS: Final[dict[tuple[ItemState, CustodyStep], ItemState]] = {
    **{(state, step): state for state in OPEN_STATES
       for step in (_C.OFFER, _C.WITHDRAW, _C.INTO_BAG, _C.OUT_OF_BAG, _C.DAMAGE, _C.OPEN)},
    **{(state, _C.ACCEPT): _I.ACCEPTED for state in OPEN_STATES if state is not _I.RETURN_APPROVED},
    (_I.RETURN_APPROVED, _C.ACCEPT): _I.RETURN_APPROVED,
    **{(state, _C.LOSE): _I.LOST for state in OPEN_STATES},
    (_I.LOST, _C.FIND): _I.AT_OFFICE,
    (_I.ACCEPTED, _C.ARRIVE): _I.AT_OFFICE,
    (_I.ACCEPTED, _C.OUT_FOR_DELIVERY): _I.OUT_FOR_DELIVERY,
    (_I.AT_OFFICE, _C.OUT_FOR_DELIVERY): _I.OUT_FOR_DELIVERY,
    (_I.AT_OFFICE, _C.HOLD): _I.HELD,
    (_I.AT_OFFICE, _C.DELIVER): _I.DELIVERED,
    (_I.AT_OFFICE, _C.APPROVE_RETURN): _I.RETURN_APPROVED,
    (_I.OUT_FOR_DELIVERY, _C.DELIVER): _I.DELIVERED,
    (_I.OUT_FOR_DELIVERY, _C.ATTEMPT_FAILED): _I.ATTEMPT_FAILED,
    (_I.OUT_FOR_DELIVERY, _C.ARRIVE): _I.AT_OFFICE,
    (_I.ATTEMPT_FAILED, _C.OUT_FOR_DELIVERY): _I.OUT_FOR_DELIVERY,
    (_I.ATTEMPT_FAILED, _C.ARRIVE): _I.AT_OFFICE,
    (_I.ATTEMPT_FAILED, _C.HOLD): _I.HELD,
    (_I.ATTEMPT_FAILED, _C.FORWARD): _I.ACCEPTED,
    (_I.ATTEMPT_FAILED, _C.APPROVE_RETURN): _I.RETURN_APPROVED,
    (_I.HELD, _C.OUT_FOR_DELIVERY): _I.OUT_FOR_DELIVERY,
    (_I.HELD, _C.DELIVER): _I.DELIVERED,
    (_I.HELD, _C.FORWARD): _I.ACCEPTED,
    (_I.HELD, _C.APPROVE_RETURN): _I.RETURN_APPROVED,
    (_I.RETURN_APPROVED, _C.RETURN): _I.RETURNED,
}  # fmt: skip
"""REGISTER begins an item, REVERSE undoes an end, STRIKE speaks of an attempt; they stand outside the table."""

COURIER_STEPS: Final = frozenset(
    {
        _C.OFFER, _C.WITHDRAW, _C.ACCEPT, _C.OUT_FOR_DELIVERY, _C.ATTEMPT_FAILED, _C.DELIVER, _C.DAMAGE, _C.OPEN,
        _C.LOSE,
    }
)  # fmt: skip
"""What a courier may say of an item in his hands; holding, forwarding and sending back are the office's to decide."""

STATE_NAME: Final = {
    _I.REGISTERED: "đã cấp số hiệu",
    _I.ACCEPTED: "đã nhận để chuyển",
    _I.AT_OFFICE: "tại bưu cục phát",
    _I.OUT_FOR_DELIVERY: "đang đi phát",
    _I.ATTEMPT_FAILED: "phát không thành công",
    _I.HELD: "lưu giữ chờ phát",
    _I.RETURN_APPROVED: "được duyệt chuyển hoàn",
    _I.DELIVERED: "đã phát",
    _I.RETURNED: "đã chuyển hoàn cơ quan",
    _I.LOST: "thất lạc",
}
STEP_NAME: Final = {
    _C.REGISTER: "cấp số hiệu",
    _C.OFFER: "giao",
    _C.WITHDRAW: "rút lại việc giao",
    _C.ACCEPT: "nhận",
    _C.INTO_BAG: "đóng túi",
    _C.OUT_OF_BAG: "lấy khỏi túi",
    _C.ARRIVE: "đến bưu cục",
    _C.OUT_FOR_DELIVERY: "đi phát",
    _C.ATTEMPT_FAILED: "báo phát không thành công",
    _C.HOLD: "lưu giữ",
    _C.FORWARD: "chuyển tiếp",
    _C.APPROVE_RETURN: "duyệt chuyển hoàn",
    _C.DELIVER: "phát",
    _C.RETURN: "trả cơ quan",
    _C.LOSE: "báo thất lạc",
    _C.FIND: "báo tìm thấy",
    _C.DAMAGE: "báo hư hỏng",
    _C.OPEN: "báo bị mở",
    _C.REVERSE: "đính chính",
    _C.STRIKE: "bỏ lần phát không có thật",
}

_UPU: Final = {
    _C.INTO_BAG: "EDE",
    _C.OUT_OF_BAG: "EDD",
    _C.ARRIVE: "EMG",
    _C.OUT_FOR_DELIVERY: "EDG",
    _C.ATTEMPT_FAILED: "EMH",
    _C.HOLD: "EDF",
    _C.DELIVER: "EMI",
    _C.LOSE: "EDX",
}


_HOLDER_KIND: Final = {"courier": "bưu tá", "office": "bưu cục", "authority": "cơ quan", "bag": "túi"}


def said(holder: str) -> str:
    """A holder as a message names it.

    >>> said("courier:tuyen7"), said("receiver")
    ('bưu tá tuyen7', 'người nhận')
    """
    kind, _colon, name = holder.partition(":")
    if kind in _HOLDER_KIND and name:
        return f"{_HOLDER_KIND[kind]} {name}"
    return "người nhận" if holder == "receiver" else holder


def upu_code(step: CustodyStep, state: ItemState | None) -> str | None:
    """The UPU event that a step done in `state` is reported as; None where UPU has none.

    >>> upu_code(CustodyStep.ACCEPT, ItemState.REGISTERED), upu_code(CustodyStep.ACCEPT, ItemState.ACCEPTED)
    ('EMA', None)
    """
    if step is _C.ACCEPT:
        return "EMA" if state is _I.REGISTERED else None
    return _UPU.get(step)


def allowed(state: ItemState) -> list[CustodyStep]:
    """The steps that are legal in `state`."""
    legal = [step for at, step in STEPS if at is state]
    return [*legal, _C.REVERSE] if state in ENDED else legal


def advance(state: ItemState, step: CustodyStep) -> ItemState:
    """The state that an item reaches; IllegalStep names the steps that are possible.

    >>> advance(ItemState.AT_OFFICE, CustodyStep.OUT_FOR_DELIVERY)
    <ItemState.OUT_FOR_DELIVERY: 'out_for_delivery'>
    """
    try:
        return STEPS[state, step]
    except KeyError:
        names = [STEP_NAME[legal] for legal in allowed(state)]
        raise IllegalStep(STATE_NAME[state], STEP_NAME[step], allowed=names) from None
