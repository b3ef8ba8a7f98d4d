"""The gate: what is said of a page before it may enter a dossier."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agent.errors import DocumentError
from agent.ports import PageImage, Verdict

if TYPE_CHECKING:
    from PIL import Image

A4 = (210 / 25.4, 297 / 25.4)  # inches
MINIMUM_DPI = 200  # Decree 30/2020 on electronic copies of papers
WANTED_DPI = 300
MAXIMUM_PIXELS = 70_000_000  # an A3 page at 600 dpi
MAXIMUM_BYTES = 200_000_000
MAXIMUM_PAGES = 500
LONGEST_SIDE = 48.0  # inches: a longer page means that the recorded dpi is a camera's filler
BLANK_INK = 0.0002  # share of the page that is darker than its paper

REFUSALS = {
    "low-dpi": "Ảnh chỉ đạt {dpi} dpi, thấp hơn mức tối thiểu 200 dpi. Quét lại ở 300 dpi.",
    "torn": "Tệp bị cắt dở hoặc hỏng. Chờ máy quét ghi xong rồi nạp lại, hoặc quét lại trang này.",
    "password": "PDF có mật khẩu nên không đọc được. Xin bản không có mật khẩu hoặc quét bản giấy.",
    "too-large": "Trang hoặc tệp quá lớn. Quét lại ở 300 dpi, mỗi trang không quá khổ A3, mỗi tệp không quá 500 trang.",
    "unreadable": "Không mở được tệp. Kiểm tra quyền đọc, hoặc sao chép lại tệp.",
    "unsupported": "Kiểu TIFF này không được hỗ trợ. Lưu lại thành TIFF G4, JPEG hoặc PDF.",
}
REMARKS = {
    "no-dpi": "Tệp không ghi độ phân giải; đặt vừa khổ A4, tương đương {dpi} dpi. So lại với bản giấy.",
    "blank": "Trang gần như trắng. Kiểm tra có đặt ngược giấy không; trang vẫn được giữ.",
    "signed": "PDF đã có chữ ký số; chữ ký đó không theo được vào bản sao. Giữ tệp gốc kèm hồ sơ.",
    "restricted": "PDF gốc đặt hạn chế sử dụng (in, sao chép). Kiểm tra với người nộp.",
}
NOT_A_PAGE = "Không phải trang tài liệu (nhận JPEG, PNG, TIFF, PDF)."


def judge(
    name: str,
    raw: bytes,
    media: str,
    size: tuple[int, int],
    dpi: int | None,
    *,
    ink: float = 1.0,
    also: tuple[str, ...] = (),
) -> PageImage:
    """The page with the gate's verdict; `size` in pixels (points for a PDF page), `ink` from ink_of()."""
    findings, effective = list(also), dpi
    if media != "application/pdf" and dpi is None:
        findings.append("no-dpi")
        effective = fitted_dpi(*size)
    if effective is not None and effective < MINIMUM_DPI:
        findings.append("low-dpi")
    if ink < BLANK_INK:
        findings.append("blank")
    refused = [code for code in findings if code in REFUSALS]
    told = refused or findings
    return PageImage(
        name=name,
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        media=media,
        width=size[0],
        height=size[1],
        dpi=dpi,
        verdict=Verdict.REFUSED if refused else Verdict.WARN if findings else Verdict.OK,
        reason=" ".join((REFUSALS | REMARKS)[code].format(dpi=effective) for code in told),
        findings=tuple(findings),
    )


def refuse(name: str, raw: bytes, media: str, finding: str) -> PageImage:
    """A page that cannot be read at all, for the reason `finding`."""
    return judge(name, raw, media, (0, 0), WANTED_DPI, also=(finding,))


def ignore(name: str, raw: bytes) -> PageImage:
    """A file that is no page."""
    digest = hashlib.sha256(raw).hexdigest()
    return PageImage(
        name, raw, digest, "application/octet-stream", 0, 0, None, Verdict.IGNORED, NOT_A_PAGE, ("not-a-page",)
    )


def require_usable(page: PageImage) -> None:
    """DocumentError when the gate refused or ignored the page."""
    if page.verdict in (Verdict.REFUSED, Verdict.IGNORED):
        raise DocumentError(f"Trang {page.name} chưa dùng được: {page.reason}")


def fitted_dpi(width: int, height: int) -> int:
    """Dots per inch of `width` x `height` pixels when they are fitted to A4 in their own direction."""
    short, long = sorted((width, height))
    return round(max(short / A4[0], long / A4[1]))


def believable_dpi(recorded: object, width: int, height: int) -> int | None:
    """The dpi a file records, the lesser of both directions; None when absent, zero, or absurd for a sheet of paper."""
    try:
        across, down = (float(value) for value in recorded)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    least = min(across, down)
    if not 10 <= least < 10_000 or max(width / across, height / down) > LONGEST_SIDE:
        return None
    return round(least)


def ink_of(image: Image.Image) -> float:
    """Share of the page (0..1) that is clearly darker than its paper, borders of 3 % left out."""
    import numpy

    grey = numpy.asarray(image.reduce(max(1, image.width // 500)), dtype=numpy.int16)
    top, left = grey.shape[0] // 33, grey.shape[1] // 33
    inner = grey[top : grey.shape[0] - top, left : grey.shape[1] - left]
    return float((inner < numpy.median(inner) - 24).mean())
