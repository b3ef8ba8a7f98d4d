"""What a long write transaction only adds, written together at its end, and what it locked and read once for all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from peewee import _savepoint

from agent.store import rows
from agent.store.base import Model, current, require_writing

T = TypeVar("T")
_AT_ONCE: Final = 500
_here = threading.local()


class Gathered:
    """Rows to add, fields to set and things known, of one transaction."""

    def __init__(self) -> None:
        self._added: list[tuple[type[Model], Mapping[str, Any]]] = []
        self._changed: dict[tuple[type[Model], int], Mapping[str, Any]] = {}
        self._known: dict[Hashable, Any] = {}

    def write(self) -> None:
        """Write what was gathered until now, each table's rows in the order in which they were added."""
        tables: dict[tuple[type[Model], frozenset[str]], list[Mapping[str, Any]]] = {}
        for model, row in self._added:
            tables.setdefault((model, frozenset(row)), []).append(row)
        for (model, _), some in tables.items():
            for start in range(0, len(some), _AT_ONCE):
                rows.insert(model, *some[start : start + _AT_ONCE])
        for (model, row_id), values in self._changed.items():
            rows.change(model, row_id, **values)
        self._added, self._changed = [], {}

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """Forget on an error what was gathered since, as the database does with what was written since."""
        added, count, before = self._added, len(self._added), (dict(self._changed), dict(self._known))
        try:
            yield
        except BaseException:
            del added[count:]  # the same list, unless it was written since: then that is undone too
            self._added, (self._changed, self._known) = added, before
            raise


@contextmanager
def gathering() -> Iterator[None]:
    """Gather until the block ends, then write; an error drops it, as the transaction is lost. Inside writing().

    Nobody may read meanwhile what is gathered but through `written`.
    """
    require_writing("gathered.gathering")
    if _now() is not None:
        yield
        return
    held = _here.held = Gathered()
    try:
        yield
        held.write()
    finally:
        _here.held = None


@contextmanager
def savepoint() -> Iterator[None]:
    """A savepoint of the transaction under way: on an error what was gathered since is undone with it."""
    held = _now()
    if held is None:
        with _savepoint(current().database, "part"):
            yield
        return
    with held.undone_on_error(), _savepoint(current().database, "part"):
        yield


def add(model: type[Model], *some: Mapping[str, Any]) -> None:
    """Insert rows, at the end of the block that gathers or at once without one."""
    if (held := _now()) is None:
        rows.insert(model, *some)
    else:
        held._added += [(model, row) for row in some]


def change(model: type[Model], row_id: int, **values: Any) -> None:
    """Set fields of a row, always the same ones, at the end of the block that gathers or at once without one."""
    if (held := _now()) is None:
        rows.change(model, row_id, **values)
    else:
        held._changed[model, row_id] = values


def once(name: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, asked once in a block that gathers (until a savepoint is undone), each time without one."""
    if (held := _now()) is None:
        return make()
    if name not in held._known:
        held._known[name] = make()
    found: T = held._known[name]
    return found


def know(name: Hashable, value: Any) -> None:
    """Give `once` another answer."""
    if (held := _now()) is not None:
        held._known[name] = value


def look_ahead(model: type[Model], name: str, values: Collection[Any]) -> None:
    """Read for which of these values of a field there is no row, in few statements; `lacks` answers by it.

    Whoever adds such a row in the same block says so by `found`.
    """
    if (held := _now()) is None:
        return
    column: Any = getattr(model, name)
    asked = list(values)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        query: Any = model.select(column).where(column.in_(some))
        there = {value for (value,) in query.distinct().tuples()}
        held._known |= {(model, name, value): None for value in some if value not in there}


def lacks(model: type[Model], name: str, value: Any) -> bool:
    """Whether it is known that there is no row with this value."""
    return (held := _now()) is not None and (model, name, value) in held._known


def found(model: type[Model], name: str, value: Any) -> None:
    """There is a row with this value from now on."""
    if (held := _now()) is not None:
        held._known.pop((model, name, value), None)


def written() -> None:
    """Write what was gathered, so that it can be read."""
    if (held := _now()) is not None:
        held.write()


def _now() -> Gathered | None:
    return getattr(_here, "held", None)
