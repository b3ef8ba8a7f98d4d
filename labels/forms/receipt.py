"""Form 01: the receipt that says what was received, where it stands, and when the result is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from labels.errors import LabelError
from labels.forms.common import FeeLine, Head, Party
from labels.text import clock_date, money

if TYPE_CHECKING:
    from labels.forms.sheet import Sheet

TITLE = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"


class ReceiptStatus(StrEnum):
    """How far the dossier is, as the paper may truthfully say."""

    RECEIVED_HERE = "received-here"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class ReceiptForm:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả (the 2025 set's fields, with fees).

    RECEIVED_HERE: the post office has the dossier; `official` may already be allotted, but the province has not
    accepted. ACCEPTED: the province has, under `official` (then mandatory), at `accepted_at` when known. `due_at`
    None prints that the appointment follows. All times are local. `tracking_url` prints as a second QR.
    Raises LabelError("spec") for ACCEPTED without an official number.
    """

    head: Head
    status: ReceiptStatus
    provisional: str
    official: str | None
    submitter: Party
    procedure_code: str
    procedure_name: str
    components: tuple[str, ...]
    sets: int
    statutory: str
    received_at: datetime
    due_at: datetime | None
    result_place: str
    receiver_name: str
    owner: str = ""
    authorising: Party | None = None
    authorisation_paper: str = ""
    requested: str = ""
    fees: tuple[FeeLine, ...] = ()
    accepted_at: datetime | None = None
    book: str = ""
    book_number: str = ""
    tracking_url: str = ""

    def __post_init__(self) -> None:
        if self.status is ReceiptStatus.ACCEPTED and not self.official:
            raise LabelError("spec", "Chưa có số chính thức thì giấy tiếp nhận không được ghi là tỉnh đã tiếp nhận.")


def render(form: ReceiptForm) -> bytes:
    """The receipt as an A5 PDF."""
    from labels.forms.sheet import Sheet, Signature

    sheet = Sheet(form.head, TITLE)
    sheet.notice(*standing(form))
    sheet.pair(("Mã hồ sơ", form.official or "chờ tỉnh cấp"), ("Số tạm", form.provisional))
    sheet.party(form.submitter, "Tiếp nhận hồ sơ của")
    sheet.fields([("Chủ hồ sơ", form.owner)])
    if form.authorising:
        sheet.section("Người ủy quyền")
        sheet.party(form.authorising, "Họ và tên/tổ chức")
        sheet.fields([("Giấy tờ ủy quyền", form.authorisation_paper)])
    sheet.fields(
        [
            ("Nội dung yêu cầu", f"{form.procedure_name} ({form.procedure_code})"),
            ("Yêu cầu cụ thể", form.requested),
        ]
    )
    sheet.section(f"Thành phần hồ sơ nộp gồm {len(form.components)} loại giấy tờ:")
    sheet.numbered(form.components)
    sheet.space(0.8)
    sheet.pair(("Số lượng hồ sơ", f"{form.sets} (bộ)"), ("Vào Sổ", _book(form)))
    sheet.fields(_appointment(form))
    _fees(sheet, form)
    signers = [
        Signature("NGƯỜI NỘP HỒ SƠ", form.submitter.name),
        Signature("NGƯỜI TIẾP NHẬN HỒ SƠ", form.receiver_name),
    ]
    sheet.signatures(signers)
    return sheet.publish()


def standing(form: ReceiptForm) -> tuple[str, str]:
    """The statement and its explanation: what is true of the dossier when this paper is printed."""
    if form.status is ReceiptStatus.ACCEPTED:
        when = f"Thời điểm tỉnh tiếp nhận: {clock_date(form.accepted_at)}." if form.accepted_at else ""
        return f"Tỉnh đã tiếp nhận, số {form.official}.", when
    if form.official:
        return (
            f"Đã nhận tại bưu cục. Tỉnh đã cấp số {form.official}, chưa xác nhận tiếp nhận.",
            "Bưu cục đã nhận các giấy tờ ghi dưới đây.",
        )
    return (
        "Đã nhận tại bưu cục, chờ số chính thức của tỉnh.",
        "Bưu cục đã nhận các giấy tờ ghi dưới đây; số chính thức được báo khi tỉnh cấp.",
    )


def _appointment(form: ReceiptForm) -> list[tuple[str, str]]:
    if form.due_at is None:
        due = "được báo khi tỉnh tiếp nhận hồ sơ"
    elif form.status is ReceiptStatus.ACCEPTED:
        due = clock_date(form.due_at)
    else:
        due = f"{clock_date(form.due_at)} (dự kiến)"
    return [
        ("Thời hạn theo quy định", form.statutory),
        ("Nhận hồ sơ lúc", clock_date(form.received_at)),
        ("Hẹn trả kết quả", due),
        ("Nhận kết quả tại", form.result_place),
    ]


def _book(form: ReceiptForm) -> str:
    parts = [f"quyển số {form.book}"] if form.book else []
    return ", ".join(parts + ([f"số {form.book_number}"] if form.book_number else []))


def _fees(sheet: Sheet, form: ReceiptForm) -> None:
    from labels.forms.sheet import Column

    sheet.space(1)
    if form.fees:
        rows = [(fee.name, "đã thu" if fee.paid else "chưa thu", money(fee.amount)) for fee in form.fees]
        columns = [Column("Phí, lệ phí, cước", 5), Column("Tình trạng", 2), Column("Số tiền", 2.6, "right")]
        total = ("Tổng cộng", "", money(sum(fee.amount for fee in form.fees)))
        sheet.table(columns, rows, total=total, less=sheet.narrow if form.tracking_url else 0)
    if form.tracking_url:
        sheet.beside_code(form.tracking_url, "Quét để theo dõi hồ sơ")
