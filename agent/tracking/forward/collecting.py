"""Take results over at the authority against the list of what is ready: counted one by one, each with its receipt."""

from __future__ import annotations

from agent.domain.actor import Actor
from agent.domain.canonical import canonical_json, digest
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ReturnWay
from agent.domain.forward import Follow, Verdict, parse_seal
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.bags import BACK, ENVELOPE, Parcel, parcel_of
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result
from agent.store.lookup import dossiers_to_change, items_to_change
from agent.store.minutes import COUNTING, KEPT, Manifest, Minutes, MinutesLine, line_of, lines_of_minutes
from agent.store.progress import note
from agent.store.ready import Ready, counter_number, ready_results
from agent.tracking.custody import authority_holder
from agent.tracking.forward import counting
from agent.tracking.forward.bagging import close_with, new_bag, put_in
from agent.tracking.forward.counting import COLLECTION, Answer, Expected, being_counted, minutes_named
from agent.tracking.forward.manifests import announce_parcels
from agent.tracking.forward.parcels import item_step, own_holder, record_parcel, register_parcel
from agent.tracking.forward.scanned import Kind, Scanned, dossier_scanned, read_scan
from agent.tracking.items import register_item


def start_collection(site: Site, agency: str, *, by: Actor, place: str = "") -> Minutes:
    """Open the count of the results that are ready at an authority; asking again gives the one under way."""
    with site.store.writing():
        under_way = rows.first(Minutes, office_id=by.office_id, agency=agency, kind=COLLECTION, state=COUNTING)
        if under_way is not None and under_way.voided_at is None:
            return under_way
        waiting = ready_results(by.office_id, agency)
        if not waiting:
            raise RuleViolation(
                f"Cơ quan {agency} chưa báo có kết quả giấy nào. Xem lại danh sách kết quả đã sẵn sàng."
            )
        return counting.begin(
            site, COLLECTION, [_expected(one) for one in waiting], by=by, giver=authority_holder(agency),
            taker=own_holder(by), agency=agency, office_id=by.office_id, place=place,
        )  # fmt: skip


def scan_collection(site: Site, number: str, text: str, *, by: Actor, capture: str = "reader") -> Answer:
    """Count a result by its dossier's code or its item's number; what is not on the list is named and left there."""
    scan = read_scan(text)
    with site.store.writing():
        minutes = being_counted(number, COLLECTION)
        line = _line_of(minutes, scan)
        if line is not None and line.counted_at is not None:
            return Answer("again", line.number, f"{line.number} đã đếm rồi, không đếm hai lần.")
        if line is not None:
            counting.count_line(site, line, capture=capture)
            return Answer("counted", line.number, f"Đủ {line.number}.")
        return _besides(site, minutes, scan, capture=capture)


def uncount_collected(site: Site, number: str, line_number: str, *, by: Actor) -> None:
    """Take one scan back while counting."""
    with site.store.writing():
        minutes = being_counted(number, COLLECTION)
        line = line_of(minutes, line_number)
        if line is None or line.counted_at is None:
            raise RuleViolation(f"{line_number} chưa đếm, không có gì để bỏ.")
        if line.expected:
            line.counted_at = None
            line.save()
        else:
            line.delete_instance()
        counting.write(site, minutes, "uncounted", by=by, number=line_number)


def sign_collection(site: Site, number: str, official: str, *, by: Actor, how: str = "paper") -> Minutes:
    """Both sides signed: each counted result is the office's, with an entry of receipt; the others stay listed.

    `official` is who gave them for the authority. A result for a courier gets its item number here. Again: nothing.
    """
    giver = " ".join(official.split())[:100]
    if len(giver) < 2:
        raise RuleViolation("Ghi họ tên người giao của cơ quan, như trên biên bản hai bên ký.")
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.state == KEPT:
            return minutes
        minutes = being_counted(number, COLLECTION)
        lines = lines_of_minutes(minutes)
        if not any(line.counted_at and line.expected for line in lines):
            raise RuleViolation("Chưa đếm được kết quả nào. Quét mã hồ sơ trên từng kết quả rồi mới ký.")
        dossiers_to_change(Dossier.id.in_([one.dossier_id for one in lines if one.dossier_id] or [-1]))
        counting.judge(lines, short=Follow.NEXT_TRIP)
        minutes.signed_at, minutes.signed_by, minutes.how = site.clock.now(), by.name, how
        minutes.giver_name, minutes.receiver = giver, by.full_name
        for line in lines:
            if line.verdict == Verdict.PRESENT:
                _take(site, minutes, line, by=by)
            elif line.verdict == Verdict.SHORT:
                line.settled_at = minutes.signed_at  # it stays on the list of results ready
                line.save()
        minutes.digest = digest(canonical_json({"minutes": number, "lines": counting.verdicts(minutes)}))
        counting.settled(site, minutes, by=by)
        counting.write(site, minutes, "signed", by=by, how=how, digest=minutes.digest,
                       short=[one.number for one in lines if one.verdict == Verdict.SHORT])  # fmt: skip
    return minutes


def bag_collected(site: Site, number: str, seal: str, *, by: Actor) -> tuple[Parcel, Manifest]:
    """Put all that was collected into one bag, close it with its seal and announce it to the delivery office."""
    closing = parse_seal(seal)
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.kind != COLLECTION or minutes.state != KEPT:
            raise RuleViolation(f"Biên bản {number} chưa ký. Ký nhận với cơ quan rồi mới đóng túi.")
        things = _collected(minutes, own_holder(by))
        if not things:
            raise RuleViolation("Những gì đã nhận theo biên bản này không còn trong tay bạn để đóng túi.")
        items_to_change([one.number for one in things if isinstance(one, Item)])
        bag = new_bag(site, BACK, minutes.agency, by=by)
        for thing in things:
            put_in(site, bag, thing, by=by, capture="typed")
        close_with(site, bag, closing, by=by)
        manifest = announce_parcels(site, BACK, minutes.agency, [bag], by=by)
    return bag, manifest


def abandon_collection(site: Site, number: str, *, by: Actor) -> None:
    """Give up a count: nothing was taken over."""
    with site.store.writing():
        minutes = being_counted(number, COLLECTION)
        minutes.voided_at, minutes.state = site.clock.now(), KEPT
        minutes.save()
        counting.write(site, minutes, "abandoned", by=by)


def _expected(one: Ready) -> Expected:
    first, number = one.results[0], one.dossier.provisional
    if one.item is not None:
        number = one.item.number
    elif one.way is not ReturnWay.COURIER:
        number = counter_number(one.dossier, first)
    return Expected(number, "result", item=one.item, result=first, dossier_id=one.dossier.id)


def _line_of(minutes: Minutes, scan: Scanned) -> MinutesLine | None:
    """The line that a scan means: of a dossier the first that is not counted yet."""
    if scan.kind is Kind.ITEM:
        return line_of(minutes, scan.number)
    dossier = dossier_scanned(scan.number) if scan.kind is Kind.DOSSIER else None
    if dossier is None:
        return None
    mine = [one for one in lines_of_minutes(minutes) if one.dossier_id == dossier.id and one.expected]
    return next((one for one in mine if one.counted_at is None), mine[0] if mine else None)


def _besides(site: Site, minutes: Minutes, scan: Scanned, *, capture: str) -> Answer:
    if scan.kind in (Kind.BAG, Kind.MANIFEST, Kind.MINUTES):
        raise RuleViolation("Quét mã hồ sơ in trên kết quả, không phải nhãn túi hay bảng kê.")
    if scan.kind is Kind.SEAL:
        raise RuleViolation(f"“{scan.number}” không phải mã hồ sơ hay số bưu gửi. Quét mã trên kết quả.")
    dossier = dossier_scanned(scan.number) if scan.kind is Kind.DOSSIER else None
    item = rows.first(Item, number=scan.number) if scan.kind is Kind.ITEM else None
    if dossier is None and item is None:
        return counting.foreign(site, minutes, scan, capture=capture)
    if dossier is not None and (item := _newest_item(dossier)) is not None and item.holder != minutes.giver:
        raise RuleViolation(
            f"Kết quả của {scan.number} đã nhận trước đây, hiện do “{item.holder}” giữ. Kiểm tra lại mã."
        )
    verdict, number = Verdict.ELSEWHERE, scan.number
    counting.found_besides(site, minutes, number, verdict, kind="result", capture=capture, item=item)
    words = f"{number}: tỉnh chưa báo có kết quả, hoặc là của cơ quan khác. Để lại cơ quan, biên bản ghi thừa."
    return Answer("elsewhere", number, words)


def _newest_item(dossier: Dossier) -> Item | None:
    found: Item | None = Item.select().where(Item.dossier == dossier).order_by(Item.id.desc()).first()
    return found


def _take(site: Site, minutes: Minutes, line: MinutesLine, *, by: Actor) -> None:
    """Custody of one result moves from the authority to who collects it; the dossier's journal has its receipt."""
    dossier: Dossier = Dossier.get_by_id(line.dossier_id)
    result: Result = Result.get_by_id(line.result_id)
    if result.way is ReturnWay.COURIER:
        item = register_item(site, dossier.uid, by=by)
        for step in (CustodyStep.OFFER, CustodyStep.ACCEPT):
            item_step(site, item, step, by=by, to=minutes.taker, capture=line.capture or "typed")
        line.item, line.number = item, item.number
    else:
        parcel = register_parcel(
            site, number=counter_number(dossier, result), kind=ENVELOPE, way=BACK, agency=minutes.agency,
            holder=minutes.giver, by=by, dossier=dossier,
        )  # fmt: skip
        for step in (CustodyStep.OFFER, CustodyStep.ACCEPT):
            record_parcel(site, parcel, step, by=by, to=minutes.taker, capture=line.capture or "typed")
        line.parcel = parcel
    line.save()
    note(
        dossier, "result_collected", by=by, at=site.clock.now(), ids=site.ids, minutes=minutes.number,
        result=result.province_id, number=line.number,
    )  # fmt: skip


def _collected(minutes: Minutes, holder: str) -> list[Parcel | Item]:
    """What was taken over by these minutes and is still in the holder's hands, in no bag."""
    things: list[Parcel | Item] = []
    for line in lines_of_minutes(minutes):
        if line.verdict != Verdict.PRESENT:
            continue
        thing = Item.get_by_id(line.item_id) if line.item_id is not None else parcel_of(line.number)
        if thing is not None and thing.holder == holder and not thing.offered_to:
            things.append(thing)
    return things
