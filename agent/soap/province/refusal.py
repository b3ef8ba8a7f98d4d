"""The typed fault of the contract, as the sandbox raises it."""

from __future__ import annotations

from agent.soap.contract import RETRYABLE


class Refusal(Exception):
    """A fault of the contract: `code` is one of ErrorCode, `field` the place, never a value."""

    def __init__(self, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field

    @property
    def retryable(self) -> bool:
        """Whether the same message may succeed later."""
        return self.code in RETRYABLE
