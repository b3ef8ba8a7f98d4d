"""Answers kept under idempotency keys, and the small events that screens wait for."""

from __future__ import annotations

from peewee import IntegerField, TextField

from agent.store.base import Model
from agent.store.fields import JsonField, ShaField, UidField, UtcField


class Idempotency(Model):
    """The answer that a client's key got; the same key with another body is refused."""

    client = TextField()
    key = TextField()
    request_sha256 = ShaField()
    status = IntegerField()
    body = JsonField()
    created_at = UtcField()

    class Meta:
        indexes = ((("client", "key"), True),)


class ScreenEvent(Model):
    """Something changed that a screen may show; ids only."""

    at = UtcField()
    office_id = TextField()
    terminal_id = TextField(default="")
    kind = TextField()
    dossier_uid = UidField(null=True)
