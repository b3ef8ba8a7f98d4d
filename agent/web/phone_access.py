"""Requests of couriers' phones: who a phone's token speaks for, and how often one may ask."""

from __future__ import annotations

from typing import Final

from flask import g, request
from werkzeug.exceptions import TooManyRequests

from agent.accounts.principal import Principal
from agent.errors import RuleViolation
from agent.store.phones import Phone
from agent.tracking.phones.access import bearer_of
from agent.web.context import site
from agent.web.public.limit import Limit

SCOPES: Final = frozenset({"items:read", "items:write"})
_PAIRING = Limit(tries=10, per_second=0.1)  # wrong codes from one address
_ASKING = Limit(tries=200, per_second=10)  # of one phone: a week's pictures go up one after the other


def identify(token: str) -> None:
    """Let the request act for the courier of the phone whose token this is; PhoneRevoked when it was shut out."""
    found = bearer_of(site(), token)
    if found is None:
        return
    phone, user = found.phone, found.user
    _wait(_ASKING, str(phone.uid))
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
    """429 when this address tried too many pairing codes."""
    _wait(_PAIRING, request.remote_addr or "")


def _wait(limit: Limit, who: str) -> None:
    seconds = limit.wait(who, site().clock.now())
    if seconds:
        raise TooManyRequests(retry_after=seconds)
