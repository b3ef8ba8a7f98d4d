"""Checks of serial lines over USB (CDC-ACM): a real /dev/ttyACM*, its modem lines, its cable and its number."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import serial

from agent.devices.link_serial import SerialLink
from agent.errors import DeviceOutcomeUnknown, DeviceUnavailable
from agent.ports import PrintResult
from tests.devices.printers import eventually, label
from tests.vm.gadgets import LIMIT
from tests.vm.printers import (
    faults_are_told,
    printer,
    prints_and_reads,
    unavailable,
    unplugged_after,
    unplugged_before,
    unplugged_within,
)

GONE = "vừa bị rút ra"
ACTS: dict[str, Callable[[SerialLink], object]] = {
    "write": lambda link: link.write(b"~HS"),
    "read": lambda link: link.read(1, timeout=1.0),
    "read_until": lambda link: link.read_until(b"x", timeout=1.0),
    "drain": lambda link: link.drain(),
}


def every_byte_both_ways(folder: Path) -> str:
    """All 256 byte values, 11h and 13h among them, as a binary status has them."""
    every = bytes(range(256)) * 4
    with printer(folder, "tspl", "serial") as one:
        one.tell("stall")
        with SerialLink(one.node(), flow="rtscts") as link:
            link.write(every)
            got = b""
            while len(got) < len(every) and (came := one.wire.read(4096, 2.0)):
                got += came
            assert got == every, f"{len(got)} of {len(every)} bytes"
            one.wire.write(every)
            back = b""
            while len(back) < len(every) and (came := link.read(4096, timeout=2.0)):
                back += came
            assert back == every, f"{len(back)} of {len(every)} bytes came back"
    return f"{len(every)} bytes each way"


def unplugged_with_the_port_open(folder: Path) -> str:
    with printer(folder, "zpl", "serial") as one:
        said = []
        for name, act in ACTS.items():
            node = one.node()
            link = SerialLink(node)
            link.open()
            one.tell("vanish")
            one.wait_gone(node)
            try:
                act(link)
            except (DeviceUnavailable, DeviceOutcomeUnknown) as error:
                said.append(f"{name}: {error.message}")
            else:
                raise AssertionError(f"{name} did not see it")
            link.close()
            one.tell("ok")
        assert all(GONE in words for words in said), said
        return "; ".join(said)


def renumbered(folder: Path) -> str:
    """With the old handle open the kernel keeps the number: the same printer is another node."""
    with printer(folder, "tspl", "serial") as one:
        node = one.node()
        old = SerialLink(node)
        old.open()
        one.tell("vanish")
        eventually(lambda: one.wire.gadget.device is None, LIMIT)
        one.tell("ok")
        again = one.node()
        assert again != node, again
        unavailable(lambda: one.printer(node).print(label("tspl")), "")
        assert one.printer(again).print(label("tspl")).result is PrintResult.PRINTED
        try:
            old.read(1, timeout=0.5)
        except DeviceUnavailable as error:
            assert GONE in error.message, error.message
        else:
            raise AssertionError("the old handle did not see it")
        assert len(one.labels) == 1
        return f"{node} -> {again}"


def held_by_another(folder: Path) -> str:
    with printer(folder, "tspl", "serial") as one:
        with SerialLink(one.node()):
            said = unavailable(lambda: one.printer().print(label("tspl")), "chương trình khác giữ")
        assert one.labels == []
        assert one.printer().print(label("tspl")).result is PrintResult.PRINTED
        return said


def stalled_within(folder: Path, flow: str) -> str:
    with printer(folder, "zpl", "serial") as one:
        link = SerialLink(one.node(), flow=flow, write=1.0)
        one.tell("stall")
        began = time.monotonic()
        try:
            with link:
                link.write(b"^XA" + b"A" * 200_000)
        except DeviceOutcomeUnknown as error:
            said = error.message
        else:
            raise AssertionError("it was taken for sent")
        took = time.monotonic() - began
        assert took < 5.0, f"it took {took:.1f} s to say so"
        closing = unavailable(link.open, "cổng đang được đóng")
        one.wire.shut()  # switched off and on: what it had is gone
        one.tell("ok")
        one.wire.reopen()

        def opens() -> bool:
            with suppress(DeviceUnavailable):
                link.open()
                return True
            return False

        eventually(opens, 40.0)
        link.close()
        ready = time.monotonic() - began
        return f"after {took:.1f} s: {said} Meanwhile: {closing} Open again after {ready:.0f} s."


def stalled_with_short_jobs(folder: Path) -> str:
    """Each fits in the kernel's buffer, and the one that does not leave it is told in time."""
    with printer(folder, "zpl", "serial") as one:
        link = SerialLink(one.node(), flow="rtscts", write=1.0)
        one.tell("stall")
        with link:
            for taken in range(1000):
                began = time.monotonic()
                try:
                    link.write(b"A" * 1_000)
                except (DeviceOutcomeUnknown, DeviceUnavailable) as error:
                    took = time.monotonic() - began
                    assert took < 5.0, f"{type(error).__name__} after {took:.1f} s"
                    return f"{taken} jobs of 1,000 bytes taken, then {type(error).__name__} after {took:.1f} s"
        raise AssertionError("it took a million bytes")


def modem_lines(folder: Path) -> str:
    """DSR and DCD follow the device's own end; a reader on the line outlives their fall."""
    with printer(folder, "zpl", "serial") as one:
        one.tell("stall")
        node = one.node()
        with serial.Serial(node, exclusive=True, timeout=1.0) as port:
            eventually(lambda: port.dsr and port.cd, LIMIT)
            one.wire.shut()
            eventually(lambda: not (port.dsr or port.cd), LIMIT)
            one.wire.reopen()
            eventually(lambda: port.dsr and port.cd, LIMIT)
        with SerialLink(node) as link:
            one.wire.write(b"one\r")
            assert link.read_until(b"\r", timeout=2.0) == b"one\r"
            one.wire.shut()
            one.wire.reopen()
            one.wire.write(b"two\r")
            assert link.read_until(b"\r", timeout=2.0) == b"two\r"
        return "DSR and DCD rise and fall; the link reads on"


LANGUAGES = ("zpl", "tspl", "escpos")
CHECKS = {
    **{f"a {x} label over a real ttyACM prints, reads, and is called printed":
       partial(prints_and_reads, language=x, kind="serial") for x in LANGUAGES},
    "every byte value arrives, both ways": every_byte_both_ways,
    **{f"{x}: no fault is called ready, nothing is sent into it": partial(faults_are_told, language=x, kind="serial")
       for x in LANGUAGES},
    "unplugged before the job: nothing sent": partial(unplugged_before, kind="serial"),
    "unplugged with the port open: each family of pyserial's errors in our own words": unplugged_with_the_port_open,
    **{f"{x} unplugged after {n} bytes of the label: uncertain, and once plugged in again it prints":
       partial(unplugged_within, language=x, after=n, kind="serial") for x in LANGUAGES for n in (20, 5000)},
    **{f"{x} unplugged with the whole label under the head: uncertain":
       partial(unplugged_after, language=x, kind="serial") for x in LANGUAGES},
    "plugged in again with the old handle open: another number, the old handle says it is gone": renumbered,
    "a second program on the port is told that another holds it": held_by_another,
    **{f"a printer that stalls within a job (flow {flow}): uncertain in time": partial(stalled_within, flow=flow)
       for flow in ("none", "rtscts")},
    "a stalled line and jobs that fit the kernel's buffer: told in time": stalled_with_short_jobs,
    "modem lines follow the device, and the link outlives their fall": modem_lines,
}  # fmt: skip
