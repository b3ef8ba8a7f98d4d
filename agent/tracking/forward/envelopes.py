"""Seal the papers that go to the authority (phong bì niêm phong), and say what was seen of a seal later."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from agent.domain.actor import Actor
from agent.domain.canonical import Handling
from agent.domain.dossier import ENDED, PaperForm
from agent.domain.forward import Seal, parse_seal, transfer_deadline
from agent.errors import RuleViolation
from agent.settings_office import Office
from agent.site import Site
from agent.store.bags import ENVELOPE, FORWARD, Parcel, envelopes_of, parcel_of, seal_is_used
from agent.store.calendar import working_calendar
from agent.store.dossiers import Component, Dossier, Supplement
from agent.store.lookup import dossier_by_uid
from agent.tracking.custody import office_holder
from agent.tracking.forward.parcels import register_parcel, require_own, seal_fact, write_down


@dataclass(frozen=True)
class ToCarry:
    """A dossier whose papers must be at the authority by `transfer_by`; `envelope` is None until it is sealed."""

    dossier: Dossier
    papers: int
    transfer_by: datetime
    late: bool
    envelope: Parcel | None


def seal_envelope(site: Site, uid: uuid.UUID, seal: str, *, by: Actor) -> Parcel:
    """Pack the papers that are kept and forwarded into an envelope and seal it before the sender's eyes.

    Asking again with the same seal gives the same envelope; another seal while one is on its way is refused.
    """
    number = parse_seal(seal)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        open_one = next((one for one in envelopes_of(dossier) if one.way == FORWARD and one.done_at is None), None)
        if open_one is not None:
            if open_one.seal == number:
                return open_one
            raise RuleViolation(
                f"Hồ sơ {dossier.provisional} đã có phong bì niêm phong {open_one.seal}. "
                "Niêm phong hỏng thì ghi nhận hỏng rồi niêm phong lại."
            )
        if dossier.state in ENDED:
            raise RuleViolation(f"Hồ sơ {dossier.provisional} đã kết thúc, không còn giấy tờ để chuyển.")
        papers = _papers(dossier) - _carried(envelopes_of(dossier))
        if papers <= 0:
            raise RuleViolation(
                f"Hồ sơ {dossier.provisional} không còn giấy tờ phải chuyển bản giấy. Không cần phong bì."
            )
        _unused(number)
        place = sum(one.way == FORWARD for one in envelopes_of(dossier)) + 1
        if dossier.transfer_by is None:
            dossier.transfer_by = transfer_deadline(working_calendar(), dossier.received_at)
            dossier.save()
        parcel = register_parcel(
            site, number=f"{dossier.provisional}/E{place}", kind=ENVELOPE, way=FORWARD, agency=dossier.agency,
            holder=office_holder(dossier.office_id), by=by, dossier=dossier, papers=papers,
        )  # fmt: skip
        seal_fact(site, parcel, Seal.APPLIED, by=by, seal=number)
    return parcel


def seal_again(site: Site, number: str, seal: str, *, by: Actor) -> Parcel:
    """Put a new seal on an envelope or a bag whose seal was broken or missing; the old fact stays."""
    fresh = parse_seal(seal)
    with site.store.writing():
        parcel = _parcel(number)
        require_own(parcel, by, "niêm phong lại")
        if parcel.seal_state in ("", Seal.INTACT) and parcel.seal:
            raise RuleViolation(
                f"Niêm phong {parcel.seal} của {number} còn nguyên. Nếu đã hỏng, ghi nhận hỏng rồi niêm phong lại."
            )
        _unused(fresh)
        seal_fact(site, parcel, Seal.APPLIED, by=by, seal=fresh)
    return parcel


def see_seal(site: Site, number: str, fact: Seal, *, by: Actor, seen: str = "", witness: str = "") -> Parcel:
    """Write down that a seal is intact, broken, missing or another one, with who saw it and when."""
    if fact not in (Seal.INTACT, Seal.BROKEN, Seal.MISSING, Seal.OTHER):
        raise RuleViolation("Chọn tình trạng niêm phong: còn nguyên, bị rách vỡ, không còn, hoặc sai số.")
    with site.store.writing():
        parcel = _parcel(number)
        if not parcel.seal:
            raise RuleViolation(f"{number} chưa niêm phong, không có gì để kiểm. Niêm phong trước.")
        seal_fact(site, parcel, fact, by=by, seen=seen, witness=witness)
    return parcel


def papers_to_carry(site: Site, office_id: str) -> list[ToCarry]:
    """The office's dossiers whose papers are not at the authority yet: what is late, or due first, comes first.

    Not those whose papers stay, by `[office] carry`; an envelope can be sealed for one of them all the same.
    """
    now, calendar = site.clock.now(), working_calendar()
    with site.store.reading():
        waiting = _waiting(office_id, site.settings.office)
        envelopes: dict[int | None, list[Parcel]] = {}
        listed = Parcel.dossier.in_([one.id for one in waiting] or [-1]) & (Parcel.way == FORWARD)
        for parcel in Parcel.select().where(listed).order_by(Parcel.id):
            envelopes.setdefault(parcel.dossier_id, []).append(parcel)
        rounds = _answered([one.id for one in waiting])
        counts = _paper_counts([one.id for one in waiting])
    found = []
    for dossier in waiting:
        mine = envelopes.get(dossier.id, [])
        gone = _carried(mine)
        begun = rounds.get(dossier.id, now) if gone else dossier.received_at
        by = transfer_deadline(calendar, begun) if gone else dossier.transfer_by or transfer_deadline(calendar, begun)
        on_the_way = next((one for one in mine if one.done_at is None), None)
        found.append(ToCarry(dossier, counts.get(dossier.id, 0) - gone, by, by < now, on_the_way))
    return sorted(found, key=lambda one: (one.transfer_by, one.dossier.id))


def unseal(site: Site, parcel: Parcel, *, by: Actor) -> None:
    """The envelope's way is over without a hand-over: the dossier ended, its papers go back to the citizen."""
    with site.store.writing():
        held = _parcel(parcel.number)
        require_own(held, by, "mở")
        if held.bag:
            raise RuleViolation(f"{held.number} đang trong túi {held.bag}. Lấy khỏi túi rồi mở.")
        seal_fact(site, held, Seal.REMOVED, by=by)
        held.done_at = site.clock.now()
        held.save()
        write_down(site, held, "given_back", by=by)


def _parcel(number: str) -> Parcel:
    parcel = parcel_of(number)
    if parcel is None:
        raise RuleViolation(f"Không có túi hay phong bì {number} trong sổ. Quét lại nhãn.")
    return parcel


def _unused(seal: str) -> None:
    other = seal_is_used(seal)
    if other is not None:
        raise RuleViolation(
            f"Số niêm phong {seal} đã dùng cho {other.number}. Lấy niêm phong khác: mỗi niêm phong chỉ dùng một lần."
        )


def _forwarded() -> Any:
    """Components whose paper goes to the authority."""
    return (Component.handling == Handling.KEEP_FORWARD.value) & (Component.form != PaperForm.ELECTRONIC)


def _answered(ids: list[int]) -> dict[int, datetime]:
    """When the newest supplement of each of these dossiers was answered: its papers' term runs from then."""
    answered = Supplement.dossier.in_(ids or [-1]) & Supplement.answered_at.is_null(False)
    found: Any = Supplement.select(Supplement.dossier, Supplement.answered_at).where(answered).order_by(Supplement.id)
    return dict(found.tuples())


def _given() -> Any:
    """Components that were handed in, not taken from the store."""
    return Component.reused_from == ""


def _papers(dossier: Dossier) -> int:
    mine = Component.select().where((Component.dossier == dossier) & _forwarded() & _given())
    return sum(one.quantity for one in mine)


def _carried(envelopes: Iterable[Parcel]) -> int:
    """How many papers went to the authority in these envelopes already."""
    there = [one for one in envelopes if one.way == FORWARD and one.done_at and one.holder.startswith("authority:")]
    return sum(one.papers for one in there)


def _waiting(office_id: str, office: Office) -> list[Dossier]:
    """Dossiers of the office with paper that no envelope carried yet; of a supplement too."""
    done = (Parcel.office_id == office_id) & (Parcel.way == FORWARD) & Parcel.done_at.is_null(False)
    gone: Any = (
        Parcel.select(fn.COALESCE(fn.SUM(Parcel.papers), 0))
        .where(done & (Parcel.dossier == Dossier.id) & Parcel.holder.startswith("authority:"))
    )  # fmt: skip
    given: Any = Component.select(fn.COALESCE(fn.SUM(Component.quantity), 0)).where(
        (Component.dossier == Dossier.id) & _forwarded() & _given()
    )
    mine = (Dossier.office_id == office_id) & Dossier.state.not_in(list(ENDED)) & Dossier.closed_at.is_null()
    named = [*office.carry_except]
    excepted = Dossier.procedure_code.in_(named) | Dossier.agency.in_(named)
    if office.carry == "none" and not named:
        return []
    if named:
        mine &= excepted if office.carry == "none" else ~excepted
    return list(Dossier.select().where(mine & (given > gone)).order_by(Dossier.id).limit(2_000))


def _paper_counts(ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    columns: Any = (Component.dossier, Component.quantity)
    lines: Any = Component.select(*columns).where(Component.dossier.in_(ids or [-1]) & _forwarded() & _given())
    for dossier_id, quantity in lines.tuples():
        found[dossier_id] = found.get(dossier_id, 0) + quantity
    return found
