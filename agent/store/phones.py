"""Couriers' phones: who paired them, which events of theirs are held, the files that they sent, codes of receivers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from peewee import BigIntegerField, BooleanField, IntegerField, TextField

from agent.store import rows
from agent.store.base import Model
from agent.store.fields import JsonField, ShaField, UidField, UtcField


class Phone(Model):
    """A courier's phone (điện thoại của bưu tá); its token is only on the phone, its key only signs there.

    How far its sequence of events is held stands in `agent.store.custody_events.PhoneChain`.
    """

    uid = UidField(unique=True)
    name = TextField()  # as the courier calls it: "Máy của Nam"
    courier = TextField(index=True)  # username
    office_id = TextField(index=True)
    public_key = JsonField()  # JWK of P-256: kty, crv, x, y
    token_sha256 = ShaField(unique=True)
    paired_at = UtcField()
    paired_by = TextField()  # username of whoever showed the code
    revoked_at = UtcField(null=True)
    revoked_by = TextField(default="")
    revoked_reason = TextField(default="")
    last_seen_at = UtcField(null=True)
    unsent = IntegerField(null=True)  # events in its outbox, as it said itself at the last contact
    clock_offset_ms = BigIntegerField(null=True)  # server minus phone, as its newest event carries it
    app_version = TextField(default="")


class PhoneAct(Model):
    """What was done with a phone, appended only: paired, paired again, revoked; by whom and why."""

    phone_uid = UidField(index=True)
    act = TextField()  # paired | restored | revoked
    at = UtcField()
    by = TextField()
    reason = TextField(default="")


class PairingCode(Model):
    """A code on the office's screen that lets one phone in, once and for minutes; only its hash is kept."""

    uid = UidField(unique=True)
    code_sha256 = ShaField(unique=True)
    courier = TextField()
    office_id = TextField(index=True)
    created_at = UtcField()
    created_by = TextField()
    expires_at = UtcField()
    used_at = UtcField(null=True)
    cancelled_at = UtcField(null=True)
    phone_uid = UidField(null=True)  # the phone that used it


class RoundRow(Model):
    """What a phone was last told of one item: a digest, and the version of its round in which it was told.

    The words themselves are not kept; `gone` items are not its courier's any more.
    """

    phone_uid = UidField()
    number = TextField()
    digest = ShaField()
    version = IntegerField()
    gone = BooleanField(default=False)

    class Meta:
        indexes = ((("phone_uid", "number"), True), (("phone_uid", "version"), False))


class PhoneBlob(Model):
    """A picture that a phone sent (ảnh, chữ ký): the bytes lie in this terminal's vault under `sha256`."""

    sha256 = ShaField()
    terminal_id = TextField()
    phone_uid = UidField(index=True)
    media = TextField()  # image/png | image/jpeg
    size = IntegerField()  # bytes
    received_at = UtcField(index=True)

    class Meta:
        indexes = ((("sha256", "terminal_id"), True),)


class ReceiverCode(Model):
    """A one-time code (mã một lần) by which a receiver takes an item over; only a salted hash is kept."""

    item_number = TextField(index=True)
    salt = TextField()
    code_sha256 = ShaField()
    created_at = UtcField()
    created_by = TextField()
    expires_at = UtcField()
    tries = IntegerField(default=0)  # wrong ones
    used_at = UtcField(null=True)
    used_by_event = UidField(null=True)
    withdrawn = BooleanField(default=False)  # a newer code took its place


def phone_by_uid(uid: UUID) -> Phone | None:
    """The phone of this uid, revoked or not; None when nobody paired it."""
    return rows.first(Phone, uid=uid)


def phones_of_office(office_id: str | None) -> list[Phone]:
    """All phones of an office (None: of every office), those in use first, newest first."""
    query: Any = Phone.select().order_by(Phone.revoked_at.is_null(False), Phone.id.desc())
    return list(query if office_id is None else query.where(Phone.office_id == office_id))


def live_phones_of_office(office_id: str) -> list[Phone]:
    """The phones of an office that may speak, oldest first."""
    return list(Phone.select().where((Phone.office_id == office_id) & Phone.revoked_at.is_null()).order_by(Phone.id))


def acts_of(phone_uid: UUID) -> list[PhoneAct]:
    """What was done with a phone, newest first."""
    return list(PhoneAct.select().where(PhoneAct.phone_uid == phone_uid).order_by(PhoneAct.id.desc()))


def blobs_here(hashes: list[str], terminal_id: str) -> set[str]:
    """Which of these pictures (SHA-256) lie in the terminal's vault; for a transaction, where no file is looked at."""
    found: set[str] = set()
    for start in range(0, len(hashes), 500):
        some = PhoneBlob.sha256.in_(hashes[start : start + 500])
        query = PhoneBlob.select(PhoneBlob.sha256).where(some & (PhoneBlob.terminal_id == terminal_id))
        found.update(row.sha256 for row in query)
    return found
