"""Results that wait at the authorities (danh sách có kết quả), as the status feed told of them."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import JOIN

from agent.domain.dossier import ReturnWay
from agent.store.bags import BACK, ENVELOPE, Parcel
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result


@dataclass(frozen=True)
class Ready:
    """What the authority hands over for one dossier in one way: with its item where it has one already."""

    dossier: Dossier
    results: tuple[Result, ...]
    way: ReturnWay
    item: Item | None

    @property
    def agency(self) -> str:
        """The authority that holds it."""
        return str(self.dossier.agency)


def ready_results(office_id: str, agency: str = "") -> list[Ready]:
    """Paper results of an office that are still at the authority, the longest waiting first; inside reading().

    `agency` narrows them to one authority. Results of one dossier that go the same way are handed over together.
    """
    mine = (Dossier.office_id == office_id) & (Result.form == "paper") & (Result.state != "delivered")
    if agency:
        mine &= Dossier.agency == agency
    waiting = (Result.state == "ready") | ((Item.state == "registered") & Item.holder.startswith("authority:"))
    query = Result.select(Result, Dossier, Item).join(Dossier).switch(Result).join(Item, JOIN.LEFT_OUTER)
    taken = _taken_over(office_id)
    groups: dict[tuple[int, ReturnWay], list[Result]] = {}
    for result in query.where(mine & waiting).order_by(Result.ready_at, Result.id):
        if counter_number(result.dossier, result) not in taken:
            groups.setdefault((result.dossier.id, result.way), []).append(result)
    return [
        Ready(held[0].dossier, tuple(held), way, next((one.item for one in held if one.item is not None), None))
        for (_, way), held in groups.items()
    ]


def agencies_with_results(office_id: str) -> dict[str, list[Ready]]:
    """The results that wait, by authority."""
    found: dict[str, list[Ready]] = {}
    for one in ready_results(office_id):
        found.setdefault(one.agency, []).append(one)
    return found


def counter_number(dossier: Dossier, result: Result) -> str:
    """The number of the envelope in which a result that needs no courier comes from the authority."""
    return f"{dossier.provisional}/V{result.id}"


def _taken_over(office_id: str) -> set[str]:
    """The envelopes of results that were collected: such a result stays `ready` until it is picked up."""
    mine = (Parcel.office_id == office_id) & (Parcel.way == BACK) & (Parcel.kind == ENVELOPE)
    return {str(one.number) for one in Parcel.select(Parcel.number).where(mine)}
