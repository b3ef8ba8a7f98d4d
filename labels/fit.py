"""Text into a box: wrap at words, then shrink step by step, never cut off a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from labels import fonts
from labels.errors import LabelError


@dataclass(frozen=True)
class Fitted:
    """Lines that fit their box at `size` dots an em."""

    lines: tuple[str, ...]
    size: int


def block_height(lines: int, size: int) -> int:
    """Dots from the highest accent of the first line to the lowest mark of the last."""
    return round((fonts.TOP + fonts.DROP + (lines - 1) * fonts.LEADING) * size) if lines else 0


def wrap(text: str, face: str, size: int, width: int) -> list[str]:
    """Break `text` into lines of at most `width` dots; a word too long for a line is broken inside.

    No line begins with a dash: it stays with the word before it.
    """
    space = fonts.width(" ", face, size)
    lines: list[str] = []
    line, used = "", 0.0
    for word in _words(text):
        extent = fonts.width(word, face, size)
        if line and used + space + extent <= width:
            line, used = f"{line} {word}", used + space + extent
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, face, size, width) if extent > width else [word]
        lines += full
        used = fonts.width(line, face, size) if full else extent
    return [*lines, line] if line else lines


def balanced(text: str, face: str, size: int, width: int) -> list[str]:
    """`text` in as few lines as `wrap` needs, as even as can be: no word of a heading stands alone."""
    lines = wrap(text, face, size, width)
    narrow, wide = width // 2, width
    while len(lines) > 1 and narrow < wide:
        middle = (narrow + wide) // 2
        if len(wrap(text, face, size, middle)) > len(lines):
            narrow = middle + 1
        else:
            wide = middle
    return wrap(text, face, size, wide)


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split():
        if words and word in ("-", "–", "—"):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _pieces(word: str, face: str, size: int, width: int) -> list[str]:
    pieces, start = [], 0
    while start < len(word):
        end = start + 1
        while end < len(word) and fonts.width(word[start : end + 1], face, size) <= width:
            end += 1
        if end < len(word):  # a number parts at its hyphen rather than among its digits
            hyphen = word.rfind("-", start + (end - start) // 3, end)
            end = hyphen + 1 if hyphen > start else end
        pieces.append(word[start:end])
        start = end
    return pieces


@lru_cache(maxsize=1024)  # an office's labels repeat most of their lines
def fit(text: str, face: str, *, width: int, height: int, largest: int, smallest: int, shorten: bool = False) -> Fitted:
    """The largest size, from `largest` down to `smallest` dots, at which `text` fits width x height dots.

    With `shorten` a text too long even then ends in "…" at a word (for texts that a code beside them names).
    Raises LabelError("too-long") otherwise: a name or address is never cut off.
    """
    size = largest
    while True:
        lines = _wrapped(text, face, size, width, height)
        if lines is not None:
            return Fitted(lines, size)
        if size <= smallest:
            break
        size = max(smallest, min(size - 1, size * 95 // 100))
    if shorten:
        return _shortened(text, face, size, width, height)
    raise LabelError(
        "too-long",
        f"Dòng “{text[:40]}…” quá dài, không in vừa nhãn. Hãy viết gọn lại hoặc dùng nhãn lớn hơn.",
    )


def _wrapped(text: str, face: str, size: int, width: int, height: int) -> tuple[str, ...] | None:
    """The lines of `text` in the box, on paper and in a bitmap alike; None when they do not fit at `size`."""
    for room in (width, width * 95 // 100):  # the second leaves what hinting may add
        lines = wrap(text, face, size, room)
        if block_height(len(lines), size) > height:
            return None
        if all(fonts.hinted_width(line, face, size) <= width for line in lines):
            return tuple(lines)
    return None


def _shortened(text: str, face: str, size: int, width: int, height: int) -> Fitted:
    words = text.split()
    fewest, most = 0, len(words)  # the longest beginning that fits, by halving
    best: tuple[str, ...] = ()
    while fewest < most:
        count = (fewest + most + 1) // 2
        lines = _wrapped(" ".join(words[:count]) + "…", face, size, width, height)
        if lines is not None:
            fewest, best = count, lines
        else:
            most = count - 1
    return Fitted(best, size)
