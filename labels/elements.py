"""What a laid-out label is made of: texts, bars, QR symbols and rules, all in whole dots."""

from __future__ import annotations

from dataclasses import dataclass

from labels import fonts
from labels.codes import Linear, Matrix

MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Box:
    """A rectangle in dots, from the label's top left corner."""

    x: int
    y: int
    width: int
    height: int

    def overlaps(self, other: Box) -> bool:
        """Whether the two share a dot."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Text:
    """Lines of one size in a box; `reverse` prints white on a black box."""

    box: Box
    lines: tuple[str, ...]
    size: int
    face: str = fonts.REGULAR
    align: str = "left"  # left | centre | right
    reverse: bool = False

    def baseline(self, line: int) -> int:
        """Dots from the top of the label to the baseline of a line."""
        return self.box.y + round((fonts.TOP + line * fonts.LEADING) * self.size)

    def start(self, text_width: float) -> float:
        """Where a line of `text_width` dots begins."""
        slack = self.box.width - text_width
        return self.box.x + {"left": 0.0, "centre": slack / 2, "right": slack}[self.align]


@dataclass(frozen=True)
class Bars:
    """A Code 128; `box` holds the bars without the quiet zones, `module` is dots a module."""

    box: Box
    module: int
    code: Linear

    def bars(self) -> list[Box]:
        """One rectangle a bar."""
        found, x = [], self.box.x
        for index, run in enumerate(self.code.runs):
            if index % 2 == 0:
                found.append(Box(x, self.box.y, run * self.module, self.box.height))
            x += run * self.module
        return found


@dataclass(frozen=True)
class Qr:
    """A QR symbol; `box` is its side without the quiet zone."""

    box: Box
    module: int
    code: Matrix


@dataclass(frozen=True)
class Rule:
    """A filled rectangle: a line that divides."""

    box: Box


Element = Text | Bars | Qr | Rule


@dataclass(frozen=True)
class Layout:
    """One label: its size in dots at `dpi`, and its elements."""

    width: int
    height: int
    dpi: int
    elements: tuple[Element, ...]
    title: str = ""
