"""Procedures (thủ tục hành chính) by code and version, as they were when a dossier was received."""

from __future__ import annotations

from peewee import BooleanField, IntegerField, TextField

from agent.store.base import Model
from agent.store.fields import DateField, JsonField


class ProcedureVersion(Model):
    """One version of one procedure; a dossier keeps the version under which it was received."""

    code = TextField()
    version = IntegerField()
    name = TextField()
    effective_from = DateField()
    effective_until = DateField(null=True)
    sample = BooleanField()
    body = JsonField()

    class Meta:
        indexes = ((("code", "version"), True),)
