"""Comparisons: run one now, and what the past ones came to."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import EVERYWHERE, Action
from agent.errors import Forbidden, HandoffError
from agent.reconcile.compare import compare, compare_all
from agent.store import differences_view as view
from agent.tracking.follow import BATCH, follow
from agent.web.context import acting, current_user, see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say
from agent.web.province import province, scope

FEED_PAGES = 100  # of the status feed, read before comparing


@province.post("/compare")
@allow(Action.VIEW_RECONCILIATION)
def compare_now() -> ResponseReturnValue:
    """Read the status feed, then compare the office asked for, or all."""
    office = scope.office_asked()
    with site().store.reading():
        known = scope.offices()
    if office is not None and office not in known:
        raise Forbidden("Không có hồ sơ nào của bưu cục này ở đây.")
    try:
        for _page in range(FEED_PAGES):
            if follow(site()) < BATCH:
                break
        if office is None and site().settings.province.every_office:
            reports = compare_all(site(), by=acting())
        else:
            reports = [compare(site(), office=one, by=acting()) for one in ([office] if office else known)]
    except HandoffError as error:
        say(_("Chưa so được: %(why)s") % {"why": error.message}, kind="bad")
        return see_other("province.home", **({"office": office} if office else {}))
    found = sum(len(report.differences) for report in reports)
    words = _("Đã so %(offices)s bưu cục: %(found)s khác biệt.")
    say(words % {"offices": len(reports), "found": found}, kind="warn" if found else "done")
    kept = request.form.get("office", "") if current_user().role in EVERYWHERE else ""
    return see_other("province.home", **({"office": kept} if kept else {}))


@province.get("/runs")
@allow(Action.VIEW_RECONCILIATION)
def past_runs() -> ResponseReturnValue:
    """The newest comparisons."""
    with site().store.reading():
        runs = view.runs(scope.office_asked())
    return render_template("province/runs.html", runs=runs, office_name=scope.office_name)
