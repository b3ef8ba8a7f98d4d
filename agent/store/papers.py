"""Pages as they came from the scanner, and papers: signed PDF/A copies with their code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import IntegerField, TextField

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
    verdict = TextField()  # ports.Verdict
    reason = TextField(default="")
    findings = JsonField()
    accepted_by = TextField(default="")
    accepted_reason = TextField(default="")
    created_at = UtcField()

    class Meta:
        indexes = ((("dossier", "component", "position"), False),)


class Paper(Model):
    """A digitised paper (giấy tờ số hóa): one PDF/A-2b per component, signed by the clerk's act."""

    if TYPE_CHECKING:
        component_id: int

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    component = Reference(Component, unique=True)
    code = TextField(unique=True)
    name = TextField()
    pages = IntegerField()
    copy_sha256 = ShaField()
    copy_size = IntegerField()
    signed_sha256 = ShaField(null=True)
    signed_size = IntegerField(null=True)
    signer = TextField(default="")
    signed_at = UtcField(null=True)
    evidence = JsonField()
    created_at = UtcField()
