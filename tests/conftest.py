"""Fixtures that several parts of the suite share."""

from __future__ import annotations

import compileall
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.memory import roomy_memory

MAY_SKIP = ("only on Windows", "needs Windows", "PAGES_DIR", "two dialects", "has many writers")  # no matter of set-up
SCREENS = "e2e"
LONG_FIRST = ("flow", "contract", "devices")


os.environ.setdefault("POSTAL_AGENT_OCR_ENABLED", "false")  # of programs that tests start: reading has tests of its own
if memory := roomy_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)  # a kill is no power cut: what a disk keeps proves no more


def pytest_configure(config: pytest.Config) -> None:
    """Compile the product once: tests start it a thousand times, and where Python may keep no bytecode each would."""
    if not hasattr(config, "workerinput"):
        for part in ("agent", "labels", "tests"):
            compileall.compile_dir(Path(__file__).parents[1] / part, quiet=2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One worker more than cores: tests of processes wait for a third of their time."""
    given = config.option.numprocesses == "auto" and "PYTEST_XDIST_AUTO_NUM_WORKERS" not in os.environ
    return len(os.sched_getaffinity(0)) + 1 if given and hasattr(os, "sched_getaffinity") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders with the longest files first, so that no worker begins one of them when the others have ended.

    A file of browser tests stands between others: three browsers with their counters on two cores make each other wait
    until pages time out.
    """
    files = [*dict.fromkeys(item.path for item in items)]
    screens = [path for path in files if SCREENS in path.parts]
    others = [path for name in LONG_FIRST for path in files if name in path.parts]
    places = {path: 2 * n for n, path in enumerate(screens)} | {path: 2 * n + 1 for n, path in enumerate(others)}
    items.sort(key=lambda item: places.get(item.path, 2 * len(files)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI what could not be had is a failure: a skip there would hide a missing installation step."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(word in reason for word in MAY_SKIP):
            report.outcome, report.longrepr = "failed", f"skipped in CI: {reason}"
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server's URL; started on first use, stopped at the end."""
    with postgres.server() as url:
        yield url
