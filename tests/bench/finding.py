"""The queue page and the three ways to find a dossier, among very many."""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from agent.accounts.add_user import add_user
from agent.accounts.sign_in import sign_in
from agent.accounts.tokens import make_token
from agent.domain.roles import Role
from agent.domain.text import fold
from agent.store.database import Store
from agent.store.dossiers import Contact, Dossier
from agent.store.keys import load_or_make_keys
from agent.wiring import build_site
from tests.bench import crowd, figures, office
from tests.bench.figures import Figure
from tests.postgres import with_database

TRIES = 200
PASSWORD = "lúa chín vàng đồng ruộng"
MEDIAN, P99 = 15.0, 50.0  # milliseconds


def crowded_sqlite(cache: Path, size: int) -> Path:
    """A data folder with this many dossiers; loaded on the first run of this generator, kept for the next."""
    folder = cache / f"sqlite-{size}-{_version()}"
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        store = Store.open(data=folder, key=load_or_make_keys(folder).database)
        store.migrate()
        crowd.fill(store, size)
        store.close()
        (folder / "whole").touch()
    return folder


def crowded_postgresql(server: str, size: int, spare: Path) -> str:
    """The URL of a database with this many dossiers; loaded on the first run, kept for the next."""
    name = f"crowd_{size}_{_version()}"
    with psycopg.connect(server, autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            admin.execute(f"DROP DATABASE IF EXISTS {name}_part")
            admin.execute(f"CREATE DATABASE {name}_part TEMPLATE template0")
            store = Store.open(data=spare, url=with_database(server, f"{name}_part"))
            store.migrate()
            crowd.fill(store, size)
            store.close()
            admin.execute(f"ALTER DATABASE {name}_part RENAME TO {name}")
    return with_database(server, name)


def _version() -> str:
    """Changes with the generator and the schema, so that no stale rows are measured."""
    from agent.store import schema

    text = Path(crowd.__file__).read_text(encoding="utf-8") + "".join(schema.statements("sqlite"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def measure(folder: Path, *, url: str = "") -> list[Figure]:
    """Time whole requests inside the server, from WSGI call to last byte: sign-in, query, access log, page."""
    from dataclasses import replace

    from agent.settings import Settings
    from agent.web.app import create_app

    settings = Settings(data=folder)
    site = build_site(settings.with_(database=replace(settings.database, url=url)))
    add_user(site, "lan", role=Role.CLERK, office_id=office.OFFICE, password=PASSWORD, replace=True)
    client = create_app(site).test_client()
    client.set_cookie("agent", sign_in(site, "lan", PASSWORD, terminal_id="T1"))
    bearer = {"Authorization": f"Bearer {make_token(site, 'lan', ['all'])}"}
    rng = random.Random(7)
    newest = Dossier.select().order_by(Dossier.id.desc()).limit(1).get().id

    def some() -> Dossier:
        while True:
            found = Dossier.get_or_none(
                (Dossier.id == rng.randrange(1, newest + 1)) & (Dossier.office_id == office.OFFICE)
            )
            if found is not None:
                return found  # type: ignore[no-any-return]

    def search(words: str) -> Callable[[], Any]:
        return lambda: client.get("/api/v1/dossiers", query_string={"q": words, "limit": "40"}, headers=bearer)

    kinds: dict[str, Iterator[tuple[Callable[[], Any], str]]] = {
        "queue page": ((lambda n=name: client.get(f"/counter/queue/{n}"), "") for name in _endless(QUEUES)),
        "find by code": ((search(one.official or one.provisional), str(one.uid)) for one in _found(some)),
        "find by name without marks": ((search(fold(_name(one, rng))), "") for one in _found(some)),
        "find by phone tail": ((search(_contact(one).phone[-rng.choice((4, 6)) :]), "") for one in _found(some)),
    }
    size, made = f"{newest:,} dossiers", []
    for what, tries in kinds.items():
        seconds = [_timed(*next(tries)) for _ in range(TRIES)][5:]
        median, p99 = figures.middle(seconds) * 1e3, figures.percentile(seconds, 0.99) * 1e3
        place = f"{'PostgreSQL' if url else 'SQLite'}, {size}"
        made.append(figures.at_most(f"{what}, median", median, MEDIAN, "ms", place))
        made.append(figures.at_most(f"{what}, p99", p99, P99, "ms", place))
    site.store.close()
    return made


COMMON = ("ng", "nguyen", "nguyen van", "nguyen thi anh", "tran", "thanh", "nghiem xuyen", "khue", "nguyen zz", "zz")
QUEUES = ("working", "to_sign", "sending", "handled", "supplement", "result", "due", "unknown")


def _endless(names: tuple[str, ...]) -> Iterator[str]:
    while True:
        yield from names


def _found(some: Callable[[], Dossier]) -> Iterator[Dossier]:
    while True:
        yield some()


def _contact(dossier: Dossier) -> Contact:
    return Contact.get(Contact.dossier == dossier)  # type: ignore[no-any-return]


def _name(dossier: Dossier, rng: random.Random) -> str:
    """A whole name, its last two words, a surname and a beginning, or what half the country is called."""
    words = _contact(dossier).name.split()
    return " ".join(rng.choice((words, words[-2:], [words[0], words[-1][:2]], [rng.choice(COMMON)])))


def _timed(ask: Callable[[], Any], expected: str) -> float:
    began = time.perf_counter()
    answer = ask()
    taken = time.perf_counter() - began
    assert answer.status_code == 200, f"{answer.request.path} {answer.status_code}: {answer.data[:200]!r}"
    assert expected in answer.text, f"{expected} was not found"
    return taken
