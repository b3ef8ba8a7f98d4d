"""Compare one dossier's row in two ledgers: what differs, whose it is, why, and how it is mended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from agent.domain.buckets import ledger_row_facts
from agent.domain.money import dong
from agent.domain.tracking_status import STATUS_NAME, ProvinceStatus, moves_forward
from agent.ports import LedgerRow


class Kind(StrEnum):
    """The classes of difference (loại sai khác)."""

    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"
    STATUS = "status"
    CONTENT = "content"
    FILE = "file"
    FEE = "fee"
    PARCEL = "parcel"
    PAYMENT = "payment"
    MILESTONE = "milestone"
    LATE = "late"


class Owner(StrEnum):
    """Who has to act: the post office, the province, or the line between them."""

    OFFICE = "office"
    PROVINCE = "province"
    SYSTEM = "system"


class Repair(StrEnum):
    """What can be done about a difference in one step; ACCEPT, CORRECT and EXPLAIN wait for a second person."""

    RESEND = "resend"
    ASK = "ask"
    ACCEPT = "accept"
    CORRECT = "correct"
    EXPLAIN = "explain"


NAME: Final = {
    Kind.MISSING_THERE: "tỉnh không có",
    Kind.MISSING_HERE: "bưu cục không có",
    Kind.STATUS: "khác trạng thái",
    Kind.CONTENT: "khác nội dung",
    Kind.FILE: "khác tệp",
    Kind.FEE: "khác số tiền",
    Kind.PARCEL: "khác bưu gửi trả kết quả",
    Kind.PAYMENT: "khác bút toán thu",
    Kind.MILESTONE: "khác mốc giữ bưu gửi",
    Kind.LATE: "chậm gửi",
}
OWNER_NAME: Final = {Owner.OFFICE: "bưu cục", Owner.PROVINCE: "tỉnh", Owner.SYSTEM: "đường truyền"}

REPAIRS: Final = {
    Kind.MISSING_THERE: (Repair.ASK, Repair.EXPLAIN),
    Kind.MISSING_HERE: (Repair.RESEND, Repair.ASK, Repair.EXPLAIN),
    Kind.STATUS: (Repair.ASK, Repair.ACCEPT),
    Kind.CONTENT: (Repair.ASK, Repair.EXPLAIN),
    Kind.FILE: (Repair.ASK, Repair.ACCEPT),
    Kind.FEE: (Repair.ASK, Repair.CORRECT, Repair.ACCEPT),
    Kind.PARCEL: (Repair.RESEND, Repair.ASK, Repair.ACCEPT),
    Kind.PAYMENT: (Repair.RESEND, Repair.ASK, Repair.EXPLAIN),
    Kind.MILESTONE: (Repair.RESEND, Repair.ASK, Repair.EXPLAIN),
    Kind.LATE: (Repair.RESEND, Repair.EXPLAIN),
}
_SUGGESTION: Final = {
    Kind.MISSING_THERE: "Gửi tỉnh biên nhận đã ký, đề nghị tìm lại hồ sơ.",
    Kind.MISSING_HERE: "Gửi lại việc đang dừng nếu có; nếu không, hỏi tỉnh hồ sơ này từ đâu đến.",
    Kind.STATUS: "Đọc lại tin trạng thái; nếu vẫn khác, hỏi tỉnh.",
    Kind.CONTENT: "Gửi tỉnh biên nhận đã ký và mã tóm tắt, đề nghị kiểm tra nội dung.",
    Kind.FILE: "Đề nghị tỉnh đối chiếu mã SHA-256 của tệp với biên nhận.",
    Kind.FEE: "Đếm lại tiền theo biên lai; đúng thì đề nghị tỉnh sửa, sai thì đính chính có người thứ hai ký.",
    Kind.PARCEL: "Gửi lại báo cáo phát, hoặc hỏi tỉnh đã nhận báo cáo nào.",
    Kind.PAYMENT: "Đối chiếu biên lai rồi gửi lại báo cáo; vẫn khác thì hỏi tỉnh, kèm biên nhận của báo cáo thu.",
    Kind.MILESTONE: "Đối chiếu sổ giao nhận bưu gửi rồi gửi lại báo cáo; vẫn khác thì hỏi tỉnh mốc nào đã nhận.",
    Kind.LATE: "Gửi lại ngay, hoặc xử lý lý do bị giữ.",
}


@dataclass(frozen=True)
class Finding:
    """One difference as it was seen now; `ours` and `theirs` hold ids, codes and amounts only."""

    kind: Kind
    owner: Owner
    key: str
    number: str
    explanation: str
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)


def suggestion(kind: Kind) -> str:
    """The next step, in words."""
    return _SUGGESTION[kind]


def missing_there(ours: LedgerRow) -> Finding:
    """We hold the province's receipt and the province does not list the dossier."""
    words = f"Bưu cục có biên nhận tỉnh đã ký cho hồ sơ {ours.number}, nhưng sổ của tỉnh không có hồ sơ này."
    return Finding(Kind.MISSING_THERE, Owner.PROVINCE, ours.key, ours.number, words, ledger_row_facts(ours))


def missing_here(theirs: LedgerRow, *, known: str) -> Finding:
    """The province lists a dossier that we have no receipt for; `known` is our state of it, in words, or empty."""
    if known:
        words = f"Tỉnh đã ghi nhận hồ sơ {theirs.number}; ở bưu cục hồ sơ này còn “{known}” và không có gì đang gửi."
        owner = Owner.OFFICE
    else:
        words = f"Tỉnh ghi hồ sơ {theirs.number} (số tạm {theirs.key}) là của bưu cục, nhưng bưu cục không có."
        owner = Owner.SYSTEM
    return Finding(Kind.MISSING_HERE, owner, theirs.key, theirs.number, words, {}, ledger_row_facts(theirs))


def twice(theirs: LedgerRow, first: LedgerRow) -> Finding:
    """The province lists a second dossier under a provisional number that stands for one dossier only."""
    words = f"Tỉnh có hai hồ sơ {first.number} và {theirs.number} cùng số tạm {theirs.key}: một lần gửi bị ghi hai lần."
    held = {"number": first.number}
    return Finding(Kind.MISSING_HERE, Owner.PROVINCE, theirs.key, theirs.number, words, held, ledger_row_facts(theirs))


def moved(ours: LedgerRow, theirs: LedgerRow, *, here: str, there: str) -> Finding:
    """The province has the dossier in another bucket: of another office, or as received on another day."""
    (office, _, day), (other, _, their_day) = here.partition("|"), there.partition("|")
    words = f"Tỉnh ghi hồ sơ {ours.number} nhận ngày {their_day}, bưu cục nhận ngày {day}."
    if office != other:
        words = f"Tỉnh ghi hồ sơ {ours.number} là của bưu cục {other}; hồ sơ do {office} nhận và gửi."
    names = ("digest", "number", "at")
    mine, other_facts = ({name: ledger_row_facts(row)[name] for name in names} for row in (ours, theirs))
    return Finding(
        Kind.CONTENT, Owner.PROVINCE, ours.key, ours.number, words, {**mine, "office": office},
        {**other_facts, "office": other},
    )  # fmt: skip


def compare_rows(ours: LedgerRow, theirs: LedgerRow) -> list[Finding]:
    """Everything on which two rows of the same dossier differ."""
    mine, other = ledger_row_facts(ours), ledger_row_facts(theirs)
    found = []
    for kind, names, explain in (
        (Kind.CONTENT, ("digest", "number", "at"), _content),
        (Kind.STATUS, ("status",), _status),
        (Kind.FEE, ("fee",), _fee),
        (Kind.FILE, ("files",), _files),
        (Kind.PARCEL, ("items",), _parcel),
    ):
        if any(mine[name] != other[name] for name in names):
            owner, words = explain(ours, theirs)
            here, there = ({name: row[name] for name in names} for row in (mine, other))
            found.append(Finding(kind, owner, ours.key, ours.number, words, here, there))
    return found


def _content(ours: LedgerRow, theirs: LedgerRow) -> tuple[Owner, str]:
    if ours.number != theirs.number:
        return Owner.PROVINCE, f"Hồ sơ {ours.key} mang số {ours.number} ở bưu cục và {theirs.number} ở tỉnh."
    if ours.digest != theirs.digest:
        return (
            Owner.PROVINCE,
            f"Nội dung hồ sơ {ours.number} ở tỉnh ({theirs.digest[:12]}…) khác nội dung tỉnh đã ký nhận "
            f"({ours.digest[:12]}…).",
        )
    return Owner.PROVINCE, f"Hồ sơ {ours.number}: thời điểm tiếp nhận ở tỉnh khác thời điểm bưu cục đã gửi."


def _status(ours: LedgerRow, theirs: LedgerRow) -> tuple[Owner, str]:
    here, there = status_words(ours.status), status_words(theirs.status)
    known = {int(status) for status in ProvinceStatus}
    ahead = {ours.status, theirs.status} <= known and moves_forward(
        ProvinceStatus(ours.status), ProvinceStatus(theirs.status)
    )
    if ahead:
        return (
            Owner.SYSTEM,
            f"Tỉnh ghi “{there}”, bưu cục mới biết “{here}”: tin trạng thái không tới, dù đã đọc hết.",
        )
    return Owner.PROVINCE, f"Tỉnh đã báo “{here}” mà nay ghi “{there}”: trạng thái ở tỉnh lùi lại."


def _fee(ours: LedgerRow, theirs: LedgerRow) -> tuple[Owner, str]:
    words = f"Bưu cục đã thu {dong(ours.fee)}, tỉnh ghi {dong(theirs.fee)}"
    if ours.digest == theirs.digest:
        return Owner.PROVINCE, f"{words}; nội dung hồ sơ hai bên vẫn khớp, nên số tiền đã bị đổi ở tỉnh sau khi nhận."
    return Owner.OFFICE, f"{words}; nội dung hồ sơ hai bên cũng khác nhau."


def _files(ours: LedgerRow, theirs: LedgerRow) -> tuple[Owner, str]:
    lack, extra = set(ours.files) - set(theirs.files), set(theirs.files) - set(ours.files)
    parts = []
    for names, words in ((lack, "tỉnh thiếu"), (extra, "bưu cục không gửi mà tỉnh có")):
        if names:
            parts.append(f"{words} {len(names)} tệp ({', '.join(name[:12] + '…' for name in sorted(names))})")
    return Owner.PROVINCE, f"Hồ sơ {ours.number}: {' và '.join(parts)}."


def _parcel(ours: LedgerRow, theirs: LedgerRow) -> tuple[Owner, str]:
    lack = sorted(set(ours.items) - set(theirs.items))
    if lack:
        return Owner.PROVINCE, f"Bưu cục đã phát và tỉnh đã ký nhận báo cáo {', '.join(lack)}, sổ tỉnh không ghi."
    extra = sorted(set(theirs.items) - set(ours.items))
    return Owner.OFFICE, f"Tỉnh ghi đã phát {', '.join(extra) or 'số lần khác'}, bưu cục không có báo cáo đó."


def status_words(status: int) -> str:
    """The province's status in words.

    >>> status_words(9), status_words(77)
    ('Đã xử lý xong', 'mã 77')
    """
    return STATUS_NAME[ProvinceStatus(status)][0] if status in {int(one) for one in STATUS_NAME} else f"mã {status}"
