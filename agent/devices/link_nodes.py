"""Where a platform keeps its device nodes, what it knows of them, and the names of its ports."""

from __future__ import annotations

import sys
from pathlib import Path

NODES = Path("/dev")
KNOWN = Path("/sys")
UDEV = Path("/run/udev/control")  # there while udev's daemon runs
PORTS = ("tty.", "cu.")  # what macOS calls serial ports


def node_of(name: str, root: Path = NODES) -> str:
    """The node that the kernel calls `name`.

    >>> node_of("usb/lp0", Path("/tmp"))
    '/tmp/usb/lp0'
    """
    return (root / name.removeprefix("/dev/")).as_posix()


def port_names() -> frozenset[str]:
    """The names of the serial ports where there is no sysfs, read without asking any device."""
    if sys.platform == "win32":
        import winreg

        names = set()
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DEVICEMAP\SERIALCOMM") as key:
                for index in range(winreg.QueryInfoKey(key)[1]):
                    driver, port, _ = winreg.EnumValue(key, index)
                    names.add(f"{driver} {port}")
        except OSError:  # no port was ever there, or one went while we read
            pass
        return frozenset(names)
    try:
        return frozenset(entry.name for entry in NODES.iterdir() if entry.name.startswith(PORTS))
    except OSError:
        return frozenset()
