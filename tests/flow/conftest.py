"""Counters on both databases for flow tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import postgres
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import Counter, counter, prepare

Open = Callable[..., Counter]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder made once, which each counter begins with a copy of."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    prepare(folder)
    return folder


@pytest.fixture(scope="session")
def authority(prepared: Path) -> Path:
    """A demonstration CA to copy, so that no new one has to be made."""
    return prepared / "demonstration-ca"


@pytest.fixture(scope="session")
def shared_province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One well-behaved sandbox; each counter finds it with an empty ledger."""
    with Sandbox(tmp_path_factory.mktemp("province")) as province:
        yield province


@pytest.fixture
def open_counter(tmp_path: Path, prepared: Path, shared_province: Sandbox) -> Iterator[Open]:
    """Opens a counter in the test's folder; it is closed at the end."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            counter(tmp_path / "data", prepared, shared=shared_province, **options)
        )


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
    with postgres.migrated(request.getfixturevalue("postgres_server")) as url:
        yield open_counter(url=url)
