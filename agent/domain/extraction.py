"""What is taken from a paper (bóc tách dữ liệu): its words as they lie, the fields of its type, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Protocol

SURE: Final = 90  # from here on one key confirms
FLOOR: Final = 45  # below, nothing is proposed: never invent
UNSURE: Final = SURE - 1  # the most that a value has which something speaks against

Box = tuple[float, float, float, float, float, float, float]
"""Left, top, right, bottom in the page's units after it was turned back by the fifth (degrees) around its middle; then
the page's width and height as it lies."""


class Source(StrEnum):
    """Where a value comes from (nguồn)."""

    TEXT = "text"  # the page's printed words
    MRZ = "mrz"  # the machine-readable zone, check digits and all
    QR = "qr"
    RULE = "rule"  # so by the type of paper, not by what it says
    CLERK = "clerk"


class Kind(StrEnum):
    """How a field is read, checked and shown."""

    NAME = "name"
    ID = "id"  # citizen id, old identity card, passport
    DATE = "date"
    YEAR = "year"  # of birth, or the whole day where it stands
    NUMBER = "number"  # số, ký hiệu
    TEXT = "text"
    SEX = "sex"
    TITLE = "title"
    ISSUER = "issuer"
    SIGNER = "signer"
    ABSTRACT = "abstract"
    VALIDITY = "validity"
    CODE = "code"  # said by a code on the paper alone; no field where there is none


class Seen(Protocol):
    """A recognised word with its place, as agent.ports_text.Word is one."""

    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def line(self) -> int: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def length(self) -> float: ...
    @property
    def height(self) -> float: ...


@dataclass(frozen=True, slots=True)
class PageWords:
    """One page: which it is, its size as it lies, the direction of its lines (degrees clockwise), its words."""

    page: str
    width: float
    height: float
    angle: float
    words: Sequence[Seen]
    codes: Sequence[PageCode] = ()


@dataclass(frozen=True, slots=True)
class PageCode:
    """A code on a page's picture, with the rectangle around it in the page's units."""

    kind: str  # "QR Code", "Code 128"
    text: str = field(repr=False)
    box: tuple[float, float, float, float] = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field of a type of paper and where it is found.

    `labels` are the words printed before it, `after` the words that must stand somewhere above, `zone` the part of the
    upright page (left, top, right, bottom as shares) in which the label is looked for. `person` groups the fields of
    one person; with `party` that person must be one of the dossier's. `lines` printed lines belong to a text.
    """

    code: str
    name: str
    kind: Kind
    labels: tuple[str, ...] = ()
    after: str = ""
    zone: tuple[float, float, float, float] = (0, 0, 1, 1)
    person: str = ""
    party: bool = False
    lines: int = 1
    fixed: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class PaperType:
    """One type of paper (loại giấy tờ): how it is known, and its fields in the order of the screen."""

    code: str
    name: str
    fields: tuple[FieldRule, ...]
    titles: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()  # words that tell the type where there is no title
    card: bool = False  # an identity document: its zone for machines and its QR code say more than its print


@dataclass(frozen=True, slots=True)
class Rules:
    """All types, the one for papers of any other type, and words that end a value."""

    types: dict[str, PaperType]
    stops: tuple[str, ...] = ()
    edition: str = ""

    @property
    def other(self) -> PaperType:
        """The rules for administrative papers of no known type."""
        return self.types["*"]

    def type_of(self, code: str) -> PaperType:
        """The type with this code, else the general one."""
        return self.types.get(code) or self.other


@dataclass(frozen=True, slots=True)
class Found:
    """A value as it was found."""

    value: str
    confidence: int
    source: Source = Source.TEXT
    page: str = ""
    box: Box | None = None
    doubt: str = ""  # a code of DOUBTS

    def capped(self, doubt: str) -> Found:
        """The same, never sure."""
        return replace(self, confidence=min(self.confidence, UNSURE), doubt=self.doubt or doubt)


DOUBTS: Final = {
    "weak": "the words were read badly",
    "repaired": "digits that were read as letters were put right",
    "spelling": "no Vietnamese syllable, or no name that is known",
    "several": "several places of the paper say different things",
    "sources": "a code and the print say different things",
    "check": "a check digit does not hold",
    "plain": "from the zone for machines, which has no accents",
    "future": "a day to come",
    "fit": "id, birth and sex do not fit together",
    "label": "its label was guessed",
    "place": "found by its place alone",
}
