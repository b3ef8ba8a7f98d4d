"""Forms: what a citizen and an official hold says the truth, whole, and its codes can be scanned."""

from __future__ import annotations

import dataclasses
import io
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from labels.errors import LabelError
from labels.forms import apology, control, handed_in, handover, payment, receipt, refusal, supplement
from labels.forms.common import FeeLine, Head, Party
from labels.forms.receipt import ReceiptForm, ReceiptStatus
from labels.text import in_words

AT = datetime(2026, 11, 21, 9, 41, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
PROVISIONAL, OFFICIAL = "T3-26N21-0C7K", "H26.019.02-20261121-0000012"
TRAINING = "BẢN TẬP HUẤN"
NAME = ("Công Tằng Tôn Nữ Ngưỡng Ẳng Ậm Ỵ Nguyễn Phước Bảo Quỳnh Đặng Trần Thụy Khuê " * 3)[:200].strip()
ADDRESS = ("Căn hộ 1208, tòa nhà B2, số 106 đường Hoàng Quốc Việt, phường Nghĩa Đô; " * 3)[:200].strip()
PROCEDURE = ("Đăng ký, cấp Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất; " * 3)[
    :200
].strip()
PAPERS = tuple(f"{n}a) {PROCEDURE}"[:200].strip() if n % 5 == 0 else f"{n}b) Giấy chứng sinh" for n in range(25))
LOWER = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"


def head(worst: bool) -> Head:
    if worst:
        payload = f"PA1|{PROVISIONAL}|{OFFICIAL}"
        desk = "Trung tâm Phục vụ hành chính công – Bộ phận Tiếp nhận và Trả kết quả tại Bưu cục"
        return Head(ADDRESS[:80], desk, "12345/TNHS-TTPVHCC (BPTNTKQ)", OFFICIAL, payload, "Hà Nội", AT, training=True)
    payload = f"PA1|{PROVISIONAL}|"
    return Head("UBND phường Tây Hồ", "Bưu cục Tây Hồ", "12/TNHS", PROVISIONAL, payload, "Hà Nội", AT, training=False)


def party(worst: bool) -> Party:
    if worst:
        return Party(NAME, "001199012345", ADDRESS, "0912 345 678", "nguyen." * 14 + "x@example.vn")
    return Party("Nguyễn Thị Hường", "001199012345", "12 Lạc Long Quân, Hà Nội", "0912 345 678", "huong@example.vn")


def receipt_form(worst: bool = False) -> ReceiptForm:
    return ReceiptForm(
        head=head(worst),
        status=ReceiptStatus.ACCEPTED if worst else ReceiptStatus.RECEIVED_HERE,
        provisional=PROVISIONAL,
        official=OFFICIAL if worst else None,
        submitter=party(worst),
        procedure_code="1.001193",
        procedure_name=PROCEDURE if worst else "Đăng ký khai sinh",
        components=PAPERS if worst else ("Tờ khai đăng ký khai sinh", "Giấy chứng sinh", "CCCD của mẹ"),
        sets=1,
        statutory="1 ngày làm việc",
        received_at=AT,
        due_at=AT + timedelta(days=6),
        result_place=ADDRESS if worst else "12 Lạc Long Quân, Hà Nội",
        receiver_name="Trần Lan Anh",
        owner=NAME if worst else "Nguyễn Minh Khôi",
        authorising=party(True) if worst else None,
        authorisation_paper="Giấy ủy quyền số 12/2026" if worst else "",
        fees=(FeeLine("Lệ phí", 0), FeeLine("Cước trả kết quả", 26000)),
        book="3",
        book_number="127",
        tracking_url="https://tracuu.example.vn/t/7hq2mKQ9vB3xLp0",
    )


def forms(worst: bool) -> dict[str, tuple[object, object]]:
    papers = tuple(
        handed_in.HandedPaper(
            name,
            list(handed_in.PaperKind)[n % 3],
            1,
            2,
            list(handed_in.Handling)[n % 3],
            f"G-{n}" if n % 2 else "",
            "ab12" * 16 if n % 2 else "",
        )
        for n, name in enumerate(PAPERS if worst else PAPERS[1:4])
    )
    name = PROCEDURE if worst else "Đăng ký khai sinh"
    who = party(worst)
    lines = (payment.PaymentLine("Cước", "cước bưu chính", 26000), payment.PaymentLine(name, "thu hộ", 1_234_567_015))
    items = tuple(
        handover.HandoverItem(f"H26.019.02-20261121-{n:07d}", f"PG-{n}", "1.001193", 4, f"NP-{n}", "")
        for n in range(60 if worst else 2)
    )
    hops = tuple(
        control.Hop(who.name, "Lê Thu Hà", AT, result) for result in [*control.HopResult, None] * (4 if worst else 1)
    )
    gaps = tuple(supplement.Gap(p, "mờ, không đọc được số") for p in (PAPERS if worst else PAPERS[1:3]))
    return {
        "receipt": (receipt, receipt_form(worst)),
        "handed in": (
            handed_in,
            handed_in.HandedInForm(head(worst), who, "1.001193", name, papers, "Trần Lan Anh"),
        ),
        "supplement": (
            supplement,
            supplement.SupplementForm(head(worst), who, "1.001193", name, gaps, "Bưu cục", "Trần Lan Anh", AT),
        ),
        "refusal": (
            refusal,
            refusal.RefusalForm(head(worst), who, "1.001193", name, PAPERS[:9], "Bưu cục", "Trần Lan Anh"),
        ),
        "apology": (
            apology,
            apology.ApologyForm(
                head(worst), who, "1.001193", name, OFFICIAL, AT, AT + timedelta(days=9), "; ".join(PAPERS[:9]), "UBND"
            ),
        ),
        "payment": (
            payment,
            payment.PaymentForm(head(worst), who, lines, "tiền mặt", "Trần Lan Anh", PROVISIONAL),
        ),
        "handover": (
            handover,
            handover.HandoverForm(head(worst), who, who, AT, "Hà Nội", items, not worst, PAPERS[:2] * worst, "T-1"),
        ),
        "control": (
            control,
            control.ControlForm(head(worst), OFFICIAL, "1.001193", name, "UBND", "", AT, AT, hops, empty_rows=2),
        ),
    }


KINDS = list(forms(False))
CASES = [(kind, worst) for kind in KINDS for worst in (False, True)]


@cache
def made(kind: str, worst: bool) -> bytes:
    module, form = forms(worst)[kind]
    return module.render(form)


def texts(data: bytes) -> list[str]:
    """The text of each page, on one line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    pages = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
    return [" ".join(page.replace("\ufffe", "").split()) for page in pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def codes(data: bytes, dpi: int, page: int = 0) -> set[str]:
    import pypdfium2
    import zxingcpp

    picture = pypdfium2.PdfDocument(data)[page].render(scale=dpi / 72).to_pil().convert("L")
    return {code.text for code in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize(
    ("kind", "worst", "dpi"),
    [(*case, dpi) for case in CASES for dpi in (203, 300)] + [("receipt", True, 600), ("receipt", False, 600)],
)
def test_both_codes_of_a_form_scan_from_paper(kind, worst, dpi):
    shared = head(worst)
    assert {shared.code, shared.payload} <= codes(made(kind, worst), dpi)


@pytest.mark.parametrize(("kind", "worst"), CASES)
def test_the_same_form_gives_the_same_bytes_with_no_clock_inside(kind, worst):
    module, form = forms(worst)[kind]
    again = module.render(form)
    assert again == made(kind, worst)
    assert b"2026112" not in again  # no creation date of today


def test_forms_made_at_the_same_time_do_not_disturb_each_other():
    wanted = {case: made(*case) for case in CASES}

    def render(case: tuple[str, bool]) -> tuple[tuple[str, bool], bytes]:
        module, form = forms(case[1])[case[0]]
        return case, module.render(form)

    with ThreadPoolExecutor(4) as pool:
        assert dict(pool.map(render, CASES)) == wanted


@pytest.mark.parametrize(("kind", "worst"), CASES)
def test_every_page_says_its_number_and_training_stands_on_each(kind, worst):
    pages = texts(made(kind, worst))
    for number, page in enumerate(pages, start=1):
        assert f"Trang {number}/{len(pages)}" in page
        assert (TRAINING in page) is worst


@pytest.mark.parametrize(("kind", "worst"), CASES)
def test_names_are_whole_on_paper_and_in_composed_unicode(kind, worst):
    text = " ".join(texts(made(kind, worst)))
    assert unicodedata.is_normalized("NFC", text)
    wanted = {"Đăng ký khai sinh", party(worst).name} if not worst else {NAME, PROCEDURE}
    if kind == "handover":
        wanted = {party(worst).name}
    for name in wanted:
        assert squeezed(name) in squeezed(text)


@pytest.mark.parametrize("kind", KINDS)
def test_the_official_heading_and_size_of_the_paper(kind):
    import pypdfium2

    data = made(kind, False)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc" in texts(data)[0]
    assert "ngày 21 tháng 11 năm 2026" in texts(data)[0]
    width, height = pypdfium2.PdfDocument(data)[0].get_size()
    wanted = (210, 297) if kind == "handover" else (148, 210)
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == wanted


def test_fonts_are_embedded():
    import pikepdf

    with pikepdf.open(io.BytesIO(made("receipt", True))) as document:
        fonts = [f for page in document.pages for f in page.Resources.Font.values()]
        named = {str(f.BaseFont): f for f in fonts if "BeVietnamPro" in str(f.BaseFont)}
        assert len(named) >= 3
        assert all("/FontFile2" in f.FontDescriptor for f in named.values())


def test_all_vietnamese_letters_survive_in_every_face():
    letters = LOWER + LOWER.upper()
    form = dataclasses.replace(receipt_form(), submitter=Party(letters), requested=letters)
    assert squeezed(" ".join(texts(receipt.render(form)))).count(letters) >= 3


def test_a_name_in_decomposed_unicode_makes_the_same_paper():
    form = receipt_form()
    decomposed = Party(**{k: unicodedata.normalize("NFD", v) for k, v in vars(form.submitter).items()})
    assert receipt.render(dataclasses.replace(form, submitter=decomposed)) == receipt.render(form)


def test_markup_in_a_name_is_printed_as_typed():
    hostile = '<b>A</b> & <img src="file:///etc/passwd"/> </para> ^XA~JR &lt;'
    form = dataclasses.replace(receipt_form(), submitter=Party(hostile), components=(hostile,), owner=hostile)
    assert squeezed("".join(texts(receipt.render(form)))).count(squeezed(hostile)) == 4


def test_an_ordinary_receipt_fits_one_page():
    assert len(texts(made("receipt", False))) == 1


def test_the_signatures_never_stand_on_a_page_of_their_own():
    for kind, worst in CASES:
        last = texts(made(kind, worst))[-1]
        assert kind == "control" or not re.match(r"(BẢN TẬP HUẤN\S* )?(NGƯỜI NỘP|BÊN GIAO|NGƯỜI HƯỚNG)", last)


# --- the receipt tells the truth ---


def test_a_receipt_before_the_province_says_received_here_and_waiting():
    text = texts(receipt.render(receipt_form()))[0]
    assert "Đã nhận tại bưu cục, chờ số chính thức của tỉnh" in text
    assert "(dự kiến)" in text
    assert "Tỉnh đã tiếp nhận" not in text


def test_a_receipt_with_a_number_but_no_acceptance_does_not_claim_acceptance():
    text = texts(receipt.render(dataclasses.replace(receipt_form(), official=OFFICIAL)))[0]
    assert f"Tỉnh đã cấp số {OFFICIAL}, chưa xác nhận tiếp nhận" in text
    assert "Tỉnh đã tiếp nhận" not in text


def test_an_accepted_receipt_says_so_with_its_number_and_time():
    form = dataclasses.replace(
        receipt_form(), status=ReceiptStatus.ACCEPTED, official=OFFICIAL, accepted_at=AT + timedelta(minutes=3)
    )
    text = texts(receipt.render(form))[0]
    assert f"Tỉnh đã tiếp nhận, số {OFFICIAL}" in text
    assert "09 giờ 44 phút, ngày 21/11/2026" in text
    assert "chờ số" not in text
    assert "dự kiến" not in text


def test_an_accepted_receipt_without_a_number_cannot_be_made():
    with pytest.raises(LabelError, match="số chính thức"):
        dataclasses.replace(receipt_form(), status=ReceiptStatus.ACCEPTED)


def test_a_receipt_without_an_appointment_invents_none():
    text = texts(receipt.render(dataclasses.replace(receipt_form(), due_at=None)))[0]
    assert "Hẹn trả kết quả: được báo khi tỉnh tiếp nhận hồ sơ" in text


def test_the_tracking_address_scans_from_the_receipt_and_is_absent_without_one():
    form = receipt_form()
    assert form.tracking_url in codes(receipt.render(form), 300)
    without = receipt.render(dataclasses.replace(form, tracking_url=""))
    assert codes(without, 300) == {form.head.code, form.head.payload}


def test_an_authorising_person_has_a_block_only_when_there_is_one():
    with_block, without = texts(made("receipt", True)), texts(made("receipt", False))
    assert "Người ủy quyền" in " ".join(with_block)
    assert "Giấy ủy quyền số 12/2026" in " ".join(with_block)
    assert "ủy quyền" not in " ".join(without)


# --- the other forms ---


def test_the_citizens_list_says_kind_handling_code_and_hash_of_each_paper():
    text = " ".join(texts(made("handed in", False)))
    for words in ("bản chính", "bản sao", "bản điện tử", "giữ và chuyển", "sao và trả lại", "chỉ xuất trình"):
        assert words in text
    assert "mã G-1" in text
    assert "SHA-256:ab12ab12ab12ab12" in squeezed(text)


def test_a_supplement_names_every_gap_in_one_request():
    text = squeezed(" ".join(texts(made("supplement", True))))
    for paper in PAPERS:
        assert squeezed(paper) in text
    with pytest.raises(LabelError):
        dataclasses.replace(forms(False)["supplement"][1], gaps=())


def test_an_apology_that_names_no_later_day_cannot_be_made():
    with pytest.raises(LabelError):
        dataclasses.replace(forms(False)["apology"][1], instead=AT)


def test_a_refusal_without_a_reason_cannot_be_made():
    with pytest.raises(LabelError):
        dataclasses.replace(forms(False)["refusal"][1], reasons=(" ",))


def test_a_payment_note_sums_spells_and_says_it_is_no_tax_receipt():
    text = " ".join(texts(made("payment", False)))
    assert "1.234.593.015 đ" in text
    assert in_words(1_234_593_015) in text
    assert "không thay biên lai" in text.lower()


def test_hand_over_minutes_state_complete_or_each_difference_never_both():
    complete, differing = " ".join(texts(made("handover", False))), " ".join(texts(made("handover", True)))
    assert "đủ hồ sơ, đủ giấy tờ" in complete
    assert "Chênh lệch khi kiểm đếm" in differing
    assert "đủ hồ sơ" not in differing
    form = forms(False)["handover"][1]
    for wrong in ({"complete": False}, {"differences": ("thiếu",)}, {"items": ()}):
        with pytest.raises(LabelError):
            dataclasses.replace(form, **wrong)


def test_a_field_longer_than_a_page_is_refused_with_words_not_a_crash():
    with pytest.raises(LabelError) as caught:
        receipt.render(dataclasses.replace(receipt_form(), owner="Nguyễn " * 3000))
    assert caught.value.reason == "too-long"


@pytest.mark.parametrize(
    ("dong", "words"),
    [
        (0, "Không đồng"),
        (5, "Năm đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (105, "Một trăm lẻ năm đồng"),
        (110, "Một trăm mười đồng"),
        (1_000, "Một nghìn đồng"),
        (200_055, "Hai trăm nghìn không trăm năm mươi lăm đồng"),
        (1_000_000_000, "Một tỷ đồng"),
        (1_001_000_000_000, "Một nghìn không trăm lẻ một tỷ đồng"),
    ],
)
def test_amounts_are_spelled_as_a_cashier_says_them(dong, words):
    assert in_words(dong) == words
