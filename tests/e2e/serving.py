"""The whole counter for browser tests: `serve`, the sandbox province and a simulated printer, each a process."""

from __future__ import annotations

import json
import os
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

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, 0
        self._processes: list[subprocess.Popen[str]] = []
        self.serve: subprocess.Popen[str] | None = None
        self._environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

    def open(self) -> None:
        """Start the peers, write the settings, add people, serve."""
        self.data.mkdir(parents=True, exist_ok=True)
        province = self._start("sandbox", "--port", "0")
        printer = self._start("devices", "simulate", "zpl")
        self.write_config(endpoint=province["address"], printer=printer["address"])
        for name, role, full_name in PEOPLE:
            words = ("users", "add", name, "--role", role, "--office", "BC-TAYHO", "--full-name", full_name)
            self.run(*words, "--password-stdin", text=PASSWORD + "\n")
        with socket.create_server(("127.0.0.1", 0)) as free:  # a named port, as a counter has: it can be taken again
            self.port = free.getsockname()[1]
        self.start_serve()

    def write_config(self, *, endpoint: str, printer: str) -> None:
        """The settings that a real counter would have in its one file."""
        (self.data / "agent.toml").write_text(
            f'[province]\nendpoint = "{endpoint}"\n\n'
            f'[[device]]\nname = "nhan"\nrole = "label"\nkind = "tcp"\naddress = "{printer}"\nlanguage = "zpl"\n',
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
            self._command(*words), input=text, capture_output=True, text=True, cwd=ROOT, env=self._environ, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout} {done.stderr}"
        return done.stdout

    def act(self, number: str, action: str, *options: str) -> None:
        """The province's clerk does something."""
        self.run("sandbox", "act", number, action, *options)

    def allot_items(self) -> None:
        """Give the office a range of item numbers, as an administrator would."""
        from agent.settings import load
        from agent.tracking.items import allot_range
        from agent.wiring import build_site

        site = build_site(load(self.data))
        try:
            allot_range(site, "BC-TAYHO", "RD", 1_000, 1_999)
        finally:
            site.store.close()

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

    def _start(self, *words: str) -> dict[str, Any]:
        process = self._spawn(*words, "--parent")
        self._processes.append(process)
        said: dict[str, Any] = json.loads(self._first_line(process))
        return said

    def _spawn(self, *words: str) -> subprocess.Popen[str]:
        log = (self.data / f"{words[0]}.log").open("a")
        return subprocess.Popen(
            self._command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
            env=self._environ,
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
def station(data: Path) -> Iterator[Station]:
    """An open counter that is closed at the end."""
    made = Station(data)
    try:
        made.open()
        yield made
    finally:
        made.close()
