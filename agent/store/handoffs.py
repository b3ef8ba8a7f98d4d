"""What the province said: receipts, its status feed, and how far we have read it."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField, TextField

from agent.store.base import Model
from agent.store.dossiers import Dossier
from agent.store.fields import BytesField, JsonField, Reference, ShaField, UtcField


class ProvinceReceipt(Model):
    """The province's receipt (biên nhận) as it signed it."""

    dossier = Reference(Dossier)
    kind = TextField()  # submit | supplement | delivery
    key = TextField(unique=True)
    number = TextField()
    digest = ShaField()
    at = UtcField()
    document = BytesField()
    signature = BytesField()


class StatusMessage(Model):
    """One message of the status feed; a repeated one changes nothing."""

    dossier = Reference(Dossier)
    version = IntegerField()
    status = IntegerField()
    at = UtcField()
    body = TextField()
    handler = TextField()
    note = TextField()
    applied = TextField()  # applied | late | waiting (for the receipt that is on its way)
    detail = JsonField()

    class Meta:
        indexes = ((("dossier", "version"), True),)


class FeedCursor(Model):
    """How far the status feed was read for an office."""

    office_id = TextField(unique=True)
    cursor = BigIntegerField()
    contact_at = UtcField(null=True)
    clock_offset_ms = IntegerField(default=0)
