"""A served web application for tests: a real store in a folder, an injected clock, a real server."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from agent.accounts.passwords import hash_password
from agent.clock import RandomIds
from agent.devices.terminal import TerminalDevices
from agent.domain.roles import Role
from agent.settings import Settings, Web
from agent.site import Site
from agent.store.accounts import User
from agent.store.database import Store
from agent.web.app import create_app
from agent.web.server import make_server, stop
from agent.wiring import once, signers

PASSWORD = "lúa chín vàng đồng"
START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
USERS = {
    "lananh": (Role.CLERK, "BC-TAYHO", "Nguyễn Thị Lan Anh"),
    "minh": (Role.SUPERVISOR, "BC-TAYHO", "Đỗ Quang Minh"),
    "tuyen7": (Role.COURIER, "BC-TAYHO", "Trần Đức Ân"),
    "tinh": (Role.PROVINCE, "TTHCC", "Lê Quỳnh Mai"),
    "quantri": (Role.ADMINISTRATOR, "BC-TAYHO", "Phạm Văn Hưng"),
    "sontay": (Role.CLERK, "BC-SONTAY", "Vũ Thị Hoa"),
}


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> None:
        """Move on by `timedelta(**amount)`."""
        self.at += timedelta(**amount)


def make_site(data: Path, clock: HandClock | None = None, **web: Any) -> Site:
    """A site whose store is real and fresh, without devices; adapters that these tests do not touch are absent."""
    settings = Settings(data=data, web=replace(Web(), **web))
    store = Store.open(data=data)
    store.migrate()
    absent = cast(Any, None)
    clock = clock or HandClock()
    keys = once(lambda: signers(settings, clock, helpers=True))
    return Site(settings, clock, RandomIds(), store, absent, absent, keys, absent, TerminalDevices(()))


@functools.cache
def _encoded() -> str:
    return hash_password(PASSWORD)


def add_people(site: Site, *names: str) -> None:
    """Add the users of USERS, all with PASSWORD, which is hashed once for all tests."""
    with site.store.writing():
        for name in names or USERS:
            role, office, full_name = USERS[name]
            User.create(
                username=name, role=role, office_id=office, full_name=full_name, password_hash=_encoded(),
                created_at=site.clock.now(),
            )  # fmt: skip


class _Compiled(BytecodeCache):
    """Templates compiled for one application serve the next: in one process the files stay the same."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.code


_COMPILED = _Compiled()


def make_app(site: Site) -> Flask:
    """The application over this site, with templates that another of this process may have compiled."""
    app = create_app(site)
    app.jinja_env.bytecode_cache = _COMPILED
    return app


@dataclass
class Served:
    """A running server: its address, its site, its application."""

    url: str
    site: Site
    app: Any

    @property
    def clock(self) -> HandClock:
        return cast(HandClock, self.site.clock)


@contextmanager
def serving(site: Site, app: Any = None) -> Iterator[Served]:
    """Serve the site on a free loopback port."""
    application = app or make_app(site)
    server = make_server(application, replace(site.settings.web, port=0))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.bind_addr[1]}", site, application)
    finally:
        stop(server, application)
        thread.join(10)
