"""Values of each kind out of the words that stand where a field is: names, ids, days, numbers, plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from agent.domain.extraction import Kind
from agent.domain.extraction_rows import Token, bare, plain, upper_share
from agent.domain.identifiers_person import parse_citizen_id
from agent.domain.syllables import family_name, is_name, is_syllable
from agent.domain.text import clean, fold
from agent.errors import InvalidIdentifier

DIGIT_FOR: Final = str.maketrans("OoQDlI|!iSsBZzGbgqTJ", "00001111155822669971")
CALLED: Final = frozenset(
    ["ong", "ba", "anh", "chi", "chau", "ngai", "nguoi", "ten", "la", "tre", "con", "ongba", "anhchi"]
)
BEHIND: Final = frozenset(
    ["sinh", "cccd", "cmnd", "so", "nam", "ngay", "va"]
)  # what often follows a name without a sign
_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})\s?[/.\-–]\s?(\d{1,2})\s?[/.\-–]\s?((?:1[89]|20|21)\d\d)(?!\d)")
_DAY_WORDS: Final = re.compile(
    r"ng\S{1,3}\s*[:.]?\s*(\d{1,2})\s*[,.]?\s*[^\W\d]{2,7}\s*[:.]?\s*(\d{1,2})\s*[,.]?\s*[^\W\d]{2,4}\s*[:.]?\s*((?:1[89]|20|21)\d\d)"
)
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_NUMBER: Final = re.compile(r"[0-9]{1,7}[A-Za-z]?(?:[/.\-–][0-9A-ZĐƯƠÂÊÔĂa-zđ]+)+|[A-Z]{1,3}\s?[0-9]{5,8}|[0-9]{1,8}")
_ID: Final = re.compile(r"(?<!\d)\d(?:[ .\-:]?\d){11}(?!\d)")
_OLD_ID: Final = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){8}(?!\d)")
_PASSPORT: Final = re.compile(r"(?<![A-Z0-9])[A-Z]\d{7,8}(?!\d)")


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: the value, the tokens that say it, how far it may be believed (1 whole), and why not further."""

    value: str
    tokens: tuple[Token, ...]
    trust: float = 1.0
    doubt: str = ""


Reader = Callable[[Sequence[Token]], Read | None]


def read_name(tokens: Sequence[Token]) -> Read | None:
    """A person's name at the beginning of the tokens, after how the person is called (ông, bà …)."""
    taken: list[Token] = []
    after: Token | None = None  # what stands close behind and was not taken: perhaps a part of the name, misread
    for token in tokens:
        word = bare(token.text)
        if not word or (not taken and fold(word).replace("/", "") in CALLED):
            if taken and token.text.strip() in {",", ";", ":"}:
                break
            continue
        if not _is_part(word, taken):
            after = token
            break
        taken.append(token)
        if len(taken) == 6 or re.search(r"[,;:.)]$", token.text):
            break
    words = [bare(token.text) for token in taken]
    if len(words) < 2 or min(len(words[0]), len(words[-1])) < 2:
        return None
    if mended := family_name(words[0]):
        return Read(clean(" ".join([mended, *words[1:]])), tuple(taken), 0.85, "spelling")
    if not is_name(words):
        return Read(clean(" ".join(words)), tuple(taken), 0.85, "spelling")
    cut = after is not None and _near(taken[-1], after) and fold(bare(after.text)) not in BEHIND
    return Read(clean(" ".join(words)), tuple(taken), 0.9 if cut else 1.0, "weak" if cut else "")


def _is_part(word: str, taken: Sequence[Token]) -> bool:
    """Whether a word can go on a name: letters, a capital first, in the way that the name is written."""
    if not re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", word) or not word[0].isupper():
        return False
    shouted = len(taken) > 1 and all(upper_share(bare(token.text)) == 1 for token in taken)
    return not (shouted and upper_share(word) < 0.5)


def _near(before: Token, token: Token) -> bool:
    return token.left - before.right < 1.2 * before.height and bool(token.squeezed)


def read_id(tokens: Sequence[Token]) -> Read | None:
    """A citizen id (12 digits), an old identity card (9), or a passport, wherever it stands in the tokens."""
    text, repaired = _digits(tokens)
    for found in _ID.finditer(text):
        number = re.sub(r"\D", "", found.group())
        doubt = "repaired" if repaired else ""
        try:
            parse_citizen_id(number)
        except InvalidIdentifier:
            return Read(number, _under(tokens, text, found), 0.5, "fit")
        return Read(number, _under(tokens, text, found), 0.9 if repaired else 1.0, doubt)
    if passport := _PASSPORT.search(" ".join(token.text for token in tokens)):
        here = tuple(token for token in tokens if passport.group() in token.text)
        return Read(passport.group(), here or tuple(tokens[:1]))
    if old := _OLD_ID.search(text):
        return Read(re.sub(r"\D", "", old.group()), _under(tokens, text, old), 0.9, "repaired" if repaired else "")
    return None


def read_date(tokens: Sequence[Token]) -> Read | None:
    """A whole day, as 12/11/2026 or in words; None when there is none or it stands in no calendar."""
    text, repaired = _digits(tokens)
    found = _DAY_WORDS.search(plain(text).lower()) or _DAY.search(text)
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        value = date(year, month, day).isoformat()
    except ValueError:
        return None
    under = tuple(token for token in _under(tokens, text, found) if any(map(str.isdigit, token.text)))
    return Read(value, under or _under(tokens, text, found), 0.9 if repaired else 1.0, "repaired" if repaired else "")


def read_year(tokens: Sequence[Token]) -> Read | None:
    """A whole day, else a year."""
    whole = read_date(tokens)
    if whole:
        return whole
    text, repaired = _digits(tokens)
    found = _YEAR.search(text)
    if found is None:
        return None
    return Read(found.group(), _under(tokens, text, found), 0.9 if repaired else 1.0, "repaired" if repaired else "")


_NOISE: Final = re.compile(r"([^\W\d_])[-.:] ?(?=[^\W\d_A-ZĐ])")  # a sign between small letters
_STOP: Final = re.compile(r"([^\W\d_]+)([.:]) ?(?=[^\W\d_])")  # a stop amidst a text, which TP. and P. have
GAP: Final = 1.5  # heights between two words of one text

SYMBOLS: Final = {
    "QD": "QĐ", "QDUBND": "QĐ-UBND", "HDND": "HĐND", "QDST": "QĐST", "HNGD": "HNGĐ", "QDSTHNGD": "QĐST-HNGĐ",
    "GCNDKHKD": "GCNĐKHKD", "DKKD": "ĐKKD", "DKKH": "ĐKKH",
}  # fmt: skip
"""Parts of symbols (ký hiệu) that are often read without their bar."""


def read_number(tokens: Sequence[Token]) -> Read | None:
    """A number with its symbol (số, ký hiệu) at the beginning of the tokens: 12/GCN-UBND, 4821/2026, DA 123456."""
    taken: list[Token] = []
    text, more = "", False
    for token in tokens[:6]:
        part = token.text.strip(" .,;:…_“”\"'()|")
        joins = not text or text[-1] in "/-–." or part[:1] in "/-–" or re.fullmatch(r"[A-Z]{1,3}", text)
        if not part and not text:
            continue
        if not part or not joins or not re.fullmatch(r"[\w/.\-–]+", part):
            more = bool(taken) and _near(taken[-1], token) and upper_share(part) == 1  # perhaps the symbol goes on
            break
        text += part
        taken.append(token)
    head, slash, rest = text.partition("/")
    mended = head.translate(DIGIT_FOR) if slash and any(letter.isdigit() for letter in head) else head
    found = _NUMBER.match(mended + slash + rest)
    if not found or not any(letter.isdigit() for letter in found.group()):
        return None
    value = _symbols(found.group().replace("–", "-").rstrip(".-/"))
    trust, doubt = (0.9, "repaired") if mended != head else (1.0, "")
    if more or len(found.group()) < len(mended + slash + rest) - 1:
        trust, doubt = 0.8, "weak"
    return Read(value, tuple(taken), trust, doubt)


def _symbols(text: str) -> str:
    """The symbol in capitals, with the bars that OCR drops from Đ."""
    head, slash, symbol = text.partition("/")
    parts = [part if part.isdigit() else SYMBOLS.get(plain(part).upper(), part) for part in re.split("([-/])", symbol)]
    return head + slash + "".join(parts)


def read_text(tokens: Sequence[Token]) -> Read | None:
    """The words as they stand."""
    taken = [token for token in tokens if re.search(r"[^\W_]", token.text)]
    if not taken:
        return None
    said = tokens[tokens.index(taken[0]) : tokens.index(taken[-1]) + 1]
    text = " ".join(token.text for token in said if token in taken or token.text in "-–/&+")
    text = re.sub(r"\s*(?:\.{3,}|…+|_{2,})\s*", " ", clean(text))
    text = re.sub(r"^[^\w(“\"]+|[^\w)”\"%]+$", "", text.strip("_ "))
    smooth = _NOISE.sub(lambda sign: f"{sign[1]} " if sign[1].islower() else sign[0], text)
    odd, text = ([] if smooth == text else [text]), smooth
    words = [bare(part) for token in taken for part in re.split(r"[-/,.]", token.text)]
    odd += [word for word in words if word.isalpha() and len(word) > 1 and not _sensible(word)]
    odd += [sign[0] for sign in _STOP.finditer(text) if sign[2] == ":" or len(sign[1]) > 3 or not sign[1].isupper()]
    odd += [word for word in words if not word.isupper() and word[1:] != word[1:].lower()]
    gap = any(b.left - a.right > GAP * a.height for a, b in pairwise(taken) if abs(b.base - a.base) < a.height / 2)
    if gap:  # a word between was not read at all
        return Read(text, tuple(taken), 0.9, "weak")
    return Read(text, tuple(taken), 0.9 if odd else 1.0, "spelling" if odd else "")


def _sensible(word: str) -> bool:
    return is_syllable(word) or (upper_share(word) == 1 and len(word) <= 6)  # or an abbreviation: UBND


def read_sex(tokens: Sequence[Token]) -> Read | None:
    """Nam or Nữ."""
    for token in tokens[:3]:
        word = fold(bare(token.text))
        if word in ("nam", "nu"):
            return Read("Nam" if word == "nam" else "Nữ", (token,))
    return None


READERS: Final[dict[Kind, Reader]] = {
    Kind.NAME: read_name,
    Kind.ID: read_id,
    Kind.DATE: read_date,
    Kind.YEAR: read_year,
    Kind.NUMBER: read_number,
    Kind.TEXT: read_text,
    Kind.ABSTRACT: read_text,
    Kind.ISSUER: read_text,
    Kind.SIGNER: read_name,
    Kind.SEX: read_sex,
    Kind.VALIDITY: read_date,
}


def _digits(tokens: Sequence[Token]) -> tuple[str, bool]:
    """The tokens' text with digits that were read as letters put right; and whether any was."""
    parts, changed = [], False
    for token in tokens:
        part = token.text
        signs = [letter for letter in part if letter.isalnum() or letter in "|!"]
        digits = sum(letter.isdigit() for letter in signs)
        mixed = len(signs) > 2 and 0.6 * len(signs) <= digits < len(signs)
        if mixed and not _PASSPORT.fullmatch(bare(part)):
            part = part.translate(DIGIT_FOR)
            changed = True
        parts.append(part)
    return " ".join(parts), changed


def _under(tokens: Sequence[Token], text: str, found: re.Match[str]) -> tuple[Token, ...]:
    """The tokens that a match in their joined text lies on."""
    at, under = 0, []
    for token in tokens:
        end = at + len(token.text)
        if at < found.end() and found.start() < end:
            under.append(token)
        at = end + 1
    return tuple(under)
