"""A layout as ESC/POS for 58 and 80 mm receipt printers: raster strips, a cut, a question when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from labels.elements import Box, Layout
from labels.errors import LabelError
from labels.raster import image, packed

if TYPE_CHECKING:
    from PIL.Image import Image

ESC, GS = b"\x1b", b"\x1d"
INIT = ESC + b"@"
CUT = GS + b"V\x42\x00"  # feed to the cutter, cut all but one point
Graphics = Literal["gs-v-0", "gs-paren-l"]

_STRIP = 240  # dot rows a command: small buffers take it, and paper moves while the next strip arrives
_BLANK = 16  # so many white rows are a strip of their own
_TALLEST = 1000  # rows a strip; its bytes then never look like DLE EOT
_INK = bytes(range(255, -1, -1))  # the printer's 1 is a black dot
# DLE EOT, DLE ENQ, DLE DC4 act at once even inside counted data (DLE ENQ 2 would drop the receipt).
_REAL_TIME = ((b"\x10\x04", b"\x18\x04"), (b"\x10\x05", b"\x18\x05"), (b"\x10\x14", b"\x18\x14"))


def render(layout: Layout, *, graphics: Graphics = "gs-v-0", cut: bool = True, done_id: bytes | None = None) -> bytes:
    """One slip, printed once, `layout.width` dots wide (384 or 576 at 203 dpi, 512 at 180 dpi).

    The printer is reset first, so nothing of an earlier job stays. `graphics` chooses the command for pictures:
    GS v 0 (every printer) or GS ( L / GS 8 L (its successor). All is picture, codes too: the printer's own
    Code 128 would put digit pairs in the stream, and "1604" there is DLE EOT. `done_id`: see `when_printed`.
    """
    out = [INIT, *_strips(image(layout), graphics)]
    out += [CUT] if cut else []
    out += [when_printed(done_id)] if done_id is not None else []
    return b"".join(out)


def when_printed(done_id: bytes) -> bytes:
    """The request that makes the printer send `37 22 <done_id> 00` when all before it is on paper (GS ( H).

    `done_id` is 4 printable ASCII bytes, the caller's; LabelError("spec") otherwise.
    """
    if len(done_id) != 4 or not all(32 <= byte <= 126 for byte in done_id):
        raise LabelError("spec", "Mã báo in xong phải gồm đúng 4 ký tự ASCII in được.")
    return GS + b"(H\x06\x00\x30\x30" + done_id


def _strips(picture: Image, graphics: Graphics) -> list[bytes]:
    """The rows as pictures no wider than their ink; long white stretches one byte a row."""
    out, row = [], (picture.width + 7) // 8
    dots = packed(picture, Box(0, 0, picture.width, picture.height)).translate(_INK)
    rows = [dots[start : start + row] for start in range(0, len(dots), row)]
    for start, end in _runs([one == bytes(row) for one in rows]):
        wide = max(1, *(len(one.rstrip(b"\0")) for one in rows[start:end]))
        data = b"".join([one[:wide] for one in rows[start:end]])
        for watched, harmless in _REAL_TIME:  # one dot blacker: a hair on a letter, never on a code
            data = data.replace(watched, harmless)
        out.append(_graphic(data, wide, end - start, graphics))
    return out


def _runs(white: list[bool]) -> list[tuple[int, int]]:
    """Stretches of rows, each either white or with ink, none higher than a strip."""
    runs, y, height = [], 0, len(white)
    while y < height:
        end = y
        while end < height and white[end] and end - y < _TALLEST:
            end += 1
        if end - y < _BLANK:  # ink, until a long white stretch or the strip is full
            while end < height and end - y < _STRIP and not all(white[end : end + _BLANK]):
                end += 1
        runs.append((y, end))
        y = end
    return runs


def _graphic(data: bytes, row: int, rows: int, graphics: Graphics) -> bytes:
    head = _raster if graphics == "gs-v-0" else _stored
    while any(watched in head(row, rows) for watched, _ in _REAL_TIME):
        data, rows = data + bytes(row), rows + 1
    return head(row, rows) + data + (b"" if graphics == "gs-v-0" else GS + b"(L\x02\x00\x30\x32")


def _raster(row: int, rows: int) -> bytes:
    return GS + b"v0\x00" + _word(row) + _word(rows)


def _stored(row: int, rows: int) -> bytes:
    body = b"\x30\x70\x30\x01\x01\x31" + _word(row * 8) + _word(rows)
    length = len(body) + row * rows
    return (GS + b"(L" + _word(length) if length <= 0xFFFF else GS + b"8L" + length.to_bytes(4, "little")) + body


def _word(value: int) -> bytes:
    return value.to_bytes(2, "little")
