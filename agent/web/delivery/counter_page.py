"""Results that no courier brings: fetched at the counter, or given electronically; each with what to do."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.dossier import ReturnWay
from agent.domain.roles import Action
from agent.store.delivery_view import at_counter, counter_rows
from agent.web.context import current_user, site
from agent.web.delivery import delivery
from agent.web.guard import allow

PAGE = 24


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


NEXT_STEPS = {
    ReturnWay.COUNTER: (
        _("đến quầy lấy"),
        _("Người đến nhận đưa giấy tờ: mở hồ sơ, đối chiếu, thu tiền nếu có, cho ký rồi trả. Chưa đến thì gọi."),
    ),
    ReturnWay.ELECTRONIC: (
        _("nhận bản điện tử"),
        _("Mở hồ sơ, thu tiền nếu có, bấm trả bản điện tử để tỉnh biết đã trả."),
    ),
}


@delivery.get("/counter")
@allow(Action.MANAGE_BAGS)
def counter_results() -> ResponseReturnValue:
    """The results of this office's dossiers that wait at the counter, the longest wait first."""
    office, page = current_user().office_id, max(0, request.args.get("page", 0, type=int))
    with site().store.reading():
        total = int(at_counter(office).order_by().count())
        rows = counter_rows(office, limit=PAGE + 1, offset=page * PAGE)
    if rows:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="results at the counter")
    return render_template(
        "delivery/counter.html", rows=rows[:PAGE], more=len(rows) > PAGE, page=page, total=total, steps=NEXT_STEPS
    )
