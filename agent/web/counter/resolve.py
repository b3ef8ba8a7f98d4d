"""Resolve what the scan box was given: a card, a number, a label, an item, a procedure, or words to search."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from agent.accounts.permissions import require
from agent.domain.actor import Actor
from agent.domain.chip_card import looks_like_chip_card, parse_chip_card
from agent.domain.dossier import State
from agent.domain.identifiers import parse_official, parse_procedure_code, parse_provisional
from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.domain.scan_repair import repaired
from agent.domain.telex import search_forms
from agent.errors import InvalidIdentifier, NotFound
from agent.intake.draft import drafts_of, keep_draft, open_draft, read_draft
from agent.intake.guide import catalogue
from agent.intake.guide import today as local_day
from agent.intake.label import confirm_label, find_label_job
from agent.intake.scans import kind_of
from agent.store import desk as rows
from agent.store import search
from agent.store.dossiers import Dossier, Draft
from agent.store.lookup import components_of, dossier_by_number, item_by_number
from agent.web.context import current_user, see_other, site
from agent.web.counter.desk import actor, here
from agent.web.counter.other_codes import bag_or_paper, change_hands, say_what_it_is
from agent.web.i18n import gettext as _
from agent.web.notices import say
from labels.payload import (
    BadgeCode,
    BagCode,
    Code,
    ComponentCode,
    Damaged,
    DossierCode,
    ManifestCode,
    ProcedureCode,
    read_code,
)

MOST = 50
_ITEM = re.compile(r"\s*[A-Za-z]{2}\s?(\d\s?){9}[A-Za-z]{2}\s*")
_HARMED = re.compile(r"P\S{1,4}\|.+|(?=\S*\d)[^\W_]\S{7,}")  # one of our codes, or letters and digits without a blank
CARD_FIELDS = ("owner_chip", "submitter_chip", "representative_chip")
PRINTED = (JobState.ACKED, JobState.NEEDS_CLERK, JobState.SENDING)


def follow(text: str, *, draft: str = "", into: str = "") -> Response | None:
    """The page that a code leads to, after doing what its scan means; None for words to search.

    `into` names the field of the intake in which the cursor stood: a chip card goes there.
    """
    if not text:
        return None
    text = mended(text)
    if looks_like_chip_card(text):
        return _card(text, draft, into)
    code = read_code(text)
    if code is not None:
        return _ours(code, text, draft)
    with suppress(InvalidIdentifier):
        return _dossier(parse_provisional(text).text, text)
    with suppress(InvalidIdentifier):
        return _dossier(parse_official(text).text, "")
    try:
        return _item(S10.parse(text).text)
    except InvalidIdentifier:
        if _ITEM.fullmatch(text):
            raise  # a digit was read or typed wrongly
    with suppress(InvalidIdentifier):
        return _procedure(parse_procedure_code(text), draft)
    return None


def mended(text: str) -> str:
    """What a reader typed before an input method changed it; text that is no code's is left as it is.

    InvalidIdentifier for what can only have been a code, and is not to be known for certain any more.
    """
    bare = text.strip()
    if bare.isascii() or not any(sign.isdigit() or sign == "|" for sign in bare):
        return bare
    if kind_of(bare) not in ("words", "damaged"):
        return bare
    found = repaired(bare, _is_code)
    if found is None and _HARMED.fullmatch(bare):
        raise InvalidIdentifier(
            "scan",
            bare,
            "Bộ gõ tiếng Việt đã làm sai mã vừa quét, không đoán chắc được. Tắt bộ gõ rồi quét lại; hoặc đặt máy đọc "
            "ở chế độ USB-COM để không bị nữa.",
        )
    return found or bare


def _ours(code: Code, text: str, draft: str) -> Response:
    """Where one of our own codes leads."""
    match code:
        case DossierCode(provisional=number):
            return _dossier(parse_provisional(number).text, text)
        case ComponentCode(provisional=number, component=component):
            return _component(parse_provisional(number).text, component)
        case ProcedureCode(code=procedure):
            return _procedure(parse_procedure_code(procedure), draft)
        case BadgeCode(holder=holder):
            return change_hands(holder)
        case BagCode() | ManifestCode() if current_user().may(Action.MANAGE_BAGS):
            return bag_or_paper(code)
        case Damaged():
            raise InvalidIdentifier("label code", text, "Mã quét không trọn vẹn. Quét lại.")
        case _:
            say_what_it_is(code)
            return redirect(here(), code=303)


def _is_code(text: str) -> bool:
    """Whether a text is a code by its own check: a damaged one never is, and a reader's test must stay as it came."""
    return kind_of(text) not in ("words", "damaged", "reader-test")


def found_by(text: str) -> list[rows.Line]:
    """The office's dossiers by name without marks, code or telephone tail; then as if typed in Telex."""
    office = current_user().office_id
    with site().store.reading():
        ids = search.find(text, office_id=office, limit=MOST)
        for form in () if ids else search_forms(text):
            ids = ids or search.find(form, office_id=office, limit=MOST)
        return rows.lines_of(rows.dossiers_by_id(ids))


def _dossier(number: str, scanned: str) -> Response:
    with site().store.reading():
        dossier = dossier_by_number(number)
    require(current_user(), Action.VIEW_DOSSIER, dossier.office_id)
    sticks = bool(scanned) and dossier.state is State.RECEIVED and current_user().may(Action.LABEL)
    if sticks and _label_is_out(dossier):
        confirm_label(site(), dossier.uid, scanned, by=actor())
        say(_("Nhãn đã dán đúng hồ sơ. Tiếp theo: nộp trang giấy tờ."))
    return see_other("counter.dossier", uid=dossier.uid)


def _component(number: str, component: str) -> Response:
    """A cover sheet or component label opens its dossier with the component's pages before the clerk."""
    with site().store.reading():
        dossier = dossier_by_number(number)
        parts = components_of(dossier)
    require(current_user(), Action.VIEW_DOSSIER, dossier.office_id)
    meant = next((one.uid for one in parts if component in (one.code, str(one.uid))), None)
    return see_other("counter.dossier", uid=dossier.uid, component=meant)


def _label_is_out(dossier: Dossier) -> bool:
    try:
        return find_label_job(site(), dossier).state in PRINTED
    except NotFound:
        return False


def _item(number: str) -> Response:
    with site().store.reading():
        item = item_by_number(number)
        dossier = rows.dossiers_by_id([item.dossier_id])[0]
    require(current_user(), Action.VIEW_DOSSIER, dossier.office_id)
    return see_other("counter.dossier", uid=dossier.uid, _anchor="results")


def _procedure(code: str, draft: str) -> Response:
    require(current_user(), Action.RECEIVE)
    procedure = catalogue(site()).current(code, local_day(site()))
    by = actor()
    kept = _open(draft, by) or next((one for one in drafts_of(site(), by=by) if not one.body.get("procedure")), None)
    fresh = _with(kept, by, {"procedure": procedure.code, "case": ""})
    return see_other("counter.draft", uid=fresh.uid)


def _card(text: str, draft: str, into: str) -> Response:
    """A card continues the intake on the screen, or the clerk's newest that has no owner yet, else begins one."""
    require(current_user(), Action.RECEIVE)
    card = parse_chip_card(text)
    by = actor()
    kept = _open(draft, by) or next((one for one in drafts_of(site(), by=by) if not _owned(one.body)), None)
    body = kept.body if kept else {}
    same = body.get("owner_chip", "").startswith(card.number)
    whom = "owner_chip" if same or not _owned(body) else "submitter_chip"
    if into in CARD_FIELDS and kept is not None:
        whom = into
    fresh = _with(kept, by, {whom: text})
    return see_other("counter.draft" if fresh.body.get("procedure") else "counter.new", uid=fresh.uid)


def _owned(body: dict[str, Any]) -> bool:
    return bool(body.get("owner_chip") or body.get("owner_name"))


def _open(draft: str, by: Actor) -> Draft | None:
    with suppress(ValueError, NotFound):
        return read_draft(site(), UUID(draft), by=by)
    return None


def _with(draft: Draft | None, by: Actor, more: dict[str, Any]) -> Draft:
    if draft is None:
        return open_draft(site(), by=by, body=more)
    return keep_draft(site(), draft.uid, {**draft.body, **more}, by=by)
