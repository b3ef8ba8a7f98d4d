"""Monthly statements of reconciliation (biên bản đối soát): the figures that both sides signed, and their lines."""

from __future__ import annotations

from peewee import IntegerField, TextField

from agent.store.base import Model
from agent.store.fields import JsonField, MoneyField, Reference, ShaField, UidField, UtcField


class Statement(Model):
    """One office's month as its supervisor signed it; closed when the province has countersigned."""

    uid = UidField(unique=True)
    office_id = TextField()
    month = TextField()  # yyyy-MM, Asia/Ho_Chi_Minh
    revision = IntegerField()  # 1, and one more after each time that the province sent it back
    number = TextField(unique=True)
    body = JsonField()  # agent.domain.statement.Figures as plain JSON
    digest = ShaField()  # SHA-256 of the canonical JSON of body
    office_signed_at = UtcField()
    office_signed_by = TextField()
    office_signed_name = TextField()
    province_signed_at = UtcField(null=True)  # and closed with it
    province_signed_by = TextField(default="")
    province_signed_name = TextField(default="")
    returned_at = UtcField(null=True)
    returned_by = TextField(default="")
    reason = TextField(default="")  # why it was sent back

    class Meta:
        indexes = ((("office_id", "month", "revision"), True),)


class StatementLine(Model):
    """What a statement says of one dossier; `period` is earlier than the statement's month for an adjustment."""

    statement = Reference(Statement)
    key = TextField()
    period = TextField()
    procedure_code = TextField()
    procedure_name = TextField()
    received = IntegerField()
    delivered = IntegerField()
    state = MoneyField()
    freight = MoneyField()
    collected = MoneyField()
    corrected = MoneyField()

    class Meta:
        indexes = ((("statement", "key"), False), (("key", "period"), False))
