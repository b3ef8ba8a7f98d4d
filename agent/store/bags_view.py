"""What the bags' first page shows of an office: counts of each kind of work, and the rows that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.store.bags import BAG, ENVELOPE, FORWARD, Parcel, counts_inside, open_bags
from agent.store.dossiers import Dossier
from agent.store.minutes import (
    Manifest,
    ManifestLine,
    Minutes,
    MinutesLine,
    open_manifests,
    open_minutes,
)


@dataclass(frozen=True)
class BagRow:
    """A bag whose way is not over, with how much lies in it and the manifest that lists it."""

    bag: Parcel
    inside: int
    manifest: str


@dataclass(frozen=True)
class OnTheWay:
    """A manifest that is announced and not counted to the end."""

    manifest: Manifest
    late: bool


@dataclass(frozen=True)
class CountRow:
    """A count under way."""

    minutes: Minutes
    present: int
    expected: int


def bag_rows(office_id: str) -> list[BagRow]:
    """The office's bags, newest first."""
    found = open_bags(office_id)
    inside, listed = counts_inside(found), _manifests_of(found)
    return [BagRow(one, inside.get(one.id, 0), listed.get(one.id, "")) for one in found]


def ready_to_announce(office_id: str, agency: str, holder: str) -> list[Parcel]:
    """Closed bags and loose sealed envelopes for an authority in a holder's hands that are on no manifest."""
    mine = (
        (Parcel.office_id == office_id) & (Parcel.way == FORWARD) & (Parcel.agency == agency) & Parcel.done_at.is_null()
        & (Parcel.holder == holder) & (Parcel.offered_to == "") & (Parcel.bag == "")
    )  # fmt: skip
    fit = (Parcel.kind == ENVELOPE) | Parcel.closed_at.is_null(False)
    listed = ManifestLine.select(ManifestLine.parcel).join(Manifest).where(Manifest.closed_at.is_null())
    return list(Parcel.select().where(mine & fit & Parcel.id.not_in(listed)).order_by(Parcel.kind, Parcel.id))


def on_the_way(office_id: str, way: str, now: datetime) -> list[OnTheWay]:
    """Manifests that are not counted to the end, what is late first."""
    return [
        OnTheWay(one, one.acknowledged_at is None and one.expected_at < now) for one in open_manifests(office_id, way)
    ]


def counts_under_way(office_id: str) -> list[CountRow]:
    """Hand-overs, collections and arrivals that are not finished."""
    found = []
    for minutes in open_minutes(office_id):
        lines = MinutesLine.select().where(
            (MinutesLine.minutes == minutes) & MinutesLine.expected & (MinutesLine.kind != BAG)
        )
        there = sum(line.counted_at is not None for line in lines)
        found.append(CountRow(minutes, there, len(lines)))
    return found


def signed_minutes(office_id: str, limit: int = 20) -> list[Minutes]:
    """The newest minutes that were signed and kept."""
    mine = (Minutes.office_id == office_id) & Minutes.signed_at.is_null(False)
    return list(Minutes.select().where(mine).order_by(Minutes.id.desc()).limit(limit))


def agencies_of_papers(office_id: str) -> dict[str, int]:
    """How many loose sealed envelopes wait at the office for each authority."""
    mine = (Parcel.office_id == office_id) & (Parcel.kind == ENVELOPE) & (Parcel.way == FORWARD)
    found: dict[str, int] = {}
    for one in Parcel.select(Parcel.agency).where(mine & Parcel.done_at.is_null() & (Parcel.bag == "")):
        found[one.agency] = found.get(one.agency, 0) + 1
    return found


def numbers_of(ids: list[int]) -> dict[int, str]:
    """The numbers by which dossiers are known, by their ids."""
    rows = Dossier.select(Dossier.id, Dossier.official, Dossier.provisional).where(Dossier.id.in_(ids or [-1]))
    return {one.id: str(one.official or one.provisional) for one in rows}


def _manifests_of(bags: list[Parcel]) -> dict[int, str]:
    lines = (
        ManifestLine.select(ManifestLine, Manifest).join(Manifest)
        .where(ManifestLine.parcel.in_([one.id for one in bags] or [-1]) & Manifest.closed_at.is_null())
    )  # fmt: skip
    return {line.parcel_id: line.manifest.number for line in lines}
