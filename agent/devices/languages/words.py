"""What printers report, in the clerk's words: one table for every language's codes."""

from __future__ import annotations

from collections.abc import Iterable

WORDS = {
    "paper-out": "Máy in hết giấy",
    "ribbon-out": "Máy in hết ruy băng",
    "ribbon-jam": "Ruy băng bị kẹt",
    "head-open": "Đầu in đang mở",
    "cover-open": "Nắp máy in đang mở",
    "jam": "Giấy bị kẹt",
    "cutter": "Dao cắt bị kẹt",
    "hot": "Đầu in quá nóng",
    "motor-hot": "Động cơ quá nóng",
    "head-element": "Đầu in hỏng điểm nhiệt",
    "head-detection": "Máy in không nhận ra đầu in",
    "paused": "Máy in đang tạm dừng",
    "cold": "Đầu in quá lạnh",
    "ram-lost": "Máy in mất cấu hình",
    "buffer-full": "Bộ nhớ máy in đầy",
    "partial": "Máy in còn giữ một nhãn gửi dở",
    "busy": "Máy in còn nhãn trước chưa in xong",
    "label-waiting": "Nhãn vừa in chưa được lấy ra",
    "feeding": "Có người đang giữ nút đẩy giấy",
    "fatal": "Máy in báo hỏng, cần thợ sửa",
    "offline": "Máy in đang ngừng nhận lệnh",
    "other": "Máy in báo lỗi lạ",
}


def in_words(codes: Iterable[str]) -> str:
    """The codes as one Vietnamese sentence part: "Máy in hết giấy; đầu in đang mở".

    >>> in_words(["paper-out", "never heard of"])
    'Máy in hết giấy; Máy in báo lỗi lạ'
    """
    return "; ".join(WORDS.get(code, WORDS["other"]) for code in codes)
