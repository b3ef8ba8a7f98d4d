"""Run one simulated device in the foreground: its address as a line of JSON first, then service until told to stop."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import IO, Any, Protocol

from agent.devices.simulators import escpos_picture, reader, tspl_picture, zpl_picture
from agent.devices.simulators.escpos_machine import EscposMachine
from agent.devices.simulators.machine import Machine
from agent.devices.simulators.printer import serve_orders, start
from agent.devices.simulators.tray import Draw
from agent.devices.simulators.tspl_machine import TsplMachine
from agent.devices.simulators.wires import PtyWire, TcpWire
from agent.devices.simulators.zpl_machine import ZplMachine
from agent.errors import ConfigError

MACHINES: dict[str, tuple[type[Machine], Callable[..., bytes]]] = {
    "zpl": (ZplMachine, zpl_picture.draw),
    "tspl": (TsplMachine, tspl_picture.draw),
    "escpos": (EscposMachine, escpos_picture.draw),
}
PRINTERS = tuple(f"{language}{wire}" for language in MACHINES for wire in ("", "-pty"))  # on TCP; on a tty
KINDS = (*PRINTERS, *reader.KINDS)


class Simulator(Protocol):
    """A device of software."""

    @property
    def address(self) -> str: ...
    def run(self) -> None: ...
    def stop(self) -> None: ...
    def order(self, order: dict[str, Any]) -> dict[str, Any]: ...


def to_stdout(line: str) -> None:
    """Write one line at once, for the program that started the simulator."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stop_at_end(pipe: IO[bytes], simulator: Simulator) -> None:
    """Stop the simulator when the pipe's other end is closed."""
    while pipe.read(1):
        pass
    simulator.stop()


def simulate(
    kind: str,
    *,
    folder: Path,
    port: int = 0,
    dpi: int = 203,
    while_open: IO[bytes] | None = None,
    announce: Callable[[str], None] = to_stdout,
) -> None:
    """Serve until ordered to stop, interrupted, or `while_open` (the starter's pipe) closes.

    Announces {"address": "tcp://127.0.0.1:PORT" or a path, "control": "127.0.0.1:PORT"}. Labels land in `folder`, each
    with its picture at `dpi`. ConfigError for an unknown kind, or a pty or FIFO where the platform has none.
    """
    if kind not in KINDS:
        raise ConfigError(f"Không có thiết bị giả lập “{kind}”. Có: {', '.join(KINDS)}.")
    simulator: Simulator
    if kind in reader.KINDS:
        simulator = reader.reader(kind, folder=folder, port=port)
        control = serve_orders(simulator)
    else:
        machine, picture = MACHINES[kind.removesuffix("-pty")]
        draw: Draw = partial(picture, dpi=dpi)
        wire = PtyWire(folder) if kind.endswith("-pty") else TcpWire(port)
        simulator, control = start(machine(folder, draw=draw), wire)
    if while_open is not None:
        Thread(target=stop_at_end, args=(while_open, simulator), daemon=True).start()
    announce(json.dumps({"address": simulator.address, "control": control}))
    try:
        simulator.run()
    except KeyboardInterrupt:
        simulator.stop()
