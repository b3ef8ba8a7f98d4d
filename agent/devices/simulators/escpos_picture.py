"""An ESC/POS receipt's bytes turned back into its picture, by the maker's command reference (standard mode)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.devices.simulators import paper
from agent.devices.simulators.escpos_commands import next_command
from agent.devices.simulators.paper import Paper

if TYPE_CHECKING:
    from agent.devices.simulators.paper import Dots

WIDTH = 576  # dots of a 80 mm printer at 203 dpi
LINE = 30  # dots from line to line
LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}


class _Receipt:
    """Paper that grows, and what commands set: alignment, margin, bar and QR sizes."""

    def __init__(self) -> None:
        self.paper, self.y = Paper(WIDTH, 1), 0
        self.reset()

    def reset(self) -> None:
        self.align, self.margin, self.line = 0, 0, LINE
        self.bar = (3, 162)  # GS w, GS h: module and height in dots
        self.cell, self.level, self.symbol = 3, "L", ""
        self.stored: tuple[Dots, int, int] | None = None
        self.text, self.size = "", 1

    def put(self, pattern: Dots) -> None:
        """A pattern on lines of its own; paper moves on by its height."""
        self.flush()
        room = WIDTH - self.margin - pattern.shape[1]
        x = self.margin + {1: max(0, room // 2), 2: max(0, room)}.get(self.align, 0)
        self.paper.reach(self.y + pattern.shape[0])
        self.paper.stamp(x, self.y, pattern)
        self.y += pattern.shape[0]

    def flush(self) -> None:
        """Print the characters that wait for the end of their line."""
        text, self.text = self.text, ""
        if text.strip():
            self.put(paper.letters(text, 24 * self.size))

    def feed(self, dots: int) -> None:
        self.flush()
        self.y += dots
        self.paper.reach(self.y)


def draw(label: bytes, *, dpi: int = 203) -> bytes:
    """The PNG of one receipt; what is not understood leaves no ink."""
    receipt = _Receipt()
    while (found := next_command(label)) is not None:
        command, size = found
        label = label[size:]
        if (do := DO.get(command.name)) is not None and (command.body or command.name in BARE):
            do(receipt, command.body)
    receipt.flush()
    return receipt.paper.png(dpi)


def _raster(receipt: _Receipt, body: bytes) -> None:
    """GS v 0 m xL xH yL yH data; m 1 doubles the width, 2 the height, 3 both."""
    row, scale = int.from_bytes(body[1:3], "little"), body[0] & 3
    if row and body[5:]:
        receipt.put(_scaled(paper.bits(body[5:], row), 1 + (scale & 1), 1 + (scale >> 1)))


def _graphics(receipt: _Receipt, body: bytes, lead: int) -> None:
    """GS ( L and GS 8 L: function 112 stores a raster, 2 and 50 print what is stored."""
    data = body[lead:]
    if len(data) >= 10 and data[1] == 112:
        width = int.from_bytes(data[6:8], "little")
        row = (width + 7) // 8
        if row and data[10:]:
            receipt.stored = paper.bits(data[10:], row)[:, :width], data[3], data[4]
    elif len(data) >= 2 and data[1] in {2, 50} and receipt.stored is not None:
        pattern, across, down = receipt.stored
        receipt.stored = None
        receipt.put(_scaled(pattern, across, down))


def _barcode(receipt: _Receipt, body: bytes) -> None:
    """GS k 73 n: Code 128 with {A {B {C naming its subsets."""
    if body[0] == 73 and len(body) > 2:
        receipt.put(paper.code128(_spoken(body[2:]), *receipt.bar))


def _spoken(data: bytes) -> str:
    """The text of Code 128 data: in subset C a byte is a pair of digits."""
    out, subset, at = "", b"B", 0
    while at < len(data):
        byte, following = data[at : at + 1], data[at + 1 : at + 2]
        if byte == b"{" and following in (b"A", b"B", b"C"):
            subset = following
            at += 2
        elif byte == b"{":
            out += "{" if following == b"{" else ""  # {1 … are function characters
            at += 2
        else:
            out += f"{byte[0]:02}" if subset == b"C" else byte.decode("latin-1")
            at += 1
    return out


def _symbol(receipt: _Receipt, body: bytes) -> None:
    """GS ( k with cn 49 (QR): 67 cell, 69 level, 80 store, 81 print."""
    if len(body) < 5 or body[2] != 49:
        return
    match body[3]:
        case 67:
            receipt.cell = max(1, min(body[4], 16))
        case 69:
            receipt.level = LEVELS.get(body[4], "L")
        case 80:
            receipt.symbol = body[5:].decode("utf-8", "replace")
        case 81 if receipt.symbol:
            receipt.put(paper.qr(receipt.symbol, receipt.level, receipt.cell))


def _columns(receipt: _Receipt, body: bytes) -> None:
    """ESC * m nL nH data: columns of 8 or 24 dots, at full or half width."""
    import numpy as np

    count, tall = int.from_bytes(body[1:3], "little"), 3 if body[0] > 1 else 1
    if count and len(body) >= 3 + count * tall:
        pattern = paper.bits(body[3 : 3 + count * tall], tall)
        receipt.put(_scaled(np.ascontiguousarray(pattern.T), 1 if body[0] & 1 else 2, 1 if tall == 3 else 3))


def _scaled(pattern: Dots, across: int, down: int) -> Dots:
    return pattern.repeat(max(1, min(across, 2)), axis=1).repeat(max(1, min(down, 3)), axis=0)


def _characters(receipt: _Receipt, body: bytes) -> None:
    receipt.text += body.decode("latin-1")


def _set(name: str, value: Callable[[bytes], object]) -> Callable[[_Receipt, bytes], None]:
    return lambda receipt, body: setattr(receipt, name, value(body))


def _bar_width(receipt: _Receipt, body: bytes) -> None:
    receipt.bar = (max(1, min(body[0], 6)), receipt.bar[1])


def _bar_height(receipt: _Receipt, body: bytes) -> None:
    receipt.bar = (receipt.bar[0], max(1, body[0]))


BARE = (b"\n", b"\x1b@", b"\x1b2")
DO: dict[bytes, Callable[[_Receipt, bytes], None]] = {
    b"text": _characters,
    b"\n": lambda receipt, _: receipt.feed(receipt.line if not receipt.text.strip() else 6),
    b"\x1b@": lambda receipt, _: receipt.reset(),
    b"\x1ba": _set("align", lambda body: body[0] % 48),
    b"\x1b3": _set("line", lambda body: body[0]),
    b"\x1b2": _set("line", lambda _: LINE),
    b"\x1d!": _set("size", lambda body: 1 + (body[0] & 7)),
    b"\x1dL": _set("margin", lambda body: min(int.from_bytes(body[:2], "little"), WIDTH)),
    b"\x1bJ": lambda receipt, body: receipt.feed(body[0]),
    b"\x1bd": lambda receipt, body: receipt.feed(body[0] * receipt.line),
    b"\x1dw": _bar_width,
    b"\x1dh": _bar_height,
    b"\x1dv0": _raster,
    b"\x1d(L": lambda receipt, body: _graphics(receipt, body, 2),
    b"\x1d8L": lambda receipt, body: _graphics(receipt, body, 4),
    b"\x1dk": _barcode,
    b"\x1d(k": _symbol,
    b"\x1b*": _columns,
}
