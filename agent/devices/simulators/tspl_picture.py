"""A TSPL2 label's bytes turned back into its picture, by the maker's programming manual."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.devices.simulators import paper
from agent.devices.simulators.paper import DOTS_PER_MM, Ink, Paper, number

BITMAP = re.compile(rb"BITMAP\s+(-?\d+)\s*,\s*(-?\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,")
LINE = re.compile(rb"[^\n]*\n?")
NAME = re.compile(r"\s*([A-Z]+)\s*(.*)", re.DOTALL)
SIZE = re.compile(rb"^SIZE\s+([\d.]+)\s*(mm|dot|)\s*,\s*([\d.]+)\s*(mm|dot|)", re.MULTILINE | re.IGNORECASE)
PART = re.compile(r'\s*(?:"((?:[^"\\]|\\\["\]|\\.)*)"|([^,]*))\s*(?:,|$)')
MODES: dict[int, Ink] = {0: "over", 1: "or", 2: "xor"}
USUAL = (800, 480)  # dots


def draw(label: bytes, *, dpi: int = 203) -> bytes:
    """The PNG of one label, up to PRINT; what is not understood leaves no ink."""
    sheet = Paper(*_size(label, dpi))
    origin = [0, 0]
    for command in _commands(label):
        if isinstance(command, tuple):
            header, data = command
            x, y, row, _, mode = (int(part) for part in header)
            if data and row:
                pattern = paper.bits(data, row, ink=0)  # a 0 bit is a black dot
                sheet.stamp(x + origin[0], y + origin[1], pattern, MODES.get(mode, "over"))
            continue
        found = NAME.fullmatch(command.strip())
        if found is None:
            continue
        params = [quoted.replace('\\["]', '"') if quoted else bare.strip() for quoted, bare in PART.findall(found[2])]
        if found[1] == "REFERENCE":
            origin = [number(_at(params, 0)), number(_at(params, 1))]
        elif found[1] == "CLS":
            sheet = Paper(*_size(label, dpi))
        elif (do := DO.get(found[1])) is not None:
            do(sheet, number(_at(params, 0)) + origin[0], number(_at(params, 1)) + origin[1], params)
    return sheet.png(dpi)


def _commands(label: bytes) -> Iterator[str | tuple[tuple[bytes, ...], bytes]]:
    """Lines as text, bitmaps as (header, data)."""
    at = 0
    while at < len(label):
        if header := BITMAP.match(label, at):
            size = int(header[3]) * int(header[4])
            yield header.groups(), label[header.end() : header.end() + size]
            at = header.end() + size
            continue
        line = LINE.match(label, at)
        assert line is not None
        yield line[0].decode("utf-8", "replace")
        at = max(line.end(), at + 1)


def _size(label: bytes, dpi: int) -> tuple[int, int]:
    found = SIZE.search(label)
    if found is None:
        return USUAL
    per_mm = DOTS_PER_MM.get(dpi, round(dpi / 25.4))

    def dots(value: bytes, unit: bytes) -> int:
        amount = min(float(value) if value.count(b".") <= 1 and value != b"." else 0.0, 1e5)
        scale = {b"mm": float(per_mm), b"dot": 1.0}.get(unit.lower(), float(dpi))
        return max(1, round(amount * scale))

    return dots(found[1], found[2]), dots(found[3], found[4])


def _bar(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    sheet.box(x, y, number(_at(params, 2)), number(_at(params, 3)))


def _box(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    right, bottom, line = (number(_at(params, n)) for n in (2, 3, 4))
    sheet.frame(x, y, right - x, bottom - y, max(1, line))


def _erase(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    width, height = number(_at(params, 2)), number(_at(params, 3))
    sheet.dots[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = False


def _reverse(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    sheet.box(x, y, number(_at(params, 2)), number(_at(params, 3)), "xor")


def _barcode(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    """BARCODE x,y,"type",height,human,rotation,narrow,wide[,alignment],"content"; Code 128 only."""
    if _at(params, 2).strip('"') not in {"128", "128M", "EAN128"} or len(params) < 9:
        return
    sheet.stamp(x, y, paper.code128(_last(params), number(_at(params, 6), 2), number(_at(params, 3), 1)))


def _qrcode(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    """QRCODE x,y,level,cell,mode,rotation[,model,mask],"content"."""
    level = _at(params, 2)
    sheet.stamp(
        x, y, paper.qr(_last(params), level if level in {"L", "M", "Q", "H"} else "M", number(_at(params, 3), 3))
    )


def _text(sheet: Paper, x: int, y: int, params: list[str]) -> None:
    """TEXT x,y,"font",rotation,x times,y times[,alignment],"content", in the printer's own letters."""
    sheet.stamp(x, y, paper.letters(_last(params), 20 * max(1, min(number(_at(params, 5), 1), 10))))


def _at(params: list[str], index: int) -> str:
    return params[index] if index < len(params) else ""


def _last(params: list[str]) -> str:
    """The content: the last parameter that is not the empty one behind the end of the line."""
    return next((part for part in reversed(params) if part), "")


DO: dict[str, Callable[[Paper, int, int, list[str]], None]] = {
    "BAR": _bar,
    "BOX": _box,
    "ERASE": _erase,
    "REVERSE": _reverse,
    "BARCODE": _barcode,
    "QRCODE": _qrcode,
    "TEXT": _text,
}
