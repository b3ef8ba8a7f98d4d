"""Protocols of the adapters, and the plain values that cross them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


# --- vault -------------------------------------------------------------------------------------
class Vault(Protocol):
    """Write-once encrypted objects under their SHA-256 (64 hex characters)."""

    def put(self, data: bytes) -> str:
        """Store `data` durably and return its hash; the same bytes again change nothing."""

    def put_as(self, sha256: str, data: bytes) -> None:
        """Store under a promised hash; IntegrityError when the bytes do not have it."""

    def get(self, sha256: str) -> bytes:
        """The bytes, checked against the hash; DocumentError when absent, IntegrityError when damaged."""

    def has(self, sha256: str) -> bool: ...

    def size(self, sha256: str) -> int:
        """Length of the plain bytes."""

    def read(self, sha256: str, offset: int, length: int) -> bytes:
        """A part of the plain bytes, authenticated, without holding the whole in memory."""

    def erase(self, sha256: str) -> None:
        """Destroy the object's key, so that its bytes can never be read again."""

    def check(self) -> list[str]:
        """Problems found when every object is read (fsck): empty when sound."""


# --- page images and copies --------------------------------------------------------------------
class Verdict(StrEnum):
    """What the gate says of a page: taken, taken with a remark, refused, or not a page at all."""

    OK = "ok"
    WARN = "warn"
    REFUSED = "refused"
    IGNORED = "ignored"


@dataclass(frozen=True)
class PageImage:
    """One page as it came: `raw` is the encoded original (JPEG, PNG, TIFF G4 …) of this page alone."""

    name: str  # file it came from, with #n for page n of several
    raw: bytes
    sha256: str  # of raw
    media: str  # image/jpeg, image/png, image/tiff, application/pdf
    width: int
    height: int  # pixels (points for a PDF page)
    dpi: int | None  # None: the file records none; it is fitted to A4 and recorded so
    verdict: Verdict = Verdict.OK
    reason: str = ""  # Vietnamese words of the gate, empty when ok
    findings: tuple[str, ...] = ()  # codes: "no-dpi", "low-dpi", "blank", "torn", …


@dataclass(frozen=True)
class Copy:
    """A PDF/A-2b copy made from pages, with what validators said of it."""

    pdf: bytes
    pages: int
    evidence: dict[str, Any] = field(default_factory=dict)


class Digitiser(Protocol):
    """Pages in, PDF/A-2b out."""

    def warm(self) -> None:
        """Get ready for work that is about to come; returns at once."""

    def read(self, path: Path) -> list[PageImage]:
        """All pages of one file, each judged by the gate; never raises for a bad file, the verdict says it."""

    def read_bytes(self, name: str, data: bytes) -> list[PageImage]:
        """The same for bytes that came by upload."""

    def read_folder(self, folder: Path) -> list[PageImage]:
        """All pages of a folder in natural name order; DocumentError when it is missing or empty."""

    def copy(self, pages: Sequence[PageImage], *, title: str, at: datetime) -> Copy:
        """One PDF/A-2b of these pages, not re-encoded where the source allows; DocumentError otherwise."""

    def thumbnail(self, raw: bytes, media: str, *, width: int = 200) -> bytes:
        """A small PNG for the screen."""


@dataclass(frozen=True)
class SignatureReport:
    """What a signature check found."""

    valid: bool  # bytes unchanged, signature correct, covers the whole file
    trusted: bool  # chain leads to one of the given roots
    training: bool  # chain leads to the demonstration root
    signer: str
    signed_at: datetime | None
    problems: tuple[str, ...] = ()


class Signer(Protocol):
    """The signed-in clerk's signing key; every call is the clerk's explicit act."""

    @property
    def subject(self) -> str:
        """Common name of the certificate."""

    @property
    def training(self) -> bool:
        """Whether the certificate comes from the demonstration CA."""

    def usable(self, at: datetime) -> list[str]:
        """Why a signature made at `at` would not stand (expired, not yet valid, wrong purpose): empty when fine."""

    def sign_pdf(self, pdf: bytes, *, at: datetime, reason: str, stamp: Sequence[str]) -> bytes:
        """The PDF with a PAdES B-B signature and a visible stamp in clear space top right of page 1."""

    def sign_bytes(self, data: bytes) -> bytes:
        """A detached CMS signature (DER) over `data`, certificates included."""


class Signers(Protocol):
    """Finds the signing key of a clerk."""

    def warm(self) -> None:
        """Get ready for work that is about to come; returns at once."""

    def of(self, username: str, full_name: str, *, pin: str = "") -> Signer:
        """The clerk's signer; SigningError when there is none, it is locked or the PIN is wrong."""

    def office(self, name: str) -> Signer:
        """The agent's own key (not a person's), which seals what the office exports."""

    def check_pdf(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check the signature of a PDF against PEM roots (default: the installed profile's)."""

    def check_bytes(self, data: bytes, cms: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a detached CMS signature."""

    def roots(self) -> list[bytes]:
        """PEM certificates that are trusted by default; the demonstration root is among them in training."""


# --- devices -----------------------------------------------------------------------------------
class PrintResult(StrEnum):
    """Three outcomes, never two."""

    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class PrintOutcome:
    """What is known of one print job, and by what evidence."""

    result: PrintResult
    reason: str = ""  # Vietnamese
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DeviceState:
    """What a device last said."""

    name: str
    role: str
    connected: bool
    ready: bool | None  # None: it did not say
    words: str  # Vietnamese
    at: datetime | None


class Printer(Protocol):
    """A printer with its link; used by one thread only."""

    def status(self) -> DeviceState: ...

    def print(self, job: bytes) -> PrintOutcome:
        """Send one label; DeviceUnavailable when nothing was sent."""


class Devices(Protocol):
    """The terminal's devices by role."""

    def printer(self, role: str) -> Printer:
        """The printer that has this role ("label", "receipt"); DeviceUnavailable when none is set up."""

    def states(self) -> list[DeviceState]: ...


# --- the province ------------------------------------------------------------------------------
@dataclass(frozen=True)
class UploadState:
    """How much of a file the province holds (bytes from the start)."""

    sha256: str
    received: int
    complete: bool


@dataclass(frozen=True)
class Receipt:
    """The province's receipt (biên nhận) for a submission, supplement or delivery report."""

    key: str
    number: str  # official dossier number
    digest: str  # SHA-256 of the canonical payload that the province computed itself
    at: datetime
    duplicate: bool
    document: bytes  # canonical JSON of the receipt as the province signed it
    signature: bytes  # detached CMS (DER) over `document`


@dataclass(frozen=True)
class StatusChange:
    """One entry of the province's status feed; `version` grows per dossier."""

    cursor: int
    number: str
    version: int
    status: int  # national portal code 1..10
    at: datetime
    body: str  # resolving body
    handler: str
    note: str
    due_at: datetime | None = None
    results: tuple[dict[str, str], ...] = ()  # {"id", "name", "type", "form": "paper"|"electronic", "sha256"}
    requests: tuple[dict[str, str], ...] = ()  # gaps of one supplement round: {"component", "name", "reason"}


@dataclass(frozen=True)
class BucketDigest:
    """Order-independent digest of the dossiers in one bucket: office|day."""

    bucket: str
    count: int
    digest: str


@dataclass(frozen=True)
class LedgerRow:
    """One dossier as a ledger knows it, for reconciliation."""

    key: str  # provisional number, known to both sides
    number: str
    digest: str
    status: int
    fee: int  # đồng collected
    files: tuple[str, ...]  # sorted SHA-256
    items: tuple[str, ...]  # delivered item numbers or "counter"/"electronic", sorted
    at: datetime  # received at the counter


class ProvinceGateway(Protocol):
    """The contract's operations. Raises HandoffUnavailable / HandoffRejected / HandoffOutcomeUnknown."""

    def procedures(self, since: int = 0) -> list[dict[str, Any]]: ...
    def allocate_number(self, *, office: str, procedure: str, key: str) -> str:
        """The official number for `key`; the same key gets the same number again."""

    def lookup_reusable(self, *, owner_id: str, procedure: str) -> list[dict[str, Any]]: ...
    def upload_state(self, sha256: str) -> UploadState: ...
    def put_chunk(self, sha256: str, *, offset: int, total: int, data: bytes) -> UploadState: ...
    def submit(self, *, key: str, digest: str, dossier: bytes) -> Receipt:
        """`dossier` is the frozen canonical JSON (agent.domain.canonical)."""

    def submission(self, key: str) -> Receipt | None:
        """What the province holds under `key` (submission, supplement or delivery), or None."""

    def supplement(self, *, key: str, digest: str, supplement: bytes) -> Receipt: ...
    def status_changes(self, *, office: str, cursor: int, maximum: int = 100) -> list[StatusChange]: ...
    def report_delivery(self, *, key: str, digest: str, delivery: bytes) -> Receipt: ...
    def compare_digests(self, *, scope: str, digests: Sequence[BucketDigest]) -> list[BucketDigest]:
        """The province's digests of the buckets that differ (absent ones on either side included)."""

    def list_bucket(self, bucket: str) -> list[LedgerRow]: ...
