"""Minutes of results that go back to the authority (biên bản chuyển hoàn), with the papers taken back for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import TextField

from agent.store.base import Model, Owned
from agent.store.delivery import TakeBack
from agent.store.fields import Reference, UidField, UtcField
from agent.store.items import Item


class ReturnMinutes(Owned):
    """One hand-over back to the authority; `receiver` is the official who signs, empty until it is done."""

    uid = UidField(unique=True)
    number = TextField()
    agency = TextField()
    receiver = TextField(default="")
    made_by = TextField()
    made_at = UtcField()
    signed_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "number"), True), (("office_id", "signed_at"), False))


class ReturnLine(Model):
    """One item, or one paper that was taken back, on the minutes."""

    if TYPE_CHECKING:
        item_id: int
        paper_id: int | None

    minutes = Reference(ReturnMinutes)
    item = Reference(Item)
    paper = Reference(TakeBack, null=True)
    reason = TextField(default="")  # of the last standing attempt; empty for a paper

    class Meta:
        indexes = ((("minutes", "item", "paper"), True),)
