"""Write facts of custody down: event, the item's cached fold and the journal, for many facts in few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from agent.clock import Ids
from agent.domain.custody import Custody
from agent.domain.custody_order import Link
from agent.domain.custody_steps import upu_code
from agent.store import gathered, journal, rows
from agent.store.base import require_writing
from agent.store.custody_chain import Chain, summary
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent
from agent.store.requests import ScreenEvent

_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Detail:
    """What is kept of a fact beside what the fold needs."""

    capture: str = "typed"
    note: str = ""
    origin: UUID | None = None
    journal: Mapping[str, Any] = field(default_factory=dict)  # ids, codes and digests for the journal's body


class Keeper:
    """Collects facts inside one write transaction; `save` writes them."""

    def __init__(self, *, at: datetime, terminal_id: str, ids: Ids) -> None:
        require_writing("custody_keeping.Keeper")
        self.at, self._terminal, self._ids = at, terminal_id, ids
        self._events: list[dict[str, Any]] = []
        self._links: list[tuple[Chain, Link]] = []
        self._journal: list[dict[str, Any]] = []
        self._chains: dict[int, Chain] = {}
        self._moved: set[int] = set()
        self._dossiers: dict[int, tuple[UUID, str]] = {}

    def add(self, chain: Chain, link: Link, index: int, custody: Custody, detail: Detail) -> None:
        """One fact of an item at this index of its chain, with the fold that it leads to."""
        before = chain.custody
        at_end = index == len(chain.links)
        chain.links.insert(index, link)
        chain.row_ids.insert(index, None)
        chain.custody = custody
        self._chains[chain.item.id] = chain
        if not at_end:
            self._moved.add(chain.item.id)
        self._events.append(self._row(chain, link, index, before.state if before and at_end else None, detail))
        self._write_down(chain, link, detail)

    def _row(self, chain: Chain, link: Link, index: int, state: Any, detail: Detail) -> dict[str, Any]:
        entry = link.entry
        return {
            "uid": entry.uid, "item": chain.item.id, "step": entry.step.value, "from_holder": entry.from_holder,
            "to_holder": entry.to_holder, "occurred_at": entry.occurred_at, "recorded_at": self.at,
            "actor": entry.actor, "device": link.device or self._terminal, "device_seq": link.seq,
            "parent": link.parent, "capture": detail.capture, "reason": entry.reason.value if entry.reason else "",
            "action": entry.action.value if entry.action else "", "upu_code": upu_code(entry.step, state) or "",
            "note": detail.note, "evidence": sorted(entry.evidence), "place": index, "bag": entry.bag,
            "corrects": entry.corrects, "countersigned_by": entry.countersigned_by, "declined": entry.declined,
            "uncertain_ms": int(link.doubt.total_seconds() * 1000), "origin": detail.origin,
        }  # fmt: skip

    def _write_down(self, chain: Chain, link: Link, detail: Detail) -> None:
        item, entry, custody = chain.item, link.entry, chain.custody
        assert custody is not None
        uid, office_id = self._dossier(item.dossier_id)
        body = {
            "dossier": str(uid), "item": item.number, "event": str(entry.uid), "from_holder": entry.from_holder,
            "to_holder": entry.to_holder, "reason": entry.reason or "", "action": entry.action or "",
            "proof": "", "state": custody.state.value,
            **({"bag": entry.bag} if entry.bag else {}),
            **({"corrects": str(entry.corrects)} if entry.corrects else {}),
            **({"countersigned_by": entry.countersigned_by} if entry.countersigned_by else {}),
            **({"parent": str(link.parent)} if link.parent else {}),
            **detail.journal,
        }  # fmt: skip
        self._journal.append(
            {
                "kind": entry.step.value, "uid": self._ids.uid(), "at": self.at,
                "actor": entry.countersigned_by or entry.actor, "office_id": office_id,
                "dossier_id": item.dossier_id, "body": body,
            }
        )  # fmt: skip

    def _dossier(self, row_id: int) -> tuple[UUID, str]:
        if row_id not in self._dossiers:
            self._dossiers[row_id] = gathered.once(_name(row_id), lambda: _uid_and_office(row_id))
        return self._dossiers[row_id]

    def know_dossiers(self, ids: list[int]) -> None:
        """Read uid and office of these dossiers in one query."""
        for start in range(0, len(ids), 500):
            query: Any = Dossier.select(Dossier.id, Dossier.uid, Dossier.office_id)
            for row_id, uid, office in query.where(Dossier.id.in_(ids[start : start + 500])).tuples():
                self._dossiers[row_id] = (uid, office)
                gathered.know(_name(row_id), (uid, office))

    def save(self) -> None:
        """Write what was collected."""
        for start in range(0, len(self._events), _AT_ONCE):
            rows.insert(CustodyEvent, *self._events[start : start + _AT_ONCE])
        self._renumber()
        for chain in self._chains.values():
            assert chain.custody is not None
            values = {**summary(chain.custody), "updated_at": self.at}
            rows.change(type(chain.item), chain.item.id, **values)
            for name, value in values.items():
                setattr(chain.item, name, value)
        journal.extend("custody", self._journal, terminal_id=self._terminal)
        self._tell()
        self._events, self._journal, self._chains, self._moved = [], [], {}, set()

    def _renumber(self) -> None:
        """Give each event of an item into whose order something was put its new place."""
        for item_id in self._moved:
            for place, link in enumerate(self._chains[item_id].links):
                CustodyEvent.update(place=place).where(
                    (CustodyEvent.uid == link.entry.uid) & (CustodyEvent.place != place)
                ).execute()

    def _tell(self) -> None:
        """Tell the screens of the offices which dossiers changed, and how they changed last."""
        last = {entry["dossier_id"]: entry["kind"] for entry in self._journal}
        told = [
            {"at": self.at, "office_id": self._dossiers[row_id][1], "terminal_id": self._terminal, "kind": kind,
             "dossier_uid": self._dossiers[row_id][0]}
            for row_id, kind in last.items()
        ]  # fmt: skip
        for start in range(0, len(told), _AT_ONCE):
            gathered.add(ScreenEvent, *told[start : start + _AT_ONCE])


def _name(row_id: int) -> tuple[str, int]:
    return "dossier", row_id


def _uid_and_office(row_id: int) -> tuple[UUID, str]:
    """What of a dossier never changes."""
    found = rows.first(Dossier, id=row_id)
    assert found is not None
    return found.uid, found.office_id
