"""The child process that takes pages apart, or holds the signing keys, and answers one request at a time."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from agent import log
from agent.documents.helper_codec import BadFrame, error_out, receive, send
from agent.errors import AgentError
from agent.ports import PageImage
from agent.ports_signing import Signer, Signers
from agent.ports_text import PageText

if TYPE_CHECKING:
    from agent.documents.capture_rules import CaptureRules
    from agent.documents.ocr import TextReader

Frame = tuple[dict[str, Any], list[bytes]]
logger = log.get(__name__)
NICENESS = {"ocr": 15}  # what nobody waits for steps behind what somebody does
OTHER_NICENESS = 5
MEMORY = 3 * 2**30  # bytes of address space: an A3 page at 600 dpi needs under half
WRITABLE = {"pages": 400 * 2**20}  # bytes of memory of its own (Linux counts it): what is more is told, not taken
GRACE = 10.0  # seconds after which a helper ends itself when nobody was left to end it


class Desk(Protocol):
    """What one kind of helper does."""

    @property
    def does(self) -> Mapping[str, Callable[..., Any]]:
        """Requests by name."""

    def begin(self, **opening: Any) -> None: ...
    def warm(self) -> None: ...


class PageDesk:
    """Judges pages and makes copies."""

    def __init__(self) -> None:
        self._take_rules(None)

    def begin(self, **opening: Any) -> None:
        """What the office decided: `rules`, the plain values of CaptureRules."""
        from agent.documents.capture_rules import CaptureRules

        if "rules" in opening:
            self._take_rules(CaptureRules.of(opening["rules"]))

    def warm(self) -> None:
        """Load what the first page and the first copy need."""
        import img2pdf  # noqa: F401
        import numpy  # noqa: F401
        import pikepdf.pdfa  # noqa: F401
        import pypdfium2  # noqa: F401
        from PIL import ImageCms  # noqa: F401

    def _take_rules(self, rules: CaptureRules | None) -> None:
        from agent.documents.digitiser import PageDigitiser

        own = PageDigitiser(rules=rules)
        self.does: Mapping[str, Callable[..., Any]] = {
            "read": own.read,
            "read_bytes": own.read_bytes,
            "read_folder": own.read_folder,
            "copy": own.copy,
            "archive_verdicts": own.archive_verdicts,
            "thumbnail": own.thumbnail,
            "picture": own.picture,
            "read_codes": own.read_codes,
            "with_text": own.with_text,
        }


class ReadingDesk:
    """Reads the text of pages; holds the language's model."""

    def __init__(self) -> None:
        self._reader: TextReader | None = None
        self.does: Mapping[str, Callable[..., Any]] = {"read_text": self._read}

    def begin(self, **opening: Any) -> None:
        """Where the language data lies: `data`, a folder or None."""
        from agent.documents.ocr import TextReader

        self._reader = TextReader(opening["data"])

    def warm(self) -> None:
        """Load the model."""
        if self._reader:
            self._reader.warm()

    def _read(self, page: PageImage, limit: float) -> PageText:
        from agent.documents.flatten import effective

        assert self._reader
        return self._reader.read(effective(page), seconds=limit)


class ToldClock:
    """A clock that stands where the last request put it, so that this process has no time of its own."""

    def __init__(self) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class SigningDesk:
    """Holds the keys: they are opened here and never leave."""

    def __init__(self) -> None:
        self._clock, self._opening = ToldClock(), dict[str, Any]()
        self._found: Signers | None = None
        self.does: Mapping[str, Callable[..., Any]] = {name: self._dated(act) for name, act in self._acts().items()}

    def begin(self, **opening: Any) -> None:
        """Where the keys lie: the fields of KeySource."""
        self._opening = opening

    def warm(self) -> None:
        """Load what the first signature and its check need."""
        import pyhanko.sign.signers.pdf_signer
        import pyhanko.sign.validation  # noqa: F401

    def _acts(self) -> dict[str, Callable[..., Any]]:
        return {
            "open": self._opened,
            "ready": lambda username, name: self._signers().ready(username, name),
            "forget": lambda username: self._signers().forget(username),
            "standing": lambda signer, at: self._signer(signer).standing(at),
            "sign_pdf": lambda signer, pdf, **rest: self._signer(signer).sign_pdf(pdf, **rest),
            "sign_bytes": lambda signer, data: self._signer(signer).sign_bytes(data),
            "check_pdf": lambda pdf, roots: self._signers().check_pdf(pdf, roots),
            "check_original": lambda pdf, roots: self._signers().check_original(pdf, roots),
            "check_bytes": lambda data, cms, roots: self._signers().check_bytes(data, cms, roots),
            "roots": lambda: self._signers().roots(),
        }

    def _dated(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*, now: datetime, **given: Any) -> Any:
            self._clock.at = now
            return act(**given)

        return run

    def _signers(self) -> Signers:
        from agent.documents.key_source import KeySource

        if self._found is None:
            self._found = KeySource.of(self._opening).open(self._clock)
        return self._found

    def _opened(self, signer: Mapping[str, Any]) -> list[Any]:
        found = self._signer(signer)  # once: a PIN that is tried twice is two tries
        return [found.subject, found.training]

    def _signer(self, wanted: Mapping[str, Any]) -> Signer:
        """The signer of a handle; the source keeps what is open, and says so when this process is younger than that."""
        source = self._signers()
        if wanted["kind"] == "office":
            return source.office(wanted["name"])
        return source.of(wanted["username"], wanted["name"], pin=wanted["pin"])


DESKS: dict[str, Callable[[], Desk]] = {"pages": PageDesk, "signing": SigningDesk, "ocr": ReadingDesk}


def serve(desk: Desk, frames: SimpleQueue[Frame], answers: BinaryIO) -> None:
    """Answer request after request; an error that is none of ours ends the process, and the asker learns that."""
    while True:
        _serve_one(desk, *frames.get(), answers)


def _serve_one(desk: Desk, request: dict[str, Any], blobs: Sequence[bytes], answers: BinaryIO) -> None:
    do, of = request["do"], request["of"]
    if do in ("begin", "warm"):
        (desk.begin if do == "begin" else desk.warm)(**of)
        return
    faulthandler.dump_traceback_later(request["seconds"] + GRACE, exit=True, file=2)
    answer: dict[str, Any]
    try:
        answer = {"value": desk.does[do](**of)}
    except AgentError as error:
        answer = {"error": error_out(error)}
    faulthandler.cancel_dump_traceback_later()
    send(answers, answer, known=blobs)


def _listen(requests: BinaryIO, frames: SimpleQueue[Frame]) -> None:
    """Take requests in; when the one who asks is gone, end at once, even in the middle of work."""
    while True:
        try:
            frame = receive(requests)
        except (BadFrame, OSError, MemoryError):  # the asker learns it at once
            os._exit(1)
        if frame is None:
            os._exit(0)
        frames.put(frame)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Our pipes under numbers that no library knows; what one prints goes to the log's stream instead."""
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        os.fstat(2)
    except OSError:
        os.dup2(nothing, 2)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


def _be_modest(kind: str) -> None:
    """Low priority, one thread for arithmetic, bounded memory, no core dump (it would hold keys); POSIX only."""
    os.putenv("OPENBLAS_NUM_THREADS", "1")
    if sys.platform == "win32":
        return  # the one who starts us sets the priority there
    import resource

    os.nice(NICENESS.get(kind, OTHER_NICENESS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    own = WRITABLE.get(kind)
    if own and sys.platform == "linux":
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        if most == resource.RLIM_INFINITY or most > own:
            resource.setrlimit(resource.RLIMIT_DATA, (own, own))


def _log_end(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    logger.critical("the helper ends", exc_info=(kind, error, trace))


def main(kind: str) -> None:
    """Serve requests from standard input on standard output until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    requests, answers = _private_streams()
    _be_modest(kind)
    log.configure("warning")
    sys.excepthook = _log_end
    frames: SimpleQueue[Frame] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, frames), name="requests", daemon=True).start()
    serve(DESKS[kind](), frames, answers)


if __name__ == "__main__":
    main(sys.argv[1])
