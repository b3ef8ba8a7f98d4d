"""Dossiers by name, code or telephone tail, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from agent.domain.text import fold
from agent.store.base import current, require_writing

_PREFIX = 6  # longest prefix of a word with an index of its own; Vietnamese syllables have at most seven letters
_NEWEST = 2000  # dossiers looked through one by one on PostgreSQL before its word index is asked
_MOST_KEYS = 1000  # keys of one prefix that are looked at, highest first: later numbers sort higher
_WORD = re.compile(r"[0-9a-z]+")

DDL: Final = {
    "sqlite": [
        "CREATE VIRTUAL TABLE search_name USING fts5(words, office_id UNINDEXED, tokenize = 'ascii', detail = 'none', "
        "prefix = '1 2 3 4 5 6')",
        "INSERT INTO search_name(search_name, rank) VALUES ('secure-delete', 1)",
        "CREATE TABLE search_key (key TEXT NOT NULL, dossier_id INTEGER NOT NULL, office_id TEXT NOT NULL, "
        "PRIMARY KEY (key, dossier_id)) WITHOUT ROWID",
        "CREATE INDEX search_key_dossier ON search_key (dossier_id)",
    ],
    "postgresql": [
        "CREATE TABLE search_name (dossier_id BIGINT PRIMARY KEY, office_id TEXT NOT NULL, words TSVECTOR NOT NULL)",
        "CREATE INDEX search_name_words ON search_name USING gin (words)",
        "CREATE INDEX search_name_office ON search_name (office_id, dossier_id)",
        'CREATE TABLE search_key (key TEXT COLLATE "C" NOT NULL, dossier_id BIGINT NOT NULL, office_id TEXT NOT NULL, '
        "PRIMARY KEY (key, dossier_id))",
        "CREATE INDEX search_key_dossier ON search_key (dossier_id)",
    ],
}


def index(
    dossier_id: int,
    *,
    office_id: str,
    names: Sequence[str],
    codes: Sequence[str],
    phones: Sequence[str],
    new: bool = False,
) -> None:
    """Make a dossier findable by these, inside writing(); what was indexed before (`new`: nothing was) is replaced."""
    require_writing("search.index")
    if not new:
        remove(dossier_id)
    words = sorted({word for name in names for word in _words(name)})
    if current().dialect == "sqlite":
        sql = "INSERT INTO search_name (rowid, words, office_id) VALUES (?, ?, ?)"
        _run(sql, (dossier_id, " ".join(words), office_id))
    else:
        sql = "INSERT INTO search_name (dossier_id, office_id, words) VALUES (%s, %s, array_to_tsvector(%s))"
        _run(sql, (dossier_id, office_id, [_office(office_id), *_prefixes(words)]))
    keys = {"c" + _compact(code) for code in codes} | {"p" + _digits(phone)[::-1] for phone in phones}
    found_by = sorted(key for key in keys if len(key) > 1)
    if found_by:
        marks = ", ".join(["(?, ?, ?)"] * len(found_by))
        values = tuple(value for key in found_by for value in (key, dossier_id, office_id))
        _run(_sql(f"INSERT INTO search_key (key, dossier_id, office_id) VALUES {marks}"), values)  # noqa: S608


def remove(dossier_id: int) -> None:
    """Forget a dossier's names, codes and telephones. Inside writing()."""
    require_writing("search.remove")
    column = "rowid" if current().dialect == "sqlite" else "dossier_id"
    _run(_sql(f"DELETE FROM search_name WHERE {column} = ?"), (dossier_id,))  # noqa: S608 (a column name of ours)
    _run(_sql("DELETE FROM search_key WHERE dossier_id = ?"), (dossier_id,))


def find(query: str, *, office_id: str | None = None, limit: int = 50) -> list[int]:
    """Dossier ids, newest first, of an office (None: all offices).

    All words must begin words of a name; text with a digit is also a code or its beginning; three digits or more
    are also the end of a telephone number. Fewer than two letters or digits find nothing.
    """
    words, compact = _words(query), _compact(query)
    if len(compact) < 2:
        return []
    found: set[int] = set(_by_name(words, office_id, limit))
    if any(c.isdigit() for c in compact):
        found.update(_by_key("c" + compact, office_id))
        if compact.isdigit() and len(compact) >= 3:
            found.update(_by_key("p" + _digits(query)[::-1], office_id))
    return sorted(found, reverse=True)[:limit]


# --- names ---------------------------------------------------------------------------------------
def _by_name(words: Sequence[str], office_id: str | None, limit: int) -> list[int]:
    if current().dialect == "sqlite":
        match = " AND ".join(f'"{word}"*' for word in words)
        where, values = _office_filter(office_id, "?")
        sql = f"SELECT rowid FROM search_name WHERE search_name MATCH ?{where} ORDER BY rowid DESC LIMIT ?"  # noqa: S608
        return _ids(sql, (match, *values, limit))
    wanted = [word[:_PREFIX] if len(word) > _PREFIX else word for word in words]
    exact = [word for word in words if len(word) > _PREFIX]
    terms = [*wanted, *([] if office_id is None else [_office(office_id)])]
    query = " & ".join([f"'{term}'" for term in terms] + [f"'{word}':*" for word in exact])
    return _newest(query, office_id, limit) or _all_names(query, limit)


def _newest(query: str, office_id: str | None, limit: int) -> list[int]:
    """Matches among the newest dossiers, when they fill the list: common words need no sort of half the table."""
    where, values = _office_filter(office_id, "%s")
    sql = (
        f"SELECT dossier_id FROM (SELECT dossier_id, words FROM search_name WHERE true{where} "  # noqa: S608
        "ORDER BY dossier_id DESC LIMIT %s) AS newest WHERE words @@ %s::tsquery ORDER BY dossier_id DESC LIMIT %s"
    )
    found = _ids(sql, (*values, _NEWEST, query, limit))
    return found if len(found) == limit else []


def _all_names(query: str, limit: int) -> list[int]:
    # OFFSET 0 keeps the planner from walking the whole table backwards in the hope of an early match
    sql = (
        "SELECT dossier_id FROM (SELECT dossier_id FROM search_name WHERE words @@ %s::tsquery OFFSET 0) AS matching "
        "ORDER BY dossier_id DESC LIMIT %s"
    )
    return _ids(sql, (query, limit))


def _prefixes(words: Iterable[str]) -> list[str]:
    """Each word and its beginnings, so that a search for a beginning is one exact lookup."""
    made = {word[:size] for word in words for size in range(1, _PREFIX + 1)} | set(words)
    return sorted(made)


# --- codes and telephones ------------------------------------------------------------------------
def _by_key(prefix: str, office_id: str | None) -> list[int]:
    where, values = _office_filter(office_id, "?")
    sql = f"SELECT dossier_id FROM search_key WHERE key >= ? AND key < ?{where} ORDER BY key DESC LIMIT ?"  # noqa: S608
    return _ids(_sql(sql), (prefix, prefix + "\x7f", *values, _MOST_KEYS))


def _office_filter(office_id: str | None, mark: str) -> tuple[str, tuple[str, ...]]:
    return ("", ()) if office_id is None else (f" AND office_id = {mark}", (office_id,))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _compact(text: str) -> str:
    """Letters and digits only, folded: H26.019.02-261121 and h2601902261121 are the same code."""
    return "".join(_words(text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text.replace("+84", "0"))


def _office(office_id: str) -> str:
    return "0office" + _compact(office_id)  # no word of a name begins so


# --- SQL -----------------------------------------------------------------------------------------
def _sql(text: str) -> str:
    return text if current().dialect == "sqlite" else text.replace("?", "%s")


def _run(sql: str, values: tuple[Any, ...]) -> None:
    current().database.execute_sql(sql, values)


def _ids(sql: str, values: tuple[Any, ...]) -> list[int]:
    return [int(row[0]) for row in current().database.execute_sql(sql, values).fetchall()]
