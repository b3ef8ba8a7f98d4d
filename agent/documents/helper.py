"""The Digitiser and the Signers whose work is done in child processes, so that strangers' files and keys stay there."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from agent.clock import Clock
from agent.documents.helper_pool import IDLE_SECONDS, Lost, Pool
from agent.errors import DocumentError, SigningError
from agent.ports import Copy, PageImage, SignatureReport

if TYPE_CHECKING:
    from agent.documents.signing import KeySource

T = TypeVar("T")
PATIENCE = 60.0  # seconds for any call
PATIENCE_PER_BYTE = 3e-6  # seconds more: 3 for a megabyte


class PageWorkLost(DocumentError):
    """The helper ended in the middle of a file; nothing was changed, the same may be asked again."""

    retryable = True


class SigningLost(SigningError):
    """The signing process ended before it answered; no signature was used, the same may be asked again."""

    retryable = True


class HelperDigitiser:
    """Digitises (số hóa) in at most two child processes (one on a single core) that end after `idle_seconds`.

    Each call has `patience` seconds and 3 more a megabyte. PageWorkLost when the child dies or takes longer.
    """

    def __init__(self, *, size: int = 0, idle_seconds: float = IDLE_SECONDS, patience: float = PATIENCE) -> None:
        self._pool = Pool("pages", size=size or min(2, os.cpu_count() or 1), idle_seconds=idle_seconds)
        self._patience = patience

    def warm(self) -> None:
        """Start a child and load its libraries while nobody waits; returns at once."""
        self._pool.warm()

    def pids(self) -> list[int]:
        """The process ids of the children that run now."""
        return self._pool.pids()

    def close(self) -> None:
        """End the children now; the next call starts one again."""
        self._pool.close()

    def read(self, path: Path) -> list[PageImage]:
        """All pages of one file, each judged by the gate; never raises for a bad file unless it kills the child."""
        return self._pages("read", _size_of([path]), path=path.absolute())

    def read_bytes(self, name: str, data: bytes) -> list[PageImage]:
        """The same for bytes that came by upload."""
        return self._pages("read_bytes", len(data), name=name, data=data)

    def read_folder(self, folder: Path) -> list[PageImage]:
        """All pages of a folder in natural name order; DocumentError when it is missing or empty."""
        files: list[Path] = []
        with suppress(OSError):
            files = list(folder.iterdir())
        return self._pages("read_folder", _size_of(files), folder=folder.absolute())

    def copy(self, pages: Sequence[PageImage], *, title: str, at: datetime) -> Copy:
        """One PDF/A-2b of these pages; DocumentError for none, refused ones or an impossible document."""
        size = sum(len(page.raw) for page in pages)
        return self._ask(Copy, "copy", size, pages=list(pages), title=title, at=at)

    def thumbnail(self, raw: bytes, media: str, *, width: int = 200) -> bytes:
        """A PNG `width` pixels wide for the screen; DocumentError for a page that cannot be shown."""
        return self._ask(bytes, "thumbnail", len(raw), raw=raw, media=media, width=width)

    def _pages(self, do: str, size: int, **given: Any) -> list[PageImage]:
        pages = self._ask(list, do, size, **given)
        if not all(isinstance(page, PageImage) for page in pages):
            raise _page_work_lost(overdue=False)
        return pages

    def _ask(self, kind: type[T], do: str, size: int, **given: Any) -> T:
        try:
            answer = self._pool.ask(do, seconds=self._patience + size * PATIENCE_PER_BYTE, **given)
        except Lost as lost:
            raise _page_work_lost(overdue=lost.overdue) from None
        if not isinstance(answer, kind):
            raise _page_work_lost(overdue=False)
        return answer


class HelperSigners:
    """Finds and checks signatures in one child process that opens the keys of `source`; the clock is this process's.

    The child ends after `idle_seconds` and the keys with it. SigningLost when it dies or takes too long.
    """

    def __init__(
        self, source: KeySource, clock: Clock, *, idle_seconds: float = IDLE_SECONDS, patience: float = PATIENCE
    ) -> None:
        self._pool = Pool("signing", size=1, idle_seconds=idle_seconds, opening=asdict(source.absolute()))
        self._clock, self._patience, self._numbers = clock, patience, itertools.count(1)

    def warm(self) -> None:
        """Start the child and load its libraries while nobody waits; returns at once."""
        self._pool.warm()

    def pids(self) -> list[int]:
        """The process id of the child, when it runs."""
        return self._pool.pids()

    def close(self) -> None:
        """End the child now; the next call starts one again."""
        self._pool.close()

    def of(self, username: str, full_name: str, *, pin: str = "") -> HelperSigner:
        """The clerk's signer; SigningError when there is none or the PIN is wrong."""
        return self._open("clerk", username, full_name, pin)

    def office(self, name: str) -> HelperSigner:
        """The office's own signer, which seals what it exports."""
        return self._open("office", "", name, "")

    def roots(self) -> list[bytes]:
        """PEM certificates that are trusted by default."""
        return self.ask(list, "roots")

    def check_pdf(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check every signature of a PDF against `roots` (PEM; default: roots())."""
        return self.ask(SignatureReport, "check_pdf", len(pdf), pdf=pdf, roots=list(roots))

    def check_bytes(self, data: bytes, cms: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a detached CMS signature (DER) over `data`."""
        return self.ask(SignatureReport, "check_bytes", len(data), data=data, cms=cms, roots=list(roots))

    def ask(self, kind: type[T], do: str, size: int = 0, **given: Any) -> T:
        """One request to the child, whose answer is a `kind`; for HelperSigner."""
        seconds = self._patience + size * PATIENCE_PER_BYTE
        try:
            answer = self._pool.ask(do, seconds=seconds, now=self._clock.now(), **given)
        except Lost as lost:
            raise _signing_lost(overdue=lost.overdue) from None
        if not isinstance(answer, kind):
            raise _signing_lost(overdue=False)
        return answer

    def _open(self, kind: str, username: str, name: str, pin: str) -> HelperSigner:
        handle = {"number": next(self._numbers), "kind": kind, "username": username, "name": name, "pin": pin}
        subject, training = self.ask(list, "open", signer=handle)
        return HelperSigner(self, handle, subject=str(subject), training=bool(training))


@dataclass(frozen=True, repr=False, eq=False)
class HelperSigner:
    """A signing key (khóa ký số) in the signing process; `handle` says how it is opened again, so keep it secret."""

    _signers: HelperSigners
    _handle: dict[str, Any]
    subject: str
    training: bool

    def usable(self, at: datetime) -> list[str]:
        """Why a signature made at `at` would not stand, in Vietnamese: empty when fine."""
        return self._signers.ask(list, "usable", signer=self._handle, at=at)

    def sign_pdf(self, pdf: bytes, *, at: datetime, reason: str, stamp: Sequence[str]) -> bytes:
        """The PDF with a PAdES B-B signature and a visible stamp in clear space top right of page 1."""
        return self._signers.ask(
            bytes, "sign_pdf", len(pdf), signer=self._handle, pdf=pdf, at=at, reason=reason, stamp=list(stamp)
        )

    def sign_bytes(self, data: bytes) -> bytes:
        """A detached CMS signature (DER, SHA-256) over `data` with the clock's time, certificates included."""
        return self._signers.ask(bytes, "sign_bytes", len(data), signer=self._handle, data=data)


def _size_of(files: Sequence[Path]) -> int:
    total = 0
    for path in files:
        with suppress(OSError):
            total += path.stat().st_size
    return total


def _page_work_lost(*, overdue: bool) -> PageWorkLost:
    if overdue:
        return PageWorkLost("Xử lý trang quá lâu nên đã dừng, chưa lưu gì. Chia nhỏ tệp hoặc quét lại rồi làm lại.")
    return PageWorkLost(
        "Phần xử lý trang dừng giữa chừng, chưa lưu gì. Làm lại; nếu vẫn vậy, quét lại trang hoặc xin bản khác của tệp."
    )


def _signing_lost(*, overdue: bool) -> SigningLost:
    why = "quá lâu nên đã dừng" if overdue else "dừng giữa chừng"
    return SigningLost(f"Phần ký số {why}, chưa có chữ ký nào được dùng. Ký lại; nếu vẫn vậy, báo quản trị viên.")
