"""How often one caller may ask at all: tries that come back with time, in this process's memory."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from datetime import datetime

MOST_CALLERS = 10_000


class Limit:
    """Requests left by caller; who asked longest ago is forgotten first. Guesses are counted in the store instead."""

    def __init__(self, *, tries: int, per_second: float, most: int = MOST_CALLERS) -> None:
        self._tries, self._rate, self._most = float(tries), per_second, most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, caller: str, now: datetime) -> int:
        """Seconds to wait before `caller` may ask again; 0: this request is taken."""
        with self._lock:
            left, last = self._held.pop(caller, (self._tries, now))
            left = min(self._tries, left + max(0.0, (now - last).total_seconds()) * self._rate)
            allowed = left >= 1
            self._held[caller] = (left - 1 if allowed else left, now)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / self._rate)
