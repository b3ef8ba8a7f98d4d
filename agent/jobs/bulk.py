"""Files to the province before their messages: by urgency, within the budget, making way for small messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent import log
from agent.errors import AgentError, DocumentError, StoreError
from agent.jobs.hand_off import judged
from agent.jobs.line import Line
from agent.jobs.runner import keep_looking
from agent.jobs.sender import Sender
from agent.jobs.upload import file_names, send_file
from agent.site import Site
from agent.store import sending
from agent.store.outbox import Job

logger = log.get(__name__)
FILES = "files"


@dataclass
class BulkSender:
    """Sends the files of one job after the other; nothing is claimed for it, for a part sent twice changes nothing.

    `sender` settles what a file's fault means for its message. `wait` pauses for seconds, True when it is to end.
    """

    site: Site
    line: Line
    sender: Sender
    wait: Callable[[float], bool] = lambda _seconds: False

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`."""
        self.wait = stop.wait
        keep_looking(stop, self.sender.version, self.run_once)

    def run_once(self) -> bool:
        """Send the files of the most urgent job that has any to send; whether any could go."""
        again = self.line.next_try
        if again is not None and self.site.clock.now() < again:
            return False
        job = self._next()
        if job is None or not self.line.may(FILES):
            return False
        try:
            if self._send(job):
                self.line.is_up(job.id, job.file_bytes)
        except StoreError:
            raise
        except AgentError as error:
            self._failed(job, error)
        except Exception as error:  # one job's files must not end the sending of all others'
            logger.exception("files not sent", extra={"job": job.key, "dossier": job.dossier_id})
            self._failed(job, DocumentError(f"Lỗi chương trình khi gửi tệp: {type(error).__name__}"))
        return True

    def _next(self) -> Job | None:
        here, now = self.site.settings.terminal.id, self.site.clock.now()
        with self.site.store.reading():
            done = self.line.up() | self.line.avoid()
            return sending.next_files(here, now, done=done, passing=self.line.passing())

    def _send(self, job: Job) -> bool:
        """Whether all went; False when a more urgent job came, or it is to end."""
        sent = 0
        for sha256 in file_names(job.payload):
            going = _Going(self, job, sent)
            if not send_file(self.site, sha256, part_bytes=self._part(), before=going.before, after=going.after):
                return False
            self.line.passed(FILES)
            sent += going.went or self._size(sha256)
            first = self._next()
            if first is not None and first.id != job.id:
                return False
        return True

    def _size(self, sha256: str) -> int:
        """Bytes of a file that lay there already; 0 for one that is at another terminal."""
        return self.site.vault.size(sha256) if self.site.vault.has(sha256) else 0

    def _part(self) -> int:
        """At a tight budget parts of less than a second, so that nothing small waits long behind one."""
        asked = self.site.settings.province
        return min(asked.chunk_bytes, max(16_384, asked.line_kbit * 64)) if asked.line_kbit else asked.chunk_bytes

    def _failed(self, job: Job, error: AgentError) -> None:
        """A fault of the line: it goes later; one of the files: it is the message's own, and settled as such."""
        settlement = self.line.judge(job, judged(self.site, job, error))
        if settlement.retry_at is not None:
            sending.put_off(job, until=settlement.retry_at, error=settlement.error)
        else:
            self.sender.settle_now(job.key, settlement)


class _Going:
    """One file on its way: waits its turn before each part, tells the line what went and how long it took."""

    def __init__(self, bulk: BulkSender, job: Job, sent: int) -> None:
        self._bulk, self._job, self._sent = bulk, job, sent
        self.went, self._began = 0, bulk.site.clock.now()

    def before(self, count: int) -> bool:
        self._bulk.line.make_way()
        return not self._bulk.wait(self._bulk.line.budget(count))

    def after(self, count: int) -> None:
        line, now = self._bulk.line, self._bulk.site.clock.now()
        self.went += count
        line.passed(FILES)
        sent = min(self._sent + self.went, self._job.file_bytes)
        line.carried(self._job.id, count, sent=sent, seconds=(now - self._began).total_seconds())
        self._began = now
