"""Small scanned letters of a few Vietnamese lines: quick to read, different for each number."""

from __future__ import annotations

import io
from functools import cache

import pytest

from agent.documents import ocr_data
from agent.errors import ConfigError
from tests.vietnamese_pages import faces

LINES = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "ĐƠN ĐỀ NGHỊ CẤP BẢN SAO TRÍCH LỤC",
    "Kính gửi: Ủy ban nhân dân phường Tây Hồ",
    "Tôi tên là Nguyễn Thị Hường, nơi thường trú:",
    "số 12 đường Lạc Long Quân, thành phố Hà Nội.",
)
SAID = "Ủy ban nhân dân phường Tây Hồ"  # what a page that was read must say


def can_be_read() -> bool:
    """Whether this machine has the language data and a face to draw with."""
    try:
        return ocr_data.find().is_dir() and "Liberation Serif" in faces()
    except ConfigError:
        return False


needs_data = pytest.mark.skipif(not can_be_read(), reason="tesseract-ocr-vie and fonts-liberation are not installed")


@cache
def letter(number: int, *, lines: int = len(LINES)) -> bytes:
    """A letter as JPEG, 200 dpi, with its number on it."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (1654, 2339), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.truetype(str(faces()["Liberation Serif"]), 40)
    for row, line in enumerate((*LINES[:lines], f"Số hồ sơ: {number:04d}")):
        pen.text((180, 220 + 90 * row), line, fill="black", font=font)
    out = io.BytesIO()
    image.save(out, "JPEG", dpi=(200, 200), quality=85)
    return out.getvalue()
