"""Debian's scanimage as a child process: asked, followed while it scans, and ended when it stalls."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from agent.errors import DeviceUnavailable
from agent.ports_pages import Stop

PROGRAM = "scanimage"
LOOK = 0.1  # seconds between two looks at a scan that says nothing
GRACE = 3.0  # seconds for scanimage to stop the feeder when it is told to end
OVER = "Batch terminated"  # the last line of a batch
CLOSING = 2.0  # seconds to go after it: now and then scanimage hangs there (measured: 4 of 150 failed feeds)
STATUSES = {  # SANE_Status by its words; also the exit status
    "Operation not supported": 1,
    "Operation was canceled": 2,
    "Device busy": 3,
    "Invalid argument": 4,
    "Document feeder jammed": 6,
    "Document feeder out of documents": 7,
    "Scanner cover is open": 8,
    "Error during device I/O": 9,
    "Out of memory": 10,
    "Access to resource has been denied": 11,
}
MOST = 1 << 20  # characters that are kept of what it says
MISSING = (
    "Máy này chưa có chương trình scanimage. Cài gói sane-utils (máy quét qua mạng: thêm gói sane-airscan) rồi thử lại."
)
NOT_HERE = "Kiểu sane chỉ có trên Linux. Trên Windows, cho máy quét ghi vào một thư mục và khai báo kiểu folder."


@dataclass(frozen=True)
class Ended:
    """How a run of scanimage ended."""

    code: int  # its exit status, which is the SANE status; negative: the signal that ended it
    said: str  # the last lines it said
    stalled: bool = False  # it was ended because nothing moved
    stopped: bool = False  # it was ended because somebody asked


def ask(*words: str, timeout: float) -> Ended:
    """Run scanimage to its end; DeviceUnavailable when it is missing or silent for `timeout` seconds."""
    try:
        done = subprocess.run(
            _command(*words), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DeviceUnavailable(
            f"Máy quét không trả lời trong {timeout:.0f} giây. Kiểm tra nguồn và mạng của máy quét rồi thử lại."
        ) from error
    text = done.stdout.decode("utf-8", "replace")[:MOST]
    return Ended(done.returncode, text if done.returncode == 0 else done.stderr.decode("utf-8", "replace")[-MOST:])


def follow(*words: str, look: Callable[[], object], stop: Stop, patience: float) -> Ended:
    """Run a scan; `look` is called often, takes finished pages over, and returns what differs while something moves.

    When nothing moved for `patience` seconds, when `stop` is set or when `look` raises, the process that was started
    here is ended, and no other. DeviceUnavailable when scanimage is missing.
    """
    process = subprocess.Popen(
        _command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    lines: SimpleQueue[str | None] = SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    said: list[str] = []
    stalled = stopped = over = False
    try:
        before, moved = look(), time.monotonic()
        while (line := _next(lines)) is not None and not (stalled or stopped):
            if line:
                said, over = [*said[-9:], line], line.startswith(OVER)
            if (now := look()) != before or line:
                before, moved = now, time.monotonic()
            stopped = stop.is_set()
            stalled = time.monotonic() - moved > (CLOSING if over else patience)
    finally:
        _end(process)
        reader.join(GRACE)
    look()
    if stalled and over:  # it did its work and said so
        return Ended(status_in("\n".join(said)), "\n".join(said))
    return Ended(process.returncode, "\n".join(said), stalled, stopped)


def status_in(said: str) -> int:
    """The SANE status that scanimage named last; 0 when it named none.

    >>> status_in("scanimage: sane_start: Document feeder jammed")
    6
    """
    for line in reversed(said.splitlines()):
        if line.startswith("scanimage:"):
            return next((status for words, status in STATUSES.items() if words in line), 0)
    return 0


def _command(*words: str) -> list[str]:
    """Its words are read, so they are asked for in English."""
    if os.name == "nt":
        raise DeviceUnavailable(NOT_HERE)
    program = shutil.which(PROGRAM)
    if program is None:
        raise DeviceUnavailable(MISSING)
    return ["env", "LC_ALL=C", program, *words]


def _read(process: subprocess.Popen[bytes], lines: SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    with process.stdout:
        while raw := process.stdout.readline(4_096):
            lines.put(raw.decode("utf-8", "replace").strip())
    lines.put(None)


def _next(lines: SimpleQueue[str | None]) -> str | None:
    """The next line, empty when none came, None at the end."""
    try:
        return lines.get(timeout=LOOK)
    except Empty:
        return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop the feeder, then insist."""
    for act in (process.terminate, process.kill):
        if process.poll() is None:
            act()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                continue
