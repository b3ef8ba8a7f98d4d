"""The port of the office's key: it signs the citizen's receipts of the hand-over, and nothing else."""

from __future__ import annotations

from typing import Protocol


class ReceiptKey(Protocol):
    """An Ed25519 key of this terminal's office (RFC 8032); signing the same bytes gives the same signature."""

    @property
    def kid(self) -> str:
        """The thumbprint of the public key (RFC 7638), which receipts name it by."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""

    @property
    def training(self) -> bool:
        """Whether it was made for training: what it signs says so, and no production program trusts it."""

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of the signature."""
