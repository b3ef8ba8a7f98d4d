"""The whole counter for browser tests: `serve`, the sandbox province and a simulated printer, each a process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "lúa chín vàng đồng"
PEOPLE = (
    ("lananh", "clerk", "Nguyễn Thị Lan Anh"),
    ("minh", "supervisor", "Đỗ Quang Minh"),
    ("an", "courier", "Trần Đức Ân"),
)


class Station:
    """One counter in a temporary folder; `serve` can be killed and started again, the peers stay."""

    people: tuple[tuple[str, str, str], ...] = PEOPLE
    peers: tuple[tuple[str, ...], ...] = (("sandbox", "--port", "0"), ("devices", "simulate", "zpl"))

    def __init__(self, data: Path, *, devices: str = "") -> None:
        self.data, self.port, self.devices = data, 0, devices
        self._processes: list[subprocess.Popen[str]] = []
        self.serve: subprocess.Popen[str] | None = None

    def open(self) -> None:
        """Add people, start the peers, write the settings, serve."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.add_people(*self.people)
        self.write_config(*self._start(*self.peers))
        with socket.create_server(("127.0.0.1", 0)) as free:  # a named port, as a counter has: it can be taken again
            self.port = free.getsockname()[1]
        self.start_serve()

    def write_config(self, *said: dict[str, Any]) -> None:
        """The settings that a real counter would have in its one file; `said` is the first line of each peer."""
        endpoint, printer = (one["address"] for one in said[:2])
        (self.data / "agent.toml").write_text(
            f'[province]\nendpoint = "{endpoint}"\n\n'
            f'[[device]]\nname = "nhan"\nrole = "label"\nkind = "tcp"\naddress = "{printer}"\nlanguage = "zpl"\n\n'
            + self.devices,
            encoding="utf-8",
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_serve(self) -> None:
        """Serve on the same port as before; ready when this returns."""
        self.serve = self._spawn("serve", "--port", str(self.port))
        said = json.loads(self._first_line(self.serve))
        self.port = int(said["serving"].rpartition(":")[2])
        until(lambda: self._answers("/healthz"), "serve answers")

    def kill_serve(self) -> None:
        """Like pulling the plug: the process gets no chance to end well; its worker dies with it."""
        assert self.serve is not None
        self.serve.send_signal(signal.SIGKILL)
        self.serve.wait(10)

    def run(self, *words: str, text: str = "") -> str:
        """A command of the program to its end."""
        done = subprocess.run(
            self._command(*words), input=text, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout} {done.stderr}"
        return done.stdout

    def act(self, number: str, action: str, *options: str) -> None:
        """The province's clerk does something: the command, without a process for it."""
        from agent import cli
        from agent.processes import Program
        from agent.settings import load

        args = cli.parse(["sandbox", "act", number, action, *options])
        assert cli.run(args, Program(load(self.data))) == 0

    def add_people(self, *people: tuple[str, str, str], office: str = "BC-TAYHO") -> None:
        """Name, role and full name of each person of an office; all have PASSWORD."""
        from agent.accounts.add_user import add_user
        from agent.domain.roles import Role

        with self._site() as site:
            for name, role, full_name in people:
                add_user(site, name, role=Role(role), office_id=office, password=PASSWORD, full_name=full_name)

    def allot_items(self) -> None:
        """Give the office a range of item numbers, as an administrator would."""
        from agent.tracking.items import allot_range

        with self._site() as site:
            allot_range(site, "BC-TAYHO", "RD", 1_000, 1_999)

    def labels(self) -> list[Path]:
        """The labels that came out of the simulated printer, oldest first."""
        return sorted((self.data / "simulated" / "zpl").glob("label-*.zpl"))

    def printed(self) -> bytes:
        """The newest label."""
        return self.labels()[-1].read_bytes()

    def close(self) -> None:
        """End the processes that this station started, by their ids."""
        for process in [*([self.serve] if self.serve else []), *reversed(self._processes)]:
            if process.stdin and not process.stdin.closed:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()

    @contextmanager
    def _site(self) -> Iterator[Any]:
        """The counter's data as its commands open them, without a process for each."""
        from agent.settings import load
        from agent.wiring import build_site

        site = build_site(load(self.data))
        try:
            yield site
        finally:
            site.store.close()

    def _start(self, *peers: tuple[str, ...]) -> list[dict[str, Any]]:
        """Start these peers at once; what each says first."""
        started = [self._spawn(*words, "--parent") for words in peers]
        self._processes += started
        return [json.loads(self._first_line(process)) for process in started]

    def _spawn(self, *words: str) -> subprocess.Popen[str]:
        log = (self.data / f"{words[0]}.log").open("a")
        return subprocess.Popen(
            self._command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        )  # fmt: skip

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "agent", *words, "--data", str(self.data)]

    def _first_line(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout
        line: list[str] = []
        reader = threading.Thread(target=lambda: line.append(process.stdout.readline()), daemon=True)
        reader.start()
        reader.join(30)
        assert line and line[0], f"{process.args} said nothing; exit {process.poll()}"
        return line[0]

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def until(happened: Callable[[], Any], what: str, *, seconds: float = 30.0) -> Any:
    """Wait until it happened; AssertionError naming it when it does not."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError(f"did not happen within {seconds:.0f} s: {what}")


@contextmanager
def station(data: Path, *, devices: str = "") -> Iterator[Station]:
    """An open counter that is closed at the end; `devices` are further lines of its settings."""
    made = Station(data, devices=devices)
    try:
        made.open()
        yield made
    finally:
        made.close()
