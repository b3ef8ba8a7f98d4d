"""Each question about a person to the province's registers: who asked, for which intake, and what matched."""

from __future__ import annotations

from datetime import datetime

from peewee import TextField

from agent.store.base import Model
from agent.store.fields import JsonField, UidField, UtcField


class LookUp(Model):
    """One question (lượt tra cứu); of the answer only whether things matched is kept, nothing that it said."""

    uid = UidField(unique=True)
    at = UtcField()
    username = TextField()
    office_id = TextField()
    terminal_id = TextField()
    draft_uid = UidField(index=True)
    kind = TextField()  # person | papers
    purpose = TextField()  # derived from the intake: "intake:<procedure>|<draft>"
    outcome = TextField()  # answered | absent | unavailable | unsupported | refused
    matches = JsonField(default=dict)  # name, birth, sex: true, false or null (not compared); papers: how many

    class Meta:
        indexes = ((("username", "at"), False),)


def asked_since(username: str, since: datetime) -> list[datetime]:
    """When this clerk asked about persons since then, oldest first; what reached nobody does not count."""
    mine = (LookUp.username == username) & (LookUp.at >= since) & LookUp.outcome.not_in(["unavailable", "unsupported"])
    mine &= LookUp.kind == "person"
    return [one.at for one in LookUp.select(LookUp.at).where(mine).order_by(LookUp.at)]
