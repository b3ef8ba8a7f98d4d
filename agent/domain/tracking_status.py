"""The ten statuses of the national portal and which may follow which."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Final


class ProvinceStatus(IntEnum):
    """The status of a dossier as the province reports it (trạng thái hồ sơ)."""

    REGISTERED = 1
    ACCEPTED = 2
    NOT_ACCEPTED = 3
    IN_PROCESS = 4
    SUPPLEMENT_ASKED = 5
    PAYMENT_ASKED = 6
    WITHDRAWAL_ASKED = 7
    STOPPED = 8
    PROCESSED = 9
    RETURNED = 10


_S: Final = ProvinceStatus
STATUS_NAME: Final = {
    _S.REGISTERED: ("Mới đăng ký", "registered"),
    _S.ACCEPTED: ("Được tiếp nhận", "accepted"),
    _S.NOT_ACCEPTED: ("Không được tiếp nhận", "not accepted"),
    _S.IN_PROCESS: ("Đang xử lý", "in process"),
    _S.SUPPLEMENT_ASKED: ("Yêu cầu bổ sung giấy tờ", "supplement asked"),
    _S.PAYMENT_ASKED: ("Yêu cầu thực hiện nghĩa vụ tài chính", "payment asked"),
    _S.WITHDRAWAL_ASKED: ("Công dân yêu cầu rút hồ sơ", "withdrawal asked"),
    _S.STOPPED: ("Dừng xử lý", "stopped"),
    _S.PROCESSED: ("Đã xử lý xong", "processed"),
    _S.RETURNED: ("Đã trả kết quả", "result returned"),
}
"""Vietnamese and English."""
NEXT: Final = {
    _S.REGISTERED: (_S.ACCEPTED, _S.NOT_ACCEPTED, _S.SUPPLEMENT_ASKED, _S.WITHDRAWAL_ASKED),
    _S.ACCEPTED: (_S.IN_PROCESS, _S.SUPPLEMENT_ASKED, _S.PAYMENT_ASKED, _S.WITHDRAWAL_ASKED),
    _S.NOT_ACCEPTED: (),
    _S.IN_PROCESS: (_S.SUPPLEMENT_ASKED, _S.PAYMENT_ASKED, _S.WITHDRAWAL_ASKED, _S.STOPPED, _S.PROCESSED),
    _S.SUPPLEMENT_ASKED: (_S.ACCEPTED, _S.IN_PROCESS, _S.WITHDRAWAL_ASKED, _S.STOPPED),
    _S.PAYMENT_ASKED: (_S.IN_PROCESS, _S.WITHDRAWAL_ASKED, _S.STOPPED),
    _S.WITHDRAWAL_ASKED: (_S.STOPPED, _S.IN_PROCESS),
    _S.STOPPED: (),
    _S.PROCESSED: (_S.RETURNED,),
    _S.RETURNED: (),
}


def moves_forward(
    old: ProvinceStatus | None,
    new: ProvinceStatus,
    *,
    old_at: datetime | None = None,
    new_at: datetime | None = None,
) -> bool:
    """Whether a message with `new` may change `old`: reachable from it, missed messages allowed, and not older.

    Statuses 2, 4, 5, 6, 7 can follow each other both ways, so a late message among them shows by its time only:
    give both times where known (aware).

    >>> moves_forward(ProvinceStatus.ACCEPTED, ProvinceStatus.PROCESSED)
    True
    >>> moves_forward(ProvinceStatus.PROCESSED, ProvinceStatus.IN_PROCESS)
    False
    """
    if old is None:
        return True
    if old_at is not None and new_at is not None and new_at < old_at:
        return False
    reached: set[ProvinceStatus] = set()
    frontier = [old]
    while frontier:
        for status in NEXT[frontier.pop()]:
            if status not in reached:
                reached.add(status)
                frontier.append(status)
    return new is not old and new in reached
