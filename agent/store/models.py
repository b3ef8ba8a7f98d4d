"""All models of the store: a table that is not listed here does not exist."""

from __future__ import annotations

from typing import Any, Final

from agent.store.journal import JournalEntry, JournalHead
from agent.store.migrations.runner import SchemaMigration
from agent.store.outbox import Job, Payload

MODELS: Final[list[Any]] = [SchemaMigration, Job, Payload, JournalEntry, JournalHead]
