"""What an authority got too much (after a chargeback, a refund): set off by the next slip, or claimed back by paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import dong
from agent.domain.money_entries import Account, moved
from agent.errors import RuleViolation
from agent.money.remit import CLAIMED, PAID_BACK, WITHDRAWN, claimed_back, remittance_by_uid, uncovered
from agent.site import Site
from agent.store import money, rows
from agent.store.cash import Remittance
from agent.store.lookup import next_number
from agent.store.money_charges import TILL, Place, place_of
from agent.store.money_uncounted import hidden_from


@dataclass(frozen=True)
class Credit:
    """Đồng of one ledger that an authority has of ours and was not asked for; `dossiers` with what each makes of it."""

    authority: str
    ledger: FeeLedger
    amount: int
    since: date
    dossiers: tuple[tuple[str, int], ...]


def credits(office_id: str, *, without: Any = None) -> list[Credit]:
    """What authorities have of ours now; inside a transaction. `without`: postings that are left out (`due_list`)."""
    asked, found = claimed_back(office_id), []
    for authority, by_ledger in money.holders(Account.OWED, office_id, without=without).items():
        for ledger, balance in by_ledger.items():
            left = balance - asked.get((authority, ledger), 0)
            if left > 0:
                lines = uncovered(office_id, authority, ledger, without=without)
                since = min((day for _, _, day, part in lines if part < 0), default=None)
                if since is not None:
                    names = tuple((name, part) for name, _, _, part in lines)
                    found.append(Credit(authority, ledger, left, since, names))
    return found


def claim_back(site: Site, authority: str, ledger: str, amount: int, *, by: Actor) -> Remittance:
    """Ask an authority by a numbered paper for what it got too much; no slip sets it off while the paper is open.

    `amount` is what the page showed: RuleViolation when it is another by now.
    """
    with site.store.writing():
        money.hold(by)
        at = site.clock.now()
        today = local(at).date()
        found = credits(by.office_id, without=hidden_from(by))
        now = next((one for one in found if (one.authority, one.ledger.value) == (authority, ledger)), None)
        if now is None or amount != now.amount:
            raise RuleViolation(
                f"Cơ quan này đang giữ thừa {dong(now.amount if now else 0)}, giấy ghi {dong(amount)}. Tải lại trang."
            )
        number = f"DOI-{by.office_id}-{today:%y%m%d}-{next_number(f'claim-back:{by.office_id}', today):02d}"
        return rows.create(
            Remittance, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id, number=number,
            authority=authority, ledger=now.ledger, since_day=now.since, until_day=today, due_on=today,
            amount=-now.amount, dossiers=[list(line) for line in now.dossiers], source="", source_holder="",
            made_by=by.username, made_at=at, state=CLAIMED,
        )  # fmt: skip


def paid_back(site: Site, uid: UUID, *, reference: str, by: Actor) -> Remittance:
    """The authority paid what the paper asks for in cash, into the actor's till; by transfer its statement says so."""
    if len(reference.strip()) < 3:
        raise RuleViolation("Ghi số phiếu chi của cơ quan đã trả tiền.")
    with site.store.writing():
        money.hold(by)
        made = remittance_by_uid(uid, by)
        if made.state == PAID_BACK:
            return made
        return settle(site, made, place_of(TILL, (), by), reference=reference, by=by)


def settle(site: Site, made: Remittance, place: Place, *, reference: str, by: Actor) -> Remittance:
    """What a paper asks for arrived at `place`; in the caller's transaction."""
    _require_open(made)
    at = site.clock.now()
    legs = moved({made.ledger: -made.amount}, (Account.OWED, made.authority), place)
    subject = str(made.uid)
    key = f"remittance:{subject}:back:{money.count_of('paid_back', subject) + 1}"  # once more when it was reversed
    money.post(key, "paid_back", legs, by=by, at=at, ids=site.ids, subject=subject)
    made.state, made.acknowledged_by, made.acknowledged_at = PAID_BACK, by.username, at
    made.source, made.source_holder, made.reference = place[0].value, place[1], reference.strip()[:64]
    made.save()
    return made


def withdraw(site: Site, uid: UUID, *, by: Actor) -> Remittance:
    """The authority sets it off after all: the next slip takes it off what is handed over."""
    with site.store.writing():
        money.hold(by)
        made = remittance_by_uid(uid, by)
        if made.state != WITHDRAWN:
            _require_open(made)
            made.state, made.acknowledged_by, made.acknowledged_at = WITHDRAWN, by.username, site.clock.now()
            made.save()
    return made


def _require_open(made: Remittance) -> None:
    if made.state != CLAIMED:
        raise RuleViolation("Giấy này không còn chờ cơ quan trả tiền. Tải lại trang.")
