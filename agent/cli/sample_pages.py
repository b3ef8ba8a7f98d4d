"""Page images for the demo when none are given: a filled form and a certificate, as a scanner would deliver them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import ImageDraw

SIZE = (1654, 2339)  # A4 at 200 dpi
DPI = 200
FORM = (
    ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"),
    "TỜ KHAI ĐĂNG KÝ KHAI SINH",
    (
        "Kính gửi: Ủy ban nhân dân phường Tây Hồ",
        "Họ, chữ đệm, tên người yêu cầu: NGUYỄN THỊ HƯỜNG",
        "Nơi cư trú: 12 Lạc Long Quân, Tây Hồ, Hà Nội",
        "Giấy tờ tùy thân: CCCD 001188012345",
        "Quan hệ với người được khai sinh: mẹ đẻ",
        "Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:",
        "Họ, chữ đệm, tên: TRẦN GIA BẢO",
        "Ngày, tháng, năm sinh: 12/11/2026    Giới tính: Nam    Dân tộc: Kinh",
        "Nơi sinh: Bệnh viện Phụ sản Hà Nội",
        "Tôi cam đoan nội dung khai trên đây là đúng sự thật.",
    ),
)
CERTIFICATE = (
    ("BỘ Y TẾ", "BỆNH VIỆN PHỤ SẢN HÀ NỘI"),
    "GIẤY CHỨNG SINH",
    (
        "Số: 4821/2026",
        "Họ và tên mẹ: NGUYỄN THỊ HƯỜNG    Năm sinh: 1988",
        "Đã sinh con vào lúc 06 giờ 40 phút, ngày 12 tháng 11 năm 2026",
        "Tại: Bệnh viện Phụ sản Hà Nội",
        "Giới tính của con: Nam    Cân nặng: 3.200 g",
        "Dự định đặt tên con là: TRẦN GIA BẢO",
        "Người đỡ đẻ: Hoàng Thị Tuyết",
    ),
)


def make_pages(folder: Path) -> Path:
    """Write two pages into `folder` (a grey form, a colour certificate with a red seal) and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    _draw(FORM, seal=False).convert("L").save(folder / "1-to-khai.jpg", quality=80, dpi=(DPI, DPI))
    _draw(CERTIFICATE, seal=True).save(folder / "2-giay-chung-sinh.jpg", quality=80, dpi=(DPI, DPI))
    return folder


def _draw(page: tuple[tuple[str, str], str, tuple[str, ...]], *, seal: bool) -> Any:
    from PIL import Image, ImageDraw

    from labels import fonts

    (first, second), title, lines = page
    image = Image.new("RGB", SIZE, (250, 249, 245))
    pen = ImageDraw.Draw(image)
    plain = fonts.pillow(fonts.REGULAR, 34)
    bold = fonts.pillow(fonts.BOLD, 36)
    large = fonts.pillow(fonts.BOLD, 52)
    for y, text, font in ((140, first, bold), (195, second, bold), (340, title, large)):
        pen.text((SIZE[0] / 2, y), text, font=font, fill=(25, 25, 30), anchor="mm")
    for number, line in enumerate(lines):
        pen.text((170, 470 + number * 86), line, font=plain, fill=(25, 25, 35))
        pen.line((170, 525 + number * 86, 1490, 525 + number * 86), fill=(190, 190, 190), width=2)
    pen.text((1080, 1560), "Người ký", font=bold, fill=(25, 25, 30))
    pen.text((1020, 1800), "(bản mẫu để tập huấn)", font=plain, fill=(40, 40, 120))
    if seal:
        _seal(pen)
    return _grain(image)


def _seal(pen: ImageDraw.ImageDraw) -> None:
    red = (200, 40, 50)
    for radius, width in ((150, 7), (112, 4)):
        pen.ellipse((960 - radius, 1740 - radius, 960 + radius, 1740 + radius), outline=red, width=width)
    pen.regular_polygon((960, 1740, 42), 5, fill=red)


def _grain(image: Any) -> Any:
    """A scanner's grain, the same every time."""
    rng = random.Random(7)
    pen = image.load()
    for _ in range(4000):
        x, y = rng.randrange(SIZE[0]), rng.randrange(SIZE[1])
        shade = rng.randrange(205, 240)
        pen[x, y] = (shade, shade, shade)
    return image
