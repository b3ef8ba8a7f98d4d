"""Values taken from papers (bóc tách dữ liệu): one row a field of a component, personal data, gone with the dossier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from peewee import IntegerField, TextField

from agent.store.base import Model
from agent.store.dossiers import Component, Dossier
from agent.store.fields import JsonField, Reference, UidField, UtcField

PROPOSED, CONFIRMED, CORRECTED, ABSENT = "proposed", "confirmed", "corrected", "absent"
SETTLED: Final = (CONFIRMED, CORRECTED, ABSENT)  # a person's word, which no reading changes
GOOD: Final = (CONFIRMED, CORRECTED)


class Value(Model):
    """One field of a paper: what was read of it, and what a person said of that."""

    if TYPE_CHECKING:
        component_id: int

    dossier = Reference(Dossier)
    component = Reference(Component)
    field = TextField()  # a code of the extraction rules: "number", "issued_on", "holder_name" …
    value = TextField(default="")  # as it counts: a day in ISO form, a number without spaces, a name in NFC
    read = TextField(default="")  # the same as it was last read, whatever a person made of it
    confidence = IntegerField(default=0)  # of what was read, 0 to 100
    page = UidField(null=True)  # uid of the page where it stands
    box = JsonField(default=list)  # agent.domain.extraction.Box
    source = TextField(default="")  # text | mrz | qr | clerk
    doubt = TextField(default="")  # a code: why it is not believed as it stands
    state = TextField(default=PROPOSED)
    by = TextField(default="")
    at = UtcField()

    class Meta:
        table_name = "extracted_value"  # VALUE is a word of SQL
        indexes = ((("component", "field"), True),)


class ExtractionRun(Model):
    """From what a component's values were last taken, so that the same is not done twice."""

    dossier = Reference(Dossier)
    component = Reference(Component, unique=True)
    mark = TextField()  # changes with the pages, their text and the rules
    kind = TextField(default="")  # the type of paper whose rules were used
    unread = IntegerField(default=0)  # pages whose text was not there yet
    at = UtcField()


def values_of_component(component: Component) -> dict[str, Value]:
    """A component's rows by field."""
    return {row.field: row for row in Value.select().where(Value.component == component)}


def values_of_dossier(dossier: Dossier) -> dict[int, dict[str, Value]]:
    """All rows of a dossier by component id and field."""
    held: dict[int, dict[str, Value]] = {}
    for row in Value.select().where(Value.dossier == dossier):
        held.setdefault(row.component_id, {})[row.field] = row
    return held


def run_of(component: Component) -> ExtractionRun | None:
    """The component's last run."""
    found: ExtractionRun | None = ExtractionRun.get_or_none(ExtractionRun.component == component)
    return found


def keep_run(run: ExtractionRun) -> None:
    """Replace the component's last run."""
    ExtractionRun.delete().where(ExtractionRun.component == run.component).execute()
    run.save(force_insert=True)


def forget_values(component: Component, fields: Iterable[str]) -> None:
    """Drop rows that no reading makes any more."""
    gone = (Value.component == component) & Value.field.in_(list(fields) or [""])
    Value.delete().where(gone).execute()


def erase_values(dossier: Dossier) -> None:
    """Remove everything that was taken from the dossier's papers."""
    Value.delete().where(Value.dossier == dossier).execute()
    ExtractionRun.delete().where(ExtractionRun.dossier == dossier).execute()
