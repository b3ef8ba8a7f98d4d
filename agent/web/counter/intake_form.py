"""The intake as the form holds it: flat texts kept in a draft, read into an Intake when it is received."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.domain.canonical import Channel
from agent.domain.catalogue import Case, Procedure, Requirement
from agent.domain.chip_card import ChipCard, looks_like_chip_card, parse_chip_card
from agent.domain.dossier import ReturnWay
from agent.domain.money import state_fees
from agent.domain.text import clean, nfc
from agent.domain.typed_day import typed_day
from agent.errors import AgentError
from agent.intake.paper_reuse import Offer
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.store.dossiers import Draft

PARTIES = ("owner", "submitter", "representative")
PARTY_FIELDS = (
    "chip", "kind", "name", "id_kind", "id", "reason", "birth", "sex", "phone", "email", "address", "relation",
)  # fmt: skip
FIELDS = frozenset(
    {f"{party}_{name}" for party in PARTIES for name in PARTY_FIELDS}
    | {
        "procedure", "case", "channel", "content", "copies", "authorisation_number", "authorisation_date",
        "return_way", "return_name", "return_phone", "return_address", "paid", "method", "listed",
    }
)  # fmt: skip
LINE = re.compile(r"(?:have|form|quantity|handling|reason|reuse):[\w.\-]{1,40}")
LONGEST = 2_000
DECLARATIONS = ("Tờ khai", "Đơn ", "Giấy đề nghị", "Phiếu đề nghị", "Văn bản đề nghị")  # what is asked for this time

Body = dict[str, str]


@dataclass(frozen=True)
class DraftLine:
    """A draft in the queue: what is known of it so far."""

    uid: Any
    procedure: str
    name: str
    updated_at: Any


@dataclass(frozen=True)
class ChecklistLine:
    """One requirement with what was ticked and typed for it."""

    requirement: Requirement
    have: bool
    form: str
    quantity: str
    handling: str
    reason: str
    offers: tuple[Offer, ...] = ()  # the owner's papers of this kind that are here already
    reuse: str = ""  # value of the one that is taken

    @property
    def unseen(self) -> bool:
        """Whether a paper is taken that is not among those shown: the province's answer is not at hand now."""
        return bool(self.reuse) and self.reuse not in [one.value for one in self.offers]


def body_of(form: Mapping[str, str]) -> Body:
    """The known fields of a posted form as typed, in NFC; empty ones are left out."""
    known = ((name, nfc(value)[:LONGEST].strip()) for name, value in form.items())
    return {name: value for name, value in known if value and (name in FIELDS or LINE.fullmatch(name))}


def draft_line(draft: Draft) -> DraftLine:
    """What the queue shows of a draft."""
    card = card_of(draft.body.get("owner_chip", ""))
    name = card.name if card else draft.body.get("owner_name", "")
    return DraftLine(draft.uid, draft.body.get("procedure", ""), name, draft.updated_at)


def card_of(text: str) -> ChipCard | None:
    """The card when its text can be read."""
    if not looks_like_chip_card(text):
        return None
    try:
        return parse_chip_card(text)
    except AgentError:
        return None


def new_card(body: Body, before: Mapping[str, str]) -> bool:
    """Whether a card's text came in that was not kept before."""
    names = [f"{party}_chip" for party in PARTIES]
    return any(body.get(name) and body[name] != before.get(name) for name in names)


def checklist(case: Case, body: Body, offers: Sequence[Offer] = ()) -> list[ChecklistLine]:
    """The case's list with what was ticked; before anything was, what is mandatory counts as handed in."""
    typed = body.get("listed", "") == listed_as(body.get("procedure", ""), case.code)
    return [_line(requirement, body, typed, offers) for requirement in case.requirements]


def owner_number(body: Body) -> str:
    """The owner's personal number or tax code as typed or read so far; empty when there is none yet."""
    card = card_of(body.get("owner_chip", ""))
    return card.number if card else re.sub(r"\s+", "", body.get("owner_id", ""))


def take_all(case: Case, body: Body, offers: Sequence[Offer]) -> Body:
    """The form with every line served by the first of the owner's papers that may serve again."""
    taken: Body = {}
    for line in checklist(case, body, offers):
        fit = next((one for one in line.offers if not one.why), None)
        if fit is not None and line.requirement.digitised:
            taken |= {f"reuse:{line.requirement.code}": fit.value, f"have:{line.requirement.code}": "1"}
    for line in checklist(case, body):
        if line.have:
            taken.setdefault(f"have:{line.requirement.code}", "1")
    return {**body, **taken, "listed": listed_as(body.get("procedure", ""), case.code)}


def listed_as(procedure: str, case: str) -> str:
    """By what a posted checklist is known to be that of this procedure and case."""
    return f"{procedure}/{case}"


def _line(needed: Requirement, body: Body, typed: bool, offers: Sequence[Offer]) -> ChecklistLine:
    kind = re.sub(r"[IO]", "", needed.document_type)
    form = "original" if needed.original else "copy"
    amount = str(max(1, needed.original + needed.copies if not needed.either else 1))
    return ChecklistLine(
        requirement=needed,
        have=bool(body.get(f"have:{needed.code}")) if typed else needed.required,
        form=body.get(f"form:{needed.code}", form),
        quantity=body.get(f"quantity:{needed.code}", amount),
        handling=body.get(f"handling:{needed.code}", needed.handling.value),
        reason=body.get(f"reason:{needed.code}", ""),
        offers=_shown([one for one in offers if _serves(one, needed, kind)]) if needed.digitised else (),
        reuse=body.get(f"reuse:{needed.code}", ""),
    )


def _serves(one: Offer, needed: Requirement, kind: str) -> bool:
    """Whether the paper fits the line; a declaration (tờ khai) is written anew, whatever the province's store holds."""
    return one.serves(needed.code, kind) and not (one.province and needed.name.startswith(DECLARATIONS))


def _shown(fit: Sequence[Offer]) -> tuple[Offer, ...]:
    """The papers that may serve, newest two; when none may, the newest that stands in the index, with its reason."""
    good = [one for one in fit if not one.why]
    return tuple(good[:2] or [one for one in fit if one.entered][:1])


def fee_lines(procedure: Procedure, case: Case, body: Body, on: date, freight: int) -> list[tuple[str, int]]:
    """What is to pay as typed so far, in đồng; nothing for a way of filing that the procedure has not."""
    try:
        channel = Channel(body.get("channel", "direct"))
        owed = state_fees(procedure, channel, on, case=case.code, quantity=_number(body.get("copies", "1")) or 1)
    except (AgentError, ValueError):
        return []
    lines = [(line.name, line.amount) for line in owed]
    if body.get("return_way", ReturnWay.COURIER.value) == ReturnWay.COURIER.value:
        lines.append(("Cước trả kết quả", freight))
    return lines


def intake_of(body: Body, case: Case, draft: Draft | None) -> tuple[Intake, dict[str, str]]:
    """The intake as typed, and the faults of what could not even be read (dates, numbers)."""
    faults: dict[str, str] = {}
    authorised = _day(body, "authorisation_date", "authorisation_date", faults)
    copies = _count(body.get("copies", "1"), "copies", faults)
    intake = Intake(
        procedure=body.get("procedure", ""),
        case=case.code,
        channel=body.get("channel", "direct"),
        content=body.get("content", ""),
        owner=_party(body, "owner", faults),
        submitter=_party(body, "submitter", faults) if _present(body, "submitter") else None,
        representative=_party(body, "representative", faults) if _present(body, "representative") else None,
        authorisation_number=body.get("authorisation_number", ""),
        authorisation_date=authorised,
        components=tuple(_components(case, body, faults)),
        return_way=body.get("return_way", ReturnWay.COURIER.value),
        return_name=body.get("return_name", ""),
        return_phone=body.get("return_phone", ""),
        return_address=body.get("return_address", ""),
        copies=copies,
        fees_paid=bool(body.get("paid")),
        method=body.get("method", "cash"),
        draft=draft.uid if draft else None,
    )
    return intake, faults


def _components(case: Case, body: Body, faults: dict[str, str]) -> list[ComponentInput]:
    lines = []
    for line in checklist(case, body):
        code = line.requirement.code
        if line.have and line.reuse:
            lines.append(ComponentInput(code, "electronic", 1, line.handling, line.reuse, exception=line.reason))
        elif line.have:
            quantity = _count(line.quantity, f"component:{code}", faults)
            lines.append(ComponentInput(code, line.form, quantity, line.handling, exception=line.reason))
        elif line.reason:
            lines.append(ComponentInput(code, line.form, 0, exception=line.reason))
    return lines


def _present(body: Body, party: str) -> bool:
    return any(body.get(f"{party}_{name}") for name in ("chip", "name", "id"))


def _party(body: Body, party: str, faults: dict[str, str]) -> PartyInput:
    def typed(name: str) -> str:
        return clean(body.get(f"{party}_{name}", ""))

    return PartyInput(
        name=typed("name"),
        kind=typed("kind") or "person",
        id_kind=typed("id_kind") or "citizen_id",
        id_number=typed("id"),
        id_reason=typed("reason"),
        birth=None if typed("chip") else _day(body, f"{party}_birth", party, faults),
        sex=typed("sex"),
        phone=typed("phone"),
        email=typed("email"),
        address=typed("address"),
        relation=typed("relation"),
        chip_card=body.get(f"{party}_chip", ""),
    )


def _day(body: Body, name: str, about: str, faults: dict[str, str]) -> date | None:
    text = body.get(name, "")
    day = typed_day(text)
    if text and day is None:
        faults[about] = f"“{text}” không phải ngày. Nhập ngày/tháng/năm, ví dụ 14/03/1988."
    return day


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None


def _count(text: str, about: str, faults: dict[str, str]) -> int:
    number = _number(text)
    if not number:
        faults[about] = f"Số lượng “{text}” không đúng. Nhập số từ 1 đến 999."
        return 1
    return number
