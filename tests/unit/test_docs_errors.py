"""docs/errors.md names every error code of the program, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from agent.soap.contract import RETRYABLE
from agent.soap.judge import WORDS

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def codes_in(tree: ast.AST) -> set[str]:
    """Codes of error classes (`code = "…"`) and of single errors (`code="…"` in a raised or returned error)."""
    found: set[str] = set()
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.value if [getattr(target, "id", "") for target in targets] == ["code"] else None
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith(
            ("Error", "Violation", "Duplicate", "NotFound", "Forbidden", "Unavailable", "Rejected")
        ):
            value = next((word.value for word in node.keywords if word.arg == "code"), None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
            found.add(value.value)
    return found


def test_every_error_code_is_explained_and_none_is_made_up() -> None:
    used = {f"handoff-{code.lower().replace('_', '-')}" for code in RETRYABLE if code in WORDS}
    for path in (ROOT / "agent").rglob("*.py"):
        used |= codes_in(ast.parse(path.read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.M))

    assert used - explained == set()
    assert explained - used == set()
