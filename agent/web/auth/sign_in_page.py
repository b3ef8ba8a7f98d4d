"""The sign-in page, signing out, home by role, the font."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agent.accounts.sessions import sign_out
from agent.accounts.sign_in import WrongPassword, sign_in
from agent.domain.roles import Role
from agent.domain.wrong_tries import SIGN_IN_ADDRESS, Asked
from agent.store.wrong_tries import take, wait
from agent.web import assets
from agent.web.asker import address_of
from agent.web.auth import auth
from agent.web.context import current_user, current_user_or_none, site
from agent.web.guard import allow, public
from agent.web.security import session_cookie, set_cookie
from labels.payload import BadgeCode, read_code

HOME = {
    Role.CLERK: "counter.home",
    Role.SUPERVISOR: "counter.home",
    Role.COURIER: "courier.home",
    Role.PROVINCE: "province.home",
    Role.ADMINISTRATOR: "admin.home",
}
_TOO_MANY = "Máy này đã gõ sai mật khẩu quá nhiều lần. Chờ nửa phút rồi đăng nhập lại."


@auth.get("/")
@allow()
def home() -> ResponseReturnValue:
    """Lead each role to its desk."""
    return redirect(url_for(HOME[current_user().role]), code=303)


@auth.get("/sign-in")
@public
def sign_in_form() -> ResponseReturnValue:
    """The form; somebody signed in is led on."""
    target = _inside(request.args.get("next", ""))
    if current_user_or_none() is not None:
        return redirect(target, code=303)
    return render_template("auth/sign_in.html", next=target, username=holder_of(request.args.get("user", "")), error="")


@auth.post("/sign-in")
@public
def sign_in_now() -> ResponseReturnValue:
    """Check the password, open a session, go where the user wanted to go."""
    target = _inside(request.form.get("next", ""))
    username, password = holder_of(request.form.get("username", "")), request.form.get("password", "")[:1000]
    with site().store.reading():
        seconds = wait(_tries(), site().clock.now())
    if seconds:
        return _too_many(target, username, seconds)
    try:
        token = sign_in(site(), username, password, terminal_id=site().settings.terminal.id)
    except WrongPassword as error:
        with site().store.writing():
            seconds = take(_tries(), site().clock.now())
        if seconds:
            return _too_many(target, username, seconds)
        page = render_template("auth/sign_in.html", next=target, username=username, error=error.message)
        return page, 403
    old = request.cookies.get(session_cookie())
    if old:
        sign_out(site(), old)
    answer: Response = redirect(target, code=303)
    set_cookie(answer, session_cookie(), token)
    return answer


@auth.post("/sign-out")
@public
def sign_out_now() -> ResponseReturnValue:
    """End the session and empty the cache of pages."""
    token = request.cookies.get(session_cookie())
    if token:
        sign_out(site(), token)
    answer: Response = redirect(url_for("auth.sign_in_form"), code=303)
    answer.delete_cookie(session_cookie())
    answer.headers["Clear-Site-Data"] = '"cache"'  # not storage: a courier's unsent scans live there
    return answer


@auth.get("/font/<name>")
@public
def font(name: str) -> ResponseReturnValue:
    """A face of the font, for a year."""
    return assets.font(name)


def holder_of(text: str) -> str:
    """The user's name that was typed, or is on the badge that a keyboard wedge typed."""
    code = read_code(text[:100])
    return code.holder if isinstance(code, BadgeCode) else text[:100]


def _tries() -> Asked:
    return [(SIGN_IN_ADDRESS, address_of(request.remote_addr))]


def _too_many(target: str, username: str, seconds: int) -> ResponseReturnValue:
    """The form again, for an address that sent too many wrong passwords, whosever they were."""
    page = render_template("auth/sign_in.html", next=target, username=username, error=_TOO_MANY)
    return page, 429, {"Retry-After": str(seconds)}


def _inside(target: str) -> str:
    """The address when it is a path of this site, else the home page."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if inside and "\\" not in target and target.isprintable() else "/"
