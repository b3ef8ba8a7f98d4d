"""Delivery routes: which courier goes where, kept by the office, and which route an address is on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.delivery import Area, fit
from agent.domain.roles import Role
from agent.domain.text import clean
from agent.errors import Duplicate, NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.accounts import User
from agent.store.delivery import Route
from agent.store.progress import announce

MOST_AREAS = 200
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,9}")


@dataclass(frozen=True)
class RouteInput:
    """A route as the office types it; `areas` are lines `commune` or `commune; place`."""

    code: str
    name: str
    courier: str
    areas: str
    active: bool = True


def save_route(site: Site, given: RouteInput, *, by: Actor, uid: UUID | None = None) -> Route:
    """Add a route, or write over the one with this uid; what is wrong is said of its field."""
    code, name, areas = clean(given.code).upper(), clean(given.name)[:80], parse_areas(given.areas)
    if not _CODE.fullmatch(code):
        raise RuleViolation("Mã tuyến gồm 1 đến 10 chữ không dấu, số, dấu chấm hoặc gạch nối. Sửa mã tuyến.")
    if not name:
        raise RuleViolation("Tuyến phải có tên. Ghi tên tuyến.")
    with site.store.writing():
        require_courier(given.courier, by.office_id)
        taken = Route.get_or_none((Route.office_id == by.office_id) & (Route.code == code))
        if taken is not None and taken.uid != uid:
            raise Duplicate(f"Mã tuyến {code} đã có. Dùng mã khác hoặc sửa tuyến đó.")
        values = {
            "code": code, "name": name, "courier": given.courier, "active": given.active,
            "areas": [{"commune": area.commune, "place": area.place} for area in areas],
            "changed_by": by.username, "changed_at": site.clock.now(),
        }  # fmt: skip
        if uid is None:
            route = rows.create(Route, uid=site.ids.uid(), office_id=by.office_id, **values)
        else:
            route = route_by_uid(uid, by.office_id)
            rows.change(Route, route.id, **values)
        announce("route", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
    return route


def route_by_uid(uid: UUID, office_id: str) -> Route:
    """The office's route, or NotFound."""
    found: Route | None = Route.get_or_none((Route.uid == uid) & (Route.office_id == office_id))
    if found is None:
        raise NotFound("Không có tuyến phát này ở bưu cục. Tải lại trang tuyến.")
    return found


def routes_of(office_id: str, *, active_only: bool = False) -> list[Route]:
    """The office's routes by their codes."""
    wanted = Route.office_id == office_id
    return list(Route.select().where(wanted & Route.active if active_only else wanted).order_by(Route.code))


def parse_areas(text: str) -> list[Area]:
    """Areas from lines `commune` or `commune; place`; RuleViolation names a line that is neither.

    >>> parse_areas("Tây Hồ; Lạc Long Quân")
    [Area(commune='Tây Hồ', place='Lạc Long Quân')]
    """
    areas = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        commune, _mark, place = (clean(part) for part in line.partition(";"))
        if not commune or len(commune) > 100 or len(place) > 100:
            raise RuleViolation(f"Dòng {number} của địa bàn chưa đúng. Ghi “xã/phường” hoặc “xã/phường; đường, thôn”.")
        areas.append(Area(commune, place))
    if len(areas) > MOST_AREAS:
        raise RuleViolation(f"Một tuyến có nhiều nhất {MOST_AREAS} dòng địa bàn. Tách thành hai tuyến.")
    return areas


def require_courier(username: str, office_id: str) -> None:
    """RuleViolation unless the office has this courier; an empty name is a route that nobody runs now."""
    known = (User.username == username) & (User.office_id == office_id) & (User.role == Role.COURIER)
    if username and not User.select().where(known).exists():
        raise RuleViolation("Bưu cục không có bưu tá này. Chọn bưu tá của bưu cục.")


def best_route(address: str, routes: Sequence[tuple[Route, Iterable[Area]]]) -> Route | None:
    """The route whose area fits an address best; the first by its code among equals, None when none fits."""
    best, most = None, 0
    for route, areas in routes:
        found = max((fit(address, area) for area in areas), default=0)
        if found > most:
            best, most = route, found
    return best


def areas_of(route: Route) -> list[Area]:
    """The route's areas."""
    return [Area(row["commune"], row.get("place", "")) for row in route.areas]
