"""What the forms share: whose paper it is, the people on it, money lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Head:
    """The heading of a form.

    `authority` is the body above the desk (cơ quan), `desk` the unit that issues the paper; `number` the form's
    own number ("12/TNHS-TTPVHCC (BPTNTKQ)"), empty when it has none; `code` what the Code 128 holds (the
    dossier's official number, else the provisional one; a manifest's code on a hand-over), `payload` the QR's
    text; `issued_at` local time, written after `place`.
    """

    authority: str
    desk: str
    number: str
    code: str
    payload: str
    place: str
    issued_at: datetime
    training: bool


@dataclass(frozen=True)
class Party:
    """A person or organisation as the forms name them; an empty field is left out of the paper."""

    name: str
    identity: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class FeeLine:
    """One amount in whole đồng; `paid` False means still owed."""

    name: str
    amount: int
    paid: bool = True
