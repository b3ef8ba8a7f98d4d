"""Claim files (hồ sơ khiếu nại): what was lost, damaged, opened or late, their papers, figures and terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.store.base import Model, Owned
from agent.store.fields import DateField, JsonField, MoneyField, Reference, UidField, UtcField
from agent.store.items import Item


class Claim(Owned):
    """One claim file; its terms are kept as they were found, with the edition of the rules they came from.

    `complainant` and `contact` are personal data, erasable.
    """

    if TYPE_CHECKING:
        item_id: int

    uid = UidField(unique=True)
    number = TextField()
    item = Reference(Item)
    kind = TextField()  # domain.claims.Kind
    state = TextField()  # domain.claims.State
    rules = TextField()  # edition of the rules
    complainant = TextField(default="")
    contact = TextField(default="")
    complained_on = DateField()
    transit_ended_on = DateField()
    in_province = BooleanField()
    has_receipt = BooleanField()
    freight = MoneyField()
    damage = MoneyField(default=0)
    reissue = MoneyField(default=0)
    liability = MoneyField(default=0)
    complain_by = DateField()
    answer_by = DateField()
    pay_by = DateField(null=True)
    answered_at = UtcField(null=True)
    minutes_at = UtcField(null=True)
    paid_at = UtcField(null=True)
    closed_at = UtcField(null=True)
    owner = TextField()  # user name of who must act next
    next_by = DateField(null=True)  # until when
    opened_by = TextField()
    opened_at = UtcField()

    class Meta:
        indexes = ((("office_id", "number"), True), (("office_id", "closed_at", "next_by"), False))


class ClaimEntry(Model):
    """One fact, inventory line or decision of a claim. Appended only; `words` are personal data, erasable."""

    uid = UidField(unique=True)
    claim = Reference(Claim)
    kind = TextField()  # fact | inventory | answer | minutes | payment | rejection | reopened
    words = TextField(default="")
    quantity = IntegerField(default=0)
    amount = MoneyField(default=0)
    detail = JsonField(default=dict)  # codes only
    by = TextField()
    at = UtcField()
