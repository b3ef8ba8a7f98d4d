"""A terminal whose devices run: a real site with `run_devices` in a thread, and what was published and queued there."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from agent.devices.inventory import inventory
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import TerminalDevices, Tools
from agent.domain.actor import Actor
from agent.domain.jobs import JobState
from agent.domain.roles import Role
from agent.intake.devices import published
from agent.intake.prints import request_test
from agent.ports import DeviceState
from agent.settings import Database, Device, Settings, Terminal
from agent.site import Site
from agent.store import base, outbox, scans
from agent.store.outbox import Job
from agent.store.scans import ScanEvent
from agent.wiring import build_site, run_devices
from tests.devices.printers import eventually
from tests.devices.sysfs import Ports

CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, "BC-TAYHO", "T1")
ROOT = Path(__file__).resolve().parents[2]
LIMIT = 20.0  # seconds for what takes one or two on an idle machine


@dataclass
class Counter:
    """One terminal: `start` its devices as `serve` does, `stop` them, look at what they said."""

    site: Site
    by: Actor = CLERK
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> Counter:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=run_devices, args=(self.site, self._stop), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)
            assert not self._thread.is_alive(), "the devices' thread did not end"
            self._thread = None

    # --- looking
    def said(self, name: str = "nhan") -> DeviceState | None:
        """What a device published last."""
        return next((state for state in published(self.site) if state.name == name), None)

    def until_said(self, words: str, name: str = "nhan", limit: float = LIMIT) -> DeviceState:
        """Wait until a device publishes these words."""
        eventually(lambda: (said := self.said(name)) is not None and words in said.words, limit)
        found = self.said(name)
        assert found is not None
        return found

    def until_ready(self, *names: str) -> None:
        for name in names or ("nhan",):
            self.until_said("sẵn sàng", name)

    def job(self, job: Job) -> Job:
        with self.site.store.reading():
            return outbox.show(job.key)

    def until_job(self, job: Job, state: JobState, words: str = "", limit: float = LIMIT) -> Job:
        """Wait until a job is in a state with these words."""

        def there() -> bool:
            now = self.job(job)
            return now.state is state and words in now.error

        try:
            eventually(there, limit)
        except AssertionError:
            now = self.job(job)
            raise AssertionError(f"{now.state}: “{now.error}” instead of {state}: “{words}”") from None
        return self.job(job)

    def scans(self) -> list[ScanEvent]:
        with self.site.store.reading():
            return scans.after(self.by.terminal_id, 0, limit=100_000)

    # --- doing
    def test_print(self, role: str = "label") -> Job:
        return request_test(self.site, role, by=self.by)

    def prints(self, role: str = "label") -> Job:
        """Queue a label and wait until it is printed."""
        return self.until_job(self.test_print(role), JobState.ACKED)


@contextmanager
def counter(
    folder: Path, *lines: Device, url: str = "", terminal: str = "T1", clock: Any = None, start: bool = True,
    tools: Callable[[Tools], Tools] | None = None,
) -> Iterator[Counter]:  # fmt: skip
    """A counter over `folder` with these device lines; `tools` changes what its stations are made with."""
    settings = Settings(data=folder, devices=lines, database=Database(url), terminal=Terminal(terminal))
    site = build_site(settings, clock=clock)
    if tools is not None:
        made = cast(TerminalDevices, site.devices)
        site = replace(site, devices=TerminalDevices(lines, tools(made._tools)))
    made_here = Counter(site, replace(CLERK, terminal_id=terminal))
    try:
        if start:
            made_here.start()
        yield made_here
    finally:
        made_here.stop()
        base.proxy.initialize(site.store.database)
        site.store.close()


@dataclass
class AgentProcess:
    """The device threads of a terminal in a process of their own, which can be killed."""

    folder: Path
    lines: Sequence[Device]
    url: str = ""
    terminal: str = "T1"
    program: str = "tests.devices.device_agent"

    def __enter__(self) -> AgentProcess:
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [f'[terminal]\nid = "{self.terminal}"', f'[database]\nurl = "{self.url}"']
        for one in self.lines:
            told = {name: value for name, value in asdict(one).items() if value not in ("", False)}
            words.append("[[device]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in told.items()))
        (self.folder / "agent.toml").write_text("\n".join(words) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", self.program, str(self.folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self.process.stdout
        assert self.process.stdout.readline() == b"ready\n", "it did not start"
        return self

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(20)

    def __exit__(self, *_: object) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()


def line(simulator: SimulatorProcess, language: str = "zpl", *, name: str = "nhan", **more: Any) -> Device:
    kind = "tcp" if simulator.address.startswith("tcp://") else "serial"
    media = "72x0" if language == "escpos" else "100x60"
    return Device(name, more.pop("role", "label"), kind, simulator.address, language=language, media=media, **more)


def plugged(ports: Ports) -> Callable[[Tools], Tools]:
    """Stations that look at a sysfs of the test's own."""

    def changed(tools: Tools) -> Tools:
        return replace(tools, inventory=lambda: inventory(ports.sys, ports.dev))

    return changed


def wire(ports: Ports, node: str, simulator: SimulatorProcess) -> None:
    """Put a simulated device on a pty behind a node of the test's own /dev."""
    at = ports.dev / node
    at.unlink(missing_ok=True)
    at.symlink_to(simulator.address)
