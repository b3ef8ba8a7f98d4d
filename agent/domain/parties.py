"""The people and organisations of a dossier and what each may do for the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agent.domain.dossier import Role
from agent.domain.identifiers_person import (
    Sex,
    TaxCodeKind,
    citizen_id_warnings,
    normalise_phone,
    parse_citizen_id,
    parse_tax_code,
)
from agent.domain.text import clean
from agent.errors import InvalidIdentifier, RuleViolation

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PASSPORT = re.compile(r"[A-Z0-9]{6,12}")


class IdentityKind(StrEnum):
    """By what a person is identified."""

    CITIZEN_ID = "citizen_id"
    VNEID = "vneid"
    PASSPORT = "passport"
    UNDER_14 = "under_14"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's identity (giấy tờ tùy thân); NONE needs a reason."""

    kind: IdentityKind
    number: str = ""
    reason: str = ""


def identity(kind: IdentityKind, number: str = "", reason: str = "") -> Identity:
    """A checked identity: citizen id and VNeID have 12 digits, under-14s may have a number, none has a reason."""
    tidy = re.sub(r"[\s.\-]+", "", number).upper()
    if kind in (IdentityKind.CITIZEN_ID, IdentityKind.VNEID) or (kind is IdentityKind.UNDER_14 and tidy):
        tidy = parse_citizen_id(tidy).number
    elif kind is IdentityKind.PASSPORT and not (tidy.isascii() and _PASSPORT.fullmatch(tidy)):
        raise InvalidIdentifier("passport", number, f"Số hộ chiếu “{number}” không đúng: cần 6–12 chữ và số. Nhập lại.")
    elif kind is IdentityKind.NONE and not clean(reason):
        raise RuleViolation("Người không có giấy tờ tùy thân phải ghi lý do. Ghi lý do rồi lưu lại.")
    return Identity(kind, tidy, clean(reason))


@dataclass(frozen=True, slots=True)
class Contact:
    """How a party is reached: E.164 phone, email, address; empty where not given."""

    phone: str = ""
    email: str = ""
    address: str = ""


def contact(phone: str = "", email: str = "", address: str = "") -> Contact:
    """A checked contact."""
    mail = clean(email)
    if mail and not _EMAIL.fullmatch(mail):
        raise InvalidIdentifier("email", email, f"Địa chỉ thư điện tử “{email}” không đúng. Nhập lại hoặc để trống.")
    return Contact(normalise_phone(phone) if clean(phone) else "", mail, clean(address))


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person (cá nhân)."""

    name: str
    identity: Identity
    birth: date | None = None
    sex: Sex | None = None
    contact: Contact = Contact()

    @property
    def number(self) -> str:
        """The identity number, or an empty string."""
        return self.identity.number

    @property
    def warnings(self) -> list[str]:
        """What does not fit between number, birth and sex; never a reason to refuse."""
        if len(self.number) != 12 or self.identity.kind is IdentityKind.PASSPORT:
            return []
        return citizen_id_warnings(parse_citizen_id(self.number), birth=self.birth, sex=self.sex)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation (tổ chức), by its tax code."""

    name: str
    tax_code: str
    contact: Contact = Contact()

    @property
    def number(self) -> str:
        """The tax code."""
        return self.tax_code


def person(name: str, identity: Identity, *, birth: date | None = None, sex: Sex | None = None,
           contact: Contact = Contact()) -> Person:  # fmt: skip
    """A checked person; the name is one field, kept as written."""
    tidy = clean(name)
    if len(tidy) < 2 or not any(character.isalpha() for character in tidy):
        raise RuleViolation("Thiếu họ tên. Nhập họ và tên như trên giấy tờ tùy thân.")
    return Person(tidy, identity, birth, sex, contact)


def organisation(name: str, tax_code: str, contact: Contact = Contact()) -> Organisation:
    """A checked organisation."""
    tidy, code = clean(name), parse_tax_code(tax_code)
    if not tidy:
        raise RuleViolation("Thiếu tên tổ chức. Nhập tên như trên giấy đăng ký.")
    if code.kind is TaxCodeKind.PERSON:
        raise InvalidIdentifier(
            "tax-code", tax_code, "Mã số này là của cá nhân. Chọn “cá nhân” hoặc nhập mã số thuế tổ chức."
        )
    return Organisation(tidy, code.number, contact)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The paper by which somebody acts for the owner (văn bản ủy quyền)."""

    number: str
    issued: date
    scope: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Parties:
    """The roles of one dossier. Without a submitter the owner hands in; an organisation needs a person for it."""

    owner: Person | Organisation
    submitter: Person | None = None
    representative: Person | Organisation | None = None
    authorisation: Authorisation | None = None

    @property
    def hands_in(self) -> Person:
        """The person at the counter."""
        if self.submitter is not None:
            return self.submitter
        if isinstance(self.owner, Person):
            return self.owner
        raise RuleViolation("Tổ chức nộp hồ sơ phải có người nộp. Nhập người nộp.")

    def by_role(self) -> Iterable[tuple[Role, Person | Organisation]]:
        """Every role that is filled."""
        yield Role.OWNER, self.owner
        if self.submitter is not None:
            yield Role.SUBMITTER, self.submitter
        if self.representative is not None:
            yield Role.REPRESENTATIVE, self.representative


def parties(owner: Person | Organisation, submitter: Person | None = None, *, on: date,
            representative: Person | Organisation | None = None,
            authorisation: Authorisation | None = None) -> Parties:  # fmt: skip
    """Checked parties on the day of receipt; a submitter equal to the owner is left out."""
    if submitter is not None and submitter.number and submitter.number == owner.number:
        submitter = None
    filled = Parties(owner, submitter, representative, authorisation)
    _ = filled.hands_in
    if authorisation is not None and authorisation.issued > on:
        raise RuleViolation("Văn bản ủy quyền ghi ngày sau hôm nay. Kiểm tra lại ngày.")
    if authorisation is not None and authorisation.until is not None and authorisation.until < on:
        raise RuleViolation(f"Văn bản ủy quyền hết hạn ngày {authorisation.until:%d/%m/%Y}. Cần văn bản còn hạn.")
    if representative is not None and authorisation is None:
        raise RuleViolation("Có người đại diện thì phải có văn bản ủy quyền. Nhập số và ngày của văn bản.")
    return filled
