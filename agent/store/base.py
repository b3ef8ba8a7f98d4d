"""The base of every stored row, bound to the one open database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

import peewee

proxy = peewee.DatabaseProxy()


class Model(peewee.Model):
    """A row of the store; tables are named after the class in snake case, references make no backrefs."""

    if TYPE_CHECKING:
        id: Any  # peewee adds the integer primary key where a model names no other

    class Meta:
        database = proxy
        legacy_table_names = False


class Owned(Model):
    """A row that belongs to an office (bưu cục) and was written at one of its terminals (quầy)."""

    office_id = peewee.TextField()
    terminal_id = peewee.TextField()


class OpenStore(Protocol):
    """What rows know of the store that they are bound to: its database and this thread's transaction."""

    database: Any
    dialect: str

    @property
    def in_writing(self) -> bool: ...
    def writing(self) -> AbstractContextManager[None]: ...
    def reading(self) -> AbstractContextManager[None]: ...
    def joined(self) -> AbstractContextManager[None]: ...


def current() -> OpenStore:
    """The store that the models are bound to; RuntimeError before `Store.open`."""
    database: Any = proxy.obj
    if database is None:
        raise RuntimeError("no store is open: call Store.open first")
    store: OpenStore = database.store
    return store


def joined() -> AbstractContextManager[None]:
    """The write transaction that is under way in this thread, or one of its own."""
    return current().joined()


def require_writing(what: str) -> None:
    """RuntimeError unless this thread is inside `Store.writing()`: `what` must share its caller's transaction."""
    if not current().in_writing:
        raise RuntimeError(f"{what} belongs inside Store.writing(): it must be saved with what caused it")


def locked(query: Any) -> Any:
    """A select whose rows nobody else may change until this transaction ends (SQLite has one writer anyway)."""
    require_writing("base.locked")
    return query.for_update() if current().dialect == "postgresql" else query
