"""A served agent beside a sandbox province, in this process, with a client that speaks for one token."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.accounts.tokens import make_token
from agent.domain.roles import Role
from agent.processes import send_worker
from agent.settings import Province, Settings, Web
from agent.site import Site
from agent.store.accounts import User
from agent.tracking.follow import follow
from agent.tracking.items import allot_range
from agent.wiring import build_site
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter_desk import CARD, page_image
from tests.webdesk import Served, serving

OWNER, PHONE = "Nguyễn Thị Hường", "0912345678"
INTAKE: dict[str, Any] = {
    "procedure": "2.000635",
    "owner": {"chip_card": CARD, "phone": PHONE},
    "components": [{"code": "000.00.00.Y99-KQ900101"}, {"code": "000.00.00.Y99-KQ900001"}],
}
PEOPLE = {
    "lan": (Role.CLERK, "BC-TAYHO"),
    "soat": (Role.SUPERVISOR, "BC-TAYHO"),
    "minh": (Role.COURIER, "BC-TAYHO"),
    "tinh": (Role.PROVINCE, "TTHCC"),
    "quantri": (Role.ADMINISTRATOR, "BC-TAYHO"),
    "sontay": (Role.CLERK, "BC-SONTAY"),
}


@dataclass
class Answer:
    """What came back: status, headers, and the body as JSON where it is JSON."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def is_problem(self) -> bool:
        """A problem document that says what happened, with the status it came with."""
        if self.headers.get("content-type") != "application/problem+json":
            return False
        told = self.body
        return {"type", "title", "status", "detail", "code"} <= set(told) and told["status"] == self.status


@dataclass
class Client:
    """Speaks to one agent with one token."""

    url: str
    token: str

    def send(
        self, method: str, path: str, raw: bytes | None = None, *, media: str = "application/json", **headers: str
    ) -> Answer:
        """One request with these bytes."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if raw is not None and media:
            sent["Content-Type"] = media
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + "/api/v1" + path, data=raw, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        raw = json.dumps({} if body is None else body).encode()
        return self.send("POST", path, raw, Idempotency_Key=key or str(uuid.uuid4()))

    def done(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Post, and the answer's body; anything but success fails."""
        answer = self.post(path, body, key=key)
        assert answer.status < 300, answer.raw.decode()
        return answer.body


@dataclass
class Office:
    """The served agent, its site and its province."""

    served: Served
    province: Sandbox

    @property
    def site(self) -> Site:
        return self.served.site

    def client(self, name: str = "lan", *scopes: str, client: str = "") -> Client:
        """A client of its own for this user."""
        token = make_token(self.site, name, scopes or ("all",), name=client or f"{name}-{uuid.uuid4().hex[:6]}")
        return Client(self.served.url, token)

    def exchange(self) -> None:
        """Send what waits, then read what the province says."""
        while send_worker(self.site).run_once():
            pass
        follow(self.site)

    def act(self, number: str, *actions: str) -> None:
        """The province's clerk."""
        from agent.soap.province.clerk import act

        for action in actions:
            act(self.province.folder, number, action, now=self.site.clock.now())


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """Open an office with one person of each role, and a clerk of another office."""
    with Sandbox(folder / "province", office="BC-TAYHO") as sandbox:
        settings = Settings(data=folder / "data", province=Province(endpoint=sandbox.endpoint), web=Web())
        site = build_site(replace(settings, devices=()))
        with site.store.writing():
            for name, (role, at) in PEOPLE.items():
                User.create(
                    username=name, role=role, office_id=at, full_name=name, password_hash="-",
                    created_at=site.clock.now(),
                )  # fmt: skip
        allot_range(site, "BC-TAYHO", "RD", 10_000_000, 10_000_999)
        with serving(site) as served:
            yield Office(served, sandbox)
        site.store.close()


def received(client: Client, key: str = "") -> Any:
    """A dossier as it is answered when it was received."""
    return client.done("/dossiers", INTAKE, key=key)


def labelled(client: Client) -> Any:
    """A dossier whose label was scanned back."""
    made = received(client)
    return client.done(f"/dossiers/{made['id']}/label/scan", {"scanned": f"PA1|{made['provisional']}|"})


def signed(client: Client) -> Any:
    """A dossier whose papers are copied and signed."""
    made = labelled(client)
    at = f"/dossiers/{made['id']}"
    data = base64.b64encode(page_image("trang")).decode()
    body = {"component": made["components"][0]["id"], "files": [{"name": "trang-1.tif", "base64": data}]}
    client.done(f"{at}/papers", body)
    client.done(f"{at}/copies")
    client.done(f"{at}/signatures")
    return client.get(at).body
