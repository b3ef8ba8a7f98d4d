"""The fault campaign: agent and province joined by the spoiling proxy, killed and filled up until all has ended."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from agent.domain.jobs import JobState
from agent.store.database import Store
from agent.store.keys import load_or_make_keys
from agent.store.outbox import Job
from tests.contract.sandbox_process import OFFICE, ROOT, Sandbox
from tests.faults.agent import CLOCK, PROGRAM, FastClock
from tests.faults.proxy import OFTEN, Plan, Proxy, spread_blows
from tests.flow.counter_desk import free_port

OPEN = (JobState.READY, JobState.SENDING, JobState.UNKNOWN)
ROOM = 16_384  # bytes of a file that still fit while a disk is full
EVEN = {
    "cut-before": 0.01, "cut-after": 0.015, "delay": 0.01, "duplicate": 0.015, "truncate": 0.01,
    "corrupt-request": 0.01, "corrupt-reply": 0.01, "502": 0.01, "black-hole": 0.002,
}  # fmt: skip
"""The odds of each fault of the line for one exchange."""


@dataclass(frozen=True)
class Spec:
    """What a campaign does: how many dossiers and blows, how often the line fails, how fast the agent's clock runs."""

    seed: int
    dossiers: int
    blows: Mapping[str, int]
    odds: Mapping[str, float] = field(default_factory=lambda: dict(EVEN))
    speed: float = 20.0
    often: Mapping[str, int] = field(default_factory=lambda: dict(OFTEN))  # where blows fall
    reach: float = 0.06  # see Plan
    late: float = 0.4
    placed: Mapping[tuple[str, int], str] = field(default_factory=dict)
    skews: tuple[float, ...] = (0.0, 90.0, -90.0)  # of the agent's clock, drawn at each start, seconds
    clocks: tuple[int, ...] = (0, 7200, -7200)  # of the province's clock, likewise
    calm: float = 0.1  # the line is good again once all blows fell and this part of the jobs is open
    timeout: float = 1.0  # seconds that the agent waits for an answer
    program: str = "agent.processes:Program"  # or a mutant of it
    desk: str = "agent.soap.province.submissions:Submissions"  # of the province, or a mutant of it
    limit: float = 1200.0  # seconds until what has not ended is called stuck

    def plan(self) -> Plan:
        """What each exchange suffers."""
        blows = spread_blows(self.seed, self.blows, self.dossiers, self.often)
        return Plan(self.seed, self.odds, blows, self.reach, self.late, self.placed)


@dataclass
class Campaign:
    """A furnished data folder, its worker, a province and the proxy between them."""

    folder: Path
    spec: Spec
    fallen: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)  # processes that ended unasked
    states: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.spec.seed}:clocks")
        self._lock, self._start = threading.RLock(), time.time()
        self._over = threading.Event()
        self.log = self.folder / "worker.log"

    @property
    def data(self) -> Path:
        """The agent's data folder."""
        return self.folder / "data"

    @property
    def province_folder(self) -> Path:
        """The province's ledger and files."""
        return self.folder / "province"

    def run(self) -> Campaign:
        """Run until every job ended or the limit is over; `states` says how the jobs ended."""
        begun = time.monotonic()
        port = free_port()
        self.proxy = Proxy(("127.0.0.1", port), self.spec.plan(), strike=self._strike)
        self._port = port
        self.province = self._begin_province()
        self._configure()
        with closing(Store.open(data=self.data, key=load_or_make_keys(self.data).database)) as store:
            try:
                self.worker = self._begin_worker()
                self._wait(store)
            finally:
                self._end()
        self.seconds = time.monotonic() - begun
        return self

    # --- processes
    def _configure(self) -> None:
        lines = [
            f'[province]\nendpoint = "http://127.0.0.1:{self.proxy.port}/soap/tthc"',
            f"connect_timeout = 1.0\nread_timeout = {self.spec.timeout}\nchunk_bytes = 4096",
        ]
        (self.data / "agent.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _begin_worker(self) -> subprocess.Popen[bytes]:
        clock = FastClock(self._start, self.spec.speed, self._chance.choice(self.spec.skews))
        command = [sys.executable, "-m", "tests.faults.agent", "work", "--data", str(self.data)]
        wanted = {**os.environ, CLOCK: str(clock), PROGRAM: self.spec.program, "POSTAL_AGENT_OCR_ENABLED": "false"}
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, stderr=log, env=wanted)

    def _begin_province(self) -> Sandbox:
        off = f"clock-off:s={self._chance.choice(self.spec.clocks)}"
        return Sandbox(self.province_folder, faults=off, desk=self.spec.desk, port=self._port, office=OFFICE)

    def _strike(self, blow: str) -> None:
        """Kill or fill up one side; what was killed starts again at once."""
        what, _, who = blow.partition("-")
        with self._lock:
            if self._over.is_set():
                return
            self.fallen[blow] += 1
            if what == "kill" and who == "worker":
                self.worker.kill()
                self.worker.wait(10)
                self.worker = self._begin_worker()
            elif what == "kill":
                self.province.kill()
                self._restart_province()
            else:
                self._fill(who)

    def _restart_province(self) -> None:
        self.province.__exit__()
        self.province = self._begin_province()

    def _fill(self, who: str) -> None:
        """The disk of one side is full for a moment: its files cannot grow beyond a few pages."""
        import resource

        process = self.worker if who == "worker" else self.province.process
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
        self._over.wait(0.4)
        if process.poll() is None:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def _mend(self) -> None:
        """Start again what ended by itself, as a service manager would; it is counted."""
        with self._lock:
            if self.worker.poll() is not None:
                self.deaths["worker"] += 1
                self.worker = self._begin_worker()
            if self.province.process.poll() is not None:
                self.deaths["province"] += 1
                self._restart_province()

    def _wait(self, store: Store) -> None:
        """Until no job is open; the line is calm once the blows have fallen and little is left."""
        wanted, limit = sum(self.spec.blows.values()), time.monotonic() + self.spec.limit
        while time.monotonic() < limit:
            self._mend()
            with store.reading():
                self.states = Counter(str(job.state) for job in Job.select(Job.state))
            left = sum(self.states[str(state)] for state in OPEN)
            if not left:
                return
            self.proxy.calm = sum(self.fallen.values()) >= wanted and left < self.spec.calm * self.states.total()
            self._over.wait(0.25)

    def _end(self) -> None:
        self._over.set()
        with self._lock:
            self.worker.terminate()
            try:
                self.worker.wait(10)
            except subprocess.TimeoutExpired:
                self.worker.kill()
                self.worker.wait()
            self.proxy.close()
            self.province.__exit__()
