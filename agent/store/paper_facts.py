"""What a digitised paper says of itself, for whom it may serve again, and which dossiers took one instead of a scan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.domain.dossier import Role
from agent.store.base import Model
from agent.store.dossiers import Component, Dossier, Party, Subject
from agent.store.fields import DateField, JsonField, Reference, ShaField, UidField, UtcField
from agent.store.papers import Paper


class PaperFacts(Model):
    """The entry of a paper in its owner's index (kho giấy tờ): personal data, erasable.

    Whose it is follows from the dossier's owner: no second copy of a person's number is kept.
    """

    paper = Reference(Paper, unique=True, on_delete="CASCADE")
    dossier = Reference(Dossier)
    number = TextField(default="")  # số, ký hiệu
    issued_on = DateField(null=True)
    issuer = TextField(default="")
    signed_by = TextField(default="")  # who signed the paper itself
    abstract = TextField(default="")  # trích yếu
    permanent = BooleanField(default=False)
    valid_until = DateField(null=True)
    procedures = JsonField(default=list)  # codes of the procedures that may use it again; empty: any
    agencies = JsonField(default=list)  # codes of the agencies that may; empty: any
    approved_at = UtcField(null=True)  # null: noted, not yet offered
    approved_by = TextField(default="")
    updated_at = UtcField()
    updated_by = TextField(default="")


class PaperUse(Model):
    """A component that a paper of an earlier dossier serves: the file by its hash, never a second scan."""

    if TYPE_CHECKING:
        component_id: int

    component = Reference(Component, unique=True)
    dossier = Reference(Dossier)  # the one that uses it
    source = Reference(Dossier)  # the one it was digitised for
    paper_uid = UidField(index=True)
    code = TextField()
    sha256 = ShaField(index=True)  # of the signed copy
    size = IntegerField()
    pages = IntegerField()
    at = UtcField()
    by = TextField()


def facts_of(paper: Paper) -> PaperFacts | None:
    """A paper's entry in its owner's index."""
    found: PaperFacts | None = PaperFacts.get_or_none(PaperFacts.paper == paper)
    return found


def papers_of_owner(id_number: str, office_id: str, *, limit: int = 200) -> list[tuple[Paper, PaperFacts | None]]:
    """Signed papers, newest first, of the dossiers of an office whose owner has this number and is not erased."""
    named = Subject.select(Subject.id).where((Subject.id_number == id_number) & Subject.erased_at.is_null())
    owned = Party.select(Party.dossier).where(Party.subject.in_(named) & (Party.role == Role.OWNER))
    mine = (Dossier.office_id == office_id) & Dossier.id.in_(owned) & Paper.signed_sha256.is_null(False)
    query = Paper.select(Paper, Dossier, Component).join(Dossier).switch(Paper).join(Component).where(mine)
    papers = list(query.order_by(Paper.id.desc()).limit(limit))
    entries = PaperFacts.select().where(PaperFacts.paper.in_([paper.id for paper in papers] or [-1]))
    known = {entry.__data__["paper"]: entry for entry in entries}
    return [(paper, known.get(paper.id)) for paper in papers]


def paper_by_code(code: str) -> Paper | None:
    """The signed paper of this code."""
    found: Paper | None = Paper.get_or_none((Paper.code == code) & Paper.signed_sha256.is_null(False))
    return found


def uses_of(components: Iterable[Component]) -> dict[int, PaperUse]:
    """By component, which paper serves it again."""
    wanted = [component.id for component in components]
    return {use.component_id: use for use in PaperUse.select().where(PaperUse.component.in_(wanted or [-1]))}


def forget_entries(dossier: Dossier) -> None:
    """Delete the entries of a dossier's papers: they are not offered any more. Inside writing()."""
    PaperFacts.delete().where(PaperFacts.dossier == dossier).execute()


def forget(dossier: Dossier) -> None:
    """Delete the entries of a dossier's papers, and what tells whose papers it used. Inside writing()."""
    forget_entries(dossier)
    for use in PaperUse.select().where((PaperUse.dossier == dossier) | (PaperUse.source == dossier)):
        PaperUse.update(code="").where(PaperUse.id == use.id).execute()
    Component.update(reused_from="").where((Component.dossier == dossier) & (Component.reused_from != "")).execute()
