"""Reads the Vietnamese text of page images (nhận dạng chữ) by Tesseract, with the place and confidence of each word."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.documents import ocr_data, ocr_image, ocr_pdf, pdfpages
from agent.documents.ocr_image import READING_DPI, Reading
from agent.errors import ConfigError, DocumentError
from agent.ports import PageImage, Verdict
from agent.ports_text import BLANK, FAILED, OFF, READ, SLOW, PageText, Word

SECONDS = 20.0  # for one page, unless the asker gives less
LONGEST = 3600.0
SURE = 60.0  # a page that is the wrong way round is read with less than 51
PUNCTUATION = 80.0  # signs that stand alone and are less sure than this are dust
SAMPLE = 420  # pixels: as much as tells which way is up
REASONS = {
    "failed": "Không đọc được chữ của trang này: {why} Bản sao vẫn lập được, chỉ thiếu lớp chữ.",
    "slow": "Đọc chữ của trang này quá lâu nên đã dừng. Bản sao vẫn lập được, chỉ thiếu lớp chữ.",
    "blank": "Trang không có chữ.",
}


class TextReader:
    """Reads one page at a time, in this thread; holds the language's model (60 MB) from the first page on."""

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        self._api: Any = None
        self._off = ""

    def warm(self) -> None:
        """Load the model; nothing happens where there is none."""
        self._open()

    def read(self, page: PageImage, *, seconds: float = SECONDS) -> PageText:
        """What the page says; never raises for a page, the state says what kept it from being read.

        `seconds` bounds the recognition. Words of a PDF page that has text of its own are taken from it.
        """
        began, until = time.process_time(), time.monotonic() + min(seconds, LONGEST)
        try:
            if page.verdict in (Verdict.REFUSED, Verdict.IGNORED):
                return _nothing(FAILED, why=page.reason)
            if page.media == pdfpages.MEDIA and (own := ocr_pdf.read(page)):
                return own
            if self._open() is None:
                return PageText(OFF, self._off)
            reading = ocr_image.prepare(page)
            text = BLANK if ocr_image.is_blank(reading.image) else self._read(reading, until)
        except DocumentError as error:
            return _nothing(FAILED, why=error.message)
        if isinstance(text, str):
            return _nothing(text)
        words, sure, angle = text
        spent = round(time.process_time() - began, 3)
        return PageText(READ, "", words, sure, angle, engine(), ocr_data.LANGUAGE, spent)

    def _open(self) -> Any:
        if self._api is None and not self._off:
            try:
                self._api = _model(ocr_data.find(self._data))
            except ConfigError as error:
                self._off = error.message
        return self._api

    def _read(self, reading: Reading, until: float) -> tuple[tuple[Word, ...], float, float] | str:
        """Words, confidence and angle, or the state that says why not: as it lies, and turned if that reads badly."""
        lines = {turn: ocr_image.skew_of(ocr_image.turned(reading, turn).image)[1] for turn in (0, 90)}
        best = self._whole(reading, 0, until) if lines[0] >= lines[90] else None
        if best and best[1] >= SURE:
            return best
        level = [180] if best else [90, 270]  # lines that stand upright are tried last: few pages hold such text
        sureness = dict[int, float]()
        for turns in (level, [90, 270] if best else [0, 180]):
            sureness |= {turn: self._sample(reading, turn, until) for turn in turns}
            if max(sureness.values()) >= SURE:
                break
        turn = max(sureness, key=lambda each: sureness[each])
        if best is None or sureness[turn] > best[1]:
            best = self._whole(reading, turn, until)
        return SLOW if best is None else best

    def _whole(self, reading: Reading, turn: int, until: float) -> tuple[tuple[Word, ...], float, float] | None:
        """The page read when it is turned clockwise by `turn`; None when the time is over."""
        reading = ocr_image.turned(reading, turn)
        reading = ocr_image.straightened(reading, ocr_image.skew_of(reading.image)[0])
        if not self._recognise(reading.image, until):
            return None
        words = tuple(_words(self._api, reading))
        return words, round(_confidence(words), 1), round(reading.angle, 2)

    def _sample(self, reading: Reading, turn: int, until: float) -> float:
        """How sure the densest band of the page is read when it is turned; 0 when the time is over."""
        import numpy

        reading = ocr_image.turned(reading, turn)
        image = ocr_image.straightened(reading, ocr_image.skew_of(reading.image)[0]).image
        ink = (numpy.asarray(image) < ocr_image.INK).sum(axis=1).cumsum()
        tops = range(0, max(1, image.height - SAMPLE), SAMPLE // 2)
        top = max(tops, key=lambda row: ink[min(image.height - 1, row + SAMPLE)] - ink[row])
        band = image.crop((0, top, image.width, min(image.height, top + SAMPLE)))
        if not self._recognise(band, until):
            return 0.0
        words = list(_words(self._api, Reading(band, 1.0, (0.0, 0.0), 0.0)))
        return _confidence(words) if sum(len(word.text) for word in words) > 8 else 0.0

    def _recognise(self, image: Any, until: float) -> bool:
        left = until - time.monotonic()
        if left <= 0:
            return False
        self._api.SetImage(image)
        self._api.SetSourceResolution(READING_DPI)
        done = bool(self._api.Recognize(max(1, int(left * 1000))))
        return done and time.monotonic() < until


def engine() -> str:
    """The engine and its version."""
    import tesserocr

    return " ".join(str(tesserocr.tesseract_version()).split()[:2])


def _model(folder: Path) -> Any:
    os.putenv("OMP_THREAD_LIMIT", "1")  # a page is read no faster by two threads, only dearer
    import tesserocr

    tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
    try:
        return tesserocr.PyTessBaseAPI(
            path=str(folder),
            lang=ocr_data.LANGUAGE,
            psm=tesserocr.PSM.AUTO,
            oem=tesserocr.OEM.LSTM_ONLY,
            variables={"textord_tabfind_vertical_text": "0"},  # which way is up is our question
        )
    except RuntimeError as error:
        raise ConfigError(ocr_data.MISSING.format(file=ocr_data.FILE, folder=folder)) from error


def _words(api: Any, reading: Reading) -> Iterator[Word]:
    """The words of what was read last, placed on the page; signs that dust made are left out."""
    import tesserocr

    level, line = tesserocr.RIL, 0
    found = api.GetIterator()
    for at in tesserocr.iterate_level(found, level.WORD) if found else ():
        line += at.IsAtBeginningOf(level.TEXTLINE)
        text = unicodedata.normalize("NFC", "".join((at.GetUTF8Text(level.WORD) or "").split()))
        sure = float(at.Confidence(level.WORD))
        box, row, base = (at.BoundingBox(level.WORD), at.BoundingBox(level.TEXTLINE), at.Baseline(level.TEXTLINE))
        if not text or not box or not row or not base:
            continue
        if sure < PUNCTUATION and not any(map(str.isalnum, text)):
            continue
        yield _placed(reading, text, sure, line, box, row[3] - row[1], base)


def _placed(
    reading: Reading,
    text: str,
    sure: float,
    line: int,
    box: tuple[int, int, int, int],
    height: int,
    base: tuple[tuple[int, int], tuple[int, int]],
) -> Word:
    left, top, right, bottom = box
    (x0, y0), (x1, y1) = base
    baseline = y0 + (left - x0) * (y1 - y0) / (x1 - x0) if x1 > x0 else y0
    corners = [reading.on_page(x, y) for x in (left, right) for y in (top, bottom)]
    x, y = reading.on_page(left, baseline)
    across, down = [corner[0] for corner in corners], [corner[1] for corner in corners]
    measures = (min(across), min(down), max(across), max(down), x, y)
    size = ((right - left) / reading.scale, height / reading.scale)
    return Word(text, round(sure, 1), line, *(round(float(each), 1) for each in (*measures, *size)))


def _confidence(words: list[Word] | tuple[Word, ...]) -> float:
    """The mean by letters, so that short noise weighs little."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def _nothing(state: str, *, why: str = "") -> PageText:
    return PageText(state, REASONS[state].format(why=why))
