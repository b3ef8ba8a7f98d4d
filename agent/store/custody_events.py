"""What couriers' phones sent, kept as it came, and what a person has to decide about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import BigIntegerField, BooleanField, TextField

from agent.store.base import Model
from agent.store.fields import JsonField, Reference, ShaField, UidField, UtcField
from agent.store.items import Item


class DeviceEvent(Model):
    """One event of a phone (sự kiện từ điện thoại), kept whatever became of it.

    `body` is the JSON as it came and may name people, as `message` may: both are emptied with the dossier's other
    personal data, `hash` and `code` stay. `claimed_at` is the phone's clock, `corrected_at` the server's; both null
    when the hour could not be read.
    """

    if TYPE_CHECKING:
        item_id: int | None

    uid = UidField()
    phone_uid = UidField()
    seq = BigIntegerField()
    previous = ShaField()
    hash = ShaField()
    office_id = TextField()
    courier = TextField()
    received_at = UtcField()
    claimed_at = UtcField(null=True)
    corrected_at = UtcField(null=True)
    uncertain_ms = BigIntegerField(default=0)
    monotonic_ms = BigIntegerField(default=0)
    boot = UidField(null=True)
    offset_ms = BigIntegerField(null=True)
    step = TextField(default="")
    item = Reference(Item, null=True)
    number = TextField(default="")  # the item or bag as the phone named it
    parent = UidField(null=True)
    verdict = TextField()  # domain.phone_event.VerdictKind
    code = TextField(default="")
    message = TextField(default="")
    awaits = TextField(default="")  # event:<uid> | blob:<sha256> | offer | place: what a waiting one waits for
    broken = BooleanField(default=False)  # its `previous` is not the hash of the event before
    decided_at = UtcField(null=True)  # when it left "waiting" or "conflict"
    body = JsonField()

    class Meta:
        indexes = (
            (("uid", "hash"), True),
            (("phone_uid", "seq"), False),
            (("item", "verdict"), False),
            (("office_id", "verdict"), False),
            (("awaits",), False),
        )


class CustodyConflict(Model):
    """Two events of one item whose order or truth the rules do not tell (xung đột): a person decides."""

    if TYPE_CHECKING:
        item_id: int

    uid = UidField(unique=True)
    office_id = TextField()
    item = Reference(Item)
    kind = TextField()  # domain.custody_order.ConflictKind
    stands = UidField(null=True)  # the event in the fold that the other one disputes
    disputes = UidField()  # the phone's event that is kept out until decided
    words = TextField(default="")
    raised_at = UtcField()
    decided_at = UtcField(null=True)
    decided_by = TextField(default="")
    decision = TextField(default="")  # domain.custody_order.Decision

    class Meta:
        indexes = ((("office_id", "decided_at"), False), (("disputes",), False))


class PhoneChain(Model):
    """How far a phone's own sequence is held without a gap, and the hash that its next event must follow."""

    phone_uid = UidField(unique=True)
    office_id = TextField(index=True)
    courier = TextField()
    next_seq = BigIntegerField(default=1)  # the lowest number that is not held
    top_seq = BigIntegerField(default=0)  # the highest number that is held
    hash = ShaField()  # of the event next_seq - 1
    heard_at = UtcField()
    owes_since = UtcField(null=True)  # since when a number below the highest is missing
