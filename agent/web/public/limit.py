"""How often one may ask: buckets of tries that refill with time, by address and by what is asked for, in memory."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
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


class Limits:
    """The limits of the public pages; asking by phone is slow, for numbers can be walked.

    Fixing the last four digits and walking the numbers finds people, so these digits have a bucket of their own: there
    are only 10,000, and nobody's is ever forgotten for another's. All who ask by phone share one more.
    """

    def __init__(self) -> None:
        self.token = Limit()
        self._phone_address = Limit(tries=5, per_second=1 / 60)
        self._phone_digits = Limit(tries=10, per_second=1 / 60, most=10_001)  # all there are, and “none”
        self._phone_number = Limit(tries=5, per_second=1 / 300)
        self._phone_all = Limit(tries=60, per_second=1.0)
        self.words = Limit(tries=10, per_second=1 / 60)

    def wait_by_phone(self, address: str, number: str, digits: str, now: datetime) -> int:
        """Seconds to wait before this may be asked; 0: this try is taken. What is refused here costs nothing later."""
        asked = ((self._phone_address, address), (self._phone_all, ""), (self._phone_digits, digits),
                 (self._phone_number, number))  # fmt: skip
        return _first_wait(asked, now)


def _first_wait(asked: Iterable[tuple[Limit, str]], now: datetime) -> int:
    """The first bucket that is empty says how long; those before it have counted the try."""
    for limit, key in asked:
        seconds = limit.wait(key, now)
        if seconds:
            return seconds
    return 0


def address_of(remote: str | None) -> str:
    """Who asks: an IPv4 address, or the /64 of an IPv6 one, for a home has that many.

    >>> address_of("192.0.2.7"), address_of("2001:db8:1:2:3:4:5:6"), address_of("::ffff:192.0.2.7"), address_of(None)
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7', '')
    """
    try:
        found = ipaddress.ip_address(remote or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
