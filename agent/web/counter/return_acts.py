"""The way back from the dossier's page: item, collection, hand-over to a courier, counter, electronic."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from uuid import UUID

from flask import request

from agent.domain.roles import Action
from agent.domain.text import fold
from agent.errors import RuleViolation
from agent.store import desk as rows
from agent.store.dossiers import Dossier
from agent.tracking.custody import courier_holder, hand_over
from agent.tracking.deliver import ProofInput, deliver, deliver_electronically, pick_up
from agent.tracking.items import collect_from_authority, register_item
from agent.web.context import site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.counter.dossier_acts import on_dossier
from agent.web.courier.signature import typed_name
from agent.web.filters import s10
from agent.web.i18n import gettext as _
from agent.web.notices import say


@counter.post("/dossiers/<uuid:uid>/items")
@on_dossier(Action.COLLECT_RESULT)
def register(held: Dossier) -> None:
    """Give the courier's results an item with its number."""
    item = register_item(site(), held.uid, by=actor())
    say(_("Đã cấp số bưu gửi %(number)s.") % {"number": s10(item.number)})


@counter.post("/dossiers/<uuid:uid>/items/<number>/collect")
@on_dossier(Action.COLLECT_RESULT)
def collect(held: Dossier, number: str) -> None:
    """The sealed result was taken over at the authority and is at the office."""
    collect_from_authority(site(), _its_own(held, number), by=actor())
    say(_("Đã nhận kết quả từ cơ quan giải quyết về bưu cục."))


@counter.post("/dossiers/<uuid:uid>/items/<number>/hand-over")
@on_dossier(Action.MANAGE_BAGS)
def give(held: Dossier, number: str) -> None:
    """Offer the item to a courier; custody moves when the courier accepts."""
    chosen = request.form.get("courier", "")
    with site().store.reading():
        known = {user.username: user.full_name for user in rows.couriers(held.office_id)}
    if chosen not in known:
        raise RuleViolation("Chưa chọn bưu tá. Chọn bưu tá của bưu cục rồi giao.")
    hand_over(site(), [_its_own(held, number)], to=courier_holder(chosen), by=actor())
    say(_("Đã giao cho %(name)s; chờ bưu tá quét nhận.") % {"name": known[chosen]})


@counter.post("/dossiers/<uuid:uid>/items/<number>/deliver")
@on_dossier(Action.DELIVER_AT_COUNTER)
def deliver_item(held: Dossier, number: str) -> None:
    """Hand the item over at the counter, with its proof."""
    deliver(site(), _its_own(held, number), _signed(_proof()), by=actor())
    say(_("Đã trả bưu gửi tại quầy."))


@counter.post("/dossiers/<uuid:uid>/results/<uuid:result>/pick-up")
@on_dossier(Action.DELIVER_AT_COUNTER)
def pick_up_result(held: Dossier, result: UUID) -> None:
    """Hand a result over at the counter, with its proof."""
    pick_up(site(), held.uid, result, _proof(), by=actor())
    say(_("Đã trả kết quả tại quầy."))


@counter.post("/dossiers/<uuid:uid>/results/<uuid:result>/electronic")
@on_dossier(Action.DELIVER_AT_COUNTER)
def send_result(held: Dossier, result: UUID) -> None:
    """Make an electronic result available to its owner."""
    collected = _amount(request.form.get("collected", ""))
    deliver_electronically(site(), held.uid, result, by=actor(), collected=collected)
    say(_("Đã trả bản điện tử."))


def _proof() -> ProofInput:
    form = request.form
    last4 = "".join(character for character in form.get("last4", "") if character.isalnum())
    if len(last4) != 4:
        raise RuleViolation("Nhập đúng 4 số cuối của giấy tờ người nhận.")
    if not form.get("matched"):
        raise RuleViolation("Đối chiếu ảnh trên giấy tờ với người nhận rồi đánh dấu “đúng người trên giấy tờ”.")
    return ProofInput(
        receiver=form.get("receiver", "").strip(),
        relation=form.get("relation", "").strip(),
        authorisation=form.get("authorisation", "").strip(),
        identity_type=form.get("identity_type", "").strip(),
        identity_last4=last4,
        identity_matched=True,
        collected=_amount(form.get("collected", "")),
    )


def _signed(proof: ProofInput) -> ProofInput:
    """The proof with the name that the receiver typed in place of a signature: the counter has no glass to sign on."""
    typed = " ".join(unicodedata.normalize("NFC", request.form.get("typed", ""))[:100].split())
    if not typed or fold(typed) != fold(proof.receiver):
        raise RuleViolation("Người nhận tự gõ họ tên đúng như tên người nhận, thay cho chữ ký.")
    return replace(proof, signature=typed_name(typed))


def _amount(text: str) -> int:
    digits = "".join(character for character in text if character.isdigit())
    return int(digits[:12]) if digits else 0


def _its_own(held: Dossier, number: str) -> str:
    with site().store.reading():
        numbers = {item.number for item in rows.items_of(held)}
    if number not in numbers:
        raise RuleViolation("Bưu gửi này không thuộc hồ sơ. Tải lại trang.")
    return number
