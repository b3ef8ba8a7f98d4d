"""What is asked by a file's hash, or of one dossier, is answered by an index, however full the archive is."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.domain.retention import Kind
from agent.store import erasure, inbox, readings, retention
from agent.store.database import Store
from agent.store.dossiers import Dossier

LARGE = (
    "page", "paper", "inbox_page", "paper_text", "paper_use", "page_reading", "proof", "erased_object", "retired",
    "dossier", "ledger_row", "outbox", "journal_entry", "item", "result",
)  # fmt: skip
AT = datetime(2026, 5, 4, tzinfo=UTC)


def read_through(store: Store, asked: list[tuple[str, Any]]) -> list[str]:
    """The steps of these statements for which the database would read a whole large table."""
    if store.dialect == "postgresql":  # empty tables: it would read them through, had it another way or not
        store.database.execute_sql("SET LOCAL enable_seqscan = off")
    how, found = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN ", []
    for sql, params in asked:
        names = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(\w+)"', sql)}
        for row in store.database.execute_sql(how + sql, params).fetchall():
            step = str(row[-1]).replace('"', "")
            scanned = re.search(r"^SCAN (\w+)|Seq Scan on (\w+)", step)
            table = scanned and (scanned[1] or scanned[2])
            if table and names.get(table, table) in LARGE and "page_reading_waits" not in step:
                found.append(f"{names.get(table, table)}: {step} <- {sql}")
    return found


def ask_all(store: Store, dossier: Dossier) -> None:
    some = "ab" * 32
    readings.of_dossier("T1", dossier)
    readings.next_waiting("T1", besides=[])
    readings.give_up([some])
    readings.names(some)
    inbox.is_named(some)
    erasure.needed(some, "T1")
    retention.doomed("T1", limit=1)
    retention.candidates(Kind.MASTERS, AT, "T1", limit=1, only=dossier)


def test_a_full_archive_is_never_read_through_for_one_file_or_one_dossier(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with store.writing():
        with caplog.at_level(logging.DEBUG, "peewee"):
            ask_all(store, Dossier(id=7))
        logged = [record.msg for record in caplog.records if record.name == "peewee"]
        asked = [one for one in logged if isinstance(one, tuple) and one[0].startswith(("SELECT", "DELETE"))]
        assert len(asked) > 10
        assert read_through(store, asked) == []
    with store.writing():
        store.database.execute_sql("DROP INDEX page_sha256_turn")
        assert read_through(store, asked), "it is the index that spares it"
