"""Give results and papers taken back to the authority, with the minutes that both sides sign."""

from __future__ import annotations

from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.text import clean
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.delivery import TakeBack
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import items_to_change, next_number
from agent.store.progress import announce, note
from agent.store.returns import ReturnLine, ReturnMinutes
from agent.tracking.back.own import attempts_made, own_item, step, today
from agent.tracking.back.proxy import give_paper
from agent.tracking.custody import authority_holder, office_holder


def prepare(site: Site, agency: str, *, by: Actor) -> ReturnMinutes:
    """Write the minutes of all that goes back to an agency now: approved items and papers that were taken back."""
    with site.store.writing():
        items = [item for item in going(by.office_id) if _agency(item) == agency]
        papers = [paper for paper in papers_here(by.office_id) if _agency(paper.item) == agency]
        if not items and not papers:
            raise RuleViolation("Không có bưu gửi hay giấy tờ nào phải trả cơ quan này.")
        number = next_number(f"return minutes {by.office_id}", today(site))
        made: ReturnMinutes = rows.create(
            ReturnMinutes, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id,
            number=f"CH{today(site):%y%m%d}-{number:02d}", agency=agency, made_by=by.username, made_at=site.clock.now(),
        )  # fmt: skip
        for item in items:
            attempts = attempts_made(item)
            reason = attempts[-1].reason.value if attempts else ""
            rows.create(ReturnLine, minutes=made, item=item, paper=None, reason=reason)
        for paper in papers:
            rows.create(ReturnLine, minutes=made, item=paper.item, paper=paper, reason="")
    return made


def sign(site: Site, uid: UUID, receiver: str, *, by: Actor) -> ReturnMinutes:
    """The authority has signed: every item and paper on the minutes is theirs now.

    An item that may not go back any more (lost, found elsewhere) is taken off, and the minutes have to be printed anew:
    RuleViolation names it; the others can then be signed for.
    """
    receiver = " ".join(clean(receiver)[:100].split())
    if len(receiver) < 2:
        raise RuleViolation("Ghi họ tên người của cơ quan đã ký nhận.")
    with site.store.writing():
        stale = _take_off_stale(minutes_by_uid(uid, by.office_id))
    if stale:
        raise RuleViolation(
            f"Bưu gửi {', '.join(stale)} không còn ở bưu cục để chuyển hoàn: đã bỏ khỏi biên bản. Chưa ghi ký; in lại "
            "biên bản rồi hai bên ký."
        )
    with site.store.writing():
        made = minutes_by_uid(uid, by.office_id)
        if made.signed_at is not None:
            return made
        lines = lines_of(made)
        items_to_change(line.item.number for line in lines)
        for line in lines:
            if line.paper_id is not None:
                give_paper(site, TakeBack.get_by_id(line.paper_id), made.agency, by=by)
                continue
            item = own_item(line.item.number, by)
            step(site, item, CustodyStep.RETURN, by=by, to=authority_holder(made.agency))
            note(
                Dossier.get_by_id(item.dossier_id), "returned", by=by, at=site.clock.now(), ids=site.ids,
                ledger="custody", item=item.number, minutes=made.number,
            )  # fmt: skip
        made.receiver, made.signed_at = receiver, site.clock.now()
        made.save()
        announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
    return made


def _take_off_stale(made: ReturnMinutes) -> list[str]:
    """Take what may not go back any more off unsigned minutes; its numbers. Empty minutes are given up."""
    if made.signed_at is not None:
        return []
    here, lines = office_holder(made.office_id), lines_of(made)
    stale = [
        line for line in lines
        if line.paper_id is None and (line.item.state != "return_approved" or line.item.holder != here)
    ]  # fmt: skip
    ReturnLine.delete().where(ReturnLine.id.in_([line.id for line in stale] or [-1])).execute()
    if stale and len(stale) == len(lines):
        made.delete_instance()
    return [line.item.number for line in stale]


def going(office_id: str) -> list[Item]:
    """Items approved to go back that are in the office and on no minutes that wait for their signature."""
    waiting = ReturnLine.select(ReturnLine.item).join(ReturnMinutes).where(ReturnMinutes.signed_at.is_null())
    here = (Item.office_id == office_id) & (Item.state == "return_approved") & (Item.offered_to == "")
    here &= Item.holder == office_holder(office_id)
    on_none = Item.id.not_in(waiting.where(ReturnLine.paper.is_null()))
    query = Item.select(Item, Dossier).join(Dossier)
    return list(query.where(here & on_none).order_by(Item.id))


def papers_here(office_id: str) -> list[TakeBack]:
    """Papers taken back that the office holds and that are on no minutes yet."""
    waiting = ReturnLine.select(ReturnLine.paper).join(ReturnMinutes).where(ReturnMinutes.signed_at.is_null())
    on_none = TakeBack.id.not_in(waiting.where(ReturnLine.paper.is_null(False)))
    here = (TakeBack.office_id == office_id) & (TakeBack.state == "taken")
    here &= TakeBack.holder == office_holder(office_id)
    query = TakeBack.select(TakeBack, Item, Dossier).join(Item).join(Dossier)
    return list(query.where(here & on_none).order_by(TakeBack.id))


def papers_with_couriers(office_id: str) -> list[TakeBack]:
    """Papers that couriers took back and have not brought in."""
    out = (TakeBack.office_id == office_id) & (TakeBack.state == "taken")
    out &= TakeBack.holder != office_holder(office_id)
    return list(TakeBack.select(TakeBack, Item).join(Item).where(out).order_by(TakeBack.id))


def agencies(office_id: str) -> list[str]:
    """The agencies to which something has to go back now."""
    items = going(office_id) + [paper.item for paper in papers_here(office_id)]
    return sorted({_agency(item) for item in items})


def minutes_by_uid(uid: UUID, office_id: str) -> ReturnMinutes:
    """The office's minutes, or NotFound."""
    found: ReturnMinutes | None = ReturnMinutes.get_or_none(
        (ReturnMinutes.uid == uid) & (ReturnMinutes.office_id == office_id)
    )
    if found is None:
        raise NotFound("Không có biên bản này ở bưu cục. Tải lại trang chuyển hoàn.")
    return found


def minutes_of(office_id: str, *, limit: int = 20) -> list[ReturnMinutes]:
    """The office's minutes, those that wait for a signature first, then the newest."""
    mine = ReturnMinutes.select().where(ReturnMinutes.office_id == office_id)
    return list(mine.order_by(ReturnMinutes.signed_at.is_null().desc(), ReturnMinutes.id.desc()).limit(limit))


def lines_of(made: ReturnMinutes) -> list[ReturnLine]:
    """The lines of minutes with their items, items before papers."""
    query = ReturnLine.select(ReturnLine, Item).join(Item).where(ReturnLine.minutes == made)
    return list(query.order_by(ReturnLine.paper.is_null(False), ReturnLine.id))


def _agency(item: Item) -> str:
    return str(item.dossier.agency)
