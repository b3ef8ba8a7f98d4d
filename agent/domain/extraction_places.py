"""Fields that are found by where they stand on administrative papers (Decree 30/2020): title, issuer, signer …"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.domain.extraction_kinds import Read, read_date, read_name, read_number, read_text
from agent.domain.extraction_rows import Row, Sheet, Token, bare, distance, squeeze, upper_share
from agent.domain.syllables import is_name
from agent.domain.text import clean

MOTTO: Final = ("conghoaxahoichunghiavietnam", "doclaptudohanhphuc", "socialistrepublicofvietnam")
BODIES: Final = (
    "UY BAN", "UBND", "BO", "SO", "CONG AN", "BENH VIEN", "PHONG", "CHI CUC", "CHI NHANH", "TRUNG TAM", "VAN PHONG",
    "CUC", "TONG CUC", "TOA AN", "HOI DONG", "HDND", "TRAM", "VIEN", "BAN", "CHI BO", "TRUONG", "CONG TY", "BAO HIEM",
)  # fmt: skip
PLACES: Final = ("TINH", "THANH PHO", "TP", "HUYEN", "QUAN", "THI XA", "PHUONG", "XA", "THI TRAN", "DAC KHU")
POSTS: Final = (
    "CHU TICH", "PHO CHU TICH", "GIAM DOC", "PHO GIAM DOC", "TRUONG PHONG", "PHO TRUONG PHONG", "CUC TRUONG",
    "PHO CUC TRUONG", "CHANH AN", "THAM PHAN", "TRUONG CONG AN", "PHO TRUONG CONG AN", "CONG CHUC", "TM", "KT", "TL",
    "TUQ", "Q", "NGUOI KY", "NGUOI THUC HIEN", "NGUOI DO DE", "CHI CUC TRUONG", "HIEU TRUONG", "VIEN TRUONG",
    "BO TRUONG", "THU TRUONG",
    "CHANH VAN PHONG", "TRUONG KHOA", "THU TRUONG DON VI", "NGUOI CAP", "NGUOI KHAI", "NGUOI YEU CAU",
)  # fmt: skip
PHRASES: Final = (
    "ủy ban nhân dân", "sở tư pháp", "phòng tư pháp", "công an", "bệnh viện", "bệnh viện phụ sản", "bệnh viện đa khoa",
    "văn phòng", "đăng ký đất đai", "trung tâm", "chi nhánh", "chi cục", "thành phố", "hội đồng nhân dân", "bộ y tế",
    "bộ công an", "tòa án nhân dân", "phường", "quyền", "trung ương", "sở xây dựng", "sở tài chính", "sở nội vụ",
)  # fmt: skip
_BODY = re.compile(rf"(?:{'|'.join(BODIES)})\b")
_PLACE = re.compile(rf"(?:{'|'.join(PLACES)})\b")
_POST = re.compile(rf"^(?:{'|'.join(sorted(POSTS, key=len, reverse=True))})\b[.,:]?")
_KNOWN_HEADS = ("cong hoa", "doc lap")


@dataclass(frozen=True, slots=True)
class Head:
    """What the top of the first page says: its title's row, and which type that is."""

    sheet: Sheet
    row: int
    pieces: tuple[Row, ...]
    text: str
    known: str  # the title of the rules that it is; empty for one of no type
    near: float  # 1 for letter by letter


def folded(row: Row) -> str:
    """A row's text in plain capitals."""
    return " ".join(squeeze(token.text).upper() for token in row.tokens if token.squeezed)


def is_motto(row: Row) -> bool:
    """Whether a row or piece is the national motto, or OCR's idea of it."""
    letters = row.squeezed
    return any(motto in letters or distance(motto, letters, len(motto) // 4) <= len(motto) // 4 for motto in MOTTO)


def head_of(sheets: Sequence[Sheet], titles: Iterable[str]) -> Head | None:
    """The title: the first row that is a known title, else the largest centred line in capitals of the first page."""
    known = sorted({title: squeeze(title) for title in titles}.items(), key=lambda one: -len(one[1]))
    for sheet in sheets:
        for at, row in enumerate(sheet.rows):
            if sheet.share(0, row.base)[1] > 0.62:
                break
            if head := _known(sheet, at, known):
                return head
    return next((head for sheet in sheets[:1] if (head := _largest(sheet))), None)


def _known(sheet: Sheet, at: int, known: Sequence[tuple[str, str]]) -> Head | None:
    """A known title that begins in this row and may go on in the next two."""
    rows = sheet.rows[at : at + 3]
    for title, letters in known:
        text, used = "", list[Row]()
        for row in rows:
            piece = max(pieces_in(sheet, row), key=lambda one: upper_share(one.text) * len(one.squeezed))
            if upper_share(piece.text) < 0.8:
                break
            text += piece.squeezed
            used.append(piece)
            most = len(letters) // 8
            if abs(len(text) - len(letters)) <= most and (away := distance(letters, text, most)) <= most:
                words = clean(" ".join(one.text for one in used))
                return Head(sheet, at + len(used) - 1, tuple(used), words, title, 1 - away / len(letters))
            if len(text) > len(letters) + most:
                break
    return None


def pieces_in(sheet: Sheet, row: Row) -> list[Row]:
    """The pieces of a row between wide gaps."""
    return [piece for piece in sheet.pieces if piece.tokens[0] in row.tokens] or [row]


def _largest(sheet: Sheet) -> Head | None:
    best: tuple[float, int, Row] | None = None
    for at, row in enumerate(sheet.rows):
        y = sheet.share(0, row.base)[1]
        if not 0.05 < y < 0.45 or len(row.squeezed) < 5:
            continue
        middle = sheet.share((row.left + row.right) / 2, 0)[0]
        if upper_share(row.text) < 0.85 or is_motto(row) or not 0.36 < middle < 0.64:
            continue
        if len(pieces_in(sheet, row)) > 1 or any(letter.isdigit() for letter in row.text):
            continue
        weight = row.height * (1 if row.confidence > 60 else 0.5)
        if best is None or weight > best[0] * 1.12:
            best = (weight, at, row)
    if best is None:
        return None
    return Head(sheet, best[1], (best[2],), clean(best[2].text), "", 1.0)


def read_issuer(head: Head | None, sheet: Sheet) -> Read | None:
    """The body at the top left: the lowest of those that stand there, without the one it belongs to."""
    last = head.row if head and head.sheet is sheet else len(sheet.rows)
    lines: list[Row] = []
    for row in sheet.rows[:last]:
        if sheet.share(0, row.base)[1] > 0.3:
            break
        piece = pieces_in(sheet, row)[0]
        if sheet.share(piece.left, 0)[0] > 0.42 or is_motto(piece):
            continue
        if re.match(r"S[OÔỐ0]\s*[:.]|S[OÔỐ]\s*\d", piece.text, re.IGNORECASE):
            break
        if upper_share(piece.text) < 0.75 or len(piece.squeezed) < 3:
            if lines:
                break
            continue
        if sheet.share(piece.right, 0)[0] < 0.6:
            lines.append(piece)
    begin = next((at for at in reversed(range(len(lines))) if _begins_body(lines[at])), None)
    if begin is None:
        return None
    tokens = tuple(token for line in lines[begin:] for token in line.tokens)
    read = read_text(tokens)
    return None if read is None else Read(spelled(read.value.upper()), read.tokens, read.trust, read.doubt)


def spelled(text: str) -> str:
    """The text with the words that every paper has spelled as they are, whatever accents were read.

    >>> spelled("ỦY BẠN NHÂN DÂN PHƯỜNG LÊ CHÂN"), spelled("Uy ban nhân dân xã")
    ('ỦY BAN NHÂN DÂN PHƯỜNG LÊ CHÂN', 'Ủy ban nhân dân xã')
    """
    words = text.split(" ")
    folds = [squeeze(word) for word in words]
    for phrase in PHRASES:
        proper = phrase.split(" ")
        wanted = [squeeze(word) for word in proper]
        for at in range(len(words) - len(proper) + 1):
            if folds[at : at + len(proper)] == wanted:
                for n, word in enumerate(proper):
                    words[at + n] = _cased(word, words[at + n])
    return " ".join(words)


def _cased(proper: str, read: str) -> str:
    """The proper letters in the case in which the word was read, with the signs around it."""
    core = bare(read)
    made = proper.upper() if core.isupper() else proper.capitalize() if core[:1].isupper() else proper
    return read.replace(core, made)


def _begins_body(row: Row) -> bool:
    text = folded(row)
    return bool(_BODY.match(text)) and not _PLACE.match(text)


def read_number_here(head: Head | None, sheet: Sheet) -> Read | None:
    """The number under the issuer or the title: what follows `Số:` in the upper part, unless it is a person's."""
    for row in sheet.rows:
        if sheet.share(0, row.base)[1] > 0.42:
            break
        for piece in pieces_in(sheet, row):
            first = piece.tokens[0]
            if first.squeezed in ("so", "s0", "no") and (read := read_number(piece.tokens[1:])):
                return read
            if glued := re.match(r"[Ss][oôốòó0][:.]?(?=\d)", first.text):
                rest = Token(first.text[glued.end() :], "", *_place(first))
                return read_number((rest, *piece.tokens[1:]))
    return None


def _place(token: Token) -> tuple[float, float, float, float, float]:
    return token.confidence, token.left, token.right, token.base, token.height


def read_place_date(sheets: Sequence[Sheet]) -> tuple[Sheet, Read] | None:
    """The day beside the place, `Hà Nội, ngày 3 tháng 11 năm 2026`: at the top right, else above the signature."""
    found: list[tuple[Sheet, Read]] = []
    for sheet in sheets:
        for piece in sheet.pieces:
            x, y = sheet.share(piece.right, piece.base)
            letters = piece.squeezed
            if x < 0.5 or "ngay" not in letters or "nam" not in letters or len(letters) > 60:
                continue
            begins = re.match(r"[^\d:]{2,40}?[,.]\s*ng.{1,2}y", piece.text, re.IGNORECASE) or re.match(
                r"ng.{1,2}y\s*\d", piece.text, re.IGNORECASE
            )
            if not begins or 0.32 < y < 0.42:
                continue
            if read := read_date(piece.tokens):
                found.append((sheet, read))
    if not found:
        return None
    values = {read.value for _, read in found}
    sheet, read = found[0] if len(values) == 1 else found[-1]
    return sheet, read if len(values) == 1 else Read(read.value, read.tokens, read.trust * 0.9, "several")


def read_signer(sheets: Sequence[Sheet]) -> tuple[Sheet, Read] | None:
    """The name under the position words at the bottom right of the last page that has some."""
    for sheet in reversed(sheets):
        posts = [piece for piece in sheet.pieces if _is_post(sheet, piece)]
        for post in reversed(posts):
            if found := _under_post(sheet, post):
                return sheet, found
    return None


def _is_post(sheet: Sheet, piece: Row) -> bool:
    x, y = sheet.share((piece.left + piece.right) / 2, piece.base)
    return x > 0.42 and y > 0.4 and upper_share(piece.text) > 0.6 and bool(_POST.match(folded(piece)))


def _under_post(sheet: Sheet, post: Row) -> Read | None:
    middle = (post.left + post.right) / 2
    for piece in sheet.pieces:
        below = piece.base - post.base
        if not 0.6 * post.height < below < 0.28 * sheet.height:
            continue
        if abs((piece.left + piece.right) / 2 - middle) > 0.16 * sheet.width or _is_post(sheet, piece):
            continue
        tokens = [token for token in piece.tokens if token.squeezed]
        words = [bare(token.text) for token in tokens]
        if is_name(words) and all(word[:1].isupper() for word in words):
            return read_name(tokens)
    return None


def read_abstract(head: Head | None, sheet: Sheet) -> Read | None:
    """The abstract (trích yếu): `V/v …` under the number, else `Về việc …` under the title."""
    for at, row in enumerate(sheet.rows):
        for piece in pieces_in(sheet, row):
            text = squeeze(" ".join(token.text for token in piece.tokens[:3]))
            if sheet.share(0, piece.base)[1] < 0.35 and text.startswith("vv"):
                cut = next((n for n, token in enumerate(piece.tokens) if n and token.squeezed not in ("v", "vv")), 1)
                return read_text(_with_next(sheet, at, piece, cut, 2))
            if text.startswith("veviec") and sheet.share(0, piece.base)[1] < 0.5:
                return read_text(_with_next(sheet, at, piece, 0, 2))
    return None


def _with_next(sheet: Sheet, at: int, piece: Row, cut: int, more: int) -> tuple[Token, ...]:
    """The piece from token `cut` on, with the next rows' pieces that stand close under it and around its middle."""
    tokens, last = list(piece.tokens[cut:]), piece
    for row in sheet.rows[at + 1 : at + 1 + more]:
        under = next((one for one in pieces_in(sheet, row) if _centred_under(last, one)), None)
        if under is None or under.base - last.base > 1.7 * last.height or upper_share(under.text) > 0.7:
            break
        if re.match(r"(?:Kính|KÍNH|Căn)\b", under.text):
            break
        tokens += under.tokens
        last = under
    return tuple(tokens)


def _centred_under(above: Row, below: Row) -> bool:
    return (
        abs((above.left + above.right) - (below.left + below.right)) / 2
        < 0.12 * max(above.right - above.left, below.right - below.left, 1) + 2 * above.height
    )
