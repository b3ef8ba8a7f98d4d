"""The words that a PDF page brings itself, so that nobody guesses what the file already says."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from typing import Any

from agent.documents.pdfpages import PDFIUM
from agent.ports import PageImage
from agent.ports_text import READ, PageText, Word

ENGINE = "pdf"
LEAST_LETTERS = 40  # fewer are a stamp or page number on a scan
MOST_LETTERS = 100_000
INVISIBLE = 3  # text render mode
Box = tuple[float, float, float, float]


def read(page: PageImage) -> PageText | None:
    """The page's own visible text with 100 as confidence, 0 where it is a hidden layer of unknown make.

    None for a page with hardly any, or one that cannot be asked.
    """
    import pypdfium2

    with PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(page.raw)
            try:
                sheet = pdf[0]
                letters = sheet.get_textpage()
                if not LEAST_LETTERS <= letters.count_chars() <= MOST_LETTERS:
                    return None
                sure = 0.0 if _is_hidden(sheet) else 100.0
                words = tuple(_words(sheet, letters, sure))
            finally:
                pdf.close()
        except (pypdfium2.PdfiumError, ValueError):
            return None
    if sum(len(word.text) for word in words) < LEAST_LETTERS:
        return None
    return PageText(READ, "", words, sure, 0.0, ENGINE, "")


def _is_hidden(sheet: Any) -> bool:
    """Whether every piece of text is invisible: a layer that somebody's recognition left."""
    import pypdfium2.raw as pdfium

    texts = sheet.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=3)
    return all(pdfium.FPDFTextObj_GetTextRenderMode(text.raw) == INVISIBLE for text in texts)


def _words(sheet: Any, letters: Any, sure: float) -> Iterator[Word]:
    line, word, boxes = 1, "", list[Box]()
    across, down = (round(side) for side in sheet.get_size())
    text = letters.get_text_range(0, -1)
    for place, letter in enumerate(text + " "):
        if letter.strip() and letter.isprintable():
            word += letter
            boxes.append(
                _on_page(sheet, letters.get_charbox(min(place, letters.count_chars() - 1), loose=True), across, down)
            )
            continue
        if word:
            yield _word(word, sure, line, boxes)
            word, boxes = "", []
        line += letter == "\n"


def _word(text: str, sure: float, line: int, boxes: list[Box]) -> Word:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    places = (left, top, right, bottom, left, bottom, right - left, bottom - top)
    return Word(unicodedata.normalize("NFC", text), sure, line, *(round(float(place), 1) for place in places))


def _on_page(sheet: Any, box: Box, across: int, down: int) -> Box:
    """A box in the page as one sees it: points from the top left, whatever its /Rotate and boxes say."""
    import pypdfium2.raw as pdfium

    corners = []
    for x, y in ((box[0], box[1]), (box[2], box[3])):
        device_x, device_y = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(sheet.raw, 0, 0, across * 10, down * 10, 0, x, y, device_x, device_y)
        corners.append((device_x.value / 10, device_y.value / 10))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
