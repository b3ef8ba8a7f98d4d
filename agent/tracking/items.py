"""Give a result its item: an S10 number from the office's allotted range, and collect it from the authority."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.custody_steps import ENDED, CustodyStep
from agent.domain.dossier import ReturnWay, State
from agent.domain.s10 import S10, number_in_range
from agent.errors import RuleViolation
from agent.site import Site
from agent.store.dossiers import Dossier, Fee
from agent.store.indexing import index_dossier
from agent.store.items import Item, ItemRange, Result
from agent.store.lookup import dossier_by_uid, item_by_number
from agent.store.ranges import free_from, in_the_way, spent, take_number
from agent.tracking.custody import CustodyFact, authority_holder, courier_holder, office_holder, record


def allot_range(
    site: Site, office_id: str, prefix: str, first: int, last: int, *, country: str = "VN", allotted_by: str = ""
) -> ItemRange:
    """Enter a range of item numbers that the operator gave to an office; `allotted_by` is who, or whose decision.

    RuleViolation when it crosses a range that is not used up, or whose newest number is younger than 12 months.
    """
    number_in_range(prefix, first, country)
    number_in_range(prefix, last, country)
    now = site.clock.now()
    with site.store.writing():
        other = in_the_way(prefix, country, first, last, at=now)
        if first > last or other is not None:
            again = other is not None and spent(other) and other.given_at is not None
            when = f", dùng lại được từ {local(free_from(other)):%d/%m/%Y}" if other and again else ""
            raise RuleViolation(
                f"Dải số {prefix} {first:08d}–{last:08d} trùng dải đã khai báo{when}. Kiểm tra lại dải số."
            )
        made: ItemRange = ItemRange.create(
            office_id=office_id, prefix=prefix, country=country, first=first, last=last, next=first, allotted_at=now,
            allotted_by=allotted_by.strip()[:120],
        )  # fmt: skip
    return made


def register_item(site: Site, uid: uuid.UUID, *, by: Actor, results: Sequence[uuid.UUID] = ()) -> Item:
    """One item for the dossier's paper results that go by courier (or those named); asking again gives the same item.

    The authority is its first holder: the result is still there. Joins the caller's transaction where there is one.
    """
    with site.store.joined():
        dossier = dossier_by_uid(uid)
        if dossier.state is not State.RESULT_READY:
            raise RuleViolation("Hồ sơ chưa có kết quả để gửi. Chờ tỉnh báo có kết quả.")
        wanted = _results(dossier, results)
        given = next((result.item for result in wanted if result.item and result.item.state != "returned"), None)
        if given is not None:
            return item_by_number(given.number)
        now = site.clock.now()
        holder = authority_holder(dossier.agency)
        item = Item.create(
            uid=site.ids.uid(),
            number=take_number(dossier.office_id, at=now).text,
            dossier=dossier,
            office_id=dossier.office_id,
            state="registered",
            holder=holder,
            collect=sum(fee.amount for fee in due_fees(*_books(dossier), by_courier=True)),
            created_at=now,
            updated_at=now,
        )
        record(site, item, CustodyFact(site.ids.uid(), CustodyStep.REGISTER, now, to_holder=holder), by=by)
        Result.update(item=item, state="on_the_way").where(Result.id.in_([result.id for result in wanted])).execute()
        index_dossier(dossier)
    return item


def collect_from_authority(site: Site, number: str, *, by: Actor) -> Item:
    """The office takes the sealed result over at the authority and brings it in: offer, accept, arrive."""
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        office = office_holder(item.office_id)
        for step, to in ((CustodyStep.OFFER, office), (CustodyStep.ACCEPT, office), (CustodyStep.ARRIVE, "")):
            fact = CustodyFact(site.ids.uid(), step, site.clock.now(), from_holder=item.holder, to_holder=to)
            record(site, item, fact, by=by)
    return item


def due_fees(fees: Iterable[Fee], items: Iterable[Item], *, by_courier: bool) -> list[Fee]:
    """The fees of a dossier that whoever hands a result over collects: what is unpaid.

    Nothing while one of its items on the way collects it; freight only for what a courier carries or has carried.
    """
    known = list(items)
    if any(item.collect and item.state not in ENDED for item in known):
        return []
    carried = by_courier or bool(known)
    due = [fee for fee in fees if fee.paid_at is None and fee.waived_at is None]
    return [fee for fee in due if carried or fee.ledger != FeeLedger.FREIGHT]


def due_at_counter(dossier: Dossier) -> list[Fee]:
    """The fees to collect when a result of the dossier is picked up at the counter."""
    return due_fees(*_books(dossier), by_courier=False)


def round_of(site: Site, username: str) -> list[Item]:
    """The items that a courier answers for or is offered, in the order they were handed over."""
    holder = courier_holder(username)
    with site.store.reading():
        mine = ((Item.holder == holder) | (Item.offered_to == holder)) & Item.state.not_in(["delivered", "returned"])
        return list(Item.select().where(mine).order_by(Item.id))


def _results(dossier: Dossier, named: Sequence[uuid.UUID]) -> list[Result]:
    query = Result.select().where((Result.dossier == dossier) & (Result.state != "delivered"))
    chosen = Result.uid.in_(list(named)) if named else Result.way == ReturnWay.COURIER
    wanted = list(query.where(chosen).order_by(Result.id))
    if not wanted:
        raise RuleViolation("Không có kết quả nào trả qua bưu tá. Trả tại quầy hoặc bản điện tử.")
    return wanted


def _books(dossier: Dossier) -> tuple[list[Fee], list[Item]]:
    fees = Fee.select().where(Fee.dossier == dossier).order_by(Fee.id)
    return list(fees), list(Item.select().where(Item.dossier == dossier))
