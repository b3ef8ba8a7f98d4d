"""Receive a dossier (tiếp nhận hồ sơ): one transaction from the checked intake to the queued number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.catalogue import Requirement
from agent.domain.checklist import HandedIn
from agent.domain.deadlines import Deadline, due
from agent.domain.dossier import ReturnWay, Role, State
from agent.domain.identifiers import mint_provisional
from agent.domain.jobs import urgency
from agent.domain.money import state_fees
from agent.domain.notices import NoticeKind
from agent.domain.parties import Organisation, Person
from agent.intake.guide import catalogue
from agent.intake.paper_reuse import take as take_reused
from agent.intake.request import CheckedIntake, Intake, checked
from agent.site import Site
from agent.store import journal, outbox, rows
from agent.store.calendar import working_calendar
from agent.store.dossiers import Component, Contact, Dossier, Draft, Fee, Party, Subject
from agent.store.indexing import index_received
from agent.store.lookup import next_number
from agent.store.money_fees import book, require_shift
from agent.store.notices import queue_notice
from agent.store.progress import note
from agent.store.sending import LANE

Record = Callable[[Dossier], None]


def receive(site: Site, intake: Intake, *, by: Actor, record: Record | None = None) -> Dossier:
    """Receive a dossier and return it; the provisional number is minted here, the official one is queued for.

    A draft is received once: a second click gives the dossier that the first one made. `record` writes what the
    caller keeps with it (an API's idempotency key) in the same transaction. InvalidIntake names every fault.
    """
    now = site.clock.now().replace(microsecond=0)
    whole = checked(intake, catalogue(site), on=local(now).date(), by=by.full_name)
    deadline = due(working_calendar(by.office_id), now, whole.way.term)
    with site.store.writing():
        again = _already_received(intake)
        if again is not None:
            return again
        dossier = _create(site, intake, whole, deadline, at=now, by=by)
        commitments = _keep_parties(site, dossier, whole)
        _keep_contact(dossier, whole)
        _keep_components(site, dossier, whole, by)
        take_reused(site, dossier, by=by, at=now, on=local(now).date())
        _keep_fees(site, dossier, intake, whole, at=now, by=by)
        reachable = [(party.name, party.contact.phone) for _, party in whole.parties.by_role()]
        index_received(dossier, [*reachable, (whole.return_name, whole.return_to.phone)])
        _ask_number(site, dossier, at=now)
        note(
            dossier, "received", by=by, at=now, ids=site.ids,
            provisional=dossier.provisional, procedure=dossier.procedure_code, version=dossier.procedure_version,
            components=[line.code for line in whole.handed_in], parties=commitments,
        )  # fmt: skip
        queue_notice(dossier, NoticeKind.RECEIVED, settings=site.settings, at=now, ids=site.ids)
        if intake.draft is not None:
            Draft.delete().where(Draft.uid == intake.draft).execute()
        if record is not None:
            record(dossier)
    return dossier


def _already_received(intake: Intake) -> Dossier | None:
    if intake.draft is None:
        return None
    return rows.first(Dossier, draft_uid=intake.draft)


def _create(
    site: Site, intake: Intake, whole: CheckedIntake, deadline: Deadline, *, at: datetime, by: Actor
) -> Dossier:
    day: date = local(at).date()
    number = next_number(f"provisional:{by.terminal_id}", day)
    return rows.create(
        Dossier,
        uid=site.ids.uid(),
        office_id=by.office_id,
        terminal_id=by.terminal_id,
        provisional=mint_provisional(by.terminal_id, day, number),
        procedure_code=whole.procedure.code,
        procedure_version=whole.procedure.version,
        procedure_name=whole.procedure.name,
        case=whole.case.code,
        agency=intake.agency or site.settings.office.authority,
        channel=whole.way.channel.value,
        content=whole.content,
        state=State.RECEIVED,
        received_at=at,
        postmark_at=intake.postmark_at,
        due_at=deadline.due_at,
        due_calculation={
            "term": str(whole.way.term),
            "pending": deadline.depends_on_pending,
            "days": [[line.date.isoformat(), line.counted, line.why] for line in deadline.calculation],
        },
        return_way=whole.return_way,
        public_token=site.ids.token(16),
        salt=site.ids.salt(),
        draft_uid=intake.draft,
        created_by=by.username,
        updated_at=at,
    )


def _keep_parties(site: Site, dossier: Dossier, whole: CheckedIntake) -> dict[str, str]:
    """Store the people; the returned salted commitments prove later who was named, and die with the rows."""
    commitments = {}
    for role, party in whole.parties.by_role():
        salt = site.ids.salt()
        subject = rows.create(Subject, uid=site.ids.uid(), salt=salt, **_personal(party))
        paper = whole.parties.authorisation if role is Role.REPRESENTATIVE else None
        rows.create(
            Party,
            dossier=dossier,
            role=role,
            subject=subject,
            relation=whole.relations.get(role.value, ""),
            authorisation=f"{paper.number}, {paper.issued:%d/%m/%Y}" if paper else "",
        )
        commitments[role.value] = journal.commitment(f"{party.number}|{party.name}", salt)
    return commitments


def _personal(party: Person | Organisation) -> dict[str, str]:
    shared = {
        "name": party.name,
        "id_number": party.number,
        "phone": party.contact.phone,
        "email": party.contact.email,
        "address": party.contact.address,
    }
    if isinstance(party, Organisation):
        return {**shared, "kind": "organisation", "id_type": "tax_code"}
    birth = party.birth.isoformat() if party.birth else ""
    sex = party.sex.value if party.sex else ""
    return {**shared, "kind": "person", "id_type": party.identity.kind.value, "birth_date": birth, "sex": sex}


def _keep_contact(dossier: Dossier, whole: CheckedIntake) -> None:
    reach = whole.return_to
    rows.create(
        Contact,
        dossier=dossier,
        name=whole.return_name,
        phone=reach.phone,
        email=reach.email,
        address=reach.address,
    )


def _keep_components(site: Site, dossier: Dossier, whole: CheckedIntake, by: Actor) -> None:
    exempt = {exemption.code: exemption.reason for exemption in whole.exemptions}
    lines = []
    for position, line in enumerate((line for line in whole.handed_in if line.quantity > 0), start=1):
        listed = whole.case.requirement(line.code)
        lines.append(
            {
                "uid": site.ids.uid(),
                "dossier": dossier.id,
                "position": position,
                **component_values(line, listed),
                "exception_reason": exempt.get(line.code, ""),
                "exception_by": by.username if line.code in exempt else "",
            }
        )
    rows.insert(Component, *lines)


def component_values(line: HandedIn, listed: Requirement | None) -> dict[str, object]:
    """The columns of a component that come from what was handed in and what the list says of it."""
    handling = line.handling or (listed.handling if listed else None)
    return {
        "code": line.code,
        "name": listed.name if listed else line.code,
        "doc_type": re.sub(r"[IO]", "", listed.document_type) if listed else "GTK",
        "form": line.form,
        "quantity": line.quantity,
        "handling": handling.value if handling else "keep_forward",
        "required": bool(listed and listed.required),
        "reused_from": line.reused,
    }


def _keep_fees(site: Site, dossier: Dossier, intake: Intake, whole: CheckedIntake, *, at: datetime, by: Actor) -> None:
    owed = state_fees(
        whole.procedure, whole.way.channel, local(at).date(), case=whole.case.code, quantity=max(1, intake.copies)
    )
    amounts = [("LP", line.name, "state", line.amount) for line in owed]
    if whole.return_way is ReturnWay.COURIER:
        amounts.append(("CUOC", "Cước trả kết quả qua bưu chính", "freight", site.settings.office.return_freight))
    kept: list[Fee] = []
    paid = {"paid_at": at, "paid_by": by.username, "method": intake.method} if intake.fees_paid else {}
    for number, (code, name, ledger, amount) in enumerate(amounts, start=1):
        if amount:
            fee = {"code": f"{code}{number}", "name": name, "ledger": ledger, "amount": amount, "stage": "receipt"}
            kept.append(rows.create(Fee, dossier=dossier, **fee, **paid))
            body = {"code": f"{code}{number}", "ledger_of": ledger, "amount": amount, "paid": intake.fees_paid}
            note(dossier, "fee", by=by, at=at, ids=site.ids, ledger="money", **body)
    if intake.fees_paid:
        require_shift(site.settings.money, kept, by, dossier.office_id)
        book(dossier, kept, by=by, at=at, ids=site.ids, accounts=site.settings.accounts)


def _ask_number(site: Site, dossier: Dossier, *, at: datetime) -> None:
    asked = {"office": dossier.office_id, "procedure": dossier.procedure_code, "key": dossier.provisional}
    outbox.enqueue(
        uid=site.ids.uid(),
        lane=LANE,
        kind="allocate",
        key=f"{dossier.provisional}/N",
        payload=json.dumps(asked, sort_keys=True).encode(),
        office_id=dossier.office_id,
        dossier_id=dossier.id,
        priority=urgency(dossier.due_at, at),
        at=at,
    )
