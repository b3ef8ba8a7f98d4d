"""A raw queue of CUPS: jobs go to `lp`; nothing that a spooler says is evidence of paper."""

from __future__ import annotations

import subprocess

from agent.errors import DeviceOutcomeUnknown, DeviceUnavailable


class CupsQueue:
    """One queue by its name; `patience` in seconds is for handing a job over, not for its printing."""

    def __init__(self, queue: str, *, patience: float = 10.0, lp: str = "lp", lpstat: str = "lpstat") -> None:
        self._queue, self._patience, self._lp, self._lpstat = queue, patience, lp, lpstat

    @property
    def address(self) -> str:
        return self._queue

    def send(self, job: bytes) -> str:
        """Queue `job` unchanged and return the spooler's name for it.

        Raises DeviceUnavailable when the spooler refused, DeviceOutcomeUnknown when it did not answer in time.
        """
        try:
            done = self._run([self._lp, "-d", self._queue, "-o", "raw", "-t", "postal-agent", "-"], job)
        except subprocess.TimeoutExpired as error:
            raise DeviceOutcomeUnknown(
                f"Hàng đợi in “{self._queue}” không trả lời sau {self._patience:g} giây, có thể đã nhận nhãn. "
                "Xem nhãn đã ra chưa rồi mới in lại."
            ) from error
        if done.returncode:
            raise self._refused(done.stderr)
        return done.stdout.decode("utf-8", "replace").strip()[:200]

    def check(self) -> None:
        """Return when the queue exists; DeviceUnavailable otherwise. Says nothing of the printer behind it."""
        try:
            done = self._run([self._lpstat, "-p", self._queue], b"")
        except subprocess.TimeoutExpired as error:
            raise DeviceUnavailable(f"CUPS không trả lời về hàng đợi “{self._queue}”. Khởi động lại CUPS.") from error
        if done.returncode:
            raise self._refused(done.stderr)

    def _run(self, command: list[str], data: bytes) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(command, input=data, capture_output=True, timeout=self._patience, check=False)
        except OSError as error:
            raise DeviceUnavailable(
                f"Không chạy được “{command[0]}” ({error}). Cài CUPS (cups-client) hoặc đổi kiểu kết nối của máy in."
            ) from error

    def _refused(self, words: bytes) -> DeviceUnavailable:
        said = words.decode("utf-8", "replace").strip()[:200]
        return DeviceUnavailable(f"Hàng đợi in “{self._queue}” không nhận việc ({said}). Xem lại tên hàng đợi và CUPS.")
