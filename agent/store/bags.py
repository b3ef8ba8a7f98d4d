"""Sealed envelopes and bags (phong bì, túi): their custody events, contents and seals.

An envelope or a bag is a Parcel with a number of its own; its ParcelEvent rows have the shape of CustodyEvent and are
folded by the same rules (agent.domain.custody). An item keeps its own events: a step of a bag is written once for the
bag and once for each thing that lies in it, so whoever looks up one item, or one envelope, never has to look elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

from peewee import IntegerField, TextField

from agent.domain.calendar_vn import Calendar
from agent.domain.custody import Custody, Entry, fold
from agent.domain.custody_steps import CustodyStep
from agent.errors import RuleViolation
from agent.store.base import Model, current, locked
from agent.store.dossiers import Dossier
from agent.store.fields import Reference, UidField, UtcField
from agent.store.items import Item

ENVELOPE: Final = "envelope"
BAG: Final = "bag"
FORWARD: Final = "forward"  # to the authority
BACK: Final = "back"  # from the authority to the delivery office
_AT_ONCE: Final = 500


class Parcel(Model):
    """A sealed envelope (phong bì niêm phong) or a bag (túi); `state` and `holder` are the fold of its events.

    An envelope bears the dossier's own label; `number` is the dossier's provisional number with `/E1`, `/E2` … (`/V1`
    for a result that goes back without an item). `bag` is the open or closed bag that it lies in, empty for none.
    """

    if TYPE_CHECKING:
        dossier_id: int | None

    uid = UidField(unique=True)
    number = TextField(unique=True)
    kind = TextField()  # envelope | bag
    way = TextField()  # forward | back
    office_id = TextField()
    agency = TextField()  # the authority at the other end
    dossier = Reference(Dossier, null=True)  # of an envelope
    papers = IntegerField(default=0)  # sheets' components inside an envelope
    state = TextField()
    holder = TextField()
    offered_to = TextField(default="")
    bag = TextField(default="")
    seal = TextField(default="")  # the number of the seal that it bears now
    seal_state = TextField(default="")  # intact | broken | missing | other; empty while it bears none
    closed_at = UtcField(null=True)  # of a bag: when it was closed with its seal
    done_at = UtcField(null=True)  # its way is over: taken over at the authority, or emptied
    created_at = UtcField()
    updated_at = UtcField()

    class Meta:
        indexes = (
            (("office_id", "kind", "way", "done_at"), False),
            (("holder", "done_at"), False),
            (("dossier", "way"), False),
        )


class ParcelEvent(Model):
    """One fact of a parcel's custody, appended only; `bag` is the bag that it lay in, or went into."""

    if TYPE_CHECKING:
        parcel_id: int

    uid = UidField(unique=True)
    parcel = Reference(Parcel)
    step = TextField()
    from_holder = TextField(default="")
    to_holder = TextField(default="")
    occurred_at = UtcField()
    recorded_at = UtcField()
    actor = TextField()
    device = TextField()
    device_seq = IntegerField(null=True)
    parent = UidField(null=True)
    capture = TextField(default="typed")  # camera | reader | typed
    bag = TextField(default="")
    upu_code = TextField(null=True)  # NULL where UPU has no event for it


class SealFact(Model):
    """What somebody saw of a seal (niêm phong), and when; added, never changed.

    `fact`: applied, intact, broken, missing, other (another number than the one that was applied), removed.
    """

    uid = UidField(unique=True)
    parcel = Reference(Parcel)
    seal = TextField()  # the number that should be there
    seen = TextField(default="")  # the number that was read, where it is another
    fact = TextField()
    seen_by = TextField()
    witness = TextField(default="")  # the holder of the other side: authority:<agency>, office:<id>
    at = UtcField()
    recorded_at = UtcField()


class BagLine(Model):
    """A thing in a bag: an item or an envelope. `inside` is its number while it lies in a bag, then NULL.

    Its uniqueness is what keeps one thing out of two bags, whatever races.
    """

    if TYPE_CHECKING:
        bag_id: int
        item_id: int | None
        parcel_id: int | None

    bag = Reference(Parcel)
    number = TextField()
    inside = TextField(null=True, unique=True)
    item = Reference(Item, null=True)
    parcel = Reference(Parcel, null=True)
    put_at = UtcField()
    put_by = TextField()
    out_at = UtcField(null=True)
    out_by = TextField(default="")


def parcel_of(number: str) -> Parcel | None:
    """The envelope or bag of this number; locked for the change inside writing()."""
    query = Parcel.select().where(Parcel.number == number)
    found: Parcel | None = (locked(query) if current().in_writing else query).first()
    return found


def events_of(parcel: Parcel) -> list[ParcelEvent]:
    """All events of a parcel in the order in which they were recorded."""
    return list(ParcelEvent.select().where(ParcelEvent.parcel == parcel).order_by(ParcelEvent.id))


def fold_of(parcel: Parcel, calendar: Calendar) -> Custody | None:
    """The custody of a parcel, folded from its events; None without any. RuleViolation for events that do not fit."""
    return fold((_entry(event) for event in events_of(parcel)), calendar)


def _entry(event: ParcelEvent) -> Entry:
    return Entry(
        event.uid,
        CustodyStep(event.step),
        event.occurred_at,
        event.actor,
        event.from_holder,
        event.to_holder,
        event.bag,
    )


def unfolded_parcels(calendar: Calendar) -> list[str]:
    """Envelopes and bags whose cached state is not the fold of their events, in words; inside a transaction."""
    problems, last = [], 0
    while some := list(Parcel.select().where(Parcel.id > last).order_by(Parcel.id).limit(_AT_ONCE)):
        last = some[-1].id
        for parcel in some:
            try:
                custody = fold_of(parcel, calendar)
            except (RuleViolation, ValueError) as error:
                problems.append(f"{parcel.number}: sự kiện không gấp được ({error}).")
                continue
            kept = parcel.state, parcel.holder, parcel.offered_to, parcel.bag
            if custody is None or (custody.state, custody.holder, custody.offered_to, custody.bag) != kept:
                problems.append(f"{parcel.number}: đang ghi “{parcel.state}”, sự kiện dẫn tới khác.")
    return problems


def seals_of(parcel: Parcel) -> list[SealFact]:
    """What was seen of a parcel's seals, oldest first."""
    return list(SealFact.select().where(SealFact.parcel == parcel).order_by(SealFact.id))


def lines_of(bag: Parcel) -> list[BagLine]:
    """What lies in a bag now, in the order it was put in."""
    inside = BagLine.inside.is_null(False)
    return list(BagLine.select().where((BagLine.bag == bag) & inside).order_by(BagLine.id))


def things_when_closed(bag: Parcel) -> int:
    """How many things lay in a bag when it was closed, whatever was taken out of it since."""
    later = BagLine.inside.is_null(False) | (BagLine.out_at >= bag.closed_at)
    return int(BagLine.select().where((BagLine.bag == bag) & later).count())


def bag_around(number: str) -> Parcel | None:
    """The bag that an item or envelope lies in now."""
    found: Parcel | None = Parcel.select().join(BagLine, on=BagLine.bag == Parcel.id).where(
        BagLine.inside == number
    ).first()  # fmt: skip
    return found


def envelopes_of(dossier: Dossier) -> list[Parcel]:
    """The envelopes of a dossier, oldest first."""
    mine = (Parcel.dossier == dossier) & (Parcel.kind == ENVELOPE)
    return list(Parcel.select().where(mine).order_by(Parcel.id))


def open_bags(office_id: str) -> list[Parcel]:
    """The office's bags whose way is not over, newest first."""
    mine = (Parcel.office_id == office_id) & (Parcel.kind == BAG) & Parcel.done_at.is_null()
    return list(Parcel.select().where(mine).order_by(Parcel.id.desc()))


def seal_is_used(seal: str, *, besides: int | None = None) -> Parcel | None:
    """The parcel that a seal of this number was put on before."""
    used: Any = (SealFact.seal == seal) & (SealFact.fact == "applied")
    if besides is not None:
        used &= SealFact.parcel != besides
    fact = SealFact.select(SealFact.parcel).where(used).first()
    return None if fact is None else Parcel.get_by_id(fact.parcel_id)


def parcels_by_id(ids: Collection[int]) -> dict[int, Parcel]:
    """Parcels by their ids."""
    return {one.id: one for one in Parcel.select().where(Parcel.id.in_(list(ids) or [-1]))}


def counts_inside(bags: Iterable[Parcel]) -> dict[int, int]:
    """How many things lie in each of these bags, by the bag's id."""
    found: dict[int, int] = {}
    wanted = [bag.id for bag in bags] or [-1]
    for line in BagLine.select(BagLine.bag).where(BagLine.bag.in_(wanted) & BagLine.inside.is_null(False)):
        found[line.bag_id] = found.get(line.bag_id, 0) + 1
    return found
