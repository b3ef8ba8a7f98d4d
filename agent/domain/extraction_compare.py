"""The people of a paper beside the people of the dossier: what agrees makes sure, what differs is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.domain.dossier import Role
from agent.domain.extraction import FieldRule, Found, PaperType
from agent.domain.extraction_rows import distance, squeeze
from agent.domain.text import fold, sort_key

PARTS: Final = ("name", "id", "birth")
MENDED: Final = frozenset({"", "weak", "repaired", "label", "spelling", "plain", "sources", "place"})
AGREED: Final = 96


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A person of the dossier (owner, submitter, representative): what is known of them, ISO day of birth."""

    role: Role
    name: str
    number: str = ""
    birth: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that says another thing than the dossier: warns, and keeps nobody from anything."""

    field: str
    part: str  # name | id | birth | accents (only those differ)
    role: Role
    paper: str
    dossier: str


@dataclass(frozen=True, slots=True)
class _Person:
    rules: dict[str, FieldRule] = field(default_factory=dict)  # by part


def differences(kind: PaperType, values: Mapping[str, str], parties: Sequence[PartyFacts]) -> dict[str, Difference]:
    """By field, what differs from the party that the paper's person is, or is nearly."""
    found: dict[str, Difference] = {}
    for person in _people(kind).values():
        said = {part: values.get(rule.code, "") for part, rule in person.rules.items()}
        party = _meant(person, said, parties)
        if party is None:
            continue
        for part, rule in person.rules.items():
            known = {"name": party.name, "id": party.number, "birth": party.birth}[part]
            if said[part] and known and (kind_of := _differs(part, said[part], known)):
                found[rule.code] = Difference(rule.code, kind_of, party.role, said[part], known)
    return found


def agreed(kind: PaperType, values: Mapping[str, Found], parties: Sequence[PartyFacts]) -> dict[str, Found]:
    """The finds, those sure that say letter by letter what the dossier says of one of its people."""
    made = dict(values)
    for person in _people(kind).values():
        for party in parties:
            known = {"name": party.name, "id": party.number, "birth": party.birth}
            for part, rule in person.rules.items():
                one = made.get(rule.code)
                if one is None or not known[part] or one.doubt not in MENDED:
                    continue
                if _differs(part, one.value, known[part]):
                    continue
                if part != "birth" or _others_agree(person, made, known):
                    made[rule.code] = replace(one, confidence=max(one.confidence, AGREED), doubt="")
    return made


def _others_agree(person: _Person, values: Mapping[str, Found], known: Mapping[str, str]) -> bool:
    """Whether the name or the id is the party's too: a birthday alone is shared by many."""
    rules = person.rules
    name = values.get(rules["name"].code) if "name" in rules else None
    number = values.get(rules["id"].code) if "id" in rules else None
    return bool((name and fold(name.value) == fold(known["name"])) or (number and number.value == known["id"]))


def _people(kind: PaperType) -> dict[str, _Person]:
    people: dict[str, _Person] = {}
    for rule in kind.fields:
        part = rule.code.rpartition("_")[2]
        if rule.person and part in PARTS:
            people.setdefault(rule.person, _Person()).rules[part] = rule
    return people


def _meant(person: _Person, said: Mapping[str, str], parties: Sequence[PartyFacts]) -> PartyFacts | None:
    """The party that the person is: by id, by name, nearly so; where it must be one, the one who came."""
    name, number = said.get("name", ""), said.get("id", "")
    for party in parties:
        if number and party.number == number:
            return party
    for party in parties:
        if name and fold(party.name) == fold(name):
            return party
    for party in parties:
        if number and len(number) == len(party.number) and distance(number, party.number, 2) <= 2:
            return party
        near = name and party.name and distance(squeeze(name), squeeze(party.name), 2) <= 2
        if near and (not said.get("birth") or said["birth"][:4] == party.birth[:4]):
            return party
    must = any(rule.party for rule in person.rules.values())
    first = (Role.SUBMITTER, Role.OWNER, Role.REPRESENTATIVE)
    ranked = sorted(parties, key=lambda party: first.index(party.role))
    return ranked[0] if must and ranked and (name or number) else None


def _differs(part: str, paper: str, dossier: str) -> str:
    if part == "name":
        if sort_key(paper) == sort_key(dossier):  # letters and tones, wherever the tone is set: Hòa, Hoà
            return ""
        return "accents" if fold(paper) == fold(dossier) else "name"
    if part == "birth" and len(paper) == 4:
        return "" if dossier.startswith(paper) else part
    return "" if paper == dossier else part
