"""An event as a courier's phone sent it: read field by field, hashed as it came, with its fault in words."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from agent.domain.custody_attempts import Action, Evidence, Reason
from agent.domain.custody_steps import CustodyStep
from agent.domain.phone_fields import (
    LAST_YEAR,
    TEXT_LIMIT,
    Fault,
    day_of,
    instant_of,
    is_sha,
    number_of,
    optional_uuid,
    text_of,
    uuid_of,
    wrong,
)
from agent.domain.phone_proof import PhoneProof, read_proof
from agent.errors import RuleViolation

FIRST: Final = "0" * 64  # what a phone's first event follows
_NOTE_LIMIT: Final = 1000
_HOURS_LIMIT: Final = 40
_MOST_INVITED: Final = 99
_BODY_LIMIT: Final = 8000  # of an event that has no canonical form
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


class VerdictKind(StrEnum):
    """What became of an event that a phone sent (kết quả nhận sự kiện)."""

    TAKEN = "taken"
    KNOWN = "known"  # the same event was held already
    CONFLICT = "conflict"  # kept for a person to decide
    REFUSED = "refused"  # kept as it came, without effect
    WAITING = "waiting"  # kept until what it builds on is here


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one event; `code` and `message` say why, and what the courier can do."""

    id: UUID
    seq: int
    verdict: VerdictKind
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Redelivery:
    """The day on which the receiver wants it again, as agreed at the door; `hours` in the courier's words."""

    on: date
    hours: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """One event from a phone's outbox.

    `at` is what the phone's clock said, `offset_ms` the server's clock minus the phone's at their last contact;
    `hash` is the SHA-256 of the RFC 8785 JSON of all fields as they came. `fault` says in words what is wrong with a
    field; such an event is kept and has no effect. `redelivery` and `invitation` (the number of the office's paper that
    was left at the door, 0 for none) belong to a failed attempt; apps before 1.1.0 send neither.
    """

    uid: UUID
    phone: UUID
    seq: int
    previous: str
    hash: str
    at: datetime | None = None
    monotonic_ms: int = 0
    boot: UUID | None = None
    offset_ms: int | None = None
    app: str = ""
    step: CustodyStep | None = None
    item: str = ""
    bag: str = ""
    parent: UUID | None = None
    from_holder: str = ""
    to_holder: str = ""
    reason: Reason | None = None
    action: Action | None = None
    evidence: frozenset[Evidence] = frozenset()
    capture: str = "typed"
    note: str = field(default="", repr=False)
    position: Mapping[str, float] | None = field(default=None, repr=False)
    corrects: UUID | None = None
    proof: PhoneProof | None = None
    redelivery: Redelivery | None = None
    invitation: int = 0
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    fault: str = ""
    fault_code: str = ""

    @property
    def corrected(self) -> datetime | None:
        """When it happened by the server's clock, as far as the phone's offset is known."""
        return None if self.at is None else self.at + timedelta(milliseconds=self.offset_ms or 0)

    def pictures(self) -> tuple[str, ...]:
        """The SHA-256 of each picture that the proof names."""
        return tuple(one for one in (self.proof.signature, self.proof.photo) if one) if self.proof else ()


def read_event(data: Mapping[str, Any]) -> PhoneEvent:
    """The event of one JSON object from a phone.

    RuleViolation only when nothing names the event (id, phone, seq, previous): it cannot be kept under any name.
    Whatever else is wrong stands in `fault`; what has no canonical form is kept as text.
    """
    uid, phone, seq, previous = (data.get(name) for name in ("id", "phone", "seq", "previous"))
    whole = isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq < 1 << 53
    if uuid_of(uid) is None or uuid_of(phone) is None or not whole or not is_sha(previous):
        raise RuleViolation(
            "Sự kiện thiếu id, phone, seq hoặc previous nên không lưu được. Cập nhật ứng dụng rồi gửi lại."
        )
    names: dict[str, Any] = {"uid": uuid_of(uid), "phone": uuid_of(phone), "seq": seq, "previous": previous}
    fault = Fault("event-field", "Sự kiện có số hoặc chữ không đọc được. Cập nhật ứng dụng rồi ghi lại bưu gửi này.")
    try:
        names |= {"hash": event_hash(data), "body": dict(data)}
        return PhoneEvent(**names, **_fields(data))
    except Fault as found:
        fault = found
    except ValueError:  # a number beyond 2**53, half a character: it has no canonical form
        text = json.dumps(dict(data), sort_keys=True)
        names |= {"hash": hashlib.sha256(text.encode()).hexdigest(), "body": {"unreadable": text[:_BODY_LIMIT]}}
        with suppress(ValueError):
            fault = _fault_of(data) or fault
    return PhoneEvent(**names, **_loose(data), fault=fault.message, fault_code=fault.code)


def _fault_of(data: Mapping[str, Any]) -> Fault | None:
    try:
        _fields(data)
    except Fault as found:
        return found
    return None


def event_hash(data: Mapping[str, Any]) -> str:
    """SHA-256 in hex of the event's RFC 8785 JSON; ValueError for what has none."""
    if _plain(data):
        return hashlib.sha256(_ENCODER.encode(data).encode()).hexdigest()
    import rfc8785

    return hashlib.sha256(rfc8785.dumps(dict(data))).hexdigest()


def _plain(value: Any) -> bool:
    """Whether Python's own encoder writes the RFC 8785 form: ordinary numbers, keys of plain ASCII."""
    if isinstance(value, str | bool) or value is None:
        return True
    if isinstance(value, int):
        return -(1 << 53) < value < 1 << 53
    if isinstance(value, float):
        return not value.is_integer() and 1e-4 <= abs(value) < 1e15 if math.isfinite(value) else False
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and name.isascii() and _plain(inner) for name, inner in value.items())
    return isinstance(value, list | tuple) and all(map(_plain, value))


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    step = _member(CustodyStep, data.get("step"), "step")
    if step is None:
        raise Fault("event-field", "Sự kiện thiếu bước (step). Cập nhật ứng dụng rồi ghi lại.")
    at, offset = instant_of(data.get("at")), data.get("clock_offset_ms")
    return {
        "at": at,
        "monotonic_ms": number_of(data, "monotonic_ms"),
        "boot": optional_uuid(data, "boot"),
        "offset_ms": None if offset is None else _offset(at, number_of(data, "clock_offset_ms")),
        "app": text_of(data, "app"),
        "step": step,
        "item": text_of(data, "item"),
        "bag": text_of(data, "bag"),
        "parent": optional_uuid(data, "parent"),
        "from_holder": text_of(data, "from"),
        "to_holder": text_of(data, "to"),
        "reason": _member(Reason, data.get("reason"), "reason"),
        "action": _member(Action, data.get("action"), "action"),
        "evidence": _evidence(data.get("evidence", ())),
        "capture": _capture(data.get("capture", "typed")),
        "note": text_of(data, "note", _NOTE_LIMIT),
        "position": _position(data.get("position")),
        "corrects": optional_uuid(data, "corrects"),
        "proof": read_proof(data.get("proof")),
        **_left(data),
    }


def _left(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a failed attempt left behind: the day that was agreed, the number of the invitation."""
    said, paper = data.get("redelivery"), data.get("invitation") or 0
    if (said is not None or paper) and data.get("step") != CustodyStep.ATTEMPT_FAILED:
        raise wrong("redelivery" if said is not None else "invitation")
    found: dict[str, Any] = {"invitation": number_of({"invitation": paper}, "invitation", least=0, most=_MOST_INVITED)}
    if said is not None:
        if not isinstance(said, Mapping) or data.get("action") != Action.REDELIVER:
            raise wrong("redelivery")
        found["redelivery"] = Redelivery(day_of(said.get("on"), "redelivery.on"), text_of(said, "hours", _HOURS_LIMIT))
    return found


def _loose(data: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said of an event with a fault, so that it is found under its item and hour."""
    item, at = data.get("item"), None
    with suppress(Fault):
        at = instant_of(data.get("at"))
    step = data.get("step")
    known = _MEMBERS[CustodyStep].get(step) if isinstance(step, str) else None
    return {"at": at, "item": item[:TEXT_LIMIT] if isinstance(item, str) else "", "step": known}


def _position(data: Any) -> dict[str, float] | None:
    if data is None:
        return None
    try:
        found = {name: float(data[name]) for name in ("lat", "lon", "accuracy_m")}
        found["age_s"] = float(data.get("age_s", 0))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise wrong("position") from None
    if not all(map(math.isfinite, found.values())) or abs(found["lat"]) > 90 or abs(found["lon"]) > 180:
        raise wrong("position")
    return found


def _offset(at: datetime, milliseconds: int) -> int:
    """The offset, if the corrected time is one that a calendar has."""
    with suppress(OverflowError):
        if (at + timedelta(milliseconds=milliseconds)).year <= LAST_YEAR:
            return milliseconds
    raise Fault("event-time", "Giờ của sự kiện không có trên lịch. Chỉnh giờ điện thoại theo mạng rồi ghi lại.")


def _capture(value: Any) -> str:
    if value not in ("camera", "reader", "typed"):
        raise wrong("capture")
    return str(value)


_MEMBERS: Final[dict[Any, dict[str, Any]]] = {
    kind: {one.value: one for one in kind} for kind in (CustodyStep, Reason, Action, Evidence)
}


def _member(kind: Any, value: Any, name: str) -> Any:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or value not in _MEMBERS[kind]:
        raise wrong(name)
    return _MEMBERS[kind][value]


def _evidence(values: Any) -> frozenset[Evidence]:
    if not isinstance(values, list | tuple):
        raise wrong("evidence")
    return frozenset(_member(Evidence, one, "evidence") for one in values if one)
