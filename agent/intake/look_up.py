"""Look up (tra cứu) the owner of an open intake at the province: what matches, and which papers are there already."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from agent import log
from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.breaker import Circuit
from agent.domain.chip_card import looks_like_chip_card, parse_chip_card
from agent.domain.identifiers_person import parse_citizen_id
from agent.domain.text import clean
from agent.domain.typed_day import typed_day
from agent.errors import AgentError, HandoffError, HandoffNotOffered, HandoffRejected
from agent.intake.draft import read_draft
from agent.ports_province import Match
from agent.site import Site
from agent.store.accounts import AccessLog
from agent.store.look_ups import LookUp, asked_since
from agent.store.province_line import line_of

logger = log.get(__name__)
HOUR: Final = timedelta(hours=1)
T = TypeVar("T")


class Outcome(StrEnum):
    """What became of a question; the intake goes on whatever it is."""

    ANSWERED = "answered"
    ABSENT = "absent"  # the register has nobody of this number
    UNAVAILABLE = "unavailable"
    UNSUPPORTED = "unsupported"  # the province has no such operation
    REFUSED = "refused"
    LIMIT = "limit"  # not asked: the clerk asked too often within the hour


@dataclass(frozen=True)
class Person:
    """Who is asked about, as the intake holds it: a citizen's number with what was said beside it."""

    number: str
    name: str = ""
    birth: str = ""  # yyyy-mm-dd, or as exact as it is known


@dataclass(frozen=True)
class Answer:
    """What the screen says of the look-up; `matches` by what was compared, `papers` as the port gives them."""

    person: Outcome
    matches: Mapping[str, bool | None] = field(default_factory=dict)
    again_at: datetime | None = None  # of a limit: when the next question is free
    limit: int = 0
    papers: tuple[Mapping[str, Any], ...] = ()
    papers_outcome: Outcome = Outcome.UNSUPPORTED


def person_of(body: Mapping[str, Any]) -> Person | None:
    """The owner of a draft as far as it can be asked about: a citizen with a whole number."""
    chip = str(body.get("owner_chip", ""))
    try:
        if looks_like_chip_card(chip):
            card = parse_chip_card(chip)
            return Person(card.number, card.name, card.birth.isoformat() if card.birth else str(card.birth_year or ""))
        if body.get("owner_kind", "person") != "person" or body.get("owner_id_kind", "citizen_id") not in NUMBERED:
            return None
        number = parse_citizen_id(re.sub(r"\s+", "", str(body.get("owner_id", "")))).number
    except AgentError:
        return None
    return Person(number, clean(str(body.get("owner_name", ""))), _birth(str(body.get("owner_birth", ""))))


NUMBERED: Final = ("citizen_id", "vneid")


def look_up(site: Site, draft_uid: uuid.UUID, *, by: Actor) -> Answer | None:
    """Ask about the owner of the clerk's own open draft; None while there is nobody and no procedure to ask for.

    The purpose is the draft and its procedure; nobody types it. Each question counts against the clerk's limit and
    stands in the access log before it is asked; of the answer only the match flags are kept. NotFound for a draft that
    is closed or another's. Never raises for what the province does.
    """
    draft = read_draft(site, draft_uid, by=by)
    person, procedure = person_of(draft.body), str(draft.body.get("procedure", ""))
    if person is None or not procedure:
        return None
    with site.store.reading():
        line = line_of(site.settings.terminal.id)
    if line is not None and line.state == Circuit.OPEN:
        return Answer(Outcome.UNAVAILABLE)  # the senders know that nobody answers: no clerk waits to learn it again
    purpose = f"intake:{procedure}|{draft_uid}"  # the open intake, which is gone once the dossier is received
    asked = _ask_leave(site, draft_uid, purpose, by)
    if isinstance(asked, Answer):
        return asked
    match, outcome = _asked(lambda: site.province().lookup_person(
        person_id=person.number, purpose=purpose, full_name=person.name, birth_date=person.birth
    ))  # fmt: skip
    if match is not None and not match.known:
        outcome = Outcome.ABSENT
    flags = {"name": _flag(match.full_name), "birth": _flag(match.birth_date)} if match and match.known else {}
    found: list[dict[str, Any]] | None = None
    papers = outcome  # a line that is down is not tried twice
    if outcome is not Outcome.UNAVAILABLE:
        found, papers = _asked(lambda: site.province().lookup_reusable(owner_id=person.number, procedure=procedure))
    with site.store.writing():
        for uid, became, kept in ((asked[0], outcome, flags), (asked[1], papers, {"papers": len(found or ())})):
            LookUp.update(outcome=became.value, matches=kept).where(LookUp.uid == uid).execute()
    return Answer(outcome, flags, papers=tuple(found or ()), papers_outcome=papers)


def _ask_leave(site: Site, draft_uid: uuid.UUID, purpose: str, by: Actor) -> tuple[uuid.UUID, uuid.UUID] | Answer:
    """Note both questions and the look before they are asked; the limit's answer when there were too many."""
    now, limit = site.clock.now(), site.settings.look_up.per_hour
    with site.store.writing():
        before = asked_since(by.username, now - HOUR)
        if len(before) >= limit:
            return Answer(Outcome.LIMIT, again_at=local(before[-limit] + HOUR) if limit else None, limit=limit)
        uids = site.ids.uid(), site.ids.uid()
        for uid, kind in zip(uids, ("person", "papers"), strict=True):
            LookUp.create(
                uid=uid, at=now, username=by.username, office_id=by.office_id, terminal_id=by.terminal_id,
                draft_uid=draft_uid, kind=kind, purpose=purpose, outcome="asked",
            )  # fmt: skip
            AccessLog.create(
                at=now, actor=by.name, office_id=by.office_id, dossier_uid=None, purpose="intake",
                what=f"province {kind} look-up",
            )  # fmt: skip
    return uids


def _asked(ask: Callable[[], T]) -> tuple[T | None, Outcome]:
    """The answer, or why there is none."""
    try:
        return ask(), Outcome.ANSWERED
    except HandoffNotOffered:
        return None, Outcome.UNSUPPORTED
    except HandoffRejected as error:
        logger.info("look-up refused: %s", error.error_code)
        return None, Outcome.REFUSED
    except HandoffError as error:
        logger.info("look-up not answered: %s", error.code)
        return None, Outcome.UNAVAILABLE


def _flag(match: Match) -> bool | None:
    return {Match.YES: True, Match.NO: False}.get(match)


def _birth(text: str) -> str:
    day = typed_day(text)
    return day.isoformat() if day else ""
