"""Papers of the till: the count of a shift, a deposit, a remittance to an authority, a transfer by QR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from labels.errors import LabelError
from labels.forms.common import Head
from labels.text import clock_date, in_words, money

COUNT, DEPOSIT = "Biên bản kiểm quỹ", "Phiếu nộp tiền"
REPAYMENT = "Giấy đề nghị hoàn trả"
REMITTANCE, TRANSFER = "Phiếu nộp tiền cho cơ quan", "Giấy báo chuyển khoản"


@dataclass(frozen=True)
class CountForm:
    """A count by denomination, A5: pieces by đồng, and what it was compared with; `explanation` of a difference."""

    head: Head
    title: str
    who: str
    counter: str
    at: datetime
    counts: Mapping[int, int]
    counted: int
    expected: int
    expected_words: str
    explanation: str = ""

    def __post_init__(self) -> None:
        if sum(value * pieces for value, pieces in self.counts.items()) != self.counted or self.counted < 0:
            raise LabelError("spec", "Số tờ theo mệnh giá không cộng thành số tiền đã đếm.")


@dataclass(frozen=True)
class RemittanceForm:
    """Money of one ledger for one authority, A4: a line a dossier, in whole đồng (negative: given back).

    `asks`: it asks the authority for what it got too much; its amount is negative.
    """

    head: Head
    authority: str
    ledger: str
    since: date
    until: date
    due_on: date
    lines: tuple[tuple[str, int], ...]
    amount: int
    means: str
    reference: str
    giver: str
    asks: bool = False

    def __post_init__(self) -> None:
        if not self.lines or sum(part for _, part in self.lines) != self.amount:
            raise LabelError("spec", "Các hồ sơ trên phiếu nộp không cộng thành số tiền nộp.")


@dataclass(frozen=True)
class TransferLine:
    """One transfer: where to, how much, what it must say, and its QR's text."""

    bank: str
    number: str
    owner: str
    amount: int
    purpose: str
    payload: str


@dataclass(frozen=True)
class TransferForm:
    """How a citizen pays by transfer, A5."""

    head: Head
    dossier_code: str
    fees: tuple[tuple[str, int], ...]
    transfers: tuple[TransferLine, ...]

    def __post_init__(self) -> None:
        if not self.transfers:
            raise LabelError("spec", "Không còn khoản nào để chuyển khoản.")


def render_count(form: CountForm) -> bytes:
    """The count as an A5 PDF."""
    from labels.forms.sheet import Column, Sheet, Signature

    sheet = Sheet(form.head, form.title)
    sheet.fields([("Người giữ quỹ", form.who), ("Người đếm", form.counter), ("Thời điểm đếm", clock_date(form.at))])
    columns = [Column("Mệnh giá", 3, "right"), Column("Số tờ", 2, "right"), Column("Thành tiền", 3, "right")]
    pieces = sorted(form.counts.items(), reverse=True)
    rows = [(money(value), str(count), money(value * count)) for value, count in pieces]
    sheet.table(columns, rows or [("–", "0", money(0))], total=("Cộng", "", money(form.counted)))
    sheet.paragraph(f"Bằng chữ: {in_words(form.counted)}.", bold=True)
    difference = form.counted - form.expected
    sheet.fields([(form.expected_words, money(form.expected))], label_share=0.5)
    if difference:
        words = f"{'Thừa' if difference > 0 else 'Thiếu'} {money(abs(difference))}"
        sheet.notice(words, form.explanation or "Chưa giải trình. Khoản lệch bị treo tới khi có người thứ hai ký.")
    else:
        sheet.paragraph("Số đếm khớp với sổ.")
    own = form.counter == form.who  # of a till: whoever looks on signs beside the one who counted it
    other = Signature("KIỂM SOÁT VIÊN") if own else Signature("NGƯỜI ĐẾM NHẬN", form.counter)
    sheet.signatures([Signature("NGƯỜI GIỮ QUỸ", form.who), other])
    return sheet.publish()


def render_remittance(form: RemittanceForm) -> bytes:
    """The slip as an A4 PDF."""
    from labels.forms.sheet import Column, Sheet, Signature

    sign = -1 if form.asks else 1
    sheet = Sheet(form.head, REPAYMENT if form.asks else REMITTANCE, a4=True)
    due = [] if form.asks else [("Hạn nộp", f"{form.due_on:%d/%m/%Y}")]
    sheet.fields(
        [
            ("Cơ quan đang giữ" if form.asks else "Cơ quan nhận", form.authority),
            ("Khoản", form.ledger),
            ("Trong các ngày" if form.asks else "Thu trong các ngày", f"{form.since:%d/%m/%Y} – {form.until:%d/%m/%Y}"),
            *due,
            ("Trả bằng" if form.asks else "Hình thức", form.means),
            ("Số tham chiếu", form.reference),
        ],
        label_share=0.22,
    )
    columns = [Column("STT", 1, "centre"), Column("Hồ sơ", 5), Column("Số tiền", 3, "right")]
    rows = [(str(n), name, _signed(sign * part)) for n, (name, part) in enumerate(form.lines, start=1)]
    sheet.table(columns, rows, total=("", f"Tổng cộng {len(form.lines)} hồ sơ", money(sign * form.amount)))
    sheet.paragraph(f"Bằng chữ: {in_words(sign * form.amount)}.", bold=True)
    if form.asks:
        sheet.paragraph(
            "Các khoản trên đã nộp cho cơ quan, sau đó ngân hàng đòi lại hoặc bưu cục phải hoàn công dân. Đề nghị cơ "
            "quan trả lại; nếu cơ quan muốn bù trừ vào lần nộp sau thì báo bưu cục."
        )
        sheet.signatures([Signature("NGƯỜI LẬP", form.giver), Signature("ĐẠI DIỆN CƠ QUAN")])
        return sheet.publish()
    back = -sum(part for _, part in form.lines if part < 0)
    if back:
        sheet.paragraph(f"Đã trừ {money(back)} cơ quan nhận thừa ở lần nộp trước (các dòng số âm).")
    sheet.paragraph("Phiếu lập thành hai bản, mỗi bên giữ một bản. Phiếu này không thay chứng từ thu ngân sách.")
    sheet.signatures([Signature("NGƯỜI NỘP", form.giver), Signature("ĐẠI DIỆN CƠ QUAN NHẬN")])
    return sheet.publish()


def _signed(amount: int) -> str:
    """An amount with its sign: money() is for what is not negative."""
    return f"−{money(-amount)}" if amount < 0 else money(amount)


def render_transfer(form: TransferForm) -> bytes:
    """The paper with its QR codes as an A5 PDF."""
    from labels.forms.sheet import Column, Sheet

    sheet = Sheet(form.head, TRANSFER, note="(Không thay biên lai)")
    sheet.fields([("Mã hồ sơ", form.dossier_code)])
    columns = [Column("Khoản", 5), Column("Số tiền", 2.6, "right")]
    total = ("Tổng cộng", money(sum(amount for _, amount in form.fees)))
    sheet.table(columns, [(name, money(amount)) for name, amount in form.fees], total=total)
    for one in form.transfers:
        sheet.section(f"Chuyển {money(one.amount)}")
        sheet.fields(
            [
                ("Ngân hàng", one.bank),
                ("Số tài khoản", one.number),
                ("Chủ tài khoản", one.owner),
                ("Nội dung", one.purpose),
            ],
            label_share=0.34,
        )
        sheet.beside_code(one.payload, "VietQR")
    sheet.paragraph("Giữ nguyên nội dung chuyển khoản để hồ sơ được ghi nhận tự động.", italic=True)
    return sheet.publish()
