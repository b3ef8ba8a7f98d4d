"""The money journal: double entries in three ledgers, added to and never changed, each chained in the journal.

How others post (inside the use case's own `writing()` transaction; a fee's cash goes by `agent.store.money_fees`,
which also marks the fee as paid and tells the province's journal):

    from agent.store import money, money_fees
    money_fees.collect(dossier, fees, method="cash", by=by, at=site.clock.now(), ids=site.ids)  # paid, told and posted
    money.post("deposit:…", "deposited", legs, by=by, at=at, ids=ids)         # any other movement

`key` names the act (an event's id, a form's token): the same key again gives the entry that is there.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from peewee import TextField, fn

from agent.clock import Ids, local
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money import dong
from agent.domain.money_entries import ACCOUNT_NAME, PHYSICAL, Account, Leg, checked
from agent.errors import Duplicate, RuleViolation
from agent.store import gathered, journal, rows
from agent.store.base import Model, Owned, current, require_writing
from agent.store.dossiers import Dossier
from agent.store.fields import DateField, EnumField, MoneyField, Reference, UidField, UtcField

CHAIN: Final = "cash"
"""The journal's ledger of these entries; what the province is told of fees stands in "money" as before."""


class MoneyEntry(Owned):
    """One posting (bút toán quỹ); its legs balance in each ledger."""

    if TYPE_CHECKING:
        dossier_id: int | None

    uid = UidField(unique=True)  # of its entry in the journal too
    key = TextField(unique=True)  # what was done: the same act is posted once
    kind = TextField()
    at = UtcField()
    day = DateField()  # local
    actor = TextField()
    dossier = Reference(Dossier, null=True)
    subject = TextField(default="", index=True)  # deposit, variance, item, statement's line …: an id or code
    reverses = UidField(null=True)

    class Meta:
        indexes = ((("office_id", "day"), False),)


class MoneyLeg(Model):
    """One side of a posting: đồng more or less on a holder's account."""

    if TYPE_CHECKING:
        entry_id: int

    entry = Reference(MoneyEntry)
    office_id = TextField()
    ledger = EnumField(FeeLedger)
    account = EnumField(Account)
    holder = TextField()
    amount = MoneyField()

    class Meta:
        indexes = ((("account", "holder", "ledger"), False), (("office_id", "account", "ledger"), False))


_TABLES: Final = ("money_entry", "money_leg")
DDL: Final = {
    "sqlite": [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in _TABLES
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION money_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'money entries are append-only'; END $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "EXECUTE FUNCTION money_append_only()"
            for table in _TABLES
        ),
    ],
}


def hold(by: Actor) -> None:
    """From here to the end of the transaction nobody else moves money, at this or another terminal.

    A use case calls it before it reads what it judges by (a balance, a state), after its dossiers and items were
    locked; `post` does so by itself. SQLite has one writer anyway.
    """
    require_writing("money.hold")
    journal.hold(by.terminal_id)  # always before the lock of all, so that two cannot wait for each other
    if current().dialect == "postgresql":
        gathered.once("money", lambda: current().database.execute_sql("SELECT pg_advisory_xact_lock(7702, 1)"))


def post(
    key: str, kind: str, legs: Iterable[Leg], *,
    by: Actor, at: datetime, ids: Ids, dossier: Dossier | None = None, subject: str = "",
    reverses: uuid.UUID | None = None, office_id: str = "",
) -> MoneyEntry:  # fmt: skip
    """Add one posting in the caller's write transaction; the same key again gives the entry that is there.

    `subject` and `key` hold ids and codes only. RuleViolation when a ledger does not balance, an amount is beyond
    reason, or somebody would have less than nothing in hand; Duplicate for a known key with other legs.
    """
    hold(by)
    made = checked(legs)
    found = entry_of(key)
    if found is not None:
        if legs_of(found) != made:
            raise Duplicate(f"Bút toán {key} đã ghi với số tiền khác. Xem lại sổ quỹ, không ghi lần nữa.")
        return found
    office = office_id or (dossier.office_id if dossier else by.office_id)
    uid = ids.uid()
    body: dict[str, Any] = {
        "key": key, "subject": subject, "dossier": str(dossier.uid) if dossier else "",
        "reverses": str(reverses or ""),
        "legs": [[leg.ledger.value, leg.account.value, leg.holder, leg.amount] for leg in made],
    }  # fmt: skip
    journal.append(
        CHAIN, kind, uid=uid, at=at, actor=by.name, office_id=office, terminal_id=by.terminal_id,
        dossier_id=None, body=body,
    )  # fmt: skip
    entry = rows.create(
        MoneyEntry, uid=uid, key=key, kind=kind, at=at, day=local(at).date(), actor=by.name, office_id=office,
        terminal_id=by.terminal_id, dossier=dossier.id if dossier else None, subject=subject, reverses=reverses,
    )  # fmt: skip
    rows.insert(
        MoneyLeg,
        *(
            {
                "entry": entry.id, "office_id": office, "ledger": leg.ledger, "account": leg.account,
                "holder": leg.holder, "amount": leg.amount,
            }
            for leg in made
        ),
    )  # fmt: skip
    _check_hands(made)
    return entry


def _check_hands(legs: Sequence[Leg]) -> None:
    """Nobody has less than nothing in hand; checked while nobody else may post (`hold`).

    Nor is the state's money or others' ever short in a hand: a shortage is the operator's alone.
    """
    giving = {(leg.account, leg.holder) for leg in legs if leg.account in PHYSICAL and leg.amount < 0}
    for account, holder in sorted(giving):
        held = balances(account, holder)
        strict = [held.get(ledger, 0) for ledger in (FeeLedger.STATE, FeeLedger.COLLECTED)]
        least = min(sum(held.values()), *strict)
        if least < 0:
            short = f": thiếu {dong(-least)}" if account is Account.SAFE else ""  # the others are counted blind
            raise RuleViolation(
                f"{ACCOUNT_NAME[account].capitalize()} không đủ tiền{short}. Kiểm lại số tiền đang giữ, hoặc chi từ "
                "nơi khác."
            )


def covers(account: Account, holder: str, amounts: Mapping[FeeLedger, int]) -> bool:
    """Whether a holder has these amounts of each ledger."""
    held = balances(account, holder)
    return all(held.get(ledger, 0) >= amount for ledger, amount in amounts.items())


def entry_of(key: str) -> MoneyEntry | None:
    """The posting of an act, None when it was not posted."""
    return rows.first(MoneyEntry, key=key)


def legs_of(entry: MoneyEntry) -> tuple[Leg, ...]:
    """The legs of a posting."""
    return legs_of_each([entry])[entry.id]


def legs_of_each(entries: Sequence[MoneyEntry]) -> dict[int, tuple[Leg, ...]]:
    """The legs of postings by the postings' ids, read together."""
    found: dict[int, list[Leg]] = {entry.id: [] for entry in entries}
    for row in MoneyLeg.select().where(MoneyLeg.entry.in_(list(found) or [-1])):
        found[row.entry_id].append(leg_of(row))
    return {
        one: tuple(sorted(legs, key=lambda leg: (leg.ledger, leg.account, leg.holder))) for one, legs in found.items()
    }


def leg_of(row: MoneyLeg) -> Leg:
    """A stored leg."""
    return Leg(row.ledger, row.account, row.holder, row.amount)


def balances(account: Account, holder: str) -> dict[FeeLedger, int]:
    """A holder's balance by ledger, those of nought left out."""
    sql = "SELECT ledger, SUM(amount) FROM money_leg WHERE account = ? AND holder = ? GROUP BY ledger"
    return {FeeLedger(ledger): int(sum_) for ledger, sum_ in rows.found(sql, account.value, holder) if sum_}


def balances_in(office_id: str, account: Account, holder: str) -> dict[FeeLedger, int]:
    """As `balances`, of one office's entries alone: an authority is owed by several."""
    return holders(account, office_id).get(holder, {})


def count_of(kind: str, subject: str) -> int:
    """How many postings of a kind there are about a subject."""
    return int(MoneyEntry.select().where((MoneyEntry.kind == kind) & (MoneyEntry.subject == subject)).count())


def balances_of_dossier(dossier: Dossier, account: Account, holder: str) -> dict[FeeLedger, int]:
    """What one dossier's entries left on a holder's account, by ledger."""
    query: Any = MoneyLeg.select(MoneyLeg.ledger, fn.SUM(MoneyLeg.amount)).join(MoneyEntry)
    mine = (MoneyEntry.dossier == dossier) & (MoneyLeg.account == account) & (MoneyLeg.holder == holder)
    sums = query.where(mine).group_by(MoneyLeg.ledger).tuples()
    return {FeeLedger(ledger): int(held) for ledger, held in sums if held}


def in_hand(account: Account, holder: str) -> int:
    """Đồng that a holder has in all ledgers together."""
    return sum(balances(account, holder).values())


def holders(account: Account, office_id: str, *, without: Any = None) -> dict[str, dict[FeeLedger, int]]:
    """Every holder of an account in an office with a balance that is not nought.

    `without` is a query of postings that are left out, here and below.
    """
    query: Any = MoneyLeg.select(MoneyLeg.holder, MoneyLeg.ledger, fn.SUM(MoneyLeg.amount))
    mine = (MoneyLeg.office_id == office_id) & (MoneyLeg.account == account)
    if without is not None:
        mine &= MoneyLeg.entry.not_in(without)
    found: dict[str, dict[FeeLedger, int]] = defaultdict(dict)
    for holder, ledger, sum_ in query.where(mine).group_by(MoneyLeg.holder, MoneyLeg.ledger).tuples():
        if sum_:
            found[holder][FeeLedger(ledger)] = int(sum_)
    return dict(sorted(found.items()))


def entries(
    office_id: str, *, since: date | None = None, until: date | None = None, account: Account | None = None,
    holder: str = "", ledger: FeeLedger | None = None, dossier_id: int | None = None, kind: str = "",
    limit: int = 500, without: Any = None,
) -> list[MoneyEntry]:  # fmt: skip
    """Postings of an office, newest first: of the local days since..until, that touch an account, holder or ledger."""
    query = MoneyEntry.select().where(MoneyEntry.office_id == office_id)
    if since is not None:
        query = query.where(MoneyEntry.day >= since)
    if until is not None:
        query = query.where(MoneyEntry.day <= until)
    if dossier_id is not None:
        query = query.where(MoneyEntry.dossier == dossier_id)
    if kind:
        query = query.where(MoneyEntry.kind == kind)
    if without is not None:
        query = query.where(MoneyEntry.id.not_in(without))
    if account or holder or ledger:
        touched: Any = MoneyLeg.select(MoneyLeg.entry).where(MoneyLeg.office_id == office_id)
        touched = touched.where(MoneyLeg.account == account) if account else touched
        touched = touched.where(MoneyLeg.holder == holder) if holder else touched
        touched = touched.where(MoneyLeg.ledger == ledger) if ledger else touched
        query = query.where(MoneyEntry.id.in_(touched))
    return list(query.order_by(MoneyEntry.id.desc()).limit(limit))


def moves(
    office_id: str, since: date, until: date, *, without: Any = None
) -> list[tuple[str, FeeLedger, Account, int]]:
    """Sums of an office's local days since..until: kind, ledger, account, đồng."""
    query: Any = MoneyLeg.select(MoneyEntry.kind, MoneyLeg.ledger, MoneyLeg.account, fn.SUM(MoneyLeg.amount))
    mine = (MoneyEntry.office_id == office_id) & (MoneyEntry.day >= since) & (MoneyEntry.day <= until)
    if without is not None:
        mine &= MoneyEntry.id.not_in(without)
    query = query.join(MoneyEntry).where(mine)
    grouped = query.group_by(MoneyEntry.kind, MoneyLeg.ledger, MoneyLeg.account)
    return [(kind, FeeLedger(ledger), Account(account), int(sum_)) for kind, ledger, account, sum_ in grouped.tuples()]
