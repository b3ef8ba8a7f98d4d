"""Counters and gauges in Prometheus' text format."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping

Reading = Callable[[], Mapping[str, float]]


class Metrics:
    """Requests by status, and gauges that are read when somebody asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._gauges: dict[str, tuple[str, str, Reading]] = {}

    def count_request(self, part: str, status: int) -> None:
        """One answered request of a part of the site (blueprint)."""
        with self._lock:
            self._requests[part, status] += 1

    def gauge(self, name: str, help_text: str, label: str, reading: Reading) -> None:
        """Publish `reading()`, a mapping from label value to number; an empty label value publishes none."""
        self._gauges[name] = (help_text, label, reading)

    def text(self) -> str:
        """The page for Prometheus."""
        lines = ["# HELP agent_requests_total Requests answered.", "# TYPE agent_requests_total counter"]
        with self._lock:
            requests = sorted(self._requests.items())
        lines += [f'agent_requests_total{{part="{p}",status="{s}"}} {n}' for (p, s), n in requests]
        for name, (help_text, label, reading) in self._gauges.items():
            lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
            lines += [f'{name}{{{label}="{at}"}} {v}' if at else f"{name} {v}" for at, v in reading().items()]
        return "\n".join(lines) + "\n"
