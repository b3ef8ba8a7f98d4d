"""The shift of a till (ca quỹ): opened with a counted float, closed by one blind count."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money_count import read_count, sum_of
from agent.domain.money_entries import Account, Leg, moved
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.money.on_its_way import hand_in
from agent.money.variances import found
from agent.site import Site
from agent.store import money, rows
from agent.store.cash import Shift, open_key, open_shift


def open_till(site: Site, counts: Mapping[str, str | int], *, by: Actor) -> Shift:
    """Open the clerk's shift with the float (quỹ lẻ) as counted; asked again while it is open gives that shift.

    Cash that the clerk took before goes into it.
    """
    counted = read_count(counts)
    with site.store.writing():
        money.hold(by)
        again = open_shift(by.office_id, by.username)
        if again is not None:
            return again
        at, uid, amount = site.clock.now(), site.ids.uid(), sum_of(counted)
        shift = rows.create(
            Shift, uid=uid, office_id=by.office_id, terminal_id=by.terminal_id, username=by.username, state="open",
            open_key=open_key(by.office_id, by.username), opened_at=at, float_counts=counted, float_amount=amount,
        )  # fmt: skip
        till = (Account.TILL, str(uid))
        if amount:
            legs = moved({FeeLedger.FREIGHT: amount}, (Account.FLOAT, by.office_id), till)
            money.post(f"shift:{uid}:float", "float_out", legs, by=by, at=at, ids=site.ids, subject=str(uid))
        loose = money.balances(Account.TILL, f"user:{by.username}")
        if loose:
            legs = moved(loose, (Account.TILL, f"user:{by.username}"), till)
            money.post(f"shift:{uid}:loose", "carried_in", legs, by=by, at=at, ids=site.ids, subject=str(uid))
    return shift


def count_till(site: Site, uid: UUID, counts: Mapping[str, str | int], *, by: Actor) -> Shift:
    """Take the one blind count of a shift; what is expected is looked up only now, in the same transaction.

    A difference becomes a variance, frozen until it is explained and countersigned. What was counted goes to the safe
    as a deposit that somebody else counts. A second count is refused: RuleViolation.
    """
    counted = read_count(counts)
    with site.store.writing():
        money.hold(by)
        shift = shift_by_uid(uid, by)
        if shift.username != by.username:
            raise Forbidden("Chỉ người giữ ca mới kiểm đếm ca của mình. Người nhận tiền đếm lại khi nhận nộp.")
        if shift.state != "open":
            raise RuleViolation("Ca này đã kiểm đếm. Không đếm lại; chênh lệch thì giải trình ở mục Chênh lệch.")
        at, till = site.clock.now(), (Account.TILL, str(uid))
        expected, amount = money.in_hand(*till), sum_of(counted)
        shift.counts, shift.counted_amount, shift.expected_amount, shift.counted_at = counted, amount, expected, at
        shift.open_key = None
        shift.state = "closed" if amount == expected else "frozen"
        shift.closed_at = at if amount == expected else None
        shift.save()
        if amount != expected:
            variance = found(site, "shift", uid, maker=by.username, amount=amount - expected, by=by, at=at)
            legs = (
                Leg(FeeLedger.FREIGHT, *till, amount - expected),
                Leg(FeeLedger.FREIGHT, Account.VARIANCE, str(variance.uid), expected - amount),
            )
            money.post(f"shift:{uid}:count", "variance", legs, by=by, at=at, ids=site.ids, subject=str(variance.uid))
        if amount:
            hand_in(site, till, amount, float_part=min(shift.float_amount, amount), by=by, at=at)
    return shift


def shift_by_uid(uid: UUID, by: Actor) -> Shift:
    """A shift of the actor's office; NotFound for another's."""
    shift = rows.first(Shift, uid=uid)
    if shift is None or shift.office_id != by.office_id:
        raise NotFound("Không có ca quỹ này ở bưu cục của bạn. Tải lại trang.")
    return shift
