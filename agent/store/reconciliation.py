"""Reconciliation runs and the differences they found, each with owner, age and explanation."""

from __future__ import annotations

from peewee import IntegerField, TextField

from agent.store.base import Model
from agent.store.fields import JsonField, Reference, ShaField, UidField, UtcField


class BucketSum(Model):
    """Count and digest of our ledger's rows in one bucket, kept in step with them in the same transaction."""

    bucket = TextField(unique=True)  # office|day
    office_id = TextField(index=True)
    count = IntegerField()
    digest = ShaField()


class Run(Model):
    """One comparison of our ledger with the province's, up to a watermark."""

    class Meta:
        table_name = "reconciliation_run"

    uid = UidField(unique=True)
    office_id = TextField()
    at = UtcField()
    day = TextField(default="")
    compared = IntegerField()
    in_flight = IntegerField()
    differences = IntegerField()
    exchanged = IntegerField()  # buckets drilled into
    trips = IntegerField(default=0)  # questions that the province was asked


class Difference(Model):
    """One difference, kept until it is explained or repaired."""

    uid = UidField(unique=True)
    run = Reference(Run)
    office_id = TextField()
    bucket = TextField()
    key = TextField()
    number = TextField(default="")
    kind = TextField()
    owner = TextField()  # office | province | system
    ours = JsonField()
    theirs = JsonField()
    explanation = TextField()
    found_at = UtcField()
    closed_at = UtcField(null=True)
    closed_by = TextField(default="")
    repair = TextField(default="")
    reason = TextField(default="")
    value = JsonField(null=True)  # what our ledger took when it was accepted or corrected

    class Meta:
        indexes = ((("office_id", "closed_at"), False), (("key", "kind"), False))
