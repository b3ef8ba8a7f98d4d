"""Correct what was recorded by an added entry that stands pending until a second person agrees or declines."""

from __future__ import annotations

from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.custody import Entry
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import State, Step
from agent.domain.s10 import S10
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store.calendar import working_calendar
from agent.store.custody_chain import Chain, chain_of
from agent.store.delivery_lists import unsettle_delivered
from agent.store.dossiers import Dossier
from agent.store.items import Item, Proof, Result
from agent.store.lookup import dossier_of, item_by_number
from agent.store.money_fees import unpaid
from agent.store.progress import note, take_step, told
from agent.tracking.back.own import take_word_back
from agent.tracking.custody import CustodyFact, record


def ask(site: Site, number: str, wrong: UUID, reason: str, *, by: Actor) -> Item:
    """Ask that an event be taken back; nothing changes until a second person agrees.

    RuleViolation without a reason, or for what cannot be corrected.
    """
    if len(reason.strip()) < 5:
        raise RuleViolation("Ghi rõ lý do đính chính (ít nhất 5 chữ): điều gì ghi sai, biết được từ đâu.")
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        dossier = dossier_of(item.dossier_id)
        fact = CustodyFact(
            site.ids.uid(), CustodyStep.REVERSE, site.clock.now(), from_holder=item.holder, corrects=wrong,
            note=reason.strip()[:500],
        )  # fmt: skip
        record(site, item, fact, by=by)
        note(
            dossier, "correction_asked", by=by, at=site.clock.now(), ids=site.ids, ledger="custody", item=item.number,
            event=str(fact.uid), corrects=str(wrong), reason=told(dossier, reason),
        )  # fmt: skip
    return item


def answer(site: Site, number: str, correction: UUID, *, agree: bool, by: Actor) -> Item:
    """Agree to a pending correction, or decline it; never by the one who asked for it.

    A delivery that is taken back makes its results undelivered, voids its proof and opens the dossier again.
    """
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        chain = chain_of(item, working_calendar())
        asked, wrong = _pending(chain, correction)
        fact = CustodyFact(
            site.ids.uid(), CustodyStep.REVERSE, site.clock.now(), from_holder=item.holder, corrects=wrong.uid,
            author=asked.actor, countersigned_by=by.name, declined=not agree, parent=asked.uid,
        )  # fmt: skip
        record(site, item, fact, by=by)
        if agree and wrong.step is CustodyStep.DELIVER:
            _undeliver(site, item, by=by)
        if agree and wrong.step is CustodyStep.ATTEMPT_FAILED:
            take_word_back(item, wrong.uid)
    return item


def _pending(chain: Chain, correction: UUID) -> tuple[Entry, Entry]:
    """The correction that was asked for, and the entry that it takes back."""
    custody = chain.custody
    found = {link.entry.uid: link.entry for link in chain.links}
    asked = found.get(correction)
    if custody is None or asked is None or asked.uid not in custody.pending or asked.corrects not in found:
        raise NotFound("Không có đính chính nào đang chờ ký. Tải lại trang bưu gửi.")
    return asked, found[asked.corrects]


def _undeliver(site: Site, item: Item, *, by: Actor) -> None:
    """The results were not delivered after all: they are on their way again, and the dossier with them."""
    now = site.clock.now()
    Proof.update(voided_at=now).where((Proof.item == item) & Proof.voided_at.is_null()).execute()
    Result.update(state="on_the_way", delivered_at=None, reported=False).where(Result.item == item).execute()
    unsettle_delivered(item)
    dossier = dossier_of(item.dossier_id)
    if dossier.state is State.CLOSED:
        dossier.closed_at = None
        take_step(dossier, Step.FINISH, by=by, at=now, ids=site.ids, item=item.number)
    _collect_again(item, dossier)


def _collect_again(item: Item, dossier: Dossier) -> None:
    """What was collected stays collected; its money is taken back by an entry of the money journal alone."""
    Item.update(collect=sum(fee.amount for fee in unpaid(dossier))).where(Item.id == item.id).execute()
