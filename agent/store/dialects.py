"""What SQLite and PostgreSQL do differently: opening, beginning, watching, and naming their errors."""

from __future__ import annotations

import errno
import hashlib
import threading
import uuid
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import apsw
import peewee
import psycopg
from playhouse.apsw_ext import APSWDatabase

from agent.errors import ConfigError, StoreError, StoreFull, StoreLocked
from agent.store.fields import POSTGRES_TYPES, SQLITE_TYPES

OLDEST_SQLITE = (3, 51, 3)  # first with the WAL-reset repair (a checkpoint could lose committed pages before)
PATIENCE: Any = {"connect_timeout": 5, "tcp_user_timeout": 15_000, "keepalives_idle": 10}  # s, ms, s
KEPT = 6  # connections that a process keeps open between requests: an office's terminals share what a server has
LOCK_TIMEOUT = 10  # seconds that a statement waits for another's row on PostgreSQL
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_FULL = "Đĩa đã đầy: thay đổi vừa rồi không được lưu, dữ liệu cũ còn nguyên. Giải phóng đĩa rồi làm lại."
_LOCKED = "Tiến trình khác đang giữ cơ sở dữ liệu, chưa có gì thay đổi. Thử lại sau giây lát."
_CUT_OFF = "Không nối được máy chủ cơ sở dữ liệu, chưa có gì thay đổi. Kiểm tra máy chủ, mạng và mật khẩu rồi thử lại."
_BROKEN = (
    "Không đọc hoặc ghi được ổ đĩa ({cause}), chưa có gì thay đổi. Kiểm tra ổ đĩa, sao lưu ngay rồi chạy `doctor`."
)
_WRONG_KEY = "Không mở được cơ sở dữ liệu: sai khoá hoặc tệp hỏng. Kiểm tra kho khoá, hoặc phục hồi bản sao lưu."


class StoreUnavailable(StoreError):
    """The database server cannot be reached or does not let us in; nothing was half done."""

    code = "store-unavailable"
    retryable = True


class _Guarded:
    """Refuse a changing statement outside `writing()`."""

    store: Any = None

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        self._require_writing(sql)
        return super().execute_sql(sql, params)  # type: ignore[misc]

    def _require_writing(self, sql: str) -> None:
        if self.store is not None and not self.store.in_writing and sql.lstrip()[:7].upper().startswith(_WRITES):
            raise RuntimeError(f"a change outside Store.writing(): {sql[:60]}")


class SqliteStore(_Guarded, APSWDatabase):
    """SQLite with the key set first, full synchronisation and begin modes READ and IMMEDIATE."""

    key: bytes | None = None

    def _add_conn_hooks(self, conn: Any) -> None:
        if self.key is not None:
            conn.execute(f"PRAGMA key = 'raw:{self.key.hex()}'")  # a raw key: no derivation per connection
        conn.convert_binding = _bind
        super()._add_conn_hooks(conn)  # type: ignore[no-untyped-call]

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if self.store is not None and self.store.in_writing and self.transaction_depth():
            self.check_transaction()  # what follows a lost transaction would be committed on its own
        return super().execute_sql(sql, params)

    def begin(self, mode: str = "IMMEDIATE") -> None:
        super().begin("DEFERRED" if mode == "READ" else mode)

    def check_transaction(self) -> None:
        """StoreFull when SQLite rolled back by itself and the caller swallowed the error."""
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        if not connection.in_transaction:
            raise StoreFull(_FULL)


class PostgresStore(_Guarded, peewee.PostgresqlDatabase):
    """PostgreSQL by psycopg 3 with begin modes READ (one snapshot) and IMMEDIATE (read committed)."""

    _counting = threading.Lock()

    def _connect(self) -> Any:
        connection: Any = super()._connect()  # type: ignore[misc]
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
        with self._counting:
            self.__dict__.setdefault("_made", weakref.WeakSet()).add(connection)
        return connection

    def let_go(self) -> None:
        """Close this thread's connection, unless no more than KEPT of this process are open."""
        with self._counting:
            opened = sum(not one.closed for one in self.__dict__.get("_made", ()))
        if opened > KEPT and not self.in_transaction():
            self.close()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        try:
            return super().execute_sql(sql, params)
        except (peewee.OperationalError, peewee.InterfaceError):
            connection: Any = self.connection()  # type: ignore[no-untyped-call]
            if self.transaction_depth() or not connection.closed:
                raise
            self.close()  # the server was restarted since: nothing is lost yet
            self.connect()
            return super().execute_sql(sql, params)

    def execute_numbered(self, sql: str, values: Sequence[Any]) -> None:
        """Run a long change inside writing() whose values are marked $1, $2 …, sent as it is."""
        self._require_writing(sql)
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
            psycopg.RawCursor(connection).execute(sql, values)

    def begin(self, mode: str = "IMMEDIATE") -> None:  # type: ignore[override]
        kind = "REPEATABLE READ, READ ONLY" if mode == "READ" else "READ COMMITTED"
        self.execute_sql(f"BEGIN ISOLATION LEVEL {kind}")

    def check_transaction(self) -> None:
        """Nothing to check: PostgreSQL refuses all statements after an error."""


def _bind(_cursor: Any, _number: int, value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.bytes
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"SQLite cannot hold a {type(value).__name__}")


def sqlite(path: Path, key: bytes | None) -> SqliteStore:
    """The SQLite database at `path`; ConfigError when the library has the WAL-reset fault."""
    refuse_affected(apsw.sqlite_lib_version())
    if key is not None and len(key) != 32:
        raise ConfigError("Khoá cơ sở dữ liệu phải dài 32 byte. Kiểm tra kho khoá của máy.")
    pragmas = [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", 1), ("cache_size", -16384)]
    options = {"pragmas": pragmas, "timeout": 5, "field_types": SQLITE_TYPES}
    database = SqliteStore(str(path), **options)  # type: ignore[no-untyped-call]
    database.key = key
    return database


def refuse_affected(version: str) -> None:
    """ConfigError for a SQLite older than 3.51.3."""
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        raise ConfigError(
            f"SQLite {version} có lỗi làm hỏng dữ liệu WAL. Cài apsw-sqlite3mc từ 3.51.3 trở lên rồi chạy lại."
        )


def postgresql(url: str) -> PostgresStore:
    """The PostgreSQL database of a libpq URL."""
    return PostgresStore(url, prefer_psycopg3=True, field_types=POSTGRES_TYPES, **PATIENCE)


def watcher(database: Any) -> Callable[[], int]:
    """A function that gives another number after any commit, over a connection of its own where that is needed."""
    if isinstance(database, PostgresStore):
        return lambda: _snapshot(database)
    return _SqliteWatch(database)


def _snapshot(database: PostgresStore) -> int:
    text = database.execute_sql("SELECT pg_current_snapshot()::text").fetchone()[0]
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7])


class _SqliteWatch:
    """PRAGMA data_version on a connection that never writes, so that this process's commits count too."""

    def __init__(self, database: Any) -> None:
        self._database, self._lock = database, threading.Lock()
        self._connection: Any = None

    def __call__(self) -> int:
        with self._lock:
            if self._connection is None:
                self._connection = self._database._connect()
            return int(self._connection.pragma("data_version"))

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


@contextmanager
def translated(database: Any) -> Iterator[None]:
    """Turn the databases' own errors into the product's; rollback noise on top of them is seen through."""
    try:
        yield
    except (peewee.PeeweeException, apsw.Error) as error:
        raise _known(error, _system_errno(database)) or error from error


def _system_errno(database: Any) -> int:
    """What the operating system last said to this thread's SQLite connection; 0 elsewhere."""
    if not isinstance(database, SqliteStore) or database.is_closed():
        return 0
    connection: Any = database.connection()  # type: ignore[no-untyped-call]
    return int(connection.system_errno)


def _known(error: BaseException, said: int) -> StoreError | None:
    seen: BaseException | None = error
    while seen is not None:
        for cause in (seen, *seen.args):
            if _is_full(cause, said):
                return StoreFull(_FULL)
            if isinstance(cause, apsw.IOError):
                return StoreError(_BROKEN.format(cause=cause))
            if isinstance(cause, apsw.BusyError | apsw.LockedError) or _sqlstate(cause) in ("40P01", "55P03", "40001"):
                return StoreLocked(_LOCKED)
            if isinstance(cause, apsw.NotADBError | apsw.CorruptError):
                return StoreError(_WRONG_KEY)
            if _is_cut_off(cause):
                return StoreUnavailable(_CUT_OFF)
        seen = seen.__cause__ or seen.__context__
    return None


def _is_full(cause: object, said: int) -> bool:
    if isinstance(cause, apsw.IOError) and said in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return True
    return isinstance(cause, apsw.FullError) or _sqlstate(cause) == "53100"


def _is_cut_off(cause: object) -> bool:
    if _sqlstate(cause).startswith(("08", "28", "3D", "57P")):
        return True
    return isinstance(cause, psycopg.OperationalError) and not _sqlstate(cause)


def _sqlstate(cause: object) -> str:
    return str(getattr(cause, "sqlstate", "") or "")


def shut(database: Any) -> None:
    """Close this thread's connection and the watcher."""
    if database.store is not None and isinstance(database.store._watch, _SqliteWatch):
        database.store._watch.close()
    if not database.is_closed():
        database.close()
