"""A store that does not wait for the disk at each commit: the replay of power cuts must find lost work in it."""

from __future__ import annotations

from typing import Any

from agent.store.database import Store


def unsynced(store: Store) -> Store:
    """The same store with synchronous=NORMAL, the setting that much advice for WAL names."""
    database: Any = store.database
    database.execute_sql("PRAGMA synchronous = NORMAL")
    return store
