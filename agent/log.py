"""Logging: one JSON object a line on stderr, with ids only, never a person's data."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any

QUIET = ("urllib3", "pyhanko", "pyhanko_certvalidator", "fontTools", "PIL", "img2pdf", "pikepdf")
FIELDS = ("dossier", "job", "device", "lane", "key", "office", "terminal", "outcome", "milliseconds")


class JsonLines(logging.Formatter):
    """Format a record as one JSON object; extra fields of FIELDS are kept."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "where": record.name,
            "message": record.getMessage(),
        }
        line |= {name: str(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = where_it_happened(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def where_it_happened(error: BaseException | None) -> str:
    """The chain of errors with their places, without their texts: a database quotes the row that it refuses."""
    lines: list[str] = []
    while error is not None:
        lines.append(type(error).__name__)
        lines += [f"  {at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


def configure(level: str = "info") -> None:
    """Send the product's log to stderr as JSON lines; libraries that log payloads are silenced."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def get(name: str) -> logging.Logger:
    """The logger of one module."""
    return logging.getLogger(name)
