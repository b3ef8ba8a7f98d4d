"""What can be wrong with a label or form before it reaches paper."""

from __future__ import annotations


class LabelError(ValueError):
    """A label or form cannot be made, or could not be read back.

    `reason` is a stable code: `code-text` (data a bar code cannot carry), `text` (a character that cannot be
    printed), `too-small` (the code does not fit with whole-dot modules), `too-long` (text does not fit at its
    smallest size), `off-label`, `overlap`, `unreadable` (the decoder did not give back what was encoded), `spec`
    (fields contradict each other), `language` (no such printer language), `media` (the label is larger than what
    lies in the printer).
    `message` is Vietnamese and says what to do next.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message
