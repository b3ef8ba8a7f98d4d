"""What every printer's driver does alike: ask first, send once, watch, and say what is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from agent.clock import Clock
from agent.devices.drivers.learnt import STATUS, Learnt, Memory, Remembered
from agent.devices.link import Link
from agent.errors import DeviceOutcomeUnknown, DeviceProtocol, DeviceUnavailable
from agent.ports import DeviceState, PrintOutcome, PrintResult

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Said = TypeVar("Said", bound=DataclassInstance)
else:
    Said = TypeVar("Said")

LOOK = "Xem nhãn đã ra chưa rồi mới in lại."
NEVER_ANSWERS = "Máy in này không biết trả lời nên không biết nhãn đã ra chưa."
PAUSE = 0.1  # seconds between two questions to a printer at work


class LinkedPrinter(ABC, Generic[Said]):
    """A printer on a Link; `timeout` is for one reply, `patience` for a label to come out (seconds).

    Silence is never taken for a good sign: a printer that has answered before, or was never asked, is sent nothing
    while it is silent. Only one that was learnt never to answer is sent its label unasked, and the clerk is asked.
    """

    language = ""

    def __init__(
        self,
        link: Link,
        *,
        name: str = "",
        role: str = "label",
        timeout: float = 2.0,
        patience: float = 15.0,
        clock: Clock | None = None,
        memory: Memory | None = None,
        identity: str = "",
    ) -> None:
        self._link, self._name, self._role = link, name or link.address, role
        self._timeout, self._patience, self._clock = timeout, patience, clock
        self._memory, self._identity = memory or Remembered(), identity or link.address

    def status(self) -> DeviceState:
        """Ask the printer how it is; never raises."""
        if self._learnt.answers.get(STATUS) is False:
            return self._reachable()
        try:
            with self._link:
                said = self._ask()
        except DeviceUnavailable as error:
            return self._state(connected=False, ready=False, words=error.message)
        except DeviceProtocol as error:
            return self._state(connected=True, ready=None, words=error.message)
        if said is None:
            return self._state(connected=True, ready=None, words=self._silent())
        self._learn(STATUS, True)
        if hindrance := self._hindrance(said):
            return self._state(connected=True, ready=False, words=hindrance)
        return self._state(connected=True, ready=True, words="Máy in sẵn sàng.")

    def learn(self) -> Learnt:
        """Find out what this printer answers. The administrator starts it and vouches that the printer is ready.

        Raises DeviceUnavailable when there is no printer, DeviceProtocol when it answers another language.
        """
        with self._link:
            self._memory.keep(self._identity, Learnt(self.language, self._learnt.model))
            self._learn(STATUS, self._ask() is not None)
            if self._learnt.answers[STATUS]:
                self._learn_more()
        return self._learnt

    def print(self, job: bytes) -> PrintOutcome:
        """Send one label and say what is known of it: printed, not printed, uncertain.

        Raises DeviceUnavailable when the printer could not be reached or did not answer, and nothing was sent.
        """
        evidence: dict[str, Any] = {"bytes": len(job)}
        if fault := self._unfit(job):
            return PrintOutcome(PrintResult.NOT_PRINTED, fault, evidence)
        with self._link:
            if self._learnt.answers.get(STATUS) is False:
                return self._print_unheard(job, evidence)
            try:
                before = self._ask()
            except DeviceProtocol as error:
                return PrintOutcome(PrintResult.NOT_PRINTED, error.message, evidence)
            if before is None:
                raise DeviceUnavailable(self._silent())
            self._learn(STATUS, True)
            evidence["before"] = asdict(before)
            if hindrance := self._hindrance(before):
                return PrintOutcome(PrintResult.NOT_PRINTED, hindrance, evidence)
            try:
                self._send(job)
            except DeviceOutcomeUnknown as error:
                return PrintOutcome(PrintResult.UNCERTAIN, error.message, evidence)
            return self._watch(evidence)

    @abstractmethod
    def _ask(self) -> Said | None:
        """What the printer says of itself, None when it is silent; DeviceProtocol when it talks nonsense."""

    @abstractmethod
    def _hindrance(self, said: Said) -> str:
        """Why a label sent now would not come out, or could not be told from another; empty when nothing is."""

    @abstractmethod
    def _watch(self, evidence: dict[str, Any]) -> PrintOutcome:
        """After the last byte: ask until the label is out, or the printer says or shows that nobody can tell."""

    def _unfit(self, job: bytes) -> str:
        """Why this job must not be sent to such a printer; empty when it may."""
        return ""

    def _send(self, job: bytes) -> None:
        self._link.write(job)

    def _learn_more(self) -> None:
        """Find out what else a printer that answers can tell."""

    def _print_unheard(self, job: bytes, evidence: dict[str, Any]) -> PrintOutcome:
        try:
            self._link.write(job)
        except DeviceOutcomeUnknown as error:
            return PrintOutcome(PrintResult.UNCERTAIN, error.message, evidence)
        return PrintOutcome(PrintResult.UNCERTAIN, f"{NEVER_ANSWERS} {LOOK}", evidence)

    def _request(self, question: bytes) -> None:
        """Send a question; half a question prints nothing, so any failure means only: not reachable."""
        try:
            self._link.write(question)
        except DeviceOutcomeUnknown as error:
            raise DeviceUnavailable(error.message.removesuffix(LOOK).rstrip()) from error

    @property
    def _learnt(self) -> Learnt:
        return self._memory.recall(self._identity)

    def _learn(self, what: str, answered: bool) -> None:
        known = self._learnt
        if known.answers.get(what) is not answered or known.language != self.language:
            self._memory.keep(self._identity, Learnt(self.language, known.model, known.answers).with_(what, answered))

    def _silent(self) -> str:
        words = f"Máy in ở {self._link.address} không trả lời. Kiểm tra nguồn, giấy và nắp máy in rồi thử lại."
        if STATUS not in self._learnt.answers:
            words += " Nếu máy vẫn tốt mà chưa từng trả lời, nhờ quản trị dò lại máy in này."
        return words

    def _reachable(self) -> DeviceState:
        try:
            with self._link:
                return self._state(connected=True, ready=None, words=NEVER_ANSWERS)
        except DeviceUnavailable as error:
            return self._state(connected=False, ready=False, words=error.message)

    def _state(self, *, connected: bool, ready: bool | None, words: str) -> DeviceState:
        at = self._clock.now() if self._clock else None
        return DeviceState(self._name, self._role, connected, ready, words, at)

    @staticmethod
    def _uncertain(words: str, evidence: dict[str, Any]) -> PrintOutcome:
        return PrintOutcome(PrintResult.UNCERTAIN, f"{words.rstrip('.')}. {LOOK}", evidence)
