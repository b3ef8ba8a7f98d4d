"""What a stub of a profiled province keeps: dossiers by their code, the messages about them, and files."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from agent.soap.peer_file import PeerFile

SCHEMA = """
CREATE TABLE IF NOT EXISTS numbers (provisional TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS dossiers (
  number TEXT PRIMARY KEY, provisional TEXT NOT NULL, status TEXT NOT NULL, version INTEGER NOT NULL,
  updated INTEGER NOT NULL, received TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', results TEXT NOT NULL DEFAULT '[]',
  requests TEXT NOT NULL DEFAULT '[]', files TEXT NOT NULL, theirs TEXT NOT NULL, ours TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  operation TEXT NOT NULL, number TEXT NOT NULL, part TEXT NOT NULL, theirs TEXT NOT NULL, ours TEXT NOT NULL,
  PRIMARY KEY (operation, number, part));
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL, code TEXT NOT NULL);
"""
_SHA256 = re.compile("[0-9a-f]{64}")


class StubStore(PeerFile):
    """`stub.db` in `folder`, and `files/<sha256>`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "stub.db")
        self._files = folder / "files"
        self._files.mkdir(exist_ok=True)
        self._db.execute(SCHEMA)

    def dossier(self, number: str) -> dict[str, Any] | None:
        """One dossier, its JSON columns read."""
        found = self.dossiers("WHERE number = :number", number=number)
        return found[0] if found else None

    def dossiers(self, where: str = "", **values: Any) -> list[dict[str, Any]]:
        """Dossiers, oldest change first, their JSON columns read."""
        rows = self.rows(f"SELECT * FROM dossiers {where} ORDER BY updated, number", **values)  # noqa: S608 (our own text)
        names = ("results", "requests", "files", "theirs", "ours")
        return [{**row, **{name: json.loads(row[name]) for name in names}} for row in rows]

    def part(self, sha256: str) -> tuple[int, bool]:
        """How many bytes of a file are there, and whether it is whole and has its hash."""
        if not _SHA256.fullmatch(sha256):  # it becomes a file's name
            return 0, False
        whole, part = self._files / sha256, self._files / f"{sha256}.part"
        if whole.exists():
            return whole.stat().st_size, True
        return (part.stat().st_size if part.exists() else 0), False

    def add_part(self, sha256: str, offset: int, data: bytes) -> None:
        """Add what is new of a part; a file that has its hash is whole."""
        received, complete = self.part(sha256)
        if complete or offset > received or not _SHA256.fullmatch(sha256):
            return
        part = self._files / f"{sha256}.part"
        with part.open("ab") as file:
            file.write(data[received - offset :])
        if hashlib.sha256(part.read_bytes()).hexdigest() == sha256:
            part.replace(self._files / sha256)

    def keep_file(self, sha256: str, data: bytes) -> None:
        """Keep a file once under its hash."""
        place = self._files / sha256
        if not place.exists():
            place.write_bytes(data)
