"""How codes and file names of digitised papers are written: the national form, or an agency's own pattern."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from agent.errors import ConfigError, InvalidIdentifier
from agent.settings import Papers
from agent.settings_office import Office

NATIONAL: Final = "national"
FILE: Final = "{code}_{date}_{desc}"
LONGEST: Final = 60  # characters of a code; the contract's short text takes 64
LONGEST_DESCRIPTION: Final = 40
CODE_PARTS: Final = ("agency", "office", "terminal", "field", "kind", "year", "number", "version")
FILE_PARTS: Final = ("code", "date", "desc")

_PART = re.compile(r"\{([a-z]+)(?::([^}]*))?\}")
_LITERAL = re.compile(r"[0-9A-Z._\-]*")
_VALUE = re.compile(r"[0-9A-Z][0-9A-Z.\-]{0,34}")
_TOUCHING = re.compile(
    r"[0-9}]\{(?:number|version)\}|\{(?:number|version)(?::\d)?\}[0-9]|"
    r"\{(?:number|version)\}\{|\{version:\d\}\{number|\{number:\d\}\{version"
)  # an unpadded number beside another part, or a digit
_BLANK = "#"  # where number and version stand in the name of a series


@dataclass(frozen=True, slots=True)
class Scheme:
    """A pattern such as `{agency}_{kind}_{number:6}_V{version}` (DocCode MCQ_LV_STT_PB: `G06.01_CV_000021_V1`).

    Parts: `agency` (mã cơ quan), `office`, `terminal`, `field` (mã lĩnh vực of the procedure), `kind` (loại giấy),
    `year`, `number` (số thứ tự; `:6` pads it) and `version` (phiên bản). Papers whose other parts are the same share
    one running number.
    """

    pattern: str

    def series(self, values: Mapping[str, str]) -> str:
        """What the running number runs over: the code with number and version left out.

        >>> Scheme("{agency}_{kind}_{number:6}_V{version}").series({"agency": "G06.01", "kind": "CV"})
        'G06.01_CV_#_V#'
        """
        return _PART.sub(lambda part: values.get(part[1], _BLANK), self.pattern)

    def code(self, values: Mapping[str, str], number: int, version: int) -> str:
        """The code; InvalidIdentifier when a number has outgrown its digits or the code is too long.

        >>> Scheme("{agency}_{kind}_{number:6}_V{version}").code({"agency": "G06.01", "kind": "CV"}, 21, 1)
        'G06.01_CV_000021_V1'
        """
        counted = {"number": number, "version": version}

        def write(part: re.Match[str]) -> str:
            if part[1] not in counted:
                return values[part[1]]
            text = f"{counted[part[1]]:0{int(part[2] or 1)}d}"
            if part[2] and len(text) > int(part[2]):
                raise InvalidIdentifier(
                    "paper",
                    text,
                    f"Số thứ tự giấy tờ {text} vượt {part[2]} chữ số. Tăng số chữ số trong [papers] code.",
                )
            return text

        made = _PART.sub(write, self.pattern)
        if len(made) > LONGEST:
            raise InvalidIdentifier(
                "paper", made, f"Mã giấy tờ {made} dài quá {LONGEST} ký tự. Rút ngắn [papers] code."
            )
        return made


def parse_scheme(text: str) -> Scheme | None:
    """The scheme of `[papers] code`; None for the national form. ConfigError says what is wrong with a pattern."""
    if text == NATIONAL:
        return None
    where = f"[papers] code = “{text}”"
    found = _parts(text, CODE_PARTS, where)
    for part, words in (("number", "số thứ tự"), ("version", "phiên bản")):
        if part not in found:
            raise ConfigError(f"{where}: thiếu {{{part}}} ({words}), các bản sẽ trùng mã. Thêm {{{part}}}.")
    if "agency" not in found and "office" not in found:
        raise ConfigError(f"{where}: thiếu {{agency}} hoặc {{office}}, mã trùng với cơ quan khác. Thêm một trong hai.")
    if _TOUCHING.search(text):
        raise ConfigError(
            f"{where}: {{number}}, {{version}} không được dính vào phần khác hay chữ số, hai mã có thể trùng. "
            "Thêm dấu ngăn “_”, “-”, “.” hoặc chữ, hoặc đặt số chữ số cho {number}."
        )
    return Scheme(text)


def check_settings(papers: Papers, office: Office, terminal: str) -> None:
    """ConfigError says what is wrong with `[papers]`: the patterns, and what their parts would be written as."""
    check_file_pattern(papers.file)
    for pair in papers.kinds:
        kind, same, written = pair.partition("=")
        if not kind.strip() or not same:
            raise ConfigError(f"[papers] kinds: “{pair}” không đúng dạng LOẠI=CÁCH VIẾT, ví dụ GKS=KS.")
        part_value("kind", written)
    if parse_scheme(papers.code) is not None:
        given = {"agency": papers.agency or office.authority, "office": office.id, "terminal": terminal}
        for name, text in given.items():
            if f"{{{name}}}" in papers.code:
                part_value(name, text)


def check_file_pattern(text: str) -> None:
    """ConfigError when `[papers] file` is no pattern of {code}, {date} and {desc} that tells files apart."""
    where = f"[papers] file = “{text}”"
    if "code" not in _parts(text, FILE_PARTS, where):
        raise ConfigError(f"{where}: thiếu {{code}}, các tệp sẽ trùng tên. Thêm {{code}}.")


def file_name(pattern: str, code: str, on: date, description: str, extension: str = "pdf") -> str:
    """The name of a paper's file, `CODE_YYYYMMDD_DESC.EXT`: safe on every system, and it names nobody.

    >>> file_name(FILE, "G06.01_CV_000021_V1", date(2026, 11, 29), "Tờ khai cấp giấy")
    'G06.01_CV_000021_V1_20261129_TO-KHAI-CAP-GIAY.pdf'
    """
    values = {"code": code, "date": f"{on:%Y%m%d}", "desc": _plain(description) or "GIAY-TO"}
    return f"{_PART.sub(lambda part: values[part[1]], pattern)}.{extension}"


def part_value(name: str, text: str) -> str:
    """What a part of a code is written as; ConfigError when it cannot stand in one."""
    made = _plain(text, keep=".")
    if not _VALUE.fullmatch(made):
        raise ConfigError(
            f"[papers] code: phần {{{name}}} là “{text}”, không viết được vào mã (cần 1–35 chữ, số, “.”, “-”). "
            f"Đặt lại giá trị này hoặc bỏ {{{name}}} khỏi mẫu."
        )
    return made


def _parts(text: str, known: tuple[str, ...], where: str) -> list[str]:
    """The names of the parts of a pattern; ConfigError for what is no pattern."""
    found = []
    for part in _PART.finditer(text):
        if part[1] not in known:
            raise ConfigError(f"{where}: không có phần {{{part[1]}}}. Các phần có: {', '.join(known)}.")
        if part[1] in found:
            raise ConfigError(f"{where}: phần {{{part[1]}}} đứng hai lần. Bỏ một.")
        if part[2] is not None and (part[1] not in ("number", "version") or not re.fullmatch("[1-9]", part[2])):
            raise ConfigError(
                f"{where}: “{part[0]}” không đúng; chỉ {{number:n}} và {{version:n}}, n từ 1 đến 9 chữ số."
            )
        found.append(part[1])
    rest = _PART.sub("", text)
    if not _LITERAL.fullmatch(rest):
        bad = next(character for character in rest if not _LITERAL.fullmatch(character))
        raise ConfigError(
            f"{where}: ký tự “{bad}” không viết được vào mã. Chỉ dùng 0-9, A-Z, “.”, “_”, “-” và các phần."
        )
    return found


def _plain(text: str, keep: str = "") -> str:
    """Capital letters and digits without marks, everything else a hyphen."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(c for c in bare if not unicodedata.combining(c)).upper()
    made = re.sub(rf"[^0-9A-Z{re.escape(keep)}]+", "-", letters).strip("-.")
    return made if keep else made[:LONGEST_DESCRIPTION].strip("-")
