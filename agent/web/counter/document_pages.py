"""Papers to print or look at: receipt, list, payment slip, label, copies; each look written down."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as PageMissing

from agent.domain.roles import Action
from agent.errors import NotFound, RuleViolation
from agent.intake.apology import apology_pdf
from agent.intake.forms import handed_in_pdf, payment_pdf, receipt_pdf, supplement_pdf
from agent.intake.label import label_spec
from agent.site import Site
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of
from agent.store.papers import Paper
from agent.web.context import site
from agent.web.counter import counter
from agent.web.counter.desk import is_over, log_look, own_dossier
from agent.web.guard import allow

FORMS: dict[str, tuple[Callable[[Site, UUID], bytes], str]] = {
    "receipt": (receipt_pdf, "giay-tiep-nhan"),
    "handed-in": (handed_in_pdf, "ban-ke-da-nop"),
    "payment": (payment_pdf, "phieu-thu"),
    "supplement": (supplement_pdf, "phieu-bo-sung"),
    "apology": (apology_pdf, "phieu-xin-loi"),
}


@counter.get("/dossiers/<uuid:uid>/documents/<name>.pdf")
@allow(Action.VIEW_DOSSIER)
def document(uid: UUID, name: str) -> ResponseReturnValue:
    """A form of the dossier as its rows are now."""
    if name not in FORMS:
        raise PageMissing
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    make, file = FORMS[name]
    pdf = make(site(), uid)
    log_look(held, f"document {name}")
    return pdf_answer(pdf, f"{file}-{held.provisional}")


@counter.get("/dossiers/<uuid:uid>/label.pdf")
@allow(Action.LABEL)
def label_pdf(uid: UUID) -> ResponseReturnValue:
    """The label on paper, for when the label printer is down; it names no person."""
    from labels.errors import LabelError
    from labels.produce import produce

    held = own_dossier(uid, Action.LABEL)
    with site().store.reading():
        count = len(components_of(held))
    try:
        pdf = produce(label_spec(site(), held, components=count), "pdf")
    except LabelError as error:
        raise RuleViolation(f"Không in được nhãn: {error.message}") from error
    return pdf_answer(pdf, f"nhan-{held.provisional}")


@counter.get("/dossiers/<uuid:uid>/papers/<uuid:paper>.pdf")
@allow(Action.VIEW_DOSSIER)
def paper(uid: UUID, paper: UUID) -> ResponseReturnValue:
    """A digitised copy, the signed one when it is signed."""
    held = own_dossier(uid, Action.VIEW_DOSSIER)
    row = _paper(held, paper)
    sha256 = row.signed_sha256 or row.copy_sha256
    if is_over(held, sha256):
        raise NotFound("Bản sao này đã xóa theo yêu cầu hoặc khi hết thời hạn lưu giữ.")
    log_look(held, "digitised paper")
    return pdf_answer(site().vault.get(sha256), row.file_name.removesuffix(".pdf"))


def _paper(held: Dossier, uid: UUID) -> Paper:
    with site().store.reading():
        row = rows.paper_of(held, uid)
    if row is None:
        raise NotFound("Hồ sơ không có bản số hóa này. Tải lại trang.")
    return row


def pdf_answer(data: bytes, name: str) -> Response:
    """A PDF to look at in the browser, kept nowhere; `name` is that of the file, without its ending."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(data, mimetype="application/pdf", headers=headers)
