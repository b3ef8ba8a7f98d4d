"""Both databases behind the same test bodies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store.database import Store
from tests import postgres
from tests.store.build import KEY

DIALECTS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, closed SQLite file that others are copied from."""
    folder = tmp_path_factory.mktemp("sqlite")
    made = Store.open(data=folder, key=KEY)
    made.migrate()
    made.close()
    return folder / "agent.db"


def copied(original: Path, data: Path) -> dict[str, object]:
    """A fresh copy of the migrated file, as arguments of Store.open."""
    data.mkdir()
    shutil.copy(original, data / "agent.db")
    return {"data": data, "key": KEY}


@pytest.fixture(params=DIALECTS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, object]]:
    """How to open the test's own migrated database, from this process or from another: arguments of Store.open."""
    if request.param == "sqlite":
        yield copied(request.getfixturevalue("migrated_file"), tmp_path / "data")
        return
    with postgres.migrated(request.getfixturevalue("postgres_server")) as url:
        yield {"data": tmp_path / "data", "url": url}


@pytest.fixture
def store(place: dict[str, object]) -> Iterator[Store]:
    opened = Store.open(**place)  # type: ignore[arg-type]
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """For what only the embedded database does."""
    made = Store.open(**copied(migrated_file, tmp_path / "data"))  # type: ignore[arg-type]
    yield made
    made.close()
