"""Messages as files for another program to send, one a message under its key, or as lines of the log."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from agent import log
from agent.ports_notices import Notice, NoticeOutcome, NoticeResult

logger = log.get(__name__)


class FileNotifier:
    """A folder that another program empties: `<key>.json` (0600), whole or not there; the same key is one file."""

    repeats = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def obstacle(self) -> str:
        """Whether a file can be put there."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self._folder):
                return ""
        except OSError as error:
            return f"không ghi được vào {self._folder} ({error.strerror}). Kiểm tra ổ đĩa, quyền ghi."

    def send(self, notice: Notice) -> NoticeOutcome:
        """Put the message there: sent means that the other program can have it."""
        text = json.dumps(
            {"key": notice.key, "to": notice.to, "text": notice.text, "kind": notice.kind, "office": notice.office},
            ensure_ascii=False, indent=1,
        )  # fmt: skip
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._folder / f"{notice.key}.json")
        except OSError as error:
            reason = (
                f"Không ghi được tin vào thư mục {self._folder.name} ({error.strerror}). Kiểm tra ổ đĩa, quyền ghi."
            )
            return NoticeOutcome(NoticeResult.NOT_SENT, reason)
        return NoticeOutcome(NoticeResult.SENT)

    def ask(self, key: str) -> NoticeOutcome | None:
        """A file that lies there was sent; whether one was taken already nobody knows."""
        return NoticeOutcome(NoticeResult.SENT) if (self._folder / f"{key}.json").exists() else None


class ConsoleNotifier:
    """For a look at what would be sent: a line of the log without number and words."""

    repeats = True

    def obstacle(self) -> str:
        """Nothing."""
        return ""

    def send(self, notice: Notice) -> NoticeOutcome:
        """Say in the log that there was a message."""
        logger.info("notice %s of %d letters", notice.kind, len(notice.text), extra={"key": notice.key})
        return NoticeOutcome(NoticeResult.SENT)

    def ask(self, key: str) -> NoticeOutcome | None:
        """A line of the log tells nothing back."""
        del key
        return None
