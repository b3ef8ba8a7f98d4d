"""Small makers for the store's tests."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.store import journal, outbox

KEY = bytes(range(32))
NOW = datetime(2026, 11, 21, 2, 3, 4, 123456, tzinfo=UTC)
LEASE = timedelta(minutes=1)
_numbers = itertools.count(1)


def uid() -> uuid.UUID:
    return uuid.uuid4()


def queue(key: str | None = None, *, lane: str = "handoff", payload: bytes = b"{}", **more: Any) -> outbox.Job:
    """A job in the outbox, inside writing()."""
    key = key or f"JOB-{next(_numbers)}"
    more = {"office_id": "BC-TAYHO", "at": NOW, **more}
    return outbox.enqueue(uid=uid(), lane=lane, kind="submit", key=key, payload=payload, **more)


def note(
    ledger: str = "custody", *, terminal: str = "T1", dossier: int | None = 1, **body: Any
) -> journal.JournalEntry:
    """An entry in a journal, inside writing()."""
    return journal.append(
        ledger,
        "handed_over",
        uid=uid(),
        at=NOW,
        actor="user:lan",
        office_id="BC-TAYHO",
        terminal_id=terminal,
        dossier_id=dossier,
        body=body or {"item": "EE123456785VN"},
    )


PRELUDE = """
import json, sys, uuid
from datetime import datetime, timedelta, UTC
from pathlib import Path
from agent.store.database import Store
from agent.store import claiming, journal, outbox
from agent.domain.jobs import JobState
from tests.store.build import queue, note, uid, NOW, LEASE
where = json.loads(sys.argv[1])
store = Store.open(data=Path(where["data"]), url=where.get("url", ""), key=bytes.fromhex(where["key"]) or None)
def say(text):
    print(text, flush=True)
"""


def other_process(place: dict[str, Any], code: str) -> subprocess.Popen[str]:
    """Run `code` in a process of its own, with `store` open on the same database and `say()` to answer."""
    where = {"data": str(place["data"]), "url": place.get("url", ""), "key": (place.get("key") or b"").hex()}
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, json.dumps(where)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=root,
    )


def said(process: subprocess.Popen[str]) -> str:
    """The next line that another process says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    """Stop another process for certain."""
    process.kill()
    process.communicate(timeout=20)
