"""What a label says: the dossier's label without personal data, the item's with what delivery needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from labels.errors import LabelError

PAYLOAD_VERSION = "PA1"


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
        return dossier_payload(self.provisional, self.official)


@dataclass(frozen=True)
class ItemLabel:
    """The label of an item that carries a result back (nhãn bưu gửi).

    It has no field for a citizen's id or a procedure. `masked_phone` shows at most 6 digits;
    `amount_to_collect` is whole đồng, 0 when nothing is collected; `undelivered` says what to do then.
    Raises LabelError("spec") when the phone is not masked or the amount is negative.
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


Spec = DossierLabel | ItemLabel


def dossier_payload(provisional: str, official: str | None) -> str:
    """The text of the QR on labels and forms: `PA1|<provisional>|<official or nothing>`.

    >>> dossier_payload("T3-26N21-0C7K", None)
    'PA1|T3-26N21-0C7K|'
    """
    for part in (provisional, official or ""):
        if "|" in part or not part.isascii() or not part.isprintable():
            raise LabelError("code-text", f"Số hồ sơ “{part[:40]}” có ký tự không dùng được trong mã QR.")
    return f"{PAYLOAD_VERSION}|{provisional}|{official or ''}"


def read_payload(text: str) -> tuple[str, str | None] | None:
    """The provisional and official number in a scanned payload, or None when it is not ours.

    >>> read_payload("PA1|T3-26N21-0C7K|H26.019.02-261121-000012")
    ('T3-26N21-0C7K', 'H26.019.02-261121-000012')
    """
    parts = text.split("|")
    if len(parts) != 3 or parts[0] != PAYLOAD_VERSION or not parts[1]:
        return None
    return parts[1], parts[2] or None
