"""A whole desk as real processes (sandbox, printer, `serve` with its worker) that are killed and started at will."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.contract.sandbox_process import Sandbox

ROOT = Path(__file__).resolve().parents[2]
CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
PATIENCE = 90.0  # seconds a step may take, restarts included


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], *, seconds: float = PATIENCE, what: str = "the condition") -> Any:
    """Poll until the condition gives something true; fail after the limit."""
    limit = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < limit, f"{what} did not come true in {seconds} s"
        time.sleep(0.05)


def page_image(text: str, *, dpi: int = 200) -> bytes:
    """A page as a scanner would deliver it: a TIFF (G4) of a few lines."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    image = Image.new("1", (1654, 2339), 1)
    pen = ImageDraw.Draw(image)
    for line in range(24):
        pen.text((150, 200 + 80 * line), f"{text} - dong {line}", fill=0)
        pen.line((150, 240 + 80 * line, 1500, 240 + 80 * line), fill=0)
    out = BytesIO()
    image.save(out, "TIFF", compression="group4", dpi=(dpi, dpi))
    return out.getvalue()


@dataclass
class Desk:
    """One terminal's agent with its peers; `database` is a PostgreSQL URL or empty."""

    folder: Path
    terminal: str = "T1"
    database: str = ""
    desk: str = ""
    faults: str = ""
    province: Sandbox | None = None
    program: str = "agent"
    restarts: int = 0
    outages: list[float] = field(default_factory=list)  # seconds from each restart to the first answer
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> Desk:
        """Start everything on fixed ports, add a clerk, a courier and a range of item numbers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        if self.province is None:
            self.province = Sandbox(
                self.folder / "sandbox", faults=self.faults, desk=self.desk, port=free_port(), office="BC-TAYHO"
            )
        self.printer = self._peer("devices", "simulate", "zpl", "--parent")
        self._write_settings()
        people = {"clerk": f"lan-{self.terminal.lower()}", "courier": f"minh-{self.terminal.lower()}"}
        self.tokens = self._furnish(people)
        self.courier = f"courier:{people['courier']}"
        self.serve()
        return self

    def _write_settings(self) -> None:
        assert self.province
        lines = [
            f'[terminal]\nid = "{self.terminal}"',
            f'[province]\nendpoint = "{self.province.endpoint}"\nread_timeout = 5.0',
            f'[database]\nurl = "{self.database}"',
            f'[[device]]\nname = "nhan"\nrole = "label"\nkind = "tcp"\naddress = "{self.printed_at["address"]}"',
        ]
        (self.folder / "agent.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", self.program, *words, "--data", str(self.folder)]

    def _peer(self, *words: str) -> subprocess.Popen[bytes]:
        peer = subprocess.Popen(self.command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert peer.stdout
        self.printed_at = json.loads(peer.stdout.readline())
        return peer

    def _furnish(self, people: dict[str, str]) -> dict[str, str]:
        command = [sys.executable, "-m", "tests.flow.furnish", str(self.folder)]
        command += [f"{role}={name}" for role, name in people.items()]
        made = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, check=True, timeout=120)
        return dict(json.loads(made.stdout))

    # --- processes -----------------------------------------------------------------------------
    def serve(self) -> None:
        """Start web and worker, and wait until the page answers."""
        with self._lock:
            self.log = (self.folder / "serve.log").open("ab")
            self.web = subprocess.Popen(
                self.command("serve", "--port", str(self.port)), stdout=subprocess.DEVNULL, stderr=self.log, cwd=ROOT
            )

    def worker_pid(self) -> int | None:
        """The `work` child of the web process (its other children are helpers that do page work and signing)."""
        try:
            threads = list(Path(f"/proc/{self.web.pid}/task").iterdir())
            children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
            return next((c for c in children if b"\0work\0" in Path(f"/proc/{c}/cmdline").read_bytes()), None)
        except OSError:
            return None

    def kill(self, victim: str) -> None:
        """kill -9 one process, then start it again (the worker is started again by the web process)."""
        with self._lock:
            self.restarts += 1
            assert self.province
            if victim == "web":
                self.web.kill()
                self.web.wait(10)
                self.serve()
                since = time.monotonic()
                wait_for(self._answers, what="the web process")
                self.outages.append(time.monotonic() - since)
            elif victim == "worker":
                pid = self.worker_pid()
                if pid:
                    os.kill(pid, signal.SIGKILL)
            else:
                self.province.kill()
                self.province.start()

    def _answers(self) -> bool:
        try:
            return self.call("GET", "/dossiers?limit=1")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> None:
        """End all processes."""
        self.web.terminate()
        self.web.wait(60)
        self.printer.terminate()
        self.printer.wait(10)
        if self.province and self.province.process.poll() is None:
            self.province.stop()

    def __enter__(self) -> Desk:
        return self.start()

    def __exit__(self, *_given: object) -> None:
        self.stop()

    # --- the clerk's and courier's hands -------------------------------------------------------
    def call(self, method: str, path: str, body: Any = None, *, who: str = "clerk", key: str = "") -> tuple[int, Any]:
        """One request to the API; ConnectionError and the like are the caller's."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, "/api/v1" + path, json.dumps(body or {}) if method == "POST" else None, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(data) if data[:1] in b"{[" else data

    def press(self, method: str, path: str, body: Any = None, *, who: str = "clerk", key: str = "") -> Any:
        """Press the same key until it is answered: what a person does after the power came back."""
        key = key or str(uuid.uuid4())
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                status, answer = self.call(method, path, body, who=who, key=key if method == "POST" else "")
                if status < 500:
                    assert status < 400, f"{method} {path}: {status} {answer}"
                    return answer
            except (OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < limit, f"{method} {path} was not answered in {PATIENCE} s"
            time.sleep(0.1)

    def printed(self) -> list[Path]:
        """The labels that came out of the printer."""
        return sorted((self.folder / "simulated" / "zpl").glob("label-*.zpl"))

    def act(self, number: str, action: str) -> None:
        """The province's clerk."""
        from agent.clock import SystemClock
        from agent.soap.province.clerk import act

        act(self.folder / "sandbox" if self.province_folder is None else self.province_folder, number, action,
            now=SystemClock().now())  # fmt: skip

    @property
    def province_folder(self) -> Path | None:
        return self.province.folder if self.province else None


class Way:
    """One dossier's way through the desk, as steps that a person repeats until each is done."""

    def __init__(self, desk: Desk, name: str = "dossier") -> None:
        self.desk, self.name, self.id, self.provisional, self.item = desk, name, "", "", ""
        self.reprints, self.last = 0, ("", {}, "", "")
        self.seen_at: dict[str, str] = {}  # of each custody event, minted with its id

    def steps(self) -> list[Callable[[], None]]:
        """All steps from the citizen's hand to the citizen's hand."""
        return [
            self.receive, self.label, self.scan, self.pages, self.copies, self.sign, self.submit, self.acknowledged,
            self.results, self.register, self.collect, self.give, self.take, self.go, self.miss, self.go_again,
            self.deliver, self.reported,
        ]  # fmt: skip

    def receive(self) -> None:
        body = {
            "procedure": "2.000635",
            "owner": {"chip_card": CARD, "phone": "0912345678"},
            "components": [{"code": "000.00.00.Y99-KQ900101"}, {"code": "000.00.00.Y99-KQ900001"}],
        }
        made = self.post("/dossiers", body, key=f"{self.name}-receive")
        self.id, self.provisional, self.component = made["id"], made["provisional"], made["components"][0]["id"]

    def label(self) -> None:
        self.post(f"/dossiers/{self.id}/label", {}, key=f"{self.name}-label")

        def settled() -> Any:
            job = self.desk.press("GET", f"/dossiers/{self.id}/label")
            if job["state"] == "needs_clerk":
                number = self.provisional.encode()
                came_out = sum(number in path.read_bytes() for path in self.desk.printed()) > self.reprints
                self.reprints += not came_out
                answer = {"job": job["key"], "came_out": came_out}
                self.post(f"/dossiers/{self.id}/label/answer", answer, key=f"{job['key']}-answer")
            return job["state"] == "acked"

        wait_for(settled, what="the label")

    def scan(self) -> None:
        path = f"/dossiers/{self.id}/label/scan"
        self.post(path, {"scanned": f"PA1|{self.provisional}|"}, key=f"{self.name}-scan")

    def pages(self) -> None:
        data = base64.b64encode(page_image(self.name)).decode()
        body = {"component": self.component, "files": [{"name": "trang-1.tif", "base64": data}]}
        self.post(f"/dossiers/{self.id}/papers", body, key=f"{self.name}-pages")

    def copies(self) -> None:
        self.post(f"/dossiers/{self.id}/copies", {}, key=f"{self.name}-copies")

    def sign(self) -> None:
        self.post(f"/dossiers/{self.id}/signatures", {}, key=f"{self.name}-sign")

    def submit(self) -> None:
        self.post(f"/dossiers/{self.id}/submission", {}, key=f"{self.name}-submit")

    def acknowledged(self) -> None:
        wait_for(lambda: self.state() == "handed_off", what="the province's receipt")

    def results(self) -> None:
        for action in ("take-up", "finish", "result-ready"):
            self.desk.act(self.provisional, action)
        wait_for(lambda: self.state() == "result_ready", what="the result")

    def register(self) -> None:
        made = self.post(f"/dossiers/{self.id}/items", {}, key=f"{self.name}-item")
        self.item = made["number"]

    def collect(self) -> None:
        if self.custody()["state"] == "registered":
            self.post(f"/items/{self.item}/collection", {}, key=f"{self.name}-collect")

    def give(self) -> None:
        self.event("offer", to_holder=self.desk.courier)

    def take(self) -> None:
        self.event("accept", who="courier", to_holder=self.desk.courier)

    def go(self) -> None:
        self.event("out_for_delivery", who="courier")

    def miss(self) -> None:
        self.event("attempt_failed", who="courier", reason="absent", action="redeliver",
                   evidence=["position", "invitation"])  # fmt: skip

    def go_again(self) -> None:
        self.event("out_for_delivery", who="courier", again="2")

    def deliver(self) -> None:
        proof = {
            "receiver": "Nguyễn Thị Hường", "relation": "chủ hồ sơ", "identity_type": "CCCD", "identity_last4": "2345",
            "identity_matched": True, "signature": base64.b64encode(b"strokes").decode(),
        }  # fmt: skip
        self.event("deliver", who="courier", proof=proof)

    def reported(self) -> None:
        wait_for(lambda: self.state() == "closed", what="the closing")
        path = f"/dossiers/{self.id}/submission"
        wait_for(lambda: all(job["state"] == "acked" for job in self.desk.press("GET", path)), what="the report")

    def event(self, step: str, *, who: str = "clerk", again: str = "", **values: Any) -> None:
        """One custody event with an id of its own, minted once however often it is sent."""
        uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.name}/{step}{again}"))
        at = self.seen_at.setdefault(uid, datetime.now(UTC).isoformat())
        body = {"id": uid, "step": step, "occurred_at": at, **values}
        self.post(f"/items/{self.item}/events", body, who=who, key=uid)

    def post(self, path: str, body: Any, *, key: str, who: str = "clerk") -> Any:
        """Do one thing, however often the power goes; it is remembered for `again`."""
        self.last = (path, body, key, who)
        return self.desk.press("POST", path, body, key=key, who=who)

    def again(self) -> Any:
        """Do the last thing again, as somebody does who did not see its answer: the same bytes under the same key."""
        path, body, key, who = self.last
        return self.desk.press("POST", path, body, key=key, who=who)

    def screen(self) -> Any:
        """What the dossier's page shows: the dossier and its papers."""
        return self.desk.press("GET", f"/dossiers/{self.id}"), self.desk.press("GET", f"/dossiers/{self.id}/papers")

    def state(self) -> str:
        return str(self.desk.press("GET", f"/dossiers/{self.id}")["state"])

    def custody(self) -> Any:
        return self.desk.press("GET", f"/items/{self.item}/events")
