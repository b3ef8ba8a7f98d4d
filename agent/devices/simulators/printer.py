"""A printer of software: a machine on a wire, with a control socket that makes it misbehave."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Callable
from threading import Event, RLock, Thread
from typing import Any, Protocol

from agent.devices.simulators.machine import Machine
from agent.devices.simulators.wires import Wire

BEAT = 0.02  # seconds between two looks at the wire
FAULTS = {"paper-out": "paper-out", "ribbon-out": "ribbon-out", "head-open": "head-open", "pause": "paused"}


class PrinterSimulator:
    """Runs until `stop`; `orders` are what the control socket can tell it to do."""

    def __init__(self, machine: Machine, wire: Wire) -> None:
        self._machine, self._wire = machine, wire
        self._lock, self._stopped = RLock(), Event()
        self._stalled, self._gone = False, False
        self._delay = 0.0  # seconds before each reply
        self._budget: int | None = None  # bytes of a label that it still takes before it is unplugged, or stalls
        self._then_stall, self._held = False, b""  # bytes that came with the last one that it took
        self.orders: dict[str, Callable[[dict[str, Any]], None]] = {
            **{order: self._fault(fault) for order, fault in FAULTS.items() if fault in machine.parts},
            "stall": self._stall,
            "garble": lambda _: setattr(machine, "garbled", True),
            "silence": lambda _: machine.deaf.add("all"),
            "deaf": lambda order: machine.deaf.add(str(order.get("to", "all"))),
            "label-waiting": lambda _: setattr(machine, "label_waiting", True),
            "slow": lambda order: setattr(machine, "seconds", float(order.get("seconds", 1.0))),
            "late": lambda order: self._set_delay(float(order.get("seconds", 1.0))),
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
        """Serve the wire until stopped."""
        while not self._stopped.is_set():
            with self._lock:
                if self._stalled or self._gone:
                    data = b""
                else:
                    data = self._held or self._wire.read(4096, 0)
                    self._held = b""
                    self._take(data)
            if data:
                continue
            if self._stalled or self._gone or not self._wire.wait(BEAT):
                self._stopped.wait(BEAT / 4)
        self._wire.unplug()

    def stop(self) -> None:
        """Unplug and end `run`."""
        self._stopped.set()

    def order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do one order `{"do": "paper-out"}` and tell how the printer is then."""
        do = self.orders.get(str(order.get("do")))
        with self._lock:
            if do is None:
                return {"ok": False, "error": f"orders: {', '.join(sorted(self.orders))}"}
            do(order)
            machine = self._machine
            return {
                "ok": True,
                "faults": sorted(machine.faults),
                "connected": not self._gone,
                "stalled": self._stalled,
                "garbled": machine.garbled,
                "formats": machine.formats,
                "partial": machine.partial,
                "odometer": machine.tray.count,
                "drawing": machine.tray.drawing,
            }

    def _take(self, data: bytes) -> None:
        if not data:
            self._say(self._machine.work())
        elif self._budget is None:
            self._say(self._machine.feed(data))
        else:
            self._take_some(data, self._budget)

    def _say(self, reply: bytes) -> None:
        if reply:
            self._stopped.wait(self._delay)
            self._wire.write(reply)

    def _take_some(self, data: bytes, left: int) -> None:
        for at, byte in enumerate(data, start=1):
            self._wire.write(self._machine.feed(bytes([byte])))
            left -= self._machine.partial
            if left <= 0:
                self._budget, self._held = None, data[at:]
                if self._then_stall:
                    self._stalled = True
                else:
                    self._unplug()
                return
        self._budget = left

    def _unplug(self) -> None:
        self._gone, self._budget, self._held = True, None, b""
        self._wire.unplug()
        self._machine.lose_power()

    def _fault(self, fault: str) -> Callable[[dict[str, Any]], None]:
        return lambda _: self._machine.faults.add(fault)

    def _set_delay(self, seconds: float) -> None:
        self._delay = seconds

    def _stall(self, order: dict[str, Any]) -> None:
        """Takes nothing more, from now on or `after` so many bytes of a label."""
        self._budget, self._then_stall = int(order.get("after", 0)) or None, True
        self._stalled = self._budget is None

    def _vanish(self, order: dict[str, Any]) -> None:
        """Unplugged now, or in the middle of a label: `after` so many of its bytes from ^XA on."""
        self._budget, self._then_stall = int(order.get("after", 0)) or None, False
        if self._budget is None:
            self._unplug()

    def _mend(self) -> None:
        self._stalled, self._budget, self._delay = False, None, 0.0
        if self._gone:
            self._wire.plug()
            self._gone = False
        self._machine.mend()


class Ordered(Protocol):
    """What takes orders."""

    def order(self, order: dict[str, Any]) -> dict[str, Any]: ...


def control(simulator: Ordered) -> socketserver.ThreadingTCPServer:
    """A loopback server that takes orders, one JSON object a line, and answers each with one."""

    class Orders(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                try:
                    order = json.loads(line)
                except ValueError:
                    order = {}
                answer = simulator.order(order if isinstance(order, dict) else {})
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Orders)
    server.daemon_threads = True
    return server


def serve_orders(simulator: Ordered) -> str:
    """Take orders in a thread of this process; returns the control's address."""
    server = control(simulator)
    Thread(target=server.serve_forever, daemon=True).start()
    host, port = server.server_address[:2]
    return f"{host!s}:{port}"


def start(machine: Machine, wire: Wire) -> tuple[PrinterSimulator, str]:
    """A simulator with its control in a thread of this process; returns it and the control's address."""
    simulator = PrinterSimulator(machine, wire)
    return simulator, serve_orders(simulator)
