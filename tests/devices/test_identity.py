"""A device line finds its device wherever it is plugged in, and a swapped one is noticed before it prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.devices.found import Found
from agent.devices.identity import Change, Verdict, compare, resolve, usb_id
from agent.errors import ConfigError

ZEBRA = Found("/dev/usb/lp0", "usb", 0x0A5F, 0x0166, "28J1234", "1-1.4", "Zebra", "ZD220", ("ZPL",), "1.0")
ANOTHER_ZEBRA = replace(ZEBRA, node="/dev/usb/lp1", serial="28J9999", path="1-1.3")
XPRINTER = Found("/dev/usb/lp2", "usb", 0x2D37, 0x1A24, "", "1-1.2", "Xprinter", "XP-420B", ("TSPL",), "1.0")
ANOTHER_XPRINTER = replace(XPRINTER, node="/dev/usb/lp3", path="1-1.1")
READER = Found("/dev/ttyACM0", "serial", 0x0C2E, 0x0AAA, "S2130", "1-2", "Honeywell", "1900", (), "1.0")
TWO_PORTS = [
    Found(f"/dev/ttyUSB{n}", "serial", 0x0403, 0x6010, "FT7ABC", "1-3", "FTDI", "Dual", (), f"1.{n}") for n in (0, 1)
]
BUILT_IN = Found("COM1", "serial")
ALL = [ZEBRA, ANOTHER_ZEBRA, XPRINTER, ANOTHER_XPRINTER, READER, *TWO_PORTS, BUILT_IN]


def at(one: Found, path: str, node: str = "") -> Found:
    return replace(one, path=path, node=node or one.node)


@pytest.mark.parametrize(
    ("address", "kind", "meant"),
    [
        ("usb-id:0a5f:0166:28J1234", "usb", ZEBRA),
        ("usb-id:0A5F:0166:28J9999", "usb", ANOTHER_ZEBRA),
        ("usb-id:0a5f:0166@1-1.4", "usb", ZEBRA),
        ("usb-id:2d37:1a24@1-1.2", "usb", XPRINTER),
        ("usb-id:0c2e:0aaa", "serial", READER),
        ("usb-id:0403:6010@1-3:1.1", "serial", TWO_PORTS[1]),
        ("/dev/usb/lp2", "usb", XPRINTER),
        ("COM1", "serial", BUILT_IN),
        ("com1", "serial", BUILT_IN),
        ("usb-id:0a5f:0166:NONE", "usb", None),
        ("usb-id:0a5f:0166@1-9", "usb", None),
        ("usb-id:0a5f:0166:28J1234", "serial", None),
        ("/dev/usb/lp9", "usb", None),
        ("192.0.2.7:9100", "tcp", None),
    ],
)
def test_an_address_means_one_device(address: str, kind: str, meant: Found | None) -> None:
    assert resolve(address, kind, ALL) == meant


def test_every_device_is_found_by_the_address_that_is_offered_for_it() -> None:
    for one in (ZEBRA, ANOTHER_ZEBRA, XPRINTER, ANOTHER_XPRINTER, READER, BUILT_IN):
        assert resolve(usb_id(one), one.kind, ALL) == one


def test_after_a_replug_the_line_finds_its_reader_under_its_new_node() -> None:
    there = [at(READER, "1-4", "/dev/ttyACM1")]
    found = resolve("usb-id:0c2e:0aaa:S2130", "serial", there)
    assert found is not None
    assert found.node == "/dev/ttyACM1"


def test_a_link_to_a_node_means_the_node(tmp_path: Path) -> None:
    node = tmp_path / "ttyUSB0"
    node.touch()
    (tmp_path / "by-id").symlink_to(node)
    there = [replace(TWO_PORTS[0], node=str(node))]
    assert resolve(str(tmp_path / "by-id"), "serial", there) == there[0]


@pytest.mark.parametrize(
    ("address", "kind", "offered"),
    [
        ("usb-id:0a5f:0166", "usb", ("/dev/usb/lp0 (usb-id:0a5f:0166@1-1.4)", "/dev/usb/lp1 (usb-id:0a5f:0166@1-1.3)")),
        ("usb-id:2d37:1a24", "usb", ("usb-id:2d37:1a24@1-1.2", "usb-id:2d37:1a24@1-1.1")),
        ("usb-id:0403:6010:FT7ABC", "serial", ("usb-id:0403:6010@1-3:1.0", "usb-id:0403:6010@1-3:1.1")),
    ],
)
def test_an_address_that_means_several_names_each_with_one_that_means_only_it(
    address: str, kind: str, offered: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as told:
        resolve(address, kind, ALL)
    for one in offered:
        assert one in told.value.message
        assert resolve(one.partition("(")[2].rstrip(")") or one, kind, ALL)


@pytest.mark.parametrize("address", ["usb-id:", "usb-id:0a5f", "usb-id:0a5f:0166:", "usb-id:0a5f:0166@", "usb-id:zz"])
def test_an_address_that_cannot_be_read_is_answered_with_one_that_can(address: str) -> None:
    with pytest.raises(ConfigError, match="usb-id:0a5f:0166:28J1234"):
        resolve(address, "usb", ALL)


OTHER_MODEL = replace(XPRINTER, path="1-1.4", pid=0x9999, product="XP-80C")
CASES = [
    # last seen as, there now, what became of it, words that the clerk sees
    (ZEBRA, [ZEBRA, XPRINTER], Verdict.SAME, ""),
    (ZEBRA, [at(ZEBRA, "1-1.4", "/dev/usb/lp5")], Verdict.SAME, ""),
    (ZEBRA, [at(ZEBRA, "1-1.1")], Verdict.MOVED, "(số máy 28J1234) nay cắm ở cổng 1-1.1, trước là 1-1.4"),
    (ZEBRA, [at(ZEBRA, "1-1.1"), at(ANOTHER_ZEBRA, "1-1.4")], Verdict.MOVED, "1-1.1"),
    (ZEBRA, [at(ANOTHER_ZEBRA, "1-1.4")], Verdict.SWAPPED, "máy in khác (số máy 28J9999, trước là 28J1234)"),
    (ZEBRA, [ANOTHER_ZEBRA], Verdict.SWAPPED, "Không thấy máy in số máy 28J1234; ở cổng 1-1.3 có một máy khác"),
    (ZEBRA, [at(replace(ZEBRA, serial=""), "1-1.4")], Verdict.SWAPPED, "(không có số máy, trước là 28J1234)"),
    (ZEBRA, [OTHER_MODEL], Verdict.OTHER_MODEL, "Xprinter XP-80C (2d37:9999), trước là 0a5f:0166:28J1234"),
    (ZEBRA, [XPRINTER, READER], Verdict.ABSENT, "Không thấy máy in số máy 28J1234 (lần cuối ở cổng 1-1.4)"),
    (ZEBRA, [], Verdict.ABSENT, "Kiểm tra nguồn điện và cáp USB"),
    (XPRINTER, [XPRINTER], Verdict.SAME, ""),
    (XPRINTER, [XPRINTER, ANOTHER_XPRINTER], Verdict.SAME, ""),
    (XPRINTER, [ANOTHER_XPRINTER], Verdict.SWAPPED, "không biết có phải máy cũ không"),
    (XPRINTER, [replace(XPRINTER, serial="AB12")], Verdict.SWAPPED, "(số máy AB12, trước là máy không có số máy)"),
    (XPRINTER, [at(ZEBRA, "1-1.2")], Verdict.OTHER_MODEL, "Zebra ZD220 (0a5f:0166), trước là 2d37:1a24@1-1.2"),
    (XPRINTER, [at(ZEBRA, "1-1.2"), ANOTHER_XPRINTER], Verdict.SWAPPED, "có một máy cùng loại ở cổng 1-1.1"),
    (XPRINTER, [ZEBRA], Verdict.ABSENT, "Không thấy máy in (lần cuối ở cổng 1-1.2)"),
    (TWO_PORTS[1], TWO_PORTS, Verdict.SAME, ""),
    (TWO_PORTS[1], TWO_PORTS[:1], Verdict.ABSENT, "FT7ABC"),
    (TWO_PORTS[1], [at(one, "1-4") for one in TWO_PORTS], Verdict.MOVED, "1-4"),
    (BUILT_IN, [BUILT_IN], Verdict.SAME, ""),
    (BUILT_IN, [READER], Verdict.ABSENT, "COM1"),
    (READER, [], Verdict.ABSENT, "thiết bị số máy S2130"),
]


@pytest.mark.parametrize(("was", "now", "verdict", "words"), CASES)
def test_what_became_of_a_lines_device(was: Found, now: list[Found], verdict: Verdict, words: str) -> None:
    change = compare(was.identity, was.place, was.kind, now)
    assert change.verdict is verdict, change
    assert words in change.words
    assert bool(change.words) is (verdict is not Verdict.SAME)
    assert (change.found is None) is (verdict is Verdict.ABSENT)


def test_a_moved_device_with_several_ports_goes_on_with_the_one_it_had() -> None:
    moved = [at(one, "1-4") for one in TWO_PORTS]
    assert compare(TWO_PORTS[1].identity, TWO_PORTS[1].place, "serial", moved).found == moved[1]


def test_the_port_alone_is_enough_to_remember() -> None:
    assert compare(ZEBRA.identity, ZEBRA.path, "usb", [ZEBRA]) == Change(Verdict.SAME, ZEBRA)


@pytest.mark.parametrize("path", ["1-1.5", "1-1.6"])
def test_clones_that_share_a_serial_number_are_never_followed_blindly(path: str) -> None:
    clone = replace(XPRINTER, serial="AB12")
    two = [at(clone, "1-1.5"), at(clone, "1-1.6")]
    assert compare(clone.identity, path, "usb", two).found == next(one for one in two if one.path == path)
    change = compare(clone.identity, "1-1.9", "usb", two)
    assert change.verdict is Verdict.SWAPPED
    assert "Có nhiều máy cùng số máy AB12" in change.words


def test_who_swapped_a_printer_is_told_the_button_to_press() -> None:
    words = compare(ZEBRA.identity, ZEBRA.place, "usb", [at(ANOTHER_ZEBRA, "1-1.4")]).words
    assert words == (
        "Ở cổng này bây giờ là máy in khác (số máy 28J9999, trước là 28J1234). "
        "Nếu đổi máy có chủ ý, bấm “Dùng máy này”; nếu không, cắm lại máy cũ."
    )
