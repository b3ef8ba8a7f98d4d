"""ESC/POS: what a receipt printer's replies mean (Epson, ESC/POS command reference, DLE EOT, GS r, GS ( H, GS a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import DeviceProtocol

PAPER_STATUS = b"\x1dr\x01"  # answered when all before it has been worked off
MODEL = b"\x1dI\x43"  # the model's name: "_", text, NUL
SECTIONS = (1, 2, 3, 4)  # of DLE EOT: printer, off-line cause, error cause, paper

OFFLINE_BITS = {0x04: "cover-open", 0x08: "feeding", 0x20: "paper-out", 0x40: "other"}
ERROR_BITS = {0x04: "other", 0x08: "cutter", 0x20: "fatal", 0x40: "hot"}
PAPER = (0x00, 0x03, 0x0C, 0x0F)  # answers to GS r 1: plenty, low, at its end, both sensors
PAPER_END, PAPER_LOW, OFFLINE = 0x60, 0x0C, 0x08


@dataclass(frozen=True)
class Status:
    """The answers to DLE EOT 1 to 4."""

    faults: tuple[str, ...]  # codes of words.WORDS that keep it from printing
    paper_low: bool


@dataclass(frozen=True)
class Reply:
    """One reply in the stream of what a printer sends: `kind` is status, done, paper, auto, info or noise."""

    kind: str
    data: bytes  # done: the four characters of the id; info: the text; otherwise the bytes as they came


def ask(section: int) -> bytes:
    """DLE EOT n; answered at once, even off-line."""
    return bytes((0x10, 0x04, section))


def ask_done(mark: str) -> bytes:
    """GS ( H function 48: tell `mark` (four printable ASCII characters) when all before it is physically printed."""
    if len(mark) != 4 or not all(" " <= c <= "~" for c in mark):
        raise ValueError(f"not four printable characters: {mark!r}")
    return b"\x1d(H\x06\x00\x30\x30" + mark.encode("ascii")


def split(data: bytes) -> tuple[list[Reply], bytes]:
    """Cut what came into replies, by the bits that the maker keeps apart; also what is still incomplete.

    >>> split(b"\\x12\\x37\\x221234\\x00")
    ([Reply(kind='status', data=b'\\x12'), Reply(kind='done', data=b'1234')], b'')
    """
    found: list[Reply] = []
    at = 0
    while at < len(data):
        kind, size = _next(data, at)
        if size == 0:
            return found, data[at:]
        body = data[at : at + size]
        found.append(Reply(kind, {"done": body[2:6], "info": body[1:-1]}.get(kind, body)))
        at += size
    return found, b""


def parse_status(answers: Sequence[bytes]) -> Status:
    """Read the four bytes that answer DLE EOT 1 to 4; DeviceProtocol when one is not such a byte.

    >>> parse_status([b"\\x1a", b"\\x16", b"\\x12", b"\\x12"]).faults
    ('cover-open',)
    """
    if len(answers) != 4 or any(len(a) != 1 or a[0] & 0x93 != 0x12 for a in answers):
        raise DeviceProtocol(
            f"Máy in trả lời sai lệnh DLE EOT ({b''.join(answers)[:40]!r}). Kiểm tra tốc độ cổng, cáp, loại máy."
        )
    printer, cause, error, paper = (a[0] for a in answers)
    faults = [code for bit, code in OFFLINE_BITS.items() if cause & bit]
    faults += [code for bit, code in ERROR_BITS.items() if error & bit]
    faults += ["paper-out"] if paper & PAPER_END else []
    if len(faults) > 1 and "other" in faults:
        faults.remove("other")  # DLE EOT 3 said which error it is
    if printer & OFFLINE and not faults:
        faults = ["offline"]
    return Status(tuple(dict.fromkeys(faults)), bool(paper & PAPER_LOW))


def _next(data: bytes, at: int) -> tuple[str, int]:
    """The kind and length of the reply that begins at `at`; length 0 when more bytes are needed."""
    first, left = data[at], len(data) - at
    if first == 0x37:
        return _block(data, at, left)
    if first == 0x5F:
        end = data.find(0, at, at + 82)
        return ("info", end - at + 1) if end > 0 else (("info", 0) if left < 82 else ("noise", 1))
    if first & 0x93 == 0x12:
        return "status", 1
    if first & 0x93 == 0x10:
        if any(byte & 0x90 for byte in data[at + 1 : at + 4]):
            return "noise", 1
        return "auto", 4 if left >= 4 else 0
    return ("paper" if first in PAPER else "noise"), 1


def _block(data: bytes, at: int, left: int) -> tuple[str, int]:
    """37h 22h, four printable characters, NUL."""
    body = data[at + 1 : at + 7]
    shape = (b"\x22", *((bytes(range(0x20, 0x7F)),) * 4), b"\0")
    if any(byte not in allowed for byte, allowed in zip(body, shape, strict=False)):
        return "noise", 1
    return "done", 7 if left >= 7 else 0
