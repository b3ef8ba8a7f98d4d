"""The API of couriers' phones: pairing, the round, how far the phone's events are held, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar

from annotated_types import Len
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.intake.request import STRICT
from agent.store.phone_chain import standing
from agent.tracking.journal.ingest import resume
from agent.tracking.phones import one_time, pairing, pictures
from agent.tracking.phones import round as rounds
from agent.tracking.phones.access import heard
from agent.web.api import api
from agent.web.api.operation import BadRequest, Call, operation
from agent.web.api.sync import server_time
from agent.web.context import site
from agent.web.phone_access import current_phone, slow_pairing, wrong_pairing


@dataclass(frozen=True)
class PairIn:
    """What a phone shows to be let in: the code from the office's screen, and the public key that it made (JWK)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    code: Annotated[str, Len(1, 40)]
    key: dict[str, Any]
    name: Annotated[str, Len(0, 200)] = ""
    app: Annotated[str, Len(0, 40)] = ""


@dataclass(frozen=True)
class PairOut:
    """The phone's identity and its token, given once."""

    phone: str
    token: str
    courier: str
    courier_name: str
    office: str
    office_name: str
    server_time: str


@dataclass(frozen=True)
class RoundOut:
    """What changed in the round since the cursor; `gone` are items that are not the courier's any more."""

    cursor: str
    courier: str
    courier_name: str
    phone: str
    server_time: str
    items: tuple[rounds.RoundItem, ...]
    gone: tuple[str, ...]
    reasons: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    couriers: list[dict[str, Any]] = field(default_factory=list)
    redelivery_days: list[date] = field(default_factory=list)


@dataclass(frozen=True)
class StateOut:
    """How far the phone's events are held: the lowest number that is not, and the gaps below the highest that is."""

    next_seq: int
    missing: list[list[int]]
    revoked: bool
    server_time: str


@dataclass(frozen=True)
class CodeIn:
    """An item whose receiver gets a one-time code."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    item: Annotated[str, Len(1, 40)]


@dataclass(frozen=True)
class CodeCheckIn:
    """A code that a receiver said."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    item: Annotated[str, Len(1, 40)]
    code: Annotated[str, Len(1, 12)]


@dataclass(frozen=True)
class CodeOut:
    """What became of a code: sent (queued as a message), or right or not with the wrong tries that are left."""

    item: str
    sent: bool = False
    right: bool = False
    tries_left: int = 0


@dataclass(frozen=True)
class BlobOut:
    """A picture that is kept."""

    sha256: str
    size: int


@operation(api, "post", "/courier/pair", takes=PairIn, gives=PairOut, open_to_all=True, body_cap=16 << 10)
def pair_phone(call: Call) -> PairOut:
    """Let a phone in by the code on the office's screen; the code works once and for five minutes."""
    slow_pairing()
    given: PairIn = call.body
    try:
        made = pairing.pair(site(), given.code, name=given.name, key=given.key, app=given.app)
    except pairing.PairingRefused:
        wrong_pairing()
        raise
    office = site().settings.office
    return PairOut(
        str(made.phone.uid), made.token, made.phone.courier, made.courier_name, made.phone.office_id,
        office.name if office.id == made.phone.office_id else made.phone.office_id, server_time(),
    )  # fmt: skip


@operation(
    api, "get", "/courier/round", Action.VIEW_ROUND, gives=RoundOut, query=("since", "unsent"), phones=True
)  # fmt: skip
def courier_round(call: Call) -> RoundOut:
    """What changed in the courier's round since the cursor that the last answer gave (none: everything)."""
    phone = current_phone()
    news = rounds.news(site(), phone, since=_number("since"))
    heard(site(), phone, unsent=_unsent())
    return RoundOut(
        str(news.cursor), phone.courier, call.user.full_name, str(phone.uid), server_time(), news.items, news.gone,
        rounds.reasons(), rounds.names(), rounds.limits(site(), phone.courier), rounds.colleagues(site(), phone),
        rounds.redelivery_days(site(), phone.office_id),
    )  # fmt: skip


@operation(api, "get", "/courier/state", Action.VIEW_ROUND, gives=StateOut, query=("unsent",), phones=True)
def courier_state(call: Call) -> StateOut:
    """How far this phone's events are held; a phone that was shut out gets 401 with code `phone-revoked`."""
    phone = current_phone()
    with site().store.reading():
        held = standing(phone.uid)
    heard(site(), phone, unsent=_unsent())
    return StateOut(held.next_seq, held.missing, False, server_time())


@operation(
    api, "put", "/courier/blobs/<sha256>", Action.CARRY, gives=BlobOut, raw=pictures.KINDS, phones=True,
    body_cap=pictures.LARGEST,
)  # fmt: skip
def put_blob(call: Call, sha256: str) -> BlobOut:
    """Keep a picture (PNG or JPEG, at most 5 MB) under its SHA-256; sending it again changes nothing."""
    phone = current_phone()
    data = request.get_data(cache=False, parse_form_data=False)
    if request.content_length is None and len(data) >= pictures.LARGEST:
        raise RequestEntityTooLarge  # sent in chunks, and cut off at the limit
    size = pictures.keep(site(), phone, sha256, data)
    if pictures.is_awaited(site(), sha256):
        resume(site(), phone)
    return BlobOut(sha256, size)


@operation(api, "post", "/courier/codes", Action.CARRY, takes=CodeIn, gives=CodeOut, phones=True)
def send_receiver_code(call: Call) -> CodeOut:
    """Send the receiver of an item in the courier's hands a one-time code, to the telephone that the dossier names."""
    current_phone()
    one_time.send_code(site(), call.body.item, by=call.actor)
    return CodeOut(S10.parse(call.body.item).text, sent=True)


@operation(api, "post", "/courier/codes:check", Action.CARRY, takes=CodeCheckIn, gives=CodeOut, phones=True)
def check_receiver_code(call: Call) -> CodeOut:
    """Whether a code is the item's; a phone without a network sends it with the delivery, which is judged then."""
    current_phone()
    right, left = one_time.check_code(site(), call.body.item, call.body.code, by=call.actor)
    return CodeOut(S10.parse(call.body.item).text, right=right, tries_left=left)


def _number(name: str) -> int:
    text = request.args.get(name, "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest(f"{name} phải là số, như lần trả lời trước đã cho.", {name: "0.."})
    return int(text)


def _unsent() -> int | None:
    return min(_number("unsent"), 1 << 30) if "unsent" in request.args else None
