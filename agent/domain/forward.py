"""The paper leg (chặng giấy): numbers of bags, manifests and minutes, its deadlines, and what minutes come to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from agent.domain.calendar_vn import Calendar
from agent.domain.check_character import SAFE, SAFE_ALPHABET
from agent.domain.custody_steps import CustodyStep, ItemState
from agent.domain.deadlines import Deadline, Term, TermUnit, add_working_days, due
from agent.errors import InvalidIdentifier

PAPER_TRANSFER_DAYS: Final = 1
"""Working days in which a dossier's papers must reach the authority."""

_NUMBER = re.compile(rf"(?P<kind>[TKB])(?P<terminal>[{SAFE_ALPHABET}]{{1,4}})(?P<day>\d{{6}})(?P<sequence>\d{{3,5}})"
                     rf"(?P<check>[{SAFE_ALPHABET}])")  # fmt: skip
_SEPARATORS = re.compile(r"[\s\-–—_./]+")
_SEAL = re.compile(r"[0-9A-Z][0-9A-Z\-/.]{2,29}")
_TERM = re.compile(r"(\d+) (ngày|giờ) làm việc")


class Paper(StrEnum):
    """What a number of this module names: the first letter of the number."""

    BAG = "T"  # túi
    MANIFEST = "K"  # bảng kê
    MINUTES = "B"  # biên bản


PAPER_NAME: Final = {Paper.BAG: "túi", Paper.MANIFEST: "bảng kê", Paper.MINUTES: "biên bản"}


class Seal(StrEnum):
    """What was seen of a seal (niêm phong)."""

    APPLIED = "applied"
    INTACT = "intact"
    BROKEN = "broken"
    MISSING = "missing"
    OTHER = "other"  # another number than the one that was put on
    REMOVED = "removed"


SEAL_NAME: Final = {
    Seal.APPLIED: "đã niêm phong",
    Seal.INTACT: "còn nguyên",
    Seal.BROKEN: "bị rách, vỡ",
    Seal.MISSING: "không còn",
    Seal.OTHER: "sai số niêm phong",
    Seal.REMOVED: "đã tháo",
}


class Verdict(StrEnum):
    """What a count says of one thing (kết quả kiểm đếm)."""

    PRESENT = "present"
    SHORT = "short"  # expected and not there
    OVER = "over"  # there, not on the list, and it belongs here: taken over with its name
    ELSEWHERE = "elsewhere"  # there, ours, and not for this receiver: goes back with the giver
    UNKNOWN = "unknown"  # in nobody's books here: kept aside and named


VERDICT_NAME: Final = {
    Verdict.PRESENT: "đủ",
    Verdict.SHORT: "thiếu",
    Verdict.OVER: "thừa, đúng nơi nhận",
    Verdict.ELSEWHERE: "thừa, của nơi khác",
    Verdict.UNKNOWN: "thừa, không có trong sổ",
}


class Follow(StrEnum):
    """What happens next with a thing that a count named (hướng xử lý)."""

    NONE = ""
    SEARCH = "search"  # the giver looks for it; it stays in the giver's books
    TAKEN = "taken"  # taken over by this count, nothing more to do
    GO_BACK = "go_back"  # carried back to the office, goes with the next bag to its own receiver
    NEXT_TRIP = "next_trip"  # the authority has not given it yet: it stays on the list of results ready
    ASK = "ask"  # put aside; its number is asked about
    WITH_INVENTORY = "with_inventory"  # the seal was not intact: opened and counted together


FOLLOW_NAME: Final = {
    Follow.NONE: "",
    Follow.SEARCH: "bên giao tìm, báo lại trong ngày làm việc; chưa thấy thì lập hồ sơ thất lạc",
    Follow.TAKEN: "bên nhận nhận luôn, ghi thêm vào biên bản",
    Follow.GO_BACK: "bên giao mang về, chuyển đúng nơi nhận trong chuyến sau",
    Follow.NEXT_TRIP: "cơ quan chưa giao; còn trong danh sách có kết quả, lấy chuyến sau",
    Follow.ASK: "để riêng, bên giao hỏi số hiệu rồi báo lại",
    Follow.WITH_INVENTORY: "hai bên mở, đối chiếu từng giấy tờ theo phiếu",
}
NEXT_STEP: Final = {
    Verdict.PRESENT: Follow.NONE,
    Verdict.SHORT: Follow.SEARCH,
    Verdict.OVER: Follow.TAKEN,
    Verdict.ELSEWHERE: Follow.GO_BACK,
    Verdict.UNKNOWN: Follow.ASK,
}


def mint(paper: Paper, terminal: str, on: date, sequence: int) -> str:
    """The number of the `sequence`-th (from 1) bag, manifest or minutes of a terminal on a local date.

    Digits and letters that no input method changes, with a check character; the month is digits, so that it is never
    taken for a dossier's provisional number.

    >>> mint(Paper.BAG, "T1", date(2026, 11, 29), 12)
    'TT1-261129-012B'
    """
    if not re.fullmatch(rf"[{SAFE_ALPHABET}]{{1,4}}", terminal) or not 0 < sequence < 100_000:
        raise InvalidIdentifier(
            "bag", f"{terminal} {sequence}", "Không cấp được số túi: kiểm tra mã máy trong cấu hình."
        )
    body = f"{paper}{terminal}{on:%y%m%d}{sequence:03d}"
    return f"{paper}{terminal}-{on:%y%m%d}-{sequence:03d}{SAFE.character(body)}"


def parse_number(text: str, *wanted: Paper) -> str:
    """The canonical number of a bag, manifest or minutes, typed or scanned; InvalidIdentifier for anything else.

    >>> parse_number(" tt1 261129 012b ")
    'TT1-261129-012B'
    """
    compact = _SEPARATORS.sub("", text.upper())
    match = _NUMBER.fullmatch(compact) if compact.isascii() else None
    name = " hoặc ".join(PAPER_NAME[one] for one in wanted) or "túi, bảng kê hoặc biên bản"
    if not match:
        raise InvalidIdentifier(
            "bag", text, f"“{text[:40]}” không phải số {name} của bưu cục. Quét lại nhãn hoặc gõ lại."
        )
    if not SAFE.holds(compact):
        raise InvalidIdentifier("bag", text, f"Số {name} “{text[:40]}” sai ký tự kiểm tra: có ký tự nhập nhầm. Gõ lại.")
    if wanted and Paper(match["kind"]) not in wanted:
        raise InvalidIdentifier(
            "bag",
            text,
            f"“{text[:40]}” là số {PAPER_NAME[Paper(match['kind'])]}, không phải số {name}. Quét đúng nhãn.",
        )
    return f"{match['kind']}{match['terminal']}-{match['day']}-{match['sequence']}{match['check']}"


def parse_seal(text: str) -> str:
    """The number printed on a seal: capitals, digits, at most 30; InvalidIdentifier for what cannot be one.

    >>> parse_seal(" vn 0012345 ")
    'VN0012345'
    """
    tidy = re.sub(r"\s+", "", text).upper()
    if not tidy.isascii() or not _SEAL.fullmatch(tidy):
        raise InvalidIdentifier(
            "seal",
            text,
            f"“{text[:40]}” không phải số niêm phong (3–30 chữ số, chữ in hoa). Quét hoặc gõ số trên niêm phong.",
        )
    return tidy


def parcel_upu_code(kind: str, step: CustodyStep, state: ItemState | None, to_holder: str) -> str | None:
    """The UPU event that a step of an envelope is reported as; None where UPU has none, and for every bag.

    UPU's tracking events are of items; a bag is a receptacle, which they do not tell of.

    >>> parcel_upu_code("envelope", CustodyStep.REGISTER, None, "office:BC-TAYHO")
    'EMA'
    >>> parcel_upu_code("bag", CustodyStep.REGISTER, None, "office:BC-TAYHO") is None
    True
    """
    if kind != "envelope":
        return None
    if step is CustodyStep.REGISTER:
        return None if to_holder.startswith("authority:") else "EMA"
    if step is CustodyStep.ACCEPT:
        if to_holder.startswith("authority:"):
            return "EMI"
        return "EMA" if state is ItemState.REGISTERED else None
    codes = {
        CustodyStep.INTO_BAG: "EDE",
        CustodyStep.OUT_OF_BAG: "EDD",
        CustodyStep.ARRIVE: "EMG",
        CustodyStep.LOSE: "EDX",
    }
    return codes.get(step)


def transfer_deadline(calendar: Calendar, received_at: datetime) -> datetime:
    """When the papers of a dossier that was received then must be at the authority: 1 working day on."""
    return add_working_days(calendar, received_at, PAPER_TRANSFER_DAYS).due_at


def parse_term(words: str) -> Term | None:
    """The term that `str(Term)` wrote; None for other words.

    >>> parse_term(str(Term(3)))
    Term(amount=3, unit=<TermUnit.DAYS: 'days'>)
    """
    if words == str(Term(0)):
        return Term(0)
    match = _TERM.fullmatch(words)
    if match is None:
        return None
    return Term(int(match[1]), TermUnit.DAYS if match[2] == "ngày" else TermUnit.HOURS)


def due_from_filing(calendar: Calendar, filed_at: datetime, term: Term) -> Deadline:
    """When a dossier is due whose term runs from the signing of the minutes."""
    return due(calendar, filed_at, term)


@dataclass(frozen=True, slots=True)
class Counted:
    """How a count stands: what was expected, what of it is there, and what else was found."""

    expected: int
    present: int
    others: int = 0

    @property
    def short(self) -> int:
        """How many of the expected are not there yet."""
        return self.expected - self.present


def difference_words(rows: Iterable[tuple[str, Verdict, Follow]]) -> tuple[str, ...]:
    """One sentence for each thing that was short or over: its number, what is wrong, what happens next."""
    return tuple(
        f"{number}: {VERDICT_NAME[verdict]} – {FOLLOW_NAME[follow]}."
        for number, verdict, follow in rows
        if verdict is not Verdict.PRESENT or follow is not Follow.NONE
    )


def seal_words(states: Collection[str]) -> str:
    """How many seals were found in which condition.

    >>> seal_words(["intact", "intact", "broken"])
    'còn nguyên 2, bị rách, vỡ 1'
    """
    kinds = [kind for kind in Seal if kind.value in set(states)]
    return ", ".join(f"{SEAL_NAME[kind]} {sum(state == kind for state in states)}" for kind in kinds)
