"""What the province said: receipts, its status feed, and how far we have read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peewee import BigIntegerField, IntegerField, TextField

from agent.ports_province import Receipt
from agent.store.base import Model
from agent.store.dossiers import Dossier
from agent.store.fields import BytesField, JsonField, Reference, ShaField, UtcField


class ProvinceReceipt(Model):
    """The province's receipt (biên nhận) as it signed it."""

    dossier = Reference(Dossier)
    kind = TextField()  # submit | supplement | delivery | withdrawal | satisfaction
    key = TextField(unique=True)
    number = TextField()
    digest = ShaField()
    at = UtcField()
    document = BytesField()
    signature = BytesField()


def keep_receipt(dossier: Dossier, kind: str, receipt: Receipt) -> bool:
    """Keep a receipt as the province signed it; False when it is here already and nothing was done."""
    if ProvinceReceipt.select().where(ProvinceReceipt.key == receipt.key).exists():
        return False
    ProvinceReceipt.create(
        dossier=dossier,
        kind=kind,
        key=receipt.key,
        number=receipt.number,
        digest=receipt.digest,
        at=receipt.at,
        document=receipt.document,
        signature=receipt.signature,
    )
    return True


class StatusMessage(Model):
    """One message of the status feed; a repeated one changes nothing."""

    dossier = Reference(Dossier)
    version = IntegerField()
    status = IntegerField()
    at = UtcField()
    body = TextField()
    handler = TextField()
    note = TextField()
    applied = TextField()  # applied | late | waiting (for the receipt on its way) | unknown (code) | unreadable
    detail = JsonField()

    class Meta:
        indexes = ((("dossier", "version"), True),)


class FeedCursor(Model):
    """How far the status feed was read for an office."""

    office_id = TextField(unique=True)
    cursor = BigIntegerField()
    contact_at = UtcField(null=True)
    clock_offset_ms = IntegerField(default=0)  # how far the province is ahead of this terminal


MATTERS: Final = timedelta(seconds=60)  # a smaller difference of clocks moves no deadline that anybody sees


def clock_offset(office_id: str) -> timedelta:
    """How far the province's clock was ahead of this terminal's when its feed was last read; inside reading()."""
    held = FeedCursor.get_or_none(FeedCursor.office_id == office_id)
    return timedelta(milliseconds=held.clock_offset_ms if held else 0)
