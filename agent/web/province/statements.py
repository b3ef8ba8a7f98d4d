"""The monthly statement's page: figures of an office's month, the two signatures, what is taken away as a file."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.accounts.permissions import require
from agent.clock import local
from agent.domain.roles import EVERYWHERE, Action, Role
from agent.domain.statement import Figures, body_digest, span
from agent.errors import Forbidden, RuleViolation
from agent.reconcile import statement as use
from agent.reconcile.difference_papers import differences_file, office_head
from agent.reconcile.explain import NAME, Kind
from agent.reconcile.exports import FORMATS
from agent.reconcile.statement_papers import statement_file
from agent.store import differences_view as view
from agent.store import statement_facts as stored
from agent.store.fields import utc_instant
from agent.store.money_uncounted import hidden_from
from agent.store.statements import Statement
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say
from agent.web.province import province, scope

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
MOST = 10_000  # differences in one file
MONTHS = 12  # shown in the list


@province.get("/statements")
@allow(Action.VIEW_RECONCILIATION)
def statements() -> ResponseReturnValue:
    """One office's month: as it was signed, else as it stands now."""
    return page({})


def page(errors: dict[str, str]) -> str:
    """The page as the address asks for it: `office`, `month`, `do` (send back, to be filled in)."""
    office, offices = _office()
    month = _month()
    _, until = span(month)
    user = current_user()
    with site().store.reading():
        held = stored.newest(office, month)
        waiting = stored.waiting_for_province() if user.role in EVERYWHERE else []
        made = {one.month: one for one in reversed(stored.statements_of(office))}
    waits = held is not None and held.returned_at is None and held.province_signed_at is None
    figures = _figures(office, month, held)
    over = site().clock.now() >= until
    sign = user.role is Role.SUPERVISOR and over and bool(figures.compared_at) and (not held or bool(held.returned_at))
    return render_template(
        "province/statement.html", office=office, offices=offices, month=month, months=_months(), made=made, held=held,
        figures=figures, total=figures.total, adjusted=figures.adjusted, digest=body_digest(figures.plain()),
        kinds={kind: NAME[Kind(kind)] for kind in figures.differences}, office_name=scope.office_name, over=over,
        compared_at=utc_instant(figures.compared_at) if figures.compared_at else None, may_sign=sign,
        may_countersign=waits and user.role is Role.PROVINCE, doing=request.values.get("do", "") == "return",
        sees_all=user.role in EVERYWHERE, errors=errors, form=request.form, before=_step(month, -1),
        after=_step(month, 1), waiting=waiting,
    )  # fmt: skip


@province.post("/statements/sign")
@allow(Action.SIGN_STATEMENT)
def sign_statement() -> ResponseReturnValue:
    """The office signs its month."""
    office, _offices = _office()
    require(current_user(), Action.SIGN_STATEMENT, office)
    made = use.sign_for_office(site(), office=office, month=_month(), by=acting())
    say(_("Đã ký biên bản %(number)s cho bưu cục. Chờ tỉnh ký.") % {"number": made.number})
    return _back(made)


@province.post("/statements/<uuid:uid>/countersign")
@allow(Action.SIGN_STATEMENT)
def countersign_statement(uid: UUID) -> ResponseReturnValue:
    """The province signs the figures that its page showed."""
    held = _held(uid)
    use.countersign(site(), held.uid, by=acting(), digest=request.form.get("digest", ""))
    say(_("Hai bên đã ký. Kỳ được chốt; điều phát hiện sau là điều chỉnh của kỳ tiếp theo."))
    return _back(held)


@province.post("/statements/<uuid:uid>/return")
@allow(Action.SIGN_STATEMENT)
def return_statement(uid: UUID) -> ResponseReturnValue:
    """The province sends it back with a reason."""
    held, reason = _held(uid), request.form.get("reason", "").strip()
    if not reason:
        return page({"reason": _("Ghi lý do để bưu cục biết phải sửa gì.")}), 422
    use.send_back(site(), held.uid, by=acting(), reason=reason)
    say(_("Đã trả biên bản lại cho bưu cục."))
    return _back(held)


@province.get("/statements/file.<kind>")
@allow(Action.VIEW_RECONCILIATION)
def statement_download(kind: str) -> ResponseReturnValue:
    """The month as PDF, XLSX or CSV."""
    office, _offices = _office()
    month = _month()
    with site().store.reading():
        held = stored.newest(office, month)
    if held is not None and held.returned_at is not None:
        held = None
    data = statement_file(site(), _figures(office, month, held), _known(kind), held)
    name = held.number if held else f"BBDS-{office}-{month}-du-thao"
    return _file(data, f"{name}.{kind}", kind, "statement file")


@province.get("/differences/file.<kind>")
@allow(Action.VIEW_RECONCILIATION)
def differences_download(kind: str) -> ResponseReturnValue:
    """The open differences that the desk shows, as PDF, XLSX or CSV."""
    office, chosen = scope.office_asked(), request.values.get("kind", "")
    with site().store.reading():
        rows = view.open_differences(office, chosen if chosen in [one.value for one in Kind] else "", limit=MOST)
    name = scope.office_name(office) if office else site().settings.office.authority_name
    head = office_head(site(), name, f"KB-{office or 'TAT-CA'}") if _known(kind) == "pdf" else None
    data = differences_file(rows, kind, pdf_head=head)
    return _file(data, f"khac-biet-{office or 'tat-ca'}.{kind}", kind, "differences file")


def _figures(office: str, month: str, held: Statement | None) -> Figures:
    by, (_, until) = acting(), span(month)
    if current_user().may(Action.COLLECT_FEE) and site().clock.now() < until:
        with site().store.reading():
            blind = hidden_from(by) is not None
        if blind:
            raise Forbidden(
                "Tháng chưa hết và còn tiền mặt chưa kiểm đếm, nên số trong tháng chưa hiện cho người có thể đếm. Đếm "
                "xong rồi mở lại; kiểm soát viên không đếm thì bấm “Xem cả tiền chưa kiểm đếm” ở trang Tiền."
            )
    if held is not None and held.returned_at is None:
        return Figures.from_plain(held.body)
    return use.draft(site(), office=office, month=month).figures


def _office() -> tuple[str, list[str]]:
    """The office asked for, else the first that this user sees; and all of them."""
    with site().store.reading():
        known = scope.offices() or [site().settings.office.id]
    asked = scope.office_asked()
    if asked is not None and asked not in known:
        raise Forbidden("Không có hồ sơ nào của bưu cục này ở đây.")
    return asked or known[0], known


def _month() -> str:
    asked = request.values.get("month", "")
    try:
        span(asked)
    except RuleViolation:
        return _step(f"{local(site().clock.now()):%Y-%m}", -1)
    return asked


def _step(month: str, by: int) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _months() -> list[str]:
    now = f"{local(site().clock.now()):%Y-%m}"
    return [_step(now, -back) for back in range(MONTHS)]


def _held(uid: UUID) -> Statement:
    found = use.statement_by_uid(site(), uid)
    require(current_user(), Action.SIGN_STATEMENT, found.office_id)
    return found


def _known(kind: str) -> str:
    if kind not in FORMATS:
        abort(404)
    return kind


def _file(data: bytes, name: str, kind: str, what: str) -> Response:
    record_access(site(), current_user(), dossier=None, purpose=Purpose.RECONCILIATION, what=what)
    safe = re.sub(r"[^0-9A-Za-z._\-]+", "-", name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"', "Cache-Control": "no-store"}
    return Response(data, mimetype=MEDIA[kind], headers=headers)


def _back(held: Statement) -> ResponseReturnValue:
    kept = {"office": held.office_id} if current_user().role in EVERYWHERE else {}
    return see_other("province.statements", month=held.month, **kept)
