"""What scanimage says, in words for the clerk: what happened to the feed and what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.devices.pages.scanimage import Ended, status_in

JAMMED, NO_DOCS, COVER_OPEN, BUSY, IO_ERROR, NO_MEMORY, DENIED = 6, 7, 8, 3, 9, 10, 11  # SANE_Status
TROUBLES = {
    BUSY: "Máy quét đang bận: chương trình hoặc máy khác đang dùng. Chờ xong rồi quét lại.",
    NO_DOCS: "Khay nạp không có giấy. Đặt giấy vào khay cho tới khi chạm con lăn rồi quét lại.",
    JAMMED: "Kẹt giấy. Mở nắp, gỡ giấy kẹt, đóng nắp, đặt lại các trang chưa quét rồi quét tiếp.",
    COVER_OPEN: "Nắp máy quét đang mở. Đóng nắp rồi quét tiếp.",
    IO_ERROR: "Mất liên lạc với máy quét giữa chừng. Kiểm tra nguồn, cáp hoặc mạng rồi quét tiếp.",
    NO_MEMORY: "Máy quét hết bộ nhớ. Giảm độ phân giải (scan_dpi) hoặc tắt bật lại máy quét.",
    DENIED: "Không có quyền dùng máy quét. Thêm người dùng chạy chương trình vào nhóm “scanner” rồi khởi động lại.",
}
FEEDERS = re.compile(r"adf|feeder|duplex|document", re.IGNORECASE)
_OPTION = re.compile(r"^\s+--(source|mode|resolution) (.+?)(?: \(in steps of [^)]*\))? \[([^\]]*)\]\s*$", re.MULTILINE)
_EXTENT = re.compile(r"^\s+-([xy]) [\d.]+\.\.([\d.]+)mm", re.MULTILINE)
A4 = {"x": 210.0, "y": 297.0}  # mm
_SETTING = re.compile(r"(?:setting of option|unrecognized option) '?--(source|mode|resolution)'?")


@dataclass(frozen=True)
class Option:
    """One option of a scanner as `scanimage -A` lists it."""

    values: str  # "Flatbed|Automatic Document Feeder", "75..600dpi"
    now: str  # "inactive" when it cannot be set

    def takes(self, value: str) -> bool:
        """Whether the value is one of those listed; any where a range is."""
        return ".." in self.values or value in self.values.split("|")


def options_of(listing: str) -> dict[str, Option]:
    """The options that matter here, by name.

    >>> options_of("    --source Flatbed|ADF [Flatbed]")["source"]
    Option(values='Flatbed|ADF', now='Flatbed')
    """
    return {name: Option(values, now) for name, values, now in _OPTION.findall(listing)}


def area_of(listing: str) -> list[str]:
    """The words that ask for an A4 sheet from its corner, or for as much of one as there is; none where it is not said.

    Left alone, many scanners take the whole glass, and some a postcard.

    >>> area_of("    -x 0..215.9mm [215.9]\\n    -y 0..200mm (in steps of 1) [100]")
    ['-x', '210', '-y', '200']
    """
    return [word for side, most in _EXTENT.findall(listing) for word in (f"-{side}", f"{min(A4[side], float(most)):g}")]


def feeds(source: str) -> bool:
    """Whether a source takes one sheet after the other, by its name: what is not known is scanned once."""
    return FEEDERS.search(source) is not None


def in_words(ended: Ended, pages: int, *, device: str, patience: float) -> str:
    """What happened and what to do next; `pages` came before it."""
    if ended.stopped:
        return f"Đã dừng quét theo yêu cầu. {_kept(pages)}"
    if ended.stalled:
        return (
            f"Máy quét im lặng quá {patience:.0f} giây nên phần mềm đã dừng. {_kept(pages)} "
            "Tắt bật lại máy quét rồi quét tiếp các trang còn lại."
        )
    if ended.code == 0 and not pages:
        return "Máy quét không đưa ra trang nào. Đặt giấy rồi quét lại."
    if ended.code == 0 or (ended.code == NO_DOCS and pages):
        return f"Đã quét {pages} trang, khay đã hết giấy." if ended.code else f"Đã quét {pages} trang."
    if ended.code == NO_DOCS:
        return TROUBLES[NO_DOCS]
    return f"{trouble(ended, device)} {_kept(pages)}"


def trouble(ended: Ended, device: str) -> str:
    """Why scanimage failed."""
    last = next((line for line in reversed(ended.said.splitlines()) if line.startswith("scanimage:")), "")
    reason = last.removeprefix("scanimage: ").strip()
    if "open of device" in reason:
        gone = f"Không thấy máy quét “{device}”. Bật máy, kiểm tra cáp hoặc mạng; tên đúng có trong `scanimage -L`."
        told = status_in(last)  # for other reasons backends name anything: out of memory, invalid argument
        return TROUBLES[told] if told in (BUSY, DENIED) else gone
    if found := _SETTING.search(reason):
        return f"Máy quét “{device}” không nhận giá trị của {found[1]}. Xem `scanimage -A` rồi sửa tệp cấu hình."
    if ended.code in TROUBLES:
        return TROUBLES[ended.code]
    if ended.code < 0:
        return f"Chương trình quét bị ngắt (tín hiệu {-ended.code}). Quét lại."
    return f"Máy quét báo lỗi: {reason or ended.code}. Tắt bật lại máy quét rồi quét lại."


def _kept(pages: int) -> str:
    if pages:
        return f"{pages} trang quét được trước đó đã nằm trong hộp trang."
    return "Chưa trang nào được quét."
