"""Money's papers: the count of a shift, a deposit, a remittance, a payment by QR; PDF, A5 or A4."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue

from agent.accounts.permissions import require
from agent.domain.roles import Action
from agent.errors import Forbidden
from agent.money import slips
from agent.money.deposits import deposit_by_uid
from agent.money.remit import remittance_by_uid
from agent.money.shift import shift_by_uid
from agent.store.lookup import dossier_by_uid
from agent.web.context import acting, current_user, site
from agent.web.guard import allow
from agent.web.money import money
from agent.web.money.frame import hides_shift


@money.get("/shift/<uuid:uid>/slip.pdf")
@allow(Action.COLLECT_FEE)
def shift_slip(uid: UUID) -> ResponseReturnValue:
    """The count of a shift, once there is one; for others than its clerk once its money was counted again."""
    by = acting()
    with site().store.reading():
        held = shift_by_uid(uid, by)
        if hides_shift(held, by):
            raise Forbidden("Tiền của ca này chờ người nhận đếm. Biên bản xem được sau khi họ đếm.")
    return _pdf(slips.shift_pdf(site(), held), f"kiem-quy-{held.username}")


@money.get("/deposits/<uuid:uid>/slip.pdf")
@allow(Action.COLLECT_FEE)
def deposit_slip(uid: UUID) -> ResponseReturnValue:
    """A deposit that was counted."""
    with site().store.reading():
        held = deposit_by_uid(uid, acting())
    return _pdf(slips.deposit_pdf(site(), held), f"nop-tien-{held.giver}")


@money.get("/remittances/<uuid:uid>/slip.pdf")
@allow(Action.VIEW_REMITTANCES)
def remittance_slip(uid: UUID) -> ResponseReturnValue:
    """A remittance with its dossiers."""
    with site().store.reading():
        held = remittance_by_uid(uid, acting())
    return _pdf(slips.remittance_pdf(site(), held), held.number)


@money.get("/dossiers/<uuid:uid>/transfer.pdf")
@allow(Action.COLLECT_FEE)
def transfer_slip(uid: UUID) -> ResponseReturnValue:
    """The paper by which a citizen pays by transfer."""
    with site().store.reading():
        held = dossier_by_uid(uid)
    require(current_user(), Action.COLLECT_FEE, held.office_id)
    return _pdf(slips.transfer_pdf(site(), uid), f"chuyen-khoan-{held.provisional}")


def _pdf(data: bytes, name: str) -> Response:
    safe = re.sub(r"[^0-9A-Za-z._\-]+", "-", name)
    headers = {"Content-Disposition": f'inline; filename="{safe}.pdf"', "Cache-Control": "no-store"}
    return Response(data, mimetype="application/pdf", headers=headers)
