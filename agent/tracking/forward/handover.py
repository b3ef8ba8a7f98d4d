"""Hand-over at the authority (giao nhận tại cơ quan): the giver offers, the receiver counts what is there."""

from __future__ import annotations

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.forward import SEAL_NAME, Seal, Verdict
from agent.errors import RuleViolation
from agent.site import Site
from agent.store.bags import BAG, BagLine, Parcel, lines_of, parcels_by_id
from agent.store.items import Item
from agent.store.minutes import (
    Manifest,
    ManifestLine,
    Minutes,
    MinutesLine,
    line_of,
    lines_of_minutes,
    parcels_of_manifest,
)
from agent.store.rows import first
from agent.tracking.forward import counting
from agent.tracking.forward.bagging import out_of_bag
from agent.tracking.forward.counting import HANDOVER, Answer, Expected, being_counted
from agent.tracking.forward.manifests import acknowledge_now, manifest_named
from agent.tracking.forward.parcels import record_parcel, require_own, seal_fact
from agent.tracking.forward.scanned import Kind, Scanned, read_scan, thing_scanned


def start_handover(site: Site, manifest_number: str, *, by: Actor, place: str = "") -> Minutes:
    """Open the count of a manifest at the authority; asking again gives the count that is under way.

    Loose envelopes are offered at once; what lies in a bag is offered when the bag's seal was looked at.
    """
    with site.store.writing():
        manifest = manifest_named(manifest_number)
        under_way = _under_way(manifest)
        if under_way is not None:
            return under_way
        if manifest.closed_at is not None:
            raise RuleViolation(f"Bảng kê {manifest.number} đã giao nhận xong. Lập bảng kê mới cho chuyến khác.")
        if manifest.way != "forward":
            raise RuleViolation(f"Bảng kê {manifest.number} là kết quả về bưu cục: mở ở mục “Túi đến”.")
        parcels = parcels_of_manifest(manifest)
        for parcel in parcels:
            require_own(parcel, by, "giao")
        minutes = counting.begin(
            site, HANDOVER, _expected(parcels), by=by, giver=parcels[0].holder, taker=manifest.to_holder,
            agency=manifest.agency, office_id=manifest.office_id, manifest=manifest, place=place,
        )  # fmt: skip
        acknowledge_now(site, manifest, by=by, name=manifest.agency)
        for parcel in parcels:
            if parcel.kind != BAG:
                record_parcel(site, parcel, CustodyStep.OFFER, by=by, to=minutes.taker)
    return minutes


def scan_handover(site: Site, number: str, text: str, *, by: Actor, capture: str = "reader") -> Answer:
    """Count what was scanned: an envelope by its label or seal, a bag by its label and then its seal.

    Again, over, elsewhere and unknown are answers, kept in the minutes; InvalidIdentifier for a mistyped number.
    """
    scan = read_scan(text)
    with site.store.writing():
        minutes = being_counted(number, HANDOVER)
        if scan.kind is Kind.SEAL:
            return _by_seal(site, minutes, scan, by=by, capture=capture)
        if scan.kind in (Kind.MANIFEST, Kind.MINUTES):
            raise RuleViolation("Vừa quét mã của tờ giấy, không phải của túi hay phong bì. Quét nhãn trên phong bì.")
        thing = thing_scanned(scan)
        if thing is None:
            return counting.foreign(site, minutes, scan, capture=capture)
        line = line_of(minutes, thing.number)
        if line is None or not line.expected:
            return _besides(site, minutes, thing, by=by, capture=capture)
        if line.counted_at is not None and (line.kind != BAG or line.seal_state):
            return Answer("again", line.number, f"{line.number} đã đếm rồi, không đếm hai lần.")
        if line.kind == BAG:
            counting.count_line(site, line, capture=capture)
            return Answer("counted", line.number, f"Túi {line.number}: quét số niêm phong {line.seal} để mở túi.")
        return _count(site, minutes, line, by=by, capture=capture)


def seal_at_handover(
    site: Site, number: str, line_number: str, fact: Seal, *, by: Actor, seen: str = ""
) -> Answer:  # fmt: skip
    """What both sides see of a seal of the count: a bag is opened by it, an envelope is marked."""
    with site.store.writing():
        minutes = being_counted(number, HANDOVER)
        line = line_of(minutes, line_number)
        if line is None or line.parcel_id is None:
            raise RuleViolation(f"{line_number} không có trong lần kiểm đếm này. Quét lại nhãn.")
        parcel: Parcel = Parcel.get_by_id(line.parcel_id)
        if line.counted_at is None:
            raise RuleViolation(f"Quét nhãn {line_number} trước, rồi mới ghi tình trạng niêm phong.")
        if parcel.kind == BAG:
            return _open(site, minutes, line, parcel, fact, by=by, seen=seen)
        seal_fact(site, parcel, fact, by=by, seen=seen, witness=minutes.taker)
        counting.mark(line, fact)
    return Answer("counted", line.number, f"Đã ghi niêm phong của {line.number}: {_words(fact)}.")


def uncount(site: Site, number: str, line_number: str, *, by: Actor) -> None:
    """Take one scan back while counting: the wrong thing was in the hand."""
    with site.store.writing():
        minutes = being_counted(number, HANDOVER)
        line = line_of(minutes, line_number)
        if line is None or line.counted_at is None:
            raise RuleViolation(f"{line_number} chưa đếm, không có gì để bỏ.")
        if line.kind == BAG and line.seal_state:
            raise RuleViolation(f"Túi {line_number} đã mở trước mặt hai bên, không bỏ được nữa.")
        if line.expected:
            line.counted_at, line.capture, line.seal_state, line.follow = None, "", "", ""
            line.save()
        else:
            if line.parcel_id is not None and line.verdict == Verdict.OVER:
                record_parcel(site, Parcel.get_by_id(line.parcel_id), CustodyStep.WITHDRAW, by=by)
            line.delete_instance()
        counting.write(site, minutes, "uncounted", by=by, number=line_number)


def abandon(site: Site, number: str, *, by: Actor) -> None:
    """Give up a count that will not be signed: what was offered is withdrawn, bags that were opened stay open."""
    with site.store.writing():
        minutes = being_counted(number, HANDOVER)
        for line in lines_of_minutes(minutes):
            if line.parcel_id is None:
                continue
            parcel: Parcel = Parcel.get_by_id(line.parcel_id)
            if parcel.offered_to == minutes.taker:
                record_parcel(site, parcel, CustodyStep.WITHDRAW, by=by)
            if parcel.kind == BAG and line.seal_state:
                parcel.done_at = site.clock.now()
                parcel.save()
        if minutes.manifest_id is not None:
            ManifestLine.delete().where(ManifestLine.manifest == minutes.manifest_id).execute()
            Manifest.update(closed_at=site.clock.now()).where(Manifest.id == minutes.manifest_id).execute()
        minutes.voided_at = site.clock.now()
        minutes.save()
        counting.write(site, minutes, "abandoned", by=by)


def _under_way(manifest: Manifest) -> Minutes | None:
    mine = (Minutes.manifest == manifest) & Minutes.voided_at.is_null() & (Minutes.kind == HANDOVER)
    found: Minutes | None = Minutes.select().where(mine).first()
    return found


def _expected(parcels: list[Parcel]) -> list[Expected]:
    found = []
    for parcel in parcels:
        found.append(
            Expected(parcel.number, parcel.kind, parcel=parcel, dossier_id=parcel.dossier_id, seal=parcel.seal)
        )
        inside = parcels_by_id([line.parcel_id for line in lines_of(parcel) if line.parcel_id is not None])
        found += [
            Expected(
                one.number, one.kind, parcel=one, dossier_id=one.dossier_id, inside=parcel.number, seal=one.seal
            )
            for one in inside.values()
        ]  # fmt: skip
    return found


def _count(site: Site, minutes: Minutes, line: MinutesLine, *, by: Actor, capture: str) -> Answer:
    """An expected envelope is there; its seal is intact unless somebody says otherwise."""
    parcel: Parcel = Parcel.get_by_id(line.parcel_id)
    if parcel.bag:
        return Answer(
            "elsewhere", line.number,
            f"{line.number} còn ghi trong túi {parcel.bag}: quét nhãn túi rồi số niêm phong của túi trước.",
        )  # fmt: skip
    fact = Seal(parcel.seal_state) if parcel.seal_state and parcel.seal_state != Seal.INTACT else Seal.INTACT
    if fact is Seal.INTACT:
        seal_fact(site, parcel, fact, by=by, witness=minutes.taker)
    counting.count_line(site, line, capture=capture, seal_state=fact.value)
    if fact is not Seal.INTACT:
        counting.mark(line, fact)
    return Answer("counted", line.number, f"Đủ {line.number}.")


def _by_seal(site: Site, minutes: Minutes, scan: Scanned, *, by: Actor, capture: str) -> Answer:
    lines = lines_of_minutes(minutes)
    line = next((one for one in lines if one.seal == scan.number), None)
    if line is None:
        waiting = next((one for one in lines if one.kind == BAG and one.counted_at and not one.seal_state), None)
        if waiting is None:
            return counting.foreign(site, minutes, scan, capture=capture)
        raise RuleViolation(
            f"Niêm phong vừa quét là {scan.number}, sổ ghi {waiting.seal} cho túi {waiting.number}. Quét lại; nếu đúng "
            "là khác số, bấm “sai số niêm phong” để hai bên cùng mở và kiểm."
        )
    if line.counted_at is not None and line.seal_state:
        return Answer("again", line.number, f"{line.number} đã đếm rồi, không đếm hai lần.")
    if line.kind == BAG:
        counting.count_line(site, line, capture=capture)
        return _open(site, minutes, line, Parcel.get_by_id(line.parcel_id), Seal.INTACT, by=by)
    return _count(site, minutes, line, by=by, capture=capture)


def _open(
    site: Site, minutes: Minutes, line: MinutesLine, bag: Parcel, fact: Seal, *, by: Actor, seen: str = ""
) -> Answer:
    """Open a bag before both sides: its contents are offered to the receiver one by one."""
    if line.seal_state:
        return Answer("again", line.number, f"Túi {line.number} đã mở rồi.")
    seal_fact(site, bag, fact, by=by, seen=seen, witness=minutes.taker)
    seal_fact(site, bag, Seal.REMOVED, by=by, witness=minutes.taker)
    counting.mark(line, fact)
    things = lines_of(bag)
    for inside in things:
        thing = out_of_bag(site, bag, inside, by=by)
        if isinstance(thing, Parcel):
            record_parcel(site, thing, CustodyStep.OFFER, by=by, to=minutes.taker)
    return Answer("opened", line.number, f"Túi {line.number}, niêm phong {_words(fact)}: đếm {len(things)} phong bì.")


def _besides(site: Site, minutes: Minutes, thing: Parcel | Item, *, by: Actor, capture: str) -> Answer:
    """Something that is not on the manifest: taken over when it belongs here, else named and carried back."""
    if (known := line_of(minutes, thing.number)) is not None:
        return Answer("again", known.number, f"{known.number} đã ghi là thừa rồi.")
    if isinstance(thing, Item):
        counting.found_besides(
            site, minutes, thing.number, Verdict.ELSEWHERE, kind="item", capture=capture, item=thing
        )  # fmt: skip
        words = f"Bưu gửi {thing.number} là kết quả trả công dân, không giao ở đây. Biên bản ghi thừa, mang về bưu cục."
        return Answer("elsewhere", thing.number, words)
    if thing.done_at is not None:
        raise RuleViolation(
            f"{thing.number} đã giao cho “{thing.holder}” trước đây. Kiểm tra lại nhãn: có thể quét nhầm phong bì cũ."
        )
    around = first(BagLine, inside=thing.number)
    fits = thing.kind != BAG and thing.agency == minutes.agency and thing.holder == minutes.giver and around is None
    verdict = Verdict.OVER if fits and not thing.offered_to else Verdict.ELSEWHERE
    counting.found_besides(site, minutes, thing.number, verdict, kind=thing.kind, capture=capture, parcel=thing)
    if verdict is Verdict.OVER:
        record_parcel(site, thing, CustodyStep.OFFER, by=by, to=minutes.taker, capture=capture)
        words = f"{thing.number} không có trong bảng kê nhưng đúng nơi nhận: ghi thêm, giao luôn."
        return Answer("over", thing.number, words)
    why = f"sổ ghi đang trong túi {thing.bag}" if around else f"đi “{thing.agency}”, do “{thing.holder}” giữ"
    return Answer("elsewhere", thing.number, f"{thing.number} {why}. Biên bản ghi thừa, bên giao mang về.")


def _words(fact: Seal) -> str:
    return SEAL_NAME[fact]
