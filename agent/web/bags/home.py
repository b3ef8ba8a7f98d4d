"""The first page of the paper leg: what must go, what is on its way, what is being counted, what is missing."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.forward import FOLLOW_NAME, VERDICT_NAME, Follow, Verdict
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store import bags_view as view
from agent.store.bags import BAG, Parcel
from agent.store.items import Item
from agent.store.minutes import shortages
from agent.store.ranges import stock_of
from agent.store.ready import agencies_with_results
from agent.tracking.forward.envelopes import papers_to_carry
from agent.tracking.forward.filing import see_change, unseen_changes
from agent.tracking.forward.scanned import Kind, dossier_scanned, envelope_on_the_way, read_scan, thing_scanned
from agent.tracking.forward.signing import settle_difference
from agent.web.bags import bags
from agent.web.bags.desk import own_here, said_back, to_back
from agent.web.context import acting, current_user, see_other, site
from agent.web.delivery.desk import scanned
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say

ROWS = 6  # of a part on the first page


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


KIND_WORDS = {
    "handover": _("Giao tại cơ quan"),
    "collection": _("Nhận kết quả"),
    "arrival": _("Mở túi đến"),
}
ENDINGS = (
    ("found", _("đã tìm thấy")),
    ("carried_back", _("đã mang về")),
    ("given_to_owner", _("đã trả đúng nơi")),
    ("lost", _("thất lạc")),
)


@bags.get("/")
@allow(Action.MANAGE_BAGS)
def home() -> ResponseReturnValue:
    """Everything of the paper leg that waits for somebody here."""
    office, now = current_user().office_id, site().clock.now()
    papers = papers_to_carry(site(), office)
    changes = unseen_changes(site(), office)
    with site().store.reading():
        return render_template(
            "bags/home.html", papers=papers, late=sum(one.late for one in papers), bags=view.bag_rows(office),
            forward=view.on_the_way(office, "forward", now), back=view.on_the_way(office, "back", now),
            counts=view.counts_under_way(office), differences=shortages(office), changes=changes,
            results={agency: len(held) for agency, held in agencies_with_results(office).items()},
            agencies=_agencies(office), signed=view.signed_minutes(office, ROWS), kinds=KIND_WORDS, rows=ROWS,
            stock=stock_of(office),
        )  # fmt: skip


@bags.get("/differences")
@allow(Action.MANAGE_BAGS)
def differences() -> ResponseReturnValue:
    """What signed minutes found short or over, one by one, with what happens next."""
    with site().store.reading():
        found = shortages(current_user().office_id)
        numbers = view.numbers_of([one.dossier_id for one in found if one.dossier_id is not None])
        minutes = {one.id: one.minutes for one in found}
    return render_template(
        "bags/differences.html", lines=found, numbers=numbers, minutes=minutes, endings=ENDINGS,
        verdicts={one.value: VERDICT_NAME[one] for one in Verdict},
        follows={one.value: FOLLOW_NAME[one] for one in Follow},
    )  # fmt: skip


@bags.post("/differences")
@allow(Action.MANAGE_BAGS)
@said_back
def settle() -> ResponseReturnValue:
    """Say what became of one thing that was short or over."""
    line = request.form.get("line", 0, type=int)
    with site().store.reading():
        mine = {one.id for one in shortages(current_user().office_id)}
    if line not in mine:
        raise RuleViolation("Chênh lệch này đã xử lý xong. Tải lại trang.")
    done = settle_difference(site(), line, request.form.get("how", ""), by=acting())
    say(gettext("Đã ghi kết quả cho %(number)s.") % {"number": done.number})
    return see_other("bags.differences")


@bags.post("/due/<uuid:uid>/seen")
@allow(Action.MANAGE_BAGS)
@said_back
def due_seen(uid: UUID) -> ResponseReturnValue:
    """A clerk has seen that a dossier's due date moved with the minutes."""
    see_change(site(), own_here(uid).uid, by=acting())
    return to_back()


@bags.post("/scan")
@allow(Action.MANAGE_BAGS)
@said_back
def scan() -> ResponseReturnValue:
    """What was scanned opens: a bag, a manifest, minutes; a dossier's papers; an item of the delivery office."""
    text = scanned()
    if not text:
        return see_other("bags.home")
    code = read_scan(text)
    with site().store.reading():
        thing = thing_scanned(code)
        dossier = dossier_scanned(code.number) if code.kind is Kind.DOSSIER else None
        sealed = envelope_on_the_way(dossier) is not None if dossier is not None else False
    if code.kind is Kind.MANIFEST:
        return see_other("bags.manifest", number=code.number)
    if code.kind is Kind.MINUTES:
        return see_other("bags.count", number=code.number)
    if code.kind is Kind.FOREIGN:
        raise RuleViolation(code.words)
    if dossier is not None and not sealed:
        return see_other("bags.sealing", uid=dossier.uid)
    if isinstance(thing, Parcel) and thing.kind == BAG:
        return see_other("bags.bag", number=thing.number)
    if isinstance(thing, Parcel):
        if thing.bag:
            return see_other("bags.bag", number=thing.bag)
        return see_other("bags.papers")
    if isinstance(thing, Item):
        return see_other("delivery.item", number=thing.number)
    raise RuleViolation(f"Không có “{code.number}” trong sổ túi. Quét nhãn túi, bảng kê, biên bản hoặc phong bì.")


def _agencies(office_id: str) -> list[str]:
    """Authorities to open a bag for: those that papers or results wait for, ours first."""
    own = site().settings.office.authority
    others = {*view.agencies_of_papers(office_id), *agencies_with_results(office_id)} - {own}
    return [own, *sorted(others)]
