"""A terminal's USB ports as Linux shows them: a sysfs and a /dev that devices are plugged into and out of."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

CONTROLLER = "devices/pci0000:00/0000:00:14.0"
# HID POS 1.02: report 2 with a byte count, three symbology identifiers, 56 bytes of decoded data, "continued".
HID_POS = bytes.fromhex(
    "058c 0902 a101 8502 1500 26ff00 7508 9501 0501 093b 8102 058c 9503 09fb 09fc 09fd 8102 9538 09fe 820201 "
    "2501 7501 9501 09ff 8102 7507 8103 c0"
)
HID_POS_OF_A_MAKER = HID_POS.replace(b"\x05\x8c\x09\x02\xa1", b"\x06\x8c\xff\x09\x02\xa1")
KEYBOARD = bytes.fromhex(  # the boot keyboard of HID 1.11, appendix E.6
    "0501 0906 a101 0507 19e0 29e7 1500 2501 7501 9508 8102 9501 7508 8101 9505 7501 0508 1901 2905 9102 9501 7503 "
    "9101 9506 7508 1500 2565 0507 1900 2965 8100 c0"
)
KEYBOARD_KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
POWER_BUTTON_KEYS = "10000000000000 0"


class Ports:
    """USB ports below a folder; a port is "1-1.4", a node "lp0", "ttyACM0", "hidraw0" or "event3"."""

    def __init__(self, folder: Path) -> None:
        self.sys, self.dev = folder / "sys", folder / "dev"
        self.gone, self.number = folder / "gone", count()
        self.dev.mkdir(parents=True)
        self.gone.mkdir()
        for name in ("usbmisc", "tty", "hidraw", "input"):
            (self.sys / "class" / name).mkdir(parents=True)
        for number in range(64):  # the consoles that every terminal has
            self.node(f"devices/virtual/tty/tty{number}", "tty", f"tty{number}")

    def zebra(self, port: str, node: str = "lp0", *, serial: str = "28J1234") -> Path:
        """A ZD220, which has a serial number of its own; gives its folder."""
        told = {"serial": serial, "manufacturer": "Zebra Technologies", "product": "ZTC ZD220-203dpi ZPL"}
        said = b"\0\x4eMANUFACTURER:Zebra Technologies ;COMMAND SET:ZPL;MODEL:ZTC ZD220-203dpi ZPL;CLASS:PRINTER;"
        return self.printer(port, node, "0a5f", "0166", told, said)

    def xprinter(self, port: str, node: str, *, serial: str = "") -> Path:
        """A clone that has no serial number; two of them cannot be told apart but by their ports."""
        told = {"manufacturer": "Xprinter", "product": "Xprinter XP-420B"} | ({"serial": serial} if serial else {})
        return self.printer(port, node, "2d37", "1a24", told, b"\0\x2aMFG:Xprinter;CMD:TSPL;MDL:XP-420B;CLS:PRINTER;")

    def printer(self, port: str, node: str, vid: str, pid: str, told: dict[str, str], said: bytes) -> Path:
        device = self.device(port, vid, pid, told)
        interface = f"{CONTROLLER}/usb1/{port}/{port}:1.0"
        self._write(f"{interface}/ieee1284_id", said)
        self.node(f"{interface}/usbmisc/{node}", "usbmisc", f"usb/{node}")
        return device

    def reader(self, port: str, node: str = "ttyACM0", *, serial: str = "S21300523", interface: str = "1.0") -> Path:
        """A 2D reader in USB-COM mode (CDC-ACM)."""
        told = {"serial": serial, "manufacturer": "Honeywell", "product": "1900 Area-Imaging Scanner"}
        device = self.device(port, "0c2e", "0aaa", told)
        self.node(f"{CONTROLLER}/usb1/{port}/{port}:{interface}/tty/{node}", "tty", node)
        return device

    def hid(
        self, port: str, node: str, *, descriptor: bytes, model: str, keys: str = "", event: str = "event3"
    ) -> Path:
        """A HID device: its hidraw node and, if it has keys, the one of an input device."""
        device = self.device(port, *model.split(":"), {"manufacturer": "Maker", "product": f"HID {model}"})
        place = f"{CONTROLLER}/usb1/{port}/{port}:1.0/0003:{model.upper()}.0001"
        self._write(f"{place}/report_descriptor", descriptor)
        self.node(f"{place}/hidraw/{node}", "hidraw", node)
        if keys:
            self._write(f"{place}/input/input7/capabilities/key", f"{keys}\n".encode())
            self.node(f"{place}/input/input7/{event}", "input", f"input/{event}")
        return device

    def device(self, port: str, vid: str, pid: str, told: dict[str, str]) -> Path:
        folder = f"{CONTROLLER}/usb1/{port}"
        for name, value in ({"idVendor": vid, "idProduct": pid} | told).items():
            self._write(f"{folder}/{name}", f"{value}\n".encode())
        return self.sys / folder

    def unplug(self, port: str) -> None:
        folder = self.sys / CONTROLLER / "usb1" / port
        for link in (self.sys / "class").glob("*/*"):
            if (target := link.resolve()).is_relative_to(folder):
                name = next(line[8:] for line in (target / "uevent").read_text().split() if line[:8] == "DEVNAME=")
                link.rename(self.gone / str(next(self.number)))  # so that its inode is not used again
                (self.dev / name).unlink()
        (folder / "serial").unlink(missing_ok=True)  # first, so that who still reads sees a device without one
        shutil.rmtree(folder)

    def node(self, place: str, kind: str, node: str) -> None:
        self._write(f"{place}/uevent", f"MAJOR=180\nMINOR=0\nDEVNAME={node}\n".encode())
        (self.dev / node).parent.mkdir(exist_ok=True)
        (self.dev / node).touch()
        target = self.sys / place
        (self.sys / "class" / kind / target.name).symlink_to(os.path.relpath(target, self.sys / "class" / kind))

    def _write(self, name: str, data: bytes) -> None:
        file = self.sys / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
