"""A spec to the bytes of one checked label in a printer's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from labels import escpos, pdf, raster, tspl, zpl
from labels.check import fits_media, readable
from labels.elements import Layout
from labels.errors import LabelError
from labels.layout import Size, layout
from labels.spec import Spec

RENDERERS: dict[str, Callable[[Layout], bytes]] = {
    "zpl": zpl.render,
    "zpl-z64": partial(zpl.render, z64=True),
    "tspl": tspl.render,
    "tspl-native": partial(tspl.render, native=True),
    "escpos": escpos.render,
    "pdf": pdf.render,
    "png": raster.render,
}


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
    return RENDERERS[language](laid)
