"""The entries behind a number, and one entry with its legs, its place in the chain and its reversal."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.canonical import FeeLedger
from agent.domain.money_entries import Account
from agent.domain.roles import Action
from agent.errors import Forbidden
from agent.money.reversals import REVERSIBLE, entry_by_uid
from agent.store import money as journal
from agent.store.cash import Reversal
from agent.store.dossiers import Dossier
from agent.store.journal import JournalEntry
from agent.store.money import MoneyEntry, MoneyLeg
from agent.web.context import acting, site
from agent.web.guard import allow
from agent.web.money import money
from agent.web.money.frame import hidden

MOST = 300


@money.get("/entries")
@allow(Action.COLLECT_FEE)
def entries() -> ResponseReturnValue:
    """Entries by day, account, holder, ledger and kind; those that would tell what is to be counted are left out."""
    by, asked = acting(), _asked()
    with site().store.reading():
        found = journal.entries(by.office_id, limit=MOST, without=hidden(), **asked)
        legs = journal.legs_of_each(found)
        ids = {one.dossier_id for one in found if one.dossier_id}
        numbers = {one.id: one.provisional for one in Dossier.select().where(Dossier.id.in_(sorted(ids) or [-1]))}
    return render_template(
        "money/entries.html", found=found, legs=legs, numbers=numbers, asked=request.args, most=MOST,
        sums=_sums(found, legs, asked),
    )  # fmt: skip


def _asked() -> dict[str, Any]:
    given = request.args
    days = {name: _day(given.get(name, "")) for name in ("since", "until")}
    account, ledger = given.get("account", ""), given.get("ledger", "")
    return {
        **days, "account": Account(account) if account in list(Account) else None, "holder": given.get("holder", ""),
        "ledger": FeeLedger(ledger) if ledger in list(FeeLedger) else None, "kind": given.get("kind", ""),
    }  # fmt: skip


def _sums(found: list[MoneyEntry], legs: dict[int, Any], asked: dict[str, Any]) -> int | None:
    """What the legs that were asked for come to; None where no account was named."""
    if asked["account"] is None:
        return None
    wanted = [leg for one in found for leg in legs[one.id] if leg.account is asked["account"]]
    wanted = [leg for leg in wanted if asked["ledger"] in (None, leg.ledger) and asked["holder"] in ("", leg.holder)]
    return sum(int(leg.amount) for leg in wanted)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_hidden(entry: MoneyEntry) -> bool:
    without = hidden()
    return without is not None and bool(without.where(MoneyLeg.entry == entry.id).exists())


@money.get("/entries/<uuid:uid>")
@allow(Action.COLLECT_FEE)
def entry(uid: UUID) -> ResponseReturnValue:
    """One entry; of cash that is not counted only what concerns one dossier, whose fees say it anyway."""
    by = acting()
    with site().store.reading():
        found = entry_by_uid(uid, by)
        legs = journal.legs_of(found)
        if found.dossier_id is None and _is_hidden(found):
            raise Forbidden("Bút toán này là của khoản tiền chưa kiểm đếm. Xem được sau khi đếm xong.")
        chained = JournalEntry.get_or_none(JournalEntry.uid == uid)
        dossier = Dossier.get_by_id(found.dossier_id) if found.dossier_id else None
        request_ = Reversal.get_or_none(Reversal.entry == uid)
    return render_template(
        "money/entry.html", entry=found, legs=legs, chained=chained, dossier=dossier, reversal=request_,
        reversible=found.kind in REVERSIBLE,
    )  # fmt: skip
