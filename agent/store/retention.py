"""What was erased because its time was over, what still has to be, and what may not be: holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import SQL, TextField, fn

from agent.domain.dossier import ENDED
from agent.domain.jobs import FINAL, JobState
from agent.domain.retention import Kind
from agent.store.base import Model, locked, require_writing
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.fields import Reference, ShaField, UtcField
from agent.store.outbox import Job
from agent.store.reconciliation import Difference, Run

Lying = tuple[str, str]  # id of a terminal, SHA-256 of an object of its vault


class DossierHold(Model):
    """A dispute, complaint or inquiry: nothing of this dossier is erased until it is released."""

    dossier = Reference(Dossier)
    reason = TextField()  # a code or a file number of the case, no names
    by = TextField()
    at = UtcField()
    released_at = UtcField(null=True)
    released_by = TextField(default="")


class Retired(Model):
    """A kind of a dossier's material whose time was over: written before anything is erased."""

    dossier = Reference(Dossier)
    kind = TextField()  # domain.retention.Kind
    at = UtcField()

    class Meta:
        indexes = ((("dossier", "kind"), True),)


class ErasedObject(Model):
    """A file that a dossier's rows name and that is gone from a terminal's vault, or has to go: `done_at` says it is.

    A row for each terminal that may hold it; only that terminal can say that nothing of it is left there.
    The row comes first, the key goes after it: whatever happens between, the row says that nobody may read the object,
    and the next step erases it.
    """

    dossier = Reference(Dossier)
    sha256 = ShaField(index=True)
    terminal_id = TextField()
    at = UtcField()
    done_at = UtcField(null=True)

    class Meta:
        indexes = ((("dossier", "sha256", "terminal_id"), True), (("terminal_id", "done_at"), False))


def is_held(dossier: Dossier) -> bool:
    """Whether somebody asked that nothing of the dossier be erased."""
    return bool(DossierHold.select().where(_holds(dossier)).exists())


def holds(dossier: Dossier) -> list[DossierHold]:
    """The holds that are in force."""
    return list(DossierHold.select().where(_holds(dossier)).order_by(DossierHold.id))


def _holds(dossier: Dossier) -> Any:
    return (DossierHold.dossier == dossier) & DossierHold.released_at.is_null()


def candidates(
    kind: Kind, ended_before: datetime, terminal_id: str, *, limit: int, only: Dossier | None = None
) -> list[Dossier]:
    """Dossiers of a terminal that ended before then, still have this kind and are free to lose it, oldest first.

    `only`: whether that one is among them.
    """
    done = _of(only, Retired.dossier, Retired.select(Retired.dossier).where(Retired.kind == kind.value))
    wanted = _ended(terminal_id, ended_before) & Dossier.id.not_in(done)
    if only is not None:
        wanted &= Dossier.id == only.id
    for free in _free(only).values():
        wanted &= free
    return list(Dossier.select().where(wanted).order_by(Dossier.id).limit(limit))


def kept(kind: Kind, ended_before: datetime, terminal_id: str, *, limit: int) -> list[tuple[Dossier, list[str]]]:
    """Dossiers whose time is over for this kind and that may not lose it, each with why."""
    done = Retired.select(Retired.dossier).where(Retired.kind == kind.value)
    wanted, free = _ended(terminal_id, ended_before) & Dossier.id.not_in(done), _free()
    one_of: Any = None
    for condition in free.values():
        one_of = ~condition if one_of is None else one_of | ~condition
    found = []
    for dossier in Dossier.select().where(wanted & one_of).order_by(Dossier.id).limit(limit):
        here = Dossier.id == dossier.id
        found.append((dossier, [why for why, one in free.items() if not Dossier.select().where(here & one).exists()]))
    return found


def _ended(terminal_id: str, before: datetime) -> Any:
    ended = (Dossier.closed_at < before) | (Dossier.closed_at.is_null() & (Dossier.updated_at < before))
    mine = (Dossier.terminal_id == terminal_id) & Dossier.state.in_(list(ENDED)) & (Dossier.salt != b"")
    return mine & ended


def _of(only: Dossier | None, column: Any, query: Any) -> Any:
    """The rows of the one dossier that is asked about: a whole archive is not read through for it."""
    return query if only is None else query.where(column == only.id)


def _free(only: Dossier | None = None) -> dict[str, Any]:
    """What must hold of a dossier before anything of it goes, by the words for when it does not."""
    held = DossierHold.select(DossierHold.dossier).where(DossierHold.released_at.is_null())
    disputed = Difference.select(Difference.key).where(Difference.closed_at.is_null())
    if only is not None:
        disputed = disputed.where(Difference.key == only.provisional)
    open_jobs = Job.select(Job.dossier_id).where(
        (Job.lane == "handoff") & Job.state.not_in([*FINAL, JobState.REJECTED]) & Job.dossier_id.is_null(False)
    )
    day: Any = Run.office_id.concat("|").concat(Run.day)
    compared = Run.select(SQL("1")).where(
        (Run.office_id == LedgerRow.office_id)
        & (Run.at >= LedgerRow.changed_at)
        & ((Run.day == "") | (LedgerRow.bucket == day))
    )
    agreed = _of(only, LedgerRow.dossier, LedgerRow.select(LedgerRow.dossier).where(fn.EXISTS(compared)))
    sent = Job.select(Job.dossier_id).where(Job.kind.in_(["submit", "supplement"]) & (Job.state == JobState.ACKED))
    open_jobs, sent = _of(only, Job.dossier_id, open_jobs), _of(only, Job.dossier_id, sent)
    return {
        "đang bị giữ theo yêu cầu": Dossier.id.not_in(_of(only, DossierHold.dossier, held)),
        "còn khác biệt đối soát chưa xử lý": Dossier.provisional.not_in(disputed),
        "còn việc chưa gửi xong với tỉnh": Dossier.id.not_in(open_jobs),
        "chưa đối soát với tỉnh từ lần thay đổi cuối": Dossier.id.not_in(sent) | Dossier.id.in_(agreed),
    }


def doom(dossier: Dossier, files: Iterable[Lying], *, at: datetime) -> None:
    """Write down that these objects have to go from these terminals' vaults. Inside writing()."""
    require_writing("retention.doom")
    wanted = set(files)
    mine = ErasedObject.dossier == dossier
    known = {(one.terminal_id, one.sha256): one for one in ErasedObject.select().where(mine)}
    for terminal_id, sha256 in sorted(wanted - known.keys()):
        ErasedObject.create(dossier=dossier, sha256=sha256, terminal_id=terminal_id, at=at)
    again = [known[key].id for key in wanted & known.keys()]
    ErasedObject.update(done_at=None, at=at).where(ErasedObject.id.in_(again or [0])).execute()


def doomed(terminal_id: str, *, limit: int) -> list[ErasedObject]:
    """Objects at a terminal that have to go, are not known to be gone and are free to go, oldest first."""
    mine = (ErasedObject.terminal_id == terminal_id) & ErasedObject.done_at.is_null() & ~_spared()
    return list(ErasedObject.select().where(mine).order_by(ErasedObject.id).limit(limit))


def is_spared(one: ErasedObject) -> bool:
    """Whether it stays for now, though its time is over: its dossier is held."""
    return bool(ErasedObject.select().where((ErasedObject.id == one.id) & _spared()).exists())


def _spared() -> Any:
    """Not known to be gone, and of a dossier that is held; once its person is erased, no hold keeps anything."""
    held = (
        DossierHold.select(SQL("1"))
        .join(Dossier)
        .where(
            (DossierHold.dossier == ErasedObject.dossier) & DossierHold.released_at.is_null() & (Dossier.salt != b"")
        )
    )
    return ErasedObject.done_at.is_null() & fn.EXISTS(held)


def gone(one: ErasedObject, *, at: datetime) -> None:
    """The object is gone from the terminal's vault, whichever dossiers it was of. Inside writing()."""
    here = (ErasedObject.sha256 == one.sha256) & (ErasedObject.terminal_id == one.terminal_id)
    for row in locked(ErasedObject.select().where(here)):
        settle(row, at=at)


def settle(one: ErasedObject, *, at: datetime) -> None:
    """Nothing is to be done for this row any more: another dossier needs the object. Inside writing()."""
    ErasedObject.update(done_at=at).where(ErasedObject.id == one.id).execute()


def over_among(files: Iterable[str]) -> set[tuple[str, int]]:
    """Which of these objects may not be read any more in which dossier, whose id stands beside."""
    rows: Any = ErasedObject.select(ErasedObject.sha256, ErasedObject.dossier)
    return set(rows.where(ErasedObject.sha256.in_(list(files) or [None]) & ~_spared()).tuples())


def over_in(dossier: Dossier) -> set[str]:
    """Which kinds of a dossier's material are gone because their time was over."""
    return {row.kind for row in Retired.select().where(Retired.dossier == dossier)}
