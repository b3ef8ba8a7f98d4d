"""What Linux tells of USB devices in sysfs, read so that one that vanishes meanwhile is left out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from agent.devices.detect import DeviceId, parse_device_id
from agent.devices.found import Found, Kind
from agent.devices.link_nodes import node_of

CLASSES: tuple[tuple[str, tuple[str, ...], Kind], ...] = (
    ("usbmisc", ("lp",), "usb"),
    ("tty", ("ttyACM", "ttyUSB"), "serial"),
    ("hidraw", ("hidraw",), "hidraw"),
    ("input", ("event",), "evdev"),
)
INTERFACE = re.compile(r"(?P<path>\d+-\d+(?:\.\d+)*):(?P<interface>\d+\.\d+)")
READER_PAGES = (0x8C, 0xFF8C)  # bar code scanner, and a maker's own variant of it
TYPES_DIGITS = sum(1 << key for key in range(2, 12)) | 1 << 28  # KEY_1 to KEY_0, KEY_ENTER


def entries(sys_root: Path) -> Iterator[tuple[str, str, int]]:
    """Class, name and inode of each node that may be a device of ours.

    The kernel gives a folder a new inode each time, so that one plugged out and in under its old name is seen.
    """
    for folder, names, _ in CLASSES:
        try:
            with os.scandir(sys_root / "class" / folder) as listing:
                yield from [(folder, entry.name, entry.inode()) for entry in listing if entry.name.startswith(names)]
        except OSError:
            continue  # no such driver is loaded


def scan(sys_root: Path, dev_root: Path) -> Iterator[Found]:
    """Each device of ours below `sys_root`, its node below `dev_root`."""
    kinds = {folder: kind for folder, _, kind in CLASSES}
    for folder, name, _ in list(entries(sys_root)):
        link = sys_root / "class" / folder / name
        there = _stamp(link)
        found = _read(Path(there[1]), kinds[folder], dev_root) if there else None
        if found and _stamp(link) == there:
            yield found  # it was there all the time: nothing is missing because it was going


def _stamp(link: Path) -> tuple[int, str] | None:
    """Its inode, which is another after a replug, and where it leads to; None when that is not there."""
    try:
        return link.lstat().st_ino, os.path.realpath(link, strict=True)
    except OSError:
        return None


def _read(place: Path, kind: Kind, dev_root: Path) -> Found | None:
    """What is known of the node at `place`; None when it is not at a USB port, not of our kinds, or going."""
    interface = next((parent for parent in place.parents if INTERFACE.fullmatch(parent.name)), None)
    if interface is None or not _is_ours(place, kind):
        return None
    device, node = interface.parent, _property(place, "DEVNAME")
    vid, pid = _hex(device / "idVendor"), _hex(device / "idProduct")
    if not node or vid is None or pid is None:
        return None
    port = INTERFACE.fullmatch(interface.name)
    assert port is not None
    said = parse_device_id(_bytes(interface / "ieee1284_id")) if kind == "usb" else DeviceId()
    return Found(
        node=node_of(node, dev_root),
        kind=kind,
        vid=vid,
        pid=pid,
        serial=_text(device / "serial") or _clean(said.serial),
        path=port["path"],
        maker=_text(device / "manufacturer") or _clean(said.manufacturer),
        product=_text(device / "product") or _clean(said.model),
        commands=said.commands,
        interface=port["interface"],
    )


def _is_ours(place: Path, kind: Kind) -> bool:
    match kind:
        case "hidraw":
            return is_reader(_bytes(place.parent.parent / "report_descriptor"))
        case "evdev":
            return _types_digits(_text(place.parent / "capabilities" / "key"))
        case _:
            return True


def is_reader(descriptor: bytes) -> bool:
    """Whether a HID report descriptor describes, at its top level, a barcode reader (usage page 8Ch, HID POS).

    >>> is_reader(bytes.fromhex("058c 0902 a101 c0")), is_reader(bytes.fromhex("0501 0906 a101 c0"))
    (True, False)
    """
    page, depth, at = 0, 0, 0
    pages: list[int] = []  # of the usages since the last main item
    while at < len(descriptor):
        head = descriptor[at]
        if head == 0xFE:  # a long item: its length is in the next byte
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        size = (0, 1, 2, 4)[head & 3]
        value = int.from_bytes(descriptor[at + 1 : at + 1 + size], "little")
        at += 1 + size
        match head & 0xFC:
            case 0x04:  # usage page
                page = value
            case 0x08:  # usage; one of four bytes names its page itself
                pages.append(value >> 16 if size == 4 else page)
            case 0xA0:  # collection
                if depth == 0 and value == 1 and pages and pages[-1] in READER_PAGES:
                    return True
                depth, pages = depth + 1, []
            case 0xC0:  # end of collection
                depth, pages = max(0, depth - 1), []
            case 0x80 | 0x90 | 0xB0:  # input, output, feature
                pages = []
    return False


def _types_digits(keys: str) -> bool:
    """Whether a bitmap of keys, words in hex with the lowest last, has the digits and Enter."""
    try:
        return int(keys.rsplit(maxsplit=1)[-1], 16) & TYPES_DIGITS == TYPES_DIGITS
    except (IndexError, ValueError):
        return False


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it is going, or never had this
        return b""


def _text(file: Path) -> str:
    return _clean(_bytes(file).decode("utf-8", "backslashreplace"))


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable()).strip()


def _hex(file: Path) -> int | None:
    try:
        return int(_text(file), 16)
    except ValueError:
        return None


def _property(place: Path, name: str) -> str:
    lines = _bytes(place / "uevent").decode("utf-8", "replace").splitlines()
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{name}=")), "")
