"""Counters on both databases for flow tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.flow.counter import Counter, counter

Open = Callable[..., Counter]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration CA, made once and copied into each counter's folder."""
    from agent.documents.demo_ca import DemoAuthority

    folder = tmp_path_factory.mktemp("authority")
    made = DemoAuthority.open(folder, at=datetime.now(UTC))
    made.p12("Trần Lan Anh", "clerk", username="lananh")
    return folder


@pytest.fixture
def open_counter(tmp_path: Path, authority: Path) -> Iterator[Open]:
    """Opens counters in the test's folder; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda name="data", **options: stack.enter_context(counter(tmp_path / name, authority, **options))


@pytest.fixture
def desk(open_counter: Open) -> Counter:
    """A counter on the embedded database."""
    return open_counter()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, open_counter: Open) -> Iterator[Counter]:
    """A counter on each database in turn."""
    if request.param == "sqlite":
        yield open_counter()
        return
    with ExitStack() as stack:
        yield stack.enter_context(_on_postgresql(request.getfixturevalue("postgres_server"), open_counter))


def _on_postgresql(server: str, open_counter: Open) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def opened() -> Iterator[Counter]:
        with postgres.database(server) as url:
            yield open_counter(url=url)

    return opened()
