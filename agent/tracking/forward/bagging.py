"""Bags (túi): open, put in, take out, close with a seal, give to a courier, take over."""

from __future__ import annotations

import uuid

from peewee import IntegrityError as RowConflict

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.forward import Paper, Seal, mint, parse_number, parse_seal
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.bags import (
    BACK,
    BAG,
    ENVELOPE,
    FORWARD,
    BagLine,
    Parcel,
    ParcelEvent,
    bag_around,
    lines_of,
    parcel_of,
    seal_is_used,
)
from agent.store.items import Item
from agent.store.lookup import items_to_change
from agent.store.minutes import ManifestLine
from agent.tracking.forward.parcels import (
    item_step,
    next_of,
    own_holder,
    record_parcel,
    register_parcel,
    require_own,
    seal_fact,
    with_contents,
    write_down,
)
from agent.tracking.forward.scanned import Kind, Scanned, dossier_scanned, read_scan, result_on_the_way, thing_scanned

MOST_IN_BAG = 500


def open_bag(site: Site, way: str, agency: str, *, by: Actor) -> Parcel:
    """An empty bag: `forward` to the authority `agency`, or `back` from it to the delivery office."""
    if way not in (FORWARD, BACK) or not agency.strip():
        raise RuleViolation("Chọn túi đi cơ quan nào (chuyển giấy) hoặc từ cơ quan nào về (nhận kết quả).")
    with site.store.writing():
        return new_bag(site, way, agency.strip()[:40], by=by)


def new_bag(site: Site, way: str, agency: str, *, by: Actor) -> Parcel:
    """`open_bag` inside the caller's transaction."""
    number = mint(Paper.BAG, *next_of(site, "bag", by))
    return register_parcel(site, number=number, kind=BAG, way=way, agency=agency, holder=own_holder(by), by=by)


def put(site: Site, bag_number: str, text: str, *, by: Actor, capture: str = "reader") -> Parcel | Item:
    """Put what was scanned into an open bag. Scanning it again changes nothing.

    RuleViolation in words for what is unknown, another operator's, in another bag, offered, delivered, held by
    somebody else, or on its way to another authority.
    """
    scan = read_scan(text)
    with site.store.writing():
        bag = _open_one(bag_number, by)
        thing = _wanted(scan, bag)
        if isinstance(thing, Item):
            items_to_change([thing.number])
        if any(line.number == thing.number for line in lines_of(bag)):
            return thing
        _require_fits(bag, thing)
        put_in(site, bag, thing, by=by, capture=capture)
    return thing


def put_in(site: Site, bag: Parcel, thing: Parcel | Item, *, by: Actor, capture: str = "reader") -> None:
    """`put` of a thing that fits, inside the caller's transaction; the row itself refuses a second bag."""
    try:
        rows.create(
            BagLine, bag=bag, number=thing.number, inside=thing.number, put_at=site.clock.now(), put_by=by.name,
            item=thing if isinstance(thing, Item) else None, parcel=thing if isinstance(thing, Parcel) else None,
        )  # fmt: skip
    except RowConflict:
        raise RuleViolation(f"{thing.number} đang nằm trong túi khác. Lấy khỏi túi đó rồi cho vào túi này.") from None
    if isinstance(thing, Item):
        item_step(site, thing, CustodyStep.INTO_BAG, by=by, bag=bag.number, capture=capture)
    else:
        record_parcel(site, thing, CustodyStep.INTO_BAG, by=by, bag=bag.number, capture=capture)


def take_out(site: Site, bag_number: str, number: str, *, by: Actor) -> None:
    """Take one thing out of an open bag: it was scanned by mistake, or must not go."""
    with site.store.writing():
        bag = _open_one(bag_number, by)
        line = next((one for one in lines_of(bag) if one.number == number), None)
        if line is None:
            raise RuleViolation(f"{number} không nằm trong túi {bag.number}. Tải lại trang.")
        out_of_bag(site, bag, line, by=by)


def out_of_bag(site: Site, bag: Parcel, line: BagLine, *, by: Actor, capture: str = "typed") -> Parcel | Item:
    """Take one thing out, inside the caller's transaction."""
    rows.change(BagLine, line.id, inside=None, out_at=site.clock.now(), out_by=by.name)
    if line.item_id is not None:
        item: Item = Item.get_by_id(line.item_id)
        item_step(site, item, CustodyStep.OUT_OF_BAG, by=by, bag=bag.number, capture=capture)
        return item
    envelope: Parcel = Parcel.get_by_id(line.parcel_id)
    return record_parcel(site, envelope, CustodyStep.OUT_OF_BAG, by=by, bag=bag.number, capture=capture)


def close_bag(site: Site, bag_number: str, seal: str, *, by: Actor) -> Parcel:
    """Close a bag with its seal; from now on nothing goes in or out until the seal is opened. Again: nothing."""
    number = parse_seal(seal)
    with site.store.writing():
        bag = _bag(bag_number)
        if bag.closed_at is not None and bag.seal == number:
            return bag
        bag = _open_one(bag_number, by)
        if not lines_of(bag):
            raise RuleViolation(f"Túi {bag.number} chưa có gì. Quét phong bì hoặc bưu gửi vào túi rồi mới đóng.")
        close_with(site, bag, number, by=by)
    return bag


def close_with(site: Site, bag: Parcel, seal: str, *, by: Actor) -> None:
    """Close a bag with the seal of this number, inside the caller's transaction."""
    other = seal_is_used(seal)
    if other is not None:
        raise RuleViolation(f"Số niêm phong {seal} đã dùng cho {other.number}. Lấy niêm phong khác.")
    bag.closed_at = site.clock.now()
    seal_fact(site, bag, Seal.APPLIED, by=by, seal=seal)
    write_down(site, bag, "closed", by=by, seal=seal, things=str(len(lines_of(bag))))


def reopen_bag(site: Site, bag_number: str, *, by: Actor) -> Parcel:
    """Take the seal off a bag that has not left yet, to put something in or take it out."""
    with site.store.writing():
        bag = _bag(bag_number)
        require_own(bag, by, "mở lại")
        if bag.closed_at is None:
            return bag
        if bag.offered_to or ManifestLine.select().where(ManifestLine.parcel == bag).exists():
            raise RuleViolation(f"Túi {bag.number} đã giao hoặc đã vào bảng kê, không mở lại được. Lập túi mới.")
        seal_fact(site, bag, Seal.REMOVED, by=by)
        bag.closed_at, bag.seal, bag.seal_state = None, "", ""
        bag.save()
    return bag


def bag_empty(site: Site, bag_number: str, *, by: Actor) -> None:
    """Give up an empty bag: it was opened by mistake."""
    with site.store.writing():
        bag = _open_one(bag_number, by)
        if lines_of(bag):
            raise RuleViolation(f"Túi {bag.number} còn đồ bên trong. Lấy hết ra rồi mới bỏ túi.")
        bag.done_at = site.clock.now()
        bag.save()
        write_down(site, bag, "given_up", by=by)


def move_bag(
    site: Site, bag_number: str, step: CustodyStep, *, by: Actor, to: str = "", uid: uuid.UUID | None = None
) -> Parcel:
    """Offer, withdraw, accept or lose a closed bag with all that lies in it; joins the caller's transaction.

    The same event `uid` again changes nothing.
    """
    if step not in (CustodyStep.OFFER, CustodyStep.WITHDRAW, CustodyStep.ACCEPT, CustodyStep.LOSE):
        raise RuleViolation("Túi chỉ giao, rút lại, nhận, hoặc báo thất lạc. Chọn lại việc cần làm.")
    with site.store.joined():
        bag = _bag(bag_number)
        if uid is not None and ParcelEvent.select().where(ParcelEvent.uid == uid).exists():
            return bag
        if bag.closed_at is None:
            raise RuleViolation(f"Túi {bag.number} chưa đóng. Đóng túi với số niêm phong rồi mới giao.")
        items_to_change([line.number for line in lines_of(bag) if line.item_id is not None])
        return with_contents(site, bag, step, by=by, to=to, uid=uid)


def _bag(number: str) -> Parcel:
    bag = parcel_of(_number(number))
    if bag is None or bag.kind != BAG:
        raise NotFound(f"Không có túi {number} trong sổ. Quét lại nhãn túi.")
    return bag


def _number(text: str) -> str:
    scan = read_scan(text)
    return scan.number if scan.kind is Kind.BAG else parse_number(text, Paper.BAG)


def _open_one(number: str, by: Actor) -> Parcel:
    bag = _bag(number)
    require_own(bag, by, "sửa túi")
    if bag.done_at is not None:
        raise RuleViolation(f"Túi {bag.number} đã hết đường đi. Mở túi mới.")
    if bag.closed_at is not None:
        raise RuleViolation(
            f"Túi {bag.number} đã đóng, niêm phong {bag.seal}. Mở túi khác, hoặc tháo niêm phong túi này trước."
        )
    return bag


def _wanted(scan: Scanned, bag: Parcel) -> Parcel | Item:
    if scan.kind is Kind.FOREIGN:
        raise RuleViolation(scan.words)
    if scan.kind in (Kind.BAG, Kind.MANIFEST, Kind.MINUTES):
        raise RuleViolation("Túi không nằm trong túi khác. Quét phong bì hoặc bưu gửi.")
    dossier = dossier_scanned(scan.number) if scan.kind is Kind.DOSSIER and bag.way == BACK else None
    thing = result_on_the_way(dossier) if dossier is not None else thing_scanned(scan)
    if thing is not None:
        return thing
    if dossier is not None:
        raise NotFound(f"Kết quả của hồ sơ {scan.number} chưa nhận từ cơ quan. Nhận theo danh sách kết quả trước.")
    if scan.kind is Kind.DOSSIER:
        raise NotFound(
            f"Hồ sơ {scan.number} chưa có phong bì niêm phong, hoặc không có trong sổ. "
            "Niêm phong giấy tờ của hồ sơ rồi quét vào túi."
        )
    raise NotFound(f"Không có {scan.number} trong sổ. Để riêng, kiểm tra lại nhãn rồi hỏi nơi giao.")


def _require_fits(bag: Parcel, thing: Parcel | Item) -> None:
    """Words for each reason why a thing does not belong into this bag."""
    around = bag_around(thing.number)
    if around is not None:
        raise RuleViolation(
            f"{thing.number} đang trong túi {around.number}. Lấy khỏi túi đó trước: một bưu gửi chỉ ở trong một túi."
        )
    if isinstance(thing, Parcel):
        if thing.kind != ENVELOPE:
            raise RuleViolation("Túi không nằm trong túi khác. Quét phong bì hoặc bưu gửi.")
        if thing.done_at is not None:
            raise RuleViolation(f"Phong bì {thing.number} đã giao cho “{thing.holder}”, không đóng túi được nữa.")
        if thing.seal_state in (Seal.BROKEN, Seal.MISSING, Seal.OTHER):
            raise RuleViolation(f"Niêm phong của {thing.number} không còn nguyên. Niêm phong lại rồi mới đóng túi.")
        if (thing.way, thing.agency) != (bag.way, bag.agency):
            raise RuleViolation(
                f"Phong bì {thing.number} đi “{thing.agency}”, túi {bag.number} đi “{bag.agency}”. Cho vào đúng túi."
            )
    elif bag.way != BACK:
        raise RuleViolation(f"Bưu gửi {thing.number} là kết quả trả công dân, không đi túi chuyển cơ quan.")
    if len(lines_of(bag)) >= MOST_IN_BAG:
        raise RuleViolation(f"Túi {bag.number} đã đủ {MOST_IN_BAG} bưu gửi. Đóng túi này, mở túi mới.")
    if thing.state in ("delivered", "returned"):
        raise RuleViolation(f"Bưu gửi {thing.number} đã phát hoặc đã chuyển hoàn, không đóng túi được nữa.")
    if thing.holder != bag.holder:
        raise RuleViolation(
            f"{thing.number} do “{thing.holder}” giữ, không phải người giữ túi. Người giữ phải giao trước."
        )
