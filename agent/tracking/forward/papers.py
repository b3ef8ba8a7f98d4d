"""The papers of the paper leg: minutes and manifests as PDF, labels of bags and manifests."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from agent.clock import local
from agent.domain.forward import SEAL_NAME, Follow, Seal, Verdict, difference_words, seal_words
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store.accounts import User
from agent.store.bags import BAG, Parcel, lines_of, parcel_of, things_when_closed
from agent.store.dossiers import Dossier
from agent.store.minutes import Manifest, Minutes, MinutesLine, lines_of_minutes, notes_of, parcels_of_manifest
from agent.tracking.forward.counting import ARRIVAL, COLLECTION, HANDOVER, minutes_named
from agent.tracking.forward.manifests import manifest_named

if TYPE_CHECKING:
    from labels.forms.common import Head, Party
    from labels.spec import BagLabel, ManifestLabel

TITLE: Final = {
    HANDOVER: "Biên bản giao nhận hồ sơ",
    COLLECTION: "Biên bản giao nhận kết quả",
    ARRIVAL: "Biên bản mở túi, kiểm đếm",
}
NOUN: Final = {HANDOVER: "hồ sơ", COLLECTION: "kết quả", ARRIVAL: "bưu gửi"}
FEW: Final = 6  # so many lines fit on A5 with everything else


def minutes_pdf(site: Site, number: str) -> bytes:
    """Biên bản giao nhận as its rows are: with empty places while it is not signed, with corrections after."""
    from labels.forms.handover import Correction, HandoverForm, render

    with site.store.reading():
        minutes = minutes_named(number)
        lines = lines_of_minutes(minutes)
        taken = [one for one in lines if one.kind != BAG and one.verdict in (Verdict.PRESENT, Verdict.OVER)]
        if not taken:
            raise RuleViolation("Chưa chốt kiểm đếm, hoặc không có gì được giao. Chốt đếm rồi in biên bản.")
        bags = [one for one in lines if one.kind == BAG]
        named = difference_words((one.number, Verdict(one.verdict), Follow(one.follow)) for one in lines if one.verdict)
        at = minutes.signed_at or site.clock.now()
        form = HandoverForm(
            head=_head(site, minutes.number, minutes.number, at),
            giver=_party(site, minutes.giver, minutes.giver_name),
            receiver=_party(site, minutes.taker, minutes.receiver),
            at=local(at),
            where=minutes.place,
            items=tuple(_item(one) for one in taken),
            complete=not named,
            differences=named,
            bag="; ".join(f"{one.number}, niêm phong {one.seal} {_seal(one.seal_state)}".strip() for one in bags),
            title=TITLE[minutes.kind],
            noun=NOUN[minutes.kind],
            expected=sum(one.expected for one in lines if one.kind != BAG),
            seals=_seals(lines),
            a4=len(lines) > FEW or bool(named),
            signed_at=local(minutes.signed_at) if minutes.signed_at else None,
            strokes=_strokes(site, minutes),
            corrections=tuple(
                Correction(local(one.at), _name(one.by), one.words, _name(one.countersigned_by))
                for one in notes_of(minutes)
            ),
        )
    return render(form)


def manifest_pdf(site: Site, number: str) -> bytes:
    """Bảng kê: what is told to the receiver before it arrives."""
    from labels.forms.manifest import ManifestForm, ManifestRow, render

    with site.store.reading():
        manifest = manifest_named(number)
        form = ManifestForm(
            head=_head(site, manifest.number, f"PA1M|{manifest.number}", manifest.announced_at),
            giver=_party(site, manifest.from_holder, _name(manifest.announced_by)),
            receiver=_party(site, manifest.to_holder, ""),
            announced_at=local(manifest.announced_at),
            expected_at=local(manifest.expected_at),
            rows=tuple(
                ManifestRow(one.number, "túi" if one.kind == BAG else "phong bì lẻ", one.seal, *_inside(one))
                for one in parcels_of_manifest(manifest)
            ),
            things=manifest.things,
            dossiers=manifest.dossiers,
        )
    return render(form)


def bag_label(site: Site, number: str) -> BagLabel:
    """The label of a closed bag; NotFound for no bag, RuleViolation while it is open."""
    from labels.spec import BagLabel

    with site.store.reading():
        bag = parcel_of(number)
        if bag is None or bag.kind != BAG:
            raise NotFound(f"Không có túi {number} trong sổ.")
        if bag.closed_at is None:
            raise RuleViolation(f"Túi {number} chưa đóng: nhãn mang số niêm phong và số lượng, in sau khi đóng.")
        count = things_when_closed(bag)
    here = site.settings
    ends = (here.office.name, _agency(site, bag.agency))
    origin, to = ends if bag.way == "forward" else ends[::-1]
    return BagLabel(bag.number, origin, to, count, bag.seal, local(bag.closed_at), training=here.training)


def manifest_label(site: Site, number: str) -> ManifestLabel:
    """The label of a manifest."""
    from labels.spec import ManifestLabel

    with site.store.reading():
        one: Manifest = manifest_named(number)
    origin, to = (holder_name(site, holder) for holder in (one.from_holder, one.to_holder))
    return ManifestLabel(
        one.number, origin, to, one.bags, one.things, one.dossiers, local(one.announced_at),
        training=site.settings.training,
    )  # fmt: skip


def holder_name(site: Site, holder: str) -> str:
    """A holder as papers and screens name it: the office, the authority, a courier by name; inside reading()."""
    kind, _, name = holder.partition(":")
    if kind == "office":
        return site.settings.office.name if name == site.settings.office.id else f"Bưu cục {name}"
    if kind == "authority":
        return _agency(site, name)
    if kind == "courier":
        return f"Bưu tá {_name(f'user:{name}')}"
    return "Người nhận" if kind == "receiver" else holder


def _agency(site: Site, agency: str) -> str:
    office = site.settings.office
    return office.authority_name if agency == office.authority else f"Cơ quan mã {agency}"


def _head(site: Site, code: str, payload: str, at: datetime) -> Head:
    from labels.forms.common import Head

    office = site.settings.office
    return Head(
        authority=office.authority_name,
        desk=f"Bộ phận tiếp nhận và trả kết quả – {office.name}",
        number=code,
        code=code,
        payload=payload,
        place=office.address.rpartition(",")[2].strip() or office.name,
        issued_at=local(at),
        training=site.settings.training,
    )


def _party(site: Site, holder: str, name: str) -> Party:
    from labels.forms.common import Party

    own = holder.startswith("office:")
    return Party(
        name=name,
        address=holder_name(site, holder),
        phone=site.settings.office.phone if own else "",
    )


def _item(line: MinutesLine) -> Any:
    from labels.forms.handover import HandoverItem

    dossier = Dossier.get_or_none(Dossier.id == line.dossier_id) if line.dossier_id else None
    parcel = Parcel.get_or_none(Parcel.id == line.parcel_id) if line.parcel_id else None
    remark = [] if line.seal_state in ("", Seal.INTACT) else [_seal(line.seal_state)]
    remark += ["ngoài bảng kê"] if line.verdict == Verdict.OVER else []
    if dossier is None:
        return HandoverItem(line.number, "", "", 1, line.seal, ", ".join(remark))
    number = dossier.official or dossier.provisional
    slip = dossier.provisional if line.item_id is None else line.number
    count = parcel.papers if parcel is not None and parcel.papers else 1
    return HandoverItem(number, slip, dossier.procedure_code, count, line.seal, ", ".join(remark))


def _inside(parcel: Parcel) -> tuple[int, tuple[str, ...]]:
    """How many things are in it, and the numbers of their dossiers."""
    if parcel.kind != BAG:
        return 1, (_dossier_number(parcel.dossier_id),)
    lines = lines_of(parcel)
    owners = [(line.item if line.item_id is not None else line.parcel).dossier_id for line in lines]
    return len(lines), tuple(_dossier_number(owner) for owner in owners)


def _dossier_number(row_id: int | None) -> str:
    dossier = Dossier.get_or_none(Dossier.id == row_id) if row_id is not None else None
    return "" if dossier is None else str(dossier.official or dossier.provisional)


def _seals(lines: list[MinutesLine]) -> str:
    states = [one.seal_state for one in lines if one.seal_state]
    return f"niêm phong {seal_words(states)}" if states else ""


def _seal(state: str) -> str:
    return SEAL_NAME[Seal(state)] if state else ""


def _name(by: str) -> str:
    """A person's name by how journals keep him."""
    username = by.removeprefix("user:")
    user = User.get_or_none(User.username == username) if username else None
    return str(user.full_name) if user else username


def _strokes(site: Site, minutes: Minutes) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The receiver's signature where it was drawn on the screen; nothing for one on paper or a lost object."""
    if not minutes.signature_sha256:
        return ()
    try:
        held = json.loads(site.vault.get(minutes.signature_sha256))
    except (ValueError, NotFound):
        return ()
    strokes = held.get("strokes", []) if isinstance(held, dict) else []
    return tuple(tuple((float(point[0]), float(point[1])) for point in stroke) for stroke in strokes)
