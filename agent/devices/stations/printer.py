"""A printer's station: one conversation at a time, the line held open, jobs only while it can print."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Lock

from agent import log
from agent.clock import Clock
from agent.devices.drivers.learnt import Memory
from agent.devices.held import HeldLink
from agent.devices.link import Link
from agent.devices.place import Place
from agent.devices.recorder import RecordingLink
from agent.devices.registry import SPOOLED, driver_of
from agent.devices.stations.base import Desk, Mark, Record, Station
from agent.errors import ConfigError, DeviceUnavailable, StoreError
from agent.ports import DeviceState, Printer, PrintOutcome, PrintResult
from agent.settings import Device

logger = log.get(__name__)
ASK_READY = 3.0  # seconds between two questions to a printer that was ready
ASK_AGAIN = 1.0  # … that was not
ASK_SPOOLER = 60.0  # … behind a spooler, whose answers cost a process and say little
LONGEST = 5.0  # … that cannot be reached
AGAIN = 1.0  # seconds before another try at a store that refuses
GLANCE = 0.5  # seconds between two glances at the wire: a device that vanished is missed within


class PrinterStation(Station):
    """A printer with its link; whoever calls, one conversation at a time."""

    def __init__(
        self,
        line: Device,
        *,
        place: Place,
        clock: Clock | None = None,
        timeout: float = 2.0,
        memory: Memory | None = None,
        record: Record | None = None,
    ) -> None:
        super().__init__(line, place=place, clock=clock)
        self._timeout, self._memory, self._record = timeout, memory, record
        self._busy, self._owned = Lock(), False
        self._doubtful = False  # the last job was not printed for sure: ask how it is before the next
        self._bound = (line.address, "")  # node and identity of the unit that the driver is for
        self._held: HeldLink | None = None
        self.recording: RecordingLink | None = None
        self._printer = self._made(line)
        self._due = self._failures = 0.0

    # --- what anybody may ask ------------------------------------------------------------------
    def state(self) -> DeviceState:
        with self._busy:
            return self._state()

    def status(self) -> DeviceState:
        """As a Printer."""
        self.last = state = self.state()
        return state

    def print(self, job: bytes) -> PrintOutcome:
        """Send one label; a unit that nobody has accepted at this place prints nothing."""
        with self._busy:
            self._doubtful = True
            try:
                self._bind()
            except ConfigError as error:
                raise DeviceUnavailable(error.message) from error
            if words := self._unfit():
                return PrintOutcome(PrintResult.NOT_PRINTED, words)
            outcome = self._printer.print(job)
            self._doubtful = outcome.result is not PrintResult.PRINTED
            if outcome.result is PrintResult.UNCERTAIN:
                self._let_go()  # what it says late must not answer the next question
            return outcome

    def close(self) -> None:
        with self._busy:
            self._let_go()

    # --- its thread ----------------------------------------------------------------------------
    def run(self, desk: Desk) -> None:
        seen: Mark | None = None
        self._due, self._owned = 0.0, True
        if self._held is not None:
            self._held.keep = not self.line.shared
        while not self.stop.is_set():
            try:
                mark = desk.mark()  # before the look: what comes meanwhile is not slept over
                self._turn(desk, changed=mark != seen)
                seen = mark
                desk.wait(mark, min(GLANCE, max(0.0, self._due - time.monotonic())))
            except StoreError as error:
                logger.warning("the jobs of %s wait: %s", self.line.name, error.code)
                self.stop.wait(AGAIN)
        self.close()

    def _turn(self, desk: Desk, *, changed: bool) -> None:
        """Ask when it is time; look at the jobs then, for one may be due, and when the store changed."""
        if self._poked.is_set() or time.monotonic() >= self._due or self._is_gone():
            self._poked.clear()
            self.place.look_again()
            self._ask(desk)
        elif not changed:
            return
        assert self.last is not None
        if not self.last.connected or self.last.ready is False:
            desk.hindered(self.line, self.last.words)
            return
        self._doubtful, handled = False, 0
        while not self.stop.is_set() and not self._doubtful and desk.work(self.line):
            handled += 1
        if handled:
            self._ask(desk)

    def _ask(self, desk: Desk) -> None:
        before = self.last
        with self._busy:
            if self.recording:
                self.recording.idle = True
            state = self._state()
            if self.recording:
                self.recording.idle = False
        if state.connected:
            self.place.keep(lambda identity, port: desk.met(self.line, identity, port))
        self._due = time.monotonic() + self._patience(state)
        self.tell(desk, state)
        if state.ready and before is not None and not before.ready:
            desk.cleared(self.line)

    def _patience(self, state: DeviceState) -> float:
        if self.line.kind in SPOOLED:
            return ASK_SPOOLER
        if state.ready:
            self._failures = 0.0
            return ASK_READY
        if state.connected:
            return ASK_AGAIN
        self._failures = min(self._failures + 0.5, LONGEST - ASK_AGAIN)
        return ASK_AGAIN + self._failures

    def _is_gone(self) -> bool:
        with self._busy:
            return self._held is not None and self._held.alive() is False

    # --- with the lock held --------------------------------------------------------------------
    def _state(self) -> DeviceState:
        try:
            self._bind()
        except (DeviceUnavailable, ConfigError) as error:
            return self._say(connected=False, ready=False, words=error.message)
        if words := self._unfit():
            return self._say(connected=True, ready=False, words=words)
        return replace(self._printer.status(), role=self.line.role)

    def _unfit(self) -> str:
        """Why the unit that is there must not be sent anything; empty when it may."""
        if words := self.place.stranger():
            return words
        spoken = self.place.speaks()
        if spoken and self.line.language not in spoken and self.line.kind not in SPOOLED:
            return (
                f"Cấu hình ghi {self.line.language} nhưng máy in này nói {', '.join(sorted(spoken))}. "
                f"Sửa ngôn ngữ của thiết bị “{self.line.name}”."
            )
        return ""

    def _bind(self) -> None:
        """Find the node where the device is now; a new node, or another unit at it, gets a new driver."""
        node = self.place.node()
        self.identity = self.place.identity
        if (node, self.identity) != self._bound:
            self._let_go()
            self._printer = self._made(replace(self.line, address=node))
            self._bound = (node, self.identity)

    def _made(self, line: Device) -> Printer:
        return driver_of(
            line,
            clock=self._clock,
            timeout=self._timeout,
            memory=self._memory,
            wrap=self._wrap,
            identity=self.place.identity,
        )

    def _wrap(self, name: str, link: Link) -> Link:
        if self._record is not None:
            trace = self.recording.trace if self.recording else None
            link = self.recording = self._record(name, link, False)
            self.recording.trace = trace  # a diagnosis goes on when the unit moves to another node
        self._held = HeldLink(link, keep=self._owned and not self.line.shared)
        return self._held

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
