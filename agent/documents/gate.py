"""The gate: what is said of a page before it may enter a dossier."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from agent.domain.page_rules import RULES, Severity, severity, words
from agent.errors import DocumentError
from agent.ports import PageImage, Verdict

if TYPE_CHECKING:
    from agent.documents.gate_sight import Sight

A4 = (210 / 25.4, 297 / 25.4)  # inches
MINIMUM_DPI = 200  # Decree 30/2020 on electronic copies of papers
WANTED_DPI = 300
MAXIMUM_PIXELS = 70_000_000  # an A3 page at 600 dpi
MAXIMUM_WEIGHT = 150_000_000  # bytes of an image unpacked: an A4 page in colour at 600 dpi, A3 in grey
MAXIMUM_BYTES = 50_000_000  # of one file: 60 scanned pages in colour
MAXIMUM_PAGES = 500
LONGEST_SIDE = 48.0  # inches: a longer page means that the recorded dpi is a camera's filler
PAPERS = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "A6": (105, 148), "Letter": (216, 279)}  # mm
VERDICTS = {Severity.NOTE: Verdict.OK, Severity.ASK: Verdict.WARN, Severity.REFUSE: Verdict.REFUSED}

REFUSALS = {code: rule.words for code, rule in RULES.items() if rule.severity is Severity.REFUSE}
NOT_A_PAGE = "Không phải trang tài liệu (nhận JPEG, PNG, TIFF, PDF)."
OTHER_KINDS = {  # what a file is whose first bytes are these, whatever its name says
    b"MZ": "chương trình Windows; không mở tệp này",
    b"\x7fELF": "chương trình máy tính; không mở tệp này",
    b"#!": "tập lệnh máy tính; không mở tệp này",
    b"PK": "tệp nén hoặc tệp Office; xuất sang PDF rồi nộp lại",
    b"\xd0\xcf\x11\xe0": "tệp Office đời cũ; xuất sang PDF rồi nộp lại",
    b"Rar!": "tệp nén; giải nén rồi nộp từng tệp",
    b"7z": "tệp nén; giải nén rồi nộp từng tệp",
    b"\x1f\x8b": "tệp nén; giải nén rồi nộp từng tệp",
    b"<": "trang web (HTML, XML); in ra PDF rồi nộp lại",
    b"{": "dữ liệu văn bản; in ra PDF rồi nộp lại",
    b"GIF8": "ảnh GIF; lưu thành PNG hoặc JPEG rồi nộp lại",
    b"RIFF": "ảnh WebP hoặc tệp âm thanh, phim; lưu ảnh thành JPEG rồi nộp lại",
    b"BM": "ảnh BMP; lưu thành PNG hoặc JPEG rồi nộp lại",
}


def judge(
    name: str,
    raw: bytes,
    media: str,
    size: tuple[int, int],
    dpi: int | None,
    *,
    sight: Sight | None = None,
    also: tuple[str, ...] = (),
    more: dict[str, Any] | None = None,
) -> PageImage:
    """The page with the gate's verdict; `size` in pixels (points for a PDF page), `sight` what was seen on it.

    `also` are findings and `more` values that were known before.
    """
    findings, effective = list(also), dpi
    seen: dict[str, Any] = dict(more or {})
    flat = seen.get("flat")
    if flat and flat["dpi"]:
        findings.append("camera")
        effective = flat["dpi"]
    elif media != "application/pdf" and dpi is None:
        findings.append("no-dpi")
        effective = fitted_dpi(*(flat["size"] if flat else size))
    if effective is not None and effective < MINIMUM_DPI:
        findings.append("far" if flat else "low-dpi")
    if sight is not None:
        told, values = sight.told()
        findings += told
        seen |= values | {"dpi": effective}
    paper = paper_size(size, 72 if media == "application/pdf" else dpi)
    if paper:
        seen["size"] = paper
        if not paper.startswith("A4"):
            findings.append("odd-size")
    weight = severity(findings)
    return PageImage(
        name=name,
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        media=media,
        width=size[0],
        height=size[1],
        dpi=dpi,
        verdict=VERDICTS[weight],
        reason=words(findings, {"dpi": effective} | seen),
        findings=tuple(findings),
        seen=seen,
    )


def refuse(name: str, raw: bytes, media: str, finding: str) -> PageImage:
    """A page that cannot be read at all, for the reason `finding`."""
    return judge(name, raw, media, (0, 0), WANTED_DPI, also=(finding,))


def ignore(name: str, raw: bytes) -> PageImage:
    """A file that is no page, with what it is instead where its first bytes tell."""
    digest, kind = hashlib.sha256(raw).hexdigest(), other_kind(raw)
    words = f"{NOT_A_PAGE[:-1]}: đây là {kind}." if kind else NOT_A_PAGE
    return PageImage(name, raw, digest, "application/octet-stream", 0, 0, None, Verdict.IGNORED, words, ("not-a-page",))


def other_kind(data: bytes) -> str:
    """What a file is that is certainly no page, in words; empty when its first bytes do not tell.

    >>> other_kind(b"GIF89a")
    'ảnh GIF; lưu thành PNG hoặc JPEG rồi nộp lại'
    """
    if data[4:8] == b"ftyp":
        return "ảnh HEIC, AVIF hoặc phim; đặt điện thoại chụp JPEG (Tương thích nhất) rồi chụp lại"
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((words for magic, words in OTHER_KINDS.items() if start.startswith(magic)), "")


def too_heavy(mode: str, size: tuple[int, int], *, whole: bool = False) -> bool:
    """Whether an image takes more memory than a page may; `whole`: its decoder holds all of it twice (progressive)."""
    pixels = size[0] * size[1]
    each = 1 if mode in ("1", "L", "P") else 2 if mode.startswith("I;16") else 4
    return pixels > MAXIMUM_PIXELS or pixels * each > MAXIMUM_WEIGHT or (whole and pixels * 6 > 1.5 * MAXIMUM_WEIGHT)


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


def paper_size(size: tuple[int, int], dpi: int | None) -> str:
    """The sheet's size in words, "A4", "A5 ngang", "120 × 200 mm"; empty when the dpi is not known.

    >>> paper_size((2480, 3508), 300), paper_size((1748, 1240), 300), paper_size((1011, 638), 300)
    ('A4', 'A6 ngang', '86 × 54 mm')
    """
    if not dpi or not all(size):
        return ""
    width, height = (side / dpi * 25.4 for side in size)
    short, long = sorted((width, height))
    for name, (across, down) in PAPERS.items():
        if abs(short - across) <= max(4, across * 0.03) and abs(long - down) <= max(4, down * 0.03):
            return name + (" ngang" if width > height else "")
    return f"{width:.0f} × {height:.0f} mm"
