"""A database that was migrated is the one that the models describe."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import timedelta
from pathlib import Path

import pytest

import agent.store
from agent.errors import ConfigError
from agent.store import base, models, schema
from agent.store.database import Store
from agent.store.migrations import draft, runner
from agent.store.migrations.runner import Migration
from agent.store.schema_migration import SchemaMigration
from tests import postgres
from tests.store.build import NOW

POSTGRES_CATALOGUE = (
    "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, collation_name "
    "FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 3",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace "
    "ORDER BY 1, 2",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
)


def catalogue(store):
    """Everything the database says of its own shape."""
    if store.dialect == "sqlite":
        return store.database.execute_sql(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
        ).fetchall()
    return [store.database.execute_sql(sql).fetchall() for sql in POSTGRES_CATALOGUE]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A store without any table."""
    if request.param == "sqlite":
        made = Store.open(data=tmp_path / "empty")
        yield made
        made.close()
        return
    with postgres.database(request.getfixturevalue("postgres_server")) as url:
        made = Store.open(data=tmp_path / "empty", url=url)
        yield made
        made.close()


def test_a_migrated_database_is_what_the_models_describe(store, empty):
    if store.dialect != empty.dialect:
        pytest.skip("two dialects")
    with empty.writing():
        for statement in schema.statements(empty.dialect):
            empty.database.execute_sql(statement)
    assert catalogue(store) == catalogue(empty)


def test_every_stored_class_is_in_the_list_of_models():
    for module in pkgutil.iter_modules(agent.store.__path__):
        importlib.import_module(f"agent.store.{module.name}")
    kinds, found = [base.Model], set()
    while kinds:
        children = kinds.pop().__subclasses__()
        kinds += children
        found.update(kind for kind in children if kind.__module__.startswith("agent.") and kind is not base.Owned)
    found = {kind for kind in found if not getattr(kind._meta, "_is_alias", False)}
    assert {kind.__name__ for kind in found} == {kind.__name__ for kind in models.MODELS}


def test_until_the_first_release_the_first_migration_is_the_models_own_text():
    assert (Path(draft.__file__).with_name("m0001_initial.py")).read_text(encoding="utf-8") == draft.text()


def test_migrating_twice_changes_nothing_and_leaves_a_note(empty):
    assert empty.pending() == ["m0001_initial"]
    assert empty.migrate(NOW) == ["m0001_initial"]
    assert (empty.migrate(NOW + timedelta(days=1)), empty.pending()) == ([], [])
    (noted,) = SchemaMigration.select()
    assert (noted.name, noted.applied_at, len(noted.checksum)) == ("m0001_initial", NOW, 64)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty):
    empty.migrate(NOW)
    before = catalogue(empty)
    broken = Migration("m0002_broken", ("CREATE TABLE extra (id INTEGER)", "CREATE TABLE extra (id INTEGER)"))
    with pytest.raises(Exception, match="extra"):
        runner.migrate(empty, NOW, [*runner.known(empty.dialect), broken])
    assert catalogue(empty) == before
    assert empty.pending() == []


def test_an_old_program_refuses_a_newer_database(empty):
    empty.migrate(NOW)
    with empty.writing():
        SchemaMigration.create(name="m0999_future", checksum="0" * 64, applied_at=NOW)
    with pytest.raises(ConfigError, match="mới hơn chương trình"):
        empty.pending()


def test_a_migration_that_was_changed_after_it_ran_is_noticed(empty):
    empty.migrate(NOW)
    with empty.writing():
        SchemaMigration.update(checksum="0" * 64).execute()
    with pytest.raises(ConfigError, match="m0001_initial"):
        empty.migrate(NOW)
