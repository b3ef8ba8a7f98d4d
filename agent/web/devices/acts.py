"""What people do on the device page: try a printer, answer for a label, give roles, take devices in use, diagnose."""

from __future__ import annotations

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue

from agent.domain.jobs import PRINTER_ROLES
from agent.domain.roles import Action
from agent.errors import AgentError, NotFound
from agent.intake.devices import Shown, accept_unit, adopt, assign_role, diagnose, give_up
from agent.intake.prints import answer_job, drop_job, repeat_job, request_test
from agent.web.context import acting, see_other, site
from agent.web.devices import devices
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@devices.post("/roles/<role>/test")
@allow(Action.LABEL, Action.SET_UP_DEVICES)
def print_test(role: str) -> ResponseReturnValue:
    """Queue a label that names no dossier; what became of it stands in the queue."""
    if role not in PRINTER_ROLES:
        raise NotFound("Không có việc in này. Mở lại trang Thiết bị.")
    words = _("Bản in thử đang chờ máy in; nó có ra không hiện ngay dưới đây.")
    return _tried(lambda: request_test(site(), role, by=acting()), words)


@devices.post("/jobs/<path:key>/answer")
@allow(Action.LABEL, Action.SET_UP_DEVICES)
def answer(key: str) -> ResponseReturnValue:
    """Whether what was printed came out."""
    came_out = request.form.get("came_out") == "yes"
    words = _("Đã ghi: bản in đã ra.") if came_out else _("Đã ghi: bản in không ra; bản mới đang chờ in.")
    return _tried(lambda: answer_job(site(), key, came_out=came_out, by=acting()), words, missing=NotFound)


@devices.post("/jobs/<path:key>/repeat")
@allow(Action.LABEL, Action.SET_UP_DEVICES)
def repeat(key: str) -> ResponseReturnValue:
    """Make what was refused anew, for the printer as it is now."""
    words = _("Đã làm lại bản in cho máy in bây giờ; bản mới đang chờ in.")
    return _tried(lambda: repeat_job(site(), key, by=acting()), words, missing=NotFound)


@devices.post("/jobs/<path:key>/drop")
@allow(Action.LABEL, Action.SET_UP_DEVICES)
def drop(key: str) -> ResponseReturnValue:
    """Give up what was refused."""
    words = _("Đã bỏ bản in đang chờ. Chưa có gì ra máy in.")
    return _tried(lambda: drop_job(site(), key, by=acting()), words, missing=NotFound)


@devices.post("/<name>/unit")
@allow(Action.LABEL, Action.SET_UP_DEVICES)
def use_unit(name: str) -> ResponseReturnValue:
    """The unit that the page showed is the one to use."""
    _check(name)
    return _tried(lambda: accept_unit(site(), name, _shown(), by=acting()), _("Từ nay dùng máy đang cắm."))


@devices.post("/<name>/role")
@allow(Action.SET_UP_DEVICES)
def role(name: str) -> ResponseReturnValue:
    """A role for a printer, or the one that it has, so that it serves from now on."""
    _check(name)
    words = _("Đã đổi việc của thiết bị “%(name)s”.") % {"name": name}
    return _tried(lambda: assign_role(site(), name, request.form.get("role", ""), by=acting()), words)


@devices.post("/found")
@allow(Action.SET_UP_DEVICES)
def take_in_use() -> ResponseReturnValue:
    """Take a plugged-in device in use."""
    form = request.form
    name = form.get("name", "").strip().lower()
    shown, chosen = _shown(), {"role": form.get("role", ""), "language": form.get("language", "zpl")}
    words, kind = _("Thiết bị “%(name)s” đã dùng được ở quầy này."), "done"
    if shown.kind == "evdev":
        words, kind = _("“%(name)s” đang thử 60 giây: quét ngay “Thử mã vạch” trên tờ cài đặt, đừng gõ phím."), "warn"

    def take() -> object:
        return adopt(site(), shown, name=name, **chosen, is_reader="is_reader" in form, by=acting())

    return _tried(take, words % {"name": name}, kind=kind)


@devices.post("/<name>/give-up")
@allow(Action.SET_UP_DEVICES)
def set_aside(name: str) -> ResponseReturnValue:
    """Use a device no longer that was taken in use here."""
    _check(name)
    words = _("Không dùng thiết bị “%(name)s” nữa.") % {"name": name}
    return _tried(lambda: give_up(site(), name, by=acting()), words)


@devices.post("/<name>/diagnosis")
@allow(Action.SET_UP_DEVICES)
def trace(name: str) -> ResponseReturnValue:
    """Begin or end a diagnosis."""
    _check(name)
    minutes = request.form.get("minutes", type=int) or 0
    words = _("Đã dừng ghi chẩn đoán “%(name)s”.")
    if minutes:
        words = _("Đang ghi toàn bộ dữ liệu ra vào “%(name)s”, mã hóa, tự xóa sau 24 giờ.")
    kind = "warn" if minutes else "done"
    return _tried(lambda: diagnose(site(), name, minutes=minutes, by=acting()), words % {"name": name}, kind=kind)


def _tried(
    act: Callable[[], object], words: str, *, kind: str = "done", missing: type[AgentError] | None = None
) -> ResponseReturnValue:
    """The device page, with what was done, or why it was not; an error of the kind `missing` is the answer itself."""
    try:
        act()
    except AgentError as error:
        if missing and isinstance(error, missing):
            raise
        say(_(error.message), kind="bad")
    else:
        say(words, kind=kind)
    return see_other("devices.page")


def _shown() -> Shown:
    """The device that the page showed."""
    form = request.form
    return Shown(form.get("identity", ""), form.get("place", ""), form.get("kind", ""))


def _check(name: str) -> None:
    """NotFound for a device that this terminal does not have."""
    if name not in {line.name for line in site().devices.lines()}:
        raise NotFound(f"Không có thiết bị tên “{name}” ở quầy này. Mở lại trang Thiết bị.")
