"""What the counter or the API asks to receive, as typed, and its checked form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, TypeVar

from annotated_types import Interval, Len

from agent.domain.catalogue import Case, Catalogue, Channel, Handling, Procedure, Way
from agent.domain.checklist import Exemption, HandedIn, check
from agent.domain.chip_card import parse_chip_card
from agent.domain.dossier import PaperForm, ReturnWay
from agent.domain.identifiers_person import Sex
from agent.domain.parties import (
    Authorisation,
    Contact,
    IdentityKind,
    Organisation,
    Parties,
    Person,
    contact,
    identity,
    organisation,
    parties,
    person,
)
from agent.errors import AgentError, InvalidIntake, RuleViolation

T = TypeVar("T")
STRICT: dict[str, Any] = {"extra": "forbid", "str_max_length": 2_000}
"""How bodies of these shapes are validated: unknown names are refused, and no text is endless."""


@dataclass(frozen=True)
class PartyInput:
    """A person or organisation as typed; `chip_card` is the QR text and wins over what is typed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    name: str = ""
    kind: str = "person"
    id_kind: str = "citizen_id"
    id_number: str = ""
    id_reason: str = ""
    birth: date | None = None
    sex: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    relation: str = ""
    chip_card: str = ""


@dataclass(frozen=True)
class ComponentInput:
    """One line of the checklist as handed in; an `exception` carries the reason for leaving the list."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    code: str
    form: str = "original"
    quantity: Annotated[int, Interval(ge=0, lt=1_000)] = 1
    handling: str = ""
    reused: str = ""
    exception: str = ""


@dataclass(frozen=True)
class Intake:
    """A whole intake as typed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    procedure: str
    owner: PartyInput
    components: Annotated[tuple[ComponentInput, ...], Len(0, 200)]
    case: str = ""
    channel: str = "direct"
    content: str = ""
    submitter: PartyInput | None = None
    representative: PartyInput | None = None
    authorisation_number: str = ""
    authorisation_date: date | None = None
    return_way: str = "courier"
    return_name: str = ""
    return_phone: str = ""
    return_email: str = ""
    return_address: str = ""
    copies: Annotated[int, Interval(ge=1, lt=1_000)] = 1
    fees_paid: bool = True
    method: str = "cash"
    agency: str = ""
    postmark_at: datetime | None = None
    draft: uuid.UUID | None = None


@dataclass(frozen=True)
class CheckedIntake:
    """An intake whose every field was checked against the catalogue and the rules of its identifiers."""

    procedure: Procedure
    case: Case
    way: Way
    parties: Parties
    relations: dict[str, str]
    handed_in: tuple[HandedIn, ...]
    exemptions: tuple[Exemption, ...]
    return_way: ReturnWay
    return_name: str
    return_to: Contact
    content: str
    warnings: tuple[str, ...]


@dataclass
class _Faults:
    """Collects the fault of each field, so that the clerk sees all of them at once."""

    fields: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, make: Callable[[], T]) -> T | None:
        """The made value, or None with the fault kept under the field's name."""
        try:
            return make()
        except InvalidIntake as error:
            self.fields |= error.fields
        except RuleViolation as error:
            self.fields[name] = error.message
        except (ValueError, AgentError) as error:
            self.fields[name] = f"Giá trị không hợp lệ: {error}."
        return None


def checked(intake: Intake, catalogue: Catalogue, *, on: date, by: str) -> CheckedIntake:
    """Check everything that was typed; InvalidIntake names every field at fault, nothing is kept."""
    faults = _Faults()
    procedure = faults.take("procedure", lambda: catalogue.current(intake.procedure.strip(), on))
    if procedure is None:
        raise InvalidIntake(faults.fields)
    case = faults.take("case", lambda: procedure.case(intake.case))
    way = faults.take("channel", lambda: procedure.way(_member(Channel, intake.channel, "hình thức nộp")))
    people = _people(intake, on, faults)
    lines = faults.take("components", lambda: tuple(handed_in(line) for line in intake.components)) or ()
    exemptions = tuple(
        Exemption(line.code, line.exception, by, waives=line.quantity == 0)
        for line in intake.components
        if line.exception.strip()
    )
    if case is not None:
        waived = {exemption.code for exemption in exemptions if exemption.waives}
        present = [line for line in lines if line.code not in waived]  # a waived line says that the paper is missing
        verdict = faults.take("components", lambda: check(case, present, exemptions))
        for finding in verdict.findings if verdict else ():
            if finding.blocking:
                faults.fields[f"component:{finding.code}"] = finding.message
    return_way = faults.take("return_way", lambda: _member(ReturnWay, intake.return_way, "cách trả kết quả"))
    return_to = faults.take(
        "return_phone", lambda: contact(intake.return_phone, intake.return_email, intake.return_address)
    )
    if return_way is ReturnWay.COURIER and people is not None:
        return_to = _courier_contact(return_to, people, faults)
    if faults.fields or case is None or way is None or people is None or return_way is None or return_to is None:
        raise InvalidIntake(faults.fields)
    hands_in = people.hands_in
    warnings = [w for _, party in people.by_role() if isinstance(party, Person) for w in party.warnings]
    return CheckedIntake(
        procedure=procedure,
        case=case,
        way=way,
        parties=people,
        relations={
            "owner": intake.owner.relation,
            "submitter": intake.submitter.relation if intake.submitter else "",
            "representative": intake.representative.relation if intake.representative else "",
        },
        handed_in=lines,
        exemptions=exemptions,
        return_way=return_way,
        return_name=intake.return_name.strip() or hands_in.name,
        return_to=return_to,
        content=intake.content.strip() or procedure.name,
        warnings=tuple(warnings),
    )


def _people(intake: Intake, on: date, faults: _Faults) -> Parties | None:
    owner = faults.take("owner", lambda: _party(intake.owner))
    submitter = faults.take("submitter", lambda: _party(intake.submitter)) if intake.submitter else None
    if isinstance(submitter, Organisation):
        faults.fields["submitter"] = "Người nộp phải là cá nhân. Nhập người đến quầy."
        submitter = None
    represented = (
        faults.take("representative", lambda: _party(intake.representative)) if intake.representative else None
    )
    paper = None
    if intake.authorisation_number.strip() and intake.authorisation_date:
        paper = Authorisation(intake.authorisation_number.strip(), intake.authorisation_date)
    if owner is None:
        return None
    return faults.take(
        "authorisation_number" if represented and paper is None else "submitter",
        lambda: parties(owner, submitter, on=on, representative=represented, authorisation=paper),
    )


def _party(typed: PartyInput | None) -> Person | Organisation:
    assert typed is not None
    reach = contact(typed.phone, typed.email, typed.address)
    if typed.kind == "organisation":
        return organisation(typed.name, typed.id_number, reach)
    if typed.chip_card.strip():
        card = parse_chip_card(typed.chip_card)
        reach = contact(typed.phone, typed.email, typed.address or card.address)
        who = identity(IdentityKind.CITIZEN_ID, card.number)
        return person(card.name, who, birth=card.birth, sex=card.sex, contact=reach)
    who = identity(_member(IdentityKind, typed.id_kind, "loại giấy tờ"), typed.id_number, typed.id_reason)
    sex = _member(Sex, typed.sex, "giới tính") if typed.sex else None
    return person(typed.name, who, birth=typed.birth, sex=sex, contact=reach)


def handed_in(line: ComponentInput) -> HandedIn:
    """One line of the checklist from what was typed; RuleViolation for a form or handling that does not exist."""
    handling = _member(Handling, line.handling, "cách xử lý") if line.handling else None
    return HandedIn(line.code, _member(PaperForm, line.form, "loại bản"), line.quantity, handling, line.reused)


def _courier_contact(return_to: Contact | None, people: Parties, faults: _Faults) -> Contact | None:
    """Where the courier goes: what was typed, else how the person at the counter is reached."""
    if return_to is None:
        return None
    own = people.hands_in.contact
    found = Contact(return_to.phone or own.phone, return_to.email or own.email, return_to.address or own.address)
    if not found.address:
        faults.fields["return_address"] = "Trả qua bưu tá cần địa chỉ nhận. Nhập địa chỉ hoặc chọn trả tại quầy."
    if not found.phone:
        faults.fields["return_phone"] = "Trả qua bưu tá cần số điện thoại để bưu tá gọi. Nhập số điện thoại."
    return found


def _member(kind: type[T], text: str, called: str) -> T:
    try:
        return kind(text)  # type: ignore[call-arg]
    except ValueError:
        possible = ", ".join(str(one) for one in kind)  # type: ignore[attr-defined]
        raise RuleViolation(f"Không có {called} “{text}”. Chọn một trong: {possible}.") from None
