"""The citizen's receipt of a hand-over: item, office, time, the receiver's initials, and a QR that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from labels.forms.common import Head
from labels.text import clock_date

TITLE = "Biên nhận phát kết quả"
WAY_WORDS: Mapping[str, str] = {
    "courier": "Bưu tá giao tận tay",
    "counter": "Nhận tại quầy",
    "electronic": "Nhận bản điện tử",
}


@dataclass(frozen=True)
class HandoverReceiptForm:
    """Biên nhận phát; `at` is local, `check_url` the QR's text, `keywords` what the PDF carries for a program."""

    office: str
    authority: str
    place: str
    item: str
    way: str
    at: datetime
    receiver: str
    proof: str
    check_url: str
    training: bool
    keywords: str


def render(form: HandoverReceiptForm) -> bytes:
    """The receipt as an A5 PDF."""
    from labels.forms.sheet import Sheet

    code = form.item or f"BNP-{form.proof[:8].upper()}"
    head = Head(form.authority, form.office, "", code, code, form.place, form.at, form.training)
    sheet = Sheet(head, TITLE, keywords=form.keywords)
    sheet.fields(
        [
            ("Số hiệu bưu gửi", form.item),
            ("Cách trả", form.way),
            ("Bưu cục phát", form.office),
            ("Đã giao lúc", clock_date(form.at)),
            ("Người nhận (chữ đầu)", form.receiver),
            ("Mã bằng chứng", form.proof),
        ]
    )
    sheet.paragraph(
        "Bưu cục xác nhận đã giao kết quả hồ sơ. Bằng chứng giao nhận được giữ ở bưu cục dưới mã nêu trên. "
        "Nếu không phải ông/bà hay người được nhờ đã nhận, hãy báo bưu cục ngay."
    )
    sheet.code_and_words(
        form.check_url,
        "Quét mã để kiểm tra biên nhận. Mã chứa toàn bộ nội dung đã ký: kiểm tra được cả khi không có mạng, bằng "
        "lệnh “postal-agent verify” với tệp này và khóa công khai của bưu cục.",
    )
    return sheet.publish()
