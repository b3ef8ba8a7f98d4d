"""One bag: filled by scanning, closed with a seal, given to a courier, announced on a manifest."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store import bags_view as view
from agent.store import desk as rows
from agent.store.bags import BACK, FORWARD, BagLine, Parcel, lines_of, seals_of
from agent.store.items import Item
from agent.tracking.custody import courier_holder
from agent.tracking.forward.bagging import bag_empty, close_bag, move_bag, open_bag, put, reopen_bag, take_out
from agent.tracking.forward.manifests import announce
from agent.tracking.forward.papers import bag_label
from agent.tracking.forward.scanned import Kind, read_scan, thing_scanned
from agent.web.bags import bags
from agent.web.bags.desk import bag_of, said_back
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery.desk import pdf_answer, scanned
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say

SHOWN = 12  # the newest things of a bag that is being filled


@bags.post("/open")
@allow(Action.MANAGE_BAGS)
@said_back
def open_new() -> ResponseReturnValue:
    """A new empty bag for an authority."""
    way = FORWARD if request.form.get("way") != BACK else BACK
    bag = open_bag(site(), way, request.form.get("agency", ""), by=acting())
    return see_other("bags.bag", number=bag.number)


@bags.get("/t/<number>")
@allow(Action.MANAGE_BAGS)
def bag(number: str) -> ResponseReturnValue:
    """The bag with what lies in it, newest first; `seal` is a number that was scanned to close it with."""
    with site().store.reading():
        held = bag_of(number)
        lines = lines_of(held)[::-1]
        owners = _owners(lines)
        couriers = rows.couriers(held.office_id)
        listed = {row.bag.id: row.manifest for row in view.bag_rows(held.office_id)}
        facts = seals_of(held)
    return render_template(
        "bags/bag.html", bag=held, lines=lines if held.closed_at else lines[:SHOWN], count=len(lines), owners=owners,
        seal=request.args.get("seal", "")[:30], couriers=couriers, manifest=listed.get(held.id, ""), facts=facts,
    )  # fmt: skip


@bags.post("/t/<number>/scan")
@allow(Action.MANAGE_BAGS)
@said_back
def scan_bag(number: str) -> ResponseReturnValue:
    """A scan on a bag's page: into the bag while it is open; a seal's number is asked to be confirmed."""
    text = scanned()
    if not text:
        return see_other("bags.bag", number=number)
    code = read_scan(text)
    with site().store.reading():
        held = bag_of(number)
        known = thing_scanned(code)
    if code.kind is Kind.SEAL and known is None and held.closed_at is None:
        return see_other("bags.bag", number=number, seal=code.number)
    if code.kind is Kind.BAG and code.number != number:
        return see_other("bags.bag", number=code.number)
    thing = put(site(), number, text, by=acting())
    say(
        gettext("%(thing)s đã vào túi.") % {"thing": thing.number},
        undo_url=f"/bags/t/{number}/out?thing={thing.number}",
    )
    return see_other("bags.bag", number=number)


@bags.post("/t/<number>/out")
@allow(Action.MANAGE_BAGS)
@said_back
def out_of(number: str) -> ResponseReturnValue:
    """Take one thing out of the open bag."""
    with site().store.reading():
        bag_of(number)
    thing = request.form.get("thing", "") or request.args.get("thing", "")
    take_out(site(), number, thing[:60], by=acting())
    say(gettext("Đã lấy %(thing)s khỏi túi.") % {"thing": thing})
    return see_other("bags.bag", number=number)


@bags.post("/t/<number>/close")
@allow(Action.MANAGE_BAGS)
@said_back
def close(number: str) -> ResponseReturnValue:
    """Close the bag with its seal."""
    with site().store.reading():
        bag_of(number)
    closed = close_bag(site(), number, request.form.get("seal", ""), by=acting())
    say(gettext("Đã đóng túi, niêm phong %(seal)s. In nhãn túi rồi lập bảng kê.") % {"seal": closed.seal})
    return see_other("bags.bag", number=number)


@bags.post("/t/<number>/reopen")
@allow(Action.MANAGE_BAGS)
@said_back
def reopen(number: str) -> ResponseReturnValue:
    """Take the seal off a bag that has not left."""
    with site().store.reading():
        bag_of(number)
    reopen_bag(site(), number, by=acting())
    say(gettext("Đã tháo niêm phong, túi mở lại."))
    return see_other("bags.bag", number=number)


@bags.post("/t/<number>/give-up")
@allow(Action.MANAGE_BAGS)
@said_back
def give_up(number: str) -> ResponseReturnValue:
    """Give up an empty bag."""
    with site().store.reading():
        bag_of(number)
    bag_empty(site(), number, by=acting())
    return see_other("bags.home")


@bags.post("/t/<number>/move")
@allow(Action.MANAGE_BAGS)
@said_back
def move(number: str) -> ResponseReturnValue:
    """Offer the closed bag to a courier, take the offer back, or take the bag over."""
    with site().store.reading():
        held = bag_of(number)
        known = {user.username for user in rows.couriers(held.office_id)}
    step, courier = request.form.get("step", ""), request.form.get("courier", "")
    if step == "offer" and courier not in known:
        raise RuleViolation("Chưa chọn bưu tá. Chọn bưu tá của bưu cục rồi giao.")
    own = f"office:{current_user().office_id}"
    steps = {
        "offer": (CustodyStep.OFFER, courier_holder(courier)),
        "withdraw": (CustodyStep.WITHDRAW, ""),
        "accept": (CustodyStep.ACCEPT, own),
    }
    if step not in steps:
        raise RuleViolation("Chọn giao, rút lại hoặc nhận túi.")
    move_bag(site(), number, steps[step][0], by=acting(), to=steps[step][1])
    say(gettext("Đã ghi. Túi đổi người giữ khi bên kia quét nhận.") if step == "offer" else gettext("Đã ghi."))
    return see_other("bags.bag", number=number)


@bags.post("/t/<number>/announce")
@allow(Action.MANAGE_BAGS)
@said_back
def announce_bag(number: str) -> ResponseReturnValue:
    """A manifest of this bag, with what else waits for the same authority where that is ticked."""
    with site().store.reading():
        held = bag_of(number)
    made = announce(site(), held.way, held.agency, [number], by=acting())
    say(gettext("Đã lập và báo trước bảng kê %(number)s.") % {"number": made.number})
    return see_other("bags.manifest", number=made.number)


@bags.get("/t/<number>/label.pdf")
@allow(Action.MANAGE_BAGS)
def label(number: str) -> ResponseReturnValue:
    """The bag's label on paper."""
    from labels.produce import produce

    with site().store.reading():
        bag_of(number)
    return pdf_answer(produce(bag_label(site(), number), "pdf"), f"nhan-{number}")


def _owners(lines: list[BagLine]) -> dict[str, str]:
    """The dossier's number of each thing, by the thing's number."""
    items = {
        one.id: one.dossier_id for one in Item.select().where(Item.id.in_([line.item_id for line in lines] or [-1]))
    }
    parcels = {
        one.id: one.dossier_id
        for one in Parcel.select().where(Parcel.id.in_([line.parcel_id for line in lines] or [-1]))
    }
    numbers = view.numbers_of([*items.values(), *[one for one in parcels.values() if one]])
    return {line.number: numbers.get(items.get(line.item_id) or parcels.get(line.parcel_id) or 0, "") for line in lines}
