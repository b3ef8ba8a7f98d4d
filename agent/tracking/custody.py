"""Record custody: one event, checked against the fold of all before it, with its journal entry."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.domain.actor import Actor
from agent.domain.calendar_vn import Calendar
from agent.domain.custody import Custody, Entry, apply, require_possible_time
from agent.domain.custody_attempts import Action, Evidence, Reason
from agent.domain.custody_order import Link
from agent.domain.custody_steps import STEP_NAME, CustodyStep
from agent.domain.roles import Role
from agent.domain.s10 import S10
from agent.errors import Duplicate, RuleViolation
from agent.site import Site
from agent.store import gathered, rows
from agent.store.calendar import working_calendar
from agent.store.custody_chain import Chain, chain_of, chains_of, items_by_number
from agent.store.custody_keeping import Detail, Keeper
from agent.store.items import CustodyEvent, Item
from agent.store.lookup import item_by_number, items_to_change
from agent.store.money_fees import check_limit


def office_holder(office_id: str) -> str:
    """How an office is named as a holder."""
    return f"office:{office_id}"


def courier_holder(username: str) -> str:
    """How a courier is named as a holder."""
    return f"courier:{username}"


def authority_holder(agency: str) -> str:
    """How the authority that made the result is named as a holder."""
    return f"authority:{agency}"


@dataclass(frozen=True)
class CustodyFact:
    """One fact as it was seen where it happened; `uid` is minted there and makes repeating it harmless."""

    uid: uuid.UUID
    step: CustodyStep
    occurred_at: datetime
    from_holder: str = ""
    to_holder: str = ""
    reason: str = ""
    action: str = ""
    evidence: frozenset[str] = frozenset()
    device: str = ""
    device_seq: int | None = None
    parent: uuid.UUID | None = None
    capture: str = "typed"
    note: str = ""
    doubt: timedelta = timedelta()  # how far off `occurred_at` may be
    proof_sha256: str = ""
    bag: str = ""
    corrects: uuid.UUID | None = None
    author: str = ""  # of a correction that is countersigned: who asked for it
    countersigned_by: str = ""
    declined: bool = False
    extra: dict[str, str] = field(default_factory=dict)


def custody_of(item: Item, calendar: Calendar | None = None) -> Custody | None:
    """The custody of an item, folded from its events."""
    return chain_of(item, calendar or working_calendar()).custody


def events_of(item: Item) -> list[CustodyEvent]:
    """All events of an item in the order in which they happened, as far as it is known."""
    mine = CustodyEvent.item == item
    return list(CustodyEvent.select().where(mine).order_by(CustodyEvent.place, CustodyEvent.id))


def record(site: Site, item: Item, fact: CustodyFact, *, by: Actor, chain: Chain | None = None) -> Custody:
    """Add one fact inside the caller's transaction and bring the item's cached state up to it.

    The same fact again changes nothing; rules that it breaks are refused with what is possible instead. `chain`: the
    item's events where the caller has read them; it has the fact afterwards.
    """
    calendar = working_calendar()
    chain = chain or chain_of(item, calendar)
    new = gathered.lacks(CustodyEvent, "uid", fact.uid)
    known = None if new else rows.first(CustodyEvent, uid=fact.uid)
    if known is not None:
        if known.item_id != item.id or known.step != fact.step.value:
            raise Duplicate("Mã sự kiện này đã dùng cho việc khác. Đồng bộ lại thiết bị rồi thử lại.")
        assert chain.custody is not None
        return chain.custody
    now = site.clock.now()
    if chain.custody is not None:
        require_possible_time(chain.custody, fact.occurred_at, now)
    entry = _entry_of(fact, by)
    after = apply(chain.custody, entry, calendar)
    _own_act(fact, by)
    keeper = Keeper(at=now, terminal_id=by.terminal_id, ids=site.ids)
    parent = fact.parent or (chain.links[-1].entry.uid if chain.links else None)
    link = Link(entry, parent, fact.device or by.terminal_id, fact.device_seq, fact.doubt)
    detail = Detail(fact.capture, fact.note, journal={"proof": fact.proof_sha256})
    keeper.add(chain, link, len(chain.links), after, detail)
    keeper.save()
    gathered.found(CustodyEvent, "uid", fact.uid)
    return after


def _own_act(fact: CustodyFact, by: Actor) -> None:
    """A courier acts on what is in his own hands only; nobody accepts for him or gives away what he holds."""
    holder = fact.to_holder if fact.step is CustodyStep.ACCEPT else fact.from_holder
    if by.role is Role.COURIER and holder != courier_holder(by.username):
        raise RuleViolation(
            f"Bưu gửi do “{holder}” giữ, không phải bạn. Nhờ người giữ giao cho bạn trước khi {STEP_NAME[fact.step]}."
        )
    own = fact.step in (CustodyStep.OFFER, CustodyStep.ACCEPT)
    if own and holder.startswith(courier_holder("")) and holder != courier_holder(by.username):
        raise RuleViolation(
            f"Chỉ bưu tá “{holder.removeprefix(courier_holder(''))}” tự {STEP_NAME[fact.step]} được bưu gửi này. "
            "Nhờ bưu tá đó làm trên máy của mình."
        )


def hand_over(site: Site, numbers: Iterable[str], *, to: str, by: Actor) -> list[str]:
    """Offer every item to `to`, in one transaction; custody moves only when the receiver accepts.

    RuleViolation when a courier would carry more cash, with what these collect, than the office allows.
    """
    return _each(site, numbers, CustodyStep.OFFER, by=by, to=to)


def accept(site: Site, numbers: Iterable[str], *, holder: str, by: Actor) -> list[str]:
    """Take over every item that was offered to `holder`; from now on it answers for them."""
    return _each(site, numbers, CustodyStep.ACCEPT, by=by, to=holder)


def move(site: Site, number: str, step: CustodyStep, *, by: Actor, note: str = "") -> Custody:
    """A step in the holder's own hands: arrived at the office, out for delivery, held."""
    with site.store.writing():
        item = item_by_number(S10.parse(number).text)
        fact = CustodyFact(site.ids.uid(), step, site.clock.now(), from_holder=item.holder, note=note)
        return record(site, item, fact, by=by)


def _each(site: Site, numbers: Iterable[str], step: CustodyStep, *, by: Actor, to: str) -> list[str]:
    done, wanted = [], [S10.parse(number).text for number in numbers]
    with site.store.writing():
        items_to_change(wanted)
        if step is CustodyStep.OFFER and to.startswith(courier_holder("")):
            check_limit(site.settings.money, to.removeprefix(courier_holder("")), wanted, by=by)
        items = items_by_number(wanted)
        chains = chains_of(items.values(), working_calendar())
        for number in wanted:
            item = items.get(number) or item_by_number(number)
            fact = CustodyFact(site.ids.uid(), step, site.clock.now(), from_holder=item.holder, to_holder=to)
            record(site, item, fact, by=by, chain=chains.get(item.id))
            done.append(item.number)
    if not done:
        raise RuleViolation("Chưa chọn bưu gửi nào. Quét mã bưu gửi rồi làm lại.")
    return done


def _entry_of(fact: CustodyFact, by: Actor) -> Entry:
    try:
        return Entry(
            uid=fact.uid,
            step=fact.step,
            occurred_at=fact.occurred_at,
            actor=fact.author or by.name,
            from_holder=fact.from_holder,
            to_holder=fact.to_holder,
            bag=fact.bag,
            reason=Reason(fact.reason) if fact.reason else None,
            action=Action(fact.action) if fact.action else None,
            evidence=frozenset(Evidence(one) for one in fact.evidence),
            corrects=fact.corrects,
            countersigned_by=fact.countersigned_by,
            declined=fact.declined,
        )
    except ValueError as error:
        raise RuleViolation(
            f"Giá trị không có trong danh mục sự kiện: {error}. Cập nhật ứng dụng rồi gửi lại."
        ) from None
