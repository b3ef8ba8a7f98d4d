"""Take the values of a paper: its type by its title, each field by label or place, the most believable find of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from agent.domain import extraction_places as places
from agent.domain.extraction import FLOOR, UNSURE, FieldRule, Found, Kind, PageWords, PaperType, Rules, Source
from agent.domain.extraction_codes import Coded, read_codes
from agent.domain.extraction_kinds import READERS, Read
from agent.domain.extraction_rows import Hit, Sheet, Token, box_of, find_labels, sheet_of, squeeze
from agent.domain.extraction_weigh import believe, settle
from agent.domain.text import clean

UNDER: Final = 2.4  # heights: a value may stand so far under its label, as on cards
NEAR_TITLE: Final = 0.85


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken: the type whose rules were used, and what was found of its fields."""

    type: PaperType
    values: dict[str, Found]


def take(rules: Rules, code: str, pages: Sequence[PageWords], *, today: date) -> Taken:
    """The values of a paper of type `code`; pages whose title is another type's are read by that type's rules."""
    sheets = [sheet_of(page) for page in pages if page.words]
    kind, head = choose_type(rules, code, sheets)
    coded = read_codes(pages, sheets) if kind.card or any(page.codes for page in pages) else Coded()
    if coded.people and not kind.card and kind.code == "*":
        kind = next((one for one in rules.types.values() if one.card), kind)
    found = dict[str, list[Found]]()
    hits = {sheet.page: find_labels(sheet, _labels(kind, rules)) for sheet in sheets}
    for rule in kind.fields:
        finds = _by_label(rule, kind, rules, sheets, hits)
        if not finds and rule.kind is not Kind.CODE:
            finds = _by_place(rule, kind, sheets, head)
        found[rule.code] = finds
    values = settle(kind, found, coded, today=today)
    return Taken(kind, {code: one for code, one in values.items() if one.confidence >= FLOOR and one.value})


def choose_type(rules: Rules, code: str, sheets: Sequence[Sheet]) -> tuple[PaperType, places.Head | None]:
    """The type whose title the pages bear, else the one that the component asks for."""
    own = rules.types.get(code)
    titles = {title: kind for kind in rules.types.values() for title in kind.titles}
    if own:
        titles |= dict.fromkeys(own.titles, own)
    head = places.head_of(sheets, titles)
    if head and head.known and head.near >= NEAR_TITLE:
        return titles[head.known], head
    text = "".join(row.squeezed for sheet in sheets for row in sheet.rows)
    for kind in ([own] if own else []) + list(rules.types.values()):
        if kind.marks and sum(squeeze(mark) in text for mark in kind.marks) * 2 > len(kind.marks):
            return kind, head
    return own or rules.other, head


def _labels(kind: PaperType, rules: Rules) -> list[str]:
    own = [label for rule in kind.fields for label in rule.labels] + [r.after for r in kind.fields if r.after]
    return list(dict.fromkeys([*own, *rules.stops]))


def _by_label(
    rule: FieldRule, kind: PaperType, rules: Rules, sheets: Sequence[Sheet], hits: dict[str, list[Hit]]
) -> list[Found]:
    finds: list[Found] = []
    started = not rule.after
    for sheet in sheets:
        here = hits[sheet.page]
        for hit in here:
            if hit.label == rule.after and not started:
                started = True
                continue
            if not started or hit.label not in rule.labels:
                continue
            if not sheet.inside(sheet.rows[hit.row].tokens[hit.start], rule.zone):
                continue
            if read := _after(rule, sheet, hit, here):
                finds.append(believe(rule, read, hit.quality, sheet))
    return finds


def _after(rule: FieldRule, sheet: Sheet, hit: Hit, hits: Sequence[Hit]) -> Read | None:
    """What stands behind a label on its row, else under it."""
    row = sheet.rows[hit.row]
    ends = [other.start for other in hits if other.row == hit.row and other.start >= hit.end]
    rest = list(row.tokens[hit.end : min(ends, default=len(row.tokens))])
    span = _past_colon(rest, said=row.tokens[hit.end - 1].ends_label)
    if span is None:
        return None
    reader = READERS[rule.kind]
    if rule.lines > 1 and span:
        span += _continued(sheet, hit, hits, rule.lines - 1)
    read = reader(span)
    if read and ends and read.tokens and _touches(read.tokens[-1], row.tokens[min(ends)]):
        return replace(read, trust=min(read.trust, 0.9), doubt=read.doubt or "weak")
    if read is None and not _full(span):
        below = _under(sheet, hit, hits, rule)
        read = reader(below) if below else None
    return read


def _touches(last: Token, following: Token) -> bool:
    """Whether a value runs into the next label, where letters of it may have been lost."""
    return abs(last.base - following.base) < last.height / 2 and following.left - last.right < 0.12 * last.height


def _past_colon(span: list[Token], *, said: bool) -> list[Token] | None:
    """The tokens behind the label's colon; None when small words before it make it another label."""
    if said:
        return span
    at = next((n for n, token in enumerate(span[:9]) if ":" in token.text and not re.match(r"\d", token.text)), None)
    if at is None:
        return span
    before = [token for token in span[: at + 1] if token.squeezed]
    english = "/" in span[0].text or span[0].text.startswith(("/", "(", "|", "I"))
    if english or not before or all(not token.squeezed for token in span[:at]):
        return span[at + 1 :]
    return None


def _full(span: Sequence[Token]) -> bool:
    """Whether a row says something behind the label, so that what is under it is not its value."""
    return sum(len(token.squeezed) for token in span) > 3


def _continued(sheet: Sheet, hit: Hit, hits: Sequence[Hit], more: int) -> list[Token]:
    """The next rows of a text that goes on: close under it, without a label of their own."""
    tokens: list[Token] = []
    label = sheet.rows[hit.row].tokens[hit.start]
    last = sheet.rows[hit.row]
    starts = {other.row for other in hits}
    for at in range(hit.row + 1, min(hit.row + 1 + more, len(sheet.rows))):
        row = sheet.rows[at]
        full = sheet.share(last.right, 0)[0] > 0.7  # a line that had room for the next word is the last one
        if at in starts or not full or row.base - last.base > 1.9 * last.height:
            break
        if not label.left - 3 * last.height < row.left < label.left + 0.12 * sheet.width:
            break  # a line that is wrapped begins at the margin
        if any(token.ends_label for token in row.tokens[:6]):
            break
        tokens += row.tokens
        last = row
    return tokens


def _under(sheet: Sheet, hit: Hit, hits: Sequence[Hit], rule: FieldRule) -> list[Token]:
    """The tokens of the next row that stand under the label, up to the next label there."""
    label = sheet.rows[hit.row].tokens[hit.start]
    for at in range(hit.row + 1, min(hit.row + 3, len(sheet.rows))):
        row = sheet.rows[at]
        if row.base - label.base > UNDER * max(row.height, label.height):
            return []
        starts = [row.tokens[other.start].left for other in hits if other.row == at]
        limit = min((left for left in starts if left > label.left - label.height), default=float("inf"))
        tokens = [token for token in row.tokens if label.left - 1.5 * label.height <= token.left < limit]
        if tokens:
            rest = _continued(sheet, replace(hit, row=at), hits, rule.lines - 1) if rule.lines > 1 else []
            return tokens + rest
    return []


def _by_place(rule: FieldRule, kind: PaperType, sheets: Sequence[Sheet], head: places.Head | None) -> list[Found]:
    """What stands where administrative papers have it."""
    if rule.fixed:
        return [Found(rule.fixed, 100, Source.RULE)]
    if not sheets:
        return []
    first = head.sheet if head else sheets[0]
    if rule.kind is Kind.TITLE:
        return _title(kind, head)
    at: tuple[Sheet, Read] | None = None
    read: Read | None = None
    if rule.kind is Kind.ISSUER:
        read = places.read_issuer(head, first)
    elif rule.kind is Kind.ABSTRACT:
        read = places.read_abstract(head, first)
    elif rule.code == "number":
        read = places.read_number_here(head, first)
    elif rule.code == "issued_on":
        at = places.read_place_date(sheets)
    elif rule.kind is Kind.SIGNER:
        at = places.read_signer(sheets)
    sheet, read = at if at else (first, read)
    return [believe(rule, read, 1.0, sheet)] if read else []


def _title(kind: PaperType, head: places.Head | None) -> list[Found]:
    if head is None:
        return []
    tokens = [token for row in head.pieces for token in row.tokens]
    box = box_of(head.sheet, tokens)
    if head.known:
        return [Found(head.known, 99 if head.near > 0.9 else 92, Source.TEXT, head.sheet.page, box)]
    sure = sum(row.confidence for row in head.pieces) / len(head.pieces)
    return [Found(clean(head.text), min(UNSURE, round(sure)), Source.TEXT, head.sheet.page, box, "place")]
