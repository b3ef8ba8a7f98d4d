"""The delivery office's papers as PDF, as the rows are now: list of the day, invitation, minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.claims import KIND_NAME, WHOLE, Kind, State
from agent.domain.custody_attempts import REASON_NAME, Reason
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.claims import Claim
from agent.store.delivery import DeliveryList, Invitation, Route, TakeBack
from agent.store.delivery_lists import decided_for, entries_of, names_of
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result
from agent.store.returns import ReturnLine
from agent.store.rounds import stop_of, stops_of
from agent.tracking.back.claims import claim_by_uid, edition
from agent.tracking.back.claims import entries_of as written_in
from agent.tracking.back.invite import invitation_by_uid, invited
from agent.tracking.back.lists import list_by_uid
from agent.tracking.back.own import attempts_made, own_item, plan_of
from agent.tracking.back.returning import lines_of, minutes_by_uid

if TYPE_CHECKING:
    from labels.forms.common import Head
    from labels.forms.delivery_list import DeliveryLine
    from labels.forms.going_back import BackLine

HOURS = "giờ làm việc của bưu cục"


def list_pdf(site: Site, uid: UUID, *, by: Actor) -> bytes:
    """A delivery list, A4, with every item's bars."""
    from labels.forms.delivery_list import DeliveryListForm, render

    with site.store.reading():
        on = list_by_uid(uid, by.office_id)
        lines = _delivery_lines(on)
        if not lines:
            raise RuleViolation("Danh sách chưa có bưu gửi nào để in. Quét bưu gửi vào danh sách trước.")
        route = Route.get_or_none(Route.id == on.route_id)
        names = names_of([on.courier, on.made_by])
        form = DeliveryListForm(
            head=_head(site, on.number, f"PA1M|{on.number}"),
            courier=names.get(on.courier, on.courier),
            route=f"{route.code} · {route.name}" if route else "",
            day=on.day,
            lines=tuple(lines),
            clerk=names.get(on.made_by, on.made_by),
        )
    return render(form)


def _delivery_lines(on: DeliveryList) -> list[DeliveryLine]:
    from labels.forms.delivery_list import DeliveryLine

    entries = [entry for entry in entries_of(on) if entry.outcome != "withdrawn"]
    items = [entry.item for entry in entries]
    over = {entry.item.id for entry in entries if entry.outcome == "delivered"}  # what was taken is counted blind
    plans, stops = decided_for([item.id for item in items]), stops_of(items)
    wanted: dict[int, list[str]] = {}
    ids = [item.id for item in items] or [-1]
    for paper in TakeBack.select().where(TakeBack.item.in_(ids) & (TakeBack.state == "wanted")):
        wanted.setdefault(paper.item_id, []).append(paper.name)
    made = []
    for stop in stops:
        plan, remarks = plans.get(stop.item.id), [f"gọi {stop.contact}"] if stop.contact else []
        if plan is not None and plan.addressee_only:
            remarks.append("tận tay")
        remarks += [f"thu lại: {name}" for name in wanted.get(stop.item.id, ())]
        made.append(
            DeliveryLine(
                stop.item.number,
                stop.name,
                stop.address,
                _phone(stop.phone),
                0 if stop.item.id in over else stop.item.collect,
                "; ".join(remarks),
            )
        )
    return made


def invitation_pdf(site: Site, uid: UUID, *, by: Actor) -> bytes:
    """An invitation, A5; that it was printed is kept."""
    from labels.forms.invitation import InvitationForm, render

    with site.store.writing():
        made = invitation_by_uid(uid)
        item = own_item(made.item.number, by)
        if made.printed_at is None:
            rows.change(Invitation, made.id, printed_at=site.clock.now())
        dossier, stop, plan = Dossier.get_by_id(item.dossier_id), stop_of(item), plan_of(item)
        office = site.settings.office
        form = InvitationForm(
            head=_head(
                site, dossier.official or dossier.provisional, f"PA1|{dossier.provisional}|{dossier.official or ''}",
                number=f"{item.number}/GM-{made.number}",
            ),
            number=made.number, item=item.number, receiver=stop.name, address=stop.address,
            collect_from=made.collect_from, collect_until=made.collect_until,
            place=", ".join(part for part in (office.name, office.address) if part), hours=HOURS, phone=office.phone,
            collect=item.collect,
            tracking_url=f"{site.settings.web.public_url.rstrip('/')}/t/{dossier.public_token}",
            addressee_only=bool(plan and plan.addressee_only),
            clerk=names_of([made.made_by]).get(made.made_by, made.made_by),
        )  # fmt: skip
    return render(form)


def return_pdf(site: Site, uid: UUID, *, by: Actor) -> bytes:
    """The minutes of a return, A4: for signature before, as the record after."""
    from labels.forms.common import Party
    from labels.forms.going_back import GoingBackForm, render

    with site.store.reading():
        made = minutes_by_uid(uid, by.office_id)
        form = GoingBackForm(
            head=_head(site, made.number, f"PA1M|{made.number}"),
            giver=Party(names_of([made.made_by]).get(made.made_by, made.made_by), address=site.settings.office.name),
            receiver=Party(made.receiver, address=_agency_name(site, made.agency)),
            at=local(made.signed_at or made.made_at),
            lines=tuple(_back_line(line) for line in lines_of(made)),
        )
    return render(form)


def _back_line(line: ReturnLine) -> BackLine:
    from labels.forms.going_back import BackLine

    dossier = Dossier.get_by_id(line.item.dossier_id)
    code = dossier.official or dossier.provisional
    if line.paper_id is not None:
        paper = TakeBack.get_by_id(line.paper_id)
        return BackLine("", code, f"{paper.name} ×{paper.quantity}", "giấy cơ quan thu lại")
    attempts = attempts_made(line.item)
    tried = ", ".join(f"{local(one.at):%d/%m}" for one in attempts)
    asked = ", ".join(f"{day:%d/%m}" for day in invited(line.item))
    what = ", ".join(result.name for result in Result.select().where(Result.item == line.item)) or "kết quả"
    words = "; ".join(part for part in (f"phát {tried}" if tried else "", f"mời {asked}" if asked else "") if part)
    return BackLine(line.item.number, code, what, REASON_NAME[Reason(line.reason)] if line.reason else "", words)


def claim_pdf(site: Site, uid: UUID, *, by: Actor) -> bytes:
    """The minutes of a claim, A4: facts, inventory, answer, what is paid until when."""
    from labels.forms.claim import ClaimForm, InventoryLine, render
    from labels.forms.common import Party

    with site.store.reading():
        claim = claim_by_uid(uid, by.office_id)
        entries = written_in(claim)
        item = Item.get_by_id(claim.item_id)
        dossier = Dossier.get_by_id(item.dossier_id)
        answer = next((one.words for one in entries if one.kind in ("answer", "rejection")), "")
        owed = claim.liability if claim.state in (State.ACCEPTED, State.MINUTED, State.PAID) else None
        form = ClaimForm(
            head=_head(site, claim.number, f"PA1M|{claim.number}"),
            item=item.number, dossier=dossier.official or dossier.provisional,
            complainant=Party(claim.complainant, phone=claim.contact), kind=KIND_NAME[Kind(claim.kind)],
            complained_on=claim.complained_on, transit_ended_on=claim.transit_ended_on, answer_by=claim.answer_by,
            facts=tuple(one.words for one in entries if one.kind == "fact" and one.words) or ("(đã xóa)",),
            inventory=tuple(
                InventoryLine(one.words or "(đã xóa)", one.quantity, one.amount)
                for one in entries if one.kind == "inventory"
            ),
            freight=claim.freight, damage=claim.damage, reissue=claim.reissue, basis=basis(claim), answer=answer,
            liability=owed, pay_by=claim.pay_by,
            office_signer=names_of([claim.owner]).get(claim.owner, ""),
        )  # fmt: skip
    return render(form)


def basis(claim: Claim) -> str:
    """In words, how the least that is owed was found."""
    times = edition(claim).liability_times_freight
    if not claim.has_receipt:
        return "không có chứng từ nhận gửi: không bồi thường"
    kind = Kind(claim.kind)
    if kind in WHOLE:
        return f"{times} lần cước, đã gồm hoàn cước" + ("; cộng chi phí cấp lại" if claim.reissue else "")
    if kind is Kind.LATE:
        return "hoàn cước đã trả"
    return f"thiệt hại thực tế, nhiều nhất {times} lần cước" + ("; cộng chi phí cấp lại" if claim.reissue else "")


def _head(site: Site, code: str, payload: str, *, number: str = "") -> Head:
    from labels.forms.common import Head

    office = site.settings.office
    return Head(
        authority=office.authority_name, desk=office.name, number=number, code=code, payload=payload,
        place=office.address.rpartition(",")[2].strip() or office.name, issued_at=local(site.clock.now()),
        training=site.settings.training,
    )  # fmt: skip


def _agency_name(site: Site, agency: str) -> str:
    office = site.settings.office
    return office.authority_name if agency == office.authority else f"Cơ quan {agency}"


def _phone(phone: str) -> str:
    number = phone.replace(" ", "")
    number = f"0{number[3:]}" if number.startswith("+84") else number
    return f"{number[:4]} {number[4:7]} {number[7:]}" if len(number) == 10 else number
