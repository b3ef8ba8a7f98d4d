"""A private PostgreSQL for tests: a throw-away cluster on a socket, or fresh databases on a given server."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

from tests.memory import roomy_memory

UNPRIVILEGED = "nobody"  # initdb refuses root


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server whose databases may be made and dropped: POSTAL_TEST_PG_URL, else a cluster of our own.

    Without PostgreSQL's programs the tests are skipped; in CI that is a failure.
    """
    given = os.environ.get("POSTAL_TEST_PG_URL", "")
    if given:
        try:
            yield given
        finally:
            _drop_migrated(given)
        return
    programs = _programs()
    if programs is None:
        message = "PostgreSQL's initdb and postgres are not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with _cluster(programs) as url:
        yield url


def _programs() -> Path | None:
    if sys.platform == "win32":
        return None
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def _cluster(programs: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="postal-pg-", dir=roomy_memory()))
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        user = {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, UNPRIVILEGED, "nogroup")
    data, log = folder / "data", folder / "log"

    def run(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, check=False, **user)
        if done.returncode:
            said = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}{said}")

    options = (
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off "
        "-c synchronous_commit=off -c max_connections=50 -c shared_buffers=64MB -c autovacuum=off"
    )
    try:
        init = (str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync")
        run(*init, "-E", "UTF8", "--locale=C.UTF-8")
        run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(log), "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server_url: str, template: str = "template0") -> Iterator[str]:
    """The URL of a fresh database (a copy of `template`), dropped at the end."""
    name = "postal_test_" + secrets.token_hex(6)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield with_database(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def migrated(server_url: str) -> Iterator[str]:
    """The URL of a fresh database with every migration applied: a copy of one that was migrated once."""
    with database(server_url, _migrated_once(server_url)) as url:
        yield url


@cache
def _migrated_once(server_url: str) -> str:
    from agent.store.database import Store

    name = "postal_migrated_" + secrets.token_hex(6)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    with tempfile.TemporaryDirectory() as folder:
        made = Store.open(data=Path(folder), url=with_database(server_url, name))
        made.migrate()
        made.close()
    return name


def _drop_migrated(server_url: str) -> None:
    """Leave a given server as it was found."""
    if _migrated_once.cache_info().currsize:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {_migrated_once(server_url)}")
        _migrated_once.cache_clear()


def with_database(server_url: str, name: str) -> str:
    """The server's URL with another database."""
    from urllib.parse import urlsplit

    return urlsplit(server_url)._replace(path="/" + name).geturl()
