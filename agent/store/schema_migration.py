"""Which migrations a database has had."""

from __future__ import annotations

from peewee import TextField

from agent.store.base import Model
from agent.store.fields import ShaField, UtcField


class SchemaMigration(Model):
    """One migration that was applied."""

    name = TextField(primary_key=True)
    checksum = ShaField()
    applied_at = UtcField()
