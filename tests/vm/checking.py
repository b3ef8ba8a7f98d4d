"""The list of checks, and doing one of them within its time."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LIMIT = 90.0  # seconds for one check
Act = Callable[[Path], str | None]


class NotYet(Exception):
    """A check whose part of the product, or whose library, is not there; the words say which."""


@dataclass(frozen=True)
class Check:
    """One check: its part of the product, what a user would see, and the act, which may return a remark."""

    part: str
    name: str
    act: Act


def run(check: Check) -> dict[str, object]:
    """Do it in a thread of its own, so that one that hangs in the kernel is called so and the next begins."""
    said: dict[str, object] = {"outcome": "FAIL", "words": f"no end within {LIMIT:.0f} s"}

    def act() -> None:
        try:
            with tempfile.TemporaryDirectory() as folder:
                said.update(outcome="PASS", words=check.act(Path(folder)) or "")
        except NotYet as reason:
            said.update(outcome="SKIP", words=str(reason))
        except BaseException as error:  # noqa: BLE001  whatever it is, it is this check's outcome
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno} {last.line}"
            said.update(outcome="FAIL", words=f"{type(error).__name__}: {error} ({where})")
            traceback.print_exc()

    began = time.monotonic()
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(LIMIT)
    if thread.is_alive() and thread.ident is not None:
        traceback.print_stack(sys._current_frames().get(thread.ident))
    return {"part": check.part, "name": check.name, "seconds": round(time.monotonic() - began, 2), **said}


def tell(line: dict[str, object]) -> None:
    """One line of JSON for the host."""
    sys.stdout.write(json.dumps(line, ensure_ascii=True) + "\n")
    sys.stdout.flush()
