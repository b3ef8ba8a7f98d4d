"""Our ESC/POS on a printer that somebody else wrote: it prints, reads, and its faults are told as they are."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from agent.devices.link import Link
from agent.devices.registry import driver_of, find_language
from agent.errors import DeviceUnavailable
from agent.ports import Printer, PrintResult
from agent.settings import Device
from labels import escpos
from labels.layout import layout
from labels.slip import ROLL_80
from labels.spec import ReceiptSlip, Spec
from tests.devices.printers import SPEC, eventually
from tests.interop.emupos import Emupos, environment
from tests.unit.test_forms import receipt_form

SLIP = ReceiptSlip(receipt_form())
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pty: only on Windows there is none")
WIRES = ["tcp", pytest.param("serial", marks=posix)]
FAULTS = [("paper-out", "hết giấy"), ("cover-open", "nắp máy in đang mở"), ("offline", "ngừng nhận lệnh")]


@pytest.fixture(scope="module")
def program() -> Path:
    return environment()


@pytest.fixture
def emupos(program: Path, tmp_path: Path) -> Iterator[Emupos]:
    with Emupos(program, tmp_path) as running:
        yield running


def at(emupos: Emupos, wire: str = "tcp") -> Device:
    address = emupos.address(wire)
    return Device("bl", "receipt", wire, f"tcp://{address}" if wire == "tcp" else address, language="escpos")


def printer(emupos: Emupos, wire: str = "tcp") -> Printer:
    return driver_of(at(emupos, wire), timeout=1.0)


def job(spec: Spec) -> bytes:
    return escpos.render(layout(spec, 203, (ROLL_80, 60.0) if spec is SPEC else (ROLL_80, 0.0)))


def codes(png: bytes) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(png)).convert("L"))}


@pytest.mark.parametrize("wire", WIRES)
def test_a_label_and_a_receipt_come_out_and_read(emupos: Emupos, wire: str) -> None:
    for spec, wanted in ((SPEC, {SPEC.provisional, SPEC.payload}), (SLIP, codes_of(SLIP))):
        before = len(emupos.receipts)
        outcome = printer(emupos, wire).print(job(spec))
        assert (outcome.result, outcome.reason) == (PrintResult.PRINTED, "")
        assert len(emupos.receipts) == before + 1
        assert codes(emupos.picture()) == wanted


@pytest.mark.parametrize("graphics", ["gs-v-0", "gs-paren-l"])
def test_the_picture_is_ours_dot_for_dot(emupos: Emupos, graphics: escpos.Graphics) -> None:
    from labels import raster

    laid = layout(SLIP, 203, (ROLL_80, 0.0))
    assert printer(emupos).print(escpos.render(laid, graphics=graphics)).result is PrintResult.PRINTED
    theirs, ours = Image.open(BytesIO(emupos.picture())).convert("1"), raster.image(laid).convert("1")
    box = (0, 0, laid.width, laid.height)
    pairs = zip(theirs.crop(box).tobytes(), ours.crop(box).tobytes(), strict=True)
    different = sum((one ^ other).bit_count() for one, other in pairs)
    assert different <= 4  # a dot or two is moved so that no picture holds a real-time command


@pytest.mark.parametrize("wire", WIRES)
def test_it_is_ready_and_answers_as_a_printer_of_this_language(emupos: Emupos, wire: str) -> None:
    state = printer(emupos, wire).status()
    assert (state.connected, state.ready) == (True, True), state
    assert find_language(at(emupos, wire)).language == "escpos"


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_fault_before_the_job_is_told_and_nothing_is_sent(emupos: Emupos, fault: str, words: str) -> None:
    emupos.fault(fault)
    state, outcome = printer(emupos).status(), printer(emupos).print(job(SPEC))
    assert (state.connected, state.ready) == (True, False)
    assert outcome.result is PrintResult.NOT_PRINTED
    assert words in state.words.lower() and words in outcome.reason.lower()
    emupos.fault(fault, present=False)
    assert emupos.receipts == []
    assert printer(emupos).print(job(SPEC)).result is PrintResult.PRINTED
    assert len(emupos.receipts) == 1


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_fault_within_the_job_is_uncertain_and_once_mended_one_receipt_comes(
    emupos: Emupos, fault: str, words: str
) -> None:
    def broken(_: str, link: Link) -> Link:
        return Halfway(link, lambda: emupos.fault(fault))

    outcome = driver_of(at(emupos), timeout=1.0, wrap=broken).print(job(SLIP))
    assert outcome.result is PrintResult.UNCERTAIN
    assert words in outcome.reason.lower()
    assert emupos.receipts == []
    emupos.fault(fault, present=False)
    eventually(lambda: len(emupos.receipts) == 1)
    assert codes(emupos.picture()) == codes_of(SLIP)


def test_paper_that_is_only_low_prints(emupos: Emupos) -> None:
    emupos.fault("paper-near-end")
    assert printer(emupos).print(job(SPEC)).result is PrintResult.PRINTED


def test_a_printer_that_is_switched_off_was_sent_nothing(program: Path, tmp_path: Path) -> None:
    with Emupos(program, tmp_path) as running:
        gone = driver_of(at(running), timeout=1.0)
    assert gone.status().connected is False
    with pytest.raises(DeviceUnavailable):
        gone.print(job(SPEC))


def test_a_receipt_with_another_text_reads_as_another(emupos: Emupos) -> None:
    other = dataclasses.replace(SPEC, provisional="T3-26N21-0C7M")
    assert printer(emupos).print(escpos.render(layout(other, 203, (ROLL_80, 60.0)))).result is PrintResult.PRINTED
    assert other.provisional in codes(emupos.picture()) and SPEC.provisional not in codes(emupos.picture())


def codes_of(spec: Spec) -> set[str]:
    """What the layout itself holds."""
    from labels.raster import image

    found = {code.text for code in zxingcpp.read_barcodes(image(layout(spec, 203, (ROLL_80, 0.0))).convert("L"))}
    assert found
    return found


class Halfway:
    """A wire that is interrupted by `act` in the middle of the first long write."""

    def __init__(self, link: Link, act: Callable[[], None]) -> None:
        self._link, self._act = link, act

    def __getattr__(self, name: str) -> object:
        return getattr(self._link, name)

    def __enter__(self) -> Halfway:
        self._link.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def write(self, data: bytes) -> None:
        half = len(data) // 2 if len(data) > 1000 else 0
        if half:
            self._link.write(data[:half])
            self._act()
        self._link.write(data[half:])
