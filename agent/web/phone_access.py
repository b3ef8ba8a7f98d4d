"""Requests of couriers' phones: who a phone's token speaks for, and how often one may ask."""

from __future__ import annotations

from typing import Final

from flask import g, request
from werkzeug.exceptions import TooManyRequests

from agent.accounts.principal import Principal
from agent.domain.wrong_tries import PAIR_ADDRESS, PAIR_ALL, Asked
from agent.errors import RuleViolation
from agent.store.phones import Phone
from agent.store.wrong_tries import take, wait
from agent.tracking.phones.access import bearer_of
from agent.web.asker import address_of
from agent.web.context import site
from agent.web.load import Limit

SCOPES: Final = frozenset({"items:read", "items:write"})
_ASKING = Limit(tries=200, per_second=10)  # of one phone: a week's pictures go up one after the other


def identify(token: str) -> None:
    """Let the request act for the courier of the phone whose token this is; PhoneRevoked when it was shut out."""
    found = bearer_of(site(), token)
    if found is None:
        return
    phone, user = found.phone, found.user
    _refuse(_ASKING.wait(str(phone.uid), site().clock.now()))
    g.phone = phone
    g.user = Principal(
        user.username, user.full_name, user.role, phone.office_id, site().settings.terminal.id, SCOPES,
        f"phone:{phone.uid}",
    )  # fmt: skip


def phone_or_none() -> Phone | None:
    """The phone that asks, None when it is somebody else."""
    phone: Phone | None = g.get("phone")
    return phone


def current_phone() -> Phone:
    """The phone that asks; RuleViolation for everybody else: what is asked here needs a phone's token."""
    phone = phone_or_none()
    if phone is None:
        raise RuleViolation(
            "Chỗ này chỉ trả lời điện thoại đã ghép của bưu tá. Ghép ở trang Điện thoại rồi gọi bằng mã của máy."
        )
    return phone


def slow_pairing() -> None:
    """429 when this address tried too many wrong pairing codes."""
    with site().store.reading():
        _refuse(wait(_pairing(), site().clock.now()))


def wrong_pairing() -> None:
    """Count a wrong code; 429 for who sent several at once and has no try left."""
    with site().store.writing():
        seconds = take(_pairing(), site().clock.now())
    _refuse(seconds)


def _pairing() -> Asked:
    return [(PAIR_ADDRESS, address_of(request.remote_addr)), (PAIR_ALL, "")]


def _refuse(seconds: int) -> None:
    if seconds:
        raise TooManyRequests(retry_after=seconds)
