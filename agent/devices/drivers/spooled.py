"""A printer behind a spooler: the label is handed over, and whether it came out only the clerk can say."""

from __future__ import annotations

from typing import Protocol

from agent.clock import Clock
from agent.devices.drivers.base import LOOK
from agent.errors import ConfigError, DeviceOutcomeUnknown, DeviceUnavailable
from agent.ports import DeviceState, PrintOutcome, PrintResult


class Queue(Protocol):
    """A spooler's queue."""

    @property
    def address(self) -> str: ...

    def send(self, job: bytes) -> str:
        """Hand over; DeviceUnavailable when nothing was, DeviceOutcomeUnknown when it may have been."""

    def check(self) -> None:
        """DeviceUnavailable when there is no such queue."""


class SpooledPrinter:
    """At best uncertain: a queue resends after a reset, and reports a printer that is off as fine."""

    def __init__(self, queue: Queue, *, name: str = "", role: str = "label", clock: Clock | None = None) -> None:
        self._queue, self._name, self._role, self._clock = queue, name or queue.address, role, clock

    def status(self) -> DeviceState:
        """Whether the queue is there; never raises, and never says that the printer is ready."""
        at = self._clock.now() if self._clock else None
        try:
            self._queue.check()
        except (DeviceUnavailable, ConfigError) as error:
            return DeviceState(self._name, self._role, False, False, error.message, at)
        words = "Có hàng đợi in; qua hàng đợi không hỏi được máy in có sẵn sàng không."
        return DeviceState(self._name, self._role, True, None, words, at)

    def print(self, job: bytes) -> PrintOutcome:
        """Hand the job over: uncertain when the spooler took it; DeviceUnavailable when it did not."""
        evidence = {"bytes": len(job)}
        try:
            number = self._queue.send(job)
        except DeviceOutcomeUnknown as error:
            return PrintOutcome(PrintResult.UNCERTAIN, error.message, evidence)
        words = f"Đã giao nhãn cho hàng đợi in “{self._queue.address}”; hàng đợi không biết nhãn đã ra chưa. {LOOK}"
        return PrintOutcome(PrintResult.UNCERTAIN, words, {**evidence, "spooler": number})
