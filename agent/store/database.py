"""One open database, SQLite or PostgreSQL, with one way to write and one way to read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.clock import SystemClock
from agent.errors import ConfigError, StoreError
from agent.store import base, dialects
from agent.store.changes import Changes
from agent.store.locking import WriteLock


class Store:
    """The open store: the models are bound to it, and all transactions go through it."""

    def __init__(self, database: Any, *, dialect: str, lock: WriteLock | None, patience: float) -> None:
        self.database, self.dialect = database, dialect
        self._lock, self._patience = lock, patience
        self._here = threading.local()
        self._watch = dialects.watcher(database)
        self.changes = Changes(self.data_version)
        database.store = self

    @classmethod
    def open(cls, *, data: Path, url: str = "", key: bytes | None = None, patience: float = 10.0) -> Store:
        """Open `postgresql://…` when `url` is given, else the SQLite file `agent.db` in `data`, and bind the models.

        `key` is the 32-byte database key (None: not encrypted, for tests and tools); `patience` is in seconds.
        Raises ConfigError for an affected SQLite, a wrong key or a server that refuses.
        """
        database: Any
        if url:
            database = dialects.postgresql(url)
            store = cls(database, dialect="postgresql", lock=None, patience=patience)
        else:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = data / "agent.db"
            database = dialects.sqlite(path, key)
            store = cls(database, dialect="sqlite", lock=WriteLock(path), patience=patience)
        try:
            with dialects.translated(database):
                database.connect()
        except StoreError as error:
            store.close()
            raise ConfigError(error.message) from error
        except BaseException:
            store.close()
            raise
        base.proxy.initialize(database)
        return store

    # --- transactions --------------------------------------------------------------------------
    @property
    def in_writing(self) -> bool:
        """Whether this thread is inside `writing()`."""
        return getattr(self._here, "mode", "") == "write"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One write transaction: commit at the end, roll back on any error. Nothing but SQL belongs inside.

        Raises StoreFull (disk), StoreLocked (another writer held it too long, or a deadlock was cut).
        RuntimeError inside another transaction of this thread.
        """
        if getattr(self._here, "mode", ""):
            raise RuntimeError("writing() inside another transaction: one use case is one transaction")
        if self._lock:
            self._lock.acquire(self._patience)
        self._here.mode = "write"
        try:
            with dialects.translated(self.database), self.database.transaction("IMMEDIATE"):
                yield
                self.database.check_transaction()
        finally:
            self._here.mode = ""
            if self._lock:
                self._lock.release()
        self.changes.tell()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A consistent snapshot; inside another transaction it is that one's."""
        if getattr(self._here, "mode", ""):
            yield
            return
        self._here.mode = "read"
        try:
            with dialects.translated(self.database), self.database.transaction("READ"):
                yield
        finally:
            self._here.mode = ""

    def joined(self) -> AbstractContextManager[None]:
        """The write transaction under way in this thread, or a new one."""
        return nullcontext() if self.in_writing else self.writing()

    # --- other ---------------------------------------------------------------------------------
    def data_version(self) -> int:
        """A number that differs after any commit by anyone; its value means nothing else (3 us on SQLite)."""
        with dialects.translated(self.database):
            return self._watch()

    def migrate(self, at: datetime | None = None) -> list[str]:
        """Apply the missing migrations in one transaction each and return their names; `at` (default: now) is noted.

        Raises ConfigError when the database is newer than the program.
        """
        from agent.store.migrations import runner

        return runner.migrate(self, at or SystemClock().now())

    def pending(self) -> list[str]:
        """Names of migrations that are not applied yet; ConfigError when the database is newer than the program."""
        from agent.store.migrations import runner

        return runner.pending(self)

    def let_go(self) -> None:
        """The thread is done for now: a connection to a server goes back where many are open, a file's stays."""
        if self.dialect == "postgresql":
            self.database.let_go()

    def close(self) -> None:
        """Close this thread's connection, the watcher's and the lock files."""
        dialects.shut(self.database)
        if self._lock:
            self._lock.close()
            self._lock = None
