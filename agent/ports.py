"""Protocols of the adapters, and the plain values that cross them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from agent.ports_province import ProvinceReports, Receipt
from agent.ports_text import PageText
from agent.settings import Device


# --- vault -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Inspected:
    """One object of the vault, or something that is none, as it lies on the disk."""

    sha256: str  # empty when its key cannot tell
    place: str  # beginning of its files' names, below the vault's folder
    size: int  # plain bytes; of a leftover, bytes on the disk
    at: datetime  # when it was last written
    problem: str = ""  # key, missing, short, changed; leftover: what an interrupted write or erasure left


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
        """Destroy the object's key, so that its bytes can never be read again; DocumentError when it is absent."""

    def written_at(self, sha256: str) -> datetime:
        """When it was last put here, also as a repetition; DocumentError when it is absent."""

    def check(self) -> list[str]:
        """Problems found when every object is read (fsck): empty when sound."""

    def inspect(self) -> Iterator[Inspected]:
        """Every object read whole, one after the other in little memory, and what lies there beside them."""

    def place(self, sha256: str) -> str:
        """Where an object's files lie, or would lie, below the vault's folder: what a backup is asked for."""

    def sweep(self, before: datetime) -> int:
        """Remove what interrupted writes left behind and nobody touched since `before`; how many files went."""


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
    seen: dict[str, Any] = field(default_factory=dict)  # what else was seen, as JSON values: codes, skew, ink, size …


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

    def read_all(self, files: Sequence[tuple[str, bytes]]) -> list[list[PageImage]]:
        """The same for several files (name, bytes), in their order, as many at a time as there are helpers."""

    def read_folder(self, folder: Path) -> list[PageImage]:
        """All pages of a folder in natural name order; DocumentError when it is missing or empty."""

    def copy(self, pages: Sequence[PageImage], *, title: str, at: datetime) -> Copy:
        """One PDF/A-2b of these pages, not re-encoded where the source allows; DocumentError otherwise."""

    def archive_verdicts(self, pdf: bytes) -> list[dict[str, str]]:
        """What each validator says of a PDF/A: flavour, verdict (pass, fail, not_checked), validator."""

    def thumbnail(self, raw: bytes, media: str, *, width: int = 200, flat: dict[str, Any] | None = None) -> bytes:
        """A small PNG for the screen; `flat` (PageImage.seen): of the sheet that was found on a camera's picture."""

    def language_data(self) -> Path:
        """The file that text is read with; ConfigError, saying what to do, where there is none."""

    def picture(self, raw: bytes, media: str, *, width: int, flat: dict[str, Any] | None = None) -> bytes:
        """The page as a JPEG to read on the screen, upright as it says itself, at most `width` pixels wide."""

    def read_codes(self, page: PageImage) -> list[dict[str, Any]]:
        """The codes on the page's picture: `kind`, `text` and `box` (left, top, right, bottom in the page's units)."""

    def read_text(self, page: PageImage, *, seconds: float = 20.0) -> PageText:
        """The page's words; what kept it from being read is its state. A retryable DocumentError loses nothing."""

    def with_text(self, copy: Copy, texts: Sequence[PageText | None]) -> Copy:
        """The unsigned copy with a layer of text, one text a page, None for an unread page; images stay as they are."""


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


@dataclass(frozen=True)
class Scan:
    """One scan as a reader delivered it: framing and AIM identifier taken off."""

    device: str
    payload: bytes = field(repr=False)  # may hold personal data
    aim: str = ""  # "]C0", "]Q1" …; empty when the reader sends none
    symbology: str = ""  # "code128", "qr" …; empty when it is not known
    gap_ms: int | None = None  # since the reader's scan before; None for its first
    took_ms: int = 0  # from its first byte to its last
    torn: bool = False  # the reader vanished, or noise cut in: not the whole code
    repeat: bool = False  # the same code from the same reader again within a second
    note: str = ""  # Vietnamese


@dataclass(frozen=True)
class FoundDevice:
    """Something that is plugged in, whether it is set up or not."""

    kind: str  # serial, usb, hidraw, evdev
    node: str
    identity: str  # VID:PID:serial, VID:PID@port where it has no serial number, else the node
    port: str  # where it is plugged in, "1-1.4"; empty when not known
    words: str  # maker and model
    place: str  # the port with the interface, "1-1.4:1.0": tells the ports of one device apart
    address: str  # what a device line calls it: means this one and no other that is plugged in


class Devices(Protocol):
    """The terminal's devices by role."""

    def printer(self, role: str) -> Printer:
        """The printer that has this role ("label", "receipt"); DeviceUnavailable when none is set up."""

    def named(self, name: str) -> Printer:
        """The printer of this name; ConfigError, with the names there are, when there is none."""

    def line(self, role: str) -> Device | None:
        """How the device that has this role now is set up; None when none has it."""

    def lines(self) -> list[Device]:
        """Every device of this terminal as it is set up now: the settings' and those taken in use on the screen."""

    def states(self) -> list[DeviceState]:
        """What each device last said; one that was never asked is asked now."""

    def unit(self, name: str) -> tuple[str, str]:
        """Identity and port of the unit that is plugged in for a device; empty when there is none or none is known."""

    def found(self) -> list[FoundDevice]:
        """What is plugged in now and stands in no line."""

    def reload(self) -> None:
        """Take over what people decided since: roles, devices taken in use or given up."""

    def scan_pages(self, name: str) -> None:
        """Ask the device's own thread to scan what lies in its feeder; RuleViolation or DeviceUnavailable when not."""

    def stop_scan(self, name: str) -> None:
        """End the feed that a scanner is at, after the sheet that is in the rollers; what came stays."""


# --- the province ------------------------------------------------------------------------------
@dataclass(frozen=True)
class UploadState:
    """How much of a file the province holds (bytes from the start)."""

    sha256: str
    received: int
    complete: bool


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


class ProvinceGateway(ProvinceReports, Protocol):
    """The contract's operations. Raises HandoffUnavailable / HandoffRejected / HandoffOutcomeUnknown.

    HandoffNotOffered where the province's system has no such operation.
    """

    @property
    def signs_receipts(self) -> bool:
        """Whether the province signs; else a receipt is our own unsigned record of its answer (`"unsigned": true`)."""

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far the province's clock was ahead of this terminal's at its last answer; None before any."""

    def offers(self, operation: str) -> bool:
        """Whether the profile maps this operation of the contract; nobody is asked."""

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
