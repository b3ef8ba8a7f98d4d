"""What two sides exchange beside dossiers: links of the receipts' chain, journal heads, and how far was reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import BigIntegerField, BooleanField, IntegerField, TextField

from agent.store.base import Model
from agent.store.dossiers import Dossier
from agent.store.fields import BytesField, JsonField, Reference, ShaField, UtcField
from agent.store.handoffs import ProvinceReceipt


class ReceiptLink(Model):
    """A receipt's place in the province's chain for an office, as its signed text says; sequence 0: it names none."""

    receipt = Reference(ProvinceReceipt, unique=True)
    office_id = TextField()
    sequence = IntegerField()
    previous = ShaField(null=True)
    hash = ShaField()  # SHA-256 of the signed text

    class Meta:
        indexes = ((("office_id", "sequence"), False),)


class HeadExchange(Model):
    """One day's exchange of journal heads; claimed before it is asked for, so that two workers ask once."""

    office_id = TextField()
    day = TextField()  # local, yyyy-MM-dd
    claimed_at = UtcField()
    done = BooleanField(default=False)
    given = JsonField()  # our heads, as they were signed
    heads = JsonField()  # the province's
    conflicts = JsonField()  # heads of ours that the province holds and ours now contradict
    document = BytesField(null=True)
    signature = BytesField(null=True)

    class Meta:
        indexes = ((("office_id", "day"), True),)


class ReportCursor(Model):
    """How far an office's milestones (custody) or payment entries (payments) were reported; the last row's id."""

    office_id = TextField()
    kind = TextField()
    cursor = BigIntegerField(default=0)

    class Meta:
        indexes = ((("office_id", "kind"), True),)


class AwaitedReport(Model):
    """Payment entries or milestones of a dossier that wait to be told, or that the province did not take."""

    dossier = Reference(Dossier)
    kind = TextField()  # payments | custody
    error = TextField(default="")  # the province's code for what it did not take
    retry_at = UtcField(null=True)  # not before; what failed stands behind what was not tried yet

    class Meta:
        indexes = ((("dossier", "kind"), True),)


def await_report(dossier_id: int, kind: str, *, error: str = "", retry_at: datetime | None = None) -> None:
    """Let a dossier's report of this kind wait for its turn, at once unless `retry_at`; it waits once."""
    row = {"dossier": dossier_id, "kind": kind, "error": error, "retry_at": retry_at}
    same: Any = {"conflict_target": [AwaitedReport.dossier, AwaitedReport.kind]}
    AwaitedReport.insert(row).on_conflict(**same, preserve=[AwaitedReport.error, AwaitedReport.retry_at]).execute()
