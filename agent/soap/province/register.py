"""The sandbox's register: match flags for a person, papers that may serve again, and a limit to looking."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from agent.clock import local
from agent.domain.canonical_codec import instant_text, parse_instant, tidy
from agent.ports_province import Match
from agent.soap.province.ledger import Ledger
from agent.soap.province.refusal import Refusal

FILE = Path(__file__).with_name("register.toml")
LOOKUPS_PER_HOUR = 30
"""For one purpose; a counter's intake needs two or three."""
WINDOW = timedelta(hours=1)
Plain = dict[str, Any]


@cache
def _known() -> Plain:
    import tomllib

    return tomllib.loads(FILE.read_text(encoding="utf-8"))


class Register:
    """TRAINING people and the owners of submitted dossiers; only flags and file hashes leave it."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger, self._now = ledger, now

    def person(self, plain: Plain) -> Plain:
        """Flags for what the citizen said; LOOKUP_LIMIT when one purpose looks too often."""
        self._count(plain["purpose"])
        found = self._find(plain["personId"])
        return {
            "purpose": plain["purpose"],
            "known": found is not None,
            "fullName": _same(plain.get("fullName", ""), found["name"] if found else "", _folded),
            "birthDate": _same_birth(plain.get("birthDate", ""), found["birth"] if found else ""),
            "residence": _same(plain.get("residence", ""), found["residence"] if found else "", _bare),
        }

    def reusable(self, plain: Plain) -> Plain:
        """The owner's papers that came before, each with how long it holds and whether it can serve today."""
        if not plain["ownerId"]:
            return {"documents": []}
        rows = self._ledger.rows(
            "SELECT f.paper_code AS paperCode, f.component AS componentCode, f.name, f.sha256, d.number,"
            " d.received_at AS at FROM files f JOIN dossiers d ON d.number = f.number"
            " WHERE d.owner_id = :owner AND f.handling <> 'show_only' ORDER BY d.received_at DESC LIMIT 500",
            owner=plain["ownerId"],
        )
        today = local(self._now()).date()
        return {"documents": [{**row, **_validity(row, today)} for row in rows]}

    def _find(self, person_id: str) -> Plain | None:
        for one in _known()["person"]:
            if one["id"] == person_id:
                return dict(one)
        row = self._ledger.row(
            "SELECT canonical FROM dossiers WHERE owner_id = :id AND owner_id <> '' ORDER BY rowid DESC", id=person_id
        )
        if row is None:
            return None
        owner = json.loads(row["canonical"])["owner"]
        return {"name": owner["name"], "birth": owner["birthDate"], "residence": owner["address"]}

    def _count(self, purpose: str) -> None:
        """Note the look-up: its time and purpose, never whom it was about."""
        now = self._now()
        with self._ledger.writing():
            seen = self._ledger.rows(
                "SELECT count(*) AS n FROM lookups WHERE purpose = :purpose AND at > :since",
                purpose=purpose,
                since=instant_text(now - WINDOW),
            )[0]["n"]
            if seen >= LOOKUPS_PER_HOUR:
                raise Refusal("LOOKUP_LIMIT", "Tra cứu quá số lần cho phép trong một giờ.", field="purpose")
            self._ledger.run(
                "INSERT INTO lookups (at, purpose) VALUES (:at, :purpose)", at=instant_text(now), purpose=purpose
            )


def _folded(text: str) -> str:
    return " ".join(tidy(text).casefold().split())


def _bare(text: str) -> str:
    """An address without punctuation and the words that people leave out."""
    return " ".join(word for word in re.split(r"\W+", _folded(text)) if word not in ("", "số", "phường", "xã", "thôn"))


def _same(said: str, held: str, form: Callable[[str], str]) -> str:
    if not form(said) or not form(held):
        return Match.UNKNOWN
    return Match.YES if form(said) == form(held) else Match.NO


def _same_birth(said: str, held: str) -> str:
    """As exact as the coarser of the two: 1990 and 1990-03-15 agree."""
    if not said or not held:
        return Match.UNKNOWN
    return Match.YES if said.startswith(held) or held.startswith(said) else Match.NO


def _validity(row: Plain, today: date) -> Plain:
    days = next((one["days"] for one in _known()["validity"] if one["words"] in _folded(row["name"])), None)
    if days is None:
        return {"validUntil": "", "valid": True}
    until = local(parse_instant(row["at"])).date() + timedelta(days=days)
    return {"validUntil": until.isoformat(), "valid": today <= until}
