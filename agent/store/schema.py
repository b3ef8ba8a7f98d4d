"""The schema as the program's models and hand-written extras define it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import peewee

from agent.store import dialects, journal, money, search


def blank(dialect: str) -> Any:
    """A database object of the dialect that is never opened: it only writes SQL."""
    return dialects.sqlite(Path(":memory:"), None) if dialect == "sqlite" else dialects.postgresql("postgresql:///")


def statements(dialect: str) -> list[str]:
    """All statements that make an empty database of this dialect complete, tables before what points to them."""
    from agent.store.models import MODELS

    database = blank(dialect)
    made: list[str] = []
    library: Any = peewee  # its stubs lack sort_models
    for model in library.sort_models(MODELS):
        manager: Any = peewee.SchemaManager(model, database=database)
        for context in (manager._create_table(safe=False), *manager._create_indexes(safe=False)):
            sql, values = context.query()
            if values:
                raise ValueError(f"{model.__name__}: values cannot stand in a table's definition: {values}")
            made.append(sql)
    return made + journal.DDL[dialect] + money.DDL[dialect] + search.DDL[dialect]
