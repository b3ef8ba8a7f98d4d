"""Is the label readable? Raster it at the printer's resolution and decode what was encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labels.elements import Bars, Box, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.layout import layout as lay_out
from labels.raster import image
from labels.spec import Spec

if TYPE_CHECKING:
    from PIL.Image import Image


def readable(label: Spec | Layout, dpi: int = 203) -> None:
    """Return when every code on the label decodes to its own text at `dpi`; raise LabelError otherwise.

    A Layout is checked at its own resolution. Reasons: `off-label`, `overlap`, `unreadable`.
    """
    laid = label if isinstance(label, Layout) else lay_out(label, dpi)
    _in_place(laid)
    decodes(laid, image(laid, texts=False))  # no text reaches a code's quiet zone: that was just proven


def decodes(laid: Layout, picture: Image) -> None:
    """Return when each code is read where it stands on `picture`; raise LabelError("unreadable") otherwise.

    A reader that is given one code with its quiet zone and told its kind takes 0.3 ms; searching the whole
    label takes 3-13 ms and is more forgiving.
    """
    import zxingcpp

    kinds: dict[type, Any] = {Bars: zxingcpp.BarcodeFormat.Code128, Qr: zxingcpp.BarcodeFormat.QRCode}
    for element in laid.elements:
        if not isinstance(element, Bars | Qr):
            continue
        place = _reach(element)
        part = picture.crop((place.x, place.y, place.x + place.width, place.y + place.height)).convert("L")
        found = zxingcpp.read_barcodes(
            part, formats=kinds[type(element)], try_rotate=False, try_invert=False, try_downscale=False
        )
        if [code.text for code in found] != [element.code.text]:
            raise LabelError(
                "unreadable", f"Mã “{element.code.text}” trên nhãn không đọc lại được; nhãn không được in."
            )


def _in_place(laid: Layout) -> None:
    boxes = [_reach(e) for e in laid.elements if not isinstance(e, Rule)]
    for box in boxes:
        if box.x < 0 or box.y < 0 or box.x + box.width > laid.width or box.y + box.height > laid.height:
            raise LabelError("off-label", "Nội dung vượt ra ngoài mép nhãn. Hãy dùng nhãn lớn hơn.")
    for index, box in enumerate(boxes):
        if any(box.overlaps(other) for other in boxes[index + 1 :]):
            raise LabelError("overlap", "Hai phần của nhãn chồng lên nhau. Hãy dùng nhãn lớn hơn.")


def _reach(element: Text | Bars | Qr) -> Box:
    """The box with the quiet zone a code needs: 10 modules beside bars, 4 around a QR."""
    box = element.box
    if isinstance(element, Bars):
        quiet = 10 * element.module
        return Box(box.x - quiet, box.y, box.width + 2 * quiet, box.height)
    if isinstance(element, Qr):
        quiet = 4 * element.module
        return Box(box.x - quiet, box.y - quiet, box.width + 2 * quiet, box.height + 2 * quiet)
    return box
