"""The kinds of reader: on a serial line or TCP, with HID POS reports, as a keyboard."""

from __future__ import annotations

import time

from agent.devices.link import Link
from agent.devices.link_evdev import EvdevNode
from agent.devices.link_hid import HidLink
from agent.devices.readers.frame import OPENING
from agent.devices.readers.framing import framing_of
from agent.devices.readers.hid_pos import Reports
from agent.devices.readers.reader import WiredReader
from agent.devices.readers.scans import Scans
from agent.devices.readers.wedge import Wedge

SETTLE = 0.03  # seconds: longer than a USB adapter holds bytes back (16 ms)


class SerialReader(WiredReader):
    """A reader on a serial port, a USB-COM port or a pyserial URL.

    Opening a port throws away what lay in it. What arrives in the same moment is a scan whose beginning may be among
    that: it is reported torn.
    """

    def __init__(self, link: Link, scans: Scans, *, end: bytes | None = None) -> None:
        self._frames = framing_of(end)
        super().__init__(link, self._frames, scans)

    def _begin(self) -> None:
        early = self._look(SETTLE)
        if early:
            at = time.monotonic()
            self._frames.spoil(OPENING, at)
            self._ready = self._made(self._frames.feed(early, at))


class TcpReader(WiredReader):
    """A reader behind a network box that passes its bytes on."""

    def __init__(self, link: Link, scans: Scans, *, end: bytes | None = None) -> None:
        super().__init__(link, framing_of(end), scans)


class HidReader(WiredReader):
    """A HID POS reader: 64-byte reports."""

    def __init__(self, link: HidLink, scans: Scans) -> None:
        self._link, self._reports = link, Reports()
        super().__init__(link, self._reports, scans)

    def _begin(self) -> None:
        self._reports.stream = self._link.simulated


class WedgeReader(WiredReader):
    """A grabbed keyboard-wedge reader."""

    def __init__(self, node: EvdevNode, scans: Scans, *, end: bytes | None = None) -> None:
        super().__init__(node, Wedge(end), scans)
