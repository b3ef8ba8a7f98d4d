"""Sheets for the office's printer: covers read whichever way they are fed, cards and set-up codes that scan."""

from __future__ import annotations

import dataclasses

import pytest
from PIL import Image

from labels.errors import LabelError
from labels.payload import (
    BadgeCode,
    Command,
    CommandCode,
    ComponentCode,
    ProcedureCode,
    ReaderTestCode,
    read_code,
)
from labels.sheets.cards import COMMAND_WORDS, Badge, CommandCard, ProcedureCard, cards
from labels.sheets.cover import CoverSheet, covers
from labels.sheets.reader_setup import LINEAR_TEST, MATRIX_TEST, NEWLAND_EXAMPLE, ReaderModel, SetUpStep, set_up

UID = "0192f3c4-7a1b-7c3d-8e5f-0a1b2c3d4e5f"
PAPER_200 = ("Hợp đồng hoặc văn bản về việc thực hiện các quyền của người sử dụng đất đã công chứng; " * 3)[
    :200
].strip()
PLACE = "Bưu cục Trung tâm Phục vụ hành chính công phường Xuân Phương, thành phố Hà Nội"
COVER = CoverSheet(
    "T1-6T21-00CQ", "TP-02", "Giấy chứng sinh", 2, 4, "Đăng ký khai sinh", "Bưu cục Tây Hồ", training=False
)
WORST_COVER = CoverSheet("TTTT-6T21-00CQ", UID, PAPER_200, 25, 25, PAPER_200, PLACE, training=True)
PROCEDURE = ProcedureCard("1.001193", "Đăng ký khai sinh", "Hộ tịch")
WORST_PROCEDURE = ProcedureCard("1.013978.000.00.00.H26", PAPER_200, PAPER_200)
BADGE = Badge("lan.anh", "Trần Lan Anh", "Giao dịch viên", "Bưu cục Tây Hồ")
WORST_BADGE = Badge("nguyen.phuoc.bao.quynh", "Công Tằng Tôn Nữ Nguyễn Phước Bảo Quỳnh Đặng Trần", PLACE, PLACE)


def pictures(data: bytes, dpi: int = 200) -> list[Image.Image]:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]


def text(data: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())


def read(picture: Image.Image) -> list[tuple[str, str]]:
    import zxingcpp

    return sorted((code.text, str(code.format)) for code in zxingcpp.read_barcodes(picture))


@pytest.mark.parametrize("sheet", [COVER, WORST_COVER], ids=["plain", "worst"])
def test_a_cover_sheet_is_read_upright_upside_down_skewed_and_coarse(sheet):
    kinds = ["Code 128", "Code 128", "QR Code", "QR Code"]
    (sharp,) = pictures(covers([sheet]), 300)
    (coarse,) = pictures(covers([sheet]), 200)
    for picture in (
        sharp,
        sharp.rotate(180),
        coarse,
        coarse.rotate(2, fillcolor=255),
        coarse.rotate(177, fillcolor=255),
    ):
        found = read(picture)
        assert {said for said, _ in found} == {sheet.payload}
        assert len(found) == len(kinds)
    assert read_code(sheet.payload) == ComponentCode(sheet.provisional, sheet.component)


def test_a_cover_sheet_fed_upside_down_has_its_codes_at_the_top_left_again():
    import zxingcpp

    (page,) = pictures(covers([COVER]), 200)
    head = (0, 0, page.width, round(90 / 25.4 * 200))
    for part in (page.crop(head), page.rotate(180).crop(head)):
        found = zxingcpp.read_barcodes(part)
        assert [(code.text, code.orientation) for code in found] == [(COVER.payload, 0)] * 2


def test_a_dossiers_covers_are_a_page_each_in_order():
    sheets = [dataclasses.replace(COVER, component=f"TP-{n:02}", position=n, of=3) for n in (1, 2, 3)]
    pages = pictures(covers(sheets), 150)
    assert [{said for said, _ in read(page)} for page in pages] == [{sheet.payload} for sheet in sheets]
    with pytest.raises(LabelError):
        covers([])


def test_the_papers_whole_name_stands_on_its_cover_and_no_person():
    words = text(covers([WORST_COVER])).replace("\ufffe", "")
    assert PAPER_200 in words
    assert "TẬP HUẤN" in words
    assert "TẬP HUẤN" not in text(covers([COVER]))


def test_every_card_scans_and_says_what_it_is():
    chosen = [PROCEDURE, WORST_PROCEDURE, BADGE, WORST_BADGE, *(CommandCard(command) for command in Command)]
    pages = pictures(cards(chosen))
    assert len(pages) == 2
    found = [read(page) for page in pages]
    said = {read_code(said) for page in found for said, _ in page}
    assert [len(page) for page in found] == [16, 8]
    assert said == {
        ProcedureCode(PROCEDURE.code),
        ProcedureCode(WORST_PROCEDURE.code),
        BadgeCode(BADGE.holder),
        BadgeCode(WORST_BADGE.holder),
        *(CommandCode(command) for command in Command),
    }


def test_every_command_has_its_words():
    assert set(COMMAND_WORDS) == set(Command)
    words = text(cards([CommandCard(command) for command in Command]))
    assert all(word in words for word, _ in COMMAND_WORDS.values())


@pytest.mark.parametrize("bad", ["", "lan|anh", "lân", "x" * 49, "a\nb"])
def test_a_badge_whose_name_no_code_carries_is_refused(bad):
    with pytest.raises(LabelError) as caught:
        cards([dataclasses.replace(BADGE, holder=bad)])
    assert caught.value.reason == "code-text"


def test_words_too_long_for_a_card_are_refused():
    with pytest.raises(LabelError) as caught:
        cards([dataclasses.replace(PROCEDURE, name=PAPER_200 * 4)])
    assert caught.value.reason == "too-long"


def test_a_readers_sheet_holds_the_makers_codes_and_two_tests_and_says_it_is_an_example():
    made = set_up(NEWLAND_EXAMPLE)
    found = {said for page in pictures(made) for said, _ in read(page)}
    assert found == {LINEAR_TEST, MATRIX_TEST, *(step.text for step in NEWLAND_EXAMPLE.steps)}
    assert "CHƯA KIỂM CHỨNG" in text(made)
    tried = ReaderModel("Kiểu A", (SetUpStep("Bật CR", "@TSUSET0D", tried=True),))
    assert "CHƯA KIỂM CHỨNG" not in text(set_up(tried))
    assert read_code(MATRIX_TEST + "\r") == ReaderTestCode("2", "Đặng Thị Ngưỡng Ẳng Ậm ưu ơi")


def test_a_long_set_up_goes_on_a_second_page():
    steps = tuple(SetUpStep(f"Bước {n}", f"@CODE{n:03}") for n in range(20))
    pages = pictures(set_up(ReaderModel("Kiểu B", steps)))
    assert [len(read(page)) for page in pages] == [8, 8, 6]
    with pytest.raises(LabelError):
        set_up(ReaderModel("Kiểu C", ()))


def test_sheets_are_the_same_bytes_for_the_same_words():
    assert covers([COVER]) == covers([COVER])
    assert cards([PROCEDURE]) == cards([PROCEDURE])
    assert set_up(NEWLAND_EXAMPLE) == set_up(NEWLAND_EXAMPLE)
