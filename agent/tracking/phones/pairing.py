"""Let a courier's phone in by a code on the office's screen, and shut it out again with a reason."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.check_character import SAFE_ALPHABET
from agent.domain.roles import Role, sees_office
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.accounts import User
from agent.store.base import locked
from agent.store.phones import PairingCode, Phone, PhoneAct, phone_by_uid

LIFE: Final = timedelta(minutes=5)
LENGTH: Final = 12  # of 22 characters: 53 bits, which nobody guesses in five minutes
NAME_LIMIT: Final = 60


class PairingRefused(RuleViolation):
    """The code is unknown, used or too old, or the phone's key is no key."""

    code = "pairing"


@dataclass(frozen=True)
class NewCode:
    """A code to show: its only copy, `text` in groups of four as it can be typed."""

    uid: UUID
    text: str
    expires_at: datetime


@dataclass(frozen=True)
class Paired:
    """What a phone gets when it is let in; `token` is its only copy."""

    phone: Phone
    token: str
    courier_name: str


def new_code(site: Site, courier: str, *, by: Actor) -> NewCode:
    """Make a code that lets one phone of this courier in; earlier codes for him are void.

    NotFound without such an active courier, Forbidden for a courier of another office.
    """
    now, text = site.clock.now(), _random(site)
    with site.store.writing():
        user = rows.first(User, username=courier)
        if user is None or user.role is not Role.COURIER or not user.active:
            raise NotFound(f"Không có bưu tá “{courier}” đang làm việc. Chọn bưu tá trong danh sách.")
        _require_office(by, user.office_id)
        waiting = (PairingCode.courier == courier) & PairingCode.used_at.is_null() & PairingCode.cancelled_at.is_null()
        PairingCode.update(cancelled_at=now).where(waiting).execute()
        made = rows.create(
            PairingCode, uid=site.ids.uid(), code_sha256=_hash(text), courier=courier, office_id=user.office_id,
            created_at=now, created_by=by.username, expires_at=now + LIFE,
        )  # fmt: skip
    return NewCode(made.uid, "-".join(text[at : at + 4] for at in range(0, LENGTH, 4)), made.expires_at)


def cancel_code(site: Site, uid: UUID, *, by: Actor) -> None:
    """Make a code void before anybody used it; one that is over already stays as it is."""
    with site.store.writing():
        found = _code(uid)
        _require_office(by, found.office_id)
        if found.used_at is None and found.cancelled_at is None:
            rows.change(PairingCode, found.id, cancelled_at=site.clock.now())


def code_state(site: Site, uid: UUID, *, by: Actor) -> PairingCode:
    """A code that this office made, to see whether a phone has used it."""
    with site.store.reading():
        found = _code(uid)
    _require_office(by, found.office_id)
    return found


def pair(site: Site, code: str, *, name: str, key: Mapping[str, Any], app: str) -> Paired:
    """Let in the phone that shows a code: a new one, or the courier's own that comes back with the key it had.

    A phone that comes back keeps its identity and its sequence of events, so that what waits in its outbox can be
    sent. PairingRefused for a code that is unknown, used or too old, and for what is no public key.
    """
    public = public_key(key)
    shown = unicodedata.normalize("NFC", name).strip()[:NAME_LIMIT] or "Điện thoại"
    now, token = site.clock.now(), site.ids.token(32)
    with site.store.writing():
        held = _usable(_squeezed(code), now)
        user = rows.first(User, username=held.courier)
        if user is None or not user.active:
            raise PairingRefused("Tài khoản bưu tá đang bị khóa. Nhờ kiểm soát viên mở rồi tạo mã mới.")
        phone = _known(held.courier, public)
        if phone is None:
            phone = rows.create(
                Phone, uid=site.ids.uid(), name=shown, courier=held.courier, office_id=held.office_id,
                public_key=public, token_sha256=hashed(token), paired_at=now, paired_by=held.created_by,
                last_seen_at=now, app_version=app[:20],
            )  # fmt: skip
            _note(phone, "paired", now, held.created_by)
        else:
            phone.name, phone.token_sha256, phone.paired_at, phone.paired_by = (
                shown,
                hashed(token),
                now,
                held.created_by,
            )
            phone.office_id, phone.last_seen_at, phone.app_version = held.office_id, now, app[:20]
            phone.revoked_at, phone.revoked_by, phone.revoked_reason = None, "", ""
            phone.save()
            _note(phone, "restored", now, held.created_by)
        rows.change(PairingCode, held.id, used_at=now, phone_uid=phone.uid)
    return Paired(phone, token, user.full_name)


def revoke(site: Site, uid: UUID, *, reason: str, by: Actor) -> Phone:
    """Shut a phone out from its next word on; it keeps what it has not sent. Again changes nothing.

    RuleViolation without a reason.
    """
    why = unicodedata.normalize("NFC", reason).strip()[:200]
    if not why:
        raise RuleViolation("Ghi lý do thu hồi điện thoại, ví dụ: mất máy, đổi máy, nghỉ việc.")
    with site.store.writing():
        phone = phone_by_uid(uid)
        if phone is None:
            raise NotFound("Không có điện thoại này. Tải lại danh sách.")
        _require_office(by, phone.office_id)
        if phone.revoked_at is None:
            phone.revoked_at, phone.revoked_by, phone.revoked_reason = site.clock.now(), by.username, why
            phone.save()
            _note(phone, "revoked", phone.revoked_at, by.username, why)
    return phone


def public_key(key: Mapping[str, Any]) -> dict[str, str]:
    """A P-256 public key as JWK, with nothing else in it; PairingRefused for anything but a point on the curve."""
    from cryptography.hazmat.primitives.asymmetric import ec

    if "d" in key:
        raise PairingRefused("Điện thoại gửi cả khóa bí mật. Cập nhật ứng dụng rồi ghép lại.")
    try:
        x, y = (base64.urlsafe_b64decode(str(key[name]) + "==") for name in ("x", "y"))
        if key.get("kty") != "EC" or key.get("crv") != "P-256" or len(x) != 32 or len(y) != 32:
            raise ValueError
        ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()
    except (KeyError, ValueError):
        raise PairingRefused("Khóa của điện thoại không hợp lệ. Cập nhật ứng dụng rồi ghép lại.") from None
    return {"kty": "EC", "crv": "P-256", "x": _b64(x), "y": _b64(y)}


def hashed(secret: str) -> str:
    """SHA-256 of a phone's token, as it is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _usable(text: str, now: datetime) -> PairingCode:
    """The code, locked, if a phone may still use it."""
    query = PairingCode.select().where(PairingCode.code_sha256 == _hash(text))
    held: PairingCode | None = next(iter(list(locked(query))), None)
    if held is None or held.cancelled_at is not None:
        raise PairingRefused("Mã ghép không đúng hoặc đã bị thay. Nhờ bưu cục tạo mã mới rồi quét lại.")
    if held.used_at is not None:
        raise PairingRefused("Mã ghép này đã dùng cho một điện thoại. Nhờ bưu cục tạo mã mới rồi quét lại.")
    if held.expires_at <= now:
        raise PairingRefused("Mã ghép đã quá 5 phút nên hết hiệu lực. Nhờ bưu cục tạo mã mới rồi quét ngay.")
    return held


def _known(courier: str, key: dict[str, str]) -> Phone | None:
    """The courier's phone that has this key, revoked or not."""
    return next((one for one in rows.every(Phone, courier=courier) if one.public_key == key), None)


def _code(uid: UUID) -> PairingCode:
    found = rows.first(PairingCode, uid=uid)
    if found is None:
        raise NotFound("Không có mã ghép này. Tạo mã mới.")
    return found


def _require_office(by: Actor, office_id: str) -> None:
    if by.role is not None and not sees_office(by.role, by.office_id, office_id):
        raise Forbidden("Điện thoại này thuộc bưu cục khác. Liên hệ bưu cục đó.")


def _note(phone: Phone, act: str, at: datetime, by: str, reason: str = "") -> None:
    rows.create(PhoneAct, phone_uid=phone.uid, act=act, at=at, by=by, reason=reason)


def _random(site: Site) -> str:
    number, text = int.from_bytes(site.ids.salt()), ""
    for _ in range(LENGTH):
        number, at = divmod(number, len(SAFE_ALPHABET))
        text += SAFE_ALPHABET[at]
    return text


def _squeezed(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


def _hash(text: str) -> str:
    return hashlib.sha256(f"pairing {text}".encode()).hexdigest()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
