"""A ZPL II printer over any link: one label at a time, and what is known of each."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from agent.clock import Clock
from agent.devices.languages import zpl
from agent.devices.link import Link
from agent.errors import DeviceError, DeviceOutcomeUnknown, DeviceProtocol, DeviceUnavailable
from agent.ports import DeviceState, PrintOutcome, PrintResult

LOOK = "Xem nhãn đã ra chưa rồi mới in lại."
PAUSE = 0.1  # seconds between two questions to a printer at work


class ZplPrinter:
    """Speak ZPL II over a Link; `timeout` is for one reply, `patience` for a label to come out (seconds).

    The maker documents that ~HS stays unanswered with media or ribbon out, head open or too hot: silence is
    asked after with ~HQES and is never taken for a good sign.
    """

    def __init__(
        self,
        link: Link,
        *,
        name: str = "",
        role: str = "label",
        timeout: float = 2.0,
        patience: float = 15.0,
        clock: Clock | None = None,
    ) -> None:
        self._link, self._name, self._role = link, name or link.address, role
        self._timeout, self._patience, self._clock = timeout, patience, clock

    def status(self) -> DeviceState:
        """Ask the printer how it is; never raises."""
        try:
            with self._link:
                said = self._ask()
        except DeviceUnavailable as error:
            return self._state(connected=False, ready=False, words=error.message)
        except DeviceProtocol as error:
            return self._state(connected=True, ready=None, words=error.message)
        if said is None:
            return self._state(connected=True, ready=None, words=self._silent())
        if hindrance := self._hindrance(said):
            return self._state(connected=True, ready=False, words=hindrance)
        return self._state(connected=True, ready=True, words="Máy in sẵn sàng.")

    def print(self, job: bytes) -> PrintOutcome:
        """Send one label (^XA…^XZ) and say what is known of it: printed, not printed, uncertain.

        Raises DeviceUnavailable when the printer could not be reached or did not answer, and nothing was sent.
        """
        with self._link:
            evidence: dict[str, Any] = {"bytes": len(job)}
            try:
                before = self._ask()
            except DeviceProtocol as error:
                return PrintOutcome(PrintResult.NOT_PRINTED, error.message, evidence)
            if before is None:
                raise DeviceUnavailable(self._silent())
            evidence["before"] = asdict(before)
            if hindrance := self._hindrance(before):
                return PrintOutcome(PrintResult.NOT_PRINTED, hindrance, evidence)
            try:
                self._link.write(job)
            except DeviceOutcomeUnknown as error:
                return PrintOutcome(PrintResult.UNCERTAIN, error.message, evidence)
            return self._watch(evidence)

    def _watch(self, evidence: dict[str, Any]) -> PrintOutcome:
        """Ask until the label is out, or the printer says or shows that nobody can tell.

        It must be idle twice: one answer could have been on its way since before the label.
        """
        began, idle = time.monotonic(), 0
        while True:
            try:
                after = self._ask()
            except DeviceError as error:
                return PrintOutcome(PrintResult.UNCERTAIN, f"{error.message} {LOOK}", evidence)
            evidence["seconds"] = round(time.monotonic() - began, 3)
            if after is None:
                return PrintOutcome(PrintResult.UNCERTAIN, f"Máy in không trả lời sau khi nhận nhãn. {LOOK}", evidence)
            evidence["after"] = asdict(after)
            if after.faults:
                return PrintOutcome(PrintResult.UNCERTAIN, f"{zpl.in_words(after.faults)}. {LOOK}", evidence)
            if isinstance(after, zpl.HostStatus):
                if after.label_waiting:
                    return PrintOutcome(PrintResult.UNCERTAIN, f"{zpl.WORDS['label-waiting']}. {LOOK}", evidence)
                idle = idle + 1 if after.idle else 0
                if idle == 2:
                    return PrintOutcome(PrintResult.PRINTED, "", evidence)
            if time.monotonic() - began > self._patience:
                return PrintOutcome(PrintResult.UNCERTAIN, f"Máy in nhận nhãn mà chưa in xong. {LOOK}", evidence)
            if not idle:
                time.sleep(PAUSE)

    def _ask(self) -> zpl.HostStatus | zpl.ErrorStatus | None:
        """~HS, then ~HQES where that stays unanswered; None when both do."""
        self._link.drain()
        self._request(zpl.HOST_STATUS)
        if reply := self._strings(3, past_errors=True):
            return zpl.parse_host_status(reply)
        self._request(zpl.ERROR_STATUS)
        reply = self._strings(1)
        if zpl.is_error_status(reply):
            return zpl.parse_error_status(reply)
        if reply:  # ~HS was answered after all, only late
            return zpl.parse_host_status(reply + self._strings(2))
        return None

    def _strings(self, count: int, *, past_errors: bool = False) -> bytes:
        """So many strings that end with ETX CR LF, or what came in time; late answers to ~HQES are passed over."""
        reply = b""
        while count:
            part = self._link.read_until(zpl.END, timeout=self._timeout)
            if past_errors and zpl.is_error_status(part):
                continue
            reply, count = reply + part, count - 1
            if not part.endswith(zpl.END):
                break
        return reply

    def _request(self, question: bytes) -> None:
        """Send a question; half a question prints nothing, so any failure means only: not reachable."""
        try:
            self._link.write(question)
        except DeviceOutcomeUnknown as error:
            raise DeviceUnavailable(error.message) from error

    def _hindrance(self, said: zpl.HostStatus | zpl.ErrorStatus) -> str:
        """Why a label sent now would not come out, or could not be told from another; empty when nothing is."""
        if said.faults:
            return f"{zpl.in_words(said.faults)}. Khắc phục rồi in lại."
        if isinstance(said, zpl.ErrorStatus):
            return "Máy in không cho biết trạng thái. Tắt máy in, bật lại rồi in lại."
        if said.partial:
            return f"{zpl.WORDS['partial']}. Tắt máy in, bật lại rồi in lại."
        if not said.idle:
            return f"{zpl.WORDS['busy']}. Chờ máy in xong rồi in lại."
        if said.label_waiting:
            return f"{zpl.WORDS['label-waiting']}. Lấy nhãn ra rồi in lại."
        return ""

    def _silent(self) -> str:
        return f"Máy in ở {self._link.address} không trả lời. Kiểm tra nguồn, giấy và nắp máy in rồi thử lại."

    def _state(self, *, connected: bool, ready: bool | None, words: str) -> DeviceState:
        at = self._clock.now() if self._clock else None
        return DeviceState(self._name, self._role, connected, ready, words, at)
