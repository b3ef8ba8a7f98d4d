"""What is plugged in: each device that the agent could use, with who it is and where it is plugged in."""

from __future__ import annotations

import re
import sys
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from agent.devices.found import Found
from agent.devices.link_nodes import KNOWN, NODES, port_names

TRIES = 3


def inventory(sys_root: Path | None = None, dev_root: Path | None = None) -> list[Found]:
    """What is plugged in now, ordered by port; a device that comes or goes meanwhile is in it whole or not at all.

    Linux: printers, USB serial ports, HID POS readers and keyboards (a reader in keyboard mode is one) from sysfs.
    Elsewhere: serial ports.
    """
    if sys_root is None and sys.platform != "linux":
        return sorted(ports(), key=_order)
    from agent.devices.inventory_linux import scan

    return sorted(scan(sys_root or KNOWN, dev_root or NODES), key=_order)


def signature(sys_root: Path | None = None) -> Hashable:
    """What differs as soon as something was plugged in, out, or out and in again; cheap enough to ask each second."""
    if sys_root is None and sys.platform != "linux":
        return port_names()
    from agent.devices.inventory_linux import entries

    return frozenset(entries(sys_root or KNOWN))


def ports() -> list[Found]:
    """Serial ports as pyserial tells of them: all that is known where there is no sysfs."""
    from serial.tools import list_ports

    def one(port: Any) -> Found:
        path, _, interface = (port.location or "").partition(":")
        return Found(
            node=port.device,
            kind="serial",
            vid=port.vid,
            pid=port.pid,
            serial=port.serial_number or "",
            path=path,
            maker=port.manufacturer or "",
            product=port.product or "",
            interface=interface,
        )

    for _ in range(TRIES):
        try:
            return [one(port) for port in list_ports.comports()]
        except (OSError, TypeError, ValueError):  # pyserial trips over a port that goes while it lists them
            continue
    return []


def _order(found: Found) -> tuple[list[int], list[int], str, int, str]:
    """By bus, hubs and ports as numbers, then interface, then node: lp2 before lp10."""
    numbers = [int(n) for n in re.findall(r"\d+", found.path)], [int(n) for n in re.findall(r"\d+", found.interface)]
    return *numbers, found.kind, len(found.node), found.node
