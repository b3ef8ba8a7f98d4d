"""Manifests and minutes (bảng kê, biên bản giao nhận): what was announced, what was counted, who signed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from peewee import BooleanField, IntegerField, TextField

from agent.store.bags import Parcel
from agent.store.base import Model, current, locked
from agent.store.dossiers import Dossier
from agent.store.fields import JsonField, Reference, ShaField, UidField, UtcField
from agent.store.items import Item, Result

COUNTING: Final = "counting"
PENDING: Final = "pending"  # counted and printed; the paper with both signatures is not back yet
KEPT: Final = "kept"


class Manifest(Model):
    """A list of bags and loose envelopes (bảng kê), announced to who will receive them before they arrive."""

    uid = UidField(unique=True)
    number = TextField(unique=True)
    way = TextField()  # forward | back
    office_id = TextField()
    agency = TextField()
    from_holder = TextField()
    to_holder = TextField()
    announced_at = UtcField()
    announced_by = TextField()
    expected_at = UtcField()  # later than this it has not arrived
    acknowledged_at = UtcField(null=True)
    acknowledged_by = TextField(default="")
    closed_at = UtcField(null=True)  # counted to the end
    bags = IntegerField(default=0)
    things = IntegerField(default=0)
    dossiers = IntegerField(default=0)

    class Meta:
        indexes = ((("office_id", "way", "closed_at"), False),)


class ManifestLine(Model):
    """One bag, or one envelope that lies in none, on a manifest."""

    if TYPE_CHECKING:
        parcel_id: int

    manifest = Reference(Manifest)
    parcel = Reference(Parcel)
    number = TextField()

    class Meta:
        indexes = ((("manifest", "parcel"), True),)


class Minutes(Model):
    """The minutes of one hand-over (biên bản giao nhận), kept scan by scan while it is counted.

    `kind`: handover (papers given to the authority), collection (results taken over there), arrival (a bag opened at
    the office). `receiver` is the name of who signs for the other side; it is not in the journal.
    """

    if TYPE_CHECKING:
        manifest_id: int | None

    uid = UidField(unique=True)
    number = TextField(unique=True)
    kind = TextField()
    office_id = TextField()
    terminal_id = TextField()
    agency = TextField()
    manifest = Reference(Manifest, null=True)
    giver = TextField()  # holders
    taker = TextField()
    state = TextField()  # counting | pending | kept
    place = TextField(default="")
    giver_name = TextField(default="")
    receiver = TextField(default="")
    how = TextField(default="")  # screen | paper
    signature_sha256 = ShaField(null=True)
    opened_at = UtcField()
    opened_by = TextField()
    signed_at = UtcField(null=True)
    signed_by = TextField(default="")  # who of ours closed the count
    kept_at = UtcField(null=True)
    kept_by = TextField(default="")
    digest = ShaField(null=True)  # of what was signed: numbers and verdicts, no names
    voided_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "kind", "state"), False),)


class MinutesLine(Model):
    """One thing that was expected or found. `verdict`: present, short, over, elsewhere, unknown; empty while open."""

    if TYPE_CHECKING:
        minutes_id: int
        parcel_id: int | None
        item_id: int | None
        dossier_id: int | None
        result_id: int | None

    minutes = Reference(Minutes)
    number = TextField()
    kind = TextField()  # envelope | bag | item | result | unknown
    parcel = Reference(Parcel, null=True)
    item = Reference(Item, null=True)
    result = Reference(Result, null=True)
    dossier = Reference(Dossier, null=True)
    inside = TextField(default="")  # the bag that it should lie in
    expected = BooleanField(default=True)
    counted_at = UtcField(null=True)
    capture = TextField(default="")
    seal = TextField(default="")
    seal_state = TextField(default="")
    verdict = TextField(default="")
    follow = TextField(default="")  # what happens next with what is short or over
    settled_at = UtcField(null=True)

    class Meta:
        indexes = ((("minutes", "number"), True), (("verdict", "settled_at"), False))


class MinutesNote(Model):
    """A late correction: an entry added to signed minutes, pending until a second person countersigns."""

    if TYPE_CHECKING:
        minutes_id: int

    uid = UidField(unique=True)
    minutes = Reference(Minutes)
    at = UtcField()
    by = TextField()
    words = TextField()
    countersigned_at = UtcField(null=True)
    countersigned_by = TextField(default="")


class FilingChange(Model):
    """The due date before and after the minutes set the legal filing time: what the clerk is told."""

    dossier = Reference(Dossier, unique=True)
    office_id = TextField()
    minutes = Reference(Minutes)
    at = UtcField()
    due_before = UtcField(null=True)
    due_after = UtcField(null=True)
    calculation = JsonField()
    seen_at = UtcField(null=True)
    seen_by = TextField(default="")

    class Meta:
        indexes = ((("office_id", "seen_at"), False),)


def manifest_by_number(number: str) -> Manifest | None:
    """The manifest of this number; locked for the change inside writing()."""
    query = Manifest.select().where(Manifest.number == number)
    found: Manifest | None = (locked(query) if current().in_writing else query).first()
    return found


def minutes_by_number(number: str) -> Minutes | None:
    """The minutes of this number; locked for the change inside writing()."""
    query = Minutes.select().where(Minutes.number == number)
    found: Minutes | None = (locked(query) if current().in_writing else query).first()
    return found


def lines_of_minutes(minutes: Minutes) -> list[MinutesLine]:
    """The lines of minutes: bags first, then what lies in them, in the order they were expected."""
    return list(MinutesLine.select().where(MinutesLine.minutes == minutes).order_by(MinutesLine.id))


def line_of(minutes: Minutes, number: str) -> MinutesLine | None:
    """The line of one number."""
    found: MinutesLine | None = MinutesLine.get_or_none(
        (MinutesLine.minutes == minutes) & (MinutesLine.number == number)
    )
    return found


def open_minutes(office_id: str, *kinds: str) -> list[Minutes]:
    """Hand-overs that are being counted, or whose signed paper is not back, newest first."""
    mine = (Minutes.office_id == office_id) & Minutes.state.in_([COUNTING, PENDING]) & Minutes.voided_at.is_null()
    if kinds:
        mine &= Minutes.kind.in_(list(kinds))
    return list(Minutes.select().where(mine).order_by(Minutes.id.desc()))


def parcels_of_manifest(manifest: Manifest) -> list[Parcel]:
    """The bags and loose envelopes that a manifest lists."""
    mine = ManifestLine.select(ManifestLine.parcel).where(ManifestLine.manifest == manifest)
    return list(Parcel.select().where(Parcel.id.in_(mine)).order_by(Parcel.kind, Parcel.id))


def manifests_not_arrived(office_id: str, *, now: datetime) -> list[Manifest]:
    """Announced, expected before `now`, acknowledged by nobody: an alarm each, the oldest first."""
    late = (Manifest.office_id == office_id) & Manifest.acknowledged_at.is_null() & (Manifest.expected_at < now)
    return list(Manifest.select().where(late & Manifest.closed_at.is_null()).order_by(Manifest.expected_at))


def open_manifests(office_id: str, way: str) -> list[Manifest]:
    """Manifests on their way or being counted, the earliest expected first."""
    mine = (Manifest.office_id == office_id) & (Manifest.way == way) & Manifest.closed_at.is_null()
    return list(Manifest.select().where(mine).order_by(Manifest.expected_at))


def shortages(office_id: str) -> list[MinutesLine]:
    """What signed minutes found short or over and nobody settled yet, oldest first."""
    named = MinutesLine.verdict.in_(["short", "over", "elsewhere", "unknown"]) & MinutesLine.settled_at.is_null()
    signed = (Minutes.office_id == office_id) & Minutes.signed_at.is_null(False)
    query = MinutesLine.select().join(Minutes).where(named & signed)
    return list(query.order_by(MinutesLine.id))


def notes_of(minutes: Minutes) -> list[MinutesNote]:
    """The corrections that were added, oldest first."""
    return list(MinutesNote.select().where(MinutesNote.minutes == minutes).order_by(MinutesNote.id))
