"""Checks of what is plugged in: found with its identity, noticed when it comes and goes, followed to another port."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from agent.devices.hotplug import Hotplug, best_hotplug
from agent.devices.identity import PREFIX, Verdict, compare, resolve
from agent.devices.inventory import Found, inventory
from agent.devices.link_serial import SerialLink
from agent.devices.place import Place
from agent.devices.registry import driver_of
from agent.ports import PrintResult
from agent.settings import Device
from tests.devices.printers import eventually, label
from tests.vm.checking import NotYet
from tests.vm.gadgets import LIMIT, gadget
from tests.vm.printers import printer
from tests.vm.readers import plugged

PROMISED = 2.0  # seconds until a plug is noticed, on a machine that is emulated


def found(kind: str, serial: str) -> Found | None:
    return next((one for one in inventory() if one.kind == kind and one.serial == serial), None)


def every_kind_is_found(folder: Path) -> str:
    with (
        printer(folder, "zpl") as lp,
        plugged("serial") as com,
        plugged("hidraw") as pos,
        plugged("evdev") as wedge,
    ):
        said = []
        for kind, node, serial in (
            ("usb", lp.node(), lp.wire.gadget.serial),
            *((hand.kind, hand.node(), hand.wire.gadget.serial) for hand in (com, pos, wedge)),
        ):
            one = found(kind, serial)
            assert one is not None, f"no {kind} {serial} in {inventory()}"
            assert (one.node, one.vid) == (node, 0x1D6B), one
            assert one.identity == f"1d6b:{one.pid:04x}:{serial}"
            assert resolve(PREFIX + one.identity, kind, inventory()) == one
            said.append(f"{kind} {one.node} {one.identity} at {one.place}")
        assert found("usb", lp.wire.gadget.serial).commands[0].startswith("ZPL")  # type: ignore[union-attr]
        assert not [one for one in inventory() if one.kind == "hidraw" and one.serial == wedge.wire.gadget.serial]
        return "; ".join(said)


def noticed(folder: Path) -> str:
    with printer(folder, "zpl") as lp:
        node = lp.node()
        watch = best_hotplug()
        out = _seconds(watch, lambda: lp.tell("vanish"))
        assert found("usb", lp.wire.gadget.serial) is None
        lp.wait_gone(node)
        back = _seconds(watch, lambda: lp.tell("ok"))
        eventually(lambda: found("usb", lp.wire.gadget.serial) is not None, LIMIT)
        assert watch.wait(0.0) in {True, False}
        quick = _seconds(watch, lambda: (lp.tell("vanish"), lp.tell("ok")))
        watch.close()
        assert max(out, back) < PROMISED, (out, back)
        return f"by {watch.how}: out after {out:.2f} s, in after {back:.2f} s, out and in at once after {quick:.2f} s"


def _seconds(watch: Hotplug, act: Callable[[], object]) -> float:
    """From the act to its being noticed."""
    while watch.wait(1.2):
        pass
    began = time.monotonic()
    act()
    assert watch.wait(10.0), "it was not noticed"
    return time.monotonic() - began


def followed_to_another_port(folder: Path) -> str:
    with printer(folder, "tspl", "serial") as one:
        one.node()
        before = found("serial", one.wire.gadget.serial)
        assert before is not None
        one.tell("vanish")
        eventually(lambda: found("serial", before.serial) is None, LIMIT)
        assert compare(before.identity, before.place, "serial", inventory()).verdict is Verdict.ABSENT
        one.wire.gadget.move()
        one.tell("ok")
        one.node()
        change = compare(before.identity, before.place, "serial", inventory())
        assert change.verdict is Verdict.MOVED, change
        assert change.found is not None and change.found.path != before.path
        place = Place(
            Device("nhan", "label", "serial", PREFIX + before.identity, language="tspl"),
            find=inventory,
            known=lambda: (before.identity, before.place),
        )
        line = Device("nhan", "label", "serial", place.node(), language="tspl")
        assert driver_of(line).print(label("tspl")).result is PrintResult.PRINTED
        assert place.stranger() == ""
        return change.words


def followed_to_another_number(folder: Path) -> str:
    with printer(folder, "tspl", "serial") as one:
        node = one.node()
        known = found("serial", one.wire.gadget.serial)
        assert known is not None
        place = Place(
            Device("nhan", "label", "serial", node, language="tspl"),
            find=inventory,
            known=lambda: (known.identity, known.place),
        )
        assert place.node() == node
        with SerialLink(node):  # held: the kernel keeps the number
            one.tell("vanish")
            eventually(lambda: found("serial", known.serial) is None, LIMIT)
            one.tell("ok")
            one.node()
            place.look_again()
            now = place.node()
        assert now != node, now
        line = Device("nhan", "label", "serial", now, language="tspl")
        assert driver_of(line).print(label("tspl")).result is PrintResult.PRINTED
        return f"the line says {node}, the printer is now {now}"


def another_unit_in_its_place(_: Path) -> str:
    with gadget("acm", "FIRST01", product=0x0300) as one:
        one.plug()
        one.node("tty", "ttyACM")
        before = found("serial", "FIRST01")
        assert before is not None
    eventually(lambda: found("serial", "FIRST01") is None, LIMIT)
    with gadget("acm", "SECOND2", product=0x0300) as two:
        two.plug()
        two.node("tty", "ttyACM")
        change = compare(before.identity, before.place, "serial", inventory())
        assert change.verdict is Verdict.SWAPPED, change
        return change.words


def events_of_udev(_: Path) -> None:
    raise NotYet("this machine runs no udev daemon: the agent polls; udev's events are tested with umockdev")


CHECKS = {
    "printers, serial ports, HID POS readers and wedges are found with who they are and where": every_kind_is_found,
    "plugging in and out is noticed, out and in at once too": noticed,
    "a printer at another USB port is the same printer and prints": followed_to_another_port,
    "a printer whose node got another number is found and prints": followed_to_another_number,
    "another unit of the same model in its place is a stranger": another_unit_in_its_place,
    "udev's events": events_of_udev,
}
