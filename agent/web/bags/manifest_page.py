"""Manifests: made of what is ready for one authority, printed, acknowledged, and the start of a hand-over."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.store import bags_view as view
from agent.store.bags import FORWARD, counts_inside
from agent.store.minutes import Minutes, parcels_of_manifest
from agent.tracking.forward.handover import start_handover
from agent.tracking.forward.manifests import acknowledge, announce, cancel
from agent.tracking.forward.papers import manifest_label, manifest_pdf
from agent.tracking.forward.parcels import own_holder
from agent.web.bags import bags
from agent.web.bags.desk import manifest_of, said_back
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery.desk import pdf_answer
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


@bags.get("/manifest/new")
@allow(Action.MANAGE_BAGS)
def new_manifest() -> ResponseReturnValue:
    """What is ready for an authority, all ticked: closed bags and loose envelopes."""
    agency = request.args.get("agency", "")[:40] or site().settings.office.authority
    with site().store.reading():
        ready = view.ready_to_announce(current_user().office_id, agency, own_holder(acting()))
        inside = counts_inside(ready)
        others = [one for one in view.agencies_of_papers(current_user().office_id) if one != agency]
    return render_template("bags/new_manifest.html", agency=agency, ready=ready, inside=inside, others=sorted(others))


@bags.post("/manifest/new")
@allow(Action.MANAGE_BAGS)
@said_back
def make_manifest() -> ResponseReturnValue:
    """Announce what is ticked to the authority."""
    numbers = [one[:60] for one in request.form.getlist("parcel")[:300]]
    agency = request.form.get("agency", "")[:40]
    with site().store.reading():
        known = {one.number for one in view.ready_to_announce(current_user().office_id, agency, own_holder(acting()))}
    wanted = [one.partition("/")[0] if "/" in one else one for one in numbers if one in known]
    made = announce(site(), FORWARD, agency, wanted, by=acting())
    say(gettext("Đã lập và báo trước bảng kê %(number)s.") % {"number": made.number})
    return see_other("bags.manifest", number=made.number)


@bags.get("/m/<number>")
@allow(Action.MANAGE_BAGS)
def manifest(number: str) -> ResponseReturnValue:
    """One manifest: what it lists, where it is, what comes next."""
    with site().store.reading():
        held = manifest_of(number)
        parcels = parcels_of_manifest(held)
        inside = counts_inside(parcels)
        minutes = list(Minutes.select().where((Minutes.manifest == held) & Minutes.voided_at.is_null()))
    return render_template(
        "bags/manifest.html", manifest=held, parcels=parcels, inside=inside, minutes=minutes,
        mine=held.from_holder == own_holder(acting()), now=site().clock.now(),
    )  # fmt: skip


@bags.post("/m/<number>/hand-over")
@allow(Action.MANAGE_BAGS)
@said_back
def begin_handover(number: str) -> ResponseReturnValue:
    """Begin the count at the authority."""
    with site().store.reading():
        manifest_of(number)
    minutes = start_handover(site(), number, by=acting(), place=request.form.get("place", "").strip()[:120])
    return see_other("bags.count", number=minutes.number)


@bags.post("/m/<number>/acknowledge")
@allow(Action.MANAGE_BAGS)
@said_back
def acknowledge_it(number: str) -> ResponseReturnValue:
    """The receiver told us that it has arrived."""
    with site().store.reading():
        manifest_of(number)
    acknowledge(site(), number, by=acting(), name=request.form.get("name", ""))
    say(gettext("Đã ghi bên nhận xác nhận bảng kê."))
    return see_other("bags.manifest", number=number)


@bags.post("/m/<number>/cancel")
@allow(Action.MANAGE_BAGS)
@said_back
def cancel_it(number: str) -> ResponseReturnValue:
    """Take the manifest back before anybody acknowledged it."""
    with site().store.reading():
        manifest_of(number)
    cancel(site(), number, by=acting())
    say(gettext("Đã hủy bảng kê %(number)s.") % {"number": number})
    return see_other("bags.home")


@bags.get("/m/<number>/list.pdf")
@allow(Action.MANAGE_BAGS)
def manifest_paper(number: str) -> ResponseReturnValue:
    """The manifest as a PDF."""
    with site().store.reading():
        manifest_of(number)
    return pdf_answer(manifest_pdf(site(), number), f"bang-ke-{number}")


@bags.get("/m/<number>/label.pdf")
@allow(Action.MANAGE_BAGS)
def manifest_tag(number: str) -> ResponseReturnValue:
    """The manifest's label."""
    from labels.produce import produce

    with site().store.reading():
        manifest_of(number)
    return pdf_answer(produce(manifest_label(site(), number), "pdf"), f"nhan-{number}")
