"""What the demo tells: the JSON object it ends with, and its progress on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.cli import progress


@dataclass
class Story:
    """What the demo ends with: the JSON object that DESIGN fixes, filled station by station."""

    body: dict[str, Any] = field(default_factory=lambda: {"pages": [], "artefacts": {}, "seconds": {}})

    @contextmanager
    def timed(self, station: str, words: str) -> Iterator[None]:
        """Say what begins and keep how long it took, in seconds."""
        progress(f"▸ {words}")
        start = time.monotonic()
        try:
            yield
        finally:
            spent = self.body["seconds"].get(station, 0.0) + time.monotonic() - start
            self.body["seconds"][station] = round(spent, 3)
