"""AIM symbology identifiers: the three characters by which a reader says what kind of code it read."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

NAMES: Final = {
    "A": "code39", "B": "telepen", "C": "code128", "D": "codeone", "d": "datamatrix", "E": "ean", "e": "databar",
    "F": "codabar", "G": "code93", "H": "code11", "h": "hanxin", "I": "itf", "J": "dotcode", "K": "code16k",
    "L": "pdf417", "M": "msi", "N": "anker", "O": "codablock", "o": "ocr", "P": "plessey", "p": "posicode", "Q": "qr",
    "R": "code2of5", "S": "code2of5", "s": "supercode", "T": "code49", "U": "maxicode", "X": "other", "Y": "expansion",
    "Z": "no-barcode", "z": "aztec",
}  # fmt: skip
"""By the code character of ISO/IEC 15424."""
PRECISE: Final = {
    "]C1": "gs1-128", "]d2": "gs1-datamatrix", "]Q3": "gs1-qr", "]Q4": "gs1-qr", "]E0": "ean13", "]E4": "ean8",
}  # fmt: skip
_IDENTIFIER: Final = re.compile(rb"\][A-Za-z][0-9A-Za-z]")
_UTF8: Final = b"\\000026"
"""The escape by which a reader that passes ECIs on says that UTF-8 follows; backslashes are then doubled."""


class Identified(NamedTuple):
    """A payload and what kind of code it came from; `aim` is empty when the reader did not say."""

    aim: str
    symbology: str
    payload: bytes


def identify(data: bytes, aim: bytes = b"") -> Identified:
    """Take the identifier off `data`, or use `aim` where the wire carries it apart.

    >>> identify(b"]C0RR473124829VN")
    Identified(aim=']C0', symbology='code128', payload=b'RR473124829VN')
    >>> identify(b"]x")
    Identified(aim='', symbology='', payload=b']x')
    """
    if aim:
        data = data.removeprefix(aim)
    elif len(data) > 3 and _IDENTIFIER.match(data) and chr(data[1]) in NAMES:
        aim, data = data[:3], data[3:]
    said = aim.decode("ascii", "replace")
    if aim and data.startswith(_UTF8):
        data = data.removeprefix(_UTF8).replace(b"\\\\", b"\\")
    return Identified(said, symbology_of(said), data)


def symbology_of(aim: str) -> str:
    """The name of what an identifier stands for; empty for none that is known.

    >>> symbology_of("]Q3"), symbology_of("]Q1"), symbology_of("]~1")
    ('gs1-qr', 'qr', '')
    """
    return PRECISE.get(aim) or NAMES.get(aim[1:2], "")
