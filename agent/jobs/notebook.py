"""What devices tell, queued and written down in its order however long the store refuses."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue

from agent import log
from agent.errors import StoreError
from agent.intake.reader_trial import end_trials, judged
from agent.intake.scans import record_scans
from agent.ports import Scan
from agent.site import Site

logger = log.get(__name__)
MOST = 200  # scans of one commit, states among them
AGAIN = 0.5  # seconds before another try at a store that refuses
LAST_TRIES = 12  # … when the agent ends


@dataclass(frozen=True)
class Note:
    """Something to write down about a device; a later note about the `same` replaces it."""

    same: tuple[str, str]
    write: Callable[[], None]


Told = Note | tuple[datetime, Scan]  # a scan with the instant at which it arrived


class Notebook:
    """A store that is full or locked for a while must not keep a thread from listening to its device.

    `keep` runs in a thread of its own.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._apart = deque[Told]()  # what could not be written together

    def put(self, told: Told) -> None:
        """Have it written; returns at once."""
        self._told.put(told)

    def keep(self, stop: threading.Event) -> None:
        """Commit what stations told in its order until `stop`, then the rest; what the store refuses is tried again."""
        batch, tries = list[Told](), LAST_TRIES
        while batch or self._apart or not stop.is_set() or not self._told.empty():
            batch = batch or self._next()
            try:
                self._write(batch)
                end_trials(self._site)
            except StoreError as error:
                logger.warning("%s scans and states wait: %s", len(batch), error.code)
                tries -= stop.is_set()
                if not tries:
                    logger.error("the store refused to the end: %s scans and states lost", self._told.qsize())
                    return
                threading.Event().wait(AGAIN)
                continue
            except Exception:  # one that cannot be written must not keep the others from it
                logger.exception("%s scans and states were not written", len(batch))
                self._apart.extend(batch if len(batch) > 1 else ())
            batch = []

    def _next(self) -> list[Told]:
        if self._apart:
            return [self._apart.popleft()]
        batch = list[Told]()
        try:
            batch.append(self._told.get(timeout=0.5))
            while len(batch) < MOST:
                batch.append(self._told.get_nowait())
        except Empty:
            pass
        return batch

    def _write(self, batch: Sequence[Told]) -> None:
        """Scans last, and all in one commit: a batch that is tried again doubles none."""
        for note in {one.same: one for one in batch if isinstance(one, Note)}.values():
            note.write()
        scans = judged(self._site, [one for one in batch if not isinstance(one, Note)])
        record_scans(self._site, [scan for _, scan in scans], [at for at, _ in scans])
