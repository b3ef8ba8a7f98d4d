"""Noticing that something was plugged in or out: udev's events where there is udev, else a look each second."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Event, Lock
from typing import Any, Protocol

from agent.devices.inventory import signature
from agent.devices.link_nodes import UDEV

SUBSYSTEMS = ("usb", "usbmisc", "tty", "hidraw", "input")
EACH = 1.0  # seconds between two looks where there are no events
EACH_BESIDE_EVENTS = 10.0  # a daemon that was stopped says nothing
QUIET = 0.05  # seconds without an event after which a device has been set up: one comes as a burst of them
LONGEST_BURST = 0.5

Look = Callable[[], Hashable]


class Hotplug(Protocol):
    """Waits for a change in what is plugged in; one thread waits, any may close."""

    how: str  # "udev" or "polling"

    def wait(self, timeout: float) -> bool:
        """Whether something may have changed within `timeout` seconds; False at once when closed."""

    def close(self) -> None:
        """Let go, and wake the one who waits."""


class PollingHotplug:
    """Compares the names of what is plugged in with those of the last look, from when it is made."""

    how = "polling"

    def __init__(self, look: Look = signature, *, each: float = EACH) -> None:
        self._look, self._each, self._closed = look, each, Event()
        self._last, self._next = look(), time.monotonic() + each

    def wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while not self._closed.wait(min(self.due(), max(0.0, deadline - time.monotonic()))):
            if self.changed():
                return True
            if time.monotonic() >= deadline:
                return False
        return False

    def due(self) -> float:
        """Seconds until it is time to look again."""
        return max(0.0, self._next - time.monotonic())

    def changed(self) -> bool:
        """Look, if it is time again."""
        if self.due():
            return False
        before = self._last
        self.look()
        return self._last != before

    def look(self) -> None:
        """Take what is plugged in now for what is known."""
        self._last, self._next = self._look(), time.monotonic() + self._each

    def close(self) -> None:
        self._closed.set()


class UdevHotplug:
    """Hears udev's events; looks now and then all the same, and each second should the events fail.

    Raises ImportError without pyudev or libudev, OSError when no netlink socket is to be had.
    """

    how = "udev"

    def __init__(self, look: Look = signature, *, each: float = EACH_BESIDE_EVENTS) -> None:
        import pyudev

        self._monitor: Any = pyudev.Monitor.from_netlink(pyudev.Context())
        for subsystem in SUBSYSTEMS:
            self._monitor.filter_by(subsystem)
        self._monitor.start()
        self._looks = PollingHotplug(look, each=each)
        self._bell, self._ear = socket.socketpair()
        self._waits, self._closed = Lock(), Event()
        self._ears = selectors.DefaultSelector()
        self._ears.register(self._monitor, selectors.EVENT_READ)
        self._ears.register(self._ear, selectors.EVENT_READ)

    def wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        with self._waits:
            while not self._closed.is_set():
                left = deadline - time.monotonic()
                heard = self._ears.select(max(0.0, min(left, self._looks.due())))
                if self._closed.is_set():
                    break
                if heard and self._burst():
                    self._looks.look()
                    return True
                if self._looks.changed():
                    return True
                if left <= 0:
                    return False
        return False

    def close(self) -> None:
        self._closed.set()
        self._bell.close()  # which the ear hears
        with self._waits:
            self._ears.close()
            self._ear.close()
            self._monitor = None

    def _burst(self) -> bool:
        """Take all events of one device, so that it is looked at once; whether any was of our subsystems."""
        ours, end = False, time.monotonic() + LONGEST_BURST
        try:
            while not self._closed.is_set() and time.monotonic() < end:
                if self._monitor.poll(0) is not None:
                    ours = True
                elif not self._ears.select(QUIET):
                    break
        except OSError:  # more came than the socket holds, or it broke, which is no reason to look without end
            return not self._closed.wait(EACH)
        return ours and not self._closed.is_set()


def best_hotplug(look: Look = signature, *, each: float = EACH, udev: Path = UDEV) -> Hotplug:
    """Udev's events where its daemon runs and pyudev is installed, else a look each `each` seconds.

    Make it before the first inventory: what is plugged in between the two is then noticed.
    """
    if udev.exists():  # without its daemon the socket opens and stays silent
        try:
            return UdevHotplug(look)
        except (ImportError, OSError):
            pass
    return PollingHotplug(look, each=each)
