"""Papers of twelve types with made-up people, drawn as a scanner would deliver them, with the truth of every field."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from PIL import Image, ImageDraw, ImageFont

from agent.domain.text import fold
from labels.codes import qr
from tests.vietnamese_pages import DEBIAN, FAMILY, GIVEN, MIDDLE, PLACES, aged, encoded

DPI = 200
SIZE = (1654, 2339)
INK = (25, 25, 30)
KINDS = ("clean", "noisy", "skewed")
FACES = {
    "Liberation Serif": ("liberation2/LiberationSerif-Regular.ttf", "liberation2/LiberationSerif-Bold.ttf"),
    "Liberation Sans": ("liberation2/LiberationSans-Regular.ttf", "liberation2/LiberationSans-Bold.ttf"),
    "Free Serif": ("freefont/FreeSerif.ttf", "freefont/FreeSerifBold.ttf"),
    "DejaVu Serif": ("dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf"),
    "DejaVu Sans": ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
}
POSTS = (("CHỦ TỊCH",), ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"))


@dataclass
class Paper:
    """A drawn paper: its page, the type that it is, what stands in each field."""

    kind: str
    image: Image.Image
    truth: dict[str, str]
    angle: float = 0.0

    @property
    def jpeg(self) -> bytes:
        return encoded(self.image, "JPEG", quality=80, dpi=(DPI, DPI))


@dataclass
class Person:
    """Somebody who does not exist."""

    name: str
    birth: date
    female: bool
    number: str
    place: str

    @property
    def sex(self) -> str:
        return "Nữ" if self.female else "Nam"

    @property
    def day(self) -> str:
        return f"{self.birth:%d/%m/%Y}"


class Pen:
    """Draws lines of text on one page at 200 dpi."""

    def __init__(self, chance: random.Random, face: str = "Liberation Serif", size: tuple[int, int] = SIZE) -> None:
        self.image = Image.new("RGB", size, "white")
        self._pen, self._chance, self._face = ImageDraw.Draw(self.image), chance, face
        self.y = 120.0

    def font(self, points: float, bold: bool = False) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(DEBIAN / FACES[self._face][bold]), round(points * DPI / 72))

    def text(
        self, x: float, y: float, text: str, *, points: float = 13, bold: bool = False, anchor: str = "ls"
    ) -> float:
        font = self.font(points, bold)
        self._pen.text((x, y), text, fill=INK, font=font, anchor=anchor)
        return float(font.getlength(text))

    def centre(
        self, text: str, *, points: float = 13, bold: bool = False, x: float = SIZE[0] / 2, step: float = 1.5
    ) -> None:
        self.y += points * DPI / 72 * step
        self.text(x, self.y, text, points=points, bold=bold, anchor="ms")

    def header(self, issuer: Sequence[str], *, number: str = "", place: str = "") -> None:
        """The two columns at the top of administrative papers."""
        left, right, y = 440, 1190, 150.0
        for at, words in enumerate(issuer):
            self.text(left, y + 42 * at, words, points=12, bold=at == len(issuer) - 1, anchor="ms")
        self.text(right, y, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", points=12, bold=True, anchor="ms")
        self.text(right, y + 42, "Độc lập - Tự do - Hạnh phúc", points=13, bold=True, anchor="ms")
        below = y + 42 * max(2, len(issuer)) + 24
        if number:
            self.text(left, below, f"Số: {number}", anchor="ms")
        if place:
            self.text(right, below, place, anchor="ms")
        self.y = below + 40

    def motto(self) -> None:
        self.centre("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True)
        self.centre("Độc lập - Tự do - Hạnh phúc", bold=True)
        self.y += 30

    def line(
        self, *pairs: tuple[str, str], left: float = 190, columns: Sequence[float] = (), points: float = 13
    ) -> None:
        """Labels with their values on one line, side by side."""
        self.y += 62
        x = left
        for at, (label, value) in enumerate(pairs):
            if columns:
                x = columns[at]
            x += self.text(x, self.y, f"{label}: ", points=points)
            x += self.text(x, self.y, value, points=points) + 60

    def words(self, text: str, *, left: float = 190, wide: float = 1290) -> None:
        """A paragraph, wrapped."""
        font, line = self.font(13), list[str]()
        for word in text.split():
            if line and font.getlength(" ".join([*line, word])) > wide:
                self.y += 50
                self.text(left, self.y, " ".join(line))
                line = []
            line.append(word)
        self.y += 50
        self.text(left, self.y, " ".join(line))

    def box(self, x: float, y: float, wide: float, high: float) -> None:
        self._pen.rounded_rectangle((x, y, x + wide, y + high), 20, outline=(120, 120, 120), width=2)

    def qr(self, text: str, x: int, y: int, dot: int) -> None:
        for row, first, length in qr(text).runs:
            self._pen.rectangle(
                (x + first * dot, y + row * dot, x + (first + length) * dot - 1, y + row * dot + dot - 1), INK
            )

    def mono(self, x: float, y: float, text: str) -> None:
        """A line of a zone for machines, 10 letters an inch."""
        font = ImageFont.truetype(str(DEBIAN / "dejavu" / "DejaVuSansMono.ttf"), 32)
        for at, letter in enumerate(text):
            self._pen.text((x + at * 20, y), letter, fill=INK, font=font, anchor="ls")

    def signature(self, posts: Sequence[str], name: str, *, place: str = "") -> None:
        """The block at the bottom right."""
        x, self.y = 1190, self.y + 70
        if place:
            self.text(x, self.y, place, anchor="ms")
        for post in posts:
            self.y += 46
            self.text(x, self.y, post, bold=True, anchor="ms")
        self.y += 190
        self.text(x, self.y, name, bold=True, anchor="ms")


@dataclass
class Maker:
    """Draws one paper from a seed."""

    seed: int
    face: str
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed} {self.face} paper")

    # --- made-up facts
    def name(self) -> str:
        return f"{self.chance.choice(FAMILY)} {self.chance.choice(MIDDLE)} {self.chance.choice(GIVEN)}"

    def day(self, first: int, last: int) -> date:
        return date(first, 1, 1) + timedelta(days=self.chance.randrange((last - first + 1) * 365))

    def person(self, *, female: bool | None = None, born: tuple[int, int] = (1955, 2006)) -> Person:
        female = self.chance.random() < 0.5 if female is None else female
        birth = self.day(*born)
        century = (birth.year - 1900) // 100 * 2 + female
        province = self.chance.choice(("001", "008", "026", "034", "048", "079", "092"))
        number = f"{province}{century}{birth.year % 100:02d}{self.chance.randrange(10**6):06d}"
        return Person(self.name().upper(), birth, female, number, self.chance.choice(PLACES))

    def ward(self) -> str:
        return self.chance.choice(("Tây Hồ", "Thủ Đức", "Hương Thủy", "Mỹ Thới", "Ngọc Hà", "Lê Chân", "Hải Châu"))

    def pen(self) -> Pen:
        return Pen(self.chance, self.face)

    def spoken(self, when: date) -> str:
        return f"ngày {when.day:02d} tháng {when.month:02d} năm {when.year}"

    # --- papers
    def gks(self) -> Paper:
        pen, child, mother, father = (
            self.pen(),
            self.person(born=(2015, 2025)),
            self.person(female=True),
            self.person(female=False),
        )
        ward, when, signer = self.ward(), self.day(2025, 2025), self.name()
        number = f"{self.chance.randint(1, 400)}/{when.year}"
        pen.motto()
        pen.centre("GIẤY KHAI SINH", points=18, bold=True)
        pen.centre(f"Số: {number}")
        pen.line(("Họ, chữ đệm, tên", child.name))
        pen.line(("Ngày, tháng, năm sinh", child.day), ("Giới tính", child.sex))
        pen.line(("Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam"))
        birthplace = f"Bệnh viện đa khoa {ward}"
        pen.line(("Nơi sinh", birthplace))
        pen.line(("Quê quán", father.place))
        pen.line(("Số định danh cá nhân", child.number))
        pen.line(("Họ, chữ đệm, tên người mẹ", mother.name))
        pen.line(("Năm sinh", str(mother.birth.year)), ("Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam"))
        pen.line(("Nơi cư trú", mother.place))
        pen.line(("Họ, chữ đệm, tên người cha", father.name))
        pen.line(("Năm sinh", str(father.birth.year)), ("Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam"))
        pen.line(("Nơi cư trú", father.place))
        pen.line(("Họ, chữ đệm, tên người đi khai sinh", mother.name))
        pen.line(("Giấy tờ tùy thân", f"CCCD số {mother.number}"))
        registered = f"Ủy ban nhân dân phường {ward}"
        pen.line(("Nơi đăng ký khai sinh", registered))
        pen.line(("Ngày, tháng, năm đăng ký", f"{when:%d/%m/%Y}"))
        pen.signature(("NGƯỜI KÝ GIẤY KHAI SINH", *self.chance.choice(POSTS)[-1:]), signer)
        return self.done("GKS", pen, {
            "title": "GIẤY KHAI SINH", "number": number, "holder_name": child.name,
            "holder_birth": child.birth.isoformat(), "holder_sex": child.sex, "holder_id": child.number,
            "holder_birthplace": birthplace, "mother_name": mother.name,
            "father_name": father.name, "registered_at": registered, "issued_on": when.isoformat(), "signer": signer,
        })  # fmt: skip

    def gkh(self) -> Paper:
        pen, wife, husband = self.pen(), self.person(female=True), self.person(female=False)
        when, signer, ward, columns = self.day(2012, 2025), self.name(), self.ward(), (150, 860)
        number = f"{self.chance.randint(1, 200)}/{when.year}"
        pen.motto()
        pen.centre("GIẤY CHỨNG NHẬN KẾT HÔN", points=18, bold=True)
        pen.centre(f"Số: {number}")
        pen.line(
            ("Họ, chữ đệm, tên vợ", wife.name.title()),
            ("Họ, chữ đệm, tên chồng", husband.name.title()),
            columns=columns,
        )
        pen.line(
            ("Ngày, tháng, năm sinh", wife.day), ("Ngày, tháng, năm sinh", husband.day), columns=columns, points=11
        )
        pen.line(("Dân tộc", "Kinh"), ("Dân tộc", "Tày"), columns=columns, points=11)
        pen.line(("Quốc tịch", "Việt Nam"), ("Quốc tịch", "Việt Nam"), columns=columns, points=11)
        pen.line(
            ("Giấy tờ tùy thân", f"CCCD {wife.number}"), ("Giấy tờ tùy thân", f"CCCD {husband.number}"), columns=columns
        )
        registered = f"Ủy ban nhân dân phường {ward}"
        pen.line(("Nơi đăng ký kết hôn", registered))
        pen.line(("Ngày, tháng, năm đăng ký", f"{when:%d/%m/%Y}"))
        pen.signature(self.chance.choice(POSTS), signer)
        return self.done("GKH", pen, {
            "title": "GIẤY CHỨNG NHẬN KẾT HÔN", "number": number, "wife_name": wife.name.title(),
            "wife_birth": wife.birth.isoformat(), "wife_id": wife.number, "husband_name": husband.name.title(),
            "husband_birth": husband.birth.isoformat(), "husband_id": husband.number, "registered_at": registered,
            "issued_on": when.isoformat(), "signer": signer,
        })  # fmt: skip

    def xnhn(self) -> Paper:
        pen, who, ward, when, signer = self.pen(), self.person(), self.ward(), self.day(2025, 2025), self.name()
        number = f"{self.chance.randint(1, 900)}/UBND-XNTTHN"
        pen.header(("ỦY BAN NHÂN DÂN", f"PHƯỜNG {ward.upper()}"), number=number, place=f"{ward}, {self.spoken(when)}")
        pen.centre("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", points=16, bold=True)
        pen.words(f"Xét đề nghị của ông (bà) {who.name.title()} về việc cấp Giấy xác nhận tình trạng hôn nhân,")
        pen.centre("XÁC NHẬN:", bold=True)
        pen.line(("Họ, chữ đệm, tên", who.name))
        pen.line(("Ngày, tháng, năm sinh", who.day))
        pen.line(("Giới tính", who.sex), ("Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam"))
        pen.line(("Giấy tờ tùy thân", f"Căn cước công dân số {who.number}"))
        pen.line(("Nơi cư trú", who.place))
        status = self.chance.choice(("chưa đăng ký kết hôn với ai", "đã ly hôn, chưa kết hôn lại với ai"))
        pen.line(("Tình trạng hôn nhân", status))
        scope = self.chance.choice(("đăng ký kết hôn", "làm thủ tục vay vốn ngân hàng", "mua bán nhà ở"))
        pen.line(("Giấy này được cấp để", scope))
        pen.signature(self.chance.choice(POSTS), signer)
        return self.done("XNHN", pen, {
            "title": "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", "issuer": f"ỦY BAN NHÂN DÂN PHƯỜNG {ward.upper()}",
            "number": number, "issued_on": when.isoformat(), "holder_name": who.name,
            "holder_birth": who.birth.isoformat(), "holder_sex": who.sex,
            "holder_id": who.number, "marital_status": status, "scope": scope, "signer": signer,
        })  # fmt: skip

    def tlkt(self) -> Paper:
        pen, who, ward, when, signer = (
            self.pen(),
            self.person(born=(1930, 1980)),
            self.ward(),
            self.day(2024, 2025),
            self.name(),
        )
        died = when - timedelta(days=3)
        number = f"{self.chance.randint(1, 300)}/TLKT-BS"
        pen.header(("ỦY BAN NHÂN DÂN", f"PHƯỜNG {ward.upper()}"), number=number, place=f"{ward}, {self.spoken(when)}")
        pen.centre("TRÍCH LỤC KHAI TỬ", points=18, bold=True)
        pen.centre("(BẢN SAO)", bold=True)
        pen.line(("Họ, chữ đệm, tên", who.name))
        pen.line(("Ngày, tháng, năm sinh", who.day), ("Giới tính", who.sex))
        pen.line(("Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam"))
        pen.line(("Số định danh cá nhân", who.number))
        pen.line(("Đã chết vào lúc", f"08 giờ 15 phút, {self.spoken(died)}"))
        pen.line(("Nơi chết", who.place))
        registered = f"Ủy ban nhân dân phường {ward}"
        pen.line(("Nơi đăng ký khai tử", registered))
        pen.line(("Ngày, tháng, năm đăng ký", f"{when:%d/%m/%Y}"))
        pen.signature(self.chance.choice(POSTS), signer)
        return self.done("TLKT", pen, {
            "title": "TRÍCH LỤC KHAI TỬ (BẢN SAO)", "number": number, "holder_name": who.name,
            "holder_birth": who.birth.isoformat(), "holder_sex": who.sex, "holder_id": who.number,
            "died_on": died.isoformat(), "died_at": who.place, "registered_at": registered,
            "issued_on": when.isoformat(), "signer": signer,
        })  # fmt: skip

    def gcs(self) -> Paper:
        pen, mother, midwife = self.pen(), self.person(female=True, born=(1980, 2003)), self.name()
        child, born, ward = self.name().upper(), self.day(2025, 2025), self.ward()
        number = f"{self.chance.randint(100, 9000)}/{born.year}"
        boy = self.chance.choice(("Nam", "Nữ"))
        pen.header(("BỘ Y TẾ", "BỆNH VIỆN PHỤ SẢN TRUNG ƯƠNG"), number=number)
        pen.centre("GIẤY CHỨNG SINH", points=18, bold=True)
        pen.line(("Họ và tên mẹ", mother.name), ("Năm sinh", str(mother.birth.year)))
        pen.line(("Nơi thường trú", mother.place))
        pen.line(("Số CCCD", mother.number), ("Dân tộc", "Kinh"))
        pen.line(("Đã sinh con vào lúc", f"06 giờ 40 phút, {self.spoken(born)}"))
        place = f"Bệnh viện Phụ sản {ward}"
        pen.line(("Tại", place))
        pen.line(("Giới tính của con", boy), ("Cân nặng", "3.200 g"))
        pen.line(("Dự định đặt tên con là", child))
        pen.line(("Người đỡ đẻ", midwife))
        pen.signature(("THỦ TRƯỞNG ĐƠN VỊ",), self.name(), place=f"Hà Nội, {self.spoken(born)}")
        return self.done("GCS", pen, {
            "title": "GIẤY CHỨNG SINH", "issuer": "BỆNH VIỆN PHỤ SẢN TRUNG ƯƠNG", "number": number,
            "mother_name": mother.name, "mother_birth": str(mother.birth.year), "mother_id": mother.number,
            "child_birth": born.isoformat(), "child_sex": boy, "child_name": child, "birthplace": place,
            "issued_on": born.isoformat(), "signer": midwife,
        })  # fmt: skip

    def gcnq(self) -> Paper:
        pen, who, when, signer = self.pen(), self.person(), self.day(2015, 2024), self.name()
        code, book = f"DA {self.chance.randint(100000, 999999)}", f"CS {self.chance.randint(10000, 99999)}"
        parcel, sheet = str(self.chance.randint(2, 900)), str(self.chance.randint(1, 60))
        area = f"{self.chance.randint(40, 900)},{self.chance.randint(1, 9)} m2"
        called = "Bà" if who.female else "Ông"
        pen.motto()
        pen.centre("GIẤY CHỨNG NHẬN", points=18, bold=True)
        pen.centre("QUYỀN SỬ DỤNG ĐẤT, QUYỀN SỞ HỮU TÀI SẢN GẮN LIỀN VỚI ĐẤT", points=14, bold=True)
        pen.line(("Số phát hành", code))
        pen.words("I. Người sử dụng đất, chủ sở hữu tài sản gắn liền với đất")
        pen.line((called, who.name), ("Năm sinh", str(who.birth.year)))
        pen.line(("CCCD số", who.number))
        pen.words("II. Thông tin thửa đất")
        pen.line(("Thửa đất số", parcel), ("Tờ bản đồ số", sheet))
        pen.line(("Địa chỉ", who.place))
        pen.line(("Diện tích", area))
        pen.line(("Số vào sổ cấp GCN", book))
        pen.signature(("CHI NHÁNH VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI", "GIÁM ĐỐC"), signer, place=f"Hà Nội, {self.spoken(when)}")
        return self.done("GCNQ", pen, {
            "title": "GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT, QUYỀN SỞ HỮU TÀI SẢN GẮN LIỀN VỚI ĐẤT",
            "number": code.replace(" ", ""), "register_number": book.replace(" ", ""), "holder_name": who.name,
            "holder_birth": str(who.birth.year), "holder_id": who.number, "parcel": parcel, "map_sheet": sheet,
            "area": area, "land_address": who.place, "issued_on": when.isoformat(), "signer": signer,
        })  # fmt: skip

    def qd(self) -> Paper:
        pen, ward, when, signer = self.pen(), self.ward(), self.day(2025, 2025), self.name()
        number = f"{self.chance.randint(10, 4000)}/QĐ-UBND"
        abstract = self.chance.choice(
            (
                "Về việc thay đổi, cải chính hộ tịch",
                "Về việc công nhận việc nuôi con nuôi",
                "Về việc cho phép chuyển mục đích sử dụng đất",
            )
        )
        pen.header(
            (f"UBND THÀNH PHỐ {ward.upper()}", "SỞ TƯ PHÁP"), number=number, place=f"{ward}, {self.spoken(when)}"
        )
        pen.centre("QUYẾT ĐỊNH", points=16, bold=True)
        pen.centre(abstract, bold=True)
        pen.centre("GIÁM ĐỐC SỞ TƯ PHÁP", bold=True)
        pen.words("Căn cứ Luật Tổ chức chính quyền địa phương và các văn bản hướng dẫn thi hành;")
        pen.words(
            f"Theo đề nghị của Trưởng phòng Hành chính tại Tờ trình số 12/TTr-HC ngày {self.day(2024, 2024):%d/%m/%Y},"
        )
        pen.centre("QUYẾT ĐỊNH:", bold=True)
        pen.words(
            f"Điều 1. Công nhận nội dung theo hồ sơ của ông {self.name()}, cư trú tại {self.chance.choice(PLACES)}."
        )
        pen.words("Điều 2. Quyết định này có hiệu lực kể từ ngày ký. Các đơn vị liên quan chịu trách nhiệm thi hành.")
        pen.signature(("GIÁM ĐỐC",), signer)
        pen.text(190, pen.y - 150, "Nơi nhận:", points=12, bold=True)
        pen.text(190, pen.y - 110, "- Như Điều 2;", points=11)
        pen.text(190, pen.y - 75, "- Lưu: VT.", points=11)
        return self.done("QD", pen, {
            "title": "QUYẾT ĐỊNH", "issuer": "SỞ TƯ PHÁP", "number": number, "issued_on": when.isoformat(),
            "abstract": abstract, "signer": signer,
        })  # fmt: skip

    def tkks(self) -> Paper:
        pen, who, child, born, ward = self.pen(), self.person(), self.name().upper(), self.day(2025, 2025), self.ward()
        sex = self.chance.choice(("Nam", "Nữ"))
        mother = who if who.female else self.person(female=True)
        pen.motto()
        pen.centre("TỜ KHAI ĐĂNG KÝ KHAI SINH", points=16, bold=True)
        pen.centre(f"Kính gửi: Ủy ban nhân dân phường {ward}")
        pen.line(("Họ, chữ đệm, tên người yêu cầu", who.name))
        pen.line(("Nơi cư trú", who.place))
        pen.line(("Giấy tờ tùy thân", f"CCCD số {who.number}"))
        pen.line(("Quan hệ với người được khai sinh", "mẹ đẻ" if who.female else "cha đẻ"))
        pen.words("Đề nghị cơ quan đăng ký khai sinh cho người dưới đây:")
        pen.line(("Họ, chữ đệm, tên", child))
        pen.line(("Ngày, tháng, năm sinh", f"{born:%d/%m/%Y}"), ("Giới tính", sex), ("Dân tộc", "Kinh"))
        place = f"Bệnh viện Phụ sản {ward}"
        pen.line(("Nơi sinh", place))
        pen.line(("Họ, chữ đệm, tên người mẹ", mother.name))
        pen.line(("Năm sinh", str(mother.birth.year)), ("Dân tộc", "Kinh"), ("Quốc tịch", "Việt Nam"))
        pen.words("Tôi cam đoan nội dung đề nghị đăng ký khai sinh trên đây là đúng sự thật.")
        pen.signature(("NGƯỜI YÊU CẦU",), who.name.title(), place=f"Làm tại {ward}, {self.spoken(born)}")
        return self.done("TKKS", pen, {
            "title": "TỜ KHAI ĐĂNG KÝ KHAI SINH", "requester_name": who.name, "requester_id": who.number,
            "child_name": child, "child_birth": born.isoformat(), "child_sex": sex, "birthplace": place,
            "mother_name": mother.name,
        })  # fmt: skip

    def cccd(self) -> Paper:
        """Both sides of a chip card on one certified copy, with its QR and its zone for machines."""
        pen, who, when = Pen(self.chance, "Liberation Sans"), self.person(), self.day(2021, 2024)
        until = date(when.year + 10, who.birth.month, min(28, who.birth.day))
        x, y = 490, 260
        pen.box(x, y, 674, 425)
        small = {"points": 7.5}
        pen.text(x + 400, y + 40, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", points=7, bold=True, anchor="ms")
        pen.text(x + 400, y + 62, "Độc lập - Tự do - Hạnh phúc", points=7, bold=True, anchor="ms")
        pen.text(x + 380, y + 110, "CĂN CƯỚC CÔNG DÂN", points=11, bold=True, anchor="ms")
        pen.text(x + 380, y + 132, "Citizen Identity Card", points=6.5, anchor="ms")
        pen.text(x + 210, y + 172, f"Số / No.: {who.number}", points=10, bold=True)
        pen.text(x + 210, y + 204, "Họ và tên / Full name:", **small)
        pen.text(x + 210, y + 236, who.name, points=9, bold=True)
        pen.text(x + 210, y + 268, f"Ngày sinh / Date of birth: {who.day}", **small)
        pen.text(x + 210, y + 298, f"Giới tính / Sex: {who.sex}   Quốc tịch / Nationality: Việt Nam", **small)
        pen.text(x + 210, y + 328, "Quê quán / Place of origin:", **small)
        pen.text(x + 210, y + 353, who.place, **small)
        pen.text(x + 210, y + 381, "Nơi thường trú / Place of residence:", **small)
        pen.text(x + 210, y + 406, who.place, **small)
        pen.text(x + 16, y + 400, f"Có giá trị đến: {until:%d/%m/%Y}", points=5.5)
        pen.qr(
            f"{who.number}||{who.name.title()}|{who.birth:%d%m%Y}|{who.sex}|{who.place}|{when:%d%m%Y}",
            x + 560,
            y + 10,
            2,
        )
        y = 900
        pen.box(x, y, 674, 425)
        pen.text(x + 30, y + 60, f"Ngày, tháng, năm / Date, month, year: {when:%d/%m/%Y}", **small)
        pen.text(x + 30, y + 100, "CỤC TRƯỞNG CỤC CẢNH SÁT", points=7, bold=True)
        pen.text(x + 30, y + 125, "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", points=7, bold=True)
        for row, text in enumerate(td1(who.number, who.name, who.birth, who.female, until)):
            pen.mono(x + 30, y + 300 + 46 * row, text)
        return self.done("CCCD", pen, {
            "holder_id": who.number, "holder_name": who.name, "holder_birth": who.birth.isoformat(),
            "holder_sex": who.sex, "holder_address": who.place, "issued_on": when.isoformat(),
            "valid_until": until.isoformat(),
        })  # fmt: skip

    def ct01(self) -> Paper:
        pen, who, head, when = self.pen(), self.person(), self.person(), self.day(2025, 2025)
        pen.motto()
        pen.centre("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ", points=16, bold=True)
        pen.centre(f"Kính gửi: Công an phường {self.ward()}")
        pen.line(("1. Họ, chữ đệm và tên", who.name))
        pen.line(("2. Ngày, tháng, năm sinh", who.day), ("3. Giới tính", who.sex))
        pen.line(("4. Số định danh cá nhân", " ".join(who.number)))
        pen.line(("5. Số điện thoại liên hệ", "0912345678"), ("6. Email", "khong co"))
        pen.line(("7. Họ, chữ đệm và tên chủ hộ", head.name), ("8. Quan hệ với chủ hộ", "con"))
        scope = "Đăng ký thường trú theo chủ hộ"
        pen.line(("10. Nội dung đề nghị", scope))
        pen.signature(("NGƯỜI KÊ KHAI",), who.name.title(), place=f"Hà Nội, {self.spoken(when)}")
        return self.done("CT01", pen, {
            "title": "TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ", "requester_name": who.name,
            "requester_birth": who.birth.isoformat(), "requester_id": who.number, "householder_name": head.name,
            "scope": scope,
        })  # fmt: skip

    def done(self, kind: str, pen: Pen, truth: dict[str, str]) -> Paper:
        return Paper(kind, pen.image, truth)


def td1(number: str, name: str, birth: date, female: bool, until: date) -> tuple[str, str, str]:
    """The three lines of a Vietnamese card's zone, their check digits by ICAO 9303's rule, apart from ours."""

    def digit(text: str) -> str:
        values = [0 if sign == "<" else int(sign, 36) for sign in text]
        return str(sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values)) % 10)

    plain = fold(name).upper().split()
    top = f"IDVNM{number[3:]}{digit(number[3:])}{number}<<"
    top += digit(number)
    born, ends = f"{birth:%y%m%d}", f"{until:%y%m%d}"
    middle = f"{born}{digit(born)}{'F' if female else 'M'}{ends}{digit(ends)}VNM<<<<<<<<<<<"
    middle += digit(top[5:] + middle[0:7] + middle[8:15] + middle[18:29])
    return top, middle, f"{plain[0]}<<{'<'.join(plain[1:])}".ljust(30, "<")[:30]


MAKERS = ("gks", "gkh", "xnhn", "tlkt", "gcs", "gcnq", "qd", "tkks", "cccd", "ct01")


def make(kind: str, seed: int, *, face: str = "Liberation Serif", way: str = "clean") -> Paper:
    """The paper of a type from a seed; `way` clean, noisy, or skewed (0.7 to 3 degrees, and noisy)."""
    maker = Maker(seed, face)
    paper: Paper = getattr(maker, kind)()
    if way == "skewed":
        paper.angle = maker.chance.uniform(0.7, 3.0) * maker.chance.choice((-1, 1))
        paper.image = paper.image.rotate(-paper.angle, Image.Resampling.BICUBIC, fillcolor="white")
    if way != "clean":
        paper.image = aged(paper.image, seed)
    return paper
