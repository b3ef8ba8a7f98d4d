"""Keep what a comparison found: one row a difference, as long as it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.buckets import in_scope
from agent.reconcile.explain import NAME, OWNER_NAME, REPAIRS, Finding, Kind, Owner, Repair, suggestion
from agent.site import Site
from agent.store.progress import announce
from agent.store.reconciliation import Difference, Run

GONE = "gone"  # how a difference is closed that the next comparison no longer finds


@dataclass(frozen=True)
class Found:
    """An open difference with all that its page shows; `pending` names the repair that waits for a second person."""

    uid: UUID
    kind: Kind
    owner: Owner
    key: str
    number: str
    bucket: str
    age: timedelta
    ours: dict[str, Any]
    theirs: dict[str, Any]
    explanation: str
    suggestion: str
    repairs: tuple[Repair, ...]
    pending: str = ""
    pending_by: str = ""
    reason: str = ""

    def plain(self) -> dict[str, Any]:
        """Plain JSON; `age` in whole seconds."""
        return {
            "uid": str(self.uid),
            "kind": self.kind.value,
            "kind_words": NAME[self.kind],
            "owner": self.owner.value,
            "owner_words": OWNER_NAME[self.owner],
            "key": self.key,
            "number": self.number,
            "bucket": self.bucket,
            "age": int(self.age.total_seconds()),
            "ours": self.ours,
            "theirs": self.theirs,
            "explanation": self.explanation,
            "suggestion": self.suggestion,
            "repairs": [one.value for one in self.repairs],
            "pending": self.pending,
        }


def record(
    site: Site, *, office: str, scope: str, day: date | None, found: Sequence[tuple[str, Finding]], flying: set[str],
    compared: int, exchanged: int, trips: int, in_flight: int, by: Actor | None,
) -> UUID:  # fmt: skip
    """Save the run, its differences, and close those that are gone; the run's uid."""
    now = site.clock.now()
    with site.store.writing():
        run = Run.create(
            uid=site.ids.uid(), office_id=office, at=now, day=day.isoformat() if day else "", compared=compared,
            in_flight=in_flight, differences=0, exchanged=exchanged, trips=trips,
        )  # fmt: skip
        held = {(row.key, row.kind): row for row in _open(office)}
        explained = _explained(office, [one.key for _, one in found])
        kept = [(bucket, one) for bucket, one in found if not _same_as_explained(explained, one)]
        for bucket, one in kept:
            _keep(site, run, office, bucket, one, held.get((one.key, one.kind.value)), now)
        still = {(one.key, one.kind.value) for _, one in kept}
        for row in held.values():
            here = in_scope(row.bucket, scope)
            if here and (row.key, row.kind) not in still and row.key not in flying:
                row.closed_at, row.closed_by, row.repair = now, "system", GONE
                row.save()
        run.differences = len(kept)
        run.save()
        terminal = by.terminal_id if by else site.settings.terminal.id
        announce("reconciled", at=now, office_id=office, terminal_id=terminal)
    uid: UUID = run.uid
    return uid


def open_found(office: str, *, now: datetime, run: UUID | None = None) -> list[Found]:
    """The open differences of an office, oldest first; only those that `run` saw when it is given."""
    seen = None if run is None else Run.get(Run.uid == run)
    return [found_of(row, now) for row in _open(office) if seen is None or row.run == seen]


def found_of(row: Difference, now: datetime) -> Found:
    """A stored difference as it is shown."""
    kind = Kind(row.kind)
    return Found(
        uid=row.uid,
        kind=kind,
        owner=Owner(row.owner),
        key=row.key,
        number=row.number,
        bucket=row.bucket,
        age=now - row.found_at,
        ours=row.ours,
        theirs=row.theirs,
        explanation=row.explanation,
        suggestion=suggestion(kind),
        repairs=REPAIRS[kind],
        pending=row.repair,
        pending_by=row.closed_by,
        reason=row.reason,
    )


def _open(office: str) -> list[Difference]:
    mine = (Difference.office_id == office) & Difference.closed_at.is_null()
    return list(Difference.select().where(mine).order_by(Difference.id))


def _keep(site: Site, run: Run, office: str, bucket: str, one: Finding, row: Difference | None, now: datetime) -> None:
    facts = {
        "run": run,
        "number": one.number,
        "owner": one.owner.value,
        "ours": one.ours,
        "theirs": one.theirs,
        "explanation": one.explanation,
    }
    if row is not None:
        if row.repair and (row.ours, row.theirs) != (one.ours, one.theirs):
            facts |= {"repair": "", "closed_by": "", "reason": ""}  # proposed for other facts: to be proposed anew
        Difference.update(**facts).where(Difference.id == row.id).execute()
        return
    Difference.insert(
        uid=site.ids.uid(), office_id=office, bucket=bucket, key=one.key, kind=one.kind.value, found_at=now, **facts
    ).execute()


def _explained(office: str, keys: list[str]) -> dict[tuple[str, str], Difference]:
    """The newest explanation that two people signed, by dossier and kind."""
    chosen = (Difference.office_id == office) & (Difference.repair == Repair.EXPLAIN.value)
    chosen &= Difference.key.in_(keys or [""]) & Difference.closed_at.is_null(False)
    return {(row.key, row.kind): row for row in Difference.select().where(chosen).order_by(Difference.id)}


def _same_as_explained(explained: dict[tuple[str, str], Difference], one: Finding) -> bool:
    """Whether just this was explained before; anything that changed since is a new difference."""
    row = explained.get((one.key, one.kind.value))
    return row is not None and (row.ours, row.theirs) == (one.ours, one.theirs)
