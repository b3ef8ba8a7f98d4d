"""Component, bag and manifest labels, and the receipt on a roll: whole words, true words, codes that read back."""

from __future__ import annotations

import dataclasses
import io
import unicodedata
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from labels import pdf, raster
from labels.check import readable
from labels.codes import qr
from labels.elements import Bars, Box, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.forms.common import FeeLine, Head, Party
from labels.forms.receipt import ReceiptForm, ReceiptStatus
from labels.layout import layout
from labels.paper import RESOLUTIONS, TRAINING
from labels.payload import BagCode, ComponentCode, DossierCode, ManifestCode, read_code
from labels.produce import produce
from labels.slip import ROLL_58, ROLL_80
from labels.spec import BagLabel, ComponentLabel, ItemLabel, ManifestLabel, ReceiptSlip, Spec, s10_check_digit

AT = datetime(2026, 11, 21, 9, 41, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
OFFICIAL = "H26.019.02-20261121-0000012"
NAME_200 = ("Công Tằng Tôn Nữ Ngưỡng Ẳng Ậm Ỵ Nguyễn Phước Bảo Quỳnh Đặng Trần Thụy Khuê " * 3)[:200].strip()
PAPER_200 = ("Hợp đồng hoặc văn bản về việc thực hiện các quyền của người sử dụng đất đã công chứng; " * 3)[
    :200
].strip()
PLACE = "Bưu cục Trung tâm Phục vụ hành chính công phường Xuân Phương, thành phố Hà Nội"
UID = "0192f3c4-7a1b-7c3d-8e5f-0a1b2c3d4e5f"

COMPONENT = ComponentLabel(
    "T1-6T21-00CQ", "TP-02", "Giấy chứng sinh (bản chính)", 2, 4, "giữ và chuyển", "Bưu cục Tây Hồ", training=False
)
WORST_COMPONENT = ComponentLabel(
    "TTTT-6T21-00CQ", UID, PAPER_200, 25, 25, "xem, đối chiếu rồi trả lại người nộp ngay", PLACE, training=True
)
BAG = BagLabel("T1-6T21-B0042", "Bưu cục Tây Hồ", "Trung tâm Khai thác Hà Nội", 37, "NP-0012345", AT, training=False)
WORST_BAG = BagLabel("TTTT-6T21-B000000042", PLACE, PLACE, 12345, "NP-" + "0" * 17, AT, training=True)
MANIFEST = ManifestLabel("T1-6T21-K0007", "Bưu cục Tây Hồ", "UBND phường Tây Hồ", 2, 37, 35, AT, training=False)
WORST_MANIFEST = ManifestLabel("TTTT-6T21-K000000007", PLACE, PLACE, 1234, 123456, 123456, AT, training=True)


def receipt(worst: bool) -> ReceiptForm:
    head = Head(
        PLACE if worst else "UBND phường Tây Hồ",
        "Bưu cục Tây Hồ",
        "12",
        OFFICIAL,
        "PA1|T1-6T21-00CQ|",
        "Hà Nội",
        AT,
        worst,
    )
    return ReceiptForm(
        head=head,
        status=ReceiptStatus.ACCEPTED if worst else ReceiptStatus.RECEIVED_HERE,
        provisional="T1-6T21-00CQ",
        official=OFFICIAL if worst else None,
        submitter=Party(NAME_200 if worst else "Nguyễn Thị Hường", "001199012345", "12 Lạc Long Quân", "0912 345 678"),
        procedure_code="1.001193",
        procedure_name=PAPER_200 if worst else "Đăng ký khai sinh",
        components=(PAPER_200, "Giấy chứng sinh", PAPER_200)
        if worst
        else ("Tờ khai", "Giấy chứng sinh", "CCCD của mẹ"),
        sets=1,
        statutory="1 ngày làm việc",
        received_at=AT,
        due_at=AT + timedelta(days=6),
        result_place=PLACE,
        receiver_name="Trần Lan Anh",
        fees=(FeeLine("Lệ phí", 0), FeeLine("Cước trả kết quả", 26000, paid=not worst)),
        tracking_url="https://tracuu.example.vn/t/7hq2mKQ9vB3xLp0" if worst else "",
    )


SMALL = {
    "component": COMPONENT,
    "worst component": WORST_COMPONENT,
    "bag": BAG,
    "worst bag": WORST_BAG,
    "manifest": MANIFEST,
    "worst manifest": WORST_MANIFEST,
}
SLIPS = {"receipt": ReceiptSlip(receipt(False)), "worst receipt": ReceiptSlip(receipt(True))}


def read(data: bytes) -> set[str]:
    import zxingcpp

    return {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(data)).convert("L"))}


def codes_of(laid: Layout) -> set[str]:
    return {e.code.text for e in laid.elements if isinstance(e, Bars | Qr)}


def words_of(laid: Layout) -> str:
    return "\n".join(" ".join(e.lines) for e in laid.elements if isinstance(e, Text))


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("name", SMALL)
def test_the_codes_of_every_label_decode_on_every_printer(name, dpi):
    laid = layout(SMALL[name], dpi)
    assert read(produce(SMALL[name], "png", dpi=dpi)) == codes_of(laid)
    assert (laid.width, laid.height) == (int(100 * dpi / 25.4), int(60 * dpi / 25.4))
    assert (TRAINING in words_of(laid)) == SMALL[name].training


def test_each_label_says_to_the_scan_box_what_it_is():
    said = {name: {type(read_code(text)) for text in codes_of(layout(spec))} for name, spec in SMALL.items()}
    for name, kind in (("component", ComponentCode), ("bag", BagCode), ("manifest", ManifestCode)):
        assert said[name] == said[f"worst {name}"] == {kind}
    assert read_code(WORST_COMPONENT.payload) == ComponentCode("TTTT-6T21-00CQ", UID)


def test_counts_way_and_seal_stand_on_bags_and_manifests():
    bag, manifest = words_of(layout(WORST_BAG)), words_of(layout(WORST_MANIFEST))
    assert PLACE in bag
    assert f"12345 bưu gửi · niêm phong {WORST_BAG.seal}" in bag
    assert "1234 túi · 123456 bưu gửi · 123456 hồ sơ" in manifest
    assert WORST_MANIFEST.number in manifest


def test_a_components_whole_name_is_on_its_label():
    assert PAPER_200 in words_of(layout(WORST_COMPONENT))
    with pytest.raises(LabelError) as caught:
        layout(dataclasses.replace(COMPONENT, name="Giấy chứng nhận quyền sử dụng đất " * 40))
    assert caught.value.reason == "too-long"


@pytest.mark.parametrize("bad", ["", "T|1", "Túi", "B" * 49, "B\n1", "B>1", " B1"])
def test_a_number_that_no_code_can_carry_is_refused(bad):
    for spec in (dataclasses.replace(BAG, number=bad), dataclasses.replace(MANIFEST, number=bad)):
        with pytest.raises(LabelError) as caught:
            layout(spec)
        assert caught.value.reason == "code-text"


@pytest.mark.parametrize(("width", "dpi"), [(ROLL_58, 203), (ROLL_80, 203), (ROLL_80, 180), (ROLL_58, 180)])
@pytest.mark.parametrize("name", SLIPS)
def test_the_receipt_on_a_roll_reads_back_and_is_whole(name, width, dpi):
    laid = layout(SLIPS[name], dpi, (width, 0))
    form = SLIPS[name].form
    words = words_of(laid)

    assert laid.width <= width / 25.4 * dpi < laid.width + 1
    readable(laid)
    wanted = {form.tracking_url or form.head.payload}
    bars = {form.provisional} if dpi == 203 or width == ROLL_80 else set()
    assert read(produce(SLIPS[name], "png", dpi=dpi, size=(width, 0))) == wanted | bars
    for said in (form.submitter.name, form.procedure_name, form.provisional, form.result_place, *form.components):
        assert said in words
    for hidden in (form.submitter.identity, form.submitter.phone, form.submitter.address):
        assert hidden not in words


def test_a_58_mm_roll_is_384_dots_and_an_80_mm_roll_576():
    assert [layout(SLIPS["receipt"], 203, (roll, 0)).width for roll in (ROLL_58, ROLL_80)] == [384, 576]


def test_the_roll_says_no_more_than_is_true():
    here, accepted = (words_of(layout(SLIPS[name])) for name in SLIPS)
    assert "chờ số chính thức của tỉnh" in here
    assert "(dự kiến)" in here
    assert f"Tỉnh đã tiếp nhận, số {OFFICIAL}." in accepted
    assert "(dự kiến)" not in accepted
    assert "26.000 đ (chưa thu)" in accepted


def test_a_receipt_longer_than_the_paper_is_refused():
    long = dataclasses.replace(receipt(True), components=(PAPER_200,) * 60)
    with pytest.raises(LabelError) as caught:
        layout(ReceiptSlip(long))
    assert caught.value.reason == "too-long"


@pytest.mark.parametrize("spec", [*SMALL.values(), *SLIPS.values()], ids=[*SMALL, *SLIPS])
def test_no_two_texts_touch(spec: Spec):
    laid = layout(spec)
    texts = [e.box for e in laid.elements if isinstance(e, Text)]
    assert not [(a, b) for n, a in enumerate(texts) for b in texts[n + 1 :] if a.overlaps(b)]
    if isinstance(spec, ReceiptSlip):
        assert all(a.y <= b.y for a, b in pairwise(texts))


# --- what an item's label may not say ---


def item(**fields: object) -> ItemLabel:
    base: dict[str, object] = {
        "item_number": "RR473124829VN",
        "service_mark": "EMS",
        "sending_authority": "Sở Tư pháp",
        "receiver_name": "Nguyễn Thị Hường",
        "receiver_address": "12 Lạc Long Quân",
        "masked_phone": "09•• ••• 678",
        "dossier_code": OFFICIAL,
        "amount_to_collect": 26000,
        "addressee_only": True,
        "undelivered": "Chuyển hoàn.",
        "qr_payload": "https://tracuu.example.vn/t/7hq2mKQ9vB3xLp0",
        "training": False,
    }
    return ItemLabel(**{**base, **fields})


def test_an_item_number_with_a_wrong_check_digit_is_refused():
    assert item(item_number="RR123456785VN")
    for bad in ("RR473124828VN", "RR743124829VN"):
        with pytest.raises(LabelError, match="số kiểm tra"):
            item(item_number=bad)


def test_a_citizens_id_in_any_text_of_the_item_label_is_refused():
    for field in ("receiver_name", "receiver_address", "undelivered", "sending_authority"):
        with pytest.raises(LabelError, match="định danh"):
            item(**{field: "Nguyễn Thị Hường, CCCD 001199012345"})


def test_every_rule_of_the_return_label_is_on_it():
    laid = layout(item(), 203)
    words = words_of(laid)
    for said in ("RR 473 124 829 VN", "EMS", "Sở Tư pháp", "Nguyễn Thị Hường", "12 Lạc Long Quân", "09•• ••• 678"):
        assert said in words
    for said in (OFFICIAL, "26.000 đ", "CHỈ GIAO TẬN TAY NGƯỜI NHẬN", "Khi không phát được", "Chuyển hoàn."):
        assert said in words
    bars = next(e for e in laid.elements if isinstance(e, Bars))
    assert (bars.module, bars.code.modules + 20) == (4, 176)  # 88 mm with its quiet zones
    assert bars.box.height * 25.4 / 203 >= 12.5


# --- reading codes ---


def test_what_a_reader_adds_round_a_code_is_taken_off():
    for sent in ("PA1T|B1", "]C0PA1T|B1", "PA1T|B1\r\n", "\x02]Q1PA1T|B1\x03", " PA1T|B1\t"):
        assert read_code(sent) == BagCode("B1")
    assert read_code("]Q1PA1|T1-6T21-00CQ|\r") == DossierCode("T1-6T21-00CQ", None)
    assert read_code("PA1M|K7") == ManifestCode("K7")


def test_every_payload_cut_short_or_mistyped_is_none_or_named_damaged():
    for payload in (COMPONENT.payload, BAG.payload, "PA1K|done", "PA1|T1-6T21-00CQ|" + OFFICIAL):
        for cut in range(len(payload)):
            read_code(payload[:cut])
            read_code(payload[:cut] + "\x00đ|" + payload[cut:])
    for foreign in (
        "",
        "]",
        "RR473124829VN",
        "T1-6T21-00CQ",
        "001199012345|Nguyễn|01012000",
        "PAX|1",
        "https://x.vn/PA1|",
    ):
        assert read_code(foreign) is None


def test_decomposed_names_print_like_composed_ones():
    typed = dataclasses.replace(COMPONENT, name=unicodedata.normalize("NFD", COMPONENT.name))
    assert produce(typed, "png") == produce(COMPONENT, "png")


# --- what would spoil a label ---


def test_a_label_larger_than_the_paper_in_the_printer_is_refused():
    assert produce(BAG, "tspl", media=(100, 60)) == produce(BAG, "tspl", media=(104, 150)) == produce(BAG, "tspl")
    for spec, media in ((item(), (100, 60)), (BAG, (76, 60)), (SLIPS["receipt"], (48, 0))):
        with pytest.raises(LabelError, match="lớn hơn giấy") as caught:
            produce(spec, "tspl", media=media)
        assert caught.value.reason == "media"
    assert produce(SLIPS["receipt"], "escpos", media=(72, 0))


def test_a_line_through_a_code_or_its_quiet_zone_is_refused():
    laid = layout(BAG)
    bars = next(e for e in laid.elements if isinstance(e, Bars)).box
    for line in (Box(bars.x, bars.y + 2, bars.width, 2), Box(bars.x - 20, bars.y, 2, bars.height)):
        with pytest.raises(LabelError) as caught:
            readable(dataclasses.replace(laid, elements=(*laid.elements, Rule(line))))
        assert caught.value.reason == "overlap"


# --- many labels ---


def test_a_batch_is_one_pdf_with_a_checked_page_a_label():
    import pypdfium2
    import zxingcpp

    specs = [item(item_number=number) for number in ("RR473124829VN", "RR123456785VN")] + [BAG]
    document = pypdfium2.PdfDocument(pdf.batch(specs))
    assert len(document) == 3
    for page, spec in zip(document, specs, strict=True):
        picture = page.render(scale=203 / 72).to_pil().convert("L")
        assert {code.text for code in zxingcpp.read_barcodes(picture)} == codes_of(layout(spec))
    with pytest.raises(LabelError, match="Chưa chọn"):
        pdf.batch([])


def test_thirty_values_at_203_dpi_decode_sharp_and_blurred():
    import zxingcpp
    from PIL import ImageFilter

    serials = [f"{47312482 + 7919 * n:08d}" for n in range(15)]
    specs = [
        item(item_number=f"RR{s}{s10_check_digit(s)}VN", qr_payload=f"https://tracuu.example.vn/t/{s}") for s in serials
    ]
    specs += [dataclasses.replace(BAG, number=f"T1-6T21-B{n:04d}") for n in range(0, 15 * 613, 613)]
    assert len(specs) == 30
    for spec in specs:
        sharp = raster.image(layout(spec, 203)).convert("L")
        for picture in (sharp, sharp.filter(ImageFilter.GaussianBlur(1.2))):
            assert {code.text for code in zxingcpp.read_barcodes(picture)} == codes_of(layout(spec))


def test_the_codes_are_those_of_another_encoder_or_smaller():
    import segno

    for text in (
        COMPONENT.payload,
        BAG.payload,
        "PA1|T1-6T21-00CQ|" + OFFICIAL,
        "https://tracuu.example.vn/t/7hq2mKQ9vB3xLp0",
    ):
        assert qr(text).modules <= len(segno.make_qr(text, error="m", boost_error=False, mode="byte").matrix)
