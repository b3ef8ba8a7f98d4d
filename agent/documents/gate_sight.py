"""What was seen on a page, its looks and its codes, and what the gate says of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.documents.gate_look import Look, look
from agent.documents.page_codes import read_codes

if TYPE_CHECKING:
    from PIL import Image

LONG_SIDE = 1750  # pixels that are looked at: half of a 300 dpi page
BLANK_INK = 0.0002  # share of the page that is darker than its paper
LITTLE_INK = 0.003  # too little to say how sharp or how turned it is
BLURRED = 0.66  # sharpness below
SKEWED = 2.5  # degrees from
CLEAR_LINES = 3.0  # how much better lines are to be seen at their angle before a skew is believed
SIDEWAYS = 1.6  # how much better across than along
WAY_UP = 0.15  # how clear it must be which way up the lines stand
DARK_PAPER, FAINT_INK, SHADOW = 120, 60, 0.6
COLOUR, TONES = 0.0004, 0.008  # shares of the page from which colour, or grey, is needed


@dataclass(frozen=True)
class Sight:
    """A page's looks and codes."""

    look: Look
    codes: list[dict[str, Any]]
    unread: list[str]

    def told(self) -> tuple[list[str], dict[str, Any]]:
        """The findings, and the values that are kept beside them."""
        looks, blank = self.look, self.look.ink < BLANK_INK
        seen: dict[str, Any] = {
            "needs": self.needs,
            "ink": round(looks.ink, 4),
            "paper": looks.paper,
            "skew": looks.lines.skew,  # degrees clockwise
            "sharpness": round(looks.sharpness, 2),
            "likeness": "" if blank else looks.likeness,
            "codes": self.codes,
            "cover": looks.lines.bars,
            "borders": list(looks.borders),
            "cut": list(looks.cut),
            "turn": 0 if blank else self.turn,
        }
        if blank:
            return ["blank"], seen
        plenty = looks.ink >= LITTLE_INK and not looks.lines.bars
        tests = {
            "too-dark": looks.paper < DARK_PAPER,
            "too-faint": looks.paper - looks.darkest < FAINT_INK,
            "background": looks.around,
            "shadow": looks.shade < SHADOW and not looks.around and not looks.lines.bars,
            "black-border": bool(looks.borders) and not looks.around,
            "cut-edge": bool(looks.cut),
            "blurred": plenty and looks.sharpness < BLURRED,
            "skewed": plenty and abs(looks.lines.skew) >= SKEWED and looks.lines.strength >= CLEAR_LINES,
            "upside-down": plenty and self.turn == 180,
            "sideways": plenty and self.turn in (90, 270),
            "damaged-code": bool(self.unread) and not self.codes,
        }
        return [code for code, holds in tests.items() if holds], seen

    @property
    def needs(self) -> str:
        """What the page loses nothing by: colour (seal, photo, ink of a colour), grey (half-tones) or bilevel."""
        if self.look.coloured >= COLOUR:
            return "colour"
        return "grey" if self.look.tones >= TONES else "bilevel"

    @property
    def turn(self) -> int:
        """Degrees clockwise that would set the lines upright; 0 also when it cannot be told.

        Told without reading: lines run along the page or across it; letters have more above their bodies (accents,
        ascenders) than below.
        """
        lines = self.look.lines
        if lines.strength < CLEAR_LINES:
            return 0
        if lines.sideways >= SIDEWAYS and abs(lines.upright) >= WAY_UP:
            return 90 if lines.upright > 0 else 270
        return 180 if lines.sideways < 1 and lines.upright <= -WAY_UP else 0


def sight(picture: Image.Image) -> Sight:
    """Look at a page in mode L, RGB or YCbCr."""
    factor = max(1, round(max(picture.size) / (LONG_SIDE * 1.2)))
    if factor > 1:
        picture = picture.reduce(factor)
    luma = picture.getchannel(0) if picture.mode == "YCbCr" else picture.convert("L")
    codes, unread = read_codes(luma)
    return Sight(look(picture, luma), codes, unread)
