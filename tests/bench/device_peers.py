"""Simulated devices that tell when bytes passed: `python -m tests.bench.device_peers zpl|tspl|escpos|reader FOLDER`.

Instants are of the monotonic clock, which all processes of a machine share; one JSON line each on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

from agent.devices.simulators.printer import serve_orders, start
from agent.devices.simulators.process import tell
from agent.devices.simulators.reader import ReaderSimulator
from agent.devices.simulators.reader_wires import ReaderTcp
from agent.devices.simulators.simulate import MACHINES, to_stdout
from agent.devices.simulators.wires import TcpWire

ROOT = Path(__file__).resolve().parents[2]
ENDS = {"zpl": b"^XZ", "tspl": b"PRINT 1,1\r\n", "escpos": b"\x1dr\x01"}  # what a job ends with


class TimedPrinterWire(TcpWire):
    """Tells when the last byte of a job was read."""

    def __init__(self, end: bytes) -> None:
        super().__init__()
        self._end, self._tail = end, b""

    def read(self, most: int, timeout: float) -> bytes:
        data = super().read(most, timeout)
        if data:
            at, self._tail = time.monotonic(), self._tail + data
            if self._end in self._tail:
                to_stdout(json.dumps({"at": at}))
                self._tail = b""
        return data


class TimedReaderWire(ReaderTcp):
    """Tells when each scan was written."""

    def put(self, data: bytes) -> int:
        at = time.monotonic()
        taken = super().put(data)
        if taken:
            to_stdout(json.dumps({"at": at}))
        return taken


def main() -> None:
    """Serve one device until standard input closes."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    simulator: Any
    if kind == "reader":
        simulator = ReaderSimulator("reader-tcp", TimedReaderWire())
        control = serve_orders(simulator)
    else:
        simulator, control = start(MACHINES[kind][0](folder), TimedPrinterWire(ENDS[kind]))

    def end() -> None:
        sys.stdin.buffer.read()
        simulator.stop()

    threading.Thread(target=end, daemon=True).start()
    to_stdout(json.dumps({"address": simulator.address, "control": control}))
    simulator.run()


class Peer:
    """One such device in a process of its own; `instants` is what it told so far."""

    def __init__(self, kind: str, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.bench.device_peers", kind, str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self.process.stdout
        said = json.loads(self.process.stdout.readline())
        self.address, self.control = said["address"], said["control"]
        self.instants: Queue[float] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.instants.put(json.loads(line)["at"])

    def tell(self, do: str, **more: Any) -> dict[str, Any]:
        return tell(self.control, do, **more)


@contextmanager
def peer(kind: str, folder: Path) -> Iterator[Peer]:
    """A device that tells instants, ended with the block."""
    made = Peer(kind, folder)
    try:
        yield made
    finally:
        assert made.process.stdin
        made.process.stdin.close()
        made.process.wait(10)


if __name__ == "__main__":
    main()
