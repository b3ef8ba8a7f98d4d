"""Developers' tool: write the first migration from the models (`python -m agent.store.migrations.draft --write`)."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.store.schema import statements

_TARGET = Path(__file__).with_name("m0001_initial.py")
_WIDTH = 116


def text() -> str:
    """The module's text: both dialects' statements as wrapped string literals."""
    parts = [
        '"""The first schema, made by agent.store.migrations.draft and frozen with the first release."""\n\n# fmt: off'
    ]
    for dialect in ("sqlite", "postgresql"):
        lines = "".join(f"    {_literal(statement)},\n" for statement in statements(dialect))
        parts.append(f"{dialect.upper()} = (\n{lines})")
    return "\n\n".join(parts) + "\n"


def _literal(statement: str) -> str:
    """A Python literal in lines of at most 120 characters, broken at spaces."""
    lines, rest = [], statement
    while rest:
        cut = len(rest)
        if len(_quoted(rest)) > _WIDTH - 8:
            cut = rest.rindex(" ", 0, _WIDTH - 8 - rest[:_WIDTH].count('"')) + 1
        lines.append(_quoted(rest[:cut]))
        rest = rest[cut:]
    return lines[0] if len(lines) == 1 else "(\n        " + "\n        ".join(lines) + "\n    )"


def _quoted(part: str) -> str:
    """The part as ruff format would quote it: double quotes unless that needs more escapes."""
    part = part.replace("\\", "\\\\")
    return "'" + part + "'" if '"' in part and "'" not in part else '"' + part.replace('"', '\\"') + '"'


if __name__ == "__main__":
    if "--write" in sys.argv:
        _TARGET.write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())
