"""A ZPL II printer over any link: one label at a time, and what is known of each."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from agent.devices.drivers.base import LOOK, PAUSE, LinkedPrinter
from agent.devices.languages import zpl
from agent.devices.languages.words import WORDS, in_words
from agent.errors import DeviceError
from agent.ports import PrintOutcome, PrintResult


class ZplPrinter(LinkedPrinter[zpl.HostStatus | zpl.ErrorStatus]):
    """Speak ZPL II.

    The maker documents that ~HS stays unanswered with media or ribbon out, head open or too hot: silence is
    asked after with ~HQES and is never taken for a good sign.
    """

    language = "zpl"

    def _watch(self, evidence: dict[str, Any]) -> PrintOutcome:
        """It must be idle twice: one answer could have been on its way since before the label."""
        began, idle = time.monotonic(), 0
        while True:
            try:
                after = self._ask()
            except DeviceError as error:
                return PrintOutcome(PrintResult.UNCERTAIN, f"{error.message} {LOOK}", evidence)
            evidence["seconds"] = round(time.monotonic() - began, 3)
            if after is None:
                return self._uncertain("Máy in không trả lời sau khi nhận nhãn", evidence)
            evidence["after"] = asdict(after)
            if after.faults:
                return self._uncertain(in_words(after.faults), evidence)
            if isinstance(after, zpl.HostStatus):
                if after.label_waiting:
                    return self._uncertain(WORDS["label-waiting"], evidence)
                idle = idle + 1 if after.idle else 0
                if idle == 2:
                    return PrintOutcome(PrintResult.PRINTED, "", evidence)
            if time.monotonic() - began > self._patience:
                return self._uncertain("Máy in nhận nhãn mà chưa in xong", evidence)
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

    def _hindrance(self, said: zpl.HostStatus | zpl.ErrorStatus) -> str:
        if said.faults:
            return f"{in_words(said.faults)}. Khắc phục rồi in lại."
        if isinstance(said, zpl.ErrorStatus):
            return "Máy in không cho biết trạng thái. Tắt máy in, bật lại rồi in lại."
        if said.partial:
            return f"{WORDS['partial']}. Tắt máy in, bật lại rồi in lại."
        if not said.idle:
            return f"{WORDS['busy']}. Chờ máy in xong rồi in lại."
        if said.label_waiting:
            return f"{WORDS['label-waiting']}. Lấy nhãn ra rồi in lại."
        return ""
