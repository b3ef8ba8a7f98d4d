"""Makers of what the courier's and the citizen's pages show, without a province on the line."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ReturnWay, State
from agent.domain.roles import Role
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Item, Result
from agent.tracking.custody import accept, courier_holder, hand_over, move
from agent.tracking.items import allot_range, collect_from_authority, register_item
from tests import builders
from tests.webdesk import HandClock, add_people

CLERK = builders.CLERK
COURIER = Actor("tuyen7", "Trần Đức Ân", Role.COURIER, builders.OFFICE, "T1")
PEOPLE = (
    ("001188012345", "Nguyễn Thị Hường", "12 Lạc Long Quân, Tây Hồ, Hà Nội"),
    ("001075004321", "Đỗ Văn Đặng", "45 Thụy Khuê, Tây Hồ, Hà Nội"),
    ("001199007777", "Lê Quỳnh Mai", "8 Hoàng Hoa Thám, Ba Đình, Hà Nội"),
    ("001066001111", "Trần Đức Ân", "3 Đặng Thai Mai, Tây Hồ, Hà Nội"),
)
_starts = itertools.count(1)
Person = tuple[str, str, str]  # identity number, name, address


def station(folder: Path) -> builders.Station:
    """A whole station on an injected clock, all of USERS signed up."""
    made = builders.station(folder, clock=HandClock())
    add_people(made.site)
    return made


def received(at: builders.Station, person: int | Person = 0) -> Dossier:
    """A received dossier of one of PEOPLE, or of somebody else."""
    number, name, address = PEOPLE[person] if isinstance(person, int) else person
    return builders.received(at, card=f"{number}||{name}|14031988|Nữ|{address}|05062021")


def with_result(at: builders.Station, person: int | Person = 0, *, collect: int = 0) -> Dossier:
    """A dossier whose paper result is ready at the authority; `collect` đồng are owed on delivery."""
    dossier = received(at, person)
    now = at.site.clock.now()
    with at.site.store.writing():
        dossier.state, dossier.province_status = State.RESULT_READY, 9
        dossier.official = f"H26.019.02-261121-{100_000 + dossier.id}"
        dossier.save()
        Result.create(
            uid=at.site.ids.uid(), dossier=dossier, province_id=f"KQ{dossier.id}", name="Kết quả", form="paper",
            way=ReturnWay.COURIER, state="ready", ready_at=now,
        )  # fmt: skip
        if collect:
            Fee.create(
                dossier=dossier, code="cuoc", name="Cước trả kết quả", ledger="freight", amount=collect, stage="return"
            )
    return dossier


def offered(at: builders.Station, person: int = 0, *, collect: int = 0) -> Item:
    """An item that the office offers to the courier."""
    dossier = with_result(at, person, collect=collect)
    start = next(_starts) * 1000
    allot_range(at.site, builders.OFFICE, "RD", start, start + 9)
    item = register_item(at.site, dossier.uid, by=CLERK)
    collect_from_authority(at.site, item.number, by=CLERK)
    hand_over(at.site, [item.number], to=courier_holder(COURIER.username), by=CLERK)
    return Item.get_by_id(item.id)


def held(at: builders.Station, person: int = 0, *, collect: int = 0) -> Item:
    """An item that the courier has accepted."""
    item = offered(at, person, collect=collect)
    accept(at.site, [item.number], holder=courier_holder(COURIER.username), by=COURIER)
    return Item.get_by_id(item.id)


def out(at: builders.Station, person: int = 0, *, collect: int = 0) -> Item:
    """An item that is out for delivery."""
    item = held(at, person, collect=collect)
    move(at.site, item.number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
    return Item.get_by_id(item.id)


def phone(chromium: Any, **options: Any) -> Any:
    """A phone's page: 390 x 844, Vietnamese."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN", **options)
    return context.new_page()
