"""Run one simulated device in the foreground: its address as a line of JSON first, then service until told to stop."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import IO

from agent.devices.simulators.wires import PtyWire, TcpWire
from agent.devices.simulators.zpl_machine import ZplMachine
from agent.devices.simulators.zpl_printer import ZplPrinterSimulator, start
from agent.errors import ConfigError

KINDS = ("zpl", "zpl-pty")  # a label printer on TCP; the same on a tty


def to_stdout(line: str) -> None:
    """Write one line at once, for the program that started the simulator."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stop_at_end(pipe: IO[bytes], simulator: ZplPrinterSimulator) -> None:
    """Stop the simulator when the pipe's other end is closed."""
    while pipe.read(1):
        pass
    simulator.stop()


def simulate(
    kind: str,
    *,
    folder: Path,
    port: int = 0,
    while_open: IO[bytes] | None = None,
    announce: Callable[[str], None] = to_stdout,
) -> None:
    """Serve until ordered to stop, interrupted, or `while_open` (the starter's pipe) closes.

    Announces {"address": "tcp://127.0.0.1:PORT" or the pty's path, "control": "127.0.0.1:PORT"}. Labels land in
    `folder`. ConfigError for an unknown kind, or a pty where the platform has none.
    """
    if kind not in KINDS:
        raise ConfigError(f"Không có thiết bị giả lập “{kind}”. Có: {', '.join(KINDS)}.")
    wire = PtyWire(folder) if kind == "zpl-pty" else TcpWire(port)
    simulator, control = start(ZplMachine(folder), wire)
    if while_open is not None:
        Thread(target=stop_at_end, args=(while_open, simulator), daemon=True).start()
    announce(json.dumps({"address": simulator.address, "control": control}))
    try:
        simulator.run()
    except KeyboardInterrupt:
        simulator.stop()
