"""Applies the numbered migrations that a database lacks, and says when it is ahead of the program."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.errors import ConfigError
from agent.store import migrations
from agent.store.schema_migration import SchemaMigration

_NAME = re.compile(r"m\d{4}_\w+")


@dataclass(frozen=True)
class Migration:
    """One numbered change: its statements run in one transaction."""

    name: str
    statements: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 of the statements."""
        return hashlib.sha256("\n".join(self.statements).encode()).hexdigest()


def known(dialect: str) -> list[Migration]:
    """The program's migrations for a dialect, in order."""
    names = sorted(m.name for m in pkgutil.iter_modules(migrations.__path__) if _NAME.fullmatch(m.name))
    found = []
    for name in names:
        module: Any = importlib.import_module(f"{migrations.__name__}.{name}")
        found.append(Migration(name, module.SQLITE if dialect == "sqlite" else module.POSTGRESQL))
    return found


def pending(store: Any) -> list[str]:
    """Names of the migrations that are not applied; ConfigError when the database does not fit the program."""
    return [migration.name for migration in _missing(store, known(store.dialect))]


def migrate(store: Any, at: datetime, steps: Sequence[Migration] | None = None) -> list[str]:
    """Apply what is missing, one transaction each, and return the names."""
    steps = known(store.dialect) if steps is None else steps
    done = []
    for step in _missing(store, steps):
        with store.writing():
            if store.dialect == "postgresql":
                store.database.execute_sql("SELECT pg_advisory_xact_lock(7702)")
            if step not in _missing(store, steps):
                continue  # another process was faster
            for statement in step.statements:
                store.database.execute_sql(statement)
            SchemaMigration.insert(name=step.name, checksum=step.checksum, applied_at=at).execute()
        done.append(step.name)
    return done


def _missing(store: Any, steps: Sequence[Migration]) -> list[Migration]:
    applied: dict[str, str] = {}
    if store.database.table_exists("schema_migration"):
        rows: Any = SchemaMigration.select(SchemaMigration.name, SchemaMigration.checksum).tuples()
        applied = dict(rows)
    by_name = {step.name: step for step in steps}
    ahead = sorted(set(applied) - set(by_name))
    if ahead:
        raise ConfigError(
            f"Cơ sở dữ liệu mới hơn chương trình (có {ahead[0]}). Cài bản postal-agent mới nhất, không dùng bản cũ."
        )
    for name, checksum in applied.items():
        if by_name[name].checksum != checksum:
            raise ConfigError(
                f"Bước nâng cấp {name} đã chạy khác với bước trong chương trình. Cài lại đúng bản, hoặc phục hồi "
                f"bản sao lưu."
            )
    return [step for step in steps if step.name not in applied]
