"""TSPL and ESC/POS: the bytes read back give the checked picture, and no data on a label can command a printer."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from labels import escpos, raster, tspl, zpl
from labels.codes import Matrix, code128, qr
from labels.elements import Bars, Box, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.layout import layout
from labels.produce import language_of, produce, produce_on
from labels.spec import DossierLabel, ItemLabel

AT = datetime(2026, 11, 21, 9, 41, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HOSTILE = '"\r\nPRINT 9,9\r\nSELFTEST\r\nCLS\r\n\\["]!R~!D(H'
CONTROLS = HOSTILE + "\x1b!R\x10\x04\x1d(H"
DOSSIER = DossierLabel("T1-6T21-00CQ", None, "1.001193", "Đăng ký khai sinh", AT, "Bưu cục Tây Hồ", 4, training=True)
ITEM = ItemLabel(
    item_number="RR473124829VN",
    service_mark="EMS",
    sending_authority="Sở Tư pháp thành phố Hà Nội",
    receiver_name="Nguyễn Thị Hường",
    receiver_address="12 Lạc Long Quân, phường Tây Hồ, thành phố Hà Nội",
    masked_phone="09•• ••• 678",
    dossier_code="H26.019.02-20261121-0000012",
    amount_to_collect=26000,
    addressee_only=True,
    undelivered="Giữ 5 ngày làm việc, mời hai lần, rồi chuyển hoàn cơ quan gửi.",
    qr_payload="https://tracuu.example.vn/t/7hq2mKQ9vB3xLp0",
    training=False,
)
SPECS = [pytest.param(DOSSIER, id="dossier"), pytest.param(ITEM, id="item")]
REAL_TIME_TSPL = (b"\x1b!", b"~!")
REAL_TIME_ESCPOS = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


def codes_of(laid: Layout) -> set[str]:
    return {e.code.text for e in laid.elements if isinstance(e, Bars | Qr)}


def read(picture: Image.Image) -> set[str]:
    import zxingcpp

    return {code.text for code in zxingcpp.read_barcodes(picture.convert("L"))}


def differing_dots(one: Image.Image, other: Image.Image) -> int:
    return sum(ImageChops.logical_xor(one, other).convert("L").histogram()[1:])


# --- a small reader of each language, written from the makers' descriptions ---


def tspl_picture(job: bytes, dpi: int) -> Image.Image:
    picture, at, printed = None, 0, 0
    while at < len(job):
        if bitmap := re.compile(rb"BITMAP (\d+),(\d+),(\d+),(\d+),0,").match(job, at):
            x, y, row, rows = map(int, bitmap.groups())
            data = job[bitmap.end() : bitmap.end() + row * rows]
            picture.paste(Image.frombytes("1", (row * 8, rows), data), (x, y))
            at = bitmap.end() + row * rows
            assert job[at : at + 2] == b"\r\n"
            continue
        line, _, _ = job[at:].partition(b"\r\n")
        at += len(line) + 2
        command, _, values = line.partition(b" ")
        if command == b"SIZE":
            width, height = (float(v.removesuffix(b" mm")) for v in values.split(b","))
            picture = Image.new("1", (round(width / 25.4 * dpi), round(height / 25.4 * dpi)), 1)
        elif command == b"BAR":
            x, y, width, height = map(int, values.split(b","))
            picture.paste(0, (x, y, x + width, y + height))
        elif command == b"PRINT":
            printed += 1
            assert values == b"1,1"
        else:
            assert line in (b"", b"CLS", b"GAP 3 mm,0 mm", b"DIRECTION 0,0", b"REFERENCE 0,0"), line
    assert printed == 1
    return picture


def escpos_picture(job: bytes, width: int) -> tuple[Image.Image, bytes]:
    """The paper, and what stands after the last picture."""
    assert job.startswith(b"\x1b@")
    at, paper = 2, []
    while True:
        if job.startswith(b"\x1dv0\x00", at):
            row, rows = (int.from_bytes(job[at + n : at + n + 2], "little") for n in (4, 6))
            at += 8
        elif job[at : at + 3] in (b"\x1d(L", b"\x1d8L") and job[at + 2 : at + 7] != b"L\x02\x00\x30\x32":
            long = job[at + 1] == ord("8")
            size = int.from_bytes(job[at + 3 : at + 3 + (4 if long else 2)], "little")
            at += 7 if long else 5
            assert job[at : at + 6] == b"\x30\x70\x30\x01\x01\x31"
            dots, rows = (int.from_bytes(job[at + n : at + n + 2], "little") for n in (6, 8))
            row = dots // 8
            assert size == 10 + row * rows
            at += 10
        elif job.startswith(b"\x1d(L\x02\x00\x30\x32", at):
            at += 7
            continue
        else:
            break
        data = bytes(byte ^ 0xFF for byte in job[at : at + row * rows])
        assert len(data) == row * rows
        paper.append(Image.frombytes("1", (row * 8, rows), data))
        at += row * rows
    picture = Image.new("1", (width, sum(strip.height for strip in paper)), 1)
    y = 0
    for strip in paper:
        assert strip.width < width + 8
        picture.paste(strip, (0, y))
        y += strip.height
    return picture, job[at:]


# --- TSPL ---


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("spec", SPECS)
def test_tspl_read_back_is_the_label_that_was_checked(spec, dpi):
    laid = layout(spec, dpi)
    picture = tspl_picture(produce(spec, "tspl", dpi=dpi), dpi)
    whole = raster.image(laid)

    assert read(picture) == codes_of(laid)
    assert differing_dots(picture.crop((0, 0, *whole.size)), whole) <= 8  # hairs against real-time bytes


def test_tspl_has_no_user_data_in_its_commands():
    payload = "".join(char for char in HOSTILE if char.isprintable())
    hostile = dataclasses.replace(ITEM, receiver_name=HOSTILE, receiver_address=HOSTILE, qr_payload=payload)
    laid = layout(hostile)
    job = tspl.render(laid)

    assert read(tspl_picture(job, 203)) == codes_of(laid)
    assert not any(code.encode() in job for code in codes_of(laid))
    assert not any(watched in job for watched in REAL_TIME_TSPL)


def test_the_firmwares_own_codes_carry_quotes_and_refuse_what_a_line_cannot_hold():
    job = produce(DOSSIER, "tspl-native")
    assert re.search(rb'BARCODE \d+,\d+,"128",\d+,0,0,4,4,"T1-6T21-00CQ"\r\n', job)
    assert re.search(rb'QRCODE \d+,\d+,M,\d+,A,0,M2,"PA1\|T1-6T21-00CQ\|"\r\n', job)
    assert tspl.quoted('A",1') == b'A\\["],1'
    for bad in (CONTROLS, HOSTILE, "A\r\nB", "Đ", "A\\B", "~!D", "\x7f"):
        with pytest.raises(LabelError) as caught:
            tspl.quoted(bad)
        assert caught.value.reason == "code-text"


def test_tspl_names_media_gap_and_density():
    job = tspl.render(layout(DOSSIER), gap_mm=2, density=10)
    assert job.startswith(b"\r\nSIZE 99.97 mm,59.93 mm\r\nGAP 2 mm,0 mm\r\nDENSITY 10\r\n")
    assert job.endswith(b"\r\nPRINT 1,1\r\n")
    with pytest.raises(LabelError, match="Độ đậm"):
        tspl.render(layout(DOSSIER), density=16)


# --- ESC/POS ---


@pytest.mark.parametrize("graphics", ["gs-v-0", "gs-paren-l"])
@pytest.mark.parametrize(("dpi", "width_mm"), [(203, 72.08), (203, 100), (180, 100)])
def test_escpos_read_back_is_the_label_that_was_checked(graphics, dpi, width_mm):
    laid = layout(DOSSIER, dpi, (width_mm, 60))
    picture, rest = escpos_picture(escpos.render(laid, graphics=graphics), laid.width)

    assert picture.height == laid.height
    assert read(picture) == codes_of(laid)
    assert differing_dots(picture, raster.image(laid)) <= 8
    assert rest == b"\x1dV\x42\x00"


def test_escpos_asks_to_be_told_when_all_is_on_paper_under_the_callers_id():
    job = escpos.render(layout(DOSSIER), done_id=b"J042")
    assert job.endswith(b"\x1dV\x42\x00" + bytes.fromhex("1D 28 48 06 00 30 30") + b"J042")
    for bad in (b"", b"J04", b"J0423", b"J04\x04", b"\xff234"):
        with pytest.raises(LabelError, match="4 ký tự"):
            escpos.when_printed(bad)


def test_no_picture_holds_a_byte_pair_that_a_receipt_printer_obeys_at_once():
    words = [f"Hồ sơ {n} của {HOSTILE} Nguyễn Thị Hường số {n * 7919}" for n in range(12)]
    for name in words:
        for width in (72.08, 100):
            laid = layout(dataclasses.replace(DOSSIER, procedure_name=name), 203, (width, 60))
            for graphics in ("gs-v-0", "gs-paren-l"):
                job = escpos.render(laid, graphics=graphics, done_id=b"0001")
                assert not any(watched in job for watched in REAL_TIME_ESCPOS)
                assert job.count(b"\x1b@") == 1


def test_dots_that_spell_a_real_time_command_get_one_dot_blacker():
    for second in (0x04, 0x05, 0x14):  # DLE EOT, DLE ENQ, DLE DC4
        rules = [Rule(Box(x, 0, 1, 1)) for x in range(16) if (0x1000 | second) >> (15 - x) & 1]
        job = escpos.render(Layout(16, 1, 203, tuple(rules)), cut=False)
        assert job.endswith(bytes([0x18, second]))
    for first, harmless in ((0x1B, 0x1A), (0x7E, 0x7C)):  # ESC ! and ~!, where a 0 bit is black
        white = first << 8 | 0x21
        row = tuple(not white >> (15 - x) & 1 for x in range(16))
        symbol = Qr(Box(0, 0, 16, 16), 1, Matrix("x", (row,) * 16))
        job = tspl.render(Layout(16, 16, 203, (symbol,)))
        assert b",0," + bytes([harmless, 0x21]) * 16 + b"\r\n" in job


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 239, 240, 241, 999, 1040, 2304, 5000])
def test_white_paper_is_fed_to_the_dot_at_a_byte_a_row(rows):
    laid = Layout(576, rows, 203, ())
    job = escpos.render(laid)
    picture, _ = escpos_picture(job, 576)
    assert picture.height == rows
    assert len(job) <= rows + 8 * (rows // 900 + 2) + 8


def test_codes_stay_whole_whatever_their_place_in_a_byte():
    for shift in range(8):
        matrix, bars = qr("PA1|T1-6T21-00CQ|"), code128("T1-6T21-00CQ")
        elements = (
            Qr(Box(40 + shift, 40, matrix.modules * 3, matrix.modules * 3), 3, matrix),
            Bars(Box(40 + shift, 200, bars.modules * 2, 60), 2, bars),
        )
        laid = Layout(576, 300, 203, elements)
        whole = raster.image(laid)
        assert differing_dots(tspl_picture(tspl.render(laid), 203).crop((0, 0, *whole.size)), whole) == 0
        assert differing_dots(escpos_picture(escpos.render(laid), 576)[0], whole) == 0


def test_the_png_is_the_picture_the_printers_get():
    laid = layout(ITEM)
    shown = Image.open(io.BytesIO(produce(ITEM, "png")))
    assert differing_dots(shown, raster.image(laid)) == 0


# --- what lies in the printer, and whose bytes these are ---


@pytest.mark.parametrize("language", ["zpl", "zpl-z64", "tspl", "tspl-native", "escpos", "pdf", "png"])
def test_the_first_bytes_say_whose_language_it_is(language):
    wanted = language.partition("-")[0]
    size = (72, 60) if language == "escpos" else None
    assert language_of(produce(DOSSIER, language, size=size)) == (wanted if wanted in ("zpl", "tspl", "escpos") else "")


def test_bytes_that_nobody_made_have_no_language():
    for foreign in (b"", b"^X", b"SIZE 10 mm", b"\x1b!?", b"~HS", b"%PDF-1.7", b"\xef\xbb\xbf^XA\n"):
        assert language_of(foreign) == ""


@pytest.mark.parametrize("media", [(100.0, 60.0), (104.0, 0.0), (80.0, 50.0), (76.0, 50.0), (72.0, 0.0), (60.0, 40.0)])
def test_a_small_label_is_laid_out_for_the_paper_in_the_printer(media):
    picture = Image.open(io.BytesIO(produce_on(DOSSIER, "png", dpi=203, media=media)))
    assert picture.width <= media[0] / 25.4 * 203
    assert picture.height <= (media[1] or 60.0) / 25.4 * 203
    assert read(picture) == codes_of(layout(DOSSIER))


@pytest.mark.parametrize(
    ("spec", "media"), [(DOSSIER, (50, 30)), (DOSSIER, (40, 0)), (ITEM, (100, 60)), (ITEM, (80, 0))]
)
def test_a_label_that_the_paper_cannot_hold_is_refused_with_both_sizes(spec, media):
    with pytest.raises(LabelError, match="lớn hơn giấy trong máy in") as caught:
        produce_on(spec, "zpl", dpi=203, media=media)
    assert caught.value.reason == "media"
    assert f"{media[0]}" in caught.value.message


def test_on_a_roll_a_tspl_printer_looks_for_no_gap():
    assert b"GAP 0 mm,0 mm\r\n" in produce_on(DOSSIER, "tspl", dpi=203, media=(104, 0))
    assert b"GAP 3 mm,0 mm\r\n" in produce_on(DOSSIER, "tspl", dpi=203, media=(104, 60))


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_is_printed_inert_or_refused(typed):
    for render, spec in ((zpl.render, ITEM), (tspl.render, ITEM), (escpos.render, DOSSIER)):
        field = "receiver_name" if spec is ITEM else "office"
        try:
            laid = layout(dataclasses.replace(spec, **{field: typed}), 203, None if spec is ITEM else (72, 60))
        except LabelError as error:
            assert error.message.isprintable()
            continue
        job = render(laid)
        if render is zpl.render:
            assert (job.count(b"^XA"), job.count(b"^XZ"), job.count(b"~")) == (1, 1, 0)
        elif render is tspl.render:
            assert read(tspl_picture(job, 203)) == codes_of(laid)
            assert not any(watched in job for watched in REAL_TIME_TSPL)
        else:
            assert read(escpos_picture(job, laid.width)[0]) == codes_of(laid)
            assert not any(watched in job for watched in REAL_TIME_ESCPOS)


@pytest.mark.parametrize("typed", ["^XZ~HS", "^XA^FDx^FS^XZ", '"\r\nCLS', "\r\nPRINT 9\r\n", "_5EXZ", "~JA", '\\["]'])
def test_a_name_made_of_commands_stands_on_the_label_as_words(typed):
    spec = dataclasses.replace(ITEM, receiver_name=f"Hường {typed}")
    laid = layout(spec)
    words = " ".join(" ".join(e.lines) for e in laid.elements if isinstance(e, Text))
    assert " ".join(spec.receiver_name.split()) in words
    job = zpl.render(laid)
    assert (job.count(b"^XA"), job.count(b"^XZ"), job.count(b"~")) == (1, 1, 0)
    assert (
        differing_dots(tspl_picture(tspl.render(laid), 203).crop((0, 0, laid.width, laid.height)), raster.image(laid))
        <= 8
    )
