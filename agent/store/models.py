"""All models of the store: a table that is not listed here does not exist."""

from __future__ import annotations

from typing import Any, Final

from agent.store.accounts import AccessLog, ApiClient, Session, User
from agent.store.catalogue import CatalogueEdition
from agent.store.dossiers import (
    Component,
    Contact,
    DailyNumber,
    Dossier,
    Draft,
    Fee,
    LedgerRow,
    Party,
    Subject,
    Supplement,
)
from agent.store.handoffs import FeedCursor, ProvinceReceipt, StatusMessage
from agent.store.items import CustodyEvent, Item, ItemRange, Proof, Result
from agent.store.journal import JournalEntry, JournalHead
from agent.store.migrations.runner import SchemaMigration
from agent.store.outbox import Job, Payload
from agent.store.papers import Page, Paper
from agent.store.reconciliation import Difference, Run
from agent.store.requests import Idempotency, ScreenEvent

MODELS: Final[list[Any]] = [
    SchemaMigration, Job, Payload, JournalEntry, JournalHead, User, Session, ApiClient, AccessLog, CatalogueEdition,
    Subject, Dossier, Party, Contact, Component, Fee, Supplement, Draft, DailyNumber, LedgerRow, Page, Paper,
    ProvinceReceipt, StatusMessage, FeedCursor, ItemRange, Item, Result, CustodyEvent, Proof, Run, Difference,
    Idempotency, ScreenEvent,
]  # fmt: skip
