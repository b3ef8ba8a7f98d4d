"""Remittance (nộp cơ quan): what is owed to each authority by ledger, until when, and the slips that were made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import dong
from agent.domain.money_entries import Account, moved
from agent.domain.roles import Role
from agent.errors import NotFound, RuleViolation
from agent.money.statements import account_named
from agent.site import Site
from agent.store import money, rows
from agent.store.calendar import working_calendar
from agent.store.cash import Remittance, of_office
from agent.store.dossiers import Dossier
from agent.store.lookup import next_number
from agent.store.money import MoneyEntry, MoneyLeg
from agent.store.money_uncounted import hidden_from

CLAIMED, PAID_BACK, WITHDRAWN = "claimed", "paid_back", "withdrawn"
"""States of a slip that asks an authority for money; `agent.money.credits` makes them."""
Line = tuple[str, int, date, int]  # provisional number, dossier's id, day, đồng


@dataclass
class Due:
    """What an authority is owed in one ledger, and what there is to pay it with (đồng)."""

    authority: str
    ledger: FeeLedger
    amount: int
    oldest: date
    due_on: date
    sources: dict[tuple[Account, str], int] = field(default_factory=dict)
    set_off: int = 0  # of it already taken off: what the authority had got too much

    def from_source(self, place: tuple[Account, str]) -> int:
        """What this source pays of it."""
        return min(self.amount, self.sources.get(place, 0))


def due_list(site: Site, office_id: str, *, without: Any = None) -> list[Due]:
    """What is owed now, the most urgent first; inside a transaction.

    `without` is a query of postings that are left out: of cash that is not counted. Where what is left out gives money
    back, nothing is paid before it was counted.
    """
    found, claims = [], claimed_back(office_id)
    whole, shown = _owed(office_id), _owed(office_id, without=without)
    for authority, ledger in sorted({*shown, *claims}):
        place = (authority, ledger)
        owed = shown.get(place, 0) + claims.get(place, 0)
        if owed > 0 and ledger.value in site.settings.money.remit_ledgers:
            lines = uncovered(office_id, authority, ledger, without=without)
            oldest = _oldest(site, lines)
            due = Due(authority, ledger, owed, oldest, due_day(site, office_id, oldest))
            due.set_off = -sum(line[3] for line in lines if line[3] < 0)
            if whole.get(place, 0) + claims.get(place, 0) >= owed:
                due.sources = _sources(site, office_id, ledger)
            found.append(due)
    return sorted(found, key=lambda one: (one.due_on, one.authority, one.ledger))


def _owed(office_id: str, *, without: Any = None) -> dict[tuple[str, FeeLedger], int]:
    held = money.holders(Account.OWED, office_id, without=without)
    return {(authority, ledger): -amount for authority, sums in held.items() for ledger, amount in sums.items()}


def due_day(site: Site, office_id: str, collected_on: date) -> date:
    """The working day until which money collected on a day must be handed over, by the office's calendar."""
    calendar, day = working_calendar(office_id), collected_on
    for _ in range(site.settings.money.remit_days):
        day = calendar.next_working(day)
    return day


def _oldest(site: Site, lines: list[Line]) -> date:
    return min((day for _, _, day, amount in lines if amount > 0), default=local(site.clock.now()).date())


def _sources(site: Site, office_id: str, ledger: FeeLedger) -> dict[tuple[Account, str], int]:
    banks = [(Account.BANK, one.name) for one in site.settings.accounts if not one.direct]
    places = [(Account.SAFE, office_id), *banks]
    return {place: held for place in places if (held := money.balances(*place).get(ledger, 0)) > 0}


def remit(
    site: Site, authority: str, ledger: str, source: str, amount: int, *, reference: str = "", by: Actor
) -> Remittance:  # fmt: skip
    """Hand over what is owed, from the safe ("safe") or a bank account, as much as that source has of this ledger.

    `amount` is what the page showed: RuleViolation when it is another by now; no slip says what nobody saw.
    """
    if ledger not in list(FeeLedger):
        raise RuleViolation("Chọn sổ phải nộp: phí nhà nước hay thu hộ.")
    with site.store.writing():
        money.hold(by)
        of, at, without = FeeLedger(ledger), site.clock.now(), hidden_from(by)
        place = (Account.SAFE, by.office_id) if source == "safe" else (Account.BANK, account_named(site, source).name)
        found = due_list(site, by.office_id, without=without)
        due = next((one for one in found if (one.authority, one.ledger) == (authority, of)), None)
        can = due.from_source(place) if due else 0
        if due is None or amount <= 0 or amount != can:
            raise RuleViolation(
                f"Số nộp được từ nguồn này nay là {dong(can)}, phiếu ghi {dong(amount)}. Xem lại rồi lập phiếu."
            )
        lines = _take(uncovered(by.office_id, authority, of, without=without), amount)
        days, today = [day for _, _, day, _ in lines], local(at).date()
        uid = site.ids.uid()
        number = f"NOP-{by.office_id}-{today:%y%m%d}-{next_number(f'remittance:{by.office_id}', today):02d}"
        made = rows.create(
            Remittance, uid=uid, office_id=by.office_id, terminal_id=by.terminal_id, number=number, authority=authority,
            ledger=of, since_day=min(days), until_day=max(days), due_on=due.due_on, amount=amount,
            dossiers=[[name, part] for name, _, _, part in lines], source=place[0].value, source_holder=place[1],
            made_by=by.username, made_at=at, state="handed_over", handed_by=by.username, handed_at=at,
            reference=reference.strip()[:64],
        )  # fmt: skip
        legs = moved({of: amount}, place, (Account.OWED, authority))
        money.post(f"remittance:{uid}", "remitted", legs, by=by, at=at, ids=site.ids, subject=str(uid))
    return made


def acknowledge(site: Site, uid: UUID, *, reference: str, by: Actor) -> Remittance:
    """The authority has the money: its paper's number, or its own officer, says so; once."""
    with site.store.writing():
        money.hold(by)
        made = remittance_by_uid(uid, by)
        if made.state == "acknowledged":
            return made
        if made.state != "handed_over":
            raise RuleViolation("Giấy đề nghị hoàn trả không xác nhận ở đây. Ghi tiền về, hoặc bù trừ, ở mục của nó.")
        if by.role is not Role.PROVINCE and len(reference.strip()) < 3:
            raise RuleViolation("Ghi số giấy xác nhận của cơ quan (biên lai nộp tiền, giấy báo có).")
        made.state, made.acknowledged_by, made.acknowledged_at = "acknowledged", by.username, site.clock.now()
        made.reference = reference.strip()[:64] or made.reference
        made.save()
    return made


def remittances(by: Actor, *, limit: int = 200) -> list[Remittance]:
    """Slips that the actor may see: the office's own; for the province those to itself; inside a transaction."""
    query = Remittance.select().order_by(Remittance.id.desc()).limit(limit)
    return list(query.where(_visible(by)))


def remittance_by_uid(uid: UUID, by: Actor) -> Remittance:
    """One slip that the actor may see; NotFound else."""
    found: Remittance | None = Remittance.select().where(_visible(by) & (Remittance.uid == uid)).first()
    if found is None:
        raise NotFound("Không có phiếu nộp này, hoặc không thuộc đơn vị của bạn.")
    return found


def _visible(by: Actor) -> Any:
    """An authority's officer sees what went to that authority; the province's centre, which is none, sees all."""
    if by.role is not Role.PROVINCE:
        return Remittance.office_id == by.office_id
    is_authority = Dossier.select().where(Dossier.agency == by.office_id).exists()
    return Remittance.authority == by.office_id if is_authority else Remittance.id.is_null(False)


def claimed_back(office_id: str) -> dict[tuple[str, FeeLedger], int]:
    """What authorities were asked to pay back and have not yet, by authority and ledger; inside a transaction."""
    found: dict[tuple[str, FeeLedger], int] = defaultdict(int)
    for one in of_office(Remittance, office_id, CLAIMED):
        found[one.authority, one.ledger] -= one.amount
    return dict(found)


def uncovered(office_id: str, authority: str, ledger: FeeLedger, *, without: Any = None) -> list[Line]:
    """By dossier, oldest first, what is owed for it and on no slip yet; what was given back stands as negative."""
    query: Any = MoneyLeg.select(MoneyEntry.dossier, MoneyEntry.day, MoneyLeg.amount).join(MoneyEntry)
    mine = (MoneyLeg.account == Account.OWED) & (MoneyLeg.holder == authority) & (MoneyLeg.ledger == ledger)
    mine &= (MoneyLeg.office_id == office_id) & MoneyEntry.dossier.is_null(False)
    if without is not None:
        mine &= MoneyEntry.id.not_in(without)
    owed: dict[int, int] = defaultdict(int)
    days: dict[int, date] = {}
    for dossier, day, amount in query.where(mine).order_by(MoneyLeg.id).tuples():
        owed[dossier] -= amount
        days[dossier] = day if isinstance(day, date) else date.fromisoformat(day)
    names: dict[int, str] = {}
    ids = sorted(owed)
    for start in range(0, len(ids), 500):
        wanted: Any = Dossier.select(Dossier.id, Dossier.provisional).where(Dossier.id.in_(ids[start : start + 500]))
        names |= dict(wanted.tuples())
    covered: dict[str, int] = defaultdict(int)
    slips = (Remittance.office_id == office_id) & (Remittance.authority == authority) & (Remittance.ledger == ledger)
    for slip in Remittance.select(Remittance.dossiers).where(slips & (Remittance.state != WITHDRAWN)):
        for name, part in slip.dossiers:
            covered[name] += part
    lines = [(names[one], one, days[one], owed[one] - covered[names[one]]) for one in owed]
    return [line for line in lines if line[3]]


def _take(lines: list[Line], amount: int) -> list[Line]:
    """Lines that come to `amount`: first what was given back, then the oldest, the last one in part."""
    taken = [line for line in lines if line[3] < 0]
    left = amount - sum(line[3] for line in taken)
    for name, one, day, part in (line for line in lines if line[3] > 0):
        if left <= 0:
            break
        taken.append((name, one, day, min(part, left)))
        left -= min(part, left)
    return taken
