"""The Digitiser and the Signers whose work is done in child processes, so that strangers' files and keys stay there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from agent import log
from agent.clock import Clock
from agent.documents import gate, ocr_data, pages
from agent.documents.capture_rules import CaptureRules
from agent.documents.helper_pool import IDLE_SECONDS, Lost, Pool
from agent.errors import ConfigError, DocumentError, SigningError
from agent.ports import Copy, PageImage
from agent.ports_signing import SignatureReport, SignedPdf, Standing
from agent.ports_text import OFF, PageText, Word

if TYPE_CHECKING:
    from agent.documents.key_source import KeySource

T = TypeVar("T")
logger = log.get(__name__)
PATIENCE = 60.0  # seconds for any call
PATIENCE_PER_BYTE = 3e-6  # seconds more: 3 for a megabyte
READING_SECONDS = 20.0  # for one page's text
READING_GRACE = 10.0  # seconds more to start, load the model and take the image in


class PageWorkLost(DocumentError):
    """The helper ended in the middle of a file; nothing was changed, the same may be asked again."""

    retryable = True


class ReadingLost(DocumentError):
    """The helper ended before it had read the page; nothing depends on that, the same may be asked again."""

    retryable = True


class SigningLost(SigningError):
    """The signing process ended before it answered; no signature was used, the same may be asked again."""

    retryable = True


class HelperDigitiser:
    """Digitises (số hóa) in at most two child processes (one on a single core) that end after `idle_seconds`.

    Each call has `patience` seconds and 3 more a megabyte. PageWorkLost when the child dies or takes longer.
    Text is read in others of still lower priority, one fewer than the machine has cores; `language_data` is the
    folder of their language data, None where installations have it.
    """

    def __init__(
        self,
        *,
        size: int = 0,
        readers: int = 0,
        idle_seconds: float = IDLE_SECONDS,
        patience: float = PATIENCE,
        language_data: Path | None = None,
        rules: CaptureRules | None = None,
    ) -> None:
        cores = os.cpu_count() or 1
        told = {"rules": (rules or CaptureRules()).plain()}
        self._size = size or min(2, cores)
        self._pool = Pool("pages", size=self._size, idle_seconds=idle_seconds, opening=told)
        self._patience, self._data = patience, language_data.absolute() if language_data else None
        opening = {"data": self._data}
        self._readers = Pool("ocr", size=readers or max(1, cores - 1), idle_seconds=idle_seconds, opening=opening)

    def warm(self) -> None:
        """Start a child and load its libraries while nobody waits; returns at once."""
        self._pool.warm()

    def pids(self) -> list[int]:
        """The process ids of the children that run now."""
        return self._pool.pids()

    def reader_pids(self) -> list[int]:
        """The process ids of the children that read text now."""
        return self._readers.pids()

    def close(self) -> None:
        """End the children now; the next call starts one again."""
        self._pool.close()
        self._readers.close()

    def read(self, path: Path) -> list[PageImage]:
        """All pages of one file, each judged by the gate; never raises for a bad file unless it kills the child."""
        return self._pages("read", _size_of([path]), path=path.absolute())

    def read_bytes(self, name: str, data: bytes) -> list[PageImage]:
        """The same for bytes that came by upload; a file that stops two children is refused, and harms nobody else."""
        for _ in range(2):
            try:
                return self._pages("read_bytes", len(data), name=name, data=data)
            except PageWorkLost as lost:
                logger.warning("a file of %d bytes stopped the child that read it (%s)", len(data), lost.code)
        return [gate.refuse(name, data, pages.media_of(name, data), "harmful")]

    def read_all(self, files: Sequence[tuple[str, bytes]]) -> list[list[PageImage]]:
        """The same for several files, as many at a time as there are children."""
        if len(files) < 2:
            return [self.read_bytes(*file) for file in files]
        with ThreadPoolExecutor(min(self._size, len(files)), "pages") as crew:
            return list(crew.map(lambda file: self.read_bytes(*file), files))

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

    def archive_verdicts(self, pdf: bytes) -> list[dict[str, str]]:
        """What each validator says of a PDF/A: flavour, verdict (pass, fail, not_checked), validator."""
        return self._ask(list, "archive_verdicts", len(pdf), pdf=pdf)

    def thumbnail(self, raw: bytes, media: str, *, width: int = 200, flat: dict[str, Any] | None = None) -> bytes:
        """A PNG `width` pixels wide for the screen; DocumentError for a page that cannot be shown."""
        return self._ask(bytes, "thumbnail", len(raw), raw=raw, media=media, width=width, flat=flat)

    def language_data(self) -> Path:
        """The file that text is read with; ConfigError, saying what to do, where there is none."""
        return ocr_data.find(self._data) / ocr_data.FILE

    def picture(self, raw: bytes, media: str, *, width: int, flat: dict[str, Any] | None = None) -> bytes:
        """A JPEG at most `width` pixels wide to read on the screen; DocumentError for a page that cannot be shown."""
        return self._ask(bytes, "picture", len(raw), raw=raw, media=media, width=width, flat=flat)

    def read_codes(self, page: PageImage) -> list[dict[str, Any]]:
        """The codes on the page's picture with their places; DocumentError for a page that cannot be shown."""
        return self._ask(list, "read_codes", len(page.raw), page=page)

    def read_text(self, page: PageImage, *, seconds: float = READING_SECONDS) -> PageText:
        """What the page says, or the state that says why not; waits for its turn, then `seconds` and some to start.

        ReadingLost when the child dies or hangs.
        """
        try:
            ocr_data.find(self._data)
        except ConfigError as error:
            return PageText(OFF, error.message)
        try:
            text = self._readers.ask(
                "read_text", seconds=seconds + min(READING_GRACE, self._patience), page=page, limit=seconds
            )
        except Lost as lost:
            raise _reading_lost(overdue=lost.overdue) from None
        if not isinstance(text, PageText) or not all(isinstance(word, Word) for word in text.words):
            raise _reading_lost(overdue=False)
        return text

    def with_text(self, copy: Copy, texts: Sequence[PageText | None]) -> Copy:
        """The unsigned copy with its text under the pictures; DocumentError when it is signed or cannot stay PDF/A."""
        return self._ask(Copy, "with_text", len(copy.pdf), copy=copy, texts=list(texts))

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

    The child ends after `idle_seconds`, at least the time that the source keeps a key open, and the keys with it.
    SigningLost when it dies or takes too long.
    """

    def __init__(
        self, source: KeySource, clock: Clock, *, idle_seconds: float = IDLE_SECONDS, patience: float = PATIENCE
    ) -> None:
        self._keeps_open = source.asks_pin
        if source.asks_pin:
            idle_seconds = max(idle_seconds, source.rules.idle_seconds)
        self._pool = Pool("signing", size=1, idle_seconds=idle_seconds, opening=asdict(source.absolute()))
        self._clock, self._patience = clock, patience

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

    def ready(self, username: str, full_name: str) -> Standing:
        """What is known of the clerk's key now; never raises."""
        try:
            return self.ask(Standing, "ready", username=username, name=full_name)
        except SigningError as error:
            return Standing("", False, (error.message,))

    def forget(self, username: str) -> None:
        """Close the clerk's key where it is open; a child that does not run has none open."""
        if self._keeps_open and self.pids():
            with suppress(SigningError):
                self.ask(type(None), "forget", username=username)

    def office(self, name: str) -> HelperSigner:
        """The office's own signer, which seals what it exports."""
        return self._open("office", "", name, "")

    def roots(self) -> list[bytes]:
        """PEM certificates that are trusted by default."""
        return self.ask(list, "roots")

    def check_pdf(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check every signature of a PDF against `roots` (PEM; default: roots())."""
        return self.ask(SignatureReport, "check_pdf", len(pdf), pdf=pdf, roots=list(roots))

    def check_original(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a PDF that others signed; what they allow to be added later may follow."""
        return self.ask(SignatureReport, "check_original", len(pdf), pdf=pdf, roots=list(roots))

    def check_bytes(self, data: bytes, cms: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a detached CMS signature (DER) over `data`."""
        return self.ask(SignatureReport, "check_bytes", len(data), data=data, cms=cms, roots=list(roots))

    def ask(self, kind: type[T], do: str, size: int = 0, *, again: bool = True, **given: Any) -> T:
        """One request to the child, whose answer is a `kind`; for HelperSigner."""
        seconds = self._patience + size * PATIENCE_PER_BYTE
        try:
            answer = self._pool.ask(do, seconds=seconds, again=again, now=self._clock.now(), **given)
        except Lost as lost:
            raise _signing_lost(overdue=lost.overdue) from None
        if not isinstance(answer, kind):
            raise _signing_lost(overdue=False)
        return answer

    def _open(self, kind: str, username: str, name: str, pin: str) -> HelperSigner:
        handle = {"kind": kind, "username": username, "name": name, "pin": pin}
        subject, training = self.ask(list, "open", signer=handle, again=not pin)  # a second try could lock the token
        return HelperSigner(self, {**handle, "pin": ""}, subject=str(subject), training=bool(training))


@dataclass(frozen=True, repr=False, eq=False)
class HelperSigner:
    """A signing key (khóa ký số) in the signing process; `handle` says which, without its PIN."""

    _signers: HelperSigners
    _handle: dict[str, Any]
    subject: str
    training: bool

    def standing(self, at: datetime) -> Standing:
        """What a signature made at `at` would rest on; chain, OCSP and CRL are its evidence."""
        return self._signers.ask(Standing, "standing", signer=self._handle, at=at)

    def usable(self, at: datetime) -> list[str]:
        """Why a signature made at `at` would not stand, in Vietnamese: empty when fine."""
        return list(self.standing(at).problems)

    def sign_pdf(
        self, pdf: bytes, *, at: datetime, reason: str, stamp: Sequence[str], seal: bool = False, room: bool = False
    ) -> SignedPdf:
        """The PDF with a PAdES signature and a visible stamp in clear space top right of page 1."""
        said: dict[str, Any] = {"at": at, "reason": reason, "stamp": list(stamp), "seal": seal, "room": room}
        return self._signers.ask(SignedPdf, "sign_pdf", len(pdf), signer=self._handle, pdf=pdf, **said)

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


def _reading_lost(*, overdue: bool) -> ReadingLost:
    why = "quá lâu nên đã dừng" if overdue else "dừng giữa chừng"
    return ReadingLost(f"Phần đọc chữ {why}; bản sao vẫn lập được, chỉ thiếu lớp chữ. Có thể cho đọc lại.")


def _signing_lost(*, overdue: bool) -> SigningLost:
    why = "quá lâu nên đã dừng" if overdue else "dừng giữa chừng"
    return SigningLost(f"Phần ký số {why}, chưa có chữ ký nào được dùng. Ký lại; nếu vẫn vậy, báo quản trị viên.")
