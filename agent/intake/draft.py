"""Keep an intake in the making, so that a power cut or a locked screen costs the clerk nothing."""

from __future__ import annotations

import uuid
from typing import Any

from agent.domain.actor import Actor
from agent.errors import NotFound
from agent.site import Site
from agent.store.dossiers import Draft


def open_draft(site: Site, *, by: Actor, body: dict[str, Any] | None = None) -> Draft:
    """Begin a new intake and return its draft."""
    with site.store.writing():
        draft: Draft = Draft.create(
            uid=site.ids.uid(),
            office_id=by.office_id,
            terminal_id=by.terminal_id,
            username=by.username,
            body=body or {},
            updated_at=site.clock.now(),
        )
    return draft


def keep_draft(site: Site, uid: uuid.UUID, body: dict[str, Any], *, by: Actor) -> Draft:
    """Replace what the draft holds; NotFound when it was received or discarded in the meantime."""
    with site.store.writing():
        draft = _own(uid, by)
        draft.body, draft.updated_at = body, site.clock.now()
        draft.save()
    return draft


def read_draft(site: Site, uid: uuid.UUID, *, by: Actor) -> Draft:
    """The clerk's own draft."""
    with site.store.reading():
        return _own(uid, by)


def drafts_of(site: Site, *, by: Actor) -> list[Draft]:
    """The clerk's open drafts, newest first."""
    with site.store.reading():
        mine = (Draft.username == by.username) & (Draft.office_id == by.office_id)
        return list(Draft.select().where(mine).order_by(Draft.id.desc()))


def discard_draft(site: Site, uid: uuid.UUID, *, by: Actor) -> None:
    """Throw an unfinished intake away."""
    with site.store.writing():
        _own(uid, by).delete_instance()


def _own(uid: uuid.UUID, by: Actor) -> Draft:
    draft: Draft | None = Draft.get_or_none(
        (Draft.uid == uid) & (Draft.username == by.username) & (Draft.office_id == by.office_id)
    )
    if draft is None:
        raise NotFound("Bản nháp này đã được nhận thành hồ sơ hoặc đã bỏ. Mở lại danh sách để xem.")
    return draft
