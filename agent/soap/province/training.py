"""Training mode: the sandbox's clerks work by themselves, by a seed and a pace, so that dossiers move along."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from agent.domain.canonical_codec import parse_instant
from agent.errors import AgentError
from agent.soap.province import clerk
from agent.soap.province.ledger import Ledger

log = logging.getLogger(__name__)

CHANCES: Final[dict[int, tuple[tuple[str, float], ...]]] = {
    1: (("take-up", 0.92), ("supplement", 0.05), ("refuse", 0.03)),
    2: (("take-up", 0.85), ("supplement", 0.10), ("pay", 0.05)),
    4: (("result-ready", 0.78), ("supplement", 0.08), ("extend", 0.06), ("pay", 0.04), ("stop", 0.04)),
    6: (("take-up", 1.0),),
    7: (("stop", 0.7), ("take-up", 0.3)),
}
"""What is done next at a status and how likely; 5 and 9 wait for the post office."""
ONCE: Final = {"supplement": 5, "pay": 6}
"""What is asked for at most once, and the status that shows that it was."""
NOTES: Final = {
    "supplement": ("Bản chụp mờ, đề nghị nộp bản rõ hơn", "Thiếu chữ ký ở trang cuối", "Cần bản chính để đối chiếu"),
    "refuse": ("Không thuộc thẩm quyền giải quyết của cơ quan này",),
    "stop": ("Công dân không còn nhu cầu", "Hồ sơ trùng với hồ sơ đã giải quyết"),
    "extend": ("Cần xác minh thêm tại địa phương",),
    "pay": ("Thông báo nộp phí thẩm định",),
}
CLERKS: Final = ("Cán bộ tập huấn An", "Cán bộ tập huấn Bình", "Cán bộ tập huấn Châu")
ELECTRONIC: Final = 0.15


@dataclass(frozen=True)
class Move:
    """What is done next with a dossier, and how many paces after its last change."""

    action: str
    paces: float
    options: dict[str, Any] = field(default_factory=dict)


def plan(seed: int, dossier: str, version: int, status: int, *, before: frozenset[int] = frozenset()) -> Move | None:
    """The next move of a dossier (by its provisional number); the same seed, dossier and version give the same.

    `before` are the statuses that it has had. None where the post office has to act, or nobody.

    >>> plan(7, "T1-0001", 1, 1) == plan(7, "T1-0001", 1, 1), plan(7, "T1-0001", 5, 9)
    (True, None)
    """
    chances = [(name, p) for name, p in CHANCES.get(status, ()) if ONCE.get(name) not in before]
    if not chances:
        return None
    dice = random.Random(f"{seed}:{dossier}:{version}")
    action = dice.choices([name for name, _ in chances], [p for _, p in chances])[0]
    options: dict[str, Any] = {"handler": dice.choice(CLERKS)}
    if action in NOTES:
        options["note"] = dice.choice(NOTES[action])
    if action == "result-ready" and dice.random() < ELECTRONIC:
        options["results"] = [{**clerk.DEFAULT_RESULT, "form": "electronic"}]
    return Move(action, dice.uniform(0.5, 1.5), options)


def step(ledger: Ledger, folder: Path, *, now: datetime, pace: timedelta, seed: int) -> int:
    """Do every move that is due; how many were done."""
    done = 0
    for row in ledger.rows(
        "SELECT d.number, d.provisional, d.status, d.version, max(c.at) AS at, group_concat(c.status) AS before"
        " FROM dossiers d JOIN changes c ON c.number = d.number WHERE d.dropped = 0 AND d.status IN (1, 2, 4, 6, 7)"
        " GROUP BY d.number ORDER BY d.rowid"
    ):
        before = frozenset(int(one) for one in row["before"].split(","))
        move = plan(seed, row["provisional"], row["version"], row["status"], before=before)
        if move is None or parse_instant(row["at"]) + pace * move.paces > now:
            continue
        try:
            clerk.act(folder, row["number"], move.action, now=now, **move.options)
            done += 1
        except AgentError as error:  # somebody at the page was faster
            log.info("training: %s of %s: %s", move.action, row["number"], error.code)
    return done


class Trainer:
    """The thread that moves dossiers until it is stopped; `pace` is how long a clerk takes for one act."""

    def __init__(self, folder: Path, now: Callable[[], datetime], *, pace: timedelta, seed: int) -> None:
        self._folder, self._now, self._pace, self._seed = folder, now, pace, seed
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="training", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the act under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        ledger = Ledger(self._folder)
        try:
            while not self._stopped.wait(min(2.0, max(0.05, self._pace.total_seconds() / 4))):
                step(ledger, self._folder, now=self._now(), pace=self._pace, seed=self._seed)
        finally:
            ledger.close()
