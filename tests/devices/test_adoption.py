"""Taking devices in use on the screen: the one that was shown, never a keyboard, and nothing but what may be."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import pytest

from agent.devices.drivers.learnt import STATUS, Learnt, Remembered
from agent.devices.found import Found
from agent.devices.identity import resolve, usb_id
from agent.devices.registry import can_be, driver_of, identity_of
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import TerminalDevices, Tools
from agent.errors import ConfigError, DeviceUnavailable, NotFound, RuleViolation
from agent.intake.devices import Shown, accept_unit, adopt, assign_role, diagnose, keep_unit, lines_of
from agent.intake.reader_trial import end_trials, judged
from agent.ports import PrintResult, Scan
from agent.settings import Device, Province, Settings, Signing, load
from agent.store import devices as rows
from agent.wiring import check_profile, device_folder, learn_device
from labels.sheets.reader_setup import LINEAR_TEST
from tests.devices.printers import QUICK, device, label
from tests.devices.running import CLERK, Counter, counter, line, plugged, wire
from tests.devices.sysfs import Ports
from tests.webdesk import HandClock

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on Windows are there no ptys")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has evdev")
KEYBOARD = Found("/dev/input/event3", "evdev", 0x046D, 0xC31C, path="1-2", maker="Logitech", interface="1.0")
WEDGE = Shown(KEYBOARD.identity, "", "evdev")


def having(*found: Found) -> Callable[[Tools], Tools]:
    """Stations for which this and nothing else is plugged in."""
    return lambda tools: replace(tools, inventory=lambda: found)


def shown(at: Counter, identity: str, kind: str) -> Shown:
    """What the page shows of the one device of that identity and kind."""
    (one,) = [one for one in at.site.devices.found() if (one.identity, one.kind) == (identity, kind)]
    return Shown(one.identity, one.place, one.kind)


def on_trial(at: Counter) -> Counter:
    """A counter that has taken in use what types."""
    it = shown(at, KEYBOARD.identity, "evdev")
    adopt(at.site, it, name="doc", role="reader", language="zpl", is_reader=True, by=CLERK)
    return at


def names(at: Counter) -> list[str]:
    return [line.name for line in at.site.devices.lines()]


def heard(at: Counter, *texts: str, torn: bool = False) -> list[str]:
    """What is kept of these scans of the device on trial."""
    scans = [(at.site.clock.now(), Scan("doc", text.encode(), torn=torn)) for text in texts]
    return [scan.payload.decode() for _, scan in judged(at.site, scans)]


# --- what types ------------------------------------------------------------------------------------------
@linux
def test_a_keyboard_is_no_reader_by_one_click(tmp_path: Path) -> None:
    with counter(tmp_path / "data", tools=having(KEYBOARD), start=False) as at:
        with pytest.raises(RuleViolation, match="bàn phím đang dùng"):
            adopt(at.site, shown(at, KEYBOARD.identity, "evdev"), name="doc", role="reader", language="zpl", by=CLERK)
        assert names(at) == []
        assert names(on_trial(at)) == ["doc"]


@linux
@pytest.mark.parametrize("torn", [False, True], ids=["whole", "torn"])
def test_what_a_keyboard_types_is_not_kept_and_gives_it_back_at_once(torn: bool, tmp_path: Path) -> None:
    with counter(tmp_path / "data", tools=having(KEYBOARD), start=False) as at:
        on_trial(at)
        assert heard(at, "mat khau cua toi", LINEAR_TEST, torn=torn) == []
        assert heard(at, "cua toi") == []  # what was on its way when it was given back
        assert names(at) == []
        with at.site.store.reading():
            assert rows.setups("T1") == []
        assert [one.kind for one in at.site.devices.found()] == ["evdev"]


@linux
def test_a_reader_is_kept_once_it_has_read_the_test_code(tmp_path: Path) -> None:
    clock = HandClock()
    with counter(tmp_path / "data", tools=having(KEYBOARD), start=False, clock=clock) as at:
        on_trial(at)
        clock.forward(seconds=59)
        end_trials(at.site)
        assert heard(at, LINEAR_TEST, "RR473124829VN") == [LINEAR_TEST, "RR473124829VN"]
        clock.forward(days=1)
        end_trials(at.site)
        assert heard(at, "anything") == ["anything"]
        assert names(at) == ["doc"]


@linux
def test_what_delivers_nothing_for_a_minute_is_given_back_even_by_an_agent_that_starts_anew(tmp_path: Path) -> None:
    clock = HandClock()
    with counter(tmp_path / "data", tools=having(KEYBOARD), start=False, clock=clock) as at:
        on_trial(at)
        clock.forward(seconds=61)
        with counter(tmp_path / "data", tools=having(KEYBOARD), start=False, clock=clock) as anew:
            assert names(anew) == []
    clock = HandClock()
    with counter(tmp_path / "again", tools=having(KEYBOARD), start=False, clock=clock) as at:
        on_trial(at)
        clock.forward(seconds=61)
        end_trials(at.site)
        assert names(at) == []


# --- exactly the one that was shown ----------------------------------------------------------------------
def test_another_device_than_the_page_showed_is_not_taken_in_use(tmp_path: Path) -> None:
    there = [Found("/dev/usb/lp0", "usb", 0x0A5F, 0x0166, "28J1234", path="1-1", interface="1.0")]
    chosen: dict[str, Any] = {"name": "nhan", "role": "label", "language": "zpl", "by": CLERK}
    with counter(tmp_path / "data", tools=lambda t: replace(t, inventory=lambda: there), start=False) as at:
        seen = shown(at, "0a5f:0166:28J1234", "usb")
        there[0] = replace(there[0], serial="28J9999")
        with pytest.raises(NotFound, match="đổi chỗ"):
            adopt(at.site, seen, **chosen)
        now = shown(at, "0a5f:0166:28J9999", "usb")
        with pytest.raises(NotFound):
            adopt(at.site, replace(now, kind="serial"), **chosen)
        assert adopt(at.site, now, **chosen).address == "usb-id:0a5f:0166:28J9999"


def test_each_port_of_a_device_with_several_has_an_address_of_its_own() -> None:
    two = [Found(f"/dev/ttyUSB{n}", "serial", 0x0403, 0x6010, "FT1ABC", "1-3", interface=f"1.{n}") for n in (0, 1)]
    for one in two:
        assert resolve(usb_id(one, two), "serial", two) == one
    both = [
        Found("/dev/hidraw3", "hidraw", 0x0C2E, 0x0B61, "21042B", "1-2", interface="1.0"),
        Found("/dev/input/event9", "evdev", 0x0C2E, 0x0B61, "21042B", "1-2", interface="1.1"),
    ]
    assert {usb_id(one, both) for one in both} == {"usb-id:0c2e:0b61:21042B"}  # their kinds tell them apart


@posix
def test_use_this_one_means_the_unit_that_the_page_showed(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    ports.zebra("1-1", "lp0", serial="28J9999")
    line = Device("nhan", "label", "usb", str(ports.dev / "usb/lp0"))
    with counter(tmp_path / "data", line, tools=plugged(ports), start=False) as at:
        keep_unit(at.site, "nhan", "0a5f:0166:28J1234", "1-1:1.0")
        at.site.devices.reload()
        at.site.devices.states()
        seen = Shown(*at.site.devices.unit("nhan"))
        with pytest.raises(RuleViolation, match="không còn là máy mà trang vừa hiện"):
            accept_unit(at.site, "nhan", replace(seen, identity="0a5f:0166:28J5555"), by=CLERK)
        with pytest.raises(RuleViolation):
            accept_unit(at.site, "nhan", replace(seen, place="1-4:1.0"), by=CLERK)
        assert known(at) == "0a5f:0166:28J1234"
        accept_unit(at.site, "nhan", seen, by=CLERK)
        assert known(at) == "0a5f:0166:28J9999"


def known(at: Counter) -> str:
    with at.site.store.reading():
        setup = rows.setup_of("T1", "nhan")
    assert setup is not None
    return setup.known_as


# --- what is stored, and what the settings file says -------------------------------------------------------
GOOD = asdict(Device("x", "label", "usb", "usb-id:0a5f:0166:28J1234"))
SERIAL = {"role": "reader", "kind": "serial"}
BAD: Sequence[Any] = [
    {"name": "../../evil", "role": "pages", "kind": "folder", "address": "/srv/giay-to", "language": "zpl"},
    GOOD | {"name": "y"},
    GOOD | {"role": "pages", "kind": "folder", "address": "/srv/giay-to"},
    GOOD | {"kind": "tcp", "address": "192.0.2.7:9100"},
    GOOD | {"kind": "usb2"},
    GOOD | {"address": "/etc/passwd"},
    GOOD | SERIAL | {"address": "socket://192.0.2.7:1"},
    GOOD | SERIAL | {"address": "COM1/../../x"},
    GOOD | SERIAL | {"address": "usb-id:0a5f:0166@../../x"},
    GOOD | {"role": "reader"},
    GOOD | {"language": "pcl"},
    GOOD | {"address": None},
    GOOD | {"trial_until": "soon"},
    {},
    [],
    "usb",
    5,
]


@pytest.mark.parametrize("fields", BAD, ids=lambda fields: json.dumps(fields)[:60])
def test_a_stored_line_that_no_screen_makes_is_left_out_and_refuses_no_start(fields: Any, tmp_path: Path) -> None:
    with counter(tmp_path / "data", start=False) as at:
        stored(at, "x", fields)
        at.site.devices.reload()
        assert names(at) == []
    with counter(tmp_path / "data", start=False) as at:
        assert names(at) == []


def test_what_is_left_out_is_logged_by_its_id_and_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("agent").propagate = True
    with counter(tmp_path / "data", start=False) as at:
        stored(at, "x", GOOD | {"address": "/home/clerk"})
        stored(at, "may-in", {**GOOD, "name": "may-in"})
        at.site.devices.reload()
        at.site.devices.reload()
        told = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
        assert len(told) == 1
        assert "/home" not in told[0]
        assert names(at) == ["may-in"] if sys.platform == "linux" else []


def test_a_line_for_what_this_platform_has_not_is_left_out(tmp_path: Path) -> None:
    with counter(tmp_path / "data", start=False) as at:
        stored(at, "x", GOOD)
        with at.site.store.reading():
            found = rows.setups("T1")
    told: set[int] = set()
    assert lines_of(found, at=at.site.clock.now(), works=lambda line: line.kind != "usb", told=told) == {}
    assert len(told) == 1
    assert can_be(Device("x", "label", "usb", "/dev/usb/lp0")) is (sys.platform == "linux")
    assert can_be(Device("x", "reader", "evdev", "event3")) is (sys.platform == "linux")
    assert not can_be(Device("x", "reader", "fax", "1"))


def stored(at: Counter, name: str, fields: Any) -> None:
    with at.site.store.writing():
        rows.decide(office_id="BC", terminal_id="T1", name=name, at=at.site.clock.now(), by="x", line=fields)


def test_a_role_that_was_stored_for_what_is_no_printer_is_left_out(tmp_path: Path) -> None:
    lines = Device("doc", "reader", "tcp", "127.0.0.1:9"), Device("nhan", "label", "tcp", "127.0.0.1:10")
    with counter(tmp_path / "data", *lines, start=False) as at:
        for name, role in (("doc", "label"), ("nhan", "pages")):
            with at.site.store.writing():
                rows.decide(office_id="BC", terminal_id="T1", name=name, at=at.site.clock.now(), by="x", role=role)
        at.site.devices.reload()
        assert [line.role for line in at.site.devices.lines()] == ["reader", "label"]


@pytest.mark.parametrize("name", ["nhan", "máy quét 1", "quét-1", "Máy_in.2", "バーコード", "ưu tiên"])
def test_a_name_of_letters_digits_and_spaces_is_a_devices_name(name: str, tmp_path: Path) -> None:
    assert settings(tmp_path, name).devices[0].name == name


@pytest.mark.parametrize(
    "name", ["../evil", "a/b", "a\\b", "C:x", ".an", "an.", " an", "", "x" * 41, "a\nb", "a\x00b", "COM1", "nul.ring"]
)
def test_a_name_that_is_no_file_name_everywhere_is_refused_with_what_is_allowed(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tên thiết bị gồm chữ, số"):
        settings(tmp_path, name)


def settings(folder: Path, name: str) -> Settings:
    told = {"name": name, "role": "label", "kind": "tcp", "address": "192.0.2.7"}
    words = "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items())
    (folder / "agent.toml").write_text(f"[[device]]\n{words}", encoding="utf-8")
    return load(folder, environ={})


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("tcp", "127.0.0.1:9100"),
        ("tcp", "tcp://127.0.0.1:9100"),
        ("tcp", "localhost"),
        ("tcp", "[::1]:9100"),
        ("serial", "socket://localhost:4000"),
        ("serial", "{data}/simulated/zpl-pty/port"),
        ("folder", "{data}/simulated/pages"),
    ],
)
def test_a_production_profile_refuses_simulated_devices(kind: str, address: str, tmp_path: Path) -> None:
    there = Device("nhan", "label", kind, address.format(data=tmp_path))
    real = Settings(tmp_path, training=False, province=Province(profile="tthc"), signing=Signing(path="keys"))
    check_profile(real.with_(devices=(Device("nhan", "label", "tcp", "192.0.2.7:9100"),)))
    check_profile(real.with_(devices=(there,), training=True))
    with pytest.raises(ConfigError, match="thiết bị giả lập: “nhan”"):
        check_profile(real.with_(devices=(there,)))


# --- who serves --------------------------------------------------------------------------------------------
def test_when_a_role_was_decided_is_moved_by_no_unit_and_no_diagnosis(tmp_path: Path) -> None:
    clock = HandClock()
    lines = [Device(name, role, "tcp", f"127.0.0.1:{9 + n}") for n, (name, role) in enumerate(PAIR)]
    with counter(tmp_path / "data", *lines, start=False, clock=clock) as at:
        keep_unit(at.site, "nhan", "0a5f:0166:28J1234", "1-1:1.0")
        assert since(at) == {"nhan": None}
        assign_role(at.site, "phu", "label", by=CLERK)
        decided = clock.now()
        clock.forward(minutes=5)
        keep_unit(at.site, "phu", "0a5f:0166:28J1234", "1-1:1.0")
        diagnose(at.site, "phu", minutes=5, by=CLERK)
        assert since(at) == {"nhan": None, "phu": decided}
        assign_role(at.site, "nhan", "label", by=CLERK)  # the role that it has: it is to serve again
        assert since(at) == {"nhan": clock.now(), "phu": decided}


PAIR = (("nhan", "label"), ("phu", "receipt"))


def since(at: Counter) -> dict[str, Any]:
    decisions = cast(TerminalDevices, at.site.devices)._tools.decisions()
    return {name: one.since for name, one in decisions.items()}


# --- what a printer was learnt to answer ---------------------------------------------------------------------
@posix
def test_a_printer_meant_by_its_identity_is_learnt_wherever_it_is_and_kept_under_it(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "usb")
    ports.zebra("1-3", "lp4")
    there = Device("nhan", "label", "usb", "usb-id:0a5f:0166:28J1234")
    with (
        SimulatorProcess("zpl-pty", folder=tmp_path / "zpl") as printer,
        counter(tmp_path / "data", there, tools=plugged(ports), start=False) as at,
    ):
        wire(ports, "usb/lp4", printer)
        assert learn_device(at.site, there)["answers"]["status"] is True
        kept = json.loads((device_folder(at.site.settings) / "learnt.json").read_text(encoding="utf-8"))
        assert list(kept) == ["zpl@0a5f:0166:28J1234"]
        ports.unplug("1-3")
        with pytest.raises(DeviceUnavailable, match="Kiểm tra nguồn điện"):
            learn_device(at.site, there)
        keep_unit(at.site, "nhan", "0a5f:0166:28J1234", "1-3:1.0")
        ports.zebra("1-3", "lp4", serial="28J9999")
        at.site.devices.reload()
        with pytest.raises(DeviceUnavailable):
            learn_device(at.site, there)


def test_what_an_earlier_version_kept_under_the_port_is_still_known(tmp_path: Path) -> None:
    with SimulatorProcess("tspl", folder=tmp_path / "tspl") as simulator:
        simulator.tell("silence")
        said, memory = device(simulator, "tspl"), Remembered()
        memory.keep(identity_of(said), Learnt("tspl", "", {STATUS: False}))
        known = driver_of(said, timeout=QUICK, memory=memory, identity="2d37:1a24@1-1")
        assert known.print(label("tspl")).result is PrintResult.UNCERTAIN
        memory.keep(identity_of(said, "2d37:1a24@1-1"), Learnt("tspl", "", {STATUS: True}))
        with pytest.raises(DeviceUnavailable, match="không trả lời"):
            known.print(label("tspl"))


@posix
def test_a_simulators_line_is_what_the_test_of_a_production_profile_means(tmp_path: Path) -> None:
    with SimulatorProcess("zpl", folder=tmp_path / "zpl") as simulator:
        real = Settings(tmp_path, training=False, province=Province(profile="tthc"), signing=Signing(path="keys"))
        with pytest.raises(ConfigError, match="thiết bị giả lập"):
            check_profile(real.with_(devices=(line(simulator),)))
