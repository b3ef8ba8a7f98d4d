"""Scans of the terminal's readers: kept as events, and taken once by the screen that acts on them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.chip_card import looks_like_chip_card
from agent.domain.identifiers import parse_official, parse_procedure_code, parse_provisional
from agent.domain.s10 import S10
from agent.errors import InvalidIdentifier, NotFound, RuleViolation
from agent.ports import Scan
from agent.site import Site
from agent.store import scans as events
from agent.store.scans import ScanEvent
from labels.payload import (
    BadgeCode,
    BagCode,
    CommandCode,
    ComponentCode,
    Damaged,
    DossierCode,
    ManifestCode,
    ProcedureCode,
    ReaderTestCode,
    read_code,
)

FRESH = timedelta(seconds=10)  # a scan that no screen has taken within is not acted upon any more
REMEMBERED = timedelta(days=30)  # how long it is known that there was a scan
KEPT = timedelta(minutes=10)  # how long what it said is kept
CODES = {
    DossierCode: "dossier",
    ComponentCode: "component",
    ProcedureCode: "procedure",
    BadgeCode: "badge",
    BagCode: "bag",
    ManifestCode: "manifest",
    ReaderTestCode: "reader-test",
    Damaged: "damaged",
}


def kind_of(text: str) -> str:
    """What a scanned text is, by its form alone: `chip-card`, `dossier`, `item`, `command:next` … or `words`.

    >>> kind_of("PA1K|undo"), kind_of("RR473124829VN"), kind_of("PA1T|T-0421"), kind_of("hello")
    ('command:undo', 'item', 'bag', 'words')
    """
    if looks_like_chip_card(text):
        return "chip-card"
    code = read_code(text)
    if isinstance(code, CommandCode):
        return f"command:{code.command}"
    if code is not None:
        return CODES[type(code)]
    for kind, parse in (("dossier", parse_provisional), ("dossier", parse_official), ("item", S10.parse)):
        with suppress(InvalidIdentifier):
            parse(text.strip())
            return kind
    with suppress(InvalidIdentifier):
        parse_procedure_code(text.strip())
        return "procedure"
    return "words"


def text_of(raw: bytes) -> str:
    """A scan's bytes as text; what is no UTF-8 shows as �, which no code contains."""
    return raw.decode("utf-8", errors="replace").strip("\r\n\t ")


def record_scans(site: Site, scans: Sequence[Scan], at: Sequence[datetime] | None = None) -> None:
    """Keep scans in their order, in one commit; `at` is when each arrived (default: now)."""
    if not scans:
        return
    arrived, here = at or [site.clock.now()] * len(scans), site.settings
    rows = [
        {
            "uid": site.ids.uid(),
            "office_id": here.office.id,
            "terminal_id": here.terminal.id,
            "device": scan.device,
            "at": when,
            "raw": scan.payload,
            "length": len(scan.payload),
            "aim": scan.aim,
            "symbology": scan.symbology,
            "kind": "" if scan.torn else kind_of(text_of(scan.payload)),
            "gap_ms": scan.gap_ms,
            "repeat": scan.repeat,
            "torn": scan.torn,
            "note": scan.note,
        }
        for scan, when in zip(scans, arrived, strict=True)
    ]
    with site.store.writing():
        events.keep(rows)


def take_scan(site: Site, uid: UUID, *, by: Actor) -> str:
    """What a scan said, for the one screen that acts on it; what it said is erased with that.

    NotFound for another terminal's scan, RuleViolation when it was acted upon, is torn, or is too old to act upon.
    """
    at = site.clock.now()
    with site.store.writing():
        scan = events.by_uid(uid)
        if scan is None or scan.terminal_id != by.terminal_id:
            raise NotFound("Lượt quét này không phải của quầy này. Quét lại.")
        if scan.torn:
            raise RuleViolation("Mã quét không trọn vẹn. Quét lại.")
        if scan.raw is None or not is_fresh(site, scan):
            raise RuleViolation("Lượt quét này đã được dùng hoặc đã cũ. Quét lại.")
        text = text_of(scan.raw)
        if not events.take(scan, at=at, by=by.username):
            raise RuleViolation("Lượt quét này đã được dùng ở cửa sổ khác. Quét lại nếu cần.")
    return text


def is_fresh(site: Site, scan: ScanEvent) -> bool:
    """Whether a scan is young enough to be acted upon."""
    age: timedelta = site.clock.now() - scan.at
    return timedelta(0) <= age <= FRESH  # one from the future: the clock was set back


def waits(site: Site, uid: UUID, *, by: Actor) -> bool:
    """Whether a scan of this terminal waits for a screen to act upon it."""
    with site.store.reading():
        scan = events.by_uid(uid)
    return scan is not None and scan.terminal_id == by.terminal_id and _waits(scan) and is_fresh(site, scan)


def waiting_from(site: Site, terminal_id: str, *, since: datetime) -> int:
    """Where a screen that opens now begins: before the fresh scans since an instant that nobody has taken."""
    newest = events.latest(terminal_id, limit=50)
    untaken = [scan.id for scan in newest if _waits(scan) and scan.at >= since and is_fresh(site, scan)]
    return min(untaken) - 1 if untaken else events.newest(terminal_id)


def wipe_scans(site: Site) -> int:
    """Erase what old scans said, and delete scans of long ago; how many were erased."""
    now = site.clock.now()
    events.forget(now - REMEMBERED)
    return events.wipe(now - KEPT)


def _waits(scan: ScanEvent) -> bool:
    return scan.taken_at is None and not scan.torn and not scan.repeat
