"""Pages as they came from the scanner, and papers: signed PDF/A copies with their code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import IntegerField, TextField

from agent.domain.identifiers import parse_paper_code
from agent.errors import InvalidIdentifier
from agent.store.base import Model
from agent.store.dossiers import Component, Dossier
from agent.store.fields import JsonField, Reference, ShaField, UidField, UtcField


class Page(Model):
    """One page image: its raw bytes are in the vault under `sha256`."""

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    component = Reference(Component, null=True)
    position = IntegerField()
    name = TextField()
    sha256 = ShaField()
    media = TextField()
    width = IntegerField()
    height = IntegerField()
    dpi = IntegerField(null=True)
    origin = JsonField(default=dict)  # where it came from: device, kind, source, settings
    verdict = TextField()  # ports.Verdict
    reason = TextField(default="")
    findings = JsonField()
    seen = JsonField(default=dict)  # what was measured, as in PageImage.seen, without what codes say
    turn = IntegerField(default=0)  # degrees clockwise that the clerk turned it; the bytes stay
    accepted_by = TextField(default="")
    accepted_reason = TextField(default="")
    created_at = UtcField()

    class Meta:
        indexes = ((("dossier", "component", "position"), False), (("sha256", "turn"), False))


class Paper(Model):
    """A digitised paper (giấy tờ số hóa): one PDF/A-2b per component, signed by the clerk's act."""

    if TYPE_CHECKING:
        component_id: int

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    component = Reference(Component, unique=True)
    code = TextField(unique=True)
    file_name = TextField(default="")  # of the copy where it leaves the vault; names nobody
    name = TextField()
    pages = IntegerField()
    copy_sha256 = ShaField(index=True)
    copy_size = IntegerField()
    signed_sha256 = ShaField(null=True, index=True)
    signed_size = IntegerField(null=True)
    signer = TextField(default="")
    signed_at = UtcField(null=True)
    evidence = JsonField()
    created_at = UtcField()

    @property
    def shown(self) -> str:
        """The code without the owner's number, which the national form begins with: for screens, logs and lists."""
        try:
            return parse_paper_code(self.code).short
        except InvalidIdentifier:
            return self.code


def is_named(sha256: str) -> bool:
    """Whether a paper has this file as its copy or its signed copy."""
    return bool(Paper.select().where((Paper.copy_sha256 == sha256) | (Paper.signed_sha256 == sha256)).exists())
