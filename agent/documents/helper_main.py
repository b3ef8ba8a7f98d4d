"""The child process that takes pages apart, or holds the signing keys, and answers one request at a time."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any, BinaryIO, Protocol

from agent import log
from agent.documents.helper_codec import BadFrame, error_out, receive, send
from agent.errors import AgentError
from agent.ports import Signer, Signers

Frame = tuple[dict[str, Any], list[bytes]]
logger = log.get(__name__)
NICENESS = 5
MEMORY = 3 * 2**30  # bytes of address space: an A3 page at 600 dpi needs under half
KEPT_SIGNERS = 8
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
        from agent.documents.digitiser import PageDigitiser

        own = PageDigitiser()
        self.does: Mapping[str, Callable[..., Any]] = {
            "read": own.read,
            "read_bytes": own.read_bytes,
            "read_folder": own.read_folder,
            "copy": own.copy,
            "thumbnail": own.thumbnail,
        }

    def begin(self, **opening: Any) -> None:
        """Nothing to know."""

    def warm(self) -> None:
        """Load what the first page and the first copy need."""
        import img2pdf  # noqa: F401
        import numpy  # noqa: F401
        import pikepdf.pdfa  # noqa: F401
        import pypdfium2  # noqa: F401
        from PIL import ImageCms  # noqa: F401


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
        self._open: OrderedDict[int, Signer] = OrderedDict()
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
            "open": lambda signer: [self._signer(signer).subject, self._signer(signer).training],
            "usable": lambda signer, at: self._signer(signer).usable(at),
            "sign_pdf": lambda signer, pdf, **rest: self._signer(signer).sign_pdf(pdf, **rest),
            "sign_bytes": lambda signer, data: self._signer(signer).sign_bytes(data),
            "check_pdf": lambda pdf, roots: self._signers().check_pdf(pdf, roots),
            "check_bytes": lambda data, cms, roots: self._signers().check_bytes(data, cms, roots),
            "roots": lambda: self._signers().roots(),
        }

    def _dated(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*, now: datetime, **given: Any) -> Any:
            self._clock.at = now
            return act(**given)

        return run

    def _signers(self) -> Signers:
        from agent.documents.signing import KeySource

        if self._found is None:
            self._found = KeySource(**self._opening).open(self._clock)
        return self._found

    def _signer(self, wanted: Mapping[str, Any]) -> Signer:
        """The opened signer of a handle; opened (again) when this process is younger than the handle."""
        number = wanted["number"]
        if number not in self._open:
            source = self._signers()
            self._open[number] = (
                source.office(wanted["name"])
                if wanted["kind"] == "office"
                else source.of(wanted["username"], wanted["name"], pin=wanted["pin"])
            )
            while len(self._open) > KEPT_SIGNERS:
                self._open.popitem(last=False)
        self._open.move_to_end(number)
        return self._open[number]


DESKS: dict[str, Callable[[], Desk]] = {"pages": PageDesk, "signing": SigningDesk}


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
        except (BadFrame, OSError):
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


def _be_modest() -> None:
    """Low priority, one thread for arithmetic, bounded memory, no core dump (it would hold keys); POSIX only."""
    os.putenv("OPENBLAS_NUM_THREADS", "1")
    if sys.platform == "win32":
        return  # the one who starts us sets the priority there
    import resource

    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or most > MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _log_end(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    logger.critical("the helper ends", exc_info=(kind, error, trace))


def main(kind: str) -> None:
    """Serve requests from standard input on standard output until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    requests, answers = _private_streams()
    _be_modest()
    log.configure("warning")
    sys.excepthook = _log_end
    frames: SimpleQueue[Frame] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, frames), name="requests", daemon=True).start()
    serve(DESKS[kind](), frames, answers)


if __name__ == "__main__":
    main(sys.argv[1])
