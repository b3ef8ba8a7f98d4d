"""What the office offers its citizens: messages, tracking by phone; who turned what, and the channel."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.citizen.switches import turn_switch
from agent.domain.roles import Action
from agent.store.citizen import Switch, is_on, turns
from agent.web.citizen import citizen
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


WORDS = {
    Switch.NOTICES: (_("Gửi tin cho công dân"), _("Giai đoạn của hồ sơ và tên bưu cục, kèm địa chỉ tra cứu.")),
    Switch.PHONE_TRACKING: (
        _("Tra cứu bằng mã hồ sơ và 4 số cuối điện thoại"),
        _("Mã hồ sơ đoán được; bật thì người lạ có thể dò. Mỗi lần thử bị làm chậm."),
    ),
}


@citizen.get("/switches")
@allow(Action.RUN_OFFICE)
def switches() -> ResponseReturnValue:
    """How each switch stands, and its history."""
    office = current_user().office_id
    with site().store.reading():
        now = {switch: is_on(office, switch) for switch in Switch}
        history = turns(office)
    return render_template("citizen/switches.html", now=now, words=WORDS, history=history,
                           channel=site().settings.notices.channel)  # fmt: skip


@citizen.post("/switches")
@allow(Action.RUN_OFFICE)
def turn() -> ResponseReturnValue:
    """Turn one."""
    turn_switch(site(), request.form.get("name", ""), request.form.get("on") == "1", by=acting())
    say(gettext("Đã ghi."))
    return see_other("citizen.switches")
