"""A label sent through a real link to its simulated printer comes out as the picture that was laid out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from agent.devices.simulators import escpos_picture, tspl_picture, zpl_picture
from agent.devices.simulators.process import SimulatorProcess
from agent.ports import PrintResult
from labels import escpos, raster, tspl, zpl
from labels.elements import Layout, Text
from tests.devices.printers import SIZES, SPEC, label, laid_out, printer

ROOT = Path(__file__).resolve().parents[2]
CODES = {SPEC.provisional, SPEC.payload}
needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="needs Windows to have a pty")


@pytest.fixture(params=[k for lang in SIZES for k in (lang, pytest.param(f"{lang}-pty", marks=needs_pty))])
def simulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[SimulatorProcess, str]]:
    with SimulatorProcess(request.param, folder=tmp_path / "out") as running:
        yield running, request.param.removesuffix("-pty")


def codes(picture: Image.Image) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(picture.convert("L"))}


def ink(picture: Image.Image, laid: Layout) -> np.ndarray:
    """The dots within the layout's size, True where there is ink."""
    sheet = np.zeros((laid.height, laid.width), dtype=bool)
    dots = ~np.array(picture.convert("1"))[: laid.height, : laid.width]
    sheet[: dots.shape[0], : dots.shape[1]] = dots
    return sheet


def text_differences(picture: Image.Image, laid: Layout) -> int:
    """Dots in the boxes of text that are not as the layout draws them."""
    got, wanted = ink(picture, laid), ink(raster.image(laid), laid)
    boxes = [element.box for element in laid.elements if isinstance(element, Text)]
    assert len(boxes) >= 5
    assert all(wanted[b.y : b.y + b.height, b.x : b.x + b.width].any() for b in boxes)
    pieces = [(slice(b.y, b.y + b.height), slice(b.x, b.x + b.width)) for b in boxes]
    return sum(int((got[piece] != wanted[piece]).sum()) for piece in pieces)


def test_a_printed_label_reads_and_its_vietnamese_text_is_there(simulator: tuple[SimulatorProcess, str]) -> None:
    running, language = simulator
    outcome = printer(running, language).print(label(language))
    assert (outcome.result, outcome.reason) == (PrintResult.PRINTED, "")
    (picture,) = running.pictures
    printed = Image.open(picture)
    assert codes(printed) == CODES
    assert text_differences(printed, laid_out(language)) == 0


@pytest.mark.parametrize(
    ("draw", "job"),
    [
        (zpl_picture.draw, lambda: zpl.render(laid_out("zpl"), z64=True)),
        (tspl_picture.draw, lambda: tspl.render(laid_out("tspl"), native=True)),
        (escpos_picture.draw, lambda: escpos.render(laid_out("escpos"), graphics="gs-paren-l")),
    ],
    ids=["zpl-z64", "tspl-native", "escpos-gs-paren-l"],
)
def test_the_other_ways_to_say_the_same_give_the_same_picture(draw, job) -> None:
    assert codes(Image.open(BytesIO(draw(job())))) == CODES


def test_a_receipt_printers_own_codes_read() -> None:
    job = b"\x1b@\x1ba\x01\x1dw\x03\x1dh\x60\x1dk\x49\x0f{BRR{C\x2f\x1f\x0c\x08\x1d{BVN"
    job += b"\x0a\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x0b\x001P0" + "Tỉnh".encode() + b"!!"
    job += b"\x1d(k\x03\x001Q0\x1dV\x42\x00"
    assert {"RR4731120829VN", "Tỉnh!!"} == codes(Image.open(BytesIO(escpos_picture.draw(job))))


@pytest.mark.skipif(not shutil.which("node") or not (ROOT / "node_modules/zpl-renderer-js").is_dir(), reason="no node")
def test_the_simulator_and_another_makers_renderer_agree_on_the_zpl() -> None:
    laid = laid_out("zpl")
    width, height = (str(mm) for mm in SIZES["zpl"])
    tool = ROOT / "tests" / "tools" / "render_zpl.mjs"
    job = label("zpl")
    done = subprocess.run(["node", tool, width, height, "8"], input=job, capture_output=True, check=True, timeout=60)
    theirs, ours = Image.open(BytesIO(done.stdout)), Image.open(BytesIO(zpl_picture.draw(job)))
    assert codes(theirs) == codes(ours) == CODES
    assert text_differences(theirs, laid) == text_differences(ours, laid) == 0


@pytest.mark.parametrize(
    ("draw", "language"),
    [(zpl_picture.draw, "zpl"), (tspl_picture.draw, "tspl"), (escpos_picture.draw, "escpos")],
    ids=["zpl", "tspl", "escpos"],
)
def test_a_damaged_label_leaves_some_ink_and_no_broken_printer(draw, language: str) -> None:
    job, noise = label(language), np.random.default_rng(7)
    for _ in range(40):
        damaged = bytearray(job)
        for at in noise.integers(0, len(job), 30):
            damaged[at] = int(noise.integers(0, 256))
        draw(bytes(damaged[: int(noise.integers(1, len(job)))]))
