"""Editions of the catalogue of procedures (danh mục thủ tục) as they were loaded; the newest is in use."""

from __future__ import annotations

from peewee import TextField

from agent.store.base import Model, current
from agent.store.fields import ShaField, UtcField


class CatalogueEdition(Model):
    """The text of one loaded catalogue; it holds every version that dossiers were received under."""

    sha256 = ShaField(unique=True)
    text = TextField()
    loaded_at = UtcField()
    loaded_by = TextField()


def newest_edition() -> str | None:
    """SHA-256 of the edition in use; None when none was loaded."""
    sql = "SELECT sha256 FROM catalogue_edition ORDER BY id DESC LIMIT 1"
    found = current().database.execute_sql(sql).fetchone()
    return None if found is None else str(found[0])
