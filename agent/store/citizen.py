"""What the office keeps for the citizen's sake: wishes, the office's switches, surveys, feedback, the office's keys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.store import rows
from agent.store.base import Model
from agent.store.dossiers import Dossier
from agent.store.fields import Reference, UidField, UtcField


class Switch(StrEnum):
    """What an office may turn on or off for its citizens."""

    NOTICES = "notices"  # messages to citizens' phones
    PHONE_TRACKING = "phone_tracking"  # tracking by number and the last four digits of the phone


BY_DEFAULT = {Switch.NOTICES: True, Switch.PHONE_TRACKING: False}


class OfficeSwitch(Model):
    """One turn of a switch; the newest row of an office says how it stands."""

    office_id = TextField()
    name = TextField()
    on = BooleanField()
    at = UtcField()
    by = TextField()

    class Meta:
        indexes = ((("office_id", "name", "id"), False),)


class NoticeWish(Model):
    """Whether the citizen of a dossier wants messages; without a row the office's rule says."""

    dossier = Reference(Dossier, unique=True)
    wanted = BooleanField()
    at = UtcField()
    by = TextField()


class Survey(Model):
    """The citizen's answer (đánh giá hài lòng), one a dossier; `words` is free text, erasable."""

    if TYPE_CHECKING:
        dossier_id: int

    dossier = Reference(Dossier, unique=True)
    office_id = TextField()
    score = IntegerField()  # 1 very dissatisfied … 5 very satisfied
    words = TextField(default="")
    answered_at = UtcField()
    changed_at = UtcField()
    fixed_at = UtcField()  # from then on it cannot be changed, and is reported
    state = TextField(default="open")  # open | reported | kept: the province's system takes none

    class Meta:
        indexes = ((("state", "fixed_at"), False), (("office_id", "answered_at"), False))


class Feedback(Model):
    """Feedback or a recommendation (phản ánh, kiến nghị); `words` and `answer` are free text, erasable."""

    if TYPE_CHECKING:
        dossier_id: int

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    office_id = TextField()
    kind = TextField()  # feedback | recommendation
    words = TextField()
    received_at = UtcField()
    due_at = UtcField()
    state = TextField(default="open")  # open | answered
    answer = TextField(default="")
    answered_at = UtcField(null=True)
    answered_by = TextField(default="")
    exported_at = UtcField(null=True)

    class Meta:
        indexes = ((("office_id", "state", "due_at"), False),)


class OfficeKey(Model):
    """A public key that receipts of an office are signed with; the private one never leaves its terminal's folder."""

    kid = TextField(unique=True)
    office_id = TextField(index=True)
    terminal_id = TextField()
    public = TextField()  # base64url of the 32 bytes of the Ed25519 key
    training = BooleanField()
    made_at = UtcField()


def is_on(office_id: str, switch: Switch) -> bool:
    """How a switch of an office stands."""
    mine = (OfficeSwitch.office_id == office_id) & (OfficeSwitch.name == switch.value)
    found = OfficeSwitch.select(OfficeSwitch.on).where(mine).order_by(OfficeSwitch.id.desc()).first()
    return bool(found.on) if found is not None else BY_DEFAULT[switch]


def turn(office_id: str, switch: Switch, on: bool, *, by: str, at: datetime) -> None:
    """Turn a switch; who turned it and when stays. Inside writing()."""
    rows.create(OfficeSwitch, office_id=office_id, name=switch.value, on=on, at=at, by=by)


def turns(office_id: str, *, limit: int = 20) -> list[OfficeSwitch]:
    """Who turned which switch, newest first."""
    mine = OfficeSwitch.office_id == office_id
    return list(OfficeSwitch.select().where(mine).order_by(OfficeSwitch.id.desc()).limit(limit))


def wish_of(dossier: Dossier) -> bool | None:
    """Whether the citizen said to want messages; None when nobody asked."""
    found = rows.first(NoticeWish, dossier=dossier.id)
    return None if found is None else bool(found.wanted)


def keep_wish(dossier: Dossier, wanted: bool, *, by: str, at: datetime) -> None:
    """Keep what the citizen wants, in place of what was said before. Inside writing()."""
    changed = NoticeWish.update(wanted=wanted, at=at, by=by).where(NoticeWish.dossier == dossier).execute()
    if not changed:
        rows.create(NoticeWish, dossier=dossier, wanted=wanted, at=at, by=by)


def forget(dossier: Dossier) -> None:
    """Empty the citizen's free words and drop the wish, in the caller's write transaction; scores and dates stay."""
    Survey.update(words="").where(Survey.dossier == dossier).execute()
    Feedback.update(words="", answer="").where(Feedback.dossier == dossier).execute()
    NoticeWish.delete().where(NoticeWish.dossier == dossier).execute()
