"""Let go of what phones left behind: pictures that no proof needs, codes that are over, rows of past rounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from agent.domain.phone_event import VerdictKind
from agent.errors import DocumentError
from agent.site import Site
from agent.store import rows
from agent.store.custody_events import DeviceEvent
from agent.store.delivery import Authorisation
from agent.store.erasure import needed
from agent.store.phones import PairingCode, PhoneBlob, ReceiverCode, RoundRow

UNUSED: Final = timedelta(days=60)  # a picture whose event never came, or came to nothing
CODES: Final = timedelta(days=30)
KEPT_VERSIONS: Final = 2_000  # of a round: about a month of a busy phone
_OPEN: Final = (VerdictKind.WAITING.value, VerdictKind.CONFLICT.value)
_AT_ONCE: Final = 200


def sweep_phones(site: Site) -> int:
    """Let go of what is over; how many pictures were destroyed.

    A picture that a proof names is the proof's from then on. What a phone sent stays while one of its events waits or
    is in dispute.
    """
    now, terminal = site.clock.now(), site.settings.terminal.id
    with site.store.writing():
        PairingCode.delete().where(PairingCode.expires_at < now - CODES).execute()
        ReceiverCode.delete().where(ReceiverCode.expires_at < now - CODES).execute()
        _drop_gone()
    with site.store.reading():
        old = (PhoneBlob.terminal_id == terminal) & (PhoneBlob.received_at < now - UNUSED)
        found = list(PhoneBlob.select().where(old).order_by(PhoneBlob.id).limit(_AT_ONCE))
        open_phones = _with_open_events({blob.phone_uid for blob in found})
        free = [blob for blob in found if blob.phone_uid not in open_phones]
        unused = [blob for blob in free if not needed(blob.sha256, terminal) and not _shown(blob.sha256)]
    for blob in unused:
        try:
            site.vault.erase(blob.sha256)
        except DocumentError:
            continue  # gone already: with its dossier, or by a sweep that was cut here
    with site.store.writing():
        for blob in free:
            PhoneBlob.delete().where(PhoneBlob.id == blob.id).execute()
    return len(unused)


def _shown(sha256: str) -> bool:
    """Whether an authorisation is kept by this picture."""
    return rows.first(Authorisation, photo_sha256=sha256) is not None


def _with_open_events(phones: set[Any]) -> set[Any]:
    mine = DeviceEvent.phone_uid.in_(list(phones) or [None]) & DeviceEvent.verdict.in_(list(_OPEN))
    return {row.phone_uid for row in DeviceEvent.select(DeviceEvent.phone_uid).distinct().where(mine)}


def _drop_gone() -> None:
    """Forget items that left a round long ago: the phones have forgotten them too, or ask for everything anew."""
    newest: dict[Any, int] = {}
    query: Any = RoundRow.select(RoundRow.phone_uid, RoundRow.version)
    for uid, version in list(query.tuples()):
        newest[uid] = max(version, newest.get(uid, 0))
    for uid, version in newest.items():
        stale = (RoundRow.phone_uid == uid) & RoundRow.gone & (RoundRow.version < version - KEPT_VERSIONS)
        RoundRow.delete().where(stale).execute()
