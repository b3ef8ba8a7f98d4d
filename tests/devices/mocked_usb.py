"""Run under umockdev-wrapper: real udev events of mocked devices reach the agent; one JSON line for each thing seen."""

from __future__ import annotations

import ctypes
import json
import threading
import time
from typing import Any

from agent.devices.hotplug import UdevHotplug
from agent.devices.identity import resolve
from agent.devices.inventory import inventory, ports

BUS = "/devices/pci0000:00/0000:00:14.0/usb1"


class Testbed:
    """Devices that libumockdev shows to this process in /sys and /dev, with their events on udev's netlink."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libumockdev.so.0")
        self._lib.umockdev_testbed_new.restype = ctypes.c_void_p
        self._bed = ctypes.c_void_p(self._lib.umockdev_testbed_new())

    def plug(self, port: str, told: dict[str, str], kind: str, node: str, said: str = "") -> list[str]:
        """Plug in a device with one interface and one node; gives its folders, the device's first."""
        places = [f"{BUS}/{port}", f"{BUS}/{port}/{port}:1.0"]
        places.append(f"{places[1]}/{kind}/{node.rpartition('/')[2]}")
        device = "".join(f"A: {name}={value}\\n\n" for name, value in told.items())
        text = (
            f"P: {places[0]}\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n{device}\n"
            f"P: {places[1]}\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\n"
            + (f"A: ieee1284_id={said}\n\n" if said else "\n")
            + f"P: {places[2]}\nN: {node}\nE: DEVNAME=/dev/{node}\nE: SUBSYSTEM={kind}\n"
            + f"L: device=../../../{port}:1.0\n\n"
        )
        assert self._lib.umockdev_testbed_add_from_string(self._bed, text.encode(), None)
        for place in places:
            self.tell(place, "add")
        return places

    def unplug(self, places: list[str]) -> None:
        for place in reversed(places):
            self.tell(place, "remove")
            self._lib.umockdev_testbed_remove_device(self._bed, f"/sys{place}".encode())

    def tell(self, place: str, action: str) -> None:
        self._lib.umockdev_testbed_uevent(self._bed, f"/sys{place}".encode(), action.encode())

    def disk(self) -> None:
        """A device that is none of ours."""
        text = "P: /devices/virtual/block/loop7\nN: loop7\nE: DEVNAME=/dev/loop7\nE: SUBSYSTEM=block\n\n"
        assert self._lib.umockdev_testbed_add_from_string(self._bed, text.encode(), None)
        self.tell("/devices/virtual/block/loop7", "add")


def say(what: str, **more: Any) -> None:
    print(json.dumps({"what": what} | more), flush=True)


def timed(hotplug: UdevHotplug, patience: float) -> dict[str, Any]:
    began = time.monotonic()
    return {"changed": hotplug.wait(patience), "seconds": round(time.monotonic() - began, 3)}


def main() -> None:
    bed, never = Testbed(), 3600.0
    hotplug = UdevHotplug(each=never)
    zebra = {"idVendor": "0a5f", "idProduct": "0166", "serial": "28J1234", "manufacturer": "Zebra Technologies"}
    said = "MFG:Zebra;MDL:ZD220;CMD:ZPL;"
    say("quiet", **timed(hotplug, 0.1))
    places = bed.plug("1-1", zebra, "usbmisc", "usb/lp0", said)
    say("in", **timed(hotplug, 5), found=[(one.node, one.identity, one.commands) for one in inventory()])
    say("quiet again", **timed(hotplug, 0.1))
    bed.unplug(places)
    say("out", **timed(hotplug, 5), found=[one.node for one in inventory()])
    bed.plug("1-2", zebra, "usbmisc", "usb/lp1", said)
    moved = resolve("usb-id:0a5f:0166:28J1234", "usb", inventory())
    say("in elsewhere", **timed(hotplug, 5), node=moved and moved.node)
    bed.plug(
        "1-3", {"idVendor": "0c2e", "idProduct": "0aaa", "serial": "S2130", "bNumInterfaces": "1"}, "tty", "ttyACM0"
    )
    ours = [(one.node, one.identity) for one in inventory() if one.kind == "serial"]
    say("reader", **timed(hotplug, 5), ours=ours, pyserial=[(one.node, one.identity) for one in ports()])
    bed.disk()
    say("disk", **timed(hotplug, 0.2))
    threading.Timer(0.1, hotplug.close).start()
    say("closed", **timed(hotplug, 30))


if __name__ == "__main__":
    main()
