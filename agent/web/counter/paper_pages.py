"""A paper's page: its evidence in answers, its entry in the owner's index, its bundle; and a dossier's file set."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action, Role
from agent.domain.typed_day import typed_day
from agent.errors import InvalidIntake
from agent.intake.electronic import untouched
from agent.intake.paper_facts import Entry, enter, proposed
from agent.ports_signing import SignatureReport
from agent.reconcile.file_set import file_set
from agent.reconcile.paper_bundle import make_paper_bundle
from agent.reconcile.paper_evidence import gather, paper_of
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.store.journal import JournalEntry
from agent.store.paper_facts import facts_of
from agent.store.papers import Paper
from agent.store.retention import over_in
from agent.web.context import current_user, see_other, site
from agent.web.counter import counter
from agent.web.counter.desk import actor, log_look, own_dossier
from agent.web.counter.paper_view import answers
from agent.web.counter.words import timeline, usernames
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say

PURPOSES = (Purpose.COMPLAINT, Purpose.FOLLOW_UP, Purpose.RECONCILIATION)
_CODES = re.compile(r"[\s,;]+")


@counter.get("/dossiers/<uuid:uid>/papers")
@allow(Action.VIEW_DOSSIER)
def papers(uid: UUID) -> ResponseReturnValue:
    """A dossier's papers with their codes, and its file set for who has the right to it."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    log_look(held, "papers list")
    with site().store.reading():
        found = list(Paper.select().where(Paper.dossier == held).order_by(Paper.id))
        over = over_in(held)
    return render_template(
        "counter/papers.html", base=_base(), dossier=held, papers=found, over=over, purposes=PURPOSES
    )


@counter.get("/dossiers/<uuid:uid>/papers/<uuid:paper>")
@allow(Action.VIEW_DOSSIER)
def evidence(uid: UUID, paper: UUID) -> ResponseReturnValue:
    """What a doubtful official asks about one paper; the signature is checked anew."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    log_look(held, "paper evidence")
    return _page(held, paper)


@counter.post("/dossiers/<uuid:uid>/papers/<uuid:paper>")
@allow(Action.DIGITISE)
def entry(uid: UUID, paper: UUID) -> ResponseReturnValue:
    """Keep what the index says of the paper, and whether it is offered at the next intake."""
    held = own_dossier(uid, Action.DIGITISE)
    faults: dict[str, str] = {}
    typed = _typed(faults)
    approve = bool(request.form.get("approve"))
    try:
        if faults:
            raise InvalidIntake(faults)
        enter(site(), held.uid, paper, typed, approve=approve, by=actor())
    except InvalidIntake as error:
        return _page(held, paper, faults=error.fields), 422
    say(_("Đã ghi. Giấy tờ này được đưa ra ở lần nộp sau.") if approve else _("Đã ghi; chưa đưa ra dùng lại."))
    return see_other("counter.evidence", uid=uid, paper=paper)


@counter.get("/dossiers/<uuid:uid>/papers/<uuid:paper>/evidence.zip")
@allow(Action.VIEW_DOSSIER)
def paper_bundle(uid: UUID, paper: UUID) -> ResponseReturnValue:
    """The paper's evidence bundle, for `postal-agent verify`; `?pdf=0` leaves the signed copy out."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    with site().store.reading():
        row = paper_of(held, paper)
    log_look(held, "paper evidence bundle")
    data = make_paper_bundle(site(), held.uid, row.uid, with_pdf=request.args.get("pdf") != "0")
    return _zip(data, f"chung-cu-{row.file_name.removesuffix('.pdf') or row.uid}")


@counter.post("/dossiers/<uuid:uid>/export")
@allow(Action.EXPORT_FILES)
def export(uid: UUID) -> ResponseReturnValue:
    """The dossier's file set; the look is written down with the purpose that was chosen."""
    held = own_dossier(uid, Action.EXPORT_FILES)
    purpose = next((one for one in PURPOSES if one.value == request.form.get("purpose")), None)
    if purpose is None:
        raise InvalidIntake({"purpose": "Chọn mục đích xuất bộ tệp; mục đích được ghi vào nhật ký truy cập."})
    data = file_set(site(), held.uid)
    record_access(site(), current_user(), dossier=held.uid, purpose=purpose, what="file set")
    return _zip(data, f"bo-tep-{held.official or held.provisional}")


def _page(held: Dossier, uid: UUID, *, faults: dict[str, str] | None = None) -> str:
    here = site()
    with here.store.reading():
        row = paper_of(held, uid)
        facts = gather(held, row)
        noted, known = proposed(here, row), facts_of(row)
        entries = _entries([entry["hash"] for entry in facts["journal"]])
        names = rows.user_names(usernames(entries) | {facts["digitised"]["by"].removeprefix("user:")})
        over = over_in(held)
    return render_template(
        "counter/paper.html",
        base=_base(),
        dossier=held,
        paper=row,
        facts=facts,
        told=timeline(entries, names),
        names=names,
        answers=answers(facts, _checked(row), names),
        entry=noted,
        known=known,
        typed=request.form if faults else None,
        errors=faults or {},
        over=over,
        may_enter=current_user().may(Action.DIGITISE) and bool(held.salt),
    )


def _entries(hashes: list[str]) -> list[JournalEntry]:
    return list(JournalEntry.select().where(JournalEntry.hash.in_(hashes or [None])).order_by(JournalEntry.id))


def _checked(row: Paper) -> SignatureReport | None:
    """The signature in the PDF as it is now; None when the copy is not here."""
    sha256 = row.signed_sha256
    if not sha256 or not site().vault.has(sha256):
        return None
    signers, pdf = site().signers(), site().vault.get(sha256)
    return signers.check_original(pdf) if untouched(row) else signers.check_pdf(pdf)


def _typed(faults: dict[str, str]) -> Entry:
    form = {name: value.strip()[:500] for name, value in request.form.items()}
    codes = {name: tuple(one for one in _CODES.split(form.get(name, "")) if one) for name in ("procedures", "agencies")}
    return Entry(
        number=form.get("number", ""),
        issued_on=_day(form.get("issued_on", ""), "issued_on", faults),
        issuer=form.get("issuer", ""),
        signed_by=form.get("signed_by", ""),
        abstract=form.get("abstract", ""),
        permanent=bool(form.get("permanent")),
        valid_until=_day(form.get("valid_until", ""), "valid_until", faults),
        **codes,
    )


def _day(text: str, name: str, faults: dict[str, str]) -> date | None:
    day = typed_day(text)
    if text and day is None:
        faults[name] = f"“{text}” không phải ngày. Nhập ngày/tháng/năm, ví dụ 14/03/2030."
    return day


def _base() -> str:
    """The province's people keep their own frame."""
    return "province/base_province.html" if current_user().role is Role.PROVINCE else "counter/frame.html"


def _zip(data: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "no-store"}
    return Response(data, mimetype="application/zip", headers=headers)
