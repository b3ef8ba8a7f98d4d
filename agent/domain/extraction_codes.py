"""What codes on a paper say of a person: the chip card's QR and the machine-readable zone, as fields of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.domain.chip_card import looks_like_chip_card, parse_chip_card
from agent.domain.extraction import UNSURE, Box, Found, PageWords, Source
from agent.domain.extraction_rows import Row, Sheet, box_of, squeeze
from agent.domain.identifiers_person import SEX_WORD
from agent.domain.mrz import Mrz, looks_like, read_mrz
from agent.domain.official_code import hint_of
from agent.errors import InvalidIdentifier


@dataclass(frozen=True, slots=True)
class Coded:
    """Values by field that codes gave, the QR's first; `people` is whether any code named a person."""

    values: dict[str, list[Found]] = field(default_factory=dict)

    @property
    def people(self) -> bool:
        return "holder_id" in self.values or "holder_name" in self.values


def read_codes(pages: Sequence[PageWords], sheets: Sequence[Sheet]) -> Coded:
    """The holder's values as the codes of these pages say them."""
    values: dict[str, list[Found]] = {}
    for page in pages:
        if dossier := _dossier_of(page):
            values.setdefault("source_dossier", []).append(dossier)
        for code in page.codes:
            for name, found in _of_qr(code.text, page.page, (*code.box, 0.0, page.width, page.height)).items():
                values.setdefault(name, []).append(found)
    for sheet in sheets:
        for name, found in _of_zone(sheet).items():
            values.setdefault(name, []).append(found)
    return Coded(values)


def _dossier_of(page: PageWords) -> Found | None:
    """The number of the dossier from which a system printed the paper, in the QR at its top left."""
    for code in page.codes:
        left, top, right, bottom = code.box
        x, y = (left + right) / 2 / max(1, page.width), (top + bottom) / 2 / max(1, page.height)
        if number := hint_of([{"text": code.text, "kind": code.kind, "x": x, "y": y}]):
            return Found(number, 100, Source.QR, page.page, (*code.box, 0.0, page.width, page.height))
    return None


def _of_qr(text: str, page: str, box: Box) -> dict[str, Found]:
    if not looks_like_chip_card(text):
        return {}
    try:
        card = parse_chip_card(text)
    except InvalidIdentifier:
        return {}
    said = {
        "holder_id": card.number,
        "holder_name": card.name,
        "holder_birth": card.birth.isoformat() if card.birth else "",
        "holder_sex": SEX_WORD[card.sex],
        "holder_address": card.address,
        "issued_on": card.issued.isoformat() if card.issued else "",
    }
    return {name: Found(value, 100, Source.QR, page, box) for name, value in said.items() if value}


def _of_zone(sheet: Sheet) -> dict[str, Found]:
    """The fields of the machine-readable zone that the sheet's lowest lines make."""
    lines = [piece for piece in _joined(sheet) if looks_like(piece.text)]
    zone = read_mrz([line.text for line in lines])
    if zone is None:
        return {}
    box = box_of(sheet, [token for line in lines[-3:] for token in line.tokens])
    found = {}
    for name, (value, part) in _said(zone).items():
        if not value:
            continue
        one = Found(value, 97 if part in zone.checked else 60, Source.MRZ, sheet.page, box)
        found[name] = one if part in zone.checked else one.capped("check")
    if (said := found.get("holder_name")) is not None:
        found["holder_name"] = Found(said.value, min(said.confidence, UNSURE), Source.MRZ, sheet.page, box, "plain")
    return found


def _joined(sheet: Sheet) -> list[Row]:
    """Rows as wide as they are: a zone's fillers leave gaps that are none."""
    return [row for row in sheet.rows if len(squeeze(row.text)) >= 6]


def _said(zone: Mrz) -> dict[str, tuple[str, str]]:
    """Fields with their value and the part whose check digit stands for it."""
    own = len(zone.personal) == 12 and zone.personal.isdigit() and zone.country == "VNM"
    return {
        "holder_id": (zone.personal, "all") if own and zone.form == "TD1" else (zone.number, "number"),
        "holder_name": (zone.name, "all"),
        "holder_birth": (zone.birth.isoformat() if zone.birth else "", "birth"),
        "holder_sex": (SEX_WORD[zone.sex] if zone.sex else "", "all"),
        "valid_until": (zone.expiry.isoformat() if zone.expiry else "", "expiry"),
    }
