"""Protocols of the adapters that sign and check signatures, and the plain values that cross them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class SignatureReport:
    """What a signature check found."""

    valid: bool  # bytes unchanged, signature correct, covers the whole file
    trusted: bool  # chain leads to one of the given roots
    training: bool  # chain leads to the demonstration root
    signer: str
    signed_at: datetime | None  # as the signer states
    problems: tuple[str, ...] = ()
    stamped_at: datetime | None = None  # as a trusted time-stamp of the last signature says; None: it has none


@dataclass(frozen=True)
class Standing:
    """What is known of a clerk's key before it signs."""

    subject: str  # common name; empty when no certificate can be seen
    training: bool
    problems: tuple[str, ...] = ()  # why a signature would not stand now, Vietnamese
    remarks: tuple[str, ...] = ()  # what could not be checked, or should be known
    needs_pin: bool = False  # the key is closed
    evidence: dict[str, Any] = field(default_factory=dict)  # "chain" (leaf first), "ocsp", "crls": lists of DER


@dataclass(frozen=True)
class SignedPdf:
    """A signed PDF and how it was signed."""

    pdf: bytes
    level: str  # PAdES "B-B", or "B-T" with a time-stamp
    remarks: tuple[str, ...] = ()  # Vietnamese: why it has no time-stamp though one is set up


class Signer(Protocol):
    """The signed-in clerk's signing key; every call is the clerk's explicit act."""

    @property
    def subject(self) -> str:
        """Common name of the certificate."""

    @property
    def training(self) -> bool:
        """Whether what it signs has no legal force."""

    def standing(self, at: datetime) -> Standing:
        """What a signature made at `at` would rest on: dates, purpose, chain, revocation; and its evidence."""

    def usable(self, at: datetime) -> list[str]:
        """The standing's problems: empty when fine."""

    def sign_pdf(
        self, pdf: bytes, *, at: datetime, reason: str, stamp: Sequence[str], seal: bool = False, room: bool = False
    ) -> SignedPdf:
        """The PDF with a PAdES signature and a visible stamp in clear space top right of page 1.

        `seal`: the organisation's signature after the clerk's; `room`: one will follow, its stamp must fit too. When it
        fails (SigningError) nothing was signed.
        """

    def sign_bytes(self, data: bytes) -> bytes:
        """A detached CMS signature (DER) over `data`, certificates included."""


class Signers(Protocol):
    """Finds the signing key of a clerk."""

    def warm(self) -> None:
        """Get ready for work that is about to come; returns at once."""

    def of(self, username: str, full_name: str, *, pin: str = "") -> Signer:
        """The clerk's signer; SigningError when there is none, it is locked or the PIN is wrong.

        An opened key stays open for its clerk, without a PIN, until `forget` or 15 minutes without use.
        """

    def ready(self, username: str, full_name: str) -> Standing:
        """What is known of the clerk's key now, before any work is done for it; asks no PIN and never raises."""

    def forget(self, username: str) -> None:
        """Close the clerk's key: he signed out, took the badge out, or the screen is locked."""

    def office(self, name: str) -> Signer:
        """The agent's own key (not a person's), which seals what the office exports."""

    def check_pdf(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check the signature of a PDF against PEM roots (default: the installed profile's)."""

    def check_original(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """The same of a PDF that others signed: what they allow to be added later may follow, and is told."""

    def check_bytes(self, data: bytes, cms: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a detached CMS signature."""

    def roots(self) -> list[bytes]:
        """PEM certificates that are trusted by default; the demonstration root is among them in training."""


class RemoteSigner(Protocol):
    """A service that keeps clerks' keys; the clerk confirms each signature on the phone."""

    def certificates(self, username: str) -> list[bytes]:
        """The clerk's certificate and those of its authorities, DER; empty when there is none."""

    def sign(self, username: str, digest: bytes) -> bytes:
        """The raw signature (PKCS#1 v1.5 or ECDSA in DER) over a SHA-256 digest, once it is confirmed.

        SigningError when it is declined, not answered in time, or no service is set up.
        """
