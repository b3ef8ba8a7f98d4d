"""What every simulated printer has inside: a buffer, a queue of labels, a head that takes its time, faults."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from agent.devices.simulators.tray import Draw, Tray


@dataclass(frozen=True)
class Work:
    """What the head does next: a label to print, or an answer that is due when all before it is done."""

    label: bytes = b""
    answer: bytes = b""


class Machine(ABC):
    """One printer; labels fall into `folder`. `seconds` is the time of one label. Not thread-safe.

    A label that cannot print waits and prints when the fault is mended; power loss forgets what waits.
    """

    language = ""
    parts = frozenset({"paper-out", "ribbon-out", "head-open", "paused"})  # what can fail
    usual = 0.0  # seconds

    def __init__(self, folder: Path, *, seconds: float | None = None, draw: Draw | None = None) -> None:
        self.tray = Tray(folder, self.language, draw)
        self.seconds = self.usual if seconds is None else seconds
        self.faults: set[str] = set()  # of parts
        self.deaf: set[str] = set()  # questions it does not know, as an older or cheaper model; "all" for every one
        self.garbled = self.label_waiting = False
        self._buffer, self._out = b"", b""
        self._queue: deque[Work] = deque()
        self._done_at: float | None = None  # when the label under the head is finished

    @property
    def formats(self) -> int:
        """Labels received and not yet printed."""
        return sum(1 for work in self._queue if work.label)

    @property
    @abstractmethod
    def partial(self) -> bool:
        """Whether a label has begun to arrive and has not ended."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they arrive and return what the printer answers."""
        self._take(data)
        return self.work()

    def work(self) -> bytes:
        """Print what can be printed by now, and return what there is to say."""
        self.advance()
        said, self._out = self._out, b""
        if "all" in self.deaf:
            return b""
        return bytes(byte ^ 0x55 for byte in said) if self.garbled else said

    def advance(self) -> None:
        """Print what can be printed by now."""
        while self._queue and not self.faults:
            if self._queue[0].label:
                if self._done_at is None:
                    self._done_at = time.monotonic() + self.seconds
                if time.monotonic() < self._done_at:
                    break
                self._done_at = None
            work = self._queue.popleft()
            self._out += work.answer
            if work.label:
                for _ in range(self.copies(work.label)):
                    self.tray.put(work.label)

    def copies(self, label: bytes) -> int:
        """How often the label prints itself."""
        return 1

    def lose_power(self) -> None:
        """Forget what has not been printed, as a printer does whose plug is pulled."""
        self._buffer, self._out, self._done_at = b"", b"", None
        self._queue.clear()

    def mend(self) -> None:
        """Take every fault away; what waited comes out."""
        self.faults.clear()
        self.deaf.clear()
        self.garbled = self.label_waiting = False
        self.seconds, self._done_at = self.usual, None

    @abstractmethod
    def _take(self, data: bytes) -> None:
        """Read commands: labels and due answers go to the queue, answers given at once to `_out`."""
