"""Lines of bank statements: read by a mapping, told apart, and judged against what is due."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from agent.domain.money_entries import MOST
from agent.domain.text import fold
from agent.errors import RuleViolation

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "on": ("ngày giao dịch", "ngày hiệu lực", "ngày", "date", "transaction date"),
    "credit": ("ghi có", "số tiền ghi có", "có", "credit", "tiền vào"),
    "debit": ("ghi nợ", "số tiền ghi nợ", "nợ", "debit", "tiền ra"),
    "amount": ("số tiền", "amount"),
    "words": ("nội dung", "nội dung giao dịch", "diễn giải", "mô tả", "description", "remark"),
    "reference": ("số tham chiếu", "mã giao dịch", "số giao dịch", "số ct", "reference", "transaction id"),
}
"""Headings that banks use, where the settings name none."""


class Verdict(StrEnum):
    """What a line of a statement is to us."""

    MATCHED = "matched"  # khớp
    SHORT = "short"  # thiếu
    OVER = "over"  # thừa
    DUPLICATE = "duplicate"  # trả hai lần
    UNKNOWN = "unknown"  # chưa rõ
    CHARGEBACK = "chargeback"  # ngân hàng đòi lại, hoàn trả


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: local date, đồng (negative: went out), the bank's words and reference."""

    on: date
    amount: int
    words: str
    reference: str = ""


def read_lines(rows: Sequence[Sequence[str]], columns: Mapping[str, str], dates: Sequence[str]) -> list[StatementLine]:
    """The lines below the row of headings; RuleViolation names what is missing, or the row that cannot be read.

    `columns` maps our names (on, credit, debit or amount, words, reference) to the bank's headings.
    """
    start, at = _headings(rows, columns)
    lines = []
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        cells = {name: str(row[place]).strip() if place < len(row) else "" for name, place in at.items()}
        if not any(map(str.isdigit, cells["on"])) or not any(cells.get(name) for name in ("credit", "debit", "amount")):
            continue  # sums and remarks below the list
        amount = _amount_of(cells, number)
        if amount:
            lines.append(StatementLine(_day(cells["on"], dates, number), amount, cells["words"], cells["reference"]))
    return lines


def _headings(rows: Sequence[Sequence[str]], columns: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    wanted = {
        name: [_flat(columns[name])] if name in columns else [_flat(one) for one in usual]
        for name, usual in FIELDS.items()
    }
    for number, row in enumerate(rows[:40]):
        heads = [_flat(str(cell)) for cell in row]
        at = {}
        for name, words in wanted.items():
            place = next((heads.index(word) for word in words if word in heads), None)
            if place is not None:
                at[name] = place
        if {"on", "words"} <= at.keys() and at.keys() & {"credit", "amount"}:
            return number, {"reference": 1 << 20, **at}
    raise RuleViolation(
        "Không thấy dòng tiêu đề có ngày, số tiền và nội dung trong sao kê. Ghi tên cột của ngân hàng vào mục "
        "money.statement_columns (ví dụ “on=Ngày GD”, “credit=Phát sinh có”, “words=Diễn giải”)."
    )


def _flat(words: str) -> str:
    return " ".join(fold(unicodedata.normalize("NFC", words)).split())


def _amount_of(cells: Mapping[str, str], number: int) -> int:
    if cells.get("amount"):
        return read_amount(cells["amount"], number)
    credit = read_amount(cells.get("credit", ""), number)
    return credit - abs(read_amount(cells.get("debit", ""), number))


def read_amount(text: str, row: int) -> int:
    """Whole đồng as banks write them.

    >>> read_amount("1,234,567.00", 1), read_amount("+26.000 VND", 1), read_amount("-500", 1), read_amount("26000.0", 1)
    (1234567, 26000, -500, 26000)
    """
    bare = re.sub(r"(?i)\s|vnd|đ|vnđ", "", text)
    if not bare:
        return 0
    bare = re.sub(r"[.,]0{1,2}$", "", bare)
    if not re.fullmatch(r"[+-]?(\d+|\d{1,3}([.,]\d{3})+)", bare):
        raise RuleViolation(f"Dòng {row} của sao kê: số tiền “{text}” không phải số đồng nguyên. Chưa nhập dòng nào.")
    amount = int(re.sub(r"[.,]", "", bare))
    if abs(amount) > MOST:
        raise RuleViolation(f"Dòng {row} của sao kê: số tiền “{text}” quá lớn. Kiểm tra lại tệp. Chưa nhập dòng nào.")
    return amount


def _day(text: str, dates: Sequence[str], row: int) -> date:
    if re.fullmatch(r"\d{5}(\.\d+)?", text):  # a spreadsheet's own date
        return date(1899, 12, 30) + timedelta(days=int(float(text)))
    for form in dates:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 a bank's local day
        except ValueError:
            continue
    raise RuleViolation(
        f"Dòng {row} của sao kê: ngày “{text}” không đúng dạng nào của money.statement_dates. Chưa nhập dòng nào."
    )


def fingerprints(account: str, lines: Iterable[StatementLine]) -> list[str]:
    """What tells each line from all others of the account, the same in every export of the bank that holds it.

    Lines without a reference that are alike in all else are told apart by their place among themselves.
    """
    seen: Counter[str] = Counter()
    made = []
    for line in lines:
        whole = "|".join((account, line.on.isoformat(), str(line.amount), line.reference, _flat(line.words)))
        seen[whole] += 1
        again = f"|{seen[whole]}" if not line.reference else ""
        made.append(hashlib.sha256((whole + again).encode()).hexdigest())
    return made


def judge(amount: int, *, known: bool, due: int, came_before: bool) -> Verdict:
    """What a line is: `known` says that its purpose was given out, `due` what that purpose still waits for.

    `came_before`: a transfer for it was booked already.

    >>> judge(26000, known=True, due=26000, came_before=False), judge(1, known=False, due=0, came_before=False)
    (<Verdict.MATCHED: 'matched'>, <Verdict.UNKNOWN: 'unknown'>)
    """
    if not known:
        return Verdict.UNKNOWN
    if amount < 0:
        return Verdict.CHARGEBACK
    if due == 0:
        return Verdict.DUPLICATE if came_before else Verdict.OVER
    if amount == due:
        return Verdict.MATCHED
    return Verdict.SHORT if amount < due else Verdict.OVER
