"""Values out of words: labels, places, damaged print, and what must not be made up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest

from agent.domain.dossier import Role
from agent.domain.extraction import FLOOR, SURE, Kind, PageCode, PageWords, Rules, Source
from agent.domain.extraction_check import checked, shown
from agent.domain.extraction_compare import PartyFacts, agreed, differences
from agent.domain.extraction_kinds import read_date, read_id, read_name, read_number
from agent.domain.extraction_rows import Token, sheet_of, squeeze
from agent.domain.extraction_take import Taken, take
from agent.domain.extraction_toml import parse_rules
from agent.errors import ConfigError, RuleViolation
from agent.ports_text import Word
from tests.sample_papers import td1

TODAY = date(2026, 11, 29)
WIDE, HIGH = 1654.0, 2339.0


def rules() -> Rules:
    return parse_rules(resources.files("agent.domain").joinpath("data", "extraction.toml").read_text(encoding="utf-8"))


def page(*lines: str | tuple[float, str], sure: float = 96, angle: float = 0.0, turned: bool = False) -> PageWords:
    """A page whose lines stand 60 pixels apart; a tuple says where a line begins, `|` a wide gap."""
    words, y = list[Word](), 100.0
    for number, line in enumerate(lines):
        x, text = line if isinstance(line, tuple) else (190.0, line)
        y += 60
        for part in text.split():
            if part == "|":
                x += 260
                continue
            long = 18.0 * len(part)
            words.append(_word(part, number, x, y, long, sure, angle))
            x += long + 9
    return PageWords("p", WIDE, HIGH, angle, tuple(words))


def _word(text: str, line: int, x: float, y: float, long: float, sure: float, angle: float) -> Word:
    turn = math.radians(angle)
    across, down = x - WIDE / 2, y - HIGH / 2
    x = WIDE / 2 + across * math.cos(turn) - down * math.sin(turn)
    y = HIGH / 2 + across * math.sin(turn) + down * math.cos(turn)
    return Word(text, sure, line, x, y - 28, x + long, y + 8, x, y, long, 36)


def tokens(text: str, sure: float = 96) -> list[Token]:
    return [
        token for row in sheet_of(page(text, sure=sure)).rows for token in row.tokens
    ]  # fmt: skip


def taken(kind: str, *lines: str | tuple[float, str], **options: float) -> Taken:
    return take(rules(), kind, [page(*lines, **options)], today=TODAY)


def value(kind: str, field: str, *lines: str | tuple[float, str], **options: float) -> str:
    found = taken(kind, *lines, **options).values.get(field)
    return found.value if found else ""


BIRTH = (
    (420, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), (560, "Độc lập - Tự do - Hạnh phúc"), (640, "GIẤY KHAI SINH"),
    (700, "Số: 45/2026"), "Họ, chữ đệm, tên: TRẦN GIA BẢO", "Ngày, tháng, năm sinh: 12/11/2026 Giới tính: Nam",
    "Số định danh cá nhân: 001226012345", "Họ, chữ đệm, tên người mẹ: NGUYỄN THỊ HƯỜNG",
    "Năm sinh: 1988 Dân tộc: Kinh", "Nơi đăng ký khai sinh: Ủy ban nhân dân phường Tây Hồ",
    "Ngày, tháng, năm đăng ký: 20/11/2026", *[""] * 6, (1100, "CHỦ TỊCH"), (1060, "Lê Văn Thành"),
)  # fmt: skip


def test_a_birth_certificate_gives_its_fields() -> None:
    found = {field: one.value for field, one in taken("GKS", *BIRTH).values.items()}
    assert found == {
        "title": "GIẤY KHAI SINH", "number": "45/2026", "holder_name": "TRẦN GIA BẢO", "holder_birth": "2026-11-12",
        "holder_sex": "Nam", "holder_id": "001226012345", "mother_name": "NGUYỄN THỊ HƯỜNG",
        "registered_at": "Ủy ban nhân dân phường Tây Hồ", "issued_on": "2026-11-20", "signer": "Lê Văn Thành",
        "valid_until": "permanent",
    }  # fmt: skip


@pytest.mark.parametrize("angle", [1.8, -2.5, 90.0, 180.0, 270.0])
def test_a_turned_page_gives_the_same(angle: float) -> None:
    assert value("GKS", "holder_name", *BIRTH, angle=angle) == "TRẦN GIA BẢO"
    assert value("GKS", "issued_on", *BIRTH, angle=angle) == "2026-11-20"


def test_a_paper_is_known_by_its_title_whatever_the_list_calls_it() -> None:
    assert taken("QHNT", *BIRTH).type.code == "GKS"
    assert taken("", *BIRTH).type.code == "GKS"
    assert taken("QHNT", "Tài liệu khác", "Họ, chữ đệm, tên: TRẦN GIA BẢO").type.code == "*"


def test_labels_that_were_misread_are_found_and_the_value_is_not_sure() -> None:
    lines = [line for line in BIRTH if not (isinstance(line, str) and "tên: TRẦN" in line)]
    found = taken("GKS", *lines, "Hg, chữ đêm, tèn: TRẦN GIA BẢO").values["holder_name"]
    assert found.value == "TRẦN GIA BẢO"


def test_one_label_inside_another_is_not_taken_for_it() -> None:
    only = [line for line in BIRTH if not (isinstance(line, str) and line.startswith("Họ, chữ đệm, tên: "))]
    assert value("GKS", "holder_name", *only) == ""
    assert value("GKS", "mother_name", *only) == "NGUYỄN THỊ HƯỜNG"


def test_a_label_that_is_like_another_is_not_taken_for_it_where_that_one_stands() -> None:
    motherless = [line for line in BIRTH if not (isinstance(line, str) and "người mẹ" in line)]
    assert value("GKS", "holder_name", *motherless) == "TRẦN GIA BẢO"
    assert value("GKS", "mother_name", *motherless) == ""


def test_columns_side_by_side_are_told_apart() -> None:
    found = taken(
        "GKH", (560, "GIẤY CHỨNG NHẬN KẾT HÔN"),
        "Họ, chữ đệm, tên vợ: Lê Thị An | Họ, chữ đệm, tên chồng: Vũ Văn Bình",
        "Ngày, tháng, năm sinh: 01/02/1990 | Ngày, tháng, năm sinh: 03/04/1988",
    ).values  # fmt: skip
    assert (found["wife_name"].value, found["husband_name"].value) == ("Lê Thị An", "Vũ Văn Bình")
    assert (found["wife_birth"].value, found["husband_birth"].value) == ("1990-02-01", "1988-04-03")


def test_an_official_letter_gives_issuer_number_day_abstract_and_signer() -> None:
    found = taken(
        "VBTD", "UBND THÀNH PHỐ HUẾ | CỘNG HÒA XÃ HỘI CHỦ NGHĨA", "SỞ TƯ PHÁP | Độc lập - Tự do - Hạnh phúc",
        "Số: 12/QD-STP", (1000, "Huế, ngày 3 tháng 11 năm 2026"), (700, "QUYẾT ĐỊNH"),
        (560, "Về việc cải chính hộ tịch"), "Căn cứ Luật Hộ tịch;", *["Điều khoản thi hành"] * 12,
        (1150, "GIÁM ĐỐC"), (1090, "Trần Thị Yến"),
    ).values  # fmt: skip
    assert found["issuer"].value == "SỞ TƯ PHÁP"
    assert found["number"].value == "12/QĐ-STP"
    assert found["issued_on"].value == "2026-11-03"
    assert found["abstract"].value == "Về việc cải chính hộ tịch"
    assert found["signer"].value == "Trần Thị Yến"


def test_nothing_is_made_up_where_nothing_can_be_read() -> None:
    assert taken("GKS", "~~ !!", "ấđ ơ", sure=20).values.keys() <= {"valid_until"}
    assert take(rules(), "GKS", [], today=TODAY).values.keys() <= {"valid_until"}
    faint = taken("GKS", *BIRTH, sure=30).values
    assert all(one.confidence >= FLOOR for one in faint.values())
    assert not any(
        one.confidence >= SURE for one in faint.values() if one.source is Source.TEXT and one.doubt == "weak"
    )


def test_what_speaks_against_a_value_keeps_it_from_being_sure() -> None:
    def of(*changes: tuple[str, str]) -> Taken:
        lines = list(BIRTH)
        for old, new in changes:
            lines = [line.replace(old, new) if isinstance(line, str) else line for line in lines]
        return taken("GKS", *lines)

    assert of().values["holder_id"].confidence >= SURE
    assert of(("001226012345", "001199012345")).values["holder_id"].doubt == "fit"  # a woman born in 1999
    assert of(("TRẦN GIA BẢO", "TRẤN GIA BAÔ")).values["holder_name"].confidence < SURE
    assert of(("20/11/2026", "20/12/2026")).values["issued_on"].doubt == "future"
    assert "holder_birth" not in of(("12/11/2026", "42/11/2026")).values
    twice = taken("GKS", *BIRTH, "Ngày, tháng, năm đăng ký: 21/11/2026").values["issued_on"]
    assert twice.confidence < SURE and twice.doubt == "several"


def test_an_id_needs_clearer_print_than_words_do() -> None:
    found = taken("GKS", *BIRTH, sure=93).values
    assert found["mother_name"].confidence >= SURE
    assert found["holder_id"].confidence < SURE and found["holder_id"].doubt == "weak"


@pytest.mark.parametrize(
    "text, number",
    [("CCCD số 001199012345", "001199012345"), ("0 0 1 1 9 9 0 1 2 3 4 5", "001199012345"),
     ("OO1199O12345", "001199012345"), ("001.199.012.345", "001199012345"), ("số 012345678", "012345678"),
     ("C1234567", "C1234567"), ("12345", "")],
)  # fmt: skip
def test_ids_are_read_through_what_ocr_does_to_them(text: str, number: str) -> None:
    read = read_id(tokens(text))
    assert (read.value if read else "") == number


@pytest.mark.parametrize(
    "text, day",
    [("12/11/2026", "2026-11-12"), ("Hà Nội, ngày 3 tháng 11 năm 2026", "2026-11-03"), ("1-2-1990", "1990-02-01"),
     ("ngày l2 thảng 11 năm 2026", ""), ("06 giờ 40 phút, ngày 12 Bông 11 năm 2026", "2026-11-12"),
     ("31/02/2026", ""), ("12/11", ""), ("2O/11/2026", "2026-11-20")],
)  # fmt: skip
def test_days_are_read_in_figures_and_in_words(text: str, day: str) -> None:
    read = read_date(tokens(text))
    assert (read.value if read else "") == day


@pytest.mark.parametrize(
    "text, number",
    [("12/GCN-UBND", "12/GCN-UBND"), ("1781/QD-UBND", "1781/QĐ-UBND"), ("DA 600131", "DA600131"),
     ("l2/2026", "12/2026"), ("4821/2026 ngày", "4821/2026"), ("Kính gửi", "")],
)  # fmt: skip
def test_numbers_and_symbols(text: str, number: str) -> None:
    read = read_number(tokens(text))
    assert (read.value if read else "") == number


def test_names_end_where_names_end() -> None:
    def name(text: str) -> str:
        read = read_name(tokens(text))
        return read.value if read else ""

    assert name("ông NGUYỄN VĂN AN sinh năm 1990") == "NGUYỄN VĂN AN"
    assert name("Bà: Lê Thị Hoa, 12 Lạc Long Quân") == "Lê Thị Hoa"
    assert name("VÕ GIASƠN") == "VÕ GIA SƠN"
    assert name("H'Hen Niê") == "H'Hen Niê"
    assert name("12/11/2026") == ""


CARD = ("079170077277||Trần Thị Sơn|05031970|Nữ|phường Mỹ Thới, tỉnh An Giang|10082024",)


def test_a_cards_code_says_more_than_its_print() -> None:
    seen = page((600, "CĂN CƯỚC CÔNG DÂN"), "Số / No.: 079170077277", "Họ và tên / Full name:", "TRẤN THỊ SƠN", sure=70)
    coded = PageWords("p", WIDE, HIGH, 0.0, seen.words, [PageCode("QR Code", CARD[0], (900, 100, 980, 180))])
    found = take(rules(), "CCCD", [coded], today=TODAY).values
    assert (found["holder_name"].value, found["holder_name"].source) == ("Trần Thị Sơn", Source.QR)
    assert found["holder_id"].confidence >= SURE and found["issued_on"].value == "2024-08-10"
    other = page((600, "CĂN CƯỚC CÔNG DÂN"), "Số / No.: 079170077278", sure=97)
    apart = PageWords("p", WIDE, HIGH, 0.0, other.words, [PageCode("QR Code", CARD[0], (900, 100, 980, 180))])
    assert take(rules(), "CCCD", [apart], today=TODAY).values["holder_id"].doubt == "sources"


def test_a_cards_back_and_a_passport_are_read_by_their_zones() -> None:
    lines = td1("079170077277", "TRẦN THỊ SƠN", date(1970, 3, 5), True, date(2034, 3, 5))
    damaged = [lines[0].replace("0770772", "O770772", 1), lines[1], lines[2]]
    for zone in (lines, damaged):
        found = take(rules(), "CCCD", [page(*["x"] * 20, *zone, sure=60)], today=TODAY).values
        assert (found["holder_id"].value, found["holder_id"].source) == ("079170077277", Source.MRZ)
        assert found["holder_birth"].value == "1970-03-05" and found["valid_until"].value == "2034-03-05"
        assert found["holder_name"].doubt == "plain" and found["holder_name"].confidence < SURE
    front = ((600, "CĂN CƯỚC CÔNG DÂN"), "Họ và tên / Full name:", "TRẦN THỊ SƠN")
    both = take(rules(), "CCCD", [page(*front), replace(page(*lines), page="back")], today=TODAY).values
    assert both["holder_name"].value == "TRẦN THỊ SƠN" and both["holder_name"].confidence >= SURE
    passport = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    found = take(rules(), "HC", [page((600, "HỘ CHIẾU"), *passport)], today=TODAY).values
    assert (found["holder_id"].value, found["holder_birth"].value) == ("L898902C3", "1974-08-12")


def test_the_code_of_the_dossier_that_a_paper_came_from_is_a_value_where_there_is_one() -> None:
    def seen(*codes: PageCode) -> dict[str, str]:
        whole = PageWords("p", WIDE, HIGH, 0.0, page(*BIRTH).words, codes)
        return {field: one.value for field, one in take(rules(), "GKS", [whole], today=TODAY).values.items()}

    text = "DVC|H26.019.02-20261121-0000007|x"
    assert seen(PageCode("QR Code", text, (100, 100, 200, 200)))["source_dossier"] == "H26.019.02-20261121-0000007"
    assert "source_dossier" not in seen(PageCode("QR Code", text, (1300, 2000, 1400, 2100)))


# --- typed by a person ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind, text, kept",
    [(Kind.DATE, "3-11-2026", "2026-11-03"), (Kind.DATE, "03112026", "2026-11-03"), (Kind.DATE, "", ""),
     (Kind.VALIDITY, "không thời hạn", "permanent"), (Kind.SEX, "nu", "Nữ"), (Kind.YEAR, "1988", "1988"),
     (Kind.ID, "012345678", "012345678"), (Kind.NAME, "Trần  Thị Hoa\u0300", "Trần Thị Hoà")],
)  # fmt: skip
def test_what_is_typed_is_kept_in_one_form(kind: Kind, text: str, kept: str) -> None:
    assert checked(kind, text) == kept
    assert checked(kind, shown(kind, kept)) == kept


@pytest.mark.parametrize(
    "kind, text, words",
    [(Kind.DATE, "31/02/2026", "không có trong lịch"), (Kind.DATE, "hôm qua", "Nhập ngày/tháng/năm"),
     (Kind.ID, "0011990123", "12 chữ số"), (Kind.ID, "003199012345", "mã tỉnh"), (Kind.SEX, "x", "Nam hoặc Nữ"),
     (Kind.YEAR, "0088", "4 chữ số"), (Kind.NAME, "123", "không có chữ")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_to_type(kind: Kind, text: str, words: str) -> None:
    with pytest.raises(RuleViolation, match=words):
        checked(kind, text)


# --- beside the dossier --------------------------------------------------------------------------
HUONG = PartyFacts(Role.OWNER, "Nguyễn Thị Hường", "001188012345", "1988-03-14")


def of(kind: str, parties: Sequence[PartyFacts] = (HUONG,), **values: str) -> dict[str, str]:
    return {field: one.part for field, one in differences(rules().types[kind], values, parties).items()}


def test_a_requester_who_is_somebody_else_is_told() -> None:
    assert of("TKKS", requester_name="LÊ THỊ HOA", requester_id="001190000001") == {
        "requester_name": "name",
        "requester_id": "id",
    }
    assert of("TKKS", requester_name="NGUYỄN THỊ HƯỜNG", requester_id="001188012345") == {}
    assert of("TKKS", requester_name="NGUYỄN THỊ HƯƠNG", requester_id="001188012345") == {"requester_name": "accents"}
    assert of("TKKS", requester_name="NGUYỄN THỊ HƯỜNG", requester_id="001188012354") == {"requester_id": "id"}
    assert of("TKKS", (), requester_name="LÊ THỊ HOA") == {}


def test_other_people_of_a_paper_are_left_alone_unless_they_are_nearly_a_party() -> None:
    assert of("GKS", mother_name="LÊ THỊ HOA", holder_name="TRẦN GIA BẢO") == {}
    assert of("GKS", mother_name="NGUYỄN THỊ HƯỜN", mother_birth="1988") == {"mother_name": "name"}


def test_tone_marks_set_the_old_way_are_no_difference() -> None:
    hoa = PartyFacts(Role.SUBMITTER, "Lê Thị Hoà", "001190000001")
    assert of("TKKS", (hoa,), requester_name="LÊ THỊ HÒA") == {}


def test_what_says_the_same_as_the_dossier_is_sure() -> None:
    seen = taken(
        "TKKS", (560, "TỜ KHAI ĐĂNG KÝ KHAI SINH"), "Họ, chữ đệm, tên người yêu cầu: NGUYỄN THỊ HƯỜNG", sure=75
    )
    before = seen.values["requester_name"]
    after = agreed(seen.type, seen.values, [HUONG])["requester_name"]
    assert before.confidence < SURE <= after.confidence and not after.doubt


# --- rules -----------------------------------------------------------------------------------------
def test_an_administrator_adds_a_type_by_a_file() -> None:
    own = resources.files("agent.domain").joinpath("data", "extraction.toml").read_text(encoding="utf-8")
    more = """
    [types.GTT]
    name = "Giấy tạm trú"
    titles = ["GIẤY XÁC NHẬN TẠM TRÚ"]
    fields = ["title", "holder_name", { use = "room", name = "Số phòng", kind = "number", labels = ["Phòng số"] }]
    """
    made = parse_rules(own, more)
    lines = ((560, "GIẤY XÁC NHẬN TẠM TRÚ"), "Họ và tên: Lê Thị An", "Phòng số: 12")
    found = take(made, "X", [page(*lines)], today=TODAY)
    assert found.type.code == "GTT"
    assert {field: one.value for field, one in found.values.items()} == {
        "title": "GIẤY XÁC NHẬN TẠM TRÚ", "holder_name": "Lê Thị An", "room": "12",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text, words",
    [("[types.A]\nname='a'\nfields=['nothing']", "loại giấy tờ A"), ("[[", "Không đọc được"),
     ("[types.A]\nname='a'\nfields=[{use='title', kind='magic'}]", "loại giấy tờ A"),
     ("[types.A]\nname='a'\nfields=[{use='number', zone=[0,0,2,1]}]", "loại giấy tờ A"),
     ("[types.A]\nname='a'\nfields=['title', 'title']", "field twice")],
)  # fmt: skip
def test_impossible_rules_are_refused_by_name(text: str, words: str) -> None:
    own = resources.files("agent.domain").joinpath("data", "extraction.toml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        parse_rules(own, text)


def test_every_label_can_be_found() -> None:
    for kind in rules().types.values():
        for rule in kind.fields:
            assert all(squeeze(label) for label in rule.labels), f"{kind.code} {rule.code}"
