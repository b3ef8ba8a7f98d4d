"""The office's delivery routes: which courier goes where."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import AgentError, Forbidden, NotFound
from agent.store import desk as rows
from agent.store.delivery import Route
from agent.store.delivery_lists import names_of
from agent.tracking.back.routes import RouteInput, route_by_uid, routes_of, save_route
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery import delivery
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@delivery.get("/routes/")
@allow(Action.MANAGE_BAGS)
def routes() -> ResponseReturnValue:
    """All routes, and a form for a new one."""
    return _page(None, {})


@delivery.get("/routes/<uuid:uid>")
@allow(Action.MANAGE_BAGS)
def route(uid: UUID) -> ResponseReturnValue:
    """One route to change."""
    with site().store.reading():
        return _page(route_by_uid(uid, current_user().office_id), {})


@delivery.post("/routes/")
@allow(Action.MANAGE_BAGS)
def add_route() -> ResponseReturnValue:
    """Add a route."""
    return _save(None)


@delivery.post("/routes/<uuid:uid>")
@allow(Action.MANAGE_BAGS)
def change_route(uid: UUID) -> ResponseReturnValue:
    """Write over a route."""
    with site().store.reading():
        held = route_by_uid(uid, current_user().office_id)
    return _save(held)


def _save(held: Route | None) -> ResponseReturnValue:
    form = request.form
    given = RouteInput(
        form.get("code", ""), form.get("name", ""), form.get("courier", ""), form.get("areas", "")[:20_000],
        active=held is None or bool(form.get("active")),
    )  # fmt: skip
    try:
        made = save_route(site(), given, by=acting(), uid=held.uid if held else None)
    except (Forbidden, NotFound):
        raise
    except AgentError as error:
        return _page(held, {_field(error.message): _(error.message)}), 422
    say(_("Đã lưu tuyến %(code)s.") % {"code": made.code})
    return see_other("delivery.routes")


def _field(words: str) -> str:
    """The field that a refusal is about, by its words."""
    return next((name for part, name in (("bưu tá", "courier"), ("địa bàn", "areas"), ("phải có tên", "name"))
                 if part in words), "code")  # fmt: skip


def _page(held: Route | None, errors: dict[str, str]) -> str:
    office = current_user().office_id
    with site().store.reading():
        known = routes_of(office)
        couriers = [(user.username, user.full_name) for user in rows.couriers(office)]
        names = names_of(one.courier for one in known)
    areas = "\n".join("; ".join(part for part in (a["commune"], a.get("place", "")) if part) for a in held.areas) \
        if held else ""  # fmt: skip
    return render_template(
        "delivery/routes.html", routes=known, held=held, couriers=couriers, names=names, errors=errors,
        form=request.form, areas=areas,
    )  # fmt: skip
