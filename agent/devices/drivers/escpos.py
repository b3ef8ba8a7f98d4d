"""An ESC/POS receipt printer over any link: one receipt at a time, and what is known of each."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from agent.devices.drivers.base import LinkedPrinter
from agent.devices.drivers.learnt import DONE, STATUS
from agent.devices.languages import escpos
from agent.devices.languages.words import in_words
from agent.errors import DeviceError, DeviceProtocol
from agent.ports import PrintOutcome, PrintResult

LOOK_EVERY = 0.5  # seconds between two questions to a printer at work
GRACE = 1.0  # seconds that the print-done id may come after the paper status that was asked behind it


class EscposPrinter(LinkedPrinter[escpos.Status]):
    """Speak ESC/POS.

    Behind every receipt goes GS ( H with an id, which the printer returns when the receipt is physically printed, and
    GS r, which it answers when it has worked off all before it: the second proof, for printers without the first.
    """

    language = "escpos"

    def __init__(self, *args: Any, count: int | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        # Ids count up from where no earlier run is likely to have been; `count` repeats a run.
        self._count = time.monotonic_ns() // 1_000_000 if count is None else count
        self._rest, self._come = b"", deque[escpos.Reply]()

    def _send(self, job: bytes) -> None:
        self._count += 1
        self._forget()
        asked = b"" if self._learnt.answers.get(DONE) is False else escpos.ask_done(self._mark)
        self._link.write(job + asked + escpos.PAPER_STATUS)

    def _watch(self, evidence: dict[str, Any]) -> PrintOutcome:
        began, looked = time.monotonic(), 0.0
        worked_off: float | None = None
        while (waited := time.monotonic() - began) <= self._patience:
            evidence["seconds"] = round(waited, 3)
            if worked_off is not None and (self._learnt.answers.get(DONE) is False or waited > worked_off + GRACE):
                return self._by_order(evidence)
            try:
                reply = self._reply(lambda r: r.kind in {"done", "paper"}, timeout=0.1)
                if reply is None and waited >= looked + LOOK_EVERY:
                    looked = waited
                    if (hindered := self._look(evidence)) is not None:
                        return hindered
            except DeviceError as error:
                return self._uncertain(error.message, evidence)
            if reply is None:
                continue
            if reply.kind == "done" and reply.data == self._mark.encode():
                self._learn(DONE, True)
                return PrintOutcome(PrintResult.PRINTED, "", evidence | {"print_done": self._mark})
            if reply.kind == "paper":
                worked_off = waited if worked_off is None else worked_off
        return self._uncertain("Máy in nhận biên lai mà chưa in xong", evidence)

    def _by_order(self, evidence: dict[str, Any]) -> PrintOutcome:
        """GS r was answered and no id came: ask once more how it is, and let that decide."""
        try:
            hindered = self._look(evidence)
        except DeviceError as error:
            return self._uncertain(error.message, evidence)
        if hindered is not None:
            return hindered
        if self._learnt.answers.get(DONE) is True:
            return self._uncertain("Máy in không xác nhận đã in xong", evidence)
        self._learn(DONE, False)
        return PrintOutcome(PrintResult.PRINTED, "", evidence | {"worked_off": True})

    def _look(self, evidence: dict[str, Any]) -> PrintOutcome | None:
        """Ask how it is in the middle of a receipt: an outcome when that is bad, None when there is none yet."""
        after = self._ask_sections()
        if after is None:
            return self._uncertain("Máy in không trả lời sau khi nhận biên lai", evidence)
        evidence["after"] = asdict(after)
        return self._uncertain(in_words(after.faults), evidence) if after.faults else None

    def _ask(self) -> escpos.Status | None:
        self._link.drain()
        self._forget()
        return self._ask_sections()

    def _ask_sections(self) -> escpos.Status | None:
        """DLE EOT 1 to 4; None when one of them stays unanswered, DeviceProtocol when other bytes came instead."""
        answers: list[bytes] = []
        noise = b""
        for section in escpos.SECTIONS:
            self._request(escpos.ask(section))
            deadline = time.monotonic() + self._timeout
            reply = None
            while reply is None and (left := deadline - time.monotonic()) > 0:
                got = self._reply(lambda r: r.kind in {"status", "noise"}, timeout=left)
                if got is not None and got.kind == "noise":
                    noise += got.data
                    break
                reply = got
            if reply is None:
                break
            answers.append(reply.data)
        if noise:
            raise DeviceProtocol(
                f"Máy in trả lời sai lệnh DLE EOT ({noise[:40]!r}). Kiểm tra tốc độ cổng, cáp, loại máy."
            )
        return escpos.parse_status(answers) if len(answers) == len(escpos.SECTIONS) else None

    def _learn_more(self) -> None:
        """With nothing printed before it, the id comes at once, from a printer that knows the command."""
        self._count += 1
        self._request(escpos.ask_done(self._mark))
        reply = self._reply(lambda r: r.kind == "done", timeout=self._timeout)
        self._learn(DONE, reply is not None)
        self._learn(STATUS, True)

    def _reply(self, wanted: Callable[[escpos.Reply], bool], *, timeout: float) -> escpos.Reply | None:
        """The next reply that is wanted, None when none came in time; others wait for whoever wants them."""
        deadline = time.monotonic() + timeout
        while True:
            for reply in self._come:
                if wanted(reply):
                    self._come.remove(reply)
                    return reply
            if (left := deadline - time.monotonic()) <= 0:
                return None
            replies, self._rest = escpos.split(self._rest + self._link.read(256, timeout=left))
            self._come.extend(replies)

    def _forget(self) -> None:
        self._rest, self._come = b"", deque()

    @property
    def _mark(self) -> str:
        return f"{self._count % 10_000:04}"

    def _hindrance(self, said: escpos.Status) -> str:
        return f"{in_words(said.faults)}. Khắc phục rồi in lại." if said.faults else ""
