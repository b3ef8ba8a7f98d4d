"""Results that wait at the authorities, the start of taking them over, and bags that arrive."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.store import bags_view as view
from agent.store.bags import BACK, open_bags
from agent.store.ready import ready_results
from agent.tracking.forward.arrivals import start_arrival
from agent.tracking.forward.collecting import bag_collected, start_collection
from agent.web.bags import bags
from agent.web.bags.desk import minutes_of, said_back
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery.desk import scanned
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@bags.get("/results")
@allow(Action.COLLECT_RESULT)
def results() -> ResponseReturnValue:
    """The list of results ready at one authority, the longest waiting first."""
    agency = request.args.get("agency", "")[:40] or site().settings.office.authority
    with site().store.reading():
        held = ready_results(current_user().office_id, agency)
        under_way = [
            one.minutes for one in view.counts_under_way(current_user().office_id)
            if one.minutes.kind == "collection" and one.minutes.agency == agency
        ]  # fmt: skip
    return render_template("bags/results.html", agency=agency, held=held, under_way=under_way)


@bags.post("/results/collect")
@allow(Action.COLLECT_RESULT)
@said_back
def collect() -> ResponseReturnValue:
    """Begin to take over what is ready at an authority."""
    agency = request.form.get("agency", "")[:40]
    minutes = start_collection(site(), agency, by=acting(), place=request.form.get("place", "").strip()[:120])
    return see_other("bags.count", number=minutes.number)


@bags.post("/c/<number>/bag")
@allow(Action.MANAGE_BAGS)
@said_back
def bag_all(number: str) -> ResponseReturnValue:
    """Everything that was taken over into one bag, closed and announced."""
    with site().store.reading():
        minutes_of(number)
    bag, manifest = bag_collected(site(), number, request.form.get("seal", ""), by=acting())
    words = gettext("Đã đóng túi %(bag)s, báo trước bằng bảng kê %(manifest)s.")
    say(words % {"bag": bag.number, "manifest": manifest.number})
    return see_other("bags.bag", number=bag.number)


@bags.get("/arrivals")
@allow(Action.MANAGE_BAGS)
def arriving() -> ResponseReturnValue:
    """Bags announced to this office, what is late first; scanning a bag begins its count."""
    office, now = current_user().office_id, site().clock.now()
    with site().store.reading():
        coming = view.on_the_way(office, BACK, now)
        bags_back = [one for one in open_bags(office) if one.way == BACK and one.closed_at is not None]
    return render_template("bags/arrivals.html", coming=coming, bags=bags_back)


@bags.post("/arrivals/scan")
@allow(Action.MANAGE_BAGS)
@said_back
def scan_arrivals() -> ResponseReturnValue:
    """The bag that was scanned has arrived."""
    text = scanned()
    if not text:
        return see_other("bags.arriving")
    minutes = start_arrival(site(), text, by=acting())
    return see_other("bags.count", number=minutes.number)
