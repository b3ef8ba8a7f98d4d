"""Values of a profiled province as the port's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent.domain.canonical import canonical_json
from agent.domain.canonical_codec import instant_text, parse_instant
from agent.ports import StatusChange
from agent.ports_province import Receipt
from agent.soap.profiles import files
from agent.soap.profiles.ours import OPERATIONS
from agent.soap.profiles.profile import Profile


def record_of(
    name: str, key: str, number: str, digest: str, plain: Mapping[str, Any], at: datetime, code: str,
    profile: Profile, *, duplicate: bool,
) -> Receipt:  # fmt: skip
    """Our own unsigned record of what the province answered, in the shape of a receipt."""
    document = {
        "operation": OPERATIONS[name].contract,
        "key": key,
        "number": number,
        "digest": digest,
        "files": files.hashes(plain),
        "at": instant_text(at),
        "unsigned": True,
        "profile": f"{profile.name}/{profile.revision}",
        "answer": code,
        "duplicate": duplicate,
    }
    return Receipt(key, number, digest, at.replace(microsecond=0), duplicate, canonical_json(document), b"")


def change_of(read: Mapping[str, Any]) -> StatusChange:
    """One entry of the status feed from what was read of an answer."""
    due = str(read.get("due_at") or "")
    return StatusChange(
        cursor=_cursor(read["cursor"]),
        number=str(read["number"]),
        version=int(read["version"]),
        status=int(read["status"]),
        at=parse_instant(str(read["at"])),
        body=str(read.get("body", "")),
        handler=str(read.get("handler", "")),
        note=str(read.get("note", "")),
        due_at=parse_instant(due) if due else None,
        results=tuple({key: str(value) for key, value in one.items()} for one in read.get("results", ())),
        requests=tuple({key: str(value) for key, value in one.items()} for one in read.get("requests", ())),
    )


def _cursor(value: Any) -> int:
    """A cursor as it is kept: a number as it came, an instant in seconds since 1970."""
    text = str(value)
    return int(text) if text.isdecimal() else int(parse_instant(text).timestamp())


def procedure_of(read: Mapping[str, Any]) -> dict[str, Any]:
    """A catalogue entry: code, name, field, version (int), validFrom, validUntil, active (bool)."""
    texts = {name: str(read.get(name, "")) for name in ("code", "name", "field", "validFrom", "validUntil")}
    return {**texts, "version": int(read.get("version") or 0), "active": read.get("active", True) is True}
