"""A bar code reader of software: it sends what its control socket tells it to scan."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, RLock
from typing import Any

from agent.devices.simulators.reader_codes import ENCODERS, Code
from agent.devices.simulators.reader_wires import ReaderWire, wire_of

KINDS = tuple(ENCODERS)
BEAT = 0.02  # seconds
PATIENCE = 0.001  # seconds before asking again a wire that takes nothing
QUIET = 30  # looks in a row that find nothing on the wire: the kernel carries bytes through a pty in its own time
SETTLING = 2.0  # seconds that a cable stays in for what was sent to be heard


@dataclass(frozen=True)
class Sending:
    """Bytes that wait for the wire: `scans` of them whole; then a pause in seconds, or the cable is pulled."""

    data: bytes = b""
    scans: int = 0
    pause: float = 0.0
    pull: bool = False


class ReaderSimulator:
    """Runs until `stop`; orders are scan, burst, set, vanish, ok, status, stop."""

    def __init__(self, kind: str, wire: ReaderWire) -> None:
        self._encode, self._wire = ENCODERS[kind], wire
        self._lock, self._stopped, self._told = RLock(), Event(), Event()
        self._queue: deque[Sending] = deque()
        self._usual = Code(b"")
        self._sent, self._gone = 0, False
        self.orders: dict[str, Callable[[dict[str, Any]], None]] = {
            "scan": self._scan,
            "burst": self._burst,
            "set": self._set,
            "vanish": self._vanish,
            "ok": lambda _: self._mend(),
            "status": lambda _: None,
            "stop": lambda _: self.stop(),
        }

    @property
    def address(self) -> str:
        """Where the agent finds it."""
        return self._wire.address

    def run(self) -> None:
        """Send until stopped."""
        while not self._stopped.is_set():
            with self._lock:
                sending = self._queue[0] if self._queue and not self._gone else None
            if sending is None:
                self._told.wait(BEAT)
                self._told.clear()
                with self._lock:
                    self._wire.put(b"")
            elif sending.pull:
                self._pull()
            else:
                self._send(sending)
        self._wire.unplug()

    def stop(self) -> None:
        """End `run` and unplug."""
        self._stopped.set()
        self._told.set()

    def order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do one order and tell how the reader is then: scans sent whole, bytes that wait, whether it is plugged in."""
        do = self.orders.get(str(order.get("do")))
        if do is None:
            return {"ok": False, "error": f"orders: {', '.join(sorted(self.orders))}"}
        with self._lock:
            try:
                do(order)
            except (ValueError, TypeError, KeyError) as error:
                return {"ok": False, "error": str(error)}
            waiting = sum(len(sending.data) for sending in self._queue)
            told = {"ok": True, "sent": self._sent, "waiting": waiting, "connected": not self._gone}
        self._told.set()
        return told

    def _send(self, sending: Sending) -> None:
        with self._lock:
            taken = 0 if self._gone else self._wire.put(sending.data)
            left = sending.data[taken:]
            if self._queue and left:
                self._queue[0] = replace(sending, data=left)
            elif self._queue:
                self._queue.popleft()
                self._sent += sending.scans
        self._stopped.wait(PATIENCE if left and not taken else 0 if left else sending.pause)

    def _pull(self) -> None:
        """Pull the cable, once what is on it has been heard."""
        patience, quiet = time.monotonic() + SETTLING, 0
        while quiet < QUIET and time.monotonic() < patience:
            quiet = quiet + 1 if self._wire.settled else 0
            self._stopped.wait(PATIENCE)
        with self._lock:
            self._unplug()

    def _unplug(self) -> None:
        self._queue.clear()
        self._wire.unplug()
        self._gone = True

    def _scan(self, order: dict[str, Any]) -> None:
        """One code; `tear`: only so many of its bytes (a wedge's: keys); `piece` and `pause`: in pieces, slowly."""
        strokes = self._encode(self._code(order))
        torn = "tear" in order
        strokes = strokes[: int(order["tear"])] if torn else strokes
        size, pause = int(order.get("piece", 0)) or len(strokes) or 1, float(order.get("pause", 0.0))
        pieces = [b"".join(strokes[at : at + size]) for at in range(0, len(strokes), size)]
        for number, piece in enumerate(pieces, start=1):
            self._queue.append(Sending(piece, int(number == len(pieces) and not torn), pause))

    def _burst(self, order: dict[str, Any]) -> None:
        """`count` codes at full speed: the prefix with a number of six digits from `first` on."""
        prefix, first = str(order.get("prefix", "")), int(order.get("first", 1))
        for number in range(first, first + int(order["count"])):
            code = self._code({**order, "text": f"{prefix}{number:06}"})
            self._queue.append(Sending(b"".join(self._encode(code)), 1))

    def _set(self, order: dict[str, Any]) -> None:
        """How it sends from now on: `aim`, `start`, `end`, `hexdump`."""
        self._usual = replace(self._code(order), payload=b"", drop=None)

    def _code(self, order: dict[str, Any]) -> Code:
        usual = self._usual
        payload = bytes.fromhex(order["hex"]) if "hex" in order else str(order.get("text", "")).encode()
        aim, start, end = (
            str(order[name]).encode() if name in order else getattr(usual, name) for name in ("aim", "start", "end")
        )
        drop = int(order["drop"]) if "drop" in order else None
        return Code(payload, aim, start, end, bool(order.get("hexdump", usual.hexdump)), drop)

    def _vanish(self, order: dict[str, Any]) -> None:
        """The cable is pulled after what was ordered before has been heard, or `now`."""
        if order.get("now"):
            self._unplug()
        else:
            self._queue.append(Sending(pull=True))

    def _mend(self) -> None:
        if self._gone:
            self._wire.plug()
            self._gone = False


def reader(kind: str, *, folder: Path, port: int = 0) -> ReaderSimulator:
    """A simulated reader of one of KINDS, plugged in; ConfigError where the platform has no such wire."""
    return ReaderSimulator(kind, wire_of(kind, folder, port))
