"""Resolve what the scan box was given: a card, a number, a label, an item, a procedure, or words to search."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from agent.accounts.permissions import require
from agent.domain.actor import Actor
from agent.domain.chip_card import looks_like_chip_card, parse_chip_card
from agent.domain.dossier import State
from agent.domain.identifiers import parse_official, parse_procedure_code, parse_provisional
from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.domain.s10 import S10
from agent.domain.telex import search_forms
from agent.errors import InvalidIdentifier, NotFound
from agent.intake.draft import drafts_of, keep_draft, open_draft, read_draft
from agent.intake.guide import catalogue
from agent.intake.guide import today as local_day
from agent.intake.label import confirm_label, find_label_job
from agent.store import desk as rows
from agent.store import search
from agent.store.dossiers import Dossier, Draft
from agent.store.lookup import dossier_by_number, item_by_number
from agent.web.context import current_user, see_other, site
from agent.web.counter.desk import actor
from agent.web.i18n import gettext as _
from agent.web.notices import say
from labels.payload import ComponentCode, Damaged, DossierCode, ProcedureCode, read_code

MOST = 50
PRINTED = (JobState.ACKED, JobState.NEEDS_CLERK, JobState.SENDING)


def follow(text: str, *, draft: str = "") -> Response | None:
    """The page that a code leads to, after doing what its scan means; None for words to search."""
    if not text:
        return None
    if looks_like_chip_card(text):
        return _card(text, draft)
    match read_code(text):
        case DossierCode(provisional=number):
            return _dossier(parse_provisional(number).text, text)
        case ComponentCode(provisional=number):
            return _dossier(parse_provisional(number).text, "")
        case ProcedureCode(code=code):
            return _procedure(parse_procedure_code(code), draft)
        case Damaged():
            raise InvalidIdentifier("label code", text, "Mã quét không trọn vẹn. Quét lại.")
    with suppress(InvalidIdentifier):
        return _dossier(parse_provisional(text).text, text)
    with suppress(InvalidIdentifier):
        return _dossier(parse_official(text).text, "")
    with suppress(InvalidIdentifier):
        return _item(S10.parse(text).text)
    with suppress(InvalidIdentifier):
        return _procedure(parse_procedure_code(text), draft)
    return None


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
    if scanned and dossier.state is State.RECEIVED and _label_is_out(dossier):
        confirm_label(site(), dossier.uid, scanned, by=actor())
        say(_("Nhãn đã dán đúng hồ sơ. Tiếp theo: nộp trang giấy tờ."))
    return see_other("counter.dossier", uid=dossier.uid)


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
    procedure = catalogue(site()).current(code, local_day(site()))
    by = actor()
    kept = _open(draft, by) or next((one for one in drafts_of(site(), by=by) if not one.body.get("procedure")), None)
    fresh = _with(kept, by, {"procedure": procedure.code, "case": ""})
    return see_other("counter.draft", uid=fresh.uid)


def _card(text: str, draft: str) -> Response:
    """A card continues the intake on the screen, or the clerk's newest that has no owner yet, else begins one."""
    card = parse_chip_card(text)
    by = actor()
    kept = _open(draft, by) or next((one for one in drafts_of(site(), by=by) if not _owned(one.body)), None)
    body = kept.body if kept else {}
    same = body.get("owner_chip", "").startswith(card.number)
    whom = "owner_chip" if same or not _owned(body) else "submitter_chip"
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
