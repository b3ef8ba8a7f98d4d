"""Record custody of envelopes and bags: the same rules as for an item, folded from the parcel's own events."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from agent.domain.actor import Actor
from agent.domain.custody import Custody, Entry, apply, require_possible_time
from agent.domain.custody_steps import CustodyStep
from agent.domain.forward import Seal, parcel_upu_code
from agent.domain.roles import Role
from agent.errors import Duplicate, RuleViolation
from agent.site import Site
from agent.store import journal, rows
from agent.store.bags import Parcel, ParcelEvent, SealFact, fold_of, lines_of
from agent.store.calendar import working_calendar
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import next_number
from agent.store.progress import announce
from agent.tracking.custody import CustodyFact, courier_holder, office_holder, record


def own_holder(by: Actor) -> str:
    """The holder that an actor acts for: a courier for himself, everybody else for the office."""
    return courier_holder(by.username) if by.role is Role.COURIER else office_holder(by.office_id)


def require_own(parcel: Parcel, by: Actor, what: str) -> None:
    """RuleViolation unless the actor's own side holds the parcel."""
    if parcel.holder != own_holder(by):
        raise RuleViolation(
            f"{parcel.number} do “{parcel.holder}” giữ, không phải bạn, nên không {what} được. "
            "Người giữ phải giao, bạn quét nhận rồi mới làm tiếp."
        )


def custody_of_parcel(parcel: Parcel) -> Custody | None:
    """The custody of a parcel, folded from its events."""
    return fold_of(parcel, working_calendar())


def register_parcel(
    site: Site, *, number: str, kind: str, way: str, agency: str, holder: str, by: Actor,
    dossier: Dossier | None = None, papers: int = 0,
) -> Parcel:  # fmt: skip
    """A new envelope or bag in the hands of `holder`, inside the caller's transaction."""
    now = site.clock.now()
    office_id = dossier.office_id if dossier else by.office_id
    parcel = rows.create(
        Parcel, uid=site.ids.uid(), number=number, kind=kind, way=way, office_id=office_id, agency=agency,
        dossier=dossier, papers=papers, state="registered", holder=holder, created_at=now, updated_at=now,
    )  # fmt: skip
    return record_parcel(site, parcel, CustodyStep.REGISTER, by=by, to=holder)


def record_parcel(
    site: Site, parcel: Parcel, step: CustodyStep, *, by: Actor, to: str = "", bag: str = "", capture: str = "typed",
    uid: uuid.UUID | None = None, at: datetime | None = None,
) -> Parcel:  # fmt: skip
    """Add one fact inside the caller's transaction and bring the parcel's cached state up to it.

    The same `uid` again changes nothing. RuleViolation when holder, offer or bag do not fit.
    """
    now, calendar = site.clock.now(), working_calendar()
    before = custody_of_parcel(parcel)
    known = ParcelEvent.get_or_none(ParcelEvent.uid == uid) if uid else None
    if known is not None:
        if known.parcel_id != parcel.id or known.step != step.value:
            raise Duplicate("Mã sự kiện này đã dùng cho việc khác. Đồng bộ lại thiết bị rồi thử lại.")
        return parcel
    holder = "" if before is None else parcel.holder
    entry = Entry(uid or site.ids.uid(), step, at or now, by.name, holder, to, bag)
    if before is not None:
        require_possible_time(before, entry.occurred_at, now)
    _require_own_act(step, holder, to, by)
    after = apply(before, entry, calendar)
    rows.create(
        ParcelEvent, uid=entry.uid, parcel=parcel, step=step.value, from_holder=holder, to_holder=to,
        occurred_at=entry.occurred_at, recorded_at=now, actor=by.name, device=by.terminal_id, capture=capture, bag=bag,
        upu_code=parcel_upu_code(parcel.kind, step, before.state if before else None, to),
    )  # fmt: skip
    parcel.state, parcel.holder, parcel.offered_to = after.state.value, after.holder, after.offered_to
    parcel.bag, parcel.updated_at = after.bag, now
    parcel.save()
    write_down(site, parcel, step.value, by=by, from_holder=holder, to_holder=to, bag=bag, parcel_event=str(entry.uid))
    return parcel


def with_contents(
    site: Site, bag: Parcel, step: CustodyStep, *, by: Actor, to: str = "", capture: str = "typed",
    uid: uuid.UUID | None = None,
) -> Parcel:  # fmt: skip
    """A step of a bag and of each thing in it: whoever holds the bag holds its contents."""
    record_parcel(site, bag, step, by=by, to=to, capture=capture, uid=uid)
    for line in lines_of(bag):
        if line.item_id is not None:
            item_step(site, Item.get_by_id(line.item_id), step, by=by, to=to, bag=bag.number, capture=capture)
        else:
            inside = Parcel.get_by_id(line.parcel_id)
            record_parcel(site, inside, step, by=by, to=to, bag=bag.number, capture=capture)
    return bag


def item_step(
    site: Site, item: Item, step: CustodyStep, *, by: Actor, to: str = "", bag: str = "", capture: str = "typed"
) -> None:
    """A step of an item, in its own journal, inside the caller's transaction."""
    fact = CustodyFact(
        site.ids.uid(), step, site.clock.now(), from_holder=item.holder, to_holder=to, bag=bag, capture=capture
    )
    record(site, item, fact, by=by)


def seal_fact(
    site: Site, parcel: Parcel, fact: Seal, *, by: Actor, seal: str = "", seen: str = "", witness: str = ""
) -> SealFact:
    """Write down what was seen of a parcel's seal, by whom and when, inside the caller's transaction."""
    now = site.clock.now()
    made = rows.create(
        SealFact, uid=site.ids.uid(), parcel=parcel, seal=seal or parcel.seal, seen=seen, fact=fact.value,
        seen_by=by.name, witness=witness, at=now, recorded_at=now,
    )  # fmt: skip
    if fact is Seal.APPLIED:
        parcel.seal, parcel.seal_state = seal, Seal.INTACT.value
    elif fact is not Seal.REMOVED:
        parcel.seal_state = fact.value
    parcel.updated_at = now
    parcel.save()
    write_down(site, parcel, f"seal_{fact.value}", by=by, seal=seal or parcel.seal, seen=seen, witness=witness)
    if fact in (Seal.BROKEN, Seal.MISSING, Seal.OTHER) and parcel.kind == "envelope":
        record_parcel(site, parcel, CustodyStep.OPEN, by=by, bag=parcel.bag)
    return made


def write_down(site: Site, parcel: Parcel, kind: str, *, by: Actor, **body: Any) -> None:
    """An entry of the custody ledger about a parcel; ids, codes and numbers only."""
    now = site.clock.now()
    journal.append(
        "custody", f"{parcel.kind}_{kind}", uid=site.ids.uid(), at=now, actor=by.name, office_id=parcel.office_id,
        terminal_id=by.terminal_id, dossier_id=parcel.dossier_id,
        body={"parcel": parcel.number, **{name: value for name, value in body.items() if value != ""}},
    )  # fmt: skip
    announce(f"{parcel.kind}_{kind}", at=now, office_id=parcel.office_id, terminal_id=by.terminal_id)


def next_of(site: Site, name: str, by: Actor) -> tuple[str, Any, int]:
    """Terminal, local day and the next running number of a kind of paper, inside the caller's transaction."""
    from agent.clock import local

    day = local(site.clock.now()).date()
    return by.terminal_id, day, next_number(f"{name}:{by.terminal_id}", day)


def _require_own_act(step: CustodyStep, holder: str, to: str, by: Actor) -> None:
    """What lies in a courier's hands only that courier gives, and only he takes what is given to him."""
    acting = to if step is CustodyStep.ACCEPT else holder
    courier = courier_holder("")
    if acting.startswith(courier) and acting != courier_holder(by.username):
        raise RuleViolation(
            f"Chỉ bưu tá “{acting.removeprefix(courier)}” tự làm được bước này. Nhờ bưu tá đó làm trên máy của mình."
        )
    if by.role is Role.COURIER and acting and acting != courier_holder(by.username):
        raise RuleViolation(f"Túi hoặc phong bì do “{acting}” giữ, không phải bạn. Nhờ người giữ giao cho bạn trước.")
