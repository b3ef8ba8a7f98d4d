"""A TCP proxy that carries so many bits a second in each direction, shared by all its connections."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = 1_400


class Pipe:
    """One direction's share of the line: whoever wants to send waits for the turn of its bytes."""

    def __init__(self, kbit: int) -> None:
        self._rate, self._lock, self._free_at = kbit * 125.0, threading.Lock(), 0.0
        self.carried = 0

    def carry(self, count: int, stop: threading.Event) -> None:
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + count / self._rate
            self.carried += count
            wait = self._free_at - now
        stop.wait(wait)


@contextmanager
def thin_proxy(port: int, *, kbit: int) -> Iterator[tuple[int, Pipe]]:
    """The proxy's port before a loopback port, and what went up through it."""
    up, down, stop = Pipe(kbit), Pipe(kbit), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)

        def accept() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    near, _ = listener.accept()
                    far = socket.create_connection(("127.0.0.1", port), 5)
                    for source, target, pipe in ((near, far, up), (far, near, down)):
                        source.settimeout(None)
                        threading.Thread(target=_pump, args=(source, target, pipe, stop), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], up
        finally:
            stop.set()
            thread.join(2)


def _pump(source: socket.socket, target: socket.socket, pipe: Pipe, stop: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(PIECE):
            pipe.carry(len(data), stop)
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
