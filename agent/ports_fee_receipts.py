"""The port to the systems that issue official fee receipts and invoices, and what it is where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ReceiptRequest:
    """What the other system is asked to issue a receipt for: ids, names of fees, whole đồng; no person is named."""

    key: str  # the same for the same fees, however often it is asked
    dossier: str
    ledger: str
    lines: tuple[tuple[str, str, int], ...]  # code, name, đồng
    amount: int
    paid_at: str  # ISO 8601 in UTC
    method: str


@dataclass(frozen=True)
class IssuedReceipt:
    """What the other system answered: the receipt's serial and number, or why it refused."""

    key: str
    serial: str
    number: str
    reason: str = ""


class ReceiptIssuer(Protocol):
    """Asks another system for official receipts (biên lai, hóa đơn); asking twice is harmless."""

    @property
    def issues(self) -> bool:
        """Whether there is such a system at all."""

    @property
    def words(self) -> str:
        """Who issues receipts, for the clerk, in Vietnamese."""

    def ask(self, requests: Sequence[ReceiptRequest]) -> None:
        """Hand the requests over durably; DeviceUnavailable when the other system cannot be reached."""

    def answers(self) -> list[IssuedReceipt]:
        """Everything that was answered and not yet forgotten; the same answers may come again."""


class NoReceipts:
    """No system is connected: official receipts are written by hand or elsewhere, and everything says so."""

    issues = False
    words = "Biên lai do hệ thống khác phát hành; phần mềm chỉ in phiếu thu, không thay biên lai."

    def ask(self, requests: Sequence[ReceiptRequest]) -> None:
        """Nothing is asked."""

    def answers(self) -> list[IssuedReceipt]:
        """None come."""
        return []
