"""How far a find may be believed, and which of several is taken: what speaks against it keeps it from being sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from agent.domain.extraction import FieldRule, Found, Kind, PaperType, Source
from agent.domain.extraction_codes import Coded
from agent.domain.extraction_kinds import Read
from agent.domain.extraction_rows import Sheet, Token, box_of, distance
from agent.domain.identifiers_person import parse_citizen_id
from agent.domain.text import fold
from agent.errors import InvalidIdentifier

CLEAR: Final = {
    Kind.ID: 96.0,
    Kind.TEXT: 92.0,
    Kind.ABSTRACT: 92.0,
    Kind.NAME: 91.0,
    Kind.SIGNER: 91.0,
}  # the least sure word of a value that is sure
CLEAR_ELSE: Final = 88.0
WORDS: Final = (Kind.NAME, Kind.SIGNER, Kind.TEXT, Kind.ABSTRACT, Kind.ISSUER)  # whose accents a machine may misread
AGREED: Final = 98
LIKELY: Final = {Kind.SEX: 70.0, Kind.NAME: 50.0, Kind.SIGNER: 50.0, Kind.DATE: 50.0, Kind.ID: 50.0}


def believe(rule: FieldRule, read: Read, label: float, sheet: Sheet) -> Found:
    """The find with its confidence: the words' own, less for a label that was guessed and a value that was mended."""
    least, mean = _clarity(read.tokens)
    sure = (0.6 * least + 0.4 * mean) * read.trust * (0.85 + 0.15 * label)
    if rule.kind in LIKELY and not read.doubt:
        sure = max(sure, LIKELY[rule.kind])  # one of two words, a day of the calendar, a name spelled as names are
    found = Found(read.value, max(0, min(99, round(sure))), Source.TEXT, sheet.page, box_of(sheet, read.tokens))
    if read.doubt:
        found = found.capped(read.doubt)
    if least < CLEAR.get(rule.kind, CLEAR_ELSE):
        found = found.capped("weak")
    if label < 0.85:
        found = found.capped("label")
    return found


def _clarity(tokens: Sequence[Token]) -> tuple[float, float]:
    """The confidence of the least sure word that has letters, and the mean by letters."""
    said = [token for token in tokens if token.squeezed]
    letters = sum(len(token.squeezed) for token in said)
    if not letters:
        return 0.0, 0.0
    mean = sum(token.confidence * len(token.squeezed) for token in said) / letters
    return min(token.confidence for token in said), mean


def settle(
    kind: PaperType, found: Mapping[str, Sequence[Found]], coded: Coded, *, today: date
) -> dict[str, Found]:  # fmt: skip
    """One find a field: codes before print, agreement makes sure, contradiction makes unsure."""
    values: dict[str, Found] = {}
    for rule in kind.fields:
        best = _best(found.get(rule.code, ()), rule.kind)
        said = coded.values.get(rule.code, []) if rule.code in coded.values else []
        chosen = _with_codes(best, said, rule.kind)
        if chosen:
            values[rule.code] = _dated(rule, chosen, today)
    _fit_people(kind.fields, values)
    return values


def _best(finds: Iterable[Found], kind: Kind) -> Found | None:
    """The most believable; never sure when another, nearly as believable, says something else."""
    ordered = sorted(finds, key=lambda one: -one.confidence)
    if not ordered:
        return None
    best = ordered[0]
    others = [one for one in ordered[1:] if not same(one.value, best.value, kind) and one.confidence > 55]
    if others:
        return best.capped("several")
    if any(same(one.value, best.value, kind) and one.box != best.box for one in ordered[1:]) and not best.doubt:
        return replace(best, confidence=max(best.confidence, min(AGREED, best.confidence + 4)))
    return best


def _with_codes(printed: Found | None, said: Sequence[Found], kind: Kind) -> Found | None:
    """The code's value where there is one; print that says the same makes it surer, other print makes a doubt."""
    if not said:
        return printed
    code = max(said, key=lambda one: (one.source is Source.QR, one.confidence))
    if printed is None:
        return code
    if code.doubt == "plain" and distance(fold(printed.value), fold(code.value), 3) in (1, 2, 3):
        return printed.capped("sources")  # a letter or two of the zone's names, which no check digit covers
    if not same(printed.value, code.value, kind):
        if kind in (Kind.TEXT, Kind.ABSTRACT) or (printed.confidence < 70 and code.confidence > 90):
            return code
        return (code if code.confidence >= printed.confidence else printed).capped("sources")
    if code.doubt == "plain":  # the zone has no accents: the print's are taken, and what they say is confirmed
        if printed.doubt == "spelling":
            return printed
        return replace(printed, confidence=max(printed.confidence, 92 if printed.confidence >= 80 else 85))
    return replace(code, confidence=max(code.confidence, AGREED), page=printed.page, box=printed.box)


def _dated(rule: FieldRule, found: Found, today: date) -> Found:
    """A day on which a paper was issued, or a person born, is not to come."""
    past = rule.code in ("issued_on", "registered_on") or rule.code.endswith("_birth")
    if rule.kind in (Kind.DATE, Kind.YEAR) and past and found.value[:10] > today.isoformat():
        return replace(found.capped("future"), confidence=min(found.confidence, 60))
    return found


def _fit_people(rules: Sequence[FieldRule], values: dict[str, Found]) -> None:
    """An id says the year of birth and the sex of its bearer: together they are sure, or none of them is."""
    people: dict[str, dict[str, str]] = {}
    for rule in rules:
        if rule.person:
            people.setdefault(rule.person, {})[rule.code.rpartition("_")[2]] = rule.code
    for codes in people.values():
        number, birth, sex = (values.get(codes.get(part, "")) for part in ("id", "birth", "sex"))
        if number is None or len(number.value) != 12:
            continue
        try:
            citizen = parse_citizen_id(number.value)
        except InvalidIdentifier:
            continue
        wrong = birth is not None and birth.value[:4] != str(citizen.birth_year)
        wrong = wrong or (sex is not None and fold(sex.value) != {"male": "nam", "female": "nu"}[citizen.sex])
        if wrong:
            for part in ("id", "birth"):
                if codes.get(part) in values:
                    values[codes[part]] = values[codes[part]].capped("fit")
        elif sex is not None and sex.doubt == "weak":
            values[codes["sex"]] = replace(sex, confidence=max(sex.confidence, 92), doubt="")


def same(one: str, other: str, kind: Kind) -> bool:
    """Whether two values say the same; of words only the letters count, not their accents or case.

    >>> same("NGUYỄN THỊ HƯỜNG", "Nguyen Thi Huong", Kind.NAME), same("2026-11-12", "2026-11-13", Kind.DATE)
    (True, False)
    """
    if kind is Kind.YEAR:
        return one[:4] == other[:4] if min(len(one), len(other)) == 4 else one == other
    if kind in WORDS or kind is Kind.TITLE:
        return fold(one) == fold(other)
    return one == other
