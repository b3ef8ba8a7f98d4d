"""A TSPL2 printer over any link: one label at a time, and what is known of each."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from agent.devices.drivers.base import LOOK, LinkedPrinter
from agent.devices.drivers.learnt import FRAME
from agent.devices.languages import tspl
from agent.devices.languages.words import WORDS, in_words
from agent.errors import DeviceError, DeviceProtocol
from agent.ports import PrintOutcome, PrintResult

PAUSE = 0.03  # seconds between two looks: a short label is under the head for half a second
START = 3.0  # seconds in which printing must be seen to begin


class TsplPrinter(LinkedPrinter[tspl.Status]):
    """Speak TSPL2.

    The framed status is preferred: a bare byte cannot be told from noise. Status queries overtake the job, so that
    "ready" after it proves nothing; the label counts as printed when the printer was seen printing and then ready.
    """

    language = "tspl"

    def _watch(self, evidence: dict[str, Any]) -> PrintOutcome:
        began, seen, ready = time.monotonic(), False, 0
        while True:
            try:
                after = self._ask()
            except DeviceError as error:
                return PrintOutcome(PrintResult.UNCERTAIN, f"{error.message} {LOOK}", evidence)
            waited = time.monotonic() - began
            evidence |= {"seconds": round(waited, 3), "seen_printing": seen}
            if after is None:
                return self._uncertain("Máy in không trả lời sau khi nhận nhãn", evidence)
            evidence["after"] = asdict(after)
            if after.faults:
                return self._uncertain(in_words(after.faults), evidence)
            seen, ready = seen or after.printing, 0 if after.printing else ready + 1
            evidence["seen_printing"] = seen
            if seen and ready == 2:
                return PrintOutcome(PrintResult.PRINTED, "", evidence)
            if not seen and waited > min(START, self._patience):
                return self._uncertain("Máy in nhận nhãn nhưng không thấy in", evidence)
            if waited > self._patience:
                return self._uncertain("Máy in nhận nhãn mà chưa in xong", evidence)
            time.sleep(PAUSE)

    def _ask(self) -> tspl.Status | None:
        """<ESC>!S, then <ESC>!? where that stays unanswered; what was learnt not to be answered is not asked."""
        self._link.drain()
        if self._learnt.answers.get(FRAME) is not False:
            self._request(tspl.STATUS_FRAME)
            if reply := self._link.read_until(tspl.END, timeout=self._timeout):
                status = tspl.parse_status_frame(reply)
                self._learn(FRAME, True)
                return status
        self._request(tspl.STATUS_BYTE)
        reply = self._link.read(1, timeout=self._timeout)
        if not reply:
            return None
        if reply[0] == tspl.STX:  # the frame was answered after all, only late
            return tspl.parse_status_frame(reply + self._link.read_until(tspl.END, timeout=self._timeout))
        if self._learnt.answers.get(FRAME) is True:  # it knows the frame and sent something else
            raise DeviceProtocol(f"Máy in trả lời lạ ({reply!r}). Kiểm tra tốc độ cổng và cáp.")
        status = tspl.parse_status_byte(reply)
        self._learn(FRAME, False)
        return status

    def _unfit(self, job: bytes) -> str:
        if tspl.harmful(job):
            return "Hình trên nhãn chứa lệnh mà máy in sẽ làm ngay (xoá, dừng). Nhãn không được gửi; báo quản trị."
        return ""

    def _hindrance(self, said: tspl.Status) -> str:
        if "label-waiting" in said.faults:
            return f"{WORDS['label-waiting']}. Lấy nhãn ra rồi in lại."
        if said.faults:
            return f"{in_words(said.faults)}. Khắc phục rồi in lại."
        return f"{WORDS['busy']}. Chờ máy in xong rồi in lại." if said.printing else ""
