"""Manifests (bảng kê): announce bags and loose envelopes to who receives them, and acknowledge what came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from agent.domain.actor import Actor
from agent.domain.forward import Paper, mint
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import journal, rows
from agent.store.bags import BAG, FORWARD, Parcel, lines_of
from agent.store.minutes import Manifest, ManifestLine, manifest_by_number
from agent.store.progress import announce as tell_screens
from agent.tracking.custody import authority_holder, office_holder
from agent.tracking.forward.parcels import next_of, own_holder
from agent.tracking.forward.scanned import Kind, read_scan, thing_scanned

TRAVEL: Final = {"forward": timedelta(hours=24), "back": timedelta(hours=12)}
"""How long a manifest may be on its way before its absence is an alarm."""


def announce(
    site: Site, way: str, agency: str, texts: Sequence[str], *, by: Actor, expected_at: datetime | None = None
) -> Manifest:
    """A manifest of closed bags and loose envelopes in one's own hands, told to the receiver before it leaves.

    RuleViolation names the first thing that cannot be on it.
    """
    with site.store.writing():
        parcels = list({one.id: one for one in (_announced(text) for text in texts)}.values())
        return announce_parcels(site, way, agency, parcels, by=by, expected_at=expected_at)


def announce_parcels(
    site: Site, way: str, agency: str, parcels: Sequence[Parcel], *, by: Actor, expected_at: datetime | None = None
) -> Manifest:
    """`announce` inside the caller's transaction."""
    if not parcels:
        raise RuleViolation("Bảng kê chưa có gì. Quét túi đã đóng hoặc phong bì lẻ vào bảng kê.")
    mine, now = own_holder(by), site.clock.now()
    for parcel in parcels:
        _require_ready(parcel, way, agency, mine)
    things, dossiers = _contents(parcels)
    manifest = rows.create(
        Manifest, uid=site.ids.uid(), number=mint(Paper.MANIFEST, *next_of(site, "manifest", by)), way=way,
        office_id=parcels[0].office_id, agency=agency, from_holder=mine,
        to_holder=authority_holder(agency) if way == FORWARD else office_holder(parcels[0].office_id),
        announced_at=now, announced_by=by.name, expected_at=expected_at or now + TRAVEL[way],
        bags=sum(one.kind == BAG for one in parcels), things=things, dossiers=dossiers,
    )  # fmt: skip
    for parcel in parcels:
        rows.create(ManifestLine, manifest=manifest, parcel=parcel, number=parcel.number)
    keep(site, manifest, "announced", by=by, parcels=[one.number for one in parcels])
    return manifest


def acknowledge(site: Site, number: str, *, by: Actor, name: str = "") -> Manifest:
    """The receiver says that the manifest, and what it lists, has arrived; again changes nothing.

    `name` is who said so on the other side; it stays out of the journal.
    """
    with site.store.writing():
        manifest = manifest_named(number)
        acknowledge_now(site, manifest, by=by, name=name)
    return manifest


def acknowledge_now(site: Site, manifest: Manifest, *, by: Actor, name: str = "") -> None:
    """`acknowledge` inside the caller's transaction."""
    if manifest.acknowledged_at is not None:
        return
    manifest.acknowledged_at = site.clock.now()
    manifest.acknowledged_by = name.strip()[:100] or by.full_name
    manifest.save()
    keep(site, manifest, "acknowledged", by=by)


def cancel(site: Site, number: str, *, by: Actor) -> Manifest:
    """Take a manifest back that nobody has acknowledged: its bags can go on another one."""
    with site.store.writing():
        manifest = manifest_named(number)
        if manifest.acknowledged_at is not None or manifest.closed_at is not None:
            raise RuleViolation(f"Bảng kê {manifest.number} đã được xác nhận, không hủy được nữa.")
        ManifestLine.delete().where(ManifestLine.manifest == manifest).execute()
        manifest.closed_at = site.clock.now()
        manifest.save()
        keep(site, manifest, "cancelled", by=by)
    return manifest


def manifest_named(number: str) -> Manifest:
    """The manifest of this number, or NotFound."""
    manifest = manifest_by_number(number)
    if manifest is None:
        raise NotFound(f"Không có bảng kê {number} trong sổ. Quét lại mã trên bảng kê.")
    return manifest


def keep(site: Site, manifest: Manifest, kind: str, *, by: Actor, **body: object) -> None:
    """An entry of the custody ledger about a manifest."""
    now = site.clock.now()
    journal.append(
        "custody", f"manifest_{kind}", uid=site.ids.uid(), at=now, actor=by.name, office_id=manifest.office_id,
        terminal_id=by.terminal_id, dossier_id=None,
        body={"manifest": manifest.number, "to": manifest.to_holder, **body},
    )  # fmt: skip
    tell_screens(f"manifest_{kind}", at=now, office_id=manifest.office_id, terminal_id=by.terminal_id)


def _announced(text: str) -> Parcel:
    scan = read_scan(text)
    if scan.kind is Kind.FOREIGN:
        raise RuleViolation(scan.words)
    thing = thing_scanned(scan)
    if not isinstance(thing, Parcel):
        raise NotFound(f"Không có túi hay phong bì “{scan.number}” trong sổ. Bảng kê gồm túi đã đóng và phong bì lẻ.")
    return thing


def _require_ready(parcel: Parcel, way: str, agency: str, mine: str) -> None:
    if parcel.kind == BAG and parcel.closed_at is None:
        raise RuleViolation(f"Túi {parcel.number} chưa đóng. Đóng túi với số niêm phong rồi mới đưa vào bảng kê.")
    if parcel.bag:
        raise RuleViolation(f"Phong bì {parcel.number} nằm trong túi {parcel.bag}. Đưa cả túi vào bảng kê.")
    if parcel.done_at is not None:
        raise RuleViolation(f"{parcel.number} đã giao xong, không vào bảng kê được nữa.")
    if (parcel.way, parcel.agency) != (way, agency):
        raise RuleViolation(f"{parcel.number} đi “{parcel.agency}”, bảng kê đi “{agency}”. Lập bảng kê riêng.")
    if parcel.holder != mine or parcel.offered_to:
        raise RuleViolation(f"{parcel.number} do “{parcel.holder}” giữ hoặc đang chờ nhận. Chỉ kê cái mình đang giữ.")
    other = (
        Manifest.select().join(ManifestLine)
        .where((ManifestLine.parcel == parcel) & Manifest.closed_at.is_null()).first()
    )  # fmt: skip
    if other is not None:
        raise RuleViolation(f"{parcel.number} đã ở bảng kê {other.number}. Hủy bảng kê đó nếu muốn lập lại.")


def _contents(parcels: Sequence[Parcel]) -> tuple[int, int]:
    """How many envelopes and items are on the way, and of how many dossiers."""
    things, dossiers = 0, set[int]()
    for parcel in parcels:
        if parcel.kind != BAG:
            things += 1
            dossiers |= {parcel.dossier_id} if parcel.dossier_id is not None else set()
            continue
        for line in lines_of(parcel):
            things += 1
            owner = line.item if line.item_id is not None else line.parcel
            dossiers.add(owner.dossier_id)
    return things, len(dossiers)
