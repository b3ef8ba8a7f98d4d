"""What our codes say: one grammar for making the payloads of labels, sheets and cards and for reading them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.errors import LabelError

DOSSIER: Final = "PA1"
COMPONENT: Final = "PA1C"
PROCEDURE: Final = "PA1P"
COMMAND: Final = "PA1K"
BADGE: Final = "PA1B"
BAG: Final = "PA1T"
MANIFEST: Final = "PA1M"
READER_TEST: Final = "PA1R"
LONGEST_PART: Final = 48


class Command(StrEnum):
    """What a command card tells the screen (thẻ lệnh)."""

    NEXT = "next"
    DONE = "done"
    UNDO = "undo"
    PRINT = "print"
    SIGN = "sign"
    CASH = "cash"
    VIETQR = "vietqr"
    CANCEL = "cancel"


@dataclass(frozen=True)
class DossierCode:
    """A dossier (hồ sơ): `official` is None until the province's number is known."""

    provisional: str
    official: str | None


@dataclass(frozen=True)
class ComponentCode:
    """A dossier's component (thành phần hồ sơ), by its code or uid: on cover sheets and component labels."""

    provisional: str
    component: str


@dataclass(frozen=True)
class ProcedureCode:
    """A procedure (thủ tục), on a laminated card."""

    code: str


@dataclass(frozen=True)
class CommandCode:
    """A command card (thẻ lệnh)."""

    command: Command


@dataclass(frozen=True)
class BadgeCode:
    """A staff badge (thẻ nhân viên): it says who, it does not prove it."""

    holder: str


@dataclass(frozen=True)
class BagCode:
    """A bag (túi thư)."""

    number: str


@dataclass(frozen=True)
class ManifestCode:
    """A manifest (bản kê)."""

    number: str


@dataclass(frozen=True)
class ReaderTestCode:
    """A test on a reader's set-up sheet: `body` is what must have arrived, letter by letter."""

    test: str
    body: str


@dataclass(frozen=True)
class Damaged:
    """It begins like one of ours and is not whole, is of a later version, or names an unknown command."""

    text: str


Code = (
    DossierCode
    | ComponentCode
    | ProcedureCode
    | CommandCode
    | BadgeCode
    | BagCode
    | ManifestCode
    | ReaderTestCode
    | Damaged
)


def compose(kind: str, *parts: str) -> str:
    """A payload: `kind` and its parts between bars.

    Raises LabelError("code-text") for a part that is empty, longer than 48 characters, not plain ASCII, or holds
    a bar; only the dossier's second part, the official number, may be empty.

    >>> compose(BAG, "T-0421")
    'PA1T|T-0421'
    """
    for place, part in enumerate(parts):
        fits = part.isascii() and part.isprintable() and len(part) <= LONGEST_PART and not set(part) & set("|>")
        if not fits or part != part.strip() or not (part or (kind == DOSSIER and place == 1)):
            raise LabelError("code-text", f"Mã “{part[:40]}” trống, quá dài hoặc có ký tự không dùng được trong mã.")
    return "|".join((kind, *parts))


def dossier_payload(provisional: str, official: str | None) -> str:
    """The text of the QR on labels and forms: `PA1|<provisional>|<official or nothing>`.

    >>> dossier_payload("T1-6T21-00CQ", None)
    'PA1|T1-6T21-00CQ|'
    """
    return compose(DOSSIER, provisional, official or "")


def component_payload(provisional: str, component: str) -> str:
    """`PA1C|<provisional>|<component code or uid>`, for cover sheets and component labels."""
    return compose(COMPONENT, provisional, component)


def read_code(text: str) -> Code | None:
    """What a scanned text is when it is one of ours; None for all else (S10, chip cards, numbers, words).

    Line ends and an AIM identifier (`]C0`, `]Q1` …) around it are the reader's and are taken off. Letters that a
    keyboard layout changed are not repaired here.

    >>> read_code("]Q1PA1C|T1-6T21-00CQ|TP-02\\r")
    ComponentCode(provisional='T1-6T21-00CQ', component='TP-02')
    >>> read_code("PA1K|fly")
    Damaged(text='PA1K|fly')
    >>> read_code("RR473124829VN") is None
    True
    """
    bare = text.strip("\r\n\t \x02\x03")
    if bare[:1] == "]" and len(bare) > 3:
        bare = bare[3:]
    kind, bar, rest = bare.partition("|")
    if not kind.startswith("PA") or not kind[2:3].isdigit() or not bar:
        return None
    return _read(kind, rest.split("|")) or Damaged(bare)


def _read(kind: str, parts: list[str]) -> Code | None:
    if kind == READER_TEST:
        return ReaderTestCode(parts[0], parts[1]) if len(parts) == 2 and all(parts) else None
    try:
        compose(kind, *parts)
    except LabelError:
        return None
    match kind, parts:
        case "PA1", [provisional, official]:
            return DossierCode(provisional, official or None)
        case "PA1C", [provisional, component]:
            return ComponentCode(provisional, component)
        case "PA1K", [command] if command in set(Command):
            return CommandCode(Command(command))
        case _, [single] if kind in _SINGLE:
            return _SINGLE[kind](single)
    return None


_SINGLE: Final[dict[str, type[ProcedureCode] | type[BadgeCode] | type[BagCode] | type[ManifestCode]]] = {
    PROCEDURE: ProcedureCode,
    BADGE: BadgeCode,
    BAG: BagCode,
    MANIFEST: ManifestCode,
}
