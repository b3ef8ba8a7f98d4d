"""The sandbox's sample catalogue: which procedures the training province receives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).with_name("catalogue.toml")


def sample() -> list[dict[str, Any]]:
    """The sample catalogue (marked as a sample): code, name, field, version, validFrom, validUntil, active."""
    import tomllib

    entries = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))["procedure"]
    return [complete(entry) for entry in entries]


def complete(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with every member of the contract, in its order."""
    return {
        "code": str(entry["code"]),
        "name": str(entry["name"]),
        "field": str(entry.get("field", "")),
        "version": int(entry.get("version", 1)),
        "validFrom": str(entry.get("validFrom", "")),
        "validUntil": str(entry.get("validUntil", "")),
        "active": bool(entry.get("active", True)),
    }


def national(code: str) -> str:
    """The national part of a procedure code, without a province's suffix.

    >>> national("1.004616.000.00.00.H56")
    '1.004616'
    """
    return ".".join(code.split(".")[:2])


def receives(catalogue: Sequence[Mapping[str, Any]], code: str, today: str) -> bool:
    """Whether the province receives this procedure on the day `today` (yyyy-mm-dd)."""
    for entry in catalogue:
        if national(str(entry["code"])) == national(code) and entry["active"]:
            until = str(entry["validUntil"])
            return str(entry["validFrom"]) <= today and (not until or today <= until)
    return False
