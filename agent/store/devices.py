"""Devices of the terminals: how each is set up beyond the settings, and what each last said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import BooleanField, TextField

from agent.store import rows
from agent.store.base import Owned
from agent.store.fields import JsonField, UtcField


class DeviceSetup(Owned):
    """What a person decided at the terminal: a role given, a device taken in use, a diagnosis under way.

    `line` is the device as a settings file would name it, for one that no file names; null for one of the settings.
    """

    name = TextField()
    role = TextField(null=True)  # null: as the settings say
    line = JsonField(null=True)
    known_as = TextField(default="")  # the unit that was last accepted in this place: VID:PID:serial, or its port
    known_at = TextField(default="")  # the port where it was plugged in
    trace_until = UtcField(null=True)
    changed_at = UtcField()  # when the role or the line was decided
    changed_by = TextField(default="")

    class Meta:
        table_name = "device_setup"
        indexes = ((("terminal_id", "name"), True),)


class DeviceStatus(Owned):
    """What one device last said (tình trạng thiết bị); replaced at each change, so that any process may read it."""

    name = TextField()
    role = TextField()
    kind = TextField()
    address = TextField()
    language = TextField(default="")
    identity = TextField(default="")
    connected = BooleanField()
    ready = BooleanField(null=True)  # null: it did not say
    words = TextField()
    said_at = UtcField(null=True)  # when it last answered
    changed_at = UtcField()

    class Meta:
        table_name = "device_status"
        indexes = ((("terminal_id", "name"), True),)


def setups(terminal_id: str) -> list[DeviceSetup]:
    """What was decided at a terminal, by name."""
    return list(DeviceSetup.select().where(DeviceSetup.terminal_id == terminal_id).order_by(DeviceSetup.name))


def setup_of(terminal_id: str, name: str) -> DeviceSetup | None:
    """What was decided about one device."""
    return rows.first(DeviceSetup, terminal_id=terminal_id, name=name)


def decide(*, office_id: str, terminal_id: str, name: str, at: datetime, by: str, **values: Any) -> None:
    """Keep what was decided about a device, inside writing(): fields of DeviceSetup; the others stay as they are.

    `at` and `by` are kept of a role or line alone: of several printers of a role the one decided upon last serves.
    """
    there = setup_of(terminal_id, name)
    if there is None or {"role", "line"} & values.keys():
        values |= {"changed_at": at, "changed_by": by}
    if there is None:
        rows.create(DeviceSetup, office_id=office_id, terminal_id=terminal_id, name=name, **values)
    else:
        rows.change(DeviceSetup, there.id, **values)


def forget(terminal_id: str, name: str) -> None:
    """Drop what was decided about a device, inside writing()."""
    DeviceSetup.delete().where((DeviceSetup.terminal_id == terminal_id) & (DeviceSetup.name == name)).execute()


def publish(*, office_id: str, terminal_id: str, name: str, **values: Any) -> None:
    """Replace what is known of a device's state, inside writing(): fields of DeviceStatus."""
    there = rows.first(DeviceStatus, terminal_id=terminal_id, name=name)
    if there is None:
        rows.create(DeviceStatus, office_id=office_id, terminal_id=terminal_id, name=name, **values)
    else:
        rows.change(DeviceStatus, there.id, **values)


def statuses(terminal_id: str) -> list[DeviceStatus]:
    """What the terminal's devices last said, by name."""
    return list(DeviceStatus.select().where(DeviceStatus.terminal_id == terminal_id).order_by(DeviceStatus.name))


def keep_only(terminal_id: str, names: Iterable[str]) -> None:
    """Drop the states of devices that are set up no longer, inside writing()."""
    gone = DeviceStatus.name.not_in(list(names) or [""])
    DeviceStatus.delete().where((DeviceStatus.terminal_id == terminal_id) & gone).execute()
