"""Where a device line's unit is plugged in now, and whether it is the unit that was accepted there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.devices.detect import languages_of
from agent.devices.found import Found
from agent.devices.identity import PREFIX, Change, Verdict, compare, resolve
from agent.errors import DeviceUnavailable
from agent.settings import Device

PLUGGED = ("usb", "serial", "hidraw", "evdev")  # kinds that the inventory knows
OURS = (Verdict.SAME, Verdict.MOVED)


class Place:
    """What is plugged in where a line's device should be; read once, and again after `look_again`.

    `find` gives what is plugged in and serves no other line; `known` the identity and port of the unit that was last
    accepted, both empty before the first.
    """

    def __init__(
        self, line: Device, *, find: Callable[[], Sequence[Found]], known: Callable[[], tuple[str, str]]
    ) -> None:
        self._line, self._find, self._known = line, find, known
        self._here: Sequence[Found] | None = None
        self._unit: Found | None = None
        self._change: Change | None = None  # since the unit that is known; None before the first

    @property
    def identity(self) -> str:
        """Of the unit that is there; empty when the platform cannot tell."""
        return self._unit.identity if self._unit else ""

    def unit(self) -> tuple[str, str]:
        """Identity and port of the unit that is there; both empty when the platform cannot tell."""
        return (self._unit.identity, self._unit.place) if self._unit else ("", "")

    def look_again(self) -> None:
        """Forget what was found: something may have been plugged in or out."""
        self._here = None

    def node(self) -> str:
        """The address to open: where the unit that is known is now, else what the line names.

        Raises DeviceUnavailable when a unit meant by identity is not plugged in, ConfigError when several are meant.
        """
        line = self._line
        if line.kind not in PLUGGED:
            return line.address
        if self._here is None:
            self._here = self._find()
            self._change = self._compared(self._here)
            if self._change is not None and self._change.verdict in OURS:
                self._unit = self._change.found
            else:
                self._unit = resolve(line.address, line.kind, self._here)
        if self._unit is not None:
            return self._unit.node
        if self._change is None and not line.address.startswith(PREFIX):
            return line.address
        words = self._change.words if self._change else ""  # a unit is known here: what is not told yet is not it
        raise DeviceUnavailable(words or f"Không thấy thiết bị {line.address}. Kiểm tra nguồn điện và cáp USB.")

    def stranger(self) -> str:
        """Why the unit that is there must not be used before a person has said so; empty when it may."""
        if self._unit is None or self._change is None or self._change.verdict in OURS:
            return ""
        return self._change.words

    def speaks(self) -> set[str]:
        """The languages that the unit's own id names; empty when it has none, or names none that we know."""
        return languages_of(self._unit.commands) if self._unit else set()

    def _compared(self, here: Sequence[Found]) -> Change | None:
        identity, port = self._known()
        return compare(identity, port, self._line.kind, here) if identity else None

    def keep(self, met: Callable[[str, str], None]) -> None:
        """Have the unit that is there kept as the one that is known, unless it is or a person has to say so."""
        unit = self._unit
        if unit is not None and not self.stranger() and (unit.identity, unit.place) != self._known():
            met(unit.identity, unit.place)
