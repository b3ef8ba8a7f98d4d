"""A ZPL II label's bytes turned back into its picture, by the maker's programming guide."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agent.devices.simulators import paper
from agent.devices.simulators.paper import Ink, Paper, number
from agent.devices.simulators.zpl_graphics import unpack

if TYPE_CHECKING:
    from agent.devices.simulators.paper import Dots

COMMAND = re.compile(r"[\^~]([A-Z@][A-Z0-9@])([^\^~]*)", re.DOTALL)
HEX = re.compile(rb"_([0-9A-Fa-f]{2})")
START = re.compile(r">[9:;]")
USUAL = (800, 480)  # dots


@dataclass
class _Field:
    """What has been said of the field that ^FS will end."""

    x: int = 0
    y: int = 0
    base: bool = False  # ^FT: y is the field's bottom
    xor: bool = False
    hex: bool = False
    kind: str = "text"
    params: list[str] = field(default_factory=list)
    data: str = ""


class _Label:
    """The state that commands leave: size, home, bar code defaults, font."""

    def __init__(self, width: int, height: int) -> None:
        self.paper = Paper(width, height)
        self.home, self.bar = (0, 0), (2, 10)  # ^BY: module and height in dots
        self.font = 30
        self.field = _Field()

    def put(self, pattern: Dots, *, down: int = 0) -> None:
        at = self.field
        x, y = at.x + self.home[0], at.y + self.home[1]
        ink: Ink = "xor" if at.xor else "or"
        self.paper.stamp(x, (y - pattern.shape[0] if at.base else y) + down, pattern, ink)

    def end_field(self) -> None:
        at = self.field
        if at.kind == "bars":
            height = number(_at(at.params, 1), self.bar[1])
            text = START.sub("", at.data) if _at(at.params, 5) in {"", "N"} else at.data
            self.put(paper.code128(text, self.bar[0], height))
        elif at.kind == "qr":
            self._qr(at)
        elif at.kind == "picture":
            row = number(_at(at.params, 3), 1)
            self.put(paper.bits(unpack(",".join(at.params[4:]), number(_at(at.params, 2)), row), row))
        elif at.kind == "box":
            self._box(at)
        elif at.data:
            self.put(paper.letters(at.data, self.font))
        self.field = _Field()

    def _qr(self, at: _Field) -> None:
        """Data begins with error level, input mode and a comma; the height of ^BY pushes the symbol down."""
        level, mode, text = at.data[:1], at.data[1:2], at.data[3:]
        if mode == "M":
            text = text[5:] if text[:1] == "B" else text[1:]
        self.put(paper.qr(text, level if level in "HQML" else "Q", number(_at(at.params, 2), 3)), down=self.bar[1])

    def _box(self, at: _Field) -> None:
        width, height, line = (number(_at(at.params, n), 1) for n in range(3))
        x, y = at.x + self.home[0], at.y + self.home[1]
        ink: Ink = "xor" if at.xor else "or"
        self.paper.frame(x, y, max(width, line), max(height, line), max(1, line), ink)


def draw(label: bytes, *, dpi: int = 203) -> bytes:
    """The PNG of one label, ^XA to ^XZ; what is not understood leaves no ink."""
    text = label.decode("utf-8", "surrogateescape")
    commands = COMMAND.findall(text)
    sizes = {name: number(rest.strip()) for name, rest in commands if name in {"PW", "LL"}}
    done = _Label(sizes.get("PW", 0) or USUAL[0], sizes.get("LL", 0) or USUAL[1])
    for name, rest in commands:
        if (do := DO.get(name[:1] if name[0] == "A" else name)) is not None:
            do(done, rest)
    return done.paper.png(dpi)


def _origin(label: _Label, rest: str, *, base: bool) -> None:
    x, y = (number(_at(_params(rest), n)) for n in range(2))
    label.field = replace(label.field, x=x, y=y, base=base)


def _by(label: _Label, rest: str) -> None:
    given = _params(rest)
    label.bar = (number(_at(given, 0), label.bar[0]), number(_at(given, 2), label.bar[1]))


def _kind(kind: str) -> Callable[[_Label, str], None]:
    def do(label: _Label, rest: str) -> None:
        label.field = replace(label.field, kind=kind, params=rest.strip("\r\n").split(","))

    return do


def _data(label: _Label, rest: str) -> None:
    raw = rest.encode("utf-8", "surrogateescape")
    if label.field.hex:
        raw = HEX.sub(lambda found: bytes([int(found[1], 16)]), raw)
    label.field = replace(label.field, data=raw.decode("utf-8", "replace"))


def _home(label: _Label, rest: str) -> None:
    label.home = (number(_at(_params(rest), 0)), number(_at(_params(rest), 1)))


def _font(label: _Label, rest: str) -> None:
    label.font = number(_at(_params(rest), 1), label.font)


def _params(rest: str) -> list[str]:
    return [part.strip() for part in rest.split(",")]


def _at(params: list[str], index: int) -> str:
    return params[index].strip() if index < len(params) else ""


DO: dict[str, Callable[[_Label, str], None]] = {
    "FO": lambda label, rest: _origin(label, rest, base=False),
    "FT": lambda label, rest: _origin(label, rest, base=True),
    "BY": _by,
    "BC": _kind("bars"),
    "BQ": _kind("qr"),
    "GF": _kind("picture"),
    "GB": _kind("box"),
    "FR": lambda label, _: setattr(label.field, "xor", True),
    "FH": lambda label, _: setattr(label.field, "hex", True),
    "FD": _data,
    "FS": lambda label, _: label.end_field(),
    "LH": _home,
    "A": _font,
    "CF": _font,
}
