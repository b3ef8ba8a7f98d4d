"""A camera's picture of a sheet: whether it is taken as the sheet that was found on it, or as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.domain.page_rules import Severity, severity, words


def sheet_of(seen: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where the sheet lies on the picture, when it is the sheet that counts; None: the picture as it came.

    >>> sheet_of({"flat": {"size": [1, 1], "use": False}}), sheet_of({})
    (None, None)
    """
    flat = seen.get("flat")
    return dict(flat) if flat and flat.get("use") else None


def chosen(
    seen: Mapping[str, Any], findings: Sequence[str], *, flat: bool
) -> tuple[dict[str, Any], list[str], str, str]:
    """What is seen and found when the sheet counts (`flat`), or the picture as it came; with verdict and words.

    As it came it shows the table, and nobody knows its dpi.
    """
    seen = {**seen, "flat": {**seen["flat"], "use": flat}}
    kept = [code for code in findings if code not in ("camera", "no-dpi", "background")]
    found = [("camera" if seen["flat"]["dpi"] else "no-dpi"), *kept] if flat else ["no-dpi", "background", *kept]
    weight = severity(found)
    verdict = {Severity.NOTE: "ok", Severity.ASK: "warn", Severity.REFUSE: "refused"}[weight]
    return seen, found, verdict, words(found, {"dpi": seen["flat"]["dpi"] or "?", **seen})
