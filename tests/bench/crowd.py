"""Many dossiers at once: rows of whole dossiers, as receiving them one by one would leave them, loaded in bulk."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from agent.domain.dossier import ENDED, ReturnWay, Role, State
from agent.domain.identifiers import mint_provisional
from agent.domain.jobs import JobState
from agent.domain.text import fold
from agent.store import search
from agent.store.database import Store
from agent.store.fields import utc_text
from tests.bench.people import person

NEWEST = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
DAYS = 720  # over which the dossiers were received
OFFICES = [("BC-TAYHO", "T1"), ("BC-TAYHO", "T2"), *((f"BC-{name}", f"T{code}") for name, code in zip(
    ("SONTAY", "CAUGIAY", "DONGDA", "HAIBATRUNG", "BADINH", "HOANKIEM"), "3456789", strict=False))]  # fmt: skip
OPEN = [state for state in State if state not in ENDED]
OPEN_SHARE = 0.01  # of the newest; the rest are ended
CHUNK = 20_000
TABLES = {
    "subject": "id uid kind name id_type id_number birth_date sex address phone email salt",
    "dossier": (
        "id uid office_id terminal_id provisional official procedure_code procedure_version procedure_name case agency "
        "channel content state province_status province_version received_at due_at due_calculation return_way "
        "public_token salt label_attempt submission problem created_by updated_at closed_at"
    ),
    "party": "id dossier_id role subject_id relation authorisation",
    "contact": "id dossier_id name phone email address",
    "outbox": (
        "id uid lane kind key digest state doubt attempts not_before lease_token worker office_id dossier_id priority "
        "error created_at file_bytes sent_bytes"
    ),
}


def fill(store: Store, size: int, *, seed: int = 20261121) -> None:
    """Load `size` dossiers into an empty, migrated store; the newest has the highest number."""
    sqlite = store.dialect == "sqlite"
    if sqlite:
        for pragma in ("synchronous = OFF", "cache_size = -400000", "wal_autocheckpoint = 50000"):
            store.database.execute_sql(f"PRAGMA {pragma}")
    else:
        store.database.execute_sql("DROP INDEX search_name_words")  # made again at the end, as a bulk load does
        store.database.execute_sql("SET maintenance_work_mem = '512MB'")
    for chunk in _chunks(size, seed, sqlite):
        with store.writing():
            for table, rows in chunk.items():
                _load(store, table, rows)
    if sqlite:
        for pragma in ("wal_checkpoint(TRUNCATE)", "wal_autocheckpoint = 1000", "synchronous = FULL"):
            store.database.execute_sql(f"PRAGMA {pragma}")
        return
    store.database.execute_sql("CREATE INDEX search_name_words ON search_name USING gin (words)")
    for table in TABLES:
        store.database.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {size + 1})")
    for table in (*TABLES, "search_name", "search_key"):
        store.database.execute_sql(f"VACUUM ANALYZE {table}")


def _load(store: Store, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    names = (
        TABLES.get(table)
        or {
            "search_key": "key dossier_id office_id",
            "search_name": "rowid words office_id" if store.dialect == "sqlite" else "dossier_id words office_id",
        }[table]
    )
    columns = ", ".join(f'"{name}"' for name in names.split())
    cursor = store.database.cursor()
    if store.dialect == "sqlite":
        marks = ", ".join("?" * len(names.split()))
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        return
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _chunks(size: int, seed: int, sqlite: bool) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    rng = random.Random(seed)
    counters: dict[tuple[str, date], int] = {}
    for start in range(1, size + 1, CHUNK):
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in (*TABLES, "search_name", "search_key")}
        for number in range(start, min(start + CHUNK, size + 1)):
            _dossier(rows, number, size, rng, counters, sqlite)
        yield rows


def _dossier(
    rows: dict[str, list[tuple[Any, ...]]], number: int, size: int, rng: random.Random,
    counters: dict[tuple[str, date], int], sqlite: bool,
) -> None:  # fmt: skip
    office, terminal = OFFICES[int(rng.random() ** 1.6 * len(OFFICES))]
    received = NEWEST - timedelta(days=DAYS) * ((size - number) / size)
    day = received.date()
    counters[terminal, day] = sequence = counters.get((terminal, day), 0) + 1
    provisional = mint_provisional(terminal, day, sequence)
    official = f"H26.019.02-{day:%y%m%d}-{number:07}"
    name, phone = person(rng), f"+849{rng.randrange(10**8):08}"
    is_open = number > size * (1 - OPEN_SHARE)
    state = rng.choice(OPEN) if is_open else rng.choices(ENDED, [94, 2, 2, 2])[0]
    if state in (State.RECEIVED, State.LABELLED, State.DIGITISED, State.SIGNED):
        official = ""
    uid, at = (_uid(number, received, sqlite)), _at(received, sqlite)
    address, salt = f"{number % 400 + 1} Lạc Long Quân, Tây Hồ, Hà Nội", rng.randbytes(16)
    identity = f"0{rng.randrange(10**11):011}"
    rows["subject"].append(
        (number, uid, "person", name, "citizen_id", identity, "", "", address, phone, "", salt)
    )  # fmt: skip
    due = _at(received + timedelta(days=rng.randrange(1, 20)), sqlite)
    rows["dossier"].append((
        number, uid, office, terminal, provisional, official or None, "2.000635", 1,
        "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh", "self", "H26.019.02", "direct",
        "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh", state.value, 9 if not is_open else 1, number, at, due,
        "{}", ReturnWay.COURIER.value, f"{rng.getrandbits(128):032x}", salt, 1, 1, "", "lan", at,
        None if is_open else due,
    ))  # fmt: skip
    rows["party"].append((number, number, Role.OWNER.value, number, "", ""))
    rows["contact"].append((number, number, name, phone, "", address))
    job = rng.choice((JobState.UNKNOWN, JobState.READY)) if is_open and rng.random() < 0.02 else JobState.ACKED
    rows["outbox"].append((
        number, uid, "handoff", "allocate", f"{provisional}/N", "0" * 64, job.value, False, 1, at, 1, "", office,
        number, -1, "", at, 0, 0,
    ))  # fmt: skip
    words = sorted({word for part in name.split() for word in _words(part)})
    found_by = " ".join(words) if sqlite else " ".join(_lexemes(tuple(words), office))
    rows["search_name"].append((number, found_by, office))
    keys = {"c" + search._compact(code) for code in (provisional, official) if code}
    keys.add("p" + search._digits(phone)[::-1])
    rows["search_key"] += [(key, number, office) for key in keys]


@cache
def _words(part: str) -> list[str]:
    return search._words(fold(part))


def _lexemes(words: tuple[str, ...], office: str) -> list[str]:
    return [f"'{lexeme}'" for word in words for lexeme in _beginnings(word)] + [f"'{search._office(office)}'"]


@cache
def _beginnings(word: str) -> list[str]:
    return search._prefixes([word])


def _uid(number: int, at: datetime, sqlite: bool) -> Any:
    value = uuid.UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | number)
    return value.bytes if sqlite else value


def _at(instant: datetime, sqlite: bool) -> Any:
    return utc_text(instant) if sqlite else instant
