"""What the gate says of a page after the clerk turned it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.domain.page_rules import TURNED, Severity, severity, words
from agent.ports import Verdict


def judged_anew(findings: Sequence[str], verdict: str, seen: Mapping[str, Any], turn: int) -> dict[str, Any]:
    """The gate's word without, or again with, what turning puts right; nothing when that changes nothing.

    `turn` is how far the page stands turned clockwise, `seen["turn"]` how far it should be.
    """
    wanted = int(seen.get("turn", 0))
    now = [code for code in findings if code not in TURNED]
    if wanted and turn != wanted:
        now.append("upside-down" if (wanted - turn) % 360 == 180 else "sideways")
    if set(now) == set(findings) or verdict == Verdict.REFUSED:
        return {}
    said = Verdict.WARN if severity(now) is Severity.ASK else Verdict.OK
    return {"findings": now, "verdict": said.value, "reason": words(now, seen)}
