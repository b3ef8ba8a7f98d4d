"""A layout as ZPL II: codes as the printer's own commands, text as compressed bitmaps, no user data bare."""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import crc_hqx
from functools import lru_cache
from zlib import compress as deflate

from labels.elements import Bars, Layout, Qr, Rule, Text
from labels.raster import inked

_SAME = re.compile(r"([0-9A-F])\1+")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-/:;,>| ")


def render(layout: Layout, *, z64: bool = False) -> bytes:
    """One label, printed once. Every field's data is hex-escaped (^FH), so it cannot hold a command.

    `z64` sends text bitmaps deflated (Zebra's own firmware, from x.14): a third of the bytes, for a slow serial
    line. The default is the older ASCII compression that the clones take too.
    """
    lines = [
        "^XA",
        "^CI28",
        f"^PW{layout.width}",
        f"^LL{layout.height}",
        "^LH0,0^LT0^FWN",
    ]
    for element in layout.elements:
        if isinstance(element, Text):
            lines += filter(None, [_text(element, z64=z64)])
        elif isinstance(element, Rule):
            lines.append(_rule(element))
        elif isinstance(element, Bars):
            lines.append(_bars(element))
        elif isinstance(element, Qr):
            lines.append(_qr(element))
    return "\n".join([*lines, "^PQ1,0,1,N", "^XZ", ""]).encode("ascii")


def _rule(rule: Rule) -> str:
    box = rule.box
    return f"^FO{box.x},{box.y}^GB{box.width},{box.height},{min(box.width, box.height)},B,0^FS"


def _bars(bars: Bars) -> str:
    # Mode A chooses the subsets itself, as shortly as the layout did; mode N's `>` codes differ among clones.
    box, data = bars.box, field(bars.code.text)
    return f"^BY{bars.module},3,{box.height}^FO{box.x},{box.y}^BCN,{box.height},N,N,N,A^FH^FD{data}^FS"


def _qr(qr: Qr) -> str:
    # The ^BY height moves a QR down by as many dots: set it to 1 and start 1 higher.
    return f"^BY2,2,1^FO{qr.box.x},{qr.box.y - 1}^BQN,2,{qr.module}^FH^FDMA,{field(qr.code.text)}^FS"


def field(data: str) -> str:
    """`data` for a ^FH field: UTF-8 with everything but plain letters, digits and marks as `_XX`.

    >>> field("^XA~JR_")
    '_5EXA_7EJR_5F'
    """
    return "".join(c if c in _PLAIN else "".join(f"_{b:02X}" for b in c.encode("utf-8")) for c in data)


@lru_cache(maxsize=256)
def _text(text: Text, *, z64: bool) -> str:
    """The lines of a text as one ^GFA bitmap, cut to its ink; white on black is drawn by exclusive or."""
    dots = inked(text)
    if dots is None:
        return ""
    row, data = (dots.mask.width + 7) // 8, dots.mask.tobytes()
    mode = "^FR" if text.reverse else ""
    packed = _z64(data) if z64 else compress(data, row)
    return f"^FO{dots.x},{dots.y}{mode}^GFA,{len(data)},{len(data)},{row},{packed}^FS"


def _z64(data: bytes) -> str:
    packed = b64encode(deflate(data, 9))
    return f":Z64:{packed.decode('ascii')}:{crc_hqx(packed, 0):04X}"


def compress(data: bytes, row: int) -> str:
    """Zebra's ASCII compression: run letters, `,` blank to the row's end, `:` row again.

    >>> compress(bytes.fromhex("ff000000ff0000000000ffff"), 4)
    'HF,:J0JF'
    """
    out, before, digits = [], "", data.hex().upper()
    for start in range(0, len(digits), 2 * row):
        text = digits[start : start + 2 * row]
        out.append(":" if text == before else _blank_end(text))
        before = text
    return _SAME.sub(_short, "\n".join(out)).replace("\n", "")


def _blank_end(text: str) -> str:
    kept = text.rstrip("0")
    return kept + "," if len(text) - len(kept) > 1 else text


def _short(run: re.Match[str]) -> str:
    return _run(run[0])


@lru_cache(maxsize=4096)
def _run(same: str) -> str:
    char, count, letters = same[0], len(same), ""
    while count > 419:
        letters, count = letters + "z" + _count(19) + char, count - 419
    return letters + (char if count == 1 else _count(count) + char)


def _count(count: int) -> str:
    twenties, ones = divmod(count, 20)
    return (chr(ord("f") + twenties) if twenties else "") + (chr(ord("F") + ones) if ones else "")
