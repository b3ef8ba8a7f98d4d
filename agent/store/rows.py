"""Insert and look up rows of a model by statements that are written once, not built anew for every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import peewee

from agent.store.base import Model, current, require_writing
from agent.store.fields import CodeField

M = TypeVar("M", bound=Model)
_AS_IS = (peewee.TextField, peewee.IntegerField, peewee.BigIntegerField, CodeField)  # both databases hold what we give
_MANY = 4  # rows of a statement from which psycopg would take longer to find their marks than to send them


def create(model: type[M], **values: Any) -> M:
    """Insert one row, fields by name, defaults filled in, and return it with its id. Inside writing()."""
    row = _filled(model, values)
    row.id = insert_row(row)
    return row


def create_unless_there(model: type[M], **values: Any) -> M | None:
    """As `create`; None when a row with one of its unique values is there already. Inside writing()."""
    row = _filled(model, values)
    row.id = _insert(model, [row.__data__], want_id=True, ignore=True)
    return row if row.id is not None else None


def insert_row(row: Model) -> int:
    """Insert a filled row and return its id. Inside writing()."""
    made = _insert(type(row), [row.__data__], want_id=True)
    assert made is not None
    return made


def insert(model: type[Model], *rows: Mapping[str, Any]) -> None:
    """Insert rows, fields by name, defaults filled in; all rows name the same fields. Inside writing()."""
    if rows:
        _insert(model, rows, want_id=False)


def change(model: type[Model], row_id: int, **values: Any) -> None:
    """Set fields of the row with this id. Inside writing()."""
    change_where(model, {"id": row_id}, **values)


def change_where(model: type[Model], equals: Mapping[str, Any], **values: Any) -> int:
    """Set fields of all rows whose fields have these values (None: null); how many there were. Inside writing()."""
    store = current()
    null = tuple(name for name, value in equals.items() if value is None)
    sql, fields, wanted = _update_sql(model, tuple(values), tuple(equals), null, store.dialect)
    given = [field.db_value(value) for field, value in zip(fields, values.values(), strict=True)]
    asked = [field.db_value(equals[field.name]) for field in wanted]
    return int(store.database.rows_affected(store.database.execute_sql(sql, given + asked)))


def save(row: Model) -> None:
    """Write all fields of a row that was read before. Inside writing()."""
    values = dict(row.__data__)
    change(type(row), values.pop("id"), **values)
    row._dirty.clear()  # type: ignore[attr-defined]  # as peewee's own save leaves it


def first(model: type[M], **equals: Any) -> M | None:
    """The row whose fields have these values, the oldest of several; None without one."""
    held = _select(model, equals, " LIMIT 1")
    return held[0] if held else None


def first_to_change(model: type[M], **equals: Any) -> M | None:
    """As `first`; nobody else may change the row until this transaction ends. Inside writing()."""
    require_writing("rows.first_to_change")
    held = _select(model, equals, " LIMIT 1" if current().dialect == "sqlite" else " LIMIT 1 FOR UPDATE")
    return held[0] if held else None


def every(model: type[M], **equals: Any) -> list[M]:
    """All rows whose fields have these values, in the order of their ids."""
    return _select(model, equals, "")


def found(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a select says that is written with ? for its values; read to its end, as an open one stops checkpoints."""
    store = current()
    made: list[tuple[Any, ...]] = store.database.execute_sql(sql.replace("?", _mark(store.dialect)), values).fetchall()
    return made


def _insert(
    model: type[Model], rows: Sequence[Mapping[str, Any]], *, want_id: bool, ignore: bool = False
) -> int | None:
    store = current()
    ending = " ON CONFLICT DO NOTHING" * ignore + " RETURNING id" * want_id
    numbered = store.dialect == "postgresql" and len(rows) >= _MANY
    sql, fields, defaults = _insert_sql(model, tuple(rows[0]), len(rows), ending, store.dialect, numbered)
    values: list[Any] = []
    for row in rows:
        values += [convert(row[name]) if convert else row[name] for name, convert in fields]
        values += defaults
    if numbered:
        store.database.execute_numbered(sql, values)
        return None
    cursor = store.database.execute_sql(sql, values)
    made = cursor.fetchone() if want_id else None
    return None if made is None else int(made[0])


@lru_cache(maxsize=256)
def _insert_sql(
    model: type[Model], names: tuple[str, ...], count: int, ending: str, dialect: str, numbered: bool
) -> tuple[str, list[Any], list[Any]]:
    meta = _meta(model)
    fields = [meta.fields[name] for name in names]
    others = [field for field in meta.defaults if field.name not in names]
    columns = ", ".join(f'"{field.column_name}"' for field in (*fields, *others))
    width = len(fields) + len(others)
    marks = [f"${place + 1}" if numbered else _mark(dialect) for place in range(width * count)]
    lines = [f"({', '.join(marks[start : start + width])})" for start in range(0, width * count, width)]
    sql = f'INSERT INTO "{meta.table_name}" ({columns}) VALUES {", ".join(lines)}'  # noqa: S608
    converted = [(field.name, _to_store(field)) for field in fields]
    return sql + ending, converted, [field.db_value(meta.defaults[field]) for field in others]


@lru_cache(maxsize=256)
def _update_sql(
    model: type[Model], names: tuple[str, ...], equals: tuple[str, ...], null: tuple[str, ...], dialect: str
) -> tuple[str, list[Any], list[Any]]:
    meta, mark = _meta(model), _mark(dialect)
    fields, wanted = [meta.fields[name] for name in names], [meta.fields[name] for name in equals if name not in null]
    settings = ", ".join(f'"{field.column_name}" = {mark}' for field in fields)
    where = [f'"{field.column_name}" = {mark}' for field in wanted]
    where += [f'"{meta.fields[name].column_name}" IS NULL' for name in null]
    return f'UPDATE "{meta.table_name}" SET {settings} WHERE {" AND ".join(where)}', fields, wanted  # noqa: S608


def _select(model: type[M], equals: Mapping[str, Any], ending: str) -> list[M]:
    store = current()
    sql, wanted, fields = _select_sql(model, tuple(equals), ending, store.dialect)
    values = [field.db_value(value) for field, value in zip(wanted, equals.values(), strict=True)]
    return [_row(model, fields, row) for row in store.database.execute_sql(sql, values).fetchall()]


@lru_cache(maxsize=256)
def _select_sql(
    model: type[Model], names: tuple[str, ...], ending: str, dialect: str
) -> tuple[str, list[Any], list[Any]]:
    meta = _meta(model)
    wanted, fields = [meta.fields[name] for name in names], list(meta.sorted_fields)
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    where = " AND ".join(f'"{field.column_name}" = {_mark(dialect)}' for field in wanted)
    sql = f'SELECT {columns} FROM "{meta.table_name}" WHERE {where} ORDER BY "{meta.primary_key.column_name}"'  # noqa: S608
    return sql + ending, wanted, [(field.name, _from_store(field)) for field in fields]


def _row(model: type[M], fields: Sequence[Any], values: Sequence[Any]) -> M:
    row = model(__no_default__=True)
    row.__data__ = {
        name: convert(value) if convert else value for (name, convert), value in zip(fields, values, strict=True)
    }
    return row


def _filled(model: type[M], values: Mapping[str, Any]) -> M:
    row = model(__no_default__=True)
    row.__data__ = {**_meta(model).get_default_dict(), **values}
    for name, value in values.items():
        if isinstance(value, Model):
            row.__rel__[name], row.__data__[name] = value, value.id
    return row


def _to_store(field: Any) -> Any:
    """The field's conversion of what is stored; None where there is none."""
    return None if type(field) in _AS_IS else field.db_value


def _from_store(field: Any) -> Any:
    """The field's conversion of what is read; None where there is none."""
    return None if type(field) in _AS_IS else field.python_value


def _meta(model: type[Model]) -> Any:
    return model._meta


def _mark(dialect: str) -> str:
    return "?" if dialect == "sqlite" else "%s"
