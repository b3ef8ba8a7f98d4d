"""The database of a province of software: one SQLite file, one user at a time in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BUSY_MILLISECONDS = 10_000


class PeerFile:
    """One file, made where it is not: WAL, synchronous=FULL, one connection."""

    def __init__(self, path: Path) -> None:
        import apsw

        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = apsw.Connection(str(path))
        self._db.set_busy_timeout(BUSY_MILLISECONDS)
        self._db.execute("PRAGMA journal_mode=WAL").fetchall()
        self._db.execute("PRAGMA synchronous=FULL").fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One BEGIN IMMEDIATE transaction: all of it is on disk after the block, or none."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have rolled back already
                    self._db.execute("ROLLBACK")
                raise

    def run(self, sql: str, **values: Any) -> None:
        """One statement that changes something; only inside writing()."""
        self._db.execute(sql, values)

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """All rows of a query as dicts."""
        with self._lock:
            cursor = self._db.execute(sql, values)
            found = []
            for row in cursor:
                names = [column[0] for column in cursor.get_description()]
                found.append(dict(zip(names, row, strict=True)))
            return found

    def row(self, sql: str, **values: Any) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        found = self.rows(sql, **values)
        return found[0] if found else None
