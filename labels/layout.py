"""A label's spec placed on its paper: what stands where on each kind of label."""

from __future__ import annotations

from labels.elements import Layout
from labels.paper import Paper
from labels.spec import BagLabel, ComponentLabel, DossierLabel, ItemLabel, ManifestLabel, ReceiptSlip, Spec
from labels.text import grouped_s10, money, short_time

Size = tuple[float, float]
SMALL_SIZE: Size = (100.0, 60.0)  # mm: dossier, component, bag, manifest
ITEM_SIZE: Size = (100.0, 150.0)
ADDRESSEE_ONLY = "CHỈ GIAO TẬN TAY NGƯỜI NHẬN"


def layout(spec: Spec, dpi: int = 203, size: Size | None = None) -> Layout:
    """Place `spec` on a label of `size` (width, height in mm; default 100x150 for an item, else 100x60).

    A ReceiptSlip takes the width of the roll's print (default 80 mm paper) and its own height.
    Raises LabelError: `too-long` when a text does not fit at its smallest size, `too-small` when a code does
    not fit with whole-dot modules, `code-text` when a number cannot be encoded, `spec` for a size or resolution
    that no label has.
    """
    if isinstance(spec, ReceiptSlip):
        from labels.slip import ROLL_80, slip

        return slip(spec.form, dpi, size[0] if size else ROLL_80)
    if isinstance(spec, ItemLabel):
        paper = Paper(dpi, ITEM_SIZE, size or ITEM_SIZE)
        _item(paper, spec)
        return paper.done(spec.item_number)
    paper = Paper(dpi, SMALL_SIZE, size or SMALL_SIZE)
    if isinstance(spec, DossierLabel):
        _dossier(paper, spec)
        return paper.done(spec.provisional)
    if isinstance(spec, ComponentLabel):
        _component(paper, spec)
        return paper.done(f"{spec.provisional} {spec.code}")
    _bag(paper, spec) if isinstance(spec, BagLabel) else _manifest(paper, spec)
    return paper.done(spec.number)


def size_on(spec: Spec, media: Size | None) -> Size | None:
    """The size to lay `spec` out in for what lies in the printer (mm, height 0 a roll); None for its own.

    A small label shrinks to the paper, an item's never does: its bars have a least height. A receipt takes what a
    58 or 80 mm printer prints on, whether `media` names the paper's width or the print's.
    """
    if media is None or isinstance(spec, ItemLabel):
        return None
    width, height = media
    if isinstance(spec, ReceiptSlip):
        from labels.slip import print_width

        return print_width(width), 0.0
    size = min(width, SMALL_SIZE[0]), min(height or SMALL_SIZE[1], SMALL_SIZE[1])
    return None if size == SMALL_SIZE else size


def _dossier(paper: Paper, spec: DossierLabel) -> None:
    paper.text((3, 2, 58, 6.4), spec.office, 3.6, 2.0, bold=True, middle=True)
    paper.text((62, 2, 35, 6.4), short_time(spec.received_at), 3.4, 2.8, align="right", middle=True)
    paper.rule(9)
    paper.text((3, 9.8, 68, 8.6), spec.provisional, 5.8, 3.0, bold=True)
    official = f"Số chính thức: {spec.official}" if spec.official else "Chờ số chính thức của tỉnh"
    paper.text((3, 18.5, 68, 4.8), official, 3.2, 2.2)
    name = f"{spec.procedure_code}  {spec.procedure_name}"
    paper.text((3, 23.4, 68, 11.8), name, 3.2, 2.1, shorten=True)
    paper.text((3, 35.2, 68, 4.4), f"{spec.component_count} thành phần hồ sơ", 2.9, 2.4, bold=True)
    paper.qr((72, 10, 27, 27), spec.payload)
    paper.bars((0, 40.4, 100, 13 if spec.training else 16.5), spec.provisional)
    if spec.training:
        paper.training(54.4)


def _item(paper: Paper, spec: ItemLabel) -> None:
    paper.text((3, 3, 30, 15), spec.service_mark, 8, 3, bold=True, align="centre", reverse=True)
    paper.text((36, 2.4, 61, 3.6), "Cơ quan gửi", 2.4, 2.2)
    paper.text((36, 6.1, 61, 13.6), spec.sending_authority, 4.2, 2.1, bold=True)
    paper.rule(20.2)
    paper.bars((0, 22, 100, 15), spec.item_number)
    paper.text((3, 37.2, 94, 9), grouped_s10(spec.item_number), 6, 4, bold=True, align="centre")
    paper.rule(46.8)
    paper.text((3, 47.6, 60, 3.6), "Người nhận", 2.4, 2.2)
    end = paper.text((3, 51.3, 94, 16.5), spec.receiver_name, 6.6, 2.7, bold=True)
    end = paper.text((3, end + 0.6, 94, 87.4 - end), spec.receiver_address, 5, 2.5)
    if spec.masked_phone:
        paper.text((3, end + 0.8, 94, 7), f"Điện thoại: {spec.masked_phone}", 4.4, 3)
    paper.rule(96.2)
    _collect(paper, spec)
    paper.rule(128.2)
    paper.text((3, 128.8, 94, 3.6), "Khi không phát được", 2.4, 2.2)
    paper.text((3, 132.5, 94, 11), spec.undelivered, 3.6, 2.1)
    if spec.training:
        paper.training(144)


def _collect(paper: Paper, spec: ItemLabel) -> None:
    paper.text((3, 97.2, 62, 3.6), "Thu của người nhận", 2.4, 2.2)
    due = money(spec.amount_to_collect) if spec.amount_to_collect else "Không thu tiền"
    paper.text((3, 100.9, 62, 11), due, 7, 4, bold=True)
    if spec.addressee_only:
        paper.text((3, 112.6, 62, 6.2), ADDRESSEE_ONLY, 3.5, 2.6, bold=True, align="centre", reverse=True)
    paper.text((3, 119.8, 62, 7.6), f"Hồ sơ: {spec.dossier_code}", 3.6, 2.2, bold=True, middle=True)
    paper.qr((66, 97, 32, 31), spec.qr_payload)


def _component(paper: Paper, spec: ComponentLabel) -> None:
    paper.text((3, 2, 58, 6.4), spec.office, 3.6, 2.0, bold=True, middle=True)
    paper.text((62, 2, 35, 6.4), "THÀNH PHẦN HỒ SƠ", 3, 2.2, align="right", middle=True)
    paper.rule(9)
    paper.text((3, 10, 66, 12), f"{spec.position}/{spec.of}", 9.5, 6, bold=True)
    paper.text((3, 22.6, 66, 21.4), spec.name, 4.6, 2.4, bold=True)
    paper.qr((69, 10, 30, 30), spec.payload)
    paper.text((3, 44.2, 94, 3.8), f"Mã thành phần: {spec.code}", 2.7, 1.9)
    paper.text((3, 48, 56, 6), spec.provisional, 4.4, 2.8, bold=True, middle=True)
    paper.text((60, 48, 37, 6), spec.handling, 3, 2, align="right", middle=True)
    if spec.training:
        paper.training(54.6)


def _bag(paper: Paper, spec: BagLabel) -> None:
    _way(paper, "TÚI THƯ", spec.number, spec.origin, spec.destination, spec.payload)
    paper.text((3, 32, 66, 5.3), f"{spec.items} bưu gửi · niêm phong {spec.seal}", 3.6, 2.2, bold=True, middle=True)
    paper.text((3, 37.4, 66, 3.6), f"Đóng túi {short_time(spec.closed_at)}", 2.8, 2.2, middle=True)
    _foot(paper, spec.payload, training=spec.training)


def _manifest(paper: Paper, spec: ManifestLabel) -> None:
    _way(paper, "BẢN KÊ", spec.number, spec.origin, spec.destination, spec.payload)
    counts = f"{spec.bags} túi · {spec.items} bưu gửi · {spec.dossiers} hồ sơ"
    paper.text((3, 32, 66, 5.3), counts, 3.6, 2.2, bold=True, middle=True)
    paper.text((3, 37.4, 66, 3.6), f"Lập {short_time(spec.dispatched_at)}", 2.8, 2.2, middle=True)
    _foot(paper, spec.payload, training=spec.training)


def _way(paper: Paper, kind: str, number: str, origin: str, destination: str, payload: str) -> None:
    paper.text((3, 2.4, 26, 7.4), kind, 4, 2.6, bold=True, align="centre", reverse=True)
    paper.text((31, 2.4, 66, 7.4), number, 5.6, 2.6, bold=True, align="right", middle=True)
    paper.rule(11)
    paper.text((3, 11.8, 10, 5), "Từ", 2.6, 2.2)
    paper.text((14, 11.6, 55, 7), origin, 3.2, 1.9)
    paper.text((3, 19, 10, 5), "Đến", 2.6, 2.2)
    paper.text((14, 18.8, 55, 13), destination, 5, 2.2, bold=True)
    paper.qr((70, 12, 29, 29), payload)


def _foot(paper: Paper, payload: str, *, training: bool) -> None:
    paper.bars((0, 42.2, 100, 12.6 if training else 15), payload)
    if training:
        paper.training(55)
