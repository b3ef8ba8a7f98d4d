"""The agent's worker with a clock that runs faster: hours of back-off pass in minutes, and no rule of it is changed.

`python -m tests.faults.agent work …`; POSTAL_FAULTS_CLOCK holds `start:factor:skew`, see `FastClock`, and
POSTAL_FAULTS_PROGRAM the program, `module:class`: ours or a mutant.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from agent import cli, log
from agent.processes import Program
from agent.settings import Settings, load
from agent.site import Site
from agent.wiring import build_site

CLOCK, PROGRAM = "POSTAL_FAULTS_CLOCK", "POSTAL_FAULTS_PROGRAM"


@dataclass(frozen=True)
class FastClock:
    """The machine's clock up to `start` (seconds since 1970), from there `factor` times as fast, `skew` seconds off."""

    start: float
    factor: float = 1.0
    skew: float = 0.0

    @classmethod
    def read(cls, text: str) -> FastClock:
        """The clock that `start:factor:skew` describes."""
        return cls(*(float(part) for part in text.split(":")))

    def __str__(self) -> str:
        return f"{self.start}:{self.factor}:{self.skew}"

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.start + (time.time() - self.start) * self.factor + self.skew, UTC)


def with_clock(base: type[Program], clock: FastClock) -> type[Program]:
    """The program with that clock."""

    class Timed(base):  # type: ignore[misc, valid-type]
        def site(self, settings: Settings | None = None) -> Site:
            return build_site(settings or self.settings, clock=clock)

    return Timed


def main() -> int:
    """Run a command."""
    module, _, name = os.environ[PROGRAM].partition(":")
    program = with_clock(getattr(importlib.import_module(module), name), FastClock.read(os.environ[CLOCK]))
    args = cli.parse(sys.argv[1:])
    settings = load(args.data, args.config)
    log.configure(settings.log_level)
    return cli.run(args, program(settings, config=args.config))


if __name__ == "__main__":
    sys.exit(main())
