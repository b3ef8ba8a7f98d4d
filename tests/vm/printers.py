"""Checks of printers of the USB printer class: a real /dev/usb/lp*, its cable, and what is said of each label."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from threading import Thread

import zxingcpp
from PIL import Image

from agent.devices.detect import device_id_of
from agent.devices.drivers.learnt import STATUS, Learnt, Remembered
from agent.devices.link_usb import UsbLink
from agent.devices.registry import driver_of, find_language, identity_of
from agent.devices.simulators.escpos_machine import EscposMachine
from agent.devices.simulators.machine import Machine
from agent.devices.simulators.printer import PrinterSimulator, start
from agent.devices.simulators.process import tell
from agent.devices.simulators.tspl_machine import TsplMachine
from agent.devices.simulators.zpl_machine import ZplMachine
from agent.errors import DeviceOutcomeUnknown, DeviceUnavailable
from agent.ports import Printer, PrintOutcome, PrintResult
from agent.settings import Device
from tests.devices.printers import SPEC, during, eventually, label
from tests.vm.gadgets import LIMIT, GadgetWire, gadget

MACHINES: dict[str, type[Machine]] = {"zpl": ZplMachine, "tspl": TsplMachine, "escpos": EscposMachine}
DRAW = {"zpl": "zpl_picture", "tspl": "tspl_picture", "escpos": "escpos_picture"}
# The kernel's printer function leaves the last two characters of its id away.
IDS = {"zpl": "MFG:Zebra;MDL:ZD220;CMD:ZPL,EPL;SN:{};;;", "tspl": "MFG:TSC;MDL:TE210;CMD:TSPL2;SN:{};;;"}
IDS["escpos"] = "MFG:EPSON;MDL:TM-T20III;CMD:ESC/POS;SN:{};;;"
LANGUAGES = tuple(MACHINES)
ACTS: tuple[Callable[[UsbLink], object], ...] = (
    lambda link: link.write(b"~HS"),
    lambda link: link.read(1, timeout=1.0),
    lambda link: link.drain(),
)
_numbers = count(1)


@dataclass
class Plugged:
    """A printer on its cable; `control` takes the simulator's orders, `tell` gives one."""

    simulator: PrinterSimulator
    wire: GadgetWire
    control: str
    folder: Path
    language: str
    kind: str = "usb"

    def node(self) -> str:
        return self.wire.gadget.node("usbmisc", "lp") if self.kind == "usb" else self.wire.gadget.node("tty", "ttyACM")

    def device(self, node: str = "") -> Device:
        flow = "none" if self.kind == "usb" else "rtscts"
        return Device("nhan", "label", self.kind, node or self.node(), language=self.language, flow=flow)

    def printer(self, node: str = "", **more: object) -> Printer:
        return driver_of(self.device(node), timeout=1.5, **more)  # type: ignore[arg-type]

    def tell(self, order: str, **more: object) -> dict[str, object]:
        return tell(self.control, order, **more)

    @property
    def labels(self) -> list[bytes]:
        found = sorted(self.folder.glob("label-*"))
        return [path.read_bytes() for path in found if path.suffix not in {".png", ".part"}]

    def codes(self) -> set[str]:
        """What the last picture holds."""
        eventually(lambda: not self.tell("status")["drawing"], LIMIT)
        last = sorted(self.folder.glob("label-*.png"))[-1]
        return {code.text for code in zxingcpp.read_barcodes(Image.open(last).convert("L"))}

    def wait_gone(self, node: str) -> None:
        eventually(lambda: not Path(node).exists(), LIMIT)


@contextmanager
def printer(folder: Path, language: str, kind: str = "usb", *, draw: bool = False, queue: int = 2) -> Iterator[Plugged]:
    """A printer on USB or on a serial line; `queue` is how many requests of 8,192 bytes USB takes unread."""
    serial = f"LP{next(_numbers):04}"
    options = {"pnp_string": IDS[language].format(serial), "q_len": str(queue)} if kind == "usb" else {}
    with gadget("printer" if kind == "usb" else "acm", serial, **options) as made:
        # One at a time: the kernel numbers these ends by the lowest free number.
        wire = GadgetWire(made, lambda: "/dev/g_printer0" if kind == "usb" else f"/dev/ttyGS{made.option('port_num')}")
        yield from serve(wire, folder, language, draw=draw, kind=kind)


def serve(wire: GadgetWire, folder: Path, language: str, *, draw: bool, kind: str) -> Iterator[Plugged]:
    """Run the machine on the wire while it is used."""
    drawing = import_module(f"agent.devices.simulators.{DRAW[language]}").draw if draw else None
    out = folder / "out"
    out.mkdir(exist_ok=True)
    simulator, control = start(MACHINES[language](out, draw=drawing), wire)
    thread = Thread(target=simulator.run, daemon=True)
    thread.start()
    try:
        yield Plugged(simulator, wire, control, out, language, kind)
    finally:
        simulator.stop()
        thread.join(5)
        wire.unplug()


def uncertain(outcome: PrintOutcome, *words: str) -> None:
    assert outcome.result is PrintResult.UNCERTAIN, outcome
    assert all(word in outcome.reason for word in words), outcome.reason
    assert outcome.reason.count("Xem nhãn") == 1, outcome.reason


def unavailable(act: Callable[[], object], words: str) -> str:
    try:
        outcome = act()
    except DeviceUnavailable as error:
        assert words in error.message, error.message
        return error.message
    raise AssertionError(f"it was not refused: {outcome}")


# --- what a clerk does every day -----------------------------------------------------------------
def prints_and_reads(folder: Path, language: str, kind: str = "usb") -> str:
    with printer(folder, language, kind, draw=True) as one:
        found = find_language(one.device())
        assert found.language == language, found
        state = one.printer().status()
        assert (state.connected, state.ready) == (True, True), state
        outcome = one.printer().print(label(language))
        assert (outcome.result, outcome.reason) == (PrintResult.PRINTED, ""), outcome
        assert len(one.labels) == 1
        assert one.codes() == {SPEC.provisional, SPEC.payload}
        return f"{one.node()}, {found.confidence}, {outcome.evidence['bytes']} bytes"


def tells_who_it_is(folder: Path) -> str:
    with printer(folder, "zpl") as one:
        known = device_id_of(one.node())
        assert (known.manufacturer, known.model, known.language) == ("Zebra", "ZD220", "zpl"), known
        assert known.serial == one.wire.gadget.serial
        assert identity_of(one.device()) == f"zpl@Zebra:ZD220:{known.serial}"
        return identity_of(one.device())


def faults_are_told(folder: Path, language: str, kind: str = "usb") -> None:
    with printer(folder, language, kind) as one:
        for fault in sorted(MACHINES[language].parts - {"paused"}):
            one.tell(fault)
            assert one.printer().status().ready is not True
            with suppress(DeviceUnavailable):  # silent, and nothing was sent
                assert one.printer().print(label(language)).result is PrintResult.NOT_PRINTED
            one.tell("ok")
        assert one.labels == []
        assert one.printer().print(label(language)).result is PrintResult.PRINTED


# --- the cable ----------------------------------------------------------------------------------
def unplugged_before(folder: Path, kind: str = "usb") -> str:
    with printer(folder, "zpl", kind) as one:
        node = one.node()
        one.tell("vanish")
        one.wait_gone(node)
        said = unavailable(lambda: one.printer(node).print(label("zpl")), "Không thấy thiết bị")
        assert one.printer(node).status().connected is False
        assert one.labels == []
        return said


def unplugged_with_the_port_open(folder: Path) -> str:
    with printer(folder, "zpl") as one:
        node = one.node()
        for act in ACTS:
            link = UsbLink(node)
            link.open()
            one.tell("vanish")
            one.wait_gone(node)
            said = unavailable(partial(act, link), "vừa bị rút ra")
            assert str(errno.ENODEV) in said, said
            one.tell("ok")
            assert one.node() == node
        return said


def unplugged_within(folder: Path, language: str, after: int, kind: str = "usb") -> str:
    with printer(folder, language, kind) as one:
        node = one.node()
        one.tell("vanish", after=after)
        outcome = one.printer().print(label(language))
        uncertain(outcome, "Xem nhãn đã ra chưa")
        one.wait_gone(node)
        assert one.labels == []
        one.tell("ok")
        again = one.printer().print(label(language))
        assert again.result is PrintResult.PRINTED, again
        assert len(one.labels) == 1
        return outcome.reason


def unplugged_after(folder: Path, language: str, kind: str = "usb") -> str:
    """The last byte is there, the label is under the head: power and cable go together."""
    with printer(folder, language, kind) as one:
        one.tell("slow", seconds=30)
        outcome = during(one, lambda: one.printer().print(label(language)), "vanish")  # type: ignore[arg-type]
        uncertain(outcome, "Xem nhãn đã ra chưa")
        assert one.labels == []
        return outcome.reason


def replugged(folder: Path) -> str:
    """With the old handle open the node has another number; the printer is the same by its identity."""
    with printer(folder, "zpl") as one:
        node, identity = one.node(), identity_of(one.device())
        old = UsbLink(node)
        old.open()
        one.tell("vanish")
        eventually(lambda: one.wire.gadget.device is None, LIMIT)
        one.tell("ok")
        again = one.node()
        assert identity_of(one.device(again)) == identity
        unavailable(lambda: old.write(b"~HS"), "vừa bị rút ra")
        assert one.printer(again).print(label("zpl")).result is PrintResult.PRINTED
        assert len(one.labels) == 1
        return f"{node} -> {again}, {identity}"


# --- who holds it, who stalls -----------------------------------------------------------------------
def held_by_another(folder: Path) -> str:
    with printer(folder, "zpl") as one:
        with UsbLink(one.node()):
            said = unavailable(lambda: one.printer().print(label("zpl")), "chương trình khác giữ")
        assert one.labels == []
        assert one.printer().print(label("zpl")).result is PrintResult.PRINTED
        return said


def stalled_kernel(folder: Path) -> str:
    """What the kernel does, by hand: it takes some, then EAGAIN; what it took is the device's when that wakes up."""
    with printer(folder, "zpl", queue=1) as one:
        one.tell("stall")
        node = os.open(one.node(), os.O_RDWR | os.O_NONBLOCK)
        taken: list[int] = []
        try:
            while select.select([], [node], [], 1.0)[1]:
                taken.append(os.write(node, b"A" * 8192))
            try:
                os.write(node, b"A")
            except BlockingIOError:
                return f"{'+'.join(map(str, taken))} bytes, then EAGAIN"
        finally:
            os.close(node)
        raise AssertionError(f"no EAGAIN after {taken}")


def stalled_within(folder: Path) -> str:
    with printer(folder, "zpl", queue=1) as one:
        link = UsbLink(one.node(), write=1.0)
        one.tell("stall")
        began = time.monotonic()
        try:
            with link:
                link.write(b"^XA" + b"A" * 100_000)
        except DeviceOutcomeUnknown as error:
            assert "đã gửi" in error.message, error.message
            assert time.monotonic() - began < 3.0
            said = error.message
        else:
            raise AssertionError("it was taken for sent")
        one.tell("ok")
        eventually(lambda: one.tell("status")["partial"] is True, LIMIT)
        outcome = one.printer().print(label("zpl"))
        assert (outcome.result, one.labels) == (PrintResult.NOT_PRINTED, []), outcome
        assert "nhãn gửi dở" in outcome.reason
        return said


def slow_and_silent(folder: Path) -> str:
    """One that never answers and takes its bytes late: the port is not closed before it has them all."""
    with printer(folder, "zpl", queue=1) as one:
        device, memory, job = one.device(), Remembered(), label("zpl")
        memory.keep(identity_of(device), Learnt("zpl", "", {STATUS: False}))
        one.tell("silence")
        one.tell("stall")

        def wakes_up() -> None:
            time.sleep(1.5)
            one.tell("ok")

        Thread(target=wakes_up, daemon=True).start()
        outcome = driver_of(device, memory=memory).print(job)
        uncertain(outcome, "không biết trả lời")
        eventually(lambda: len(one.labels) == 1, LIMIT)
        assert one.labels == [job.strip()] or one.labels == [job]
        return f"{len(job)} bytes, all there"


def thirty_labels(folder: Path) -> str:
    with printer(folder, "zpl") as one:
        driver, job = one.printer(), label("zpl")
        began = time.monotonic()
        results = [driver.print(job).result for _ in range(30)]
        assert set(results) == {PrintResult.PRINTED}, results
        assert len(one.labels) == 30
        return f"{(time.monotonic() - began) / 30:.2f} s a label on the emulated machine"


CHECKS = {
    **{f"a {x} label through a real lp node prints, reads, and is called printed": partial(prints_and_reads, language=x)
       for x in LANGUAGES},
    "a printer tells its maker, model and serial number, and its profile is kept under them": tells_who_it_is,
    **{f"{x}: no fault is called ready, nothing is sent into it": partial(faults_are_told, language=x)
       for x in LANGUAGES},
    "unplugged before the job: nothing sent, the words name the port": unplugged_before,
    "unplugged with the port open: ENODEV from write, read and drain in our own words": unplugged_with_the_port_open,
    **{f"{x} unplugged after {n} bytes of the label: uncertain, and once plugged in again it prints":
       partial(unplugged_within, language=x, after=n) for x in LANGUAGES for n in (20, 5000)},
    **{f"{x} unplugged with the whole label under the head: uncertain": partial(unplugged_after, language=x)
       for x in LANGUAGES},
    "plugged in again with the old handle open: another node, the same identity, it prints": replugged,
    "a second program on the port is told that another holds it": held_by_another,
    "a printer that stalls: the kernel takes its buffer and then EAGAIN": stalled_kernel,
    "a printer that stalls within a job: uncertain in time, and the next job is not sent behind the torn one":
        stalled_within,
    "one that never answers and takes its bytes late gets them all": slow_and_silent,
    "thirty labels one after the other": thirty_labels,
}  # fmt: skip
