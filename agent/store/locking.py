"""Locks that the operating system releases when their process dies."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import StoreLocked

_FIRST_WAIT, _LONGEST_WAIT = 0.0002, 0.002  # seconds between two tries of a held file lock


def _try_lock(handle: int) -> bool:
    """Take the whole-file lock without waiting; False when another process or handle has it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        return
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_UN)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


class FolderLock:
    """The claim of one process on a data folder in one role ("serve", "work", "backup")."""

    def __init__(self, data: Path, role: str) -> None:
        """Take the lock at once; StoreLocked, naming the holder's pid, when another process has it."""
        self.path = data / f"{role}.lock"
        self._note = data / f"{role}.pid"  # a locked file cannot be read on Windows, so the pid sits beside it
        self._handle: int | None = _open(self.path)
        if not _try_lock(self._handle):
            os.close(self._handle)
            self._handle = None
            raise StoreLocked(
                f"Thư mục dữ liệu {data} đang được tiến trình {self._holder()} dùng (vai trò “{role}”). "
                f"Dừng tiến trình đó, hoặc chọn thư mục khác bằng --data."
            )
        self._note.write_text(str(os.getpid()), encoding="ascii")

    def _holder(self) -> str:
        try:
            return self._note.read_text(encoding="ascii").strip() or "khác"
        except OSError:
            return "khác"

    def release(self) -> None:
        """Give the folder back; a second call does nothing."""
        if self._handle is not None:
            _unlock(self._handle)
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def is_held(data: Path, role: str) -> bool:
    """Whether a living process, this one too, holds a data folder in a role."""
    try:
        handle = os.open(data / f"{role}.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)  # closing releases


class _Queue:
    """A lock between threads that is handed over in the order of arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it was handed over while we gave up

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class WriteLock:
    """One writer at a time over all threads and processes, without starving anyone.

    Threads queue. Processes pass two files: who waits for the database holds `next`, so a busy writer that
    comes straight back finds the other's turn taken (SQLite's own busy handler lets it overtake for seconds).
    """

    def __init__(self, database: Path) -> None:
        self._threads = _Queue()
        self._next = _open(database.with_name(database.name + "-next"))
        self._turn = _open(database.with_name(database.name + "-turn"))

    def acquire(self, timeout: float) -> None:
        """Wait at most `timeout` seconds; StoreLocked after that."""
        limit = time.monotonic() + timeout
        if not self._threads.acquire(timeout):
            raise _busy(timeout)
        try:
            _wait(self._next, limit, timeout)
            try:
                _wait(self._turn, limit, timeout)
            finally:
                _unlock(self._next)
        except BaseException:
            self._threads.release()
            raise

    def release(self) -> None:
        """Let the next writer in."""
        _unlock(self._turn)
        self._threads.release()

    def close(self) -> None:
        """Close the lock files."""
        os.close(self._next)
        os.close(self._turn)


@contextmanager
def waiting_lock(path: Path, timeout: float = 10.0) -> Iterator[None]:
    """Hold a file lock for a short piece of work; StoreLocked when it is not free in `timeout` seconds."""
    handle = _open(path)
    try:
        _wait(handle, time.monotonic() + timeout, timeout)
        yield
    finally:
        os.close(handle)  # closing releases


def _wait(handle: int, limit: float, timeout: float) -> None:
    pause = _FIRST_WAIT
    while not _try_lock(handle):
        if time.monotonic() > limit:
            raise _busy(timeout)
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_WAIT)


def _busy(timeout: float) -> StoreLocked:
    return StoreLocked(
        f"Cơ sở dữ liệu bận hơn {timeout:g} giây, chưa có gì thay đổi. Thử lại; nếu lặp lại, xem `doctor` để biết "
        f"tiến trình nào đang giữ."
    )
