"""From a device line of the settings to its reader."""

from __future__ import annotations

from collections.abc import Callable

from agent.devices.link import Link
from agent.devices.link_evdev import EvdevNode
from agent.devices.link_hid import hid_link
from agent.devices.link_serial import SerialLink
from agent.devices.link_tcp import TcpLink
from agent.devices.readers.reader import Reader
from agent.devices.readers.scans import Repeats, Scans
from agent.devices.readers.wired import HidReader, SerialReader, TcpReader, WedgeReader
from agent.errors import ConfigError
from agent.settings import Device

KINDS = ("serial", "tcp", "hidraw", "evdev")
ENDS: dict[str, bytes | None] = {
    "": None, "cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "etx": b"\x03", "tab": b"\t", "none": b"",
}  # fmt: skip


def reader_of(
    device: Device,
    *,
    repeats: Repeats | None = None,
    wrap: Callable[[str, Link], Link] | None = None,
) -> Reader:
    """The reader that a device line describes; nothing is opened yet.

    A line that names no terminator finds out (STX and ETX, CR, LF, CRLF or silence). `wrap` is the flight recorder's
    hook, for serial and TCP. ConfigError for a kind or terminator that is unknown, or a kind that this platform has
    not.
    """
    if device.end not in ENDS:
        known = ", ".join(name for name in ENDS if name)
        raise ConfigError(f"Đầu đọc “{device.name}”: không biết ký tự kết thúc “{device.end}”. Có: {known}.")
    end = ENDS[device.end]
    scans = Scans(device.name, hexdump=device.hexdump, repeats=repeats)
    match device.kind:
        case "serial":
            line: Link = SerialLink(device.address, baud=device.baud, flow=device.flow)
            return SerialReader(wrap(device.name, line) if wrap else line, scans, end=end)
        case "tcp":
            line = TcpLink.at(device.address)
            return TcpReader(wrap(device.name, line) if wrap else line, scans, end=end)
        case "hidraw":
            return HidReader(hid_link(device.address), scans)
        case "evdev":
            return WedgeReader(EvdevNode(device.address), scans, end=end)
    raise ConfigError(f"Đầu đọc “{device.name}”: không biết kiểu kết nối “{device.kind}”. Kiểu có: {', '.join(KINDS)}.")
