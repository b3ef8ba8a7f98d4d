"""Users: who they are, adding one, switching off and on, a new password."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.add_user import add_user
from agent.accounts.manage_users import new_password, switch_user
from agent.domain.roles import Action, Role
from agent.errors import RuleViolation
from agent.store.administration import users
from agent.web.admin import admin
from agent.web.admin.words import ROLE_NAME
from agent.web.context import current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@admin.get("/")
@allow(Action.MANAGE_USERS)
def home() -> ResponseReturnValue:
    """All users."""
    return _page({})


@admin.post("/users")
@allow(Action.MANAGE_USERS)
def add() -> ResponseReturnValue:
    """Add a user with a random first password, which is shown once."""
    form = request.form
    username = form.get("username", "").strip().lower()
    full_name, office = form.get("full_name", "").strip()[:100], form.get("office", "").strip()[:60]
    errors = {}
    if form.get("role") not in [role.value for role in Role]:
        errors["role"] = _("Chọn vai trò.")
    if not full_name:
        errors["full_name"] = _("Ghi họ tên: hiện trên màn hình và chứng từ.")
    if not office:
        errors["office"] = _("Ghi mã bưu cục hoặc đơn vị, ví dụ BC-TAYHO.")
    if not errors:
        password = site().ids.token(9)
        try:
            add_user(
                site(), username, role=Role(form["role"]), office_id=office, full_name=full_name, password=password
            )
        except RuleViolation as error:
            errors["username"] = error.message
        else:
            return render_template("admin/password.html", username=username, password=password, new=True)
    return _page(errors), 422


@admin.post("/users/<username>/password")
@allow(Action.MANAGE_USERS)
def reset_password(username: str) -> ResponseReturnValue:
    """A new random password, shown once; the user's sessions end."""
    password = new_password(site(), username)
    return render_template("admin/password.html", username=username, password=password, new=False)


@admin.post("/users/<username>/off")
@allow(Action.MANAGE_USERS)
def switch_off(username: str) -> ResponseReturnValue:
    """The user cannot sign in any more."""
    switch_user(site(), username, active=False, by=current_user().username)
    say(_("Đã khóa %(name)s; các phiên đã kết thúc.") % {"name": username})
    return see_other("admin.home")


@admin.post("/users/<username>/on")
@allow(Action.MANAGE_USERS)
def switch_on(username: str) -> ResponseReturnValue:
    """The user can sign in again."""
    switch_user(site(), username, active=True, by=current_user().username)
    say(_("Đã mở lại %(name)s.") % {"name": username})
    return see_other("admin.home")


def _page(errors: dict[str, str]) -> str:
    with site().store.reading():
        rows = users()
    now = site().clock.now()
    return render_template(
        "admin/users.html", rows=rows, errors=errors, form=request.form, roles=ROLE_NAME, now=now,
        choices=[(role.value, _(words)) for role, words in ROLE_NAME.items()],
    )  # fmt: skip
