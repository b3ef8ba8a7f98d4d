"""The papers that the counter gives out, filled from the rows as they are now: they never say more than is true."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from agent.clock import local
from agent.domain.canonical import FeeLedger
from agent.domain.dossier import ReturnWay, Role, State
from agent.domain.identifiers_person import display_phone
from agent.domain.money import LEDGER_NAME
from agent.errors import NotFound
from agent.site import Site
from agent.store.dossiers import Contact, Dossier, Fee, Party, Subject, Supplement
from agent.store.handoffs import ProvinceReceipt
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.papers import Page, Paper

if TYPE_CHECKING:
    from labels.forms.common import Head
    from labels.forms.common import Party as FormParty
    from labels.forms.receipt import ReceiptForm

RETURN_PLACE = {
    ReturnWay.COURIER: "Bưu tá phát tận nơi",
    ReturnWay.COUNTER: "Tại quầy bưu cục",
    ReturnWay.ELECTRONIC: "Bản điện tử",
}
ID_WORDS = {
    "citizen_id": "CCCD",
    "vneid": "VNeID",
    "passport": "Hộ chiếu",
    "tax_code": "MST",
    "under_14": "Số định danh",
}


def receipt_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """Form 01 (giấy tiếp nhận hồ sơ và hẹn trả kết quả), A5: received here, or accepted by the province, as it is."""
    from labels.forms.receipt import render

    return render(receipt_form(site, uid))


def receipt_form(site: Site, uid: uuid.UUID) -> ReceiptForm:
    """What form 01 says of the dossier now."""
    from labels.forms.common import FeeLine
    from labels.forms.receipt import ReceiptForm, ReceiptStatus

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        taken = ProvinceReceipt.get_or_none((ProvinceReceipt.dossier == dossier) & (ProvinceReceipt.kind == "submit"))
        if dossier.state is State.REFUSED:
            taken = None  # registered there, then not accepted
        parties = _parties(dossier)
        owner, paper = parties[Role.OWNER], parties.get(Role.REPRESENTATIVE)
        represented = paper.subject if paper else None
        hands_in = parties.get(Role.SUBMITTER) or owner
        return ReceiptForm(
            head=head(site, dossier, "TNHS"),
            status=ReceiptStatus.ACCEPTED if taken else ReceiptStatus.RECEIVED_HERE,
            accepted_at=local(taken.at) if taken else None,
            provisional=dossier.provisional,
            official=dossier.official,
            submitter=form_party(hands_in.subject),
            owner=owner.subject.name if hands_in is not owner else "",
            authorising=form_party(represented) if represented else None,
            authorisation_paper=paper.authorisation if paper else "",
            procedure_code=dossier.procedure_code,
            procedure_name=dossier.procedure_name,
            requested=dossier.content if dossier.content != dossier.procedure_name else "",
            components=tuple(c.name for c in components_of(dossier)),
            sets=1,
            statutory=dossier.due_calculation.get("term", ""),
            received_at=local(dossier.received_at),
            due_at=local(dossier.due_at) if dossier.due_at else None,
            result_place=_return_place(site, dossier),
            receiver_name=_clerk_name(dossier),
            fees=tuple(FeeLine(f.name, f.amount, f.paid_at is not None) for f in _fees(dossier)),
            tracking_url=tracking_url(site, dossier),
        )


def handed_in_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """The citizen's own copy of what was handed in: each paper, how many, what becomes of it, its code and hash."""
    from labels.forms.handed_in import HandedInForm, HandedPaper, Handling, PaperKind, render

    handling = {"keep_forward": Handling.KEEP, "copy_return": Handling.COPY_BACK, "show_only": Handling.SHOW}
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        parties = _parties(dossier)
        papers = {paper.component_id: paper for paper in Paper.select().where(Paper.dossier == dossier)}
        rows = []
        for component in components_of(dossier):
            paper = papers.get(component.id)
            pages = paper.pages if paper else Page.select().where(Page.component == component).count()
            rows.append(
                HandedPaper(
                    name=component.name,
                    kind=PaperKind(component.form.value),
                    quantity=component.quantity,
                    pages=pages,
                    handling=handling[component.handling],
                    paper_code=paper.code if paper else "",
                    sha256=(paper.signed_sha256 or paper.copy_sha256) if paper else "",
                )
            )
        form = HandedInForm(
            head=head(site, dossier, "BK"),
            submitter=form_party((parties.get(Role.SUBMITTER) or parties[Role.OWNER]).subject),
            procedure_code=dossier.procedure_code,
            procedure_name=dossier.procedure_name,
            papers=tuple(rows),
            receiver_name=_clerk_name(dossier),
        )
    return render(form)


def payment_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """Phiếu thu, không thay biên lai; NotFound while nothing has been paid."""
    from labels.forms.payment import PaymentForm, PaymentLine, render

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        parties = _parties(dossier)
        paid = [fee for fee in _fees(dossier) if fee.paid_at is not None and fee.refunded_at is None]
        if not paid:
            raise NotFound("Hồ sơ chưa thu khoản nào, chưa có phiếu thu.")
        methods = {"cash": "tiền mặt", "vietqr": "chuyển khoản VietQR"}
        form = PaymentForm(
            head=head(site, dossier, "PT"),
            payer=form_party((parties.get(Role.SUBMITTER) or parties[Role.OWNER]).subject),
            lines=tuple(PaymentLine(f.name, LEDGER_NAME[FeeLedger(f.ledger)], f.amount) for f in paid),
            method=", ".join(dict.fromkeys(methods.get(fee.method, fee.method) for fee in paid)),
            cashier_name=_clerk_name(dossier),
            dossier_code=dossier.official or dossier.provisional,
        )
    return render(form)


def supplement_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """Form 02: every gap of the newest supplement round in one request; NotFound when there was none."""
    from labels.forms.supplement import Gap, SupplementForm, render

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        asked = Supplement.select().where(Supplement.dossier == dossier).order_by(Supplement.round.desc()).first()
        if asked is None:
            raise NotFound("Tỉnh chưa yêu cầu bổ sung hồ sơ này.")
        parties = _parties(dossier)
        form = SupplementForm(
            head=head(site, dossier, "PBS"),
            applicant=form_party((parties.get(Role.SUBMITTER) or parties[Role.OWNER]).subject),
            procedure_code=dossier.procedure_code,
            procedure_name=dossier.procedure_name,
            gaps=tuple(
                Gap(gap.get("name") or gap.get("component") or "Giấy tờ", gap.get("reason", ""))
                for gap in asked.requests
            ),
            contact=f"{site.settings.office.name}, {site.settings.office.phone}",
            guide_name=_clerk_name(dossier),
            answer_by=datetime.combine(asked.due_on, datetime.max.time().replace(microsecond=0))
            if asked.due_on
            else None,
        )
    return render(form)


def head(site: Site, dossier: Dossier, mark: str) -> Head:
    """The heading that all forms of a dossier share; `mark` is the form's own sign in its number."""
    from labels.forms.common import Head

    office = site.settings.office
    return Head(
        authority=office.authority_name,
        desk=f"Bộ phận tiếp nhận và trả kết quả – {office.name}",
        number=f"{dossier.provisional}/{mark}-TTPVHCC (BPTNTKQ)",
        code=dossier.official or dossier.provisional,
        payload=f"PA1|{dossier.provisional}|{dossier.official or ''}",
        place=office.address.rpartition(",")[2].strip() or office.name,
        issued_at=local(site.clock.now()),
        training=site.settings.training,
    )


def form_party(who: Subject) -> FormParty:
    """A person or organisation as the forms name them."""
    from labels.forms.common import Party as FormParty

    kind = ID_WORDS.get(who.id_type, "")
    return FormParty(
        name=who.name,
        identity=f"{kind} {who.id_number}".strip(),
        address=who.address,
        phone=display_phone(who.phone) if who.phone else "",
        email=who.email,
    )


def tracking_url(site: Site, dossier: Dossier) -> str:
    """Where the citizen follows the dossier, by its random token."""
    return f"{site.settings.web.public_url.rstrip('/')}/t/{dossier.public_token}"


def _parties(dossier: Dossier) -> dict[Role, Party]:
    return {party.role: party for party in Party.select().where(Party.dossier == dossier)}


def _fees(dossier: Dossier) -> list[Fee]:
    return list(Fee.select().where(Fee.dossier == dossier).order_by(Fee.id))


def _return_place(site: Site, dossier: Dossier) -> str:
    if dossier.return_way is ReturnWay.COUNTER:
        return f"{site.settings.office.name}, {site.settings.office.address}"
    contact = Contact.get_or_none(Contact.dossier == dossier)
    place = RETURN_PLACE[dossier.return_way]
    return f"{place}: {contact.address}" if contact and dossier.return_way is ReturnWay.COURIER else place


def _clerk_name(dossier: Dossier) -> str:
    from agent.store.accounts import User

    user = User.get_or_none(User.username == dossier.created_by)
    return user.full_name if user else dossier.created_by
