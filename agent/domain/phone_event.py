"""An event as a courier's phone sent it: read field by field, hashed as it came, with its fault in words."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from agent.domain.custody_attempts import Action, Evidence, Reason
from agent.domain.custody_steps import CustodyStep
from agent.errors import RuleViolation

MONEY_LIMIT: Final = 10**12
FIRST: Final = "0" * 64  # what a phone's first event follows
_TEXT_LIMIT: Final = 200
_NOTE_LIMIT: Final = 1000
_BODY_LIMIT: Final = 8000  # of an event that has no canonical form
_LAST_YEAR: Final = 9998  # a claimed time can be told in every zone
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
class PhoneProof:
    """What proves a delivery; pictures are named by their SHA-256, money is in đồng."""

    receiver: str = ""
    relation: str = ""
    authorisation: str = ""
    identity_type: str = ""
    identity_last4: str = ""
    identity_matched: bool = False
    collected: int = 0
    code: str = field(default="", repr=False)
    signature: str = ""
    photo: str = ""

    def evidence(self, *, placed: bool, code_right: bool = False) -> frozenset[Evidence]:
        """The kinds of evidence that are there; `placed`: the phone knew its position."""
        have = {
            Evidence.IDENTITY: bool(self.identity_type and self.identity_matched),
            Evidence.SIGNATURE: bool(self.signature),
            Evidence.PHOTO: bool(self.photo),
            Evidence.POSITION: placed,
            Evidence.ONE_TIME_CODE: code_right,
        }
        return frozenset(kind for kind, present in have.items() if present)


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """One event from a phone's outbox.

    `at` is what the phone's clock said, `offset_ms` the server's clock minus the phone's at their last contact;
    `hash` is the SHA-256 of the RFC 8785 JSON of all fields as they came. `fault` says in words what is wrong with a
    field; such an event is kept and has no effect.
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


class _Fault(Exception):
    """A field is not what it must be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def read_event(data: Mapping[str, Any]) -> PhoneEvent:
    """The event of one JSON object from a phone.

    RuleViolation only when nothing names the event (id, phone, seq, previous): it cannot be kept under any name.
    Whatever else is wrong stands in `fault`; what has no canonical form is kept as text.
    """
    uid, phone, seq, previous = (data.get(name) for name in ("id", "phone", "seq", "previous"))
    whole = isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq < 1 << 53
    if _uuid(uid) is None or _uuid(phone) is None or not whole or not _is_sha(previous):
        raise RuleViolation(
            "Sự kiện thiếu id, phone, seq hoặc previous nên không lưu được. Cập nhật ứng dụng rồi gửi lại."
        )
    names: dict[str, Any] = {"uid": _uuid(uid), "phone": _uuid(phone), "seq": seq, "previous": previous}
    fault = _Fault("event-field", "Sự kiện có số hoặc chữ không đọc được. Cập nhật ứng dụng rồi ghi lại bưu gửi này.")
    try:
        names |= {"hash": event_hash(data), "body": dict(data)}
        return PhoneEvent(**names, **_fields(data))
    except _Fault as found:
        fault = found
    except ValueError:  # a number beyond 2**53, half a character: it has no canonical form
        text = json.dumps(dict(data), sort_keys=True)
        names |= {"hash": hashlib.sha256(text.encode()).hexdigest(), "body": {"unreadable": text[:_BODY_LIMIT]}}
        with suppress(ValueError):
            fault = _fault_of(data) or fault
    return PhoneEvent(**names, **_loose(data), fault=fault.message, fault_code=fault.code)


def _fault_of(data: Mapping[str, Any]) -> _Fault | None:
    try:
        _fields(data)
    except _Fault as found:
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
        return not value.is_integer() and 1e-6 <= abs(value) < 1e15 if math.isfinite(value) else False
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and name.isascii() and _plain(inner) for name, inner in value.items())
    return isinstance(value, list | tuple) and all(map(_plain, value))


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    step = _member(CustodyStep, data.get("step"), "step")
    if step is None:
        raise _Fault("event-field", "Sự kiện thiếu bước (step). Cập nhật ứng dụng rồi ghi lại.")
    at, offset = _instant(data.get("at")), data.get("clock_offset_ms")
    return {
        "at": at,
        "monotonic_ms": _number(data, "monotonic_ms"),
        "boot": _optional_uuid(data, "boot"),
        "offset_ms": None if offset is None else _offset(at, _number(data, "clock_offset_ms")),
        "app": _text(data, "app"),
        "step": step,
        "item": _text(data, "item"),
        "bag": _text(data, "bag"),
        "parent": _optional_uuid(data, "parent"),
        "from_holder": _text(data, "from"),
        "to_holder": _text(data, "to"),
        "reason": _member(Reason, data.get("reason"), "reason"),
        "action": _member(Action, data.get("action"), "action"),
        "evidence": _evidence(data.get("evidence", ())),
        "capture": _capture(data.get("capture", "typed")),
        "note": _text(data, "note", _NOTE_LIMIT),
        "position": _position(data.get("position")),
        "corrects": _optional_uuid(data, "corrects"),
        "proof": _proof(data.get("proof")),
    }


def _loose(data: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said of an event with a fault, so that it is found under its item and hour."""
    item, at = data.get("item"), None
    with suppress(_Fault):
        at = _instant(data.get("at"))
    step = data.get("step")
    known = _MEMBERS[CustodyStep].get(step) if isinstance(step, str) else None
    return {"at": at, "item": item[:_TEXT_LIMIT] if isinstance(item, str) else "", "step": known}


def _proof(data: Any) -> PhoneProof | None:
    if data is None:
        return None
    if not isinstance(data, Mapping):
        raise _wrong("proof")
    money = data.get("collected", 0)
    if isinstance(money, bool) or not isinstance(money, int) or not 0 <= money <= MONEY_LIMIT:
        raise _Fault(
            "amount", "Số tiền thu không hợp lệ: phải là số đồng từ 0 trở lên. Mở lại bưu gửi, nhập lại số đã thu."
        )
    for name in ("signature", "photo"):
        if data.get(name) and not _is_sha(data[name]):
            raise _wrong(f"proof.{name}")
    if not isinstance(data.get("identity_matched", False), bool):
        raise _wrong("proof.identity_matched")
    names = ("receiver", "relation", "authorisation", "identity_type", "identity_last4", "code", "signature", "photo")
    texts = {name: _text(data, name) for name in names}
    texts["identity_last4"] = texts["identity_last4"][-4:]
    return PhoneProof(**texts, identity_matched=data.get("identity_matched", False), collected=money)


def _position(data: Any) -> dict[str, float] | None:
    if data is None:
        return None
    try:
        found = {name: float(data[name]) for name in ("lat", "lon", "accuracy_m")}
        found["age_s"] = float(data.get("age_s", 0))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _wrong("position") from None
    if not all(map(math.isfinite, found.values())) or abs(found["lat"]) > 90 or abs(found["lon"]) > 180:
        raise _wrong("position")
    return found


def _instant(text: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        known = instant.astimezone(UTC) if instant.tzinfo is not None else _raise()
        return known if known.year <= _LAST_YEAR else _raise()
    except (TypeError, ValueError, OverflowError):
        raise _Fault(
            "event-time", "Giờ của sự kiện không đọc được hoặc thiếu múi giờ. Cập nhật ứng dụng rồi ghi lại."
        ) from None


def _raise() -> datetime:
    raise ValueError


def _offset(at: datetime, milliseconds: int) -> int:
    """The offset, if the corrected time is one that a calendar has."""
    with suppress(OverflowError):
        if (at + timedelta(milliseconds=milliseconds)).year <= _LAST_YEAR:
            return milliseconds
    raise _Fault("event-time", "Giờ của sự kiện không có trên lịch. Chỉnh giờ điện thoại theo mạng rồi ghi lại.")


def _number(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 45:
        raise _wrong(name)
    return value


def _text(data: Mapping[str, Any], name: str, limit: int = _TEXT_LIMIT) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise _wrong(name)
    return value


def _capture(value: Any) -> str:
    if value not in ("camera", "reader", "typed"):
        raise _wrong("capture")
    return str(value)


_MEMBERS: Final[dict[Any, dict[str, Any]]] = {
    kind: {one.value: one for one in kind} for kind in (CustodyStep, Reason, Action, Evidence)
}


def _member(kind: Any, value: Any, name: str) -> Any:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or value not in _MEMBERS[kind]:
        raise _wrong(name)
    return _MEMBERS[kind][value]


def _evidence(values: Any) -> frozenset[Evidence]:
    if not isinstance(values, list | tuple):
        raise _wrong("evidence")
    return frozenset(_member(Evidence, one, "evidence") for one in values if one)


def _optional_uuid(data: Mapping[str, Any], name: str) -> UUID | None:
    value = data.get(name)
    if value in (None, ""):
        return None
    return _uuid(value) or _raise_wrong(name)


def _raise_wrong(name: str) -> UUID:
    raise _wrong(name)


def _uuid(value: Any) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _is_sha(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


def _wrong(name: str) -> _Fault:
    return _Fault("event-field", f"Mục “{name}” của sự kiện không hợp lệ. Cập nhật ứng dụng rồi ghi lại bưu gửi này.")
