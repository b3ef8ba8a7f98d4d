"""An office server over real TLS for tests of couriers' phones: its CA, its people, items on a round, pairing codes."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import builders
from tests.e2e import rounds
from tests.e2e.serving import PASSWORD, Station, until

COURIERS = (("tuyen7", "Trần Đức Ân"), ("tuyen8", "Lê Minh Khoa"))
OFFICE_PEOPLE = (
    ("minh", "supervisor", "Đỗ Quang Minh"),
    ("quantri", "administrator", "Phạm Hưng"),
    *((name, "courier", full_name) for name, full_name in COURIERS),
)


class OfficeStation(Station):
    """`postal-agent serve` over TLS by a private CA on localhost; COURIERS have phones to pair and items to carry.

    `ca` is the CA's certificate (PEM) for `verify=` of requests or for Chromium (`trust_in_chromium`). All people have
    PASSWORD. What `items` makes is there at once; a server that runs sees it.
    """

    people = OFFICE_PEOPLE
    peers = ()

    def __init__(self, data: Path, *, host: str = "localhost", database: str = "") -> None:
        super().__init__(data)
        self.host, self.database, self.trust_port = host, database, 0

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"

    @property
    def ca(self) -> Path:
        return self.data / "office-ca" / "ca.crt"

    def open(self, *, items: int = 0) -> None:
        """Set up the office, `items` of them in the first courier's hands, and serve."""
        from agent.clock import SystemClock
        from agent.store import office_ca

        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.write_config()
        now = SystemClock().now()
        office_ca.init(self.data, name="Bưu cục Tây Hồ", hosts=["localhost"], ips=["127.0.0.1"], now=now)
        self.add_people(*self.people)
        if items:
            self.items(items)
        with socket.create_server(("127.0.0.1", 0)) as free:  # a named port: it can be taken again
            self.port = free.getsockname()[1]
        self.start_serve()

    def write_config(self, *_said: dict[str, Any]) -> None:
        """No province and no devices; another database where one is named; a plain port for the CA alone."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.trust_port = free.getsockname()[1]
        text = f"[web]\ntrust_port = {self.trust_port}\n"
        text += f'[database]\nurl = "{self.database}"\n' if self.database else ""
        (self.data / "agent.toml").write_text(text, encoding="utf-8")

    def items(self, count: int, *, courier: str = "tuyen7", state: str = "held", collect: int = 0) -> list[str]:
        """So many new items of this courier: "offered" to him, "held" by him, or "out" for delivery; their numbers."""
        from agent.processes import Program
        from agent.settings import load

        make = {"offered": rounds.offered, "held": rounds.held, "out": rounds.out}[state]
        with self._site() as site, rounds_of(courier):
            at = builders.Station(site, Program(load(self.data)))
            return [str(make(at, n % len(rounds.PEOPLE), collect=collect).number) for n in range(count)]

    def pairing(self, courier: str = "tuyen7") -> str:
        """A fresh code that lets one phone of this courier in, as the office's screen shows it."""
        from agent.tracking.phones.pairing import new_code

        with self._site() as site:
            return new_code(site, courier, by=builders.CHIEF).text

    def pairing_url(self, courier: str = "tuyen7") -> str:
        """The address in the QR of the office's screen, with a fresh code."""
        from agent.store.office_ca import OfficeCa

        fingerprint = OfficeCa(self.data / "office-ca").fingerprint()
        return f"{self.url}/courier/app/#pair={self.pairing(courier)}&ca={fingerprint}"

    def revoke(self, phone: str, reason: str = "mất máy") -> None:
        """Shut a phone out, as the supervisor does on the screen."""
        from uuid import UUID

        from agent.tracking.phones.pairing import revoke

        with self._site() as site:
            revoke(site, UUID(phone), reason=reason, by=builders.CHIEF)

    def trust_in_chromium(self, home: Path) -> None:
        """Make Chromium that runs with this HOME trust the CA, as a phone whose courier installed it does."""
        certutil = shutil.which("certutil")
        assert certutil, "certutil (libnss3-tools) is not installed"
        store = home / ".pki" / "nssdb"
        store.mkdir(parents=True, exist_ok=True)
        base = (certutil, "-d", f"sql:{store}")
        subprocess.run((*base, "-N", "--empty-password"), check=True, capture_output=True)
        words = ("-A", "-t", "C,,", "-n", "office", "-i", str(self.ca))
        subprocess.run((*base, *words), check=True, capture_output=True)

    def ask(self, method: str, path: str, *, token: str = "", body: Any = None) -> tuple[int, Any]:
        """One API call by a client that trusts the office's CA: status, and the JSON of the answer."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30, context=self._trusting()) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def start_serve(self) -> None:
        """Serve on the same port as before; ready when this returns."""
        self.serve = self._spawn("serve", "--host", "127.0.0.1", "--port", str(self.port))
        self._first_line(self.serve)
        until(lambda: self._answers("/healthz"), "serve answers")

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=2, context=self._trusting()) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))


@contextmanager
def rounds_of(courier: str) -> Iterator[None]:
    """The makers of `tests.e2e.rounds` work for this courier while the block runs."""
    from dataclasses import replace

    before = rounds.COURIER
    rounds.COURIER = replace(before, username=courier)
    try:
        yield
    finally:
        rounds.COURIER = before


@contextmanager
def office_station(
    data: Path, *, items: int = 0, host: str = "localhost", database: str = ""
) -> Iterator[OfficeStation]:
    """An open office server that is closed at the end; `items` are in the first courier's hands."""
    made = OfficeStation(data, host=host, database=database)
    try:
        made.open(items=items)
        yield made
    finally:
        made.close()


__all__ = ["COURIERS", "PASSWORD", "OfficeStation", "office_station", "until"]
