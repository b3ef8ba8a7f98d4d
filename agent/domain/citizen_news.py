"""What the province says of a dossier that its citizen has to know (tin phải báo công dân), and how it is told."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class News(StrEnum):
    """One kind of news."""

    SUPPLEMENT = "supplement"  # yêu cầu bổ sung
    EXTENSION = "extension"  # gia hạn, xin lỗi và hẹn lại
    PAYMENT = "payment"  # nghĩa vụ tài chính
    WITHDRAWAL = "withdrawal"  # công dân yêu cầu rút hồ sơ
    GOES_ON = "goes_on"  # xin rút mà tỉnh vẫn giải quyết tiếp
    REFUSAL = "refusal"  # không tiếp nhận
    STOP = "stop"  # dừng giải quyết
    RESULT = "result"  # có kết quả, công dân tự đến lấy
    UNKNOWN_STATUS = "unknown_status"  # a code that this program does not know: for the clerk to find out
    UNREADABLE = "unreadable"  # a message whose content cannot be used


class Way(StrEnum):
    """How the citizen was told."""

    PHONE = "phone"
    COUNTER = "counter"
    MESSAGE = "message"


ENDS: Final = (News.REFUSAL, News.STOP)
FOR_THE_CLERK: Final = (News.UNKNOWN_STATUS, News.UNREADABLE)
"""What no citizen is told: the clerk asks the province."""

FALLS_AWAY: Final = (News.SUPPLEMENT, News.PAYMENT, News.WITHDRAWAL)
"""What needs no telling any more once the province went on."""
