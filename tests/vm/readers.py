"""Checks of bar code readers on the kernel's own nodes: ttyACM, hidraw, and event devices, grabbed."""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Thread

from agent.devices.readers.factory import reader_of
from agent.devices.readers.reader import Reader
from agent.devices.simulators.reader_codes import Code, hid, keys, serial
from agent.errors import DeviceUnavailable
from agent.settings import Device
from tests.devices.printers import eventually
from tests.devices.readers import CARD, some, until_unplugged
from tests.vm.gadgets import LIMIT, Gadget, GadgetWire, gadget

SCANNER = bytes.fromhex("058c 0902 a101 8502 1500 26ff00 7508 953f 0930 8102 c0")
KEYBOARD = bytes.fromhex(
    "0501 0906 a101 0507 19e0 29e7 1500 2501 7501 9508 8102 9501 7508 8103 9505 7501 0508 1901 2905 9102 9501 7503 9103"
    "9506 7508 1500 2565 0507 1900 2965 8100 c0"
)
ITEM = "RR473124829VN"
_numbers = count(1)
_TYPED = {**{c: 0x04 + n for n, c in enumerate("abcdefghijklmnopqrstuvwxyz")}, "0": 0x27, "\r": 0x28}
_TYPED |= {str(n): 0x1D + n for n in range(1, 10)}


class Hand:
    """A reader's own end: what it sends for a code, and its cable."""

    def __init__(self, wire: GadgetWire, kind: str) -> None:
        self.wire, self.kind = wire, kind

    def send(self, data: bytes) -> None:
        """All of it, report by report where there are reports."""
        size = {"hidraw": 64, "evdev": 8}.get(self.kind, len(data) or 1)
        for at in range(0, len(data), size):
            self.wire.write(data[at : at + size])

    def scan(self, *texts: str, aim: bytes = b"", hexdump: bool = False) -> None:
        """One code after the other, while others read: the kernel keeps few unread keys."""

        def act() -> None:
            for text in texts:
                self.send(self.bytes_of(text, aim, hexdump=hexdump))

        Thread(target=act, daemon=True).start()

    def bytes_of(self, text: str, aim: bytes = b"", *, hexdump: bool = False) -> bytes:
        code = Code(text.encode(), aim, hexdump=hexdump)
        if self.kind == "evdev":
            return b"".join(_typed(char) for char in code.sent.decode("ascii"))
        return b"".join((hid if self.kind == "hidraw" else serial)(code))

    def node(self) -> str:
        kind, prefix = {"serial": ("tty", "ttyACM"), "hidraw": ("hidraw", "hidraw"), "evdev": ("input", "event")}[
            self.kind
        ]
        made = self.wire.gadget
        if self.kind != "evdev":
            return made.node(kind, prefix)
        found: list[Path] = []

        def came() -> bool:
            found[:] = list(made.device.rglob("input/input*/event*")) if made.device else []
            return bool(found) and Path("/dev/input", found[0].name).exists()

        eventually(came, LIMIT)
        return f"/dev/input/{found[0].name}"

    def reader(self, **more: object) -> Reader:
        """Its line names the terminator of a wedge: a first code that stops for 150 ms would count as two."""
        more |= {"end": "cr"} if self.kind == "evdev" else {}
        made = reader_of(Device("doc", "reader", self.kind, self.node(), **more))  # type: ignore[arg-type]
        made.open()
        return made


def _typed(char: str) -> bytes:
    """A boot keyboard's reports for one character: down with its shift, and up."""
    shift = 0x02 if char.isupper() else 0
    return bytes([shift, 0, _TYPED[char.lower()], 0, 0, 0, 0, 0]) + bytes(8)


@contextmanager
def plugged(kind: str) -> Iterator[Hand]:
    """A reader on its cable."""
    name = f"RD{next(_numbers):04}"
    if kind == "serial":
        options: dict[str, str | bytes] = {}
    else:
        length, described = ("64", SCANNER) if kind == "hidraw" else ("8", KEYBOARD)
        options = {"report_length": length, "report_desc": described, "protocol": "0", "subclass": "0"}
    with gadget("acm" if kind == "serial" else "hid", name, product=0x0200, **options) as made:
        wire = GadgetWire(made, lambda: _end(made, kind))
        try:
            yield Hand(wire, kind)
        finally:
            wire.unplug()


def _end(made: Gadget, kind: str) -> str:
    if kind == "serial":
        return f"/dev/ttyGS{made.option('port_num')}"
    return f"/dev/hidg{made.option('dev').split(':')[1]}"


def a_chip_card(_: Path, kind: str) -> str:
    hexdump = kind == "evdev"
    with plugged(kind) as hand:
        reader = hand.reader(hexdump=hexdump)
        hand.scan(CARD, aim=b"]Q1", hexdump=hexdump)
        (scan,) = some(reader)
        assert (scan.payload, scan.aim, scan.torn) == (CARD.encode(), "]Q1", False), scan
        reader.close()
        return f"{len(scan.payload)} bytes over {hand.node()}, {scan.took_ms} ms"


def one_after_the_other(_: Path, kind: str) -> str:
    number = 40 if kind == "evdev" else 300
    with plugged(kind) as hand:
        reader = hand.reader()
        sent = [f"{ITEM}{n:06}" for n in range(number)]
        hand.scan(*sent)
        scans, deadline = some(reader, limit=30.0), time.monotonic() + 60.0
        while scans[-1].payload != sent[-1].encode() and time.monotonic() < deadline:
            came = reader.read(5.0)
            scans += came
            if not came:
                break
        reader.close()
        whole = [scan.payload.decode() for scan in scans if not scan.torn]
        torn = [scan.note for scan in scans if scan.torn]
        missing = [text for text in sent if text not in whole]
        assert whole == [text for text in sent if text not in missing], whole  # each once, in order
        assert bool(missing) == bool(torn), (missing, torn)  # nothing is missing unsaid
        assert kind == "evdev" or not missing, missing
        told = f"; {len(missing)} lost, told as {len(torn)} torn: {', '.join(sorted(set(torn)))}" if torn else ""
        return f"{len(whole)} of {number} in order{told}"


def unplugged_within(_: Path, kind: str) -> str:
    with plugged(kind) as hand:
        reader = hand.reader()
        hand.scan(ITEM)
        some(reader)
        half = hand.bytes_of(ITEM if kind != "hidraw" else CARD)
        hand.send(half[: 64 if kind != "serial" else 5])
        assert reader.read(0.1) == []
        hand.wire.unplug()
        scans, words = until_unplugged(reader)
        assert [scan.torn for scan in scans] == [True], scans
        assert "vừa bị rút ra" in words, words
        hand.wire.plug()
        again = hand.reader()
        hand.scan(ITEM)
        (scan,) = some(again)
        assert (scan.payload, scan.torn) == (ITEM.encode(), False)
        again.close()
        return f"{words} | {scans[0].note}"


def taken_by_another_agent(_: Path, kind: str) -> str:
    with plugged(kind) as hand:
        reader = hand.reader()
        try:
            hand.reader()
        except DeviceUnavailable as error:
            assert "chương trình khác giữ" in error.message, error.message
            hand.scan(ITEM)
            assert some(reader)[0].payload == ITEM.encode()
            reader.close()
            return error.message
        raise AssertionError("two agents read one reader")


def grabbed(_: Path) -> str:
    """While the agent holds the keyboard no window hears it; afterwards it types again."""
    with plugged("evdev") as hand:
        window = os.open(hand.node(), os.O_RDONLY | os.O_NONBLOCK)
        try:
            reader = hand.reader()
            hand.scan(ITEM)
            assert some(reader)[0].payload == ITEM.encode()
            assert not select.select([window], [], [], 0.3)[0], "the window heard it"
            reader.close()
            hand.scan(ITEM)
            assert select.select([window], [], [], 2.0)[0], "the window hears nothing afterwards"
        finally:
            os.close(window)
        return "nothing came to the other listener"


def taken_by_the_desktop(_: Path) -> str:
    import fcntl

    from agent.devices.link_evdev import EVIOCGRAB

    with plugged("evdev") as hand:
        other = os.open(hand.node(), os.O_RDONLY | os.O_NONBLOCK)
        try:
            fcntl.ioctl(other, EVIOCGRAB, 1)
            hand.reader()
        except DeviceUnavailable as error:
            assert "chương trình khác giữ" in error.message, error.message
            return error.message
        finally:
            os.close(other)
        raise AssertionError("it was opened under another's grab")


def keys_dropped(_: Path) -> str:
    """A burst that nobody reads overruns the kernel's buffer: SYN_DROPPED, a torn scan, and then whole ones."""
    with uinput() as (node, emit):
        reader = reader_of(Device("doc", "reader", "evdev", node))
        reader.open()
        emit(Code(b"123456"))
        (first,) = some(reader)
        assert (first.payload, first.torn) == (b"123456", False), first
        for number in range(60):
            emit(Code(f"EA{number:06}".encode()))
        scans = some(reader)
        scans += reader.read(0.7)
        torn = [scan for scan in scans if scan.torn]
        assert torn and "không kịp nhận phím" in torn[0].note, scans
        whole = [scan.payload for scan in scans if not scan.torn]
        assert all(len(text) == 8 and text.startswith(b"EA") for text in whole), whole
        assert len(whole) == len(set(whole))
        emit(Code(b"654321"))
        last = some(reader)[-1]
        assert (last.payload, last.torn) == (b"654321", False), last
        reader.close()
        return f"60 codes unread: {len(whole)} whole, {len(torn)} torn: {torn[0].note}"


@contextmanager
def uinput() -> Iterator[tuple[str, Callable[[Code], None]]]:
    """A keyboard by the kernel's uinput: its node, and typing one code at once."""
    import fcntl

    set_event, set_key, setup, create, destroy = 0x40045564, 0x40045565, 0x405C5503, 0x5501, 0x5502
    before = {path.name for path in Path("/dev/input").glob("event*")}
    control = os.open("/dev/uinput", os.O_WRONLY | os.O_NONBLOCK)
    try:
        for event in (0, 1, 4):
            fcntl.ioctl(control, set_event, event)
        for key in range(1, 120):
            fcntl.ioctl(control, set_key, key)
        fcntl.ioctl(control, setup, struct.pack("HHHH80sI", 3, 0x1D6B, 0x0300, 1, b"wedge of software", 0))
        fcntl.ioctl(control, create)
        new: list[str] = []

        def came() -> bool:
            new[:] = [path.name for path in Path("/dev/input").glob("event*") if path.name not in before]
            return bool(new)

        eventually(came, LIMIT)
        yield f"/dev/input/{new[0]}", lambda code: _emit(control, code)
        fcntl.ioctl(control, destroy)
    finally:
        os.close(control)


def _emit(control: int, code: Code) -> None:
    for stroke in keys(code):
        os.write(control, stroke)


KINDS = {"serial": "a USB-COM reader", "hidraw": "a HID POS reader", "evdev": "a keyboard-wedge reader"}


def _checks() -> dict[str, Callable[[Path], str | None]]:
    from functools import partial

    every = {
        "the chip card's Vietnamese text arrives byte for byte": a_chip_card,
        "many codes one after the other arrive once and in order": one_after_the_other,
        "unplugged within a code: the torn one is told, and it reads on when plugged in again": unplugged_within,
        "a second agent is told that it is taken": taken_by_another_agent,
    }
    found: dict[str, Callable[[Path], str | None]] = {
        f"{words}: {name}": partial(act, kind=kind) for name, act in every.items() for kind, words in KINDS.items()
    }
    found["the grab: no other listener hears the wedge while the agent holds it"] = grabbed
    found["the grab: a wedge that another program has grabbed is called taken"] = taken_by_the_desktop
    found["keys that the kernel dropped (SYN_DROPPED) are told, and what follows is whole"] = keys_dropped
    return found


CHECKS = _checks()
