"""API clients: whose token, for what, since when; revoking one."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from agent.accounts.manage_users import revoke_client
from agent.domain.roles import Action
from agent.store.administration import clients as all_clients
from agent.web.admin import admin
from agent.web.context import see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@admin.get("/clients")
@allow(Action.MANAGE_USERS)
def clients() -> ResponseReturnValue:
    """All clients, live ones first."""
    with site().store.reading():
        rows = all_clients()
    return render_template("admin/clients.html", rows=rows)


@admin.post("/clients/<int:client>/revoke")
@allow(Action.MANAGE_USERS)
def revoke(client: int) -> ResponseReturnValue:
    """The token works no longer."""
    name = revoke_client(site(), client)
    say(_("Đã thu hồi mã truy cập của %(name)s.") % {"name": name})
    return see_other("admin.clients")
