"""Thirty values at 203 dpi through every language: the simulated printer's paper decodes, sharp and blurred."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from agent.devices.simulators import escpos_picture, tspl_picture, zpl_picture
from agent.domain.s10 import number_in_range
from labels import escpos, raster, tspl, zpl
from labels.elements import Layout, Text
from labels.layout import layout
from labels.spec import Spec
from tests.unit.test_labels import DOSSIER, ITEM
from tests.unit.test_labels_kinds import BAG, codes_of

NAMES = ("Nguyễn Thị Hường", "ĐẶNG TRẦN THỤY KHUÊ", "H'Hen Niê", "Ksor H’Bơ̆k", "Công Tằng Tôn Nữ Ngưỡng Ẳng Ậm Ỵ")
ITEM_ON_ROLL, SMALL_ON_ROLL = (72.0, 150.0), (72.0, 60.0)  # mm: what an 80 mm receipt printer can hold
OURS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
WAYS = {
    "zpl": (zpl.render, zpl_picture.draw),
    "zpl-z64": (lambda laid: zpl.render(laid, z64=True), zpl_picture.draw),
    "tspl": (tspl.render, tspl_picture.draw),
    "tspl-native": (lambda laid: tspl.render(laid, native=True), tspl_picture.draw),
    "escpos": (escpos.render, escpos_picture.draw),
}


def thirty() -> list[Spec]:
    """Ten item labels, ten dossier labels, ten bags, their numbers far apart."""
    items = [
        dataclasses.replace(
            ITEM,
            item_number=number_in_range("RR", 10_000_019 + 7_919_003 * n).text,
            receiver_name=NAMES[n % len(NAMES)],
            qr_payload=f"https://tracuu.example.vn/t/7hq2mKQ9vB3xLp{n}",
        )
        for n in range(10)
    ]
    dossiers = [dataclasses.replace(DOSSIER, provisional=f"T1-6T21-{n * 997:04d}") for n in range(10)]
    bags = [dataclasses.replace(BAG, number=f"T1-6T21-B{n * 613:04d}") for n in range(10)]
    return [*items, *dossiers, *bags]


def found(picture: Image.Image) -> set[str]:
    """What a reader set to our two symbologies reads (all of them on: letters can look like a retail code)."""
    return {code.text for code in zxingcpp.read_barcodes(picture.convert("L"), formats=OURS)}


def words_missing(picture: Image.Image, laid: Layout) -> int:
    """Dots in the boxes of text that are not on the paper as the layout draws them."""
    sheet = np.ones((laid.height, laid.width), dtype=bool)
    got = np.array(picture.convert("1"))[: laid.height, : laid.width]
    sheet[: got.shape[0], : got.shape[1]] = got
    wanted = np.array(raster.image(laid))
    boxes = [e.box for e in laid.elements if isinstance(e, Text)]
    pieces = [(slice(max(0, b.y), b.y + b.height), slice(max(0, b.x), b.x + b.width)) for b in boxes]
    assert all((~wanted[piece]).any() for piece in pieces)
    return sum(int((sheet[piece] != wanted[piece]).sum()) for piece in pieces)


@pytest.mark.parametrize("language", WAYS)
def test_thirty_of_thirty_decode_from_the_printed_paper_sharp_and_blurred(language: str) -> None:
    render: Callable[[Layout], bytes]
    draw: Callable[[bytes], bytes]
    render, draw = WAYS[language]
    missed = []
    for spec in thirty():
        size = None
        if language == "escpos":
            size = ITEM_ON_ROLL if hasattr(spec, "item_number") else SMALL_ON_ROLL
        laid = layout(spec, 203, size)
        paper = Image.open(io.BytesIO(draw(render(laid)))).convert("L")
        for kind, picture in (("sharp", paper), ("blurred", paper.filter(ImageFilter.GaussianBlur(1.2)))):
            if found(picture) != codes_of(laid):
                missed.append((kind, codes_of(laid) - found(picture)))
        assert words_missing(paper, laid) <= 8, "hairs against real-time bytes are a few dots, words are hundreds"
    assert missed == []
