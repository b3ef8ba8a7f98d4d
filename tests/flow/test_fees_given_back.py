"""Money at the end of the way: what was collected of a voided dossier goes back, what is unpaid is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from agent.domain.dossier import State
from agent.errors import RuleViolation
from agent.intake.void import collected, refunded, void
from agent.store import journal
from agent.store.dossiers import Dossier, Fee
from agent.tracking.deliver import deliver_electronically
from tests.builders import CLERK
from tests.flow.counter import Counter

REASON = "nhập nhầm thủ tục"


def fees(desk: Counter, dossier: Dossier) -> list[Fee]:
    with desk.site.store.reading():
        return list(Fee.select().where(Fee.dossier == dossier).order_by(Fee.id))


def money(desk: Counter, dossier: Dossier, kind: str) -> list[dict[str, Any]]:
    with desk.site.store.reading():
        return [one.body for one in journal.entries("money", dossier_id=dossier.id) if one.kind == kind]


def test_voiding_gives_back_what_was_collected_and_writes_each_refund_once(either: Counter) -> None:
    desk = either
    dossier = desk.receive()
    paid = collected(desk.site, dossier.uid)
    assert paid == sum(fee.amount for fee in fees(desk, dossier)) > 0
    for _ in range(2):
        void(desk.site, dossier.uid, by=CLERK, reason=REASON)
    assert (collected(desk.site, dossier.uid), refunded(desk.site, dossier.uid)) == (0, paid)
    written = money(desk, dossier, "refund")
    assert [(one["code"], one["ledger_of"], one["amount"]) for one in written] == [
        (fee.code, fee.ledger, fee.amount) for fee in fees(desk, dossier)
    ]
    salted = {journal.commitment(REASON, desk.now(dossier).salt)}
    assert {one["reason"] for one in written} == salted
    assert all(fee.refunded_by == CLERK.username for fee in fees(desk, dossier))
    assert journal.verify() == []


def test_nothing_goes_back_of_what_was_never_paid(desk: Counter) -> None:
    dossier = desk.receive(fees_paid=False)
    void(desk.site, dossier.uid, by=CLERK, reason=REASON)
    assert refunded(desk.site, dossier.uid) == 0 and money(desk, dossier, "refund") == []


def test_an_electronic_result_goes_out_once_its_unpaid_fees_are_collected(desk: Counter) -> None:
    dossier = desk.with_result("electronic", return_way="electronic", fees_paid=False)
    (result,) = desk.results(dossier)
    owed = sum(fee.amount for fee in fees(desk, dossier))
    assert owed
    for amount in (0, owed - 1):
        with pytest.raises(RuleViolation, match=f"còn phải thu {owed} đ"):
            deliver_electronically(desk.site, dossier.uid, result.uid, by=CLERK, collected=amount)
    assert desk.now(dossier).state is State.RESULT_READY
    deliver_electronically(desk.site, dossier.uid, result.uid, by=CLERK, collected=owed)
    assert desk.now(dossier).state is State.CLOSED
    assert all(fee.paid_at for fee in fees(desk, dossier))
    assert sum(one["amount"] for one in money(desk, dossier, "fee") if one["paid"]) == owed
