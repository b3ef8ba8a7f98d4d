"""Signature checks for who has neither keys nor a data folder: bytes, roots, and a clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.clock import Clock
from agent.documents import checking, originals, standing
from agent.ports_signing import SignatureReport


class OfflineChecker:
    """Checks PDFs and detached CMS against the roots of each call; never raises for a bad file."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def check_pdf(self, pdf: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> SignatureReport:
        """Check every signature of a PDF; the last must cover the whole file."""
        return checking.check_pdf(pdf, roots=roots, training_roots=training_roots, now=self._clock.now())

    def check_original(self, pdf: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> SignatureReport:
        """Check what others signed: what they allow to be added later may follow (agent.documents.originals)."""
        return originals.report(pdf, roots=roots, training_roots=training_roots)

    def check_bytes(
        self, data: bytes, cms: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]
    ) -> SignatureReport:
        """Check a detached CMS signature (DER) over `data`."""
        return checking.check_bytes(data, cms, roots=roots, training_roots=training_roots, now=self._clock.now())

    def check_standing(self, **evidence: Any) -> SignatureReport:
        """Judge the chain, OCSP answers and CRLs kept beside a signature (agent.documents.standing)."""
        return standing.check_standing(**evidence)
