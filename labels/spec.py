"""What a label says: the dossier's label without personal data, the item's with what delivery needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from labels import payload as codes
from labels.errors import LabelError

if TYPE_CHECKING:
    from labels.forms.receipt import ReceiptForm

_S10 = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")
_CITIZEN_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")


@dataclass(frozen=True)
class DossierLabel:
    """The label of a dossier's envelope (nhãn hồ sơ). It holds no personal data.

    `received_at` is local time (Asia/Ho_Chi_Minh). `provisional` is the number minted at the counter, in the
    alphabet that keyboards do not corrupt; `official` is the province's, None until it is known.
    """

    provisional: str
    official: str | None
    procedure_code: str
    procedure_name: str
    received_at: datetime
    office: str
    component_count: int
    training: bool

    @property
    def payload(self) -> str:
        """The QR's text: `PA1|<provisional>|<official or nothing>`."""
        return codes.dossier_payload(self.provisional, self.official)


@dataclass(frozen=True)
class ItemLabel:
    """The label of an item that carries a result back (nhãn bưu gửi).

    It has no field for a citizen's id or a procedure. `masked_phone` shows at most 6 digits;
    `amount_to_collect` is whole đồng, 0 when nothing is collected; `undelivered` says what to do then.
    Raises LabelError("spec") for an S10 number with a wrong check digit, a phone that is not masked, a negative
    amount, or a text that holds a citizen's id.
    """

    item_number: str
    service_mark: str
    sending_authority: str
    receiver_name: str
    receiver_address: str
    masked_phone: str
    dossier_code: str
    amount_to_collect: int
    addressee_only: bool
    undelivered: str
    qr_payload: str
    training: bool

    def __post_init__(self) -> None:
        if sum(c.isdigit() for c in self.masked_phone) > 6:
            raise LabelError("spec", "Số điện thoại trên nhãn phải được che bớt (không quá 6 chữ số).")
        if self.amount_to_collect < 0:
            raise LabelError("spec", "Số tiền thu hộ trên nhãn không được âm.")
        number = _S10.fullmatch(self.item_number)
        if number and s10_check_digit(number[1]) != number[2]:
            raise LabelError("spec", f"Số bưu gửi {self.item_number} sai số kiểm tra. Quét hoặc nhập lại số.")
        texts = (self.sending_authority, self.receiver_name, self.receiver_address, self.undelivered, self.service_mark)
        if any(_CITIZEN_ID.search(text) for text in texts):
            raise LabelError("spec", "Nhãn bưu gửi không được in số định danh cá nhân. Bỏ dãy 12 chữ số rồi in lại.")


@dataclass(frozen=True)
class ComponentLabel:
    """The label of one component of a dossier (nhãn thành phần hồ sơ). It holds no personal data.

    `code` is the component's code or uid, `position` of `of` counts from 1.
    """

    provisional: str
    code: str
    name: str
    position: int
    of: int
    handling: str
    office: str
    training: bool

    @property
    def payload(self) -> str:
        """The QR's text: `PA1C|<provisional>|<code>`."""
        return codes.component_payload(self.provisional, self.code)


@dataclass(frozen=True)
class BagLabel:
    """The label of a bag (nhãn túi thư). `closed_at` is local time; `seal` the seal's number."""

    number: str
    origin: str
    destination: str
    items: int
    seal: str
    closed_at: datetime
    training: bool

    @property
    def payload(self) -> str:
        """The text of bars and QR: `PA1T|<number>`."""
        return codes.compose(codes.BAG, self.number)


@dataclass(frozen=True)
class ManifestLabel:
    """The label of a manifest (nhãn bản kê): its code, way and counts. `dispatched_at` is local time."""

    number: str
    origin: str
    destination: str
    bags: int
    items: int
    dossiers: int
    dispatched_at: datetime
    training: bool

    @property
    def payload(self) -> str:
        """The text of bars and QR: `PA1M|<number>`."""
        return codes.compose(codes.MANIFEST, self.number)


@dataclass(frozen=True)
class ReceiptSlip:
    """Form 01 in short on a receipt printer's roll (giấy tiếp nhận, bản in nhiệt): as long as it needs to be."""

    form: ReceiptForm


Spec = DossierLabel | ItemLabel | ComponentLabel | BagLabel | ManifestLabel | ReceiptSlip


def s10_check_digit(serial: str) -> str:
    """The ninth digit of an S10 number's 8-digit serial (UPU S10).

    >>> s10_check_digit("47312482")
    '9'
    """
    rest = sum(int(digit) * weight for digit, weight in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {0: "5", 1: "0"}.get(rest, str(11 - rest))
