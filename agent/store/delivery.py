"""Rows of the delivery office: routes, the day's lists, what was decided of an item, invitations, proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.store.base import Model, Owned
from agent.store.fields import DateField, JsonField, MoneyField, Reference, ShaField, UidField, UtcField
from agent.store.items import Item


class Route(Model):
    """A delivery route (tuyến phát) of an office and the courier who runs it."""

    uid = UidField(unique=True)
    office_id = TextField()
    code = TextField()
    name = TextField()
    courier = TextField(default="")  # user name; empty: nobody runs it now
    areas = JsonField()  # [{"commune": text, "place": text or ""}] as typed; matched without marks
    active = BooleanField(default=True)
    changed_by = TextField()
    changed_at = UtcField()

    class Meta:
        indexes = ((("office_id", "code"), True),)


class DeliveryList(Owned):
    """A courier's delivery list (danh sách phát) of one day; a second list of the same day has a further number."""

    if TYPE_CHECKING:
        route_id: int | None

    uid = UidField(unique=True)
    number = TextField()
    day = DateField()
    courier = TextField()
    route = Reference(Route, null=True)
    state = TextField(default="open")  # open | offered | closed
    made_by = TextField()
    made_at = UtcField()
    offered_at = UtcField(null=True)
    closed_at = UtcField(null=True)
    closed_by = TextField(default="")

    class Meta:
        indexes = ((("office_id", "number"), True), (("office_id", "state", "day"), False))


class ListLine(Model):
    """One item on a list. `outcome` is empty while it is awaited; a closed list keeps what it was.

    `seen_at`: the item itself was scanned at the office when the courier came back. `explained`: why it has no outcome
    yet although the list was closed.
    """

    if TYPE_CHECKING:
        item_id: int
        day_list_id: int

    day_list = Reference(DeliveryList)
    item = Reference(Item)
    position = IntegerField()
    collect = MoneyField(default=0)  # đồng, when the list was offered
    added_by = TextField()
    added_at = UtcField()
    scanned = BooleanField(default=False)  # the item was in the clerk's hand; False: proposed by its route only
    outcome = TextField(default="")  # delivered | back | withdrawn | lost | passed
    outcome_at = UtcField(null=True)
    seen_at = UtcField(null=True)
    explained = TextField(default="")  # phone_owes | with_courier | not_found
    explained_by = TextField(default="")
    explained_at = UtcField(null=True)

    class Meta:
        indexes = ((("day_list", "item"), True), (("item", "outcome"), False))


class ItemPlan(Model):
    """What was decided of an item: the newest word; each change of it is in the custody journal.

    `decided` counts the failed attempts that this word answers: an attempt more and it must be decided again.
    `agreed` and `forward_to` are personal data, erasable.
    """

    if TYPE_CHECKING:
        item_id: int

    item = Reference(Item, unique=True)
    office_id = TextField()
    action = TextField(default="")  # redeliver | hold | collect | forward | return
    decided = IntegerField(default=0)
    redeliver_on = DateField(null=True)
    held_until = DateField(null=True)
    agreed = TextField(default="")  # with whom and how the day was agreed
    promised_in = UidField(null=True)  # the failed attempt at whose door the courier agreed on the day
    forward_kind = TextField(default="")  # address | office
    forward_to = TextField(default="")
    addressee_only = BooleanField(default=False)  # deliver to the addressee in person, to nobody else
    changed_by = TextField()
    changed_at = UtcField()

    class Meta:
        indexes = ((("office_id", "redeliver_on"), False), (("office_id", "held_until"), False))


class RepeatFreight(Model):
    """Who pays one more delivery of an item (cước phát lại): the party at fault, đồng. Appended only."""

    uid = UidField(unique=True)
    item = Reference(Item)
    attempt = IntegerField()  # the failed attempt that made it needed
    fault = TextField()  # addressee | sender | courier | nobody
    amount = MoneyField()
    collected = BooleanField()  # added to what is collected on delivery
    by = TextField()
    at = UtcField()

    class Meta:
        indexes = ((("item", "attempt"), True),)


class Invitation(Model):
    """One invitation (giấy mời) to fetch or await an item; a second one only after the gap that the law asks."""

    uid = UidField(unique=True)
    item = Reference(Item)
    number = IntegerField()  # 1, 2, …
    attempt = IntegerField()  # failed attempts when it was written
    collect_from = DateField()
    collect_until = DateField()
    made_by = TextField()
    made_at = UtcField()
    printed_at = UtcField(null=True)
    notice = TextField(default="waiting")  # waiting | queued
    left_in = UidField(null=True)  # the failed attempt in which a courier left the paper at the door
    left_at = UtcField(null=True)

    class Meta:
        indexes = ((("item", "number"), True),)


class NoAttempt(Model):
    """A day on which a courier had an item and made no attempt, said by a supervisor. Appended only.

    `event` is the failed attempt that the courier reported and that does not stand; None when none was reported.
    """

    uid = UidField(unique=True)
    item = Reference(Item)
    office_id = TextField()
    courier = TextField()
    day = DateField()
    event = UidField(null=True, unique=True)
    evidence = (
        JsonField()
    )  # codes: position_elsewhere | no_phone_contact | receiver_was_home | not_left_office | confessed
    said_by = TextField()
    at = UtcField()

    class Meta:
        indexes = ((("office_id", "courier", "day"), False),)


class Authorisation(Model):
    """A paper by which the addressee lets somebody else receive (giấy ủy quyền): personal data, erasable."""

    if TYPE_CHECKING:
        item_id: int

    uid = UidField(unique=True)
    item = Reference(Item)
    kind = TextField()  # notarised | certified | handwritten | electronic
    number = TextField(default="")
    signed_on = DateField()
    valid_until = DateField(null=True)
    proxy = TextField()
    identity_last4 = TextField(default="")
    photo_sha256 = ShaField(null=True, index=True)
    kept_by = TextField()
    at = UtcField()
    withdrawn_at = UtcField(null=True)


class TakeBack(Model):
    """A paper that the authority wants back when the result is handed over; `holder` answers for it once taken."""

    if TYPE_CHECKING:
        item_id: int

    uid = UidField(unique=True)
    item = Reference(Item)
    office_id = TextField()
    name = TextField()
    quantity = IntegerField(default=1)
    required = BooleanField(default=True)
    state = TextField(default="wanted")  # wanted | taken | excused | given
    holder = TextField(default="")
    reason = TextField(default="")  # why it was not given: lost | police | refused; no names
    changed_at = UtcField()

    class Meta:
        indexes = ((("office_id", "state"), False),)


class TakeBackMove(Model):
    """One hand-over of a paper that was taken back. Appended only."""

    uid = UidField(unique=True)
    paper = Reference(TakeBack)
    from_holder = TextField()
    to_holder = TextField()
    by = TextField()
    at = UtcField()
