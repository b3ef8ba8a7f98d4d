"""How often one address may ask: a bucket of tries that refills with time, in memory."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from datetime import datetime

TRIES = 30  # at once, then
PER_SECOND = 0.5
MOST_ADDRESSES = 10_000


class Limit:
    """Tries left by address; the addresses that asked longest ago are forgotten first."""

    def __init__(self, *, tries: int = TRIES, per_second: float = PER_SECOND, most: int = MOST_ADDRESSES) -> None:
        self._tries, self._rate, self._most = float(tries), per_second, most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> int:
        """Seconds to wait before `address` may ask again; 0: this try is taken."""
        with self._lock:
            left, last = self._held.pop(address, (self._tries, now))
            left = min(self._tries, left + max(0.0, (now - last).total_seconds()) * self._rate)
            allowed = left >= 1
            self._held[address] = (left - 1 if allowed else left, now)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / self._rate)
