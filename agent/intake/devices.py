"""What people decide about the terminal's devices: a role, a device taken in use, a unit accepted, a diagnosis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent import log
from agent.domain.actor import Actor
from agent.domain.jobs import PRINTER_ROLES
from agent.errors import ConfigError, NotFound, RuleViolation
from agent.ports import DeviceState
from agent.settings import Device
from agent.site import Site
from agent.store import devices as rows
from agent.store.devices import DeviceSetup

logger = log.get(__name__)
ROLES_OF = {"usb": PRINTER_ROLES, "serial": (*PRINTER_ROLES, "reader"), "hidraw": ("reader",), "evdev": ("reader",)}
LANGUAGES = ("zpl", "tspl", "escpos")
LONGEST_TRACE = timedelta(hours=2)
TRIAL = timedelta(seconds=60)  # in which what types has to deliver a reader's test code
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_ADDRESS = re.compile(r"usb-id:[0-9a-f]{4}:[0-9a-f]{4}(?::[^\x00-\x1f\x7f]{1,128}|@[\w.-]{1,40}(?::[\w.]{1,16})?)")
_PORT = re.compile(r"(?:COM\d{1,3}|/dev/(?:cu|tty)[\w.-]{1,60})")  # of a serial port that is at no USB port


@dataclass(frozen=True)
class Shown:
    """The device that the page showed when a person decided: another may be plugged in by now."""

    identity: str
    place: str
    kind: str = ""


def assign_role(site: Site, name: str, role: str, *, by: Actor) -> Device:
    """Give a printer a role; whoever had it keeps it too, but the printer that was decided upon last is used.

    NotFound for an unknown device, RuleViolation for a role that it cannot have.
    """
    line = _line(site, name)
    if line.role not in PRINTER_ROLES or role not in PRINTER_ROLES:
        raise RuleViolation(f"Thiết bị “{name}” không nhận vai trò này. Chỉ đổi được giữa in nhãn và in biên nhận.")
    _decide(site, name, by, role=role)
    return _line(site, name)


def adopt(
    site: Site, shown: Shown, *, name: str, role: str, language: str, by: Actor, is_reader: bool = False
) -> Device:
    """Take a plugged-in device in use under a name of its own; it is found by its identity wherever it is plugged in.

    What types (evdev) may be the keyboard at hand: it needs a person's word (`is_reader`), and is on trial until it
    delivers a reader's test code. NotFound when what was shown is there no longer, RuleViolation for a name, role or
    language that does not fit.
    """
    there = [one for one in site.devices.found() if Shown(one.identity, one.place, one.kind) == shown]
    if len(there) != 1:
        raise NotFound("Thiết bị vừa được rút ra, đổi chỗ hoặc đã khai báo. Tải lại trang.")
    found = there[0]
    if not _NAME.fullmatch(name):
        raise RuleViolation("Tên thiết bị chỉ gồm chữ thường không dấu, số và gạch nối, ví dụ may-in-quay-1.")
    if name in {line.name for line in site.devices.lines()}:
        raise RuleViolation(f"Tên “{name}” đã dùng cho thiết bị khác. Chọn tên khác.")
    if role not in ROLES_OF.get(found.kind, ()) or language not in LANGUAGES:
        raise RuleViolation("Thiết bị này không làm được việc đã chọn. Chọn lại việc và ngôn ngữ in.")
    if found.kind == "evdev" and not is_reader:
        raise RuleViolation("Đây có thể là bàn phím đang dùng. Chỉ khi chắc là máy đọc mã, đánh dấu ô rồi bấm lại.")
    line = Device(name, role, found.kind, found.address, language=language)
    if line_from(name, asdict(line), at=site.clock.now()) is None:
        raise RuleViolation(f"Không nhận được thiết bị ở {found.node} qua trang này. Khai báo [[device]] cho nó.")
    trial = {"trial_until": (site.clock.now() + TRIAL).isoformat()} if found.kind == "evdev" else {}
    _decide(site, name, by, line=asdict(line) | trial, role=None)
    return line


def give_up(site: Site, name: str, *, by: Actor) -> None:
    """Set a device that was taken in use on the screen aside; one of the settings file stays."""
    line = _line(site, name)
    if line in site.settings.devices or name in {one.name for one in site.settings.devices}:
        raise RuleViolation(f"Thiết bị “{name}” nằm trong tệp cấu hình. Bỏ dòng [[device]] của nó rồi chạy lại.")
    with site.store.writing():
        rows.forget(by.terminal_id, name)
    site.devices.reload()


def accept_unit(site: Site, name: str, shown: Shown, *, by: Actor) -> None:
    """A person says that the unit which the page showed is the one to use; RuleViolation when it is another now."""
    _line(site, name)
    identity, port = site.devices.unit(name)
    if not identity:
        raise NotFound("Không thấy thiết bị nào ở chỗ này. Cắm thiết bị rồi làm lại.")
    if (identity, port) != (shown.identity, shown.place):
        raise RuleViolation(
            f"Máy đang cắm ở “{name}” không còn là máy mà trang vừa hiện. Xem lại tình trạng rồi bấm lại nếu đúng máy."
        )
    _decide(site, name, by, known_as=identity, known_at=port)


def diagnose(site: Site, name: str, *, minutes: int, by: Actor) -> datetime | None:
    """Keep every byte of a printer's wire, encrypted, for some minutes (0: stop now); when it ends.

    RuleViolation for more than two hours; what was kept is deleted 24 hours after the start.
    """
    line = _line(site, name)
    if line.role not in PRINTER_ROLES or line.kind in ("cups", "spooler"):
        raise RuleViolation(f"Chỉ chẩn đoán được máy in nối trực tiếp; “{name}” thì không.")
    if not 0 <= minutes <= LONGEST_TRACE.total_seconds() / 60:
        raise RuleViolation("Chẩn đoán kéo dài từ 1 đến 120 phút (0 để dừng).")
    until = site.clock.now() + timedelta(minutes=minutes) if minutes else None
    _decide(site, name, by, trace_until=until)
    return until


def published(site: Site) -> list[DeviceState]:
    """What the running agent's devices last said."""
    with site.store.reading():
        found = rows.statuses(site.settings.terminal.id)
    return [DeviceState(one.name, one.role, one.connected, one.ready, one.words, one.said_at) for one in found]


def keep_unit(site: Site, name: str, identity: str, port: str) -> None:
    """Remember the first unit that was met at a device's place, or that it was moved to another port."""
    here = site.settings
    with site.store.writing():
        rows.decide(
            office_id=here.office.id,
            terminal_id=here.terminal.id,
            name=name,
            at=site.clock.now(),
            by="system",
            known_as=identity,
            known_at=port,
        )


def lines_of(
    setups: Iterable[DeviceSetup], *, at: datetime, works: Callable[[Device], bool], told: set[int]
) -> dict[str, Device]:
    """The lines of the devices that were taken in use, by name, without those that cannot be.

    `works` tells whether this platform has such a device. A line that is left out is logged once, its id in `told`.
    """
    lines = {}
    for row in setups:
        if row.line is None or _is_over(row.line, at):
            continue
        line = line_from(row.name, row.line, at=at)
        if line is not None and works(line):
            lines[row.name] = line
        elif row.id not in told:
            told.add(row.id)
            logger.warning("the line of device setup %s is not one that can be used: left out", row.id)
    return lines


def line_from(name: str, fields: object, *, at: datetime) -> Device | None:
    """The line of a device that was taken in use, from its stored fields; None for all that `adopt` does not make."""
    if not isinstance(fields, dict) or _is_over(fields, at):
        return None
    role, kind, address, language = (str(fields.get(one)) for one in ("role", "kind", "address", "language"))
    fits = fields.get("name") == name and _NAME.fullmatch(name) and language in LANGUAGES
    known = _ADDRESS.fullmatch(address) or (kind == "serial" and _PORT.fullmatch(address))
    if not fits or not known or role not in ROLES_OF.get(kind, ()):
        return None
    return Device(name, role, kind, address, language=language)


def role_from(row: DeviceSetup, line: Device | None) -> str | None:
    """The role that was given to a printer; None when none was, or when the line is no printer's."""
    return row.role if line is not None and line.role in PRINTER_ROLES and row.role in PRINTER_ROLES else None


def trial_of(fields: object) -> datetime | None:
    """Until when a stored line is on trial; None when it is not."""
    until = fields.get("trial_until") if isinstance(fields, dict) else None
    try:
        found = datetime.fromisoformat(until) if until is not None else None
        return found if found is None or found.tzinfo else _LONG_AGO
    except (TypeError, ValueError):
        return _LONG_AGO


def _is_over(fields: object, at: datetime) -> bool:
    until = trial_of(fields)
    return until is not None and until <= at


def _decide(site: Site, name: str, by: Actor, **values: Any) -> None:
    with site.store.writing():
        rows.decide(
            office_id=by.office_id,
            terminal_id=by.terminal_id,
            name=name,
            at=site.clock.now(),
            by=by.username,
            **values,
        )
    site.devices.reload()


def _line(site: Site, name: str) -> Device:
    found = next((line for line in site.devices.lines() if line.name == name), None)
    if found is None:
        known = ", ".join(line.name for line in site.devices.lines())
        raise ConfigError(f"Không có thiết bị tên “{name}”. Tên có: {known or 'chưa khai báo thiết bị nào'}.")
    return found
