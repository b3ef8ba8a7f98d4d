"""Fault switches of the sandbox, scripted by one line and repeatable by seed."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import timedelta

from agent.errors import ConfigError

NAMES = {
    "refuse": "hang up before reading what was asked",
    "busy": "answer the typed, retryable fault BUSY",
    "delay": "answer after ms milliseconds",
    "cut-before": "hang up before anything is processed",
    "cut-after-commit": "commit, then hang up without an answer",
    "duplicate": "send the same answer twice",
    "other-key": "answer with the reply for another key",
    "wrong-digest": "answer with a receipt for another digest",
    "garbage": "commit, then answer bytes that are no XML",
    "empty": "commit, then answer 200 without a body",
    "html": "answer 200 with an HTML page",
    "html-502": "commit, then answer 502 with an HTML page",
    "503": "answer 503 and process nothing",
    "clock-off": "the province's clock is s seconds off",
    "status-regress": "repeat an older status at the end of the feed",
}
"""Every switch and what it does."""


@dataclass
class Fault:
    """One switch: with probability `p`, at most `times` times (0: no limit), for operation `op` (empty: all),

    once `after` requests for that operation have passed.
    """

    name: str
    p: float = 1.0
    op: str = ""
    times: int = 0
    after: int = 0
    ms: int = 0
    s: int = 0
    random: random.Random = field(default_factory=random.Random)
    seen: int = 0
    fired: int = 0

    def strikes(self, operation: str) -> bool:
        """Whether it fires for this request; each request for its operation draws once."""
        if self.op and self.op != operation:
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times and self.fired >= self.times):
            return False
        hit = self.random.random() < self.p
        self.fired += hit
        return hit


class Faults:
    """`name:option=value:option=value,name…;seed=N` with options p, op, times, after, ms, s.

    Example: `cut-after-commit:p=.1:op=SubmitDossier,delay:ms=500;seed=7`. ConfigError names what is wrong.
    """

    def __init__(self, spec: str = "") -> None:
        switches, _, rest = spec.strip().partition(";")
        seed = rest.strip().removeprefix("seed=")
        if rest and not seed.isdigit():
            raise _wrong(rest)
        self._lock = threading.Lock()
        self._faults = [
            _parse(text.strip(), f"{seed or 0}:{place}") for place, text in enumerate(filter(None, switches.split(",")))
        ]

    def strike(self, operation: str) -> dict[str, Fault]:
        """The switches that fire for one request."""
        with self._lock:
            return {fault.name: fault for fault in self._faults if fault.strikes(operation)}

    @property
    def clock_offset(self) -> timedelta:
        """How far the province's clock is off."""
        return timedelta(seconds=sum(fault.s for fault in self._faults if fault.name == "clock-off"))


def _parse(text: str, seed: str) -> Fault:
    name, *options = text.split(":")
    if name not in NAMES:
        raise _wrong(text)
    fault = Fault(name, random=random.Random(f"{seed}:{name}"))
    for option in options:
        key, _, value = option.partition("=")
        try:
            if key == "op":
                fault.op = value
            elif key == "p":
                fault.p = float(value)
            elif key in ("times", "after", "ms", "s"):
                setattr(fault, key, int(value))
            else:
                raise _wrong(option)
        except ValueError:
            raise _wrong(option) from None
    return fault


def _wrong(text: str) -> ConfigError:
    return ConfigError(
        f"Không hiểu công tắc lỗi “{text}”. Dạng: tên:p=.1:op=SubmitDossier:times=1,tên…;seed=7."
        f" Các tên: {', '.join(NAMES)}."
    )
