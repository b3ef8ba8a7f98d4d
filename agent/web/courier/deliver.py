"""Hand an item over: who receives, by what identity, signed on the glass or confirmed by typing, money collected."""

from __future__ import annotations

import re
import unicodedata

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.custody_steps import CustodyStep, ItemState, advance
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.domain.text import fold
from agent.errors import NotFound
from agent.store.delivery import TakeBack
from agent.store.rounds import noted_already
from agent.tracking.back.proxy import papers_of
from agent.tracking.deliver import FactContext, ProofInput, deliver
from agent.web.context import acting, current_user, see_other, site
from agent.web.courier import courier, hands, signature
from agent.web.courier.failed import position_of_form
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


RELATIONS = (
    ("chủ hồ sơ", _("chính chủ hồ sơ")),
    ("người được ủy quyền", _("người được ủy quyền")),
    ("người đại diện", _("người đại diện theo pháp luật")),
    ("vợ hoặc chồng", _("vợ hoặc chồng")),
    ("cha hoặc mẹ", _("cha hoặc mẹ")),
    ("con", _("con")),
    ("người cùng nhà", _("người cùng nhà")),
)
IDENTITIES = (
    ("CCCD", _("thẻ căn cước")), ("VNeID", _("VNeID mức 2")), ("Hộ chiếu", _("hộ chiếu")), ("CMND", _("CMND còn hạn")),
)  # fmt: skip


@courier.get("/items/<number>/deliver")
@allow(Action.CARRY)
def deliver_form(number: str) -> ResponseReturnValue:
    """The form of the hand-over."""
    return _form(number, {})


@courier.post("/items/<number>/deliver")
@allow(Action.CARRY)
def deliver_now(number: str) -> ResponseReturnValue:
    """Record the delivery with its proof; sending the form twice changes nothing."""
    uid = hands.event_uid()
    try:
        card = hands.my_card(number)
    except NotFound:
        with site().store.reading():
            done = uid is not None and noted_already(
                uid, current_user().actor, step=CustodyStep.DELIVER, number=S10.parse(number).text
            )
        if not done:
            raise
        say(gettext("Bưu gửi này đã ghi là đã giao."))
        return see_other("courier.home")
    proof, errors = _proof(card)
    if errors or uid is None:
        return _form(number, errors), 422
    deliver(site(), card.item.number, proof, by=acting(), context=FactContext(uid, site().clock.now()))
    say(gettext("Đã giao %(item)s cho %(who)s.") % {"item": str(card.item.number), "who": proof.receiver})
    return see_other("courier.home")


def _form(number: str, errors: dict[str, str]) -> str:
    card = hands.my_card(number)
    advance(ItemState(card.item.state), CustodyStep.DELIVER)
    return render_template(
        "courier/deliver.html", card=card, papers=_papers(card), errors=errors, event=site().ids.uid(),
        form=request.form,
        relations=[(value, gettext(words)) for value, words in RELATIONS],
        identities=[(value, gettext(words)) for value, words in IDENTITIES],
    )  # fmt: skip


def _proof(card: hands.Card) -> tuple[ProofInput, dict[str, str]]:
    """What the form says, and what is wrong with it by field."""
    form, errors = request.form, dict[str, str]()
    receiver = " ".join(unicodedata.normalize("NFC", form.get("receiver", ""))[:100].split())
    relation, identity = form.get("relation", ""), form.get("identity_type", "")
    last4 = re.sub(r"\s", "", form.get("last4", "")).upper()
    if len(receiver) < 2:
        errors["receiver"] = gettext("Ghi họ tên người nhận.")
    if relation not in [value for value, _words in RELATIONS]:
        errors["relation"] = gettext("Chọn quan hệ với chủ hồ sơ.")
    authorisation = form.get("authorisation", "").strip()[:100]
    if relation == "người được ủy quyền" and not authorisation:
        errors["authorisation"] = gettext("Ghi số hoặc ngày của giấy ủy quyền đã xem.")
    if identity not in [value for value, _words in IDENTITIES]:
        errors["identity_type"] = gettext("Chọn loại giấy tờ đã xem.")
    if not re.fullmatch(r"[0-9A-Z]{4}", last4):
        errors["last4"] = gettext("Ghi đúng 4 ký tự cuối.")
    if not form.get("matched"):
        errors["matched"] = gettext("So ảnh với người nhận rồi đánh dấu. Không khớp thì bấm “Không giao”.")
    strokes = signature.strokes_of(form.get("strokes", ""))
    typed = " ".join(unicodedata.normalize("NFC", form.get("typed", ""))[:100].split())
    if not strokes and (not typed or fold(typed) != fold(receiver)):
        errors["typed" if typed else "signature"] = gettext(
            "Người nhận ký vào ô, hoặc tự gõ họ tên đúng như tên người nhận."
        )
    collected = _money(form.get("collected", "0"))
    if collected != card.item.collect:
        errors["collected"] = gettext("Phải thu đúng số tiền ghi ở trên. Chưa thu đủ thì bấm “Không giao”.")
    ticked, wanted = form.getlist("paper"), _papers(card)
    left = [paper.name for paper in wanted if paper.required and str(paper.uid) not in ticked]
    if left:
        errors["paper"] = gettext("Chưa thu lại: %(papers)s. Thu rồi đánh dấu, hoặc bấm “Không giao”.") % {
            "papers": ", ".join(left)
        }
    proof = ProofInput(
        receiver=receiver, relation=relation, authorisation=authorisation, identity_type=identity,
        identity_last4=last4, identity_matched=bool(form.get("matched")),
        signature=strokes or signature.typed_name(typed), position=position_of_form(), collected=collected,
        taken_back=tuple(ticked),
    )  # fmt: skip
    return proof, errors


def _papers(card: hands.Card) -> list[TakeBack]:
    """The papers that the authority wants back and that nobody took yet."""
    with site().store.reading():
        return [paper for paper in papers_of(card.item) if paper.state == "wanted"]


def _money(text: str) -> int:
    """Typed đồng, with or without points, spaces and the sign; -1 for what is no amount."""
    digits = re.sub(r"[\s.,đ]", "", text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else -1
