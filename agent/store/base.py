"""The base of every stored row, bound to the one open database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import peewee

proxy = peewee.DatabaseProxy()


class _WholeRows(peewee.ModelSelect):
    """A select of whole rows whose list of columns is written once a model: building it was half of a query's cost."""

    def __sql_selection__(self, ctx: Any, is_subquery: bool = False) -> Any:
        query: Any = self
        if is_subquery or not query._is_default:
            return super().__sql_selection__(ctx, is_subquery)
        return ctx.literal(_columns(query.model, ctx.alias_manager[query.model._meta.table]))


@lru_cache(maxsize=512)
def _columns(model: Any, alias: str) -> str:
    return ", ".join(f'"{alias}"."{field.column_name}"' for field in model._meta.sorted_fields)


class Model(peewee.Model):
    """A row of the store; tables are named after the class in snake case, references make no backrefs."""

    if TYPE_CHECKING:
        id: Any  # peewee adds the integer primary key where a model names no other

    class Meta:
        database = proxy
        legacy_table_names = False

    if not TYPE_CHECKING:  # peewee's own signature holds

        @classmethod
        def select(cls, *fields):
            """A query of these columns, or of whole rows."""
            if fields:
                return super().select(*fields)
            return _WholeRows(cls, cls._meta.sorted_fields, is_default=True)


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
