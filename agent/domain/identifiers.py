"""The numbers that name a dossier, a procedure, an agency, a component or a digitised paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from agent.domain.check_character import SAFE, SAFE_ALPHABET, WIDE, from_base, to_base
from agent.errors import InvalidIdentifier

EPOCH_YEAR: Final = 2020
MONTHS: Final = "BCGHKLMNPQTV"
"""January to December. Always a letter, so that a provisional number is never digits only."""
MAX_SEQUENCE: Final = len(SAFE_ALPHABET) ** 3 - 1

_TERMINAL = re.compile(rf"[{SAFE_ALPHABET}]{{1,4}}")
_PROVISIONAL = re.compile(
    rf"(?P<terminal>[{SAFE_ALPHABET}]{{1,4}})(?P<year>[{SAFE_ALPHABET}])(?P<month>[{MONTHS}])"
    rf"(?P<day>\d\d)(?P<sequence>[{SAFE_ALPHABET}]{{3}})(?P<check>[{SAFE_ALPHABET}])"
)
_OFFICIAL_2018 = re.compile(r"(?P<agency>\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2})-(?P<date>\d{6})-(?P<sequence>\d{4,})")
_OFFICIAL = re.compile(r"(?P<agency>[A-Y]\d{2}(?:\.[0-9A-Z]+)*)-(?P<date>\d{6}|\d{8})-(?P<sequence>\d{4,})")
_PROCEDURE = re.compile(r"\d\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2})?")
_AGENCY = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-YZ]\d{2}(?:\.[0-9A-Z]+)*")
_FIELD = re.compile(r"[A-Y]\d{2}-[A-Z]{2}\d{2,6}")
_COMPONENT = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}-KQ\d{3,8}")
_RESULT = re.compile(r"KQ\.[A-Y]\d{2}\.\d{6}")
_DOCUMENT_TYPE = re.compile(r"[0-9A-HJ-NP-Z]{2,12}")
_LOOKALIKE = str.maketrans("OI", "01")
_SEPARATORS = re.compile(r"[\s\-–—_./]+")


@dataclass(frozen=True, slots=True)
class Provisional:
    """Our own number of a dossier until the province gives the official one (mã tạm của bưu cục).

    `text` is the canonical form `T1-6T21-00CQ`: terminal - year, month, day - sequence, check character.
    """

    text: str
    terminal: str
    on: date
    sequence: int


def mint_provisional(terminal: str, on: date, sequence: int) -> str:
    """The provisional number of the `sequence`-th dossier (0..10647) of a terminal on a local date.

    Injective in its three arguments; cannot match an official code, an S10 number or a number of digits only.

    >>> mint_provisional("T1", date(2026, 11, 21), 11)
    'T1-6T21-00CQ'
    """
    if not _TERMINAL.fullmatch(terminal):
        raise InvalidIdentifier(
            "terminal",
            terminal,
            f"Mã máy “{terminal}” cần 1–4 ký tự trong {SAFE_ALPHABET}. Sửa terminal_id trong cấu hình.",
        )
    if not 0 <= on.year - EPOCH_YEAR < len(SAFE_ALPHABET):
        raise InvalidIdentifier(
            "provisional", on.isoformat(), f"Ngày {on:%d/%m/%Y} không hợp lệ: kiểm tra đồng hồ máy."
        )
    if not 0 <= sequence <= MAX_SEQUENCE:
        raise InvalidIdentifier(
            "provisional", str(sequence), f"Máy {terminal} đã hết số tạm trong ngày {on:%d/%m/%Y}: dùng máy khác."
        )
    day = f"{SAFE_ALPHABET[on.year - EPOCH_YEAR]}{MONTHS[on.month - 1]}{on.day:02d}"
    body = to_base(sequence, 3)
    return f"{terminal}-{day}-{body}{SAFE.character(terminal + day + body)}"


def parse_provisional(text: str) -> Provisional:
    """Read a provisional number typed or scanned, forgiving case, spaces, hyphens, and O/I for 0/1.

    >>> parse_provisional(" t1 6t21 oocq ").text
    'T1-6T21-00CQ'
    """
    compact = _SEPARATORS.sub("", text.upper()).translate(_LOOKALIKE)
    match = _PROVISIONAL.fullmatch(compact)
    if not match:
        raise InvalidIdentifier(
            "provisional", text, f"“{text}” không phải mã tạm của bưu cục. Quét lại nhãn hoặc nhập lại."
        )
    if not SAFE.holds(compact):
        raise InvalidIdentifier(
            "provisional", text, f"Mã tạm “{text}” sai ký tự kiểm tra: có ký tự nhập nhầm. Nhập lại."
        )
    year, month = EPOCH_YEAR + SAFE_ALPHABET.index(match["year"]), MONTHS.index(match["month"]) + 1
    try:
        on = date(year, month, int(match["day"]))
    except ValueError:
        raise InvalidIdentifier("provisional", text, f"Mã tạm “{text}” mang ngày không có thật. Nhập lại.") from None
    sequence = from_base(match["sequence"])
    canonical = f"{match['terminal']}-{compact[-8:-4]}-{compact[-4:]}"
    return Provisional(canonical, match["terminal"], on, sequence)


@dataclass(frozen=True, slots=True)
class OfficialNumber:
    """The number that the receiving system gave a dossier (mã số hồ sơ).

    `form` is "2018" (Circular 01/2018) or "2026" (centralised systems); `on` is the date written in it.
    """

    text: str
    agency: str
    on: date
    sequence: int
    form: str


def parse_official(text: str) -> OfficialNumber:
    """Read an official dossier number in either form.

    >>> parse_official("g09.20-20260609-0092637").sequence
    92637
    """
    tidy = re.sub(r"\s+", "", text).upper().replace("–", "-")
    for form, pattern in (("2018", _OFFICIAL_2018), ("2026", _OFFICIAL)):
        if match := pattern.fullmatch(tidy):
            on = _written_date(text, match["date"])
            return OfficialNumber(tidy, match["agency"], on, int(match["sequence"]), form)
    raise InvalidIdentifier(
        "official-number",
        text,
        f"“{text}” không phải mã số hồ sơ (mẫu: H26.019.02-261121-010001). Quét lại hoặc nhập lại từ phiếu hẹn.",
    )


def _written_date(text: str, digits: str) -> date:
    full = digits if len(digits) == 8 else "20" + digits
    try:
        return date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        raise InvalidIdentifier(
            "official-number", text, f"Mã số hồ sơ “{text}” mang ngày không có thật. Nhập lại từ phiếu hẹn."
        ) from None


def _accept(kind: str, pattern: re.Pattern[str], text: str, called: str, example: str) -> str:
    tidy = re.sub(r"\s+", "", text).upper()
    if not pattern.fullmatch(tidy) or len(tidy) > 35:
        raise InvalidIdentifier(kind, text, f"“{text}” không phải {called} (ví dụ {example}). Kiểm tra rồi nhập lại.")
    return tidy


def parse_procedure_code(text: str) -> str:
    """A procedure's code (mã thủ tục), with or without its local suffix: `1.004616.000.00.00.H56`."""
    return _accept("procedure", _PROCEDURE, text, "mã thủ tục", "1.001193")


def national_code(procedure_code: str) -> str:
    """The national part of a procedure's code.

    >>> national_code("1.004616.000.00.00.H56")
    '1.004616'
    """
    return parse_procedure_code(procedure_code)[:8]


def parse_agency_code(text: str) -> str:
    """An agency's code (mã định danh, Decision 20/2020): up to 35 of 0-9A-Z and dots, level 1 first."""
    return _accept("agency", _AGENCY, text, "mã định danh cơ quan", "H26.019.02")


def parse_field_code(text: str) -> str:
    """A field's code (mã lĩnh vực): `G03-GD09`."""
    return _accept("field", _FIELD, text, "mã lĩnh vực", "G03-GD09")


def parse_component_code(text: str) -> str:
    """A dossier component's code (mã thành phần hồ sơ): `000.00.00.G09-KQ002269`."""
    return _accept("component", _COMPONENT, text, "mã thành phần hồ sơ", "000.00.00.G09-KQ002269")


def parse_result_type(text: str) -> str:
    """A result type's code (mã loại kết quả): `KQ.G07.000122`."""
    return _accept("result-type", _RESULT, text, "mã loại kết quả", "KQ.G07.000122")


@dataclass(frozen=True, slots=True)
class PaperCode:
    """The code of a digitised paper (mã giấy tờ số hóa): owner's id . document type . discriminator + check.

    The form with the owner's id is what the rules ask, and therefore personal data: keep `text` in erasable
    rows and in what goes to the province only. Screens, logs, file names and journals show `short`, which
    tells nothing about the owner and is unique with the discriminator.
    """

    text: str
    owner_id: str
    document_type: str
    short: str


def mint_paper_code(owner_id: str, document_type: str, discriminator: int) -> PaperCode:
    """The code of one digitised paper.

    `discriminator` is a random non-negative number (for instance `uid.int`); its value modulo 22^6 is
    written, never a count. Two papers of one owner and type collide once in 113 million pairs: the store
    holds the text unique and asks for another discriminator.

    >>> mint_paper_code("001099012345", "GKS", 123456789).short[:3]
    'GKS'
    """
    owner = re.sub(r"[^0-9A-Z]", "", owner_id.upper()).translate(_LOOKALIKE)
    kind = document_type.upper()
    if not 4 <= len(owner) <= 20:
        raise InvalidIdentifier(
            "paper", owner_id, "Không tạo được mã giấy tờ: số định danh của chủ hồ sơ phải có 4–20 ký tự."
        )
    if not _DOCUMENT_TYPE.fullmatch(kind):
        raise InvalidIdentifier(
            "paper",
            document_type,
            f"Không tạo được mã giấy tờ: loại giấy “{document_type}” cần 2–12 chữ hoặc số, không có I và O.",
        )
    tail = to_base(discriminator % len(SAFE_ALPHABET) ** 6, 6)
    tail += WIDE.character(owner + kind + tail)
    return PaperCode(f"{owner}.{kind}.{tail}", owner, kind, f"{kind}.{tail}")


def parse_paper_code(text: str) -> PaperCode:
    """Read a digitised paper's code and check its last character."""
    tidy = re.sub(r"\s+", "", text).upper().translate(_LOOKALIKE)
    owner, _, rest = tidy.partition(".")
    kind, _, tail = rest.partition(".")
    if len(tail) != 7 or not owner or not _DOCUMENT_TYPE.fullmatch(kind) or not WIDE.holds(owner + kind + tail):
        raise InvalidIdentifier(
            "paper", text, "Mã giấy tờ không đúng ký tự kiểm tra. Nhập lại hoặc tìm theo tên giấy tờ."
        )
    return PaperCode(tidy, owner, kind, f"{kind}.{tail}")
