"""What is plugged in is named by who it is; what is going, odd or not ours is left out without a word."""

from __future__ import annotations

import os
import random
import shutil
import sys
import threading
from pathlib import Path

import pytest

from agent.devices.found import Found
from agent.devices.inventory import inventory, ports, signature
from agent.devices.inventory_linux import is_reader
from tests.devices.sysfs import HID_POS, HID_POS_OF_A_MAKER, KEYBOARD, KEYBOARD_KEYS, POWER_BUTTON_KEYS, Ports

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sysfs is made of symbolic links")


@pytest.fixture
def usb(tmp_path: Path) -> Ports:
    return Ports(tmp_path)


def found(usb: Ports) -> list[Found]:
    return inventory(usb.sys, usb.dev)


def test_a_counter_with_everything_plugged_in_is_listed_by_port(usb: Ports) -> None:
    usb.reader("1-1.10")
    usb.zebra("1-1.4")
    usb.xprinter("1-1.2", "lp1")
    usb.xprinter("1-1.3", "lp2")
    usb.hid("1-2", "hidraw0", descriptor=HID_POS, model="0c2e:0b81")
    usb.hid("1-3", "hidraw1", descriptor=KEYBOARD, model="046d:c31c", keys=KEYBOARD_KEYS)
    assert [(one.kind, Path(one.node).relative_to(usb.dev).as_posix(), one.identity) for one in found(usb)] == [
        ("usb", "usb/lp1", "2d37:1a24@1-1.2"),
        ("usb", "usb/lp2", "2d37:1a24@1-1.3"),
        ("usb", "usb/lp0", "0a5f:0166:28J1234"),
        ("serial", "ttyACM0", "0c2e:0aaa:S21300523"),
        ("hidraw", "hidraw0", "0c2e:0b81@1-2"),
        ("evdev", "input/event3", "046d:c31c@1-3"),
    ]


def test_a_printer_is_told_whole(usb: Ports) -> None:
    usb.zebra("1-1.4")
    assert found(usb) == [
        Found(
            node=f"{usb.dev.as_posix()}/usb/lp0",
            kind="usb",
            vid=0x0A5F,
            pid=0x0166,
            serial="28J1234",
            path="1-1.4",
            maker="Zebra Technologies",
            product="ZTC ZD220-203dpi ZPL",
            commands=("ZPL",),
            interface="1.0",
        )
    ]
    assert found(usb)[0].words == "Zebra Technologies ZTC ZD220-203dpi ZPL"


def test_a_makers_name_is_not_said_twice(usb: Ports) -> None:
    usb.xprinter("1-1", "lp0")
    assert found(usb)[0].words == "Xprinter XP-420B"


def test_a_printer_that_tells_its_number_only_in_its_1284_id_is_known_by_it(usb: Ports) -> None:
    usb.printer("1-1", "lp0", "1203", "0172", {}, b"\0\x30MFG:TSC;CMD:TSPL2,EPL;MDL:TE210;SN:T2210001;")
    (one,) = found(usb)
    assert (one.identity, one.words, one.commands) == ("1203:0172:T2210001", "TSC TE210", ("TSPL2", "EPL"))


@pytest.mark.parametrize("serial", ["000000000", "0123456789", "1234567890ABCDEF", "12345678", "XXXX"])
def test_a_number_that_every_clone_has_is_shown_but_tells_nobody_apart(usb: Ports, serial: str) -> None:
    usb.xprinter("1-1.2", "lp0", serial=serial)
    (one,) = found(usb)
    assert (one.serial, one.identity) == (serial, "2d37:1a24@1-1.2")


def test_after_a_replug_the_same_device_is_known_under_another_node(usb: Ports) -> None:
    usb.reader("1-1.4", "ttyACM0")
    before = found(usb)[0]
    usb.unplug("1-1.4")
    assert found(usb) == []
    usb.reader("1-1.3", "ttyACM1")
    after = found(usb)[0]
    assert before.identity == after.identity
    assert (before.node, after.node) == (str(usb.dev / "ttyACM0"), str(usb.dev / "ttyACM1"))


def test_each_port_of_a_device_with_several_has_its_place(usb: Ports) -> None:
    usb.reader("1-2", "ttyACM1", interface="1.2")
    usb.reader("1-2", "ttyACM0", interface="1.0")
    assert [(one.place, Path(one.node).name) for one in found(usb)] == [("1-2:1.0", "ttyACM0"), ("1-2:1.2", "ttyACM1")]


def test_only_hid_devices_that_read_barcodes_and_only_keyboards_that_type_digits_are_ours(usb: Ports) -> None:
    usb.hid("1-1", "hidraw0", descriptor=HID_POS_OF_A_MAKER, model="1eab:0010")
    usb.hid("1-2", "hidraw1", descriptor=KEYBOARD, model="046d:c31c", keys=POWER_BUTTON_KEYS)
    usb.hid("1-3", "hidraw2", descriptor=b"", model="046d:c31d", keys="odd", event="event4")
    assert [(one.kind, one.path) for one in found(usb)] == [("hidraw", "1-1")]


@pytest.mark.parametrize(
    ("descriptor", "reads"),
    [
        (HID_POS, True),
        (HID_POS_OF_A_MAKER, True),
        (KEYBOARD + HID_POS, True),  # two collections in one report
        (KEYBOARD, False),
        (bytes.fromhex("0b02008c00 a101 c0"), True),  # the page within the usage
        (bytes.fromhex("fe0304aabbcc 058c 0902 a101 c0"), True),  # a long item before it
        (bytes.fromhex("0501 0905 a101 058c 0901 a100 c0 c0"), False),  # a game pad that borrows the page inside
        (bytes.fromhex("058c 0902"), False),  # cut off
    ],
)
def test_a_barcode_reader_is_told_by_what_its_report_descriptor_is_for(descriptor: bytes, reads: bool) -> None:
    assert is_reader(descriptor) is reads


def test_no_report_descriptor_however_damaged_stops_the_inventory() -> None:
    chance = random.Random(8)
    for _ in range(20_000):
        torn = bytearray(HID_POS[: chance.randrange(len(HID_POS) + 1)])
        for _ in range(chance.randrange(4)):
            torn.insert(chance.randrange(len(torn) + 1), chance.randrange(256))
        is_reader(bytes(torn))


def test_a_device_that_nobody_may_open_is_found_all_the_same(usb: Ports) -> None:
    usb.zebra("1-1.4")
    (usb.dev / "usb" / "lp0").chmod(0o000)
    assert [one.identity for one in found(usb)] == ["0a5f:0166:28J1234"]


def test_names_that_are_no_utf_8_are_kept_apart_and_readable(usb: Ports) -> None:
    device = usb.zebra("1-1.4")
    (device / "serial").write_bytes(b"28J\xff\xfe1\x00\n")
    (device / "product").write_bytes("Máy in\u0007 nhãn\n".encode())
    (one,) = found(usb)
    assert (one.serial, one.product) == (r"28J\xff\xfe1", "Máy in nhãn")


@pytest.mark.parametrize("lost", ["idVendor", "idProduct", "uevent", "all", "target"])
def test_a_device_that_is_half_gone_is_left_out_rather_than_taken_for_another(usb: Ports, lost: str) -> None:
    device = usb.zebra("1-1.4")
    usb.xprinter("1-1.2", "lp1")
    node = next(device.rglob("lp0"))
    match lost:
        case "uevent":
            (node / "uevent").unlink()
        case "all":
            shutil.rmtree(device)
        case "target":
            shutil.rmtree(node)
        case name:
            (device / name).unlink()
    assert [one.path for one in found(usb)] == ["1-1.2"]


@pytest.mark.parametrize("again", [False, True], ids=["gone", "plugged in again"])
def test_a_printer_pulled_while_it_is_read_is_not_taken_for_one_without_a_number(usb: Ports, again: bool) -> None:
    device = usb.zebra("1-1.4")
    slow = next(device.rglob("ieee1284_id"))
    slow.unlink()
    os.mkfifo(slow)  # reading it lasts until we write
    read: list[Found] = []
    reading = threading.Thread(target=lambda: read.extend(found(usb)))
    reading.start()
    with slow.open("wb") as held:  # from here on it is being read
        usb.unplug("1-1.4")
        if again:
            (usb.zebra("1-1.4") / "serial").unlink()
        held.write(b"\0\x0bCMD:ZPL;")
    reading.join(30)
    assert read == []


def test_plugging_in_and_out_without_end_never_stops_the_inventory(usb: Ports) -> None:
    done = threading.Event()

    def plug() -> None:
        for _ in range(50):
            usb.zebra("1-1.4")
            usb.unplug("1-1.4")
        done.set()

    plugging = threading.Thread(target=plug)
    plugging.start()
    seen: set[str] = set()
    while not done.is_set():
        seen |= {one.identity for one in found(usb)}
    plugging.join()
    assert seen <= {"0a5f:0166:28J1234"}


def test_odd_folders_are_passed_over(usb: Ports) -> None:
    device = usb.zebra("1-1.4")
    (device / "serial").unlink()
    (device / "serial").mkdir()  # cannot be read, as when the kernel answers with an error
    classes = usb.sys / "class"
    (classes / "usbmisc" / "lp7").symlink_to("lp7")  # leads to itself
    (classes / "usbmisc" / "lp8").symlink_to("../../devices/gone/lp8")
    (classes / "hidraw" / "hidraw9").write_text("a file")
    shutil.rmtree(classes / "input")
    assert [one.identity for one in found(usb)] == ["0a5f:0166@1-1.4"]


def test_a_terminal_without_usb_has_nothing_plugged_in(tmp_path: Path) -> None:
    assert inventory(tmp_path / "absent", tmp_path) == []
    assert signature(tmp_path / "absent") == frozenset()


def test_this_machine_is_read_without_a_stumble() -> None:
    assert {one.kind for one in inventory()} <= {"serial", "usb", "hidraw", "evdev"}
    assert all(one.node and one.kind == "serial" for one in ports())
    assert signature() == signature()
