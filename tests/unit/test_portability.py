"""What keeps the agent running on Windows and reproducible: read from the source, not from a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(p for top in ("agent", "labels") for p in (ROOT / top).rglob("*.py"))
POSIX_ONLY = {"fcntl", "termios", "pwd", "grp", "resource", "pty", "tty", "curses", "syslog", "readline"}
MAY_READ_TIME_AND_ENVIRONMENT = {"agent/wiring.py", "agent/settings.py", "agent/clock.py"}
MAY_NAME_DEVICE_NODES = ("agent/devices/link", "agent/devices/simulators/")
FORBIDDEN_ATTRIBUTES = {("os", "fork"), ("os", "forkpty"), ("signal", "SIGUSR1"), ("signal", "SIGUSR2")}
TIME_AND_CHANCE = {
    *(("os", name) for name in ("environ", "getenv")),
    *(("datetime", name) for name in ("now", "utcnow", "today")),
    ("date", "today"),
    *(("uuid", f"uuid{n}") for n in (1, 3, 4, 5, 6, 7, 8)),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run whenever the module is imported: not under a guard (if, try), not in a function."""
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        statement = todo.pop()
        yield statement
        if isinstance(statement, ast.ClassDef | ast.With):
            todo.extend(statement.body)


def dotted(node: ast.AST) -> tuple[str, str] | None:
    """("os", "environ") for os.environ and ("datetime", "now") for datetime.datetime.now."""
    if not isinstance(node, ast.Attribute):
        return None
    owner = node.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return name, node.attr


def imported_names(tree: ast.Module) -> set[tuple[str, str]]:
    """What `from x import y` brings in, so that an attribute cannot hide behind a plain name."""
    return {(n.module or "", a.name) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}


def problems(name: str, source: str) -> list[str]:
    """Every line of one module that Windows, or a replay with another clock, would trip over."""
    tree = ast.parse(source)
    found = []
    for statement in at_import(tree):
        modules = [a.name for a in statement.names] if isinstance(statement, ast.Import) else []
        modules += [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
        found += [f"imports {m}, which only POSIX has" for m in modules if m.split(".")[0] in POSIX_ONLY]
    uses = {d for node in ast.walk(tree) if (d := dotted(node))} | imported_names(tree)
    found += [f"uses {a}.{b}, which Windows lacks" for a, b in sorted(uses & FORBIDDEN_ATTRIBUTES)]
    if name not in MAY_READ_TIME_AND_ENVIRONMENT:
        found += [f"uses {a}.{b}: ask the injected clock, ids or settings" for a, b in sorted(uses & TIME_AND_CHANCE)]
    if not name.startswith(MAY_NAME_DEVICE_NODES):
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        found += [f"names a device node: {t[:60]!r}" for t in texts if t.startswith("/dev/")]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_would_run_on_windows(path: Path) -> None:
    assert problems(name_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import fcntl",
        "from termios import tcgetattr",
        "class A:\n    import pwd",
        "import os\nos.fork()",
        "from os import fork",
        "import signal\nX = signal.SIGUSR1",
        "import os\ndef f():\n    return os.environ['HOME']",
        "from os import environ",
        "import datetime\nX = datetime.datetime.now()",
        "from datetime import date\nX = date.today()",
        "import uuid\nX = uuid.uuid4()",
        "PORT = '/dev/ttyUSB0'",
    ],
)
def test_the_net_catches_what_it_is_for(source: str) -> None:
    assert problems("agent/anything.py", source)


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None",
        "import sys\nif sys.platform != 'win32':\n    import termios",
        "def f():\n    import pty",
        "import uuid\nX: uuid.UUID",
    ],
)
def test_a_guarded_import_is_fine(source: str) -> None:
    assert problems("agent/anything.py", source) == []
