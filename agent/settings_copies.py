"""Settings of the copies that are signed, and of what is taken from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Copying:
    """What becomes of a page in the copy that is signed, and of a signed file that is handed in."""

    bilevel: str = "never"  # auto: pages of text alone become black and white (G4)
    originals: str = "keep"  # a signed PDF as it came; copy: a signed copy of it like of a paper


@dataclass(frozen=True)
class Extraction:
    """What is taken from papers (bóc tách dữ liệu): by which rules, and whether a person must have seen it."""

    enabled: bool = True
    rules: str = ""  # a file of further types, in the form of the program's own rules; empty: those alone
    required: bool = False  # no signature before every found value is confirmed or corrected
