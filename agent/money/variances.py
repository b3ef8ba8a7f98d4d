"""Variances (chênh lệch): found by a blind count, frozen until one has explained and another countersigned."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.money_entries import Account, moved
from agent.domain.roles import Action, may
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.money.on_its_way import put_away
from agent.site import Site
from agent.store import money, rows
from agent.store.cash import CashDeposit, CashVariance, Shift

PAYS, OPERATOR = "pays", "operator"
REMEDIES = (PAYS, OPERATOR)


def found(site: Site, kind: str, subject: UUID, *, maker: str, amount: int, by: Actor, at: datetime) -> CashVariance:
    """Write a variance down, in the transaction of the count that found it."""
    return rows.create(
        CashVariance, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id, kind=kind,
        subject=subject, maker=maker, counter=by.username, amount=amount, found_at=at, state="open",
    )  # fmt: skip


def explain(site: Site, uid: UUID, *, words: str, remedy: str, by: Actor) -> CashVariance:
    """Say what happened and what shall become of it; nothing moves before another person countersigned.

    `remedy`: the maker pays (or gets) it, or the operator bears it.
    """
    if len(words.strip()) < 10:
        raise RuleViolation("Giải trình phải nói rõ chuyện gì đã xảy ra (ít nhất 10 ký tự). Khoản lệch vẫn treo.")
    if remedy not in REMEDIES:
        raise RuleViolation("Chọn cách xử lý: người giữ quỹ bồi hoàn, hoặc bưu cục chịu. Khoản lệch vẫn treo.")
    with site.store.writing():
        money.hold(by)
        variance = variance_by_uid(uid, by)
        if variance.state != "open":
            raise RuleViolation("Khoản lệch này đã có giải trình. Chờ người thứ hai ký, hoặc nhờ họ trả lại.")
        if remedy == OPERATOR and variance.maker == by.username:
            raise Forbidden("Người làm lệch không tự đề nghị bưu cục chịu. Nhờ người khác giải trình.")
        variance.explanation, variance.remedy = words.strip(), remedy
        variance.explained_by, variance.explained_at, variance.answer = by.username, site.clock.now(), ""
        variance.state = "explained"
        variance.save()
    return variance


def countersign(site: Site, uid: UUID, *, by: Actor) -> CashVariance:
    """A supervisor who neither made, counted nor explained it lets the variance be settled as proposed."""
    with site.store.writing():
        money.hold(by)
        variance = _to_judge(uid, by)
        at = site.clock.now()
        variance.state, variance.countersigned_by, variance.countersigned_at = "settled", by.username, at
        variance.save()
        if variance.kind == "deposit":
            deposit = rows.first(CashDeposit, uid=variance.subject)
            assert deposit is not None
            put_away(site, deposit, variance.amount, by=by, at=at, variance=variance.uid)
            rows.change(CashDeposit, deposit.id, state="settled")
        else:
            shift = rows.first(Shift, uid=variance.subject)
            assert shift is not None
            rows.change(Shift, shift.id, state="closed", closed_at=at)
        if variance.remedy == OPERATOR:
            _clear(site, variance, (Account.OPERATOR, variance.office_id), "written_off", by=by, at=at)
    return variance


def send_back(site: Site, uid: UUID, *, reason: str, by: Actor) -> CashVariance:
    """The second person does not accept the explanation: it is open again, with the reason."""
    if len(reason.strip()) < 3:
        raise RuleViolation("Ghi vì sao trả lại để người giải trình biết phải sửa gì.")
    with site.store.writing():
        money.hold(by)
        variance = _to_judge(uid, by)
        variance.state, variance.answer = "open", reason.strip()
        variance.save()
    return variance


def settle_up(site: Site, uid: UUID, *, by: Actor) -> CashVariance:
    """The maker paid a shortage into the safe (or was given an overage back): somebody else took the money."""
    with site.store.writing():
        money.hold(by)
        variance = variance_by_uid(uid, by)
        if variance.state != "settled" or variance.remedy != PAYS:
            raise RuleViolation("Khoản lệch này không chờ bồi hoàn. Xem lại trạng thái của nó.")
        if by.username == variance.maker:
            raise Forbidden("Người làm lệch không tự ghi đã bồi hoàn. Nhờ người nhận tiền ghi.")
        if variance.paid_at is None:
            at = site.clock.now()
            variance.paid_at = at
            variance.save()
            _clear(site, variance, (Account.SAFE, variance.office_id), "made_good", by=by, at=at)
    return variance


def _clear(
    site: Site, variance: CashVariance, target: tuple[Account, str], kind: str, *, by: Actor, at: datetime
) -> None:
    amounts = {FeeLedger.FREIGHT: -variance.amount}  # a shortage stands as something due to us
    legs = moved(amounts, (Account.VARIANCE, str(variance.uid)), target)
    subject = str(variance.uid)
    key = f"variance:{subject}:{kind}:{money.count_of(kind, subject) + 1}"  # once more when it was reversed
    money.post(key, kind, legs, by=by, at=at, ids=site.ids, subject=subject, office_id=variance.office_id)


def _to_judge(uid: UUID, by: Actor) -> CashVariance:
    variance = variance_by_uid(uid, by)
    if by.role is None or not may(by.role, Action.SETTLE_MONEY):
        raise Forbidden("Chỉ kiểm soát viên mới ký giải trình chênh lệch.")
    if by.username in (variance.maker, variance.counter, variance.explained_by):
        raise Forbidden("Người giữ, người đếm và người giải trình không tự ký. Nhờ kiểm soát viên khác ký.")
    if variance.state != "explained":
        raise RuleViolation("Khoản lệch này chưa có giải trình, hoặc đã ký rồi. Tải lại trang.")
    return variance


def variance_by_uid(uid: UUID, by: Actor) -> CashVariance:
    """A variance of the actor's office; NotFound for another's."""
    variance = rows.first(CashVariance, uid=uid)
    if variance is None or variance.office_id != by.office_id:
        raise NotFound("Không có khoản lệch này ở bưu cục của bạn. Tải lại trang.")
    return variance
