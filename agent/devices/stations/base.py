"""What every station does alike: its line, what it last said, and telling that when it changes."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from agent.clock import Clock
from agent.devices.link import Link
from agent.devices.place import Place
from agent.devices.recorder import RecordingLink
from agent.ports import DeviceState, Scan
from agent.ports_pages import PageFile
from agent.settings import Device

Mark = tuple[int, int]
Record = Callable[[str, Link, bool], RecordingLink]  # the flight recorder's hook: name, link, whether it is a reader's


class Desk(Protocol):
    """What stations tell, and where their work comes from; it stands above, over the store."""

    def said(self, line: Device, state: DeviceState, identity: str) -> None:
        """Publish a device's state, soon; called when it differs from what was published before."""

    def met(self, line: Device, identity: str, port: str) -> None:
        """Keep which unit is at the device's place, soon: the next one that is not it is asked about."""

    def work(self, line: Device) -> int:
        """Do the jobs that are due for the role of a printer, in this thread; how many were handled."""

    def hindered(self, line: Device, words: str) -> None:
        """Say on the jobs that wait for this printer why they wait."""

    def cleared(self, line: Device) -> None:
        """What kept the jobs is gone: those that would wait a while are due now."""

    def scanned(self, line: Device, scans: Sequence[Scan]) -> None:
        """Take scans over; returns at once, they are committed in order."""

    def fed(self, line: Device, file: PageFile) -> None:
        """Take a page file into the inbox, durably, before this returns."""

    def gone(self, name: str) -> None:
        """The device of this name is set up no longer."""

    def unserved(self) -> None:
        """Say on the jobs of roles that no device has why they wait."""

    def mark(self) -> Mark:
        """The mark to wait from."""

    def wait(self, mark: Mark, timeout: float) -> Mark:
        """Wait until work may have come, or `timeout` seconds."""


class Station(ABC):
    """One device line with its thread; all methods but `run` may be called from other threads."""

    def __init__(self, line: Device, *, place: Place, clock: Clock | None) -> None:
        self.line, self.place, self._clock = line, place, clock
        self.last: DeviceState | None = None
        self._told: tuple[DeviceState, str] | None = None  # what was published, without its instant; and whose it was
        self.identity = ""  # of the unit that is there now; empty when not known
        self.stop = threading.Event()
        self._poked = threading.Event()

    @abstractmethod
    def state(self) -> DeviceState:
        """Ask the device how it is, now; never raises."""

    @abstractmethod
    def run(self, desk: Desk) -> None:
        """Own the device until `stop` is set."""

    def poke(self) -> None:
        """Look again at once: something was plugged in or out, or a person decided something."""
        self._poked.set()

    @abstractmethod
    def close(self) -> None:
        """Let go of the device."""

    def tell(self, desk: Desk, state: DeviceState) -> None:
        """Keep a state, and publish it when it says something new."""
        self.last, told = state, (replace(state, at=None), self.identity)
        if self._told != told:
            desk.said(self.line, state, self.identity)
            self._told = told

    def _say(self, *, connected: bool, ready: bool | None, words: str) -> DeviceState:
        at = self._clock.now() if self._clock else None
        return DeviceState(self.line.name, self.line.role, connected, ready, words, at)

    def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until somebody pokes."""
        self._poked.wait(seconds)
        self._poked.clear()
