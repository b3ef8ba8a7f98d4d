"""Labels: what the printer prints can be read back, holds whole names, and cannot be commanded by data."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import shutil
import subprocess
import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from labels import check, codes, pdf, raster, zpl
from labels.elements import Bars, Box, Layout, Qr, Text
from labels.errors import LabelError
from labels.layout import layout
from labels.paper import RESOLUTIONS, TRAINING
from labels.payload import DossierCode, dossier_payload, read_code
from labels.produce import RENDERERS, produce
from labels.spec import DossierLabel, ItemLabel, Spec

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 21, 9, 41, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DOSSIER = DossierLabel("T3-26N21-0C7K", None, "1.001193", "Đăng ký khai sinh", AT, "Bưu cục Tây Hồ", 4, training=False)
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
NAME_200 = ("Công Tằng Tôn Nữ Ngưỡng Ẳng Ậm Ỵ Nguyễn Phước Bảo Quỳnh Đặng Trần Thụy Khuê " * 3)[:200].strip()
ADDRESS_200 = ("Căn hộ 1208, tòa nhà B2, số 106 đường Hoàng Quốc Việt, phường Nghĩa Đô, Hà Nội; " * 3)[:200].strip()
WORST_DOSSIER = dataclasses.replace(
    DOSSIER,
    official="H26.019.02-20261121-0000012",
    procedure_code="1.013978.000.00.00.H26",
    procedure_name=("Đăng ký, cấp Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền " * 3)[:160],
    office="Bưu cục Trung tâm Phục vụ hành chính công phường Xuân Phương",
    component_count=25,
    training=True,
)
WORST_ITEM = dataclasses.replace(
    ITEM,
    service_mark="BƯU PHẨM BẢO ĐẢM",
    sending_authority=ADDRESS_200,
    receiver_name=NAME_200,
    receiver_address=ADDRESS_200,
    undelivered=ADDRESS_200,
    amount_to_collect=123_456_789,
    training=True,
)
ALL = [DOSSIER, WORST_DOSSIER, ITEM, WORST_ITEM]
IDS = ["dossier", "worst dossier", "item", "worst item"]


def wanted(spec: Spec) -> set[str]:
    if isinstance(spec, DossierLabel):
        return {spec.provisional, spec.payload}
    return {spec.item_number, spec.qr_payload}


def read(picture: Image.Image) -> set[str]:
    import zxingcpp

    return {code.text for code in zxingcpp.read_barcodes(picture.convert("L"))}


def pdf_picture(data: bytes, dpi: int) -> Image.Image:
    import pypdfium2

    return pypdfium2.PdfDocument(data)[0].render(scale=dpi / 72).to_pil()


def pdf_text(data: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    pages = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
    return " ".join(" ".join(pages).split())


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("spec", ALL, ids=IDS)
def test_the_codes_on_a_png_label_decode_at_the_printers_resolution(spec, dpi):
    picture = Image.open(io.BytesIO(produce(spec, "png", dpi=dpi)))

    assert picture.mode == "1"
    assert round(picture.info["dpi"][0]) == dpi
    assert read(picture) == wanted(spec)


@pytest.mark.parametrize("spec", ALL, ids=IDS)
def test_the_codes_on_a_pdf_label_decode_as_a_printer_would_raster_it(spec):
    made = produce(spec, "pdf", dpi=203)

    assert read(pdf_picture(made, 203)) == wanted(spec)
    assert read(pdf_picture(made, 600)) == wanted(spec)


@pytest.mark.parametrize("spec", ALL, ids=IDS)
def test_every_language_gives_the_same_bytes_for_the_same_label(spec):
    for language in RENDERERS:
        assert produce(spec, language) == produce(spec, language)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("spec", ALL, ids=IDS)
def test_modules_are_whole_dots_and_bars_are_tall_enough_to_scan(spec, dpi):
    laid = layout(spec, dpi)
    bars = next(e for e in laid.elements if isinstance(e, Bars))
    symbol = next(e for e in laid.elements if isinstance(e, Qr))

    assert 0.24 <= bars.module * 25.4 / dpi <= 0.51
    assert bars.box.height * 25.4 / dpi >= 12.5
    assert bars.box.width == bars.module * bars.code.modules
    assert len(bars.bars()) == (len(bars.code.runs) + 1) // 2
    assert symbol.module * 25.4 / dpi >= 0.36


def test_an_s10_number_has_half_millimetre_modules_on_a_200_dpi_printer():
    bars = next(e for e in layout(ITEM, 203).elements if isinstance(e, Bars))
    assert (bars.module, bars.code.modules) == (4, 156)


def test_a_whole_long_name_and_address_stand_on_the_item_label():
    laid = layout(WORST_ITEM)
    printed = {" ".join(e.lines) for e in laid.elements if isinstance(e, Text)}

    assert {NAME_200, ADDRESS_200} <= printed
    assert NAME_200 in pdf_text(pdf.render(laid)).replace("\ufffe", "")


def test_no_line_of_text_leaves_its_box_on_paper():
    for spec in ALL:
        laid = layout(spec, 203)
        for text in (e for e in laid.elements if isinstance(e, Text)):
            alone = raster.image(
                Layout(laid.width, laid.height, 203, (dataclasses.replace(text, reverse=False),))
            ).point(lambda dot: 0 if dot else 255, mode="1")
            left, top, right, bottom = alone.getbbox()
            box = text.box
            assert (left, top) >= (box.x - 2, box.y - 1)
            assert right <= box.x + box.width + 2
            assert bottom <= box.y + box.height + 1


def test_a_name_too_long_for_any_size_is_refused_not_cut_off():
    with pytest.raises(LabelError) as caught:
        layout(dataclasses.replace(ITEM, receiver_name="Nguyễn Thị Hường " * 60))
    assert caught.value.reason == "too-long"


def test_a_procedures_name_may_end_in_an_ellipsis_because_its_code_stands_beside_it():
    laid = layout(dataclasses.replace(DOSSIER, procedure_name="Cấp giấy chứng nhận quyền sử dụng đất " * 20))
    texts = [" ".join(e.lines) for e in laid.elements if isinstance(e, Text)]
    assert any(t.startswith("1.001193 ") and t.endswith("…") for t in texts)


def test_names_typed_in_decomposed_unicode_are_printed_composed():
    decomposed = unicodedata.normalize("NFD", ITEM.receiver_name)
    assert produce(dataclasses.replace(ITEM, receiver_name=decomposed), "png") == produce(ITEM, "png")


def test_training_stands_on_the_label_only_in_training():
    def texts(spec: Spec) -> set[str]:
        return {line for e in layout(spec).elements if isinstance(e, Text) for line in e.lines}

    assert TRAINING in texts(WORST_DOSSIER)
    assert TRAINING in texts(WORST_ITEM)
    assert TRAINING not in texts(DOSSIER) | texts(ITEM)


def test_a_dossier_label_has_no_field_for_a_person_and_an_item_label_none_for_an_id_or_procedure():
    dossier = {f.name for f in dataclasses.fields(DossierLabel)}
    item = {f.name for f in dataclasses.fields(ItemLabel)}
    assert not re.search("person|citizen|phone|address|owner|applicant", " ".join(dossier))
    assert not re.search("citizen|identity|procedure", " ".join(item))


def test_an_unmasked_phone_is_refused_on_a_label():
    with pytest.raises(LabelError, match="che bớt"):
        dataclasses.replace(ITEM, masked_phone="0912 345 678")


def test_a_qr_payload_tells_the_numbers_back():
    assert read_code(dossier_payload("T3-26N21-0C7K", None)) == DossierCode("T3-26N21-0C7K", None)
    assert read_code(WORST_DOSSIER.payload) == DossierCode(WORST_DOSSIER.provisional, WORST_DOSSIER.official)
    assert read_code("https://example.vn") is None
    with pytest.raises(LabelError):
        dossier_payload("T3|x", None)


# --- ZPL ---

HOSTILE = "^XA~JR^FS^XZ~HS~DY^FDx^CI0\r\n_5E_7E"


def commands(job: bytes) -> set[str]:
    return set(re.findall(r"[\^~][A-Z][A-Z0-9@]", job.decode("ascii")))


def test_data_that_looks_like_printer_commands_stays_inert():
    names = {
        "receiver_name": HOSTILE,
        "receiver_address": HOSTILE,
        "undelivered": HOSTILE,
        "qr_payload": "".join(c for c in HOSTILE if c.isprintable()),
        "service_mark": "^XA~JR",
        "sending_authority": HOSTILE,
    }
    laid = layout(dataclasses.replace(ITEM, **names, dossier_code="^XA~JR"))
    job = zpl.render(laid)

    assert commands(job) == commands(zpl.render(layout(ITEM)))
    assert (job.count(b"^XA"), job.count(b"^XZ"), job.count(b"~")) == (1, 1, 0)


def test_a_bar_code_takes_plain_ascii_only():
    for bad in ("Đ12", "A\x1dB", "", "A" * 65, "A>5B"):
        with pytest.raises(LabelError) as caught:
            codes.code128(bad)
        assert caught.value.reason == "code-text"


def test_a_qr_code_takes_printable_characters_only():
    assert codes.qr("Nguyễn Thị Hường").text == "Nguyễn Thị Hường"
    for bad in ("", "A\nB", "A\x1dB", "\ud800", "A" * 301):
        with pytest.raises(LabelError) as caught:
            codes.qr(bad)
        assert caught.value.reason == "code-text"


def test_zpl_prints_one_copy_and_resets_the_bar_height_before_the_qr():
    job = zpl.render(layout(ITEM)).decode("ascii")
    assert job.startswith("^XA\n^CI28")
    assert "^PQ1,0,1,N\n^XZ" in job
    assert re.search(r"\^BY2,2,1\^FO\d+,\d+\^BQN,2,", job)


def expand(packed: str, row: int) -> str:
    """Zebra's ASCII compression read back, written from its description."""
    rows: list[str] = []
    line, count = "", 0
    for char in packed:
        if "G" <= char <= "Y":
            count += ord(char) - ord("F")
        elif "g" <= char <= "z":
            count += 20 * (ord(char) - ord("f"))
        elif char == ",":
            line = line.ljust(row * 2, "0")
        elif char == ":":
            line = rows[-1]
        else:
            line, count = line + char * max(1, count), 0
        if len(line) == row * 2:
            rows.append(line)
            line = ""
    assert not line
    return "".join(rows)


def test_compressed_bitmaps_expand_to_the_same_dots():
    import random

    rng = random.Random(7)
    for row in (1, 2, 31, 100, 300):
        data = b"".join(
            bytes(rng.choice((0, 0, 0, 255, rng.randrange(256))) for _ in range(row)) * rng.choice((1, 3))
            for _ in range(8)
        )
        data += bytes(row) + b"\xff" * row
        assert bytes.fromhex(expand(zpl.compress(data, row), row)) == data


def renderer() -> str:
    node = shutil.which("node")
    if not node or not (ROOT / "node_modules" / "zpl-renderer-js").is_dir():
        pytest.skip("node or node_modules/zpl-renderer-js is missing: run `npm ci`")
    return node


def rendered(job: bytes, width: int, height: int, dpmm: int = 8) -> Image.Image:
    tool = ROOT / "tests" / "tools" / "render_zpl.mjs"
    arguments = [renderer(), str(tool), str(width), str(height), str(dpmm)]
    done = subprocess.run(arguments, input=job, capture_output=True, timeout=60, check=True)
    return Image.open(io.BytesIO(done.stdout))


@pytest.mark.parametrize("language", ["zpl", "zpl-z64"])
@pytest.mark.parametrize(("spec", "height"), [(DOSSIER, 60), (WORST_DOSSIER, 60), (ITEM, 150), (WORST_ITEM, 150)])
def test_another_makers_renderer_prints_the_zpl_so_that_its_codes_decode(spec, height, language):
    picture = rendered(produce(spec, language), 100, height)
    assert read(picture) == wanted(spec)


def test_the_renderer_puts_every_dot_of_text_where_the_layout_has_it():
    laid = layout(WORST_ITEM)
    ours = raster.image(laid).convert("L")
    theirs = rendered(zpl.render(laid), 100, 150).convert("L").point(lambda v: 255 if v > 127 else 0)
    for part in (e.box for e in laid.elements if isinstance(e, Text)):
        corners = (part.x, part.y, part.x + part.width, part.y + part.height)
        assert ours.crop(corners).tobytes() == theirs.crop(corners).tobytes()


# --- the check before printing ---


def test_a_label_whose_code_is_damaged_is_refused():
    laid = layout(DOSSIER)
    bars = next(e for e in laid.elements if isinstance(e, Bars))
    broken = dataclasses.replace(bars, code=dataclasses.replace(bars.code, text="T3-26N21-0C7L"))
    with pytest.raises(LabelError) as caught:
        check.readable(dataclasses.replace(laid, elements=(broken,)))
    assert caught.value.reason == "unreadable"


def test_a_label_with_text_in_a_codes_quiet_zone_or_off_its_edge_is_refused():
    laid = layout(DOSSIER)
    bars = next(e for e in laid.elements if isinstance(e, Bars))
    near = Text(Box(bars.box.x - 20, bars.box.y, 15, 20), ("x",), 16)
    off = Text(Box(laid.width - 5, 10, 20, 20), ("x",), 16)
    for text, reason in ((near, "overlap"), (off, "off-label")):
        with pytest.raises(LabelError) as caught:
            check.readable(dataclasses.replace(laid, elements=(bars, text)))
        assert caught.value.reason == reason


def test_a_label_too_small_for_its_codes_is_refused():
    with pytest.raises(LabelError) as caught:
        produce(DOSSIER, "zpl", size=(40, 24))
    assert caught.value.reason in {"too-small", "too-long"}


def test_a_smaller_label_still_reads():
    assert read(Image.open(io.BytesIO(produce(DOSSIER, "png", size=(80, 50))))) == wanted(DOSSIER)


def test_an_unknown_printer_language_is_refused_with_the_known_ones():
    with pytest.raises(LabelError, match="zpl"):
        produce(DOSSIER, "fax")


def test_the_lock_file_pins_each_browser_and_test_file_without_an_address():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
    assert "://" not in (ROOT / "package-lock.json").read_text("utf-8")
