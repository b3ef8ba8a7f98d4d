"""The rules by which pages are taken in and copied: whose signatures are known, what a copy may be made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.documents.originals import Trust


@dataclass(frozen=True)
class CaptureRules:
    """What the office decided; crosses to the helpers as plain values."""

    trust: Trust = field(default_factory=Trust)
    bilevel: str = "never"  # or "auto": pages of text alone become black and white in the copy

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> CaptureRules:
        """The rules whose fields are `plain` values."""
        return cls(Trust(tuple(plain["roots"]), plain["training"]), plain["bilevel"])

    def plain(self) -> dict[str, Any]:
        """The same as values that cross to a helper."""
        return {"roots": list(self.trust.roots), "training": self.trust.training, "bilevel": self.bilevel}
