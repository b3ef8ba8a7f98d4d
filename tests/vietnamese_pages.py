"""Pages of Vietnamese official text in several faces, clean, noisy or skewed, with the truth of what they say.

Everything comes from a seed, so that a page that was read badly can be drawn again.
"""

from __future__ import annotations

import io
import math
import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy
from PIL import Image, ImageChops, ImageDraw, ImageFont

DPI = 300
SIZE = (2480, 3508)  # A4 at 300 dpi
MARGIN = 300
KINDS = ("clean", "noisy", "skewed")
DEBIAN = Path("/usr/share/fonts/truetype")
HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
TITLES = ("ĐƠN ĐỀ NGHỊ", "TỜ KHAI", "GIẤY XÁC NHẬN", "QUYẾT ĐỊNH", "THÔNG BÁO", "BIÊN BẢN BÀN GIAO", "GIẤY ỦY QUYỀN")
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
MIDDLE = ("Văn", "Thị", "Hữu", "Ngọc", "Thanh", "Minh", "Đức", "Quỳnh", "Hoàng", "Thùy", "Xuân", "Bảo", "Gia", "Kỳ")
GIVEN = ("An", "Bình", "Cường", "Dũng", "Giang", "Hằng", "Hiếu", "Khuê", "Lượng", "Mỹ", "Nghĩa", "Phượng", "Quyên",
         "Sơn", "Thủy", "Tuyết", "Uyên", "Vượng", "Yến", "Đạt", "Ánh", "Ổn", "Thạch", "Trữ", "Duệ", "Khởi")  # fmt: skip
PLACES = ("phường Tây Hồ, thành phố Hà Nội", "xã Ỷ La, tỉnh Tuyên Quang", "phường Thủ Đức, thành phố Hồ Chí Minh",
          "xã Sủng Thài, tỉnh Hà Giang", "phường Mỹ Thới, tỉnh An Giang", "xã Buôn Đôn, tỉnh Đắk Lắk",
          "phường Hương Thủy, thành phố Huế", "xã Cổ Loa, thành phố Hà Nội", "xã Quỳnh Lưu, tỉnh Nghệ An")  # fmt: skip
SENTENCES = (
    "Kính gửi: Ủy ban nhân dân {place}.",
    "Tôi tên là {name}, sinh ngày {date}, số định danh cá nhân {id}.",
    "Nơi thường trú: số {n} đường Lạc Long Quân, {place}.",
    "Tôi làm đơn này kính đề nghị quý cơ quan xem xét, giải quyết hồ sơ theo quy định của pháp luật hiện hành.",
    "Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản hướng dẫn thi hành;",
    "Theo đề nghị của Trưởng phòng Tư pháp tại Tờ trình số {n}/TTr-TP ngày {date}.",
    "Người được ủy quyền là ông {name}, điện thoại {phone}, có trách nhiệm nộp hồ sơ và nhận kết quả.",
    "Thửa đất số {n}, tờ bản đồ số {m}, diện tích {area} m2, mục đích sử dụng: đất ở tại nông thôn.",
    "Thời hạn giải quyết là {m} ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ.",
    "Lệ phí phải nộp: {money} đồng, đã thu đủ theo biên lai số {n}.",
    "Trường hợp hồ sơ chưa đầy đủ, bộ phận tiếp nhận hướng dẫn người nộp bổ sung một lần bằng văn bản.",
    "Bản sao điện tử có giá trị như bản chính khi được ký số bởi người có thẩm quyền.",
    "Giấy chứng nhận này được lập thành hai bản, mỗi bên giữ một bản và có giá trị pháp lý như nhau.",
    "Bà {name} đăng ký khai sinh cho con là cháu {name}, dân tộc Kinh, quốc tịch Việt Nam.",
    "Hồ sơ gồm: giấy chứng sinh, giấy chứng nhận kết hôn, bản sao thẻ căn cước của cha và mẹ.",
    "Ủy viên thường trực đã thẩm tra, kết luận nguyên nhân vụ việc và chuyển cơ quan hữu quan xử lý.",
    "Chúng tôi cam đoan những lời khai trên đây là đúng sự thật và chịu trách nhiệm trước pháp luật.",
    "Quyết định có hiệu lực kể từ ngày ký; các quy định trước đây trái với quyết định này đều bãi bỏ.",
    "Xưởng sửa chữa ô tô của hộ kinh doanh {name} đặt tại {place}, vốn điều lệ {money} đồng.",
    "Số tiền bằng chữ: ba trăm bảy mươi lăm nghìn đồng chẵn, thuế suất mười phần trăm.",
    "Buổi lễ kỷ niệm được tổ chức giản dị, tiết kiệm, tránh phô trương và lãng phí.",
    "Đề nghị bưu cục chuyển trả kết quả đến địa chỉ: ngõ {m}, ngách {n}, {place}.",
    "Những vướng mắc phát sinh trong quá trình thực hiện được phản ánh kịp thời về Sở Tư pháp.",
    "Người yêu cầu đã xuất trình giấy tờ tùy thân và được giải thích rõ quyền, nghĩa vụ của mình.",
    "Việc đính chính giấy tờ hộ tịch phải ghi rõ lý do, nội dung trước và sau khi sửa đổi.",
    "Nhà ở cấp bốn, một tầng, kết cấu tường gạch, mái lợp tôn, xây dựng năm {year}.",
    "Phòng Lao động đã rà soát danh sách người hưởng trợ cấp xã hội hằng tháng trên địa bàn.",
    "Ông bà, cha mẹ, anh chị em ruột của người đề nghị đều cư trú ở {place}.",
    "Kết quả kiểm nghiệm mẫu nước giếng khoan: độ đục vượt ngưỡng, cần khử trùng trước khi sử dụng.",
    "Cửa hàng thực phẩm sạch, khu vực chế biến riêng biệt, bảo đảm vệ sinh an toàn.",
)


@dataclass(frozen=True)
class Line:
    """One line of a page as it was drawn: its words, and where (pixels of the straight page)."""

    text: str
    words: tuple[tuple[str, int, int, int], ...]  # text, left, baseline, right


@dataclass(frozen=True)
class Drawn:
    """A page image and what stands on it."""

    image: Image.Image
    lines: tuple[Line, ...]
    angle: float = 0.0  # degrees that the text's direction is turned, clockwise, around the middle
    straight: tuple[int, int] = SIZE  # of the page before it was turned

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the straight page lies on the image."""
        turn = math.radians(self.angle)
        across, down = x - self.straight[0] / 2, y - self.straight[1] / 2
        return (
            self.image.width / 2 + across * math.cos(turn) - down * math.sin(turn),
            self.image.height / 2 + across * math.sin(turn) + down * math.cos(turn),
        )

    def jpeg(self, quality: int = 75, **options: object) -> bytes:
        """The page as most scanners write it."""
        return encoded(self.image, "JPEG", quality=quality, **options)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image's file; 300 dpi unless it is told otherwise."""
    out = io.BytesIO()
    image.save(out, kind, **{"dpi": (DPI, DPI)} | options)
    return out.getvalue()


def faces() -> dict[str, Path]:
    """Five faces of official papers by name, those that this machine has; Debian's fonts bring them."""
    found = {
        "Liberation Serif": DEBIAN / "liberation2" / "LiberationSerif-Regular.ttf",  # drawn like Times New Roman
        "Liberation Sans": DEBIAN / "liberation2" / "LiberationSans-Regular.ttf",  # like Arial
        "Free Serif": DEBIAN / "freefont" / "FreeSerif.ttf",
        "DejaVu Serif": DEBIAN / "dejavu" / "DejaVuSerif.ttf",
        "DejaVu Sans": DEBIAN / "dejavu" / "DejaVuSans.ttf",
    }
    return {name: path for name, path in found.items() if path.is_file()}


def page(seed: int, *, face: str, kind: str = "clean", points: float = 13, bottom: int = SIZE[1] - 700) -> Drawn:
    """One page with text down to `bottom` (pixels).

    `kind` is clean, noisy (paper, stain, seal, weak toner) or skewed (by 0.7 to 3 degrees, and noisy).
    """
    chance = random.Random(f"{seed} {face}")
    font = ImageFont.truetype(faces()[face], round(points * DPI / 72))
    image = Image.new("L", SIZE, "white")
    lines = _write(ImageDraw.Draw(image), font, chance, bottom)
    angle = 0.0
    if kind == "skewed":
        angle = chance.uniform(0.7, 3.0) * chance.choice((-1, 1))
        image = image.rotate(-angle, Image.Resampling.BICUBIC, fillcolor="white")
    image = image.convert("RGB") if kind == "clean" else aged(image, seed)
    return Drawn(image, tuple(lines), angle)


def error_rate(truth: str, read: str) -> float:
    """Characters wrong, missing or added, as a share of the truth; white space counts once, accents always."""
    wanted, got = (unicodedata.normalize("NFC", " ".join(text.split())) for text in (truth, read))
    return distance(wanted, got) / max(1, len(wanted))


def distance(wanted: str, got: str) -> int:
    """Levenshtein's distance, a row at a time."""
    codes = numpy.array([ord(letter) for letter in got], dtype=numpy.int64)
    steps = numpy.arange(len(codes) + 1)
    row = steps.copy()
    for number, letter in enumerate(wanted, start=1):
        fresh = numpy.empty_like(row)
        fresh[0] = number
        fresh[1:] = numpy.minimum(row[1:] + 1, row[:-1] + (codes != ord(letter)))
        row = numpy.minimum.accumulate(fresh - steps) + steps
    return int(row[-1])


def _write(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, chance: random.Random, bottom: int) -> list[Line]:
    ascent, descent = font.getmetrics()
    step, y = round((ascent + descent) * 1.15), 260
    lines: list[Line] = []

    def put(words: Sequence[str], left: float) -> None:
        nonlocal y
        space, placed = font.getlength(" "), []
        for word in words:
            pen.text((left, y + ascent), word, fill=26, font=font, anchor="ls")
            width = font.getlength(word)
            placed.append((word, round(left), y + ascent, round(left + width)))
            left += width + space
        lines.append(Line(" ".join(words), tuple(placed)))
        y += step

    for head in (*HEAD, chance.choice(TITLES)):
        put(head.split(), (SIZE[0] - font.getlength(head)) / 2)
    y += step
    while y < bottom:
        wrapped: list[str] = []
        for word in _sentence(chance).split():
            if wrapped and font.getlength(" ".join([*wrapped, word])) > SIZE[0] - 2 * MARGIN:
                put(wrapped, MARGIN)
                wrapped = []
            wrapped.append(word)
        put(wrapped, MARGIN)
    return lines


def _sentence(chance: random.Random) -> str:
    def name() -> str:
        return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"

    text = chance.choice(SENTENCES)
    while "{name}" in text:
        text = text.replace("{name}", name(), 1)
    return text.format(
        place=chance.choice(PLACES),
        date=f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{chance.randint(1950, 2026)}",
        year=chance.randint(1960, 2026),
        id=f"0{chance.randint(10**10, 10**11 - 1)}",
        n=chance.randint(2, 999),
        m=chance.randint(2, 40),
        area=f"{chance.randint(40, 900)},{chance.randint(1, 9)}",
        phone=f"09{chance.randint(10**7, 10**8 - 1)}",
        money=f"{chance.randint(10, 900)}.000",
    )


def aged(image: Image.Image, seed: int) -> Image.Image:
    """Cream paper with grain and a shadow, weak toner, dust, and a red seal under the text's end."""
    dice = numpy.random.default_rng(seed)
    width, height = image.size
    cream = [round((55 + level * 195 / 255) * tint) for tint in (1, 0.985, 0.95) for level in range(256)]
    shadow = Image.fromarray(numpy.linspace(0.90 * 255, 255, width).round().astype(numpy.uint8)[None, :])
    dust = [(dice.integers(0, width), dice.integers(0, height), dice.integers(1, 4)) for _ in range(250)]
    grain = dice.standard_normal((height, width), dtype=numpy.float32) * 7 + 128.5
    speckles = Image.fromarray(grain.clip(0, 255).astype(numpy.uint8))
    paper = ImageChops.multiply(image.convert("RGB").point(cream), Image.merge("RGB", [shadow.resize(image.size)] * 3))
    aged = ImageChops.add(paper, Image.merge("RGB", [speckles] * 3), offset=-128)
    pen = ImageDraw.Draw(aged)
    for x, y, r in dust:
        pen.ellipse((int(x), int(y), int(x + r), int(y + r)), fill=(90, 85, 80))
    seal = (width - 900, height - 640, width - 480, height - 220)
    for ring in (0, 40):
        pen.ellipse([side + ring * (1 if n < 2 else -1) for n, side in enumerate(seal)], outline=(200, 30, 40), width=9)
    return aged
