"""Bags that arrive at the delivery office: acknowledge the manifest, look at the seal, count what is inside."""

from __future__ import annotations

from agent.domain.actor import Actor
from agent.domain.canonical import canonical_json, digest
from agent.domain.custody_steps import CustodyStep, ItemState
from agent.domain.forward import Seal, Verdict
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.bags import BACK, BAG, BagLine, Parcel, lines_of, parcel_of
from agent.store.items import Item
from agent.store.lookup import items_to_change
from agent.store.minutes import (
    COUNTING,
    KEPT,
    Manifest,
    ManifestLine,
    Minutes,
    MinutesLine,
    line_of,
    lines_of_minutes,
)
from agent.tracking.custody import office_holder
from agent.tracking.forward import counting
from agent.tracking.forward.bagging import out_of_bag
from agent.tracking.forward.counting import ARRIVAL, Answer, Expected, being_counted, minutes_named
from agent.tracking.forward.manifests import acknowledge_now
from agent.tracking.forward.parcels import item_step, record_parcel, seal_fact, with_contents
from agent.tracking.forward.scanned import Kind, Scanned, dossier_scanned, read_scan, thing_scanned


def start_arrival(site: Site, text: str, *, by: Actor) -> Minutes:
    """A bag from an authority is at the office: its manifest is acknowledged, its contents are to be counted.

    `text` is the bag's label, or its seal. A bag that a courier carries must have been offered to the office. Asking
    again gives the count under way.
    """
    scan = read_scan(text)
    with site.store.writing():
        found = thing_scanned(scan)
        if not isinstance(found, Parcel) or found.kind != BAG:
            raise NotFound(f"Không có túi “{scan.number}” trong sổ. Quét nhãn túi; túi lạ thì để riêng và hỏi nơi gửi.")
        bag = parcel_of(found.number)
        assert bag is not None
        under_way = _under_way(bag)
        if under_way is not None:
            return under_way
        _require_arrives(bag, by)
        office = office_holder(by.office_id)
        items_to_change([line.number for line in lines_of(bag) if line.item_id is not None])
        giver = bag.holder
        if bag.offered_to == office:
            with_contents(site, bag, CustodyStep.ACCEPT, by=by, to=office, capture="reader")
        manifest = _manifest_of(bag)
        if manifest is not None:
            acknowledge_now(site, manifest, by=by)
        return counting.begin(
            site, ARRIVAL, _expected(bag), by=by, giver=giver, taker=office, agency=bag.agency,
            office_id=by.office_id, manifest=manifest,
        )  # fmt: skip


def scan_arrival(site: Site, number: str, text: str, *, by: Actor, capture: str = "reader") -> Answer:
    """Count what was scanned: the bag's seal first, then each item by its number, each envelope by its label."""
    scan = read_scan(text)
    with site.store.writing():
        minutes = being_counted(number, ARRIVAL)
        bag_line = _bag_line(minutes)
        if scan.kind in (Kind.SEAL, Kind.BAG):
            if scan.number not in (bag_line.seal, bag_line.number):
                raise RuleViolation(
                    f"Vừa quét {scan.number}; túi này là {bag_line.number}, niêm phong {bag_line.seal}. Quét lại; nếu "
                    "đúng là khác số, ghi “sai số niêm phong”."
                )
            if bag_line.seal_state:
                return Answer("again", bag_line.number, f"Túi {bag_line.number} đã mở rồi.")
            if scan.kind is Kind.BAG:
                return Answer("counted", bag_line.number, f"Quét số niêm phong {bag_line.seal} để mở túi.")
            return _open(site, minutes, bag_line, Seal.INTACT, by=by)
        if not bag_line.seal_state:
            raise RuleViolation(f"Kiểm niêm phong {bag_line.seal} của túi trước rồi mới đếm bên trong.")
        thing = _by_dossier(minutes, scan) or thing_scanned(scan)
        if thing is None:
            return counting.foreign(site, minutes, scan, capture=capture)
        return _count(site, minutes, thing, by=by, capture=capture)


def seal_at_arrival(site: Site, number: str, fact: Seal, *, by: Actor, seen: str = "") -> Answer:
    """What was seen of the bag's seal when it is not intact: a fact, and the bag is opened and counted."""
    with site.store.writing():
        minutes = being_counted(number, ARRIVAL)
        line = _bag_line(minutes)
        if line.seal_state:
            return Answer("again", line.number, f"Túi {line.number} đã mở rồi.")
        return _open(site, minutes, line, fact, by=by, seen=seen)


def finish_arrival(site: Site, number: str, *, by: Actor) -> Minutes:
    """Everything is counted: what is short is named and no longer in the bag; again changes nothing."""
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.state == KEPT:
            return minutes
        minutes = being_counted(number, ARRIVAL)
        line = _bag_line(minutes)
        if not line.seal_state:
            raise RuleViolation(f"Chưa kiểm niêm phong {line.seal} của túi {line.number}.")
        lines = lines_of_minutes(minutes)
        counting.judge(lines)
        bag: Parcel = Parcel.get_by_id(line.parcel_id)
        items_to_change([one.number for one in lines_of(bag) if one.item_id is not None])
        for left in lines_of(bag):
            out_of_bag(site, bag, left, by=by)
        minutes.signed_at, minutes.signed_by, minutes.receiver = site.clock.now(), by.name, by.full_name
        bag = Parcel.get_by_id(bag.id)
        bag.done_at = minutes.signed_at
        bag.save()
        minutes.digest = digest(canonical_json({"minutes": number, "lines": counting.verdicts(minutes)}))
        _close_manifest(site, minutes)
        counting.settled(site, minutes, by=by)
        counting.write(site, minutes, "arrived", by=by, digest=minutes.digest,
                       short=[one.number for one in lines if one.verdict == Verdict.SHORT])  # fmt: skip
    return minutes


def _by_dossier(minutes: Minutes, scan: Scanned) -> Parcel | Item | None:
    """The thing of the bag that a dossier's code means: a result that bears no item label yet."""
    dossier = dossier_scanned(scan.number) if scan.kind is Kind.DOSSIER else None
    if dossier is None:
        return None
    mine = [one for one in lines_of_minutes(minutes) if one.dossier_id == dossier.id and one.expected]
    line = next((one for one in mine if one.counted_at is None), mine[0] if mine else None)
    if line is None:
        return None
    return Item.get_by_id(line.item_id) if line.item_id is not None else Parcel.get_by_id(line.parcel_id)


def _require_arrives(bag: Parcel, by: Actor) -> None:
    office = office_holder(by.office_id)
    if bag.way != BACK:
        raise RuleViolation(f"Túi {bag.number} là túi chuyển cơ quan, không phải túi về bưu cục.")
    if bag.done_at is not None:
        raise RuleViolation(f"Túi {bag.number} đã đến và đã mở trước đây.")
    if bag.closed_at is None:
        raise RuleViolation(f"Túi {bag.number} chưa đóng, chưa có gì để nhận.")
    if office not in (bag.holder, bag.offered_to):
        raise RuleViolation(
            f"Túi {bag.number} do “{bag.holder}” giữ và chưa giao cho bưu cục. Người mang túi giao trước, rồi quét lại."
        )


def _under_way(bag: Parcel) -> Minutes | None:
    mine = (MinutesLine.parcel == bag) & (Minutes.kind == ARRIVAL) & (Minutes.state == COUNTING)
    found: Minutes | None = Minutes.select().join(MinutesLine).where(mine & Minutes.voided_at.is_null()).first()
    return found


def _manifest_of(bag: Parcel) -> Manifest | None:
    found: Manifest | None = (
        Manifest.select().join(ManifestLine)
        .where((ManifestLine.parcel == bag) & Manifest.closed_at.is_null()).first()
    )  # fmt: skip
    return found


def _close_manifest(site: Site, minutes: Minutes) -> None:
    """The manifest is done when each of its bags was counted."""
    if minutes.manifest_id is None:
        return
    listed = ManifestLine.select(ManifestLine.parcel).where(ManifestLine.manifest == minutes.manifest_id)
    if not Parcel.select().where(Parcel.id.in_(listed) & Parcel.done_at.is_null()).exists():
        Manifest.update(closed_at=site.clock.now()).where(Manifest.id == minutes.manifest_id).execute()


def _expected(bag: Parcel) -> list[Expected]:
    found = [Expected(bag.number, BAG, parcel=bag, seal=bag.seal)]
    for line in lines_of(bag):
        if line.item_id is not None:
            item: Item = Item.get_by_id(line.item_id)
            found.append(Expected(item.number, "item", item=item, dossier_id=item.dossier_id, inside=bag.number))
        else:
            one: Parcel = Parcel.get_by_id(line.parcel_id)
            found.append(
                Expected(one.number, one.kind, parcel=one, dossier_id=one.dossier_id, inside=bag.number, seal=one.seal)
            )
    return found


def _bag_line(minutes: Minutes) -> MinutesLine:
    return next(line for line in lines_of_minutes(minutes) if line.kind == BAG)


def _open(
    site: Site, minutes: Minutes, line: MinutesLine, fact: Seal, *, by: Actor, seen: str = ""
) -> Answer:  # fmt: skip
    bag: Parcel = Parcel.get_by_id(line.parcel_id)
    seal_fact(site, bag, fact, by=by, seen=seen, witness=minutes.giver)
    seal_fact(site, bag, Seal.REMOVED, by=by)
    counting.count_line(site, line, capture="reader")
    counting.mark(line, fact)
    return Answer("opened", bag.number, f"Túi {bag.number} đã mở: đếm {len(lines_of(bag))} bưu gửi bên trong.")


def _count(site: Site, minutes: Minutes, thing: Parcel | Item, *, by: Actor, capture: str) -> Answer:
    line = line_of(minutes, thing.number)
    if line is not None and line.counted_at is not None:
        return Answer("again", thing.number, f"{thing.number} đã đếm rồi, không đếm hai lần.")
    if line is None:
        return _besides(site, minutes, thing, by=by, capture=capture)
    inside = rows.first(BagLine, inside=thing.number)
    if inside is None:
        raise RuleViolation(f"{thing.number} đã lấy khỏi túi từ trước. Tải lại trang.")
    if isinstance(thing, Item):
        items_to_change([thing.number])
    bag: Parcel = Parcel.get_by_id(inside.bag_id)
    taken = out_of_bag(site, bag, inside, by=by, capture=capture)
    _arrive(site, taken, by=by, capture=capture)
    counting.count_line(site, line, capture=capture)
    return Answer("counted", thing.number, f"Đủ {thing.number}.")


def _arrive(site: Site, thing: Parcel | Item, *, by: Actor, capture: str) -> None:
    if isinstance(thing, Item):
        item_step(site, thing, CustodyStep.ARRIVE, by=by, capture=capture)
        return
    record_parcel(site, thing, CustodyStep.ARRIVE, by=by, capture=capture)
    thing.done_at = site.clock.now()  # it waits at the counter for whoever picks it up
    thing.save()


def _besides(site: Site, minutes: Minutes, thing: Parcel | Item, *, by: Actor, capture: str) -> Answer:
    """Something that nobody announced: taken in when the office has it in its books and in no bag, else named."""
    item = thing if isinstance(thing, Item) else None
    parcel = thing if isinstance(thing, Parcel) else None
    inside = rows.first(BagLine, inside=thing.number)
    mine = thing.holder == minutes.taker and inside is None and thing.state == ItemState.ACCEPTED
    verdict = Verdict.OVER if mine else Verdict.ELSEWHERE
    counting.found_besides(
        site, minutes, thing.number, verdict, kind="item" if item else "envelope", capture=capture, item=item,
        parcel=parcel,
    )  # fmt: skip
    if verdict is Verdict.OVER:
        if item is not None:
            items_to_change([item.number])
        _arrive(site, thing, by=by, capture=capture)
        return Answer(
            "over", thing.number, f"{thing.number} không có trong bảng kê, sổ ghi của bưu cục: ghi thừa, nhận luôn."
        )
    where = f"sổ ghi trong túi {inside.bag.number}" if inside else f"sổ ghi do “{thing.holder}” giữ"
    return Answer("elsewhere", thing.number, f"{thing.number}: {where}. Để riêng, biên bản ghi thừa, hỏi nơi giữ.")
