"""What was scanned at the bags' screens: a bag, manifest, envelope, item, seal, or somebody else's number."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from agent.domain.forward import Paper, parse_number, parse_seal
from agent.domain.identifiers import parse_official, parse_provisional
from agent.domain.operators import foreign_words
from agent.domain.s10 import S10
from agent.domain.scan_repair import repaired
from agent.errors import InvalidIdentifier
from agent.store.bags import BACK, FORWARD, Parcel, envelopes_of, parcel_of
from agent.store.dossiers import Dossier
from agent.store.items import Item
from labels.payload import BagCode, ComponentCode, Damaged, DossierCode, ManifestCode, read_code


class Kind(StrEnum):
    """What a scanned text names."""

    BAG = "bag"
    MANIFEST = "manifest"
    MINUTES = "minutes"
    DOSSIER = "dossier"
    ITEM = "item"
    SEAL = "seal"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan: its kind and canonical number; `words` say whose a foreign number is."""

    kind: Kind
    number: str
    words: str = ""


def read_scan(text: str) -> Scanned:
    """Say what a text from a reader or keyboard is; InvalidIdentifier for what was mistyped or is nothing of ours.

    What a Vietnamese input method made of a scan is undone where only one reading is possible.
    """
    bare = text.strip()
    if not bare:
        raise InvalidIdentifier("scan", text, "Chưa quét gì. Quét nhãn túi, phong bì, bưu gửi hoặc niêm phong.")
    if not bare.isascii():
        bare = repaired(bare, _is_ours) or bare
    code = read_code(bare)
    match code:
        case BagCode(number=number):
            return Scanned(Kind.BAG, _paper(number, Paper.BAG))
        case ManifestCode(number=number):
            return Scanned(Kind.MANIFEST, _paper(number, Paper.MANIFEST))
        case DossierCode(provisional=number) | ComponentCode(provisional=number):
            return Scanned(Kind.DOSSIER, parse_provisional(number).text)
        case Damaged():
            raise InvalidIdentifier("label code", text, "Mã quét không trọn vẹn. Quét lại nhãn.")
        case None:
            return _plain(bare)
    raise InvalidIdentifier("label code", text, "Mã vừa quét không phải túi, phong bì hay bưu gửi. Quét đúng nhãn.")


def _paper(number: str, paper: Paper) -> str:
    """The number in a label's code; one that another office's program minted is taken as it is."""
    with suppress(InvalidIdentifier):
        return parse_number(number, paper)
    return number


def _plain(bare: str) -> Scanned:
    compact = bare.upper()
    if compact[:1] in set(Paper):
        with suppress(InvalidIdentifier):
            number = parse_number(bare)
            kind = {Paper.BAG: Kind.BAG, Paper.MANIFEST: Kind.MANIFEST, Paper.MINUTES: Kind.MINUTES}
            return Scanned(kind[Paper(number[0])], number)
    with suppress(InvalidIdentifier):
        return Scanned(Kind.DOSSIER, parse_provisional(bare).text)
    with suppress(InvalidIdentifier):
        return Scanned(Kind.DOSSIER, parse_official(bare).text)
    words = foreign_words(bare)
    if words:
        return Scanned(Kind.FOREIGN, bare.upper()[:40], words)
    if S10.looks_like(bare):
        return Scanned(Kind.ITEM, S10.parse(bare).text)
    return Scanned(Kind.SEAL, parse_seal(bare))


def _is_ours(text: str) -> bool:
    with suppress(InvalidIdentifier):
        return read_scan(text).kind not in (Kind.SEAL, Kind.FOREIGN)
    return False


def dossier_scanned(number: str) -> Dossier | None:
    """The dossier of a provisional or official number; None when it is in nobody's books here."""
    found: Dossier | None = Dossier.get_or_none((Dossier.provisional == number) | (Dossier.official == number))
    return found


def envelope_on_the_way(dossier: Dossier) -> Parcel | None:
    """The dossier's envelope to the authority whose way is not over; else its newest one."""
    mine = [one for one in envelopes_of(dossier) if one.way == FORWARD]
    return next((one for one in mine if one.done_at is None), mine[-1] if mine else None)


def result_on_the_way(dossier: Dossier) -> Parcel | Item | None:
    """What carries the dossier's result back: its item that has not ended, else its envelope."""
    mine = (Item.dossier == dossier) & Item.state.not_in(["delivered", "returned"])
    item: Item | None = Item.select().where(mine).order_by(Item.id.desc()).first()
    return item or next((one for one in envelopes_of(dossier) if one.way == BACK and one.done_at is None), None)


def thing_scanned(scan: Scanned) -> Parcel | Item | None:
    """The envelope, bag or item that a scan names, by its own number, its dossier's label or its seal."""
    match scan.kind:
        case Kind.BAG:
            return parcel_of(scan.number)
        case Kind.ITEM:
            found: Item | None = Item.get_or_none(Item.number == scan.number)
            return found
        case Kind.DOSSIER:
            dossier = dossier_scanned(scan.number)
            return None if dossier is None else envelope_on_the_way(dossier)
        case Kind.SEAL:
            sealed: Parcel | None = (
                Parcel.select().where((Parcel.seal == scan.number) & Parcel.done_at.is_null()).first()
            )
            return sealed
        case _:
            return None
