"""A spec to the bytes of one checked label in a printer's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labels import escpos, pdf, raster, tspl, zpl
from labels.check import fits_media, readable
from labels.elements import Layout
from labels.errors import LabelError
from labels.layout import Size, layout, size_on
from labels.spec import ReceiptSlip, Spec

RENDERERS: dict[str, Callable[[Layout], bytes]] = {
    "zpl": zpl.render,
    "zpl-z64": partial(zpl.render, z64=True),
    "tspl": tspl.render,
    "tspl-native": partial(tspl.render, native=True),
    "escpos": escpos.render,
    "pdf": pdf.render,
    "png": raster.render,
}

_BEGINS = {"zpl": b"^XA\n", "tspl": b"\r\nSIZE ", "escpos": escpos.INIT}


def produce(spec: Spec, language: str, *, dpi: int = 203, size: Size | None = None, media: Size | None = None) -> bytes:
    """Lay out `spec`, prove that its codes decode, and render it: `language` is a key of RENDERERS.

    `size` and `media` are width and height in mm: of the label, and of what lies in the printer when that is
    known (height 0 for a roll without end). The same input gives the same bytes. Raises LabelError when the label
    must not be printed.
    """
    if language not in RENDERERS:
        raise LabelError("language", f"Chưa có ngôn ngữ in “{language}”; dùng được: {', '.join(RENDERERS)}.")
    laid = layout(spec, dpi, size)
    if media is not None:
        fits_media(laid, media)
    readable(laid)
    if media is not None and not media[1] and language in ("tspl", "tspl-native"):
        return tspl.render(laid, gap_mm=0, native=language == "tspl-native")  # a roll has no gaps to look for
    return RENDERERS[language](laid)


def produce_on(spec: Spec, language: str, *, dpi: int, media: Size | None) -> bytes:
    """`produce` for what lies in the printer (see `size_on`); refused as too large when it cannot be made to fit."""
    size = size_on(spec, media)
    try:
        return produce(spec, language, dpi=dpi, size=size, media=media)
    except LabelError as error:
        if size is None or isinstance(spec, ReceiptSlip) or error.reason not in ("too-small", "too-long"):
            raise
    return produce(spec, language, dpi=dpi, media=media)  # raises: larger than the paper


def language_of(payload: bytes) -> str:
    """The language of what `produce` made, by its first bytes: `zpl`, `tspl`, `escpos`; empty for anything else.

    >>> language_of(b"^XA\\n^CI28"), language_of(b"%PDF-1.4")
    ('zpl', '')
    """
    return next((language for language, first in _BEGINS.items() if payload.startswith(first)), "")
