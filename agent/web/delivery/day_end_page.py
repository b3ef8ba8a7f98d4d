"""The end of a list's day, and the page of items whose outcome is missing, each with its next step."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action
from agent.store.delivery_lists import missing, missing_entries, names_of
from agent.store.delivery_view import with_plans
from agent.tracking.back.day_end import AFTER, NEXT_STEP, close_list
from agent.tracking.back.returning import papers_with_couriers
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery import delivery
from agent.web.delivery.desk import holder_words, said_back, today
from agent.web.delivery.home import PAGE
from agent.web.delivery.lists_page import OUTCOME
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@delivery.post("/lists/<uuid:uid>/close")
@allow(Action.MANAGE_BAGS)
@said_back
def close(uid: UUID) -> ResponseReturnValue:
    """Close the list: each line has an outcome, or says why not."""
    why = {name.removeprefix("why-"): value for name, value in request.form.items() if name.startswith("why-")}
    waiting = close_list(site(), uid, why, by=acting())
    if waiting:
        words = gettext("Đã khép danh sách; %(n)s bưu gửi còn thiếu lượt quét, theo dõi ở trang “Thiếu lượt quét”.")
        say(words % {"n": len(waiting)}, kind="warn")
        return see_other("delivery.missing_scans")
    say(gettext("Đã khép danh sách, đủ kết quả từng bưu gửi."))
    return see_other("delivery.lists")


@delivery.get("/missing")
@allow(Action.MANAGE_BAGS)
def missing_scans() -> ResponseReturnValue:
    """Items of closed and of earlier lists without an outcome, and papers that couriers have not brought in."""
    office, page = current_user().office_id, max(0, request.args.get("page", 0, type=int))
    with site().store.reading():
        total = int(missing(office, today()).count())
        entries = missing_entries(office, today(), limit=PAGE + 1, offset=page * PAGE)
        people = {row.item.id: row for row in with_plans([entry.item for entry in entries])}
        names = names_of(entry.on.courier for entry in entries)
        papers = papers_with_couriers(office)
        holders = holder_words(paper.holder for paper in papers)
    if entries:
        record_access(site(), current_user(), dossier=None, purpose=Purpose.DELIVERY, what="missing scans")
    return render_template(
        "delivery/missing.html", entries=entries[:PAGE], more=len(entries) > PAGE, page=page, people=people,
        names=names, outcome=OUTCOME, after=AFTER, explanations=NEXT_STEP, total=total, papers=papers, holders=holders,
        day=today(),
    )  # fmt: skip
