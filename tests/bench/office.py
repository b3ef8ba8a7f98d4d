"""A post office to measure: a data folder with a clerk and a five-component procedure, and its real `serve`."""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.accounts.add_user import add_user
from agent.accounts.tokens import make_token
from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.intake.guide import load_catalogue, sample_text
from agent.settings import Settings
from agent.site import Site
from agent.wiring import build_site
from tests.bench.people import person

ROOT = Path(__file__).resolve().parents[2]
OFFICE = "BC-TAYHO"
PROCEDURE, CASE = "2.000720", "owner"
CLERK = Actor("lan", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
_FOUR = '"household-minutes", "id-show"] }'
_FIVE = '"household-minutes", "authorisation", "id-show"] }'
COMPONENTS = ("KQ900301", "KQ900302")


def furnish(folder: Path, url: str = "") -> tuple[Site, str]:
    """A site in the folder with one clerk and the catalogue of five components, and the clerk's API token."""
    settings = Settings(data=folder)
    settings = settings.with_(
        database=replace(settings.database, url=url),
        province=replace(settings.province, endpoint="http://127.0.0.1:9/soap/tthc"),  # nobody answers
    )
    site = build_site(settings)
    lines = [f'[database]\nurl = "{url}"', f'[province]\nendpoint = "{settings.province.endpoint}"']
    (folder / "agent.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    add_user(site, CLERK.username, role=CLERK.role, office_id=OFFICE, full_name=CLERK.full_name)
    text = sample_text()
    assert _FOUR in text, "the sample catalogue changed: choose another case for five components"
    load_catalogue(site, text.replace(_FOUR, _FIVE), by=CLERK)
    return site, make_token(site, CLERK.username, ["all"])


def bodies(site: Site, count: int, seed: int = 1) -> list[bytes]:
    """JSON bodies of dossiers with five components each, every one of another person."""
    from agent.intake.guide import catalogue, today

    case = catalogue(site).current(PROCEDURE, today(site)).case(CASE)
    assert len(case.requirements) == 5
    rng, made = random.Random(seed), []
    for number in range(count):
        owner = {
            "name": person(rng), "id_number": f"001{0 if number % 2 else 1}88{rng.randrange(10**6):06}",
            "phone": f"091{rng.randrange(10**7):07}", "address": f"{1 + number % 300} Lạc Long Quân, Tây Hồ, Hà Nội",
        }  # fmt: skip
        body = {
            "procedure": PROCEDURE,
            "case": CASE,
            "owner": owner,
            "components": [{"code": needed.code} for needed in case.requirements],
        }
        made.append(json.dumps(body, ensure_ascii=False).encode())
    return made


def free_port() -> int:
    """A port that nobody listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running `serve` over a folder."""

    process: subprocess.Popen[bytes]
    port: int
    token: str

    def client(self) -> Client:
        """One kept-alive connection."""
        return Client(self.port, self.token)


class Client:
    """An API client on one kept-alive connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def receive(self, body: bytes, key: str) -> None:
        """Receive one dossier; AssertionError for any answer but 201."""
        self._connection.request("POST", "/api/v1/dossiers", body, {**self._headers, "Idempotency-Key": key})
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == 201, f"{answer.status}: {said[:300]!r}"

    def close(self) -> None:
        self._connection.close()


@contextmanager
def serving(folder: Path, token: str = "", environ: Mapping[str, str] | None = None) -> Iterator[Served]:
    """The real `serve` over the folder; ended with its children."""
    port = free_port()
    command = [sys.executable, "-m", "agent", "serve", "--data", str(folder), "--port", str(port)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=log, cwd=ROOT, env={**os.environ, **(environ or {})}
        )
    try:
        until_healthy(port, process)
        yield Served(process, port, token)
    finally:
        process.terminate()
        process.wait(20)


def until_healthy(port: int, process: subprocess.Popen[Any], limit: float = 30.0) -> None:
    """Return as soon as /healthz answers."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        assert process.poll() is None, "serve ended by itself"
        try:
            probe = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            probe.request("GET", "/healthz")
            if probe.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            probe.close()
    raise AssertionError(f"serve did not answer in {limit} s")
