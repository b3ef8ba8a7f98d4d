"""Close a count and sign its minutes: custody moves, the dossiers are filed, what is short or over is followed up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from agent.domain.actor import Actor
from agent.domain.canonical import canonical_json, digest
from agent.domain.custody_steps import CustodyStep
from agent.domain.forward import Follow, Verdict
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.bags import BAG, Parcel
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import dossiers_to_change, items_to_change
from agent.store.minutes import (
    COUNTING,
    KEPT,
    PENDING,
    Manifest,
    Minutes,
    MinutesLine,
    MinutesNote,
    lines_of_minutes,
)
from agent.tracking.forward import counting
from agent.tracking.forward.counting import HANDOVER, being_counted, minutes_named
from agent.tracking.forward.filing import file_by_minutes
from agent.tracking.forward.parcels import item_step, record_parcel

SCREEN, PAPER = "screen", "paper"


@dataclass(frozen=True)
class Signed:
    """Who signs for the receiver, and how: on our screen (`signature` in the vault's form) or on paper."""

    receiver: str
    how: str
    signature: bytes = b""


def close_count(site: Site, number: str, *, by: Actor) -> Minutes:
    """Close the count: each thing has its verdict and the minutes can be printed; again changes nothing."""
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.state == PENDING:
            return minutes
        minutes = being_counted(number, HANDOVER)
        lines = lines_of_minutes(minutes)
        sealed = next((one for one in lines if one.kind == BAG and one.counted_at and not one.seal_state), None)
        if sealed is not None:
            raise RuleViolation(
                f"Chưa kiểm niêm phong của túi {sealed.number}. Quét số niêm phong {sealed.seal}, "
                "hoặc ghi bị rách vỡ, không còn, sai số."
            )
        if not any(one.counted_at for one in lines):
            raise RuleViolation("Chưa đếm được phong bì nào. Quét nhãn từng phong bì rồi mới chốt.")
        counting.judge(lines)
        minutes.state = PENDING
        minutes.save()
        counting.write(site, minutes, "counted", by=by, lines=counting.verdicts(minutes))
    return minutes


def count_on(site: Site, number: str, *, by: Actor) -> Minutes:
    """Go on counting minutes that nobody has signed: something turned up."""
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.state == KEPT:
            raise RuleViolation(f"Biên bản {number} hai bên đã ký. Chỉ bổ sung được bằng ghi chú đính chính.")
        counting.unjudge(lines_of_minutes(minutes))
        minutes.state = COUNTING
        minutes.save()
        counting.write(site, minutes, "count_goes_on", by=by)
    return minutes


def sign_handover(site: Site, number: str, signed: Signed, *, by: Actor) -> Minutes:
    """Both sides have signed: custody of what is present moves to the authority, in one transaction.

    What is short stays with the giver, its offer withdrawn. Where the office's mode says so this is the legal filing
    time of each dossier. Signing again changes nothing.
    """
    receiver = " ".join(signed.receiver.split())[:100]
    if len(receiver) < 2:
        raise RuleViolation("Ghi họ tên người nhận của cơ quan. Người đó ký trên màn hình hoặc trên giấy.")
    if signed.how not in (SCREEN, PAPER) or (signed.how == SCREEN and not signed.signature):
        raise RuleViolation("Người nhận chưa ký. Ký trên màn hình, hoặc in biên bản, ký giấy rồi bấm “đã ký giấy”.")
    sha256 = site.vault.put(signed.signature) if signed.how == SCREEN else None
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.state == KEPT:
            return minutes
        if minutes.state != PENDING or minutes.kind != HANDOVER:
            raise RuleViolation(f"Biên bản {number} chưa chốt kiểm đếm. Chốt đếm rồi hai bên mới ký.")
        lines = lines_of_minutes(minutes)
        dossiers_to_change(Dossier.id.in_([one.dossier_id for one in lines if one.dossier_id] or [-1]))
        minutes.signed_at, minutes.signed_by = site.clock.now(), by.name
        minutes.receiver, minutes.how, minutes.signature_sha256 = receiver, signed.how, sha256
        for line in lines:
            _move(site, minutes, line, by=by)
        minutes.digest = digest(canonical_json({"minutes": number, "lines": counting.verdicts(minutes)}))
        if minutes.manifest_id is not None:
            Manifest.update(closed_at=minutes.signed_at).where(Manifest.id == minutes.manifest_id).execute()
        counting.settled(site, minutes, by=by)
        file_by_minutes(site, minutes, lines, by=by)
        counting.write(
            site, minutes, "signed", by=by, how=signed.how, signature=sha256 or "", digest=minutes.digest,
            short=[one.number for one in lines if one.verdict == Verdict.SHORT],
            over=[one.number for one in lines if one.verdict not in ("", Verdict.PRESENT, Verdict.SHORT)],
        )  # fmt: skip
    return minutes


def _move(site: Site, minutes: Minutes, line: MinutesLine, *, by: Actor) -> None:
    if line.parcel_id is None:
        return
    parcel: Parcel = Parcel.get_by_id(line.parcel_id)
    if parcel.kind == BAG:
        if line.seal_state:
            parcel.done_at = minutes.signed_at
            parcel.save()
        return
    if line.verdict in (Verdict.PRESENT, Verdict.OVER):
        record_parcel(site, parcel, CustodyStep.ACCEPT, by=by, to=minutes.taker, capture=line.capture or "typed")
        parcel.done_at = minutes.signed_at
        parcel.save()
    elif parcel.offered_to == minutes.taker:
        record_parcel(site, parcel, CustodyStep.WITHDRAW, by=by)


def add_note(site: Site, number: str, words: str, *, by: Actor) -> MinutesNote:
    """A late correction of signed minutes: an entry beside them, visibly pending until a second person countersigns."""
    said = " ".join(words.split())[:500]
    if len(said) < 5:
        raise RuleViolation("Ghi rõ nội dung đính chính: số nào, sai thế nào, đúng là gì.")
    with site.store.writing():
        minutes = minutes_named(number)
        if minutes.state != KEPT:
            raise RuleViolation("Biên bản chưa ký: sửa ngay trong lần kiểm đếm, chưa cần đính chính.")
        note = rows.create(
            MinutesNote, uid=site.ids.uid(), minutes=minutes, at=site.clock.now(), by=by.name, words=said
        )
        counting.write(site, minutes, "note", by=by, note=str(note.uid))
    return note


def countersign_note(site: Site, number: str, uid: uuid.UUID, *, by: Actor) -> MinutesNote:
    """A second person stands for a correction of these minutes; again changes nothing."""
    with site.store.writing():
        minutes = minutes_named(number)
        note = rows.first(MinutesNote, uid=uid)
        if note is None or note.minutes_id != minutes.id:
            raise NotFound("Không có đính chính này. Tải lại trang.")
        if note.countersigned_at is not None:
            return note
        if note.by == by.name:
            raise RuleViolation("Đính chính phải do người thứ hai ký xác nhận, không phải chính người ghi.")
        note.countersigned_at, note.countersigned_by = site.clock.now(), by.name
        note.save()
        counting.write(site, minutes, "note_countersigned", by=by, note=str(uid))
    return note


def settle_difference(site: Site, line_id: int, how: str, *, by: Actor) -> MinutesLine:
    """What became of a thing that was short or over: found, carried back, handed to its owner, or lost.

    `lost` writes the loss into the thing's own custody; a claim is opened from there.
    """
    if how not in ("found", "carried_back", "given_to_owner", "lost"):
        raise RuleViolation("Chọn kết quả: tìm thấy, đã mang về, đã trả đúng nơi, hoặc thất lạc.")
    with site.store.writing():
        line = rows.first(MinutesLine, id=line_id)
        if line is None or line.verdict in ("", Verdict.PRESENT):
            raise NotFound("Không có chênh lệch này. Tải lại trang.")
        if line.settled_at is not None:
            return line
        if how == "lost":
            _lose(site, line, by=by)
        line.settled_at, line.follow = site.clock.now(), line.follow or Follow.SEARCH.value
        line.save()
        minutes: Minutes = Minutes.get_by_id(line.minutes_id)
        counting.write(site, minutes, "difference_settled", by=by, number=line.number, how=how)
    return line


def _lose(site: Site, line: MinutesLine, *, by: Actor) -> None:
    if line.item_id is not None:
        item: Item = Item.get_by_id(line.item_id)
        items_to_change([item.number])
        item_step(site, Item.get_by_id(item.id), CustodyStep.LOSE, by=by)
    elif line.parcel_id is not None:
        record_parcel(site, Parcel.get_by_id(line.parcel_id), CustodyStep.LOSE, by=by)
