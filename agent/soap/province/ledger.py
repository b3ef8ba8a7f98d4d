"""The sandbox province's own ledger: one SQLite file that the server and the clerk's commands share."""

from __future__ import annotations

from pathlib import Path

from agent.soap.peer_file import PeerFile

SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (agency TEXT, day TEXT, next INTEGER NOT NULL, PRIMARY KEY (agency, day));
CREATE TABLE IF NOT EXISTS allocations (
  key TEXT PRIMARY KEY, office TEXT NOT NULL, procedure TEXT NOT NULL, number TEXT NOT NULL UNIQUE, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dossiers (
  number TEXT PRIMARY KEY, provisional TEXT NOT NULL, submitted_as TEXT NOT NULL, office TEXT NOT NULL,
  bucket TEXT NOT NULL, procedure TEXT NOT NULL, owner_id TEXT NOT NULL, digest TEXT NOT NULL,
  status INTEGER NOT NULL, version INTEGER NOT NULL, fee INTEGER NOT NULL, received_at TEXT NOT NULL,
  due_at TEXT NOT NULL, canonical BLOB NOT NULL, dropped INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS dossiers_key ON dossiers (submitted_as);
CREATE INDEX IF NOT EXISTS dossiers_bucket ON dossiers (bucket);
CREATE INDEX IF NOT EXISTS dossiers_provisional ON dossiers (provisional);
CREATE INDEX IF NOT EXISTS dossiers_owner ON dossiers (owner_id);
CREATE TABLE IF NOT EXISTS files (
  number TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, component TEXT NOT NULL, paper_code TEXT NOT NULL,
  handling TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (number, sha256, component));
CREATE TABLE IF NOT EXISTS supplements (
  number TEXT NOT NULL, round INTEGER NOT NULL, digest TEXT NOT NULL, canonical BLOB NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS results (
  number TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, form TEXT NOT NULL,
  sha256 TEXT NOT NULL, item TEXT NOT NULL DEFAULT '', delivered_at TEXT NOT NULL DEFAULT '', PRIMARY KEY (number, id));
CREATE TABLE IF NOT EXISTS receipts (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, operation TEXT NOT NULL, number TEXT NOT NULL,
  digest TEXT NOT NULL, at TEXT NOT NULL, document BLOB NOT NULL, signature BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS receipts_key ON receipts (key);
CREATE TABLE IF NOT EXISTS changes (
  cursor INTEGER PRIMARY KEY AUTOINCREMENT, office TEXT NOT NULL, number TEXT NOT NULL, version INTEGER NOT NULL,
  status INTEGER NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL, handler TEXT NOT NULL, note TEXT NOT NULL,
  due_at TEXT NOT NULL, results TEXT NOT NULL, requests TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_office ON changes (office, cursor);
CREATE TABLE IF NOT EXISTS plants (number TEXT NOT NULL, kind TEXT NOT NULL, before TEXT NOT NULL,
  PRIMARY KEY (number, kind));
CREATE TABLE IF NOT EXISTS log (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS log_kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS log_fixed BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS receipts_kept BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS receipts_fixed BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""

REPORTS = """
ALTER TABLE receipts ADD COLUMN office TEXT NOT NULL DEFAULT '';
ALTER TABLE receipts ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX receipts_sequence ON receipts (office, sequence) WHERE sequence > 0;
CREATE TABLE payments (
  uid TEXT PRIMARY KEY, number TEXT NOT NULL, provisional TEXT NOT NULL, bucket TEXT NOT NULL, kind TEXT NOT NULL,
  ledger TEXT NOT NULL, code TEXT NOT NULL, amount INTEGER NOT NULL, at TEXT NOT NULL, means TEXT NOT NULL,
  document TEXT NOT NULL, content TEXT NOT NULL);
CREATE INDEX payments_bucket ON payments (bucket);
CREATE INDEX payments_number ON payments (number);
CREATE TABLE custody (
  uid TEXT PRIMARY KEY, item TEXT NOT NULL, provisional TEXT NOT NULL, kind TEXT NOT NULL, holder TEXT NOT NULL,
  reason TEXT NOT NULL, at TEXT NOT NULL, office TEXT NOT NULL, bucket TEXT NOT NULL, content TEXT NOT NULL);
CREATE INDEX custody_bucket ON custody (bucket);
CREATE INDEX custody_provisional ON custody (provisional);
CREATE TABLE statements (
  id INTEGER PRIMARY KEY, operation TEXT NOT NULL, number TEXT NOT NULL, digest TEXT NOT NULL,
  canonical BLOB NOT NULL, at TEXT NOT NULL);
CREATE INDEX statements_number ON statements (number);
CREATE TABLE lookups (id INTEGER PRIMARY KEY, at TEXT NOT NULL, purpose TEXT NOT NULL);
CREATE INDEX lookups_purpose ON lookups (purpose, at);
CREATE TABLE heads (
  office TEXT NOT NULL, chain TEXT NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL, since INTEGER NOT NULL,
  root TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (office, chain, sequence, hash));
CREATE TABLE exchanges (
  id INTEGER PRIMARY KEY, office TEXT NOT NULL, at TEXT NOT NULL, document BLOB NOT NULL, signature BLOB NOT NULL);
CREATE INDEX exchanges_office ON exchanges (office, id);
"""
"""What version 2 adds: reports beside dossiers, journal heads, and receipts chained for each office."""

VERSION = 2


class Ledger(PeerFile):
    """`province.db` in `folder`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "province.db")
        with self.writing():
            version = int(str(self._db.execute("PRAGMA user_version").fetchall()[0][0]))
            if version < VERSION:
                self._db.execute(f"{SCHEMA if version < 1 else ''} {REPORTS} PRAGMA user_version = {VERSION};")

    def note(self, at: str, operation: str, key: str, outcome: str) -> None:
        """Append to the log of what the province did: ids and codes only."""
        self.run(
            "INSERT INTO log (at, operation, key, outcome) VALUES (:at, :operation, :key, :outcome)",
            at=at,
            operation=operation,
            key=key,
            outcome=outcome,
        )
