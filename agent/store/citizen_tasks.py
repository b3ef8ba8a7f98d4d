"""What the citizen has to be told about a dossier (việc báo công dân), until a clerk says that it was done."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from peewee import IntegerField, TextField, fn

from agent.domain.citizen_news import News
from agent.store import rows
from agent.store.base import Model
from agent.store.dossiers import Dossier
from agent.store.fields import EnumField, JsonField, Reference, UidField, UtcField


class CitizenTask(Model):
    """One task of the desk; `facts` holds instants, codes and amounts, no names."""

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    office_id = TextField()
    kind = EnumField(News)
    version = IntegerField()  # of the status message that raised it
    facts = JsonField(default=dict)
    raised_at = UtcField()
    until = UtcField(null=True)  # by when it has to be done, where the province set a time
    done_at = UtcField(null=True)
    done_by = TextField(default="")  # user name; "province" when what was asked fell away
    way = TextField(default="")  # phone | counter | message

    class Meta:
        indexes = ((("dossier", "kind", "version"), True), (("office_id", "done_at", "id"), False))


def raise_task(
    dossier: Dossier, kind: News, *, uid: Any, version: int, at: datetime, until: datetime | None = None, **facts: Any
) -> bool:
    """Add a task once for a message of the feed; whether it is new. Inside writing()."""
    known = (CitizenTask.dossier == dossier) & (CitizenTask.kind == kind) & (CitizenTask.version == version)
    if CitizenTask.select().where(known).exists():
        return False
    rows.create(
        CitizenTask, uid=uid, dossier=dossier, office_id=dossier.office_id, kind=kind, version=version, facts=facts,
        raised_at=at, until=until,
    )  # fmt: skip
    return True


def settle(dossier: Dossier, kinds: Collection[News], *, by: str, at: datetime, way: str = "") -> int:
    """Say that the open tasks of these kinds are done; how many were. Inside writing()."""
    mine = [{"dossier": dossier.id, "kind": kind, "done_at": None} for kind in kinds]
    return sum(rows.change_where(CitizenTask, one, done_at=at, done_by=by, way=way) for one in mine)


def open_tasks(dossier: Dossier) -> list[CitizenTask]:
    """What the citizen is still to be told, oldest first."""
    mine = (CitizenTask.dossier == dossier) & CitizenTask.done_at.is_null()
    return list(CitizenTask.select().where(mine).order_by(CitizenTask.id))


def newest(dossier: Dossier, kind: News) -> CitizenTask | None:
    """The newest task of a kind, done or not."""
    mine = (CitizenTask.dossier == dossier) & (CitizenTask.kind == kind)
    found: CitizenTask | None = CitizenTask.select().where(mine).order_by(CitizenTask.id.desc()).first()
    return found


def count_open(office_id: str) -> int:
    """How many dossiers of an office have something that the citizen was not told yet."""
    found: Any = CitizenTask.select(fn.COUNT(CitizenTask.dossier.distinct())).where(_open(office_id)).scalar()
    return int(found or 0)


def with_open_tasks(office_id: str) -> Any:
    """The query of ids of those dossiers."""
    return CitizenTask.select(CitizenTask.dossier).where(_open(office_id)).distinct()


def _open(office_id: str) -> Any:
    return (CitizenTask.office_id == office_id) & CitizenTask.done_at.is_null()
