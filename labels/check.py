"""Is the label readable? Raster it at the printer's resolution and decode what was encoded."""

from __future__ import annotations

from labels.elements import Bars, Box, Layout, Qr, Rule, Text
from labels.errors import LabelError
from labels.layout import layout as lay_out
from labels.raster import image
from labels.spec import Spec


def readable(label: Spec | Layout, dpi: int = 203) -> None:
    """Return when every code on the label decodes to its own text at `dpi`; raise LabelError otherwise.

    A Layout is checked at its own resolution. Reasons: `off-label`, `overlap`, `unreadable`.
    """
    laid = label if isinstance(label, Layout) else lay_out(label, dpi)
    _in_place(laid)
    wanted = [e.code.text for e in laid.elements if isinstance(e, Bars | Qr)]
    found = decode(laid)
    missing = [text for text in wanted if text not in found]
    if missing:
        raise LabelError("unreadable", f"Mã “{missing[0]}” trên nhãn không đọc lại được; nhãn không được in.")


def decode(laid: Layout) -> list[str]:
    """The texts of all codes that a reader finds on the label."""
    import zxingcpp

    picture = image(laid).convert("L")
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=formats)]


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
