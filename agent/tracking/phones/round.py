"""A courier's round as the phone keeps it: what changed since it last asked, and what is not its courier's any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from agent.clock import local
from agent.domain.canonical import canonical_json, digest
from agent.domain.custody_attempts import ACTION_NAME, EVIDENCE_NAME, REASON_NAME, RULES, Action, Evidence, Reason
from agent.domain.delivery import redelivery_days as possible_days
from agent.domain.delivery import rules_on
from agent.domain.money_entries import Account
from agent.domain.phone_event import VerdictKind
from agent.domain.s10 import S10, SERVICE_MARK
from agent.site import Site
from agent.store import money, rows
from agent.store.accounts import AccessLog, User
from agent.store.base import locked
from agent.store.calendar import Body, working_calendar
from agent.store.custody_events import DeviceEvent
from agent.store.delivery import Authorisation, Invitation, ItemPlan, TakeBack
from agent.store.dossiers import Dossier
from agent.store.money_surplus import undecided_cash
from agent.store.phones import Phone, RoundRow, live_phones_of_office
from agent.store.rounds import Stop, held_stops
from agent.tracking.custody import courier_holder

AUTHORISATION_NAME: Final = {
    "notarised": "giấy ủy quyền công chứng",
    "certified": "giấy ủy quyền chứng thực",
    "handwritten": "giấy ủy quyền viết tay",
    "electronic": "ủy quyền điện tử",
}
MOST_GONE: Final = 5_000  # numbers that one answer names as gone


@dataclass(frozen=True)
class RoundPaper:
    """A paper that the authority wants back when the result is handed over."""

    id: str
    name: str
    quantity: int
    required: bool


@dataclass(frozen=True)
class RoundInvitation:
    """An invitation that the office wrote and nobody left at the door yet; `until` is dd/mm/yyyy."""

    number: int
    until: str


@dataclass(frozen=True)
class RoundProxy:
    """Who may receive for the addressee, by what paper; `until` is dd/mm/yyyy or empty."""

    name: str
    kind: str
    number: str
    last4: str
    until: str


@dataclass(frozen=True)
class RoundItem:
    """One item as its courier's phone keeps it; personal data no more than handing over needs.

    While an item is only offered to him, a courier is not told the telephone number.
    """

    number: str
    state: str
    holder: str
    offered_to: str
    last_event: str
    receiver: str  # the addressee: the dossier's owner
    address: str
    receiver_phone: str
    contact: str  # whom the telephone reaches when that is somebody else, who may not receive by that
    collect: int  # đồng
    dossier: str
    service_mark: str
    attempts: int
    counted: int
    due_at: str  # ISO 8601 with offset, or empty
    deliver_only_to: str  # the one who may receive it; empty: the rules for others apply
    organisation: bool  # the addressee is one: a person who represents it receives
    take_back: tuple[RoundPaper, ...]
    proxy: tuple[RoundProxy, ...]
    hint: str
    invitations: tuple[RoundInvitation, ...]
    disputed: bool  # what this courier reported of it waits for a person's decision


@dataclass(frozen=True)
class RoundNews:
    """What changed: items to put in place, numbers to forget, and the cursor to ask from next time."""

    cursor: int
    items: tuple[RoundItem, ...]
    gone: tuple[str, ...]


def news(site: Site, phone: Phone, *, since: int) -> RoundNews:
    """What a phone has to learn about its round since the cursor it names (0: everything).

    An answer that was lost is made again by the same cursor. Each dossier whose data goes out is in the access log.
    """
    holder = courier_holder(phone.courier)
    with site.store.reading():
        stops = held_stops(holder, since=site.clock.now())
        shown = {one.number: one for one in _items(stops, holder)}
        told = {row.number: row for row in rows.every(RoundRow, phone_uid=phone.uid)}
    digests = {number: digest(canonical_json(asdict(one))) for number, one in shown.items()}
    if _changed(told, digests):
        told = _tell(site, phone, digests)
    newest = max((row.version for row in told.values()), default=0)
    known = since if since <= newest else 0  # beyond: this office was restored from an older copy
    newer = [row for row in told.values() if row.version > known]
    items = tuple(shown[row.number] for row in newer if not row.gone and row.number in shown)
    gone = tuple(row.number for row in newer if row.gone)[:MOST_GONE] if since else ()
    if items:
        _log(site, phone, [stop.dossier for stop in stops if stop.item.number in {one.number for one in items}])
    return RoundNews(newest, items, gone)


def reasons() -> list[dict[str, Any]]:
    """Why a delivery may fail, with what may follow and the evidence that makes the attempt count."""
    return [
        {
            "value": reason.value,
            "name": REASON_NAME[reason],
            "actions": [one.value for one in Action if one in rule.actions],
            "evidence": [one.value for one in Evidence if one in rule.evidence],
            "counts": rule.counts,
        }
        for reason in Reason
        for rule in (RULES[reason],)
    ]


def names() -> dict[str, dict[str, str]]:
    """How actions and kinds of evidence are called, by their values."""
    return {
        "actions": {one.value: name for one, name in ACTION_NAME.items()},
        "evidence": {one.value: name for one, name in EVIDENCE_NAME.items()},
    }


def limits(site: Site, courier: str) -> dict[str, int]:
    """Đồng that the courier has in hand, that wait for a decision, and how many he may have (0: no limit)."""
    with site.store.reading():
        held = money.in_hand(Account.COURIER, courier)
        undecided = sum(one.amount for one in undecided_cash(courier=courier) if not one.waits)
    return {"cash_in_hand": held, "cash_undecided": undecided, "cash_limit": site.settings.money.courier_limit}


def colleagues(site: Site, phone: Phone) -> list[dict[str, Any]]:
    """Phones of the office's other couriers with the keys that check what they offer: username, name, key."""
    with site.store.reading():
        phones = [one for one in live_phones_of_office(phone.office_id) if one.uid != phone.uid]
        names = {row.username: row.full_name for row in User.select().where(User.active)}
    return [
        {"username": one.courier, "name": names[one.courier], "phone": str(one.uid), "key": one.public_key}
        for one in phones
        if one.courier in names
    ]


def redelivery_days(site: Site, office_id: str) -> list[date]:
    """The days for which a courier may agree on another delivery today."""
    with site.store.reading():
        calendar = working_calendar(office_id, body=Body.OFFICE)
    day = local(site.clock.now()).date()
    return possible_days(calendar, day, rules_on(day))


def _changed(told: dict[str, RoundRow], digests: dict[str, str]) -> bool:
    current = {number: row.digest for number, row in told.items() if not row.gone}
    return current != digests


def _tell(site: Site, phone: Phone, digests: dict[str, str]) -> dict[str, RoundRow]:
    """Write down what the phone is being told, under the next version of its round."""
    with site.store.writing():
        list(locked(Phone.select(Phone.id).where(Phone.id == phone.id)))  # two requests of one phone take turns
        told = {row.number: row for row in rows.every(RoundRow, phone_uid=phone.uid)}
        version = max((row.version for row in told.values()), default=0) + 1
        for number, one in digests.items():
            row = told.get(number)
            if row is None:
                rows.insert(RoundRow, {"phone_uid": phone.uid, "number": number, "digest": one, "version": version})
            elif row.gone or row.digest != one:
                rows.change(RoundRow, row.id, digest=one, version=version, gone=False)
        for number, row in told.items():
            if number not in digests and not row.gone:
                rows.change(RoundRow, row.id, version=version, gone=True)
        return {row.number: row for row in rows.every(RoundRow, phone_uid=phone.uid)}


def _items(stops: Sequence[Stop], holder: str) -> list[RoundItem]:
    ids = [stop.item.id for stop in stops] or [-1]
    owners = [stop.item.dossier_id for stop in stops] or [-1]
    dossiers = {row.id: row for row in Dossier.select().where(Dossier.id.in_(owners))}
    plans = {row.item_id: row for row in ItemPlan.select().where(ItemPlan.item.in_(ids))}
    wanted, proxies = defaultdict[int, list[RoundPaper]](list), defaultdict[int, list[RoundProxy]](list)
    papers: Any = TakeBack.select().where(TakeBack.item.in_(ids) & (TakeBack.state == "wanted")).order_by(TakeBack.id)
    for row in papers:
        wanted[row.item_id].append(RoundPaper(str(row.uid), row.name, row.quantity, row.required))
    live = Authorisation.item.in_(ids) & Authorisation.withdrawn_at.is_null()
    papers = Authorisation.select().where(live).order_by(Authorisation.id)
    for row in papers:
        proxies[row.item_id].append(_proxy(row))
    invited, disputed = _invitations(ids), _disputed(ids, holder)
    made = []
    for stop in stops:
        key, dossier = stop.item.id, dossiers[stop.item.dossier_id]
        one = _item(stop, dossier, plans.get(key), wanted[key], proxies[key], tuple(invited[key]), holder)
        made.append(replace(one, disputed=key in disputed))
    return made


def _disputed(ids: list[int], holder: str) -> set[int]:
    """The items of which an event of this courier is in conflict."""
    mine = DeviceEvent.item.in_(ids) & (DeviceEvent.verdict == VerdictKind.CONFLICT.value)
    found: Any = DeviceEvent.select(DeviceEvent.item, DeviceEvent.courier).where(mine)
    return {item for item, courier in found.tuples() if courier_holder(courier) == holder}


def _invitations(ids: list[int]) -> dict[int, list[RoundInvitation]]:
    """The invitations that may still be left at a door, by item."""
    found = defaultdict[int, list[RoundInvitation]](list)
    papers: Any = Invitation.select().where(Invitation.item.in_(ids) & Invitation.left_in.is_null())
    for row in papers.order_by(Invitation.number):
        found[row.item_id].append(RoundInvitation(row.number, f"{row.collect_until:%d/%m/%Y}"))
    return found


def _item(
    stop: Stop, dossier: Dossier, plan: ItemPlan | None, wanted: list[RoundPaper], proxies: list[RoundProxy],
    invited: tuple[RoundInvitation, ...], holder: str,
) -> RoundItem:  # fmt: skip
    item, mine = stop.item, stop.item.holder == holder
    moved = plan is not None and plan.forward_kind == "address" and plan.forward_to
    return RoundItem(
        number=item.number,
        state=item.state,
        holder=item.holder,
        offered_to=item.offered_to,
        last_event=str(item.last_event or ""),
        receiver=stop.name,
        address=plan.forward_to if plan is not None and moved else stop.address,
        receiver_phone=stop.phone if mine else "",
        contact=stop.contact if mine else "",
        collect=item.collect,
        dossier=dossier.official or dossier.provisional,
        service_mark=SERVICE_MARK.get(S10.parse(item.number).service, "BƯU GỬI"),
        attempts=item.attempts,
        counted=item.counted,
        due_at=_iso(dossier.due_at),
        deliver_only_to=stop.name if plan is not None and plan.addressee_only else "",
        organisation=stop.organisation,
        take_back=tuple(wanted),
        proxy=tuple(proxies),
        hint=_hint(plan) if plan is not None else "",
        invitations=invited,
        disputed=False,
    )


def _proxy(paper: Authorisation) -> RoundProxy:
    """Who it is, what paper says so, and how to know him."""
    until = f"{paper.valid_until:%d/%m/%Y}" if paper.valid_until else ""
    kind = AUTHORISATION_NAME.get(paper.kind, paper.kind)
    return RoundProxy(paper.proxy, kind, paper.number, paper.identity_last4, until)


def _hint(plan: ItemPlan) -> str:
    """What was agreed with the receiver, in one line."""
    day = f"Hẹn phát {plan.redeliver_on:%d/%m/%Y}" if plan.redeliver_on else ""
    return ". ".join(part for part in (day, plan.agreed) if part)


def _log(site: Site, phone: Phone, dossiers: Sequence[Any]) -> None:
    now = site.clock.now()
    entries = [
        {
            "at": now, "actor": f"user:{phone.courier}", "office_id": phone.office_id, "dossier_uid": dossier,
            "purpose": "delivery", "what": "round-phone",
        }
        for dossier in dict.fromkeys(dossiers)
    ]  # fmt: skip
    with site.store.writing():
        for start in range(0, len(entries), 100):
            rows.insert(AccessLog, *entries[start : start + 100])


def _iso(instant: datetime | None) -> str:
    return local(instant).isoformat(timespec="seconds") if instant else ""
