"""Shifts of the till, deposits, variances and remittances: who counted what, when, and what became of it."""

from __future__ import annotations

from typing import Any

from peewee import IntegerField, TextField

from agent.domain.canonical import FeeLedger
from agent.store import rows
from agent.store.base import Owned
from agent.store.fields import DateField, EnumField, JsonField, MoneyField, UidField, UtcField


class Shift(Owned):
    """One clerk's till (ca quỹ): open, counted blind once, closed when the count agrees or its variance is settled."""

    uid = UidField(unique=True)
    username = TextField(index=True)
    state = TextField()  # open | frozen | closed
    open_key = TextField(null=True, unique=True)  # office and user while it is open: one at a time
    opened_at = UtcField()
    float_counts = JsonField()  # {"500000": 2, …} notes
    float_amount = MoneyField()
    counts = JsonField(null=True)
    counted_amount = MoneyField(null=True)
    expected_amount = MoneyField(null=True)  # by the entries, written together with the count
    counted_at = UtcField(null=True)
    closed_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "opened_at"), False),)


class CashDeposit(Owned):
    """Cash handed in (nộp tiền): the giver declares, the receiver counts blind; a mismatch freezes it."""

    uid = UidField(unique=True)
    giver = TextField(index=True)
    account = TextField()  # till | courier: what it comes out of
    holder = TextField()
    declared = MoneyField()
    parts = JsonField()  # đồng by ledger
    float_part = MoneyField(default=0)  # of it the till's float, which goes back to the office's own
    declared_at = UtcField()
    state = TextField()  # declared | accepted | frozen | settled
    receiver = TextField(default="")
    counts = JsonField(null=True)
    counted = MoneyField(null=True)
    counted_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "state"), False),)


class CashVariance(Owned):
    """A count that differs (chênh lệch): frozen until one has explained it and another countersigned."""

    uid = UidField(unique=True)
    kind = TextField()  # shift | deposit
    subject = UidField()  # the shift or deposit
    maker = TextField()  # whose money it was: neither counts again nor countersigns
    counter = TextField()  # who counted
    amount = MoneyField()  # counted less expected
    found_at = UtcField()
    state = TextField()  # open | explained | settled
    explanation = TextField(default="")
    remedy = TextField(default="")  # pays | operator
    explained_by = TextField(default="")
    explained_at = UtcField(null=True)
    answer = TextField(default="")  # why it was sent back
    countersigned_by = TextField(default="")
    countersigned_at = UtcField(null=True)
    paid_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "state"), False), (("kind", "subject"), True))


class CashSeen(Owned):
    """Somebody looked at a holder's cash that was not counted yet: until it is handed in he is not the one to count."""

    username = TextField()
    account = TextField()  # till | courier | transit
    holder = TextField()
    entry = IntegerField()  # the newest posting then
    at = UtcField()

    class Meta:
        indexes = ((("username", "account", "holder"), False),)


class Reversal(Owned):
    """A request to reverse a posting (bút toán đảo); it is posted when a second person countersigns."""

    uid = UidField(unique=True)
    entry = UidField(unique=True)
    reason = TextField()
    asked_by = TextField()
    asked_at = UtcField()
    state = TextField()  # asked | done | refused
    answered_by = TextField(default="")
    answered_at = UtcField(null=True)


class Remittance(Owned):
    """Money of one ledger handed to one authority (nộp cơ quan), with its slip."""

    uid = UidField(unique=True)
    number = TextField(unique=True)
    authority = TextField(index=True)
    ledger = EnumField(FeeLedger)
    since_day = DateField()
    until_day = DateField()
    due_on = DateField()
    amount = MoneyField()
    dossiers = JsonField()  # [[dossier's provisional number, đồng], …]
    source = TextField()  # safe | bank
    source_holder = TextField()
    made_by = TextField()
    made_at = UtcField()
    state = TextField()  # handed_over | acknowledged
    handed_by = TextField(default="")
    handed_at = UtcField(null=True)
    reference = TextField(default="")  # the transfer's, or the authority's paper
    acknowledged_by = TextField(default="")
    acknowledged_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "until_day"), False),)


def open_shift(office_id: str, username: str) -> Shift | None:
    """The shift in which a clerk takes cash now."""
    return rows.first(Shift, open_key=open_key(office_id, username))


def open_key(office_id: str, username: str) -> str:
    """What is unique about an open shift."""
    return f"{office_id}/{username}"


def of_office(model: Any, office_id: str, *states: str, limit: int = 200) -> list[Any]:
    """Rows of an office in one of these states (all without any), newest first."""
    query = model.select().where(model.office_id == office_id)
    if states:
        query = query.where(model.state.in_(list(states)))
    return list(query.order_by(model.id.desc()).limit(limit))
