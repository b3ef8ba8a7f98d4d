"""The office's own item, its plan and its failed attempts as they stand: what every decision begins with."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.calendar_vn import Calendar
from agent.domain.custody import Custody
from agent.domain.custody_attempts import Attempt
from agent.domain.custody_steps import CustodyStep
from agent.domain.delivery import standing
from agent.domain.roles import sees_office
from agent.domain.s10 import S10
from agent.errors import Forbidden
from agent.site import Site
from agent.store import rows
from agent.store.calendar import working_calendar
from agent.store.delivery import Invitation, ItemPlan, NoAttempt
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import item_by_number
from agent.store.progress import note
from agent.tracking.custody import CustodyFact, custody_of, record


def own_item(number: str, by: Actor) -> Item:
    """The item with this S10 number; Forbidden when another office answers for it."""
    item = item_by_number(S10.parse(number).text)
    if by.role is None or not sees_office(by.role, by.office_id, item.office_id):
        raise Forbidden(f"Bưu gửi {item.number} thuộc bưu cục khác. Liên hệ bưu cục {item.office_id}.")
    return item


def today(site: Site) -> date:
    """Today in Vietnam."""
    return local(site.clock.now()).date()


def plan_of(item: Item) -> ItemPlan | None:
    """What was decided of the item last."""
    return rows.first(ItemPlan, item=item.id)


def decide(site: Site, item: Item, by: Actor, **words: object) -> ItemPlan:
    """Write the newest word on an item over the older one, which the journal keeps. Inside writing()."""
    now = site.clock.now()
    plan = plan_of(item)
    if plan is None:
        plan = rows.create(
            ItemPlan, item=item, office_id=item.office_id, changed_by=by.username, changed_at=now
        )  # fmt: skip
    if "action" in words:
        words = {"promised_in": None, **words}
    for name, value in words.items():
        setattr(plan, name, value)
    plan.office_id, plan.changed_by, plan.changed_at = item.office_id, by.username, now
    plan.save()
    told = {name: str(value) for name, value in words.items() if name in ("redeliver_on", "held_until") and value}
    note(
        Dossier.get_by_id(item.dossier_id), "plan", by=by, at=now, ids=site.ids, ledger="custody", item=item.number,
        action=plan.action, decided=plan.decided, addressee_only=plan.addressee_only, **told,
    )  # fmt: skip
    return plan


def step(site: Site, item: Item, what: CustodyStep, *, by: Actor, to: str = "", words: str = "") -> Custody:
    """Record one step of the item in its holder's hands, now. Inside writing()."""
    fact = CustodyFact(site.ids.uid(), what, site.clock.now(), from_holder=item.holder, to_holder=to, note=words)
    return record(site, item, fact, by=by)


def struck(item: Item, custody: Custody) -> set[int]:
    """The numbers of the attempts that a supervisor found never to have been made."""
    found = {row.event for row in NoAttempt.select().where((NoAttempt.item == item) & NoAttempt.event.is_null(False))}
    failed = [entry for entry in custody.entries if entry.step is CustodyStep.ATTEMPT_FAILED]
    return {number for number, entry in enumerate(failed, start=1) if entry.uid in found}


def standing_attempts(item: Item, calendar: Calendar | None = None) -> tuple[Attempt, ...]:
    """The failed attempts that stand, judged without the struck ones."""
    calendar = calendar or working_calendar()
    custody = custody_of(item, calendar)
    return standing(calendar, custody.attempts, struck(item, custody)) if custody else ()


def attempts_made(item: Item) -> tuple[Attempt, ...]:
    """The failed attempts that stand and were not taken back: whom they charge, and what papers tell of them."""
    return tuple(one for one in standing_attempts(item) if not one.void)


def written_days(item: Item) -> list[date]:
    """The day of each invitation that the office wrote: one that a courier left at the door, the day it was left."""
    return [
        local(row.left_at or row.made_at).date()
        for row in Invitation.select().where(Invitation.item == item).order_by(Invitation.number)
    ]


def take_word_back(item: Item, attempt: UUID) -> None:
    """The attempt did not happen: no day was agreed in it, and no invitation was left. Inside writing()."""
    said = (ItemPlan.item == item) & (ItemPlan.promised_in == attempt)
    ItemPlan.update(action="", redeliver_on=None, agreed="", promised_in=None).where(said).execute()
    left = (Invitation.item == item) & (Invitation.left_in == attempt)
    Invitation.update(left_in=None, left_at=None).where(left).execute()
