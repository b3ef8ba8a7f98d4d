"""Results on their way back: results, items with S10 numbers, custody events, proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.domain.dossier import ReturnWay
from agent.store.base import Model
from agent.store.dossiers import Dossier
from agent.store.fields import EnumField, JsonField, MoneyField, Reference, ShaField, UidField, UtcField


class ItemRange(Model):
    """An allotted range of S10 numbers (dải số bưu gửi); serials are 8 digits without the check digit."""

    office_id = TextField(index=True)
    prefix = TextField()
    country = TextField(default="VN")
    first = IntegerField()
    last = IntegerField()
    next = IntegerField()
    allotted_at = UtcField(null=True)
    allotted_by = TextField(default="")  # the operator's decision, or who entered it
    given_at = UtcField(null=True)  # when its newest number was given: none is given again within 12 months


class Item(Model):
    """A postal item (bưu gửi) that carries results; `state` and `holder` are the fold of its custody events."""

    if TYPE_CHECKING:
        dossier_id: int

    uid = UidField(unique=True)
    number = TextField(unique=True)
    dossier = Reference(Dossier)
    office_id = TextField()
    state = TextField()
    holder = TextField()
    offered_to = TextField(default="")
    attempts = IntegerField(default=0)
    collect = MoneyField(default=0)
    created_at = UtcField()
    updated_at = UtcField()
    bag = TextField(default="", index=True)  # number of the open bag that it lies in
    counted = IntegerField(default=0)  # failed attempts that count
    held_since = UtcField(null=True)
    held_by = UidField(null=True)  # the event by which the holder became the holder
    offered_at = UtcField(null=True)
    last_event = UidField(null=True)
    events = IntegerField(default=0)  # how many the fold has
    conflicts = IntegerField(default=0)  # open ones
    pending = IntegerField(default=0)  # corrections that nobody countersigned yet

    class Meta:
        indexes = (
            (("office_id", "state"), False),
            (("holder", "state"), False),
            (("office_id", "holder", "state", "held_since"), False),  # who holds what, from the index alone
        )


class Result(Model):
    """One result (kết quả) of a dossier; a dossier closes when every result is delivered."""

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    province_id = TextField()
    name = TextField()
    type = TextField(default="")
    form = TextField()  # paper | electronic
    way = EnumField(ReturnWay)
    state = TextField()  # ready | on_the_way | delivered
    item = Reference(Item, null=True)
    sha256 = ShaField(null=True)
    ready_at = UtcField()
    delivered_at = UtcField(null=True)
    reported = BooleanField(default=False)

    class Meta:
        indexes = ((("dossier", "province_id"), True),)


class CustodyEvent(Model):
    """One fact of custody, appended only; minted on the device that saw it.

    `place` is where it stands in its item's order, which a late event of a phone may move; the facts never change.
    """

    if TYPE_CHECKING:
        item_id: int

    uid = UidField(unique=True)
    item = Reference(Item)
    step = TextField()
    from_holder = TextField(default="")
    to_holder = TextField(default="")
    occurred_at = UtcField()
    recorded_at = UtcField()
    actor = TextField()
    device = TextField()
    device_seq = IntegerField(null=True)
    parent = UidField(null=True)
    capture = TextField(default="typed")  # camera | reader | typed
    reason = TextField(default="")
    action = TextField(default="")
    upu_code = TextField(default="")
    bag = TextField(default="")  # the bag that the item lay in, or went into (agent.store.bags)
    note = TextField(default="")
    evidence = JsonField()
    place = IntegerField(default=0)
    corrects = UidField(null=True)
    countersigned_by = TextField(default="")  # of a correction: who decided on it
    declined = BooleanField(default=False)  # a correction that the second person did not agree to
    uncertain_ms = IntegerField(default=0)  # how far `occurred_at` may be off
    origin = UidField(null=True)  # the phone's event for a whole bag, of which this is one item's part

    class Meta:
        indexes = ((("item", "place"), False),)


class Proof(Model):
    """Proof of one delivery attempt: personal data, erasable; belongs to one (item, attempt)."""

    item = Reference(Item, null=True)
    result = Reference(Result, null=True)
    attempt = IntegerField()
    receiver = TextField()
    relation = TextField(default="")
    authorisation = TextField(default="")
    identity_type = TextField(default="")
    identity_last4 = TextField(default="")
    identity_matched = BooleanField(default=False)
    signature_sha256 = ShaField(null=True, index=True)
    photo_sha256 = ShaField(null=True, index=True)
    position = JsonField()
    collected = MoneyField(default=0)
    at = UtcField()
    digest = ShaField()
    voided_at = UtcField(null=True)  # its delivery was corrected: it did not happen as recorded
