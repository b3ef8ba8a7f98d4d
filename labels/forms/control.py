"""Form 06: the slip that follows a dossier from hand to hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from labels.forms.common import Head
from labels.text import clock_date, short_time

TITLE = "Phiếu kiểm soát quá trình giải quyết hồ sơ"


class HopResult(StrEnum):
    """How a hop stood against its term (trước hạn, đúng hạn, quá hạn)."""

    EARLY = "early"
    ON_TIME = "on-time"
    LATE = "late"


RESULT_WORDS = {HopResult.EARLY: "trước hạn", HopResult.ON_TIME: "đúng hạn", HopResult.LATE: "quá hạn"}


@dataclass(frozen=True)
class Hop:
    """One change of hands at local time `at`; `result` None when the hop has no term."""

    giver: str
    receiver: str
    at: datetime
    result: HopResult | None = None
    remark: str = ""


@dataclass(frozen=True)
class ControlForm:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ; empty rows are left for what is still to come."""

    head: Head
    dossier_code: str
    procedure_code: str
    procedure_name: str
    resolving_body: str
    coordinating_body: str
    received_at: datetime
    due_at: datetime | None
    hops: tuple[Hop, ...]
    empty_rows: int = 0


def render(form: ControlForm) -> bytes:
    """The slip as an A5 PDF."""
    from labels.forms.sheet import Column, Sheet

    sheet = Sheet(form.head, TITLE)
    sheet.fields(
        [
            ("Mã hồ sơ", form.dossier_code),
            ("Thủ tục", f"{form.procedure_name} ({form.procedure_code})"),
            ("Cơ quan giải quyết", form.resolving_body),
            ("Cơ quan phối hợp", form.coordinating_body),
            ("Thời gian nhận hồ sơ", clock_date(form.received_at)),
            (
                "Hạn trả kết quả",
                clock_date(form.due_at) if form.due_at else "được báo khi tỉnh tiếp nhận hồ sơ",
            ),
        ]
    )
    sheet.space(1.5)
    columns = [
        Column("STT", 1, "centre"),
        Column("Người giao", 3.2),
        Column("Người nhận", 3.2),
        Column("Thời gian", 2.5),
        Column("Kết quả", 1.9),
        Column("Ghi chú", 3),
    ]
    rows = [
        (str(n), h.giver, h.receiver, short_time(h.at), RESULT_WORDS[h.result] if h.result else "–", h.remark)
        for n, h in enumerate(form.hops, start=1)
    ]
    rows += [(str(len(rows) + n), "", "", "", "", "") for n in range(1, form.empty_rows + 1)]
    sheet.table(columns, rows)
    return sheet.publish()
