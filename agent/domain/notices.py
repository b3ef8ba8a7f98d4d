"""What the citizen is told by message (tin báo): kinds, Vietnamese words, and the hours in which none is sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from agent.clock import LOCAL, local
from agent.errors import RuleViolation

NOTICE_LANE: Final = "notices"
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(7, 0)  # local time: nobody is woken


class NoticeKind(StrEnum):
    """One kind of message."""

    RECEIVED = "received"  # đã nhận hồ sơ
    ACCEPTED = "accepted"  # cơ quan đã tiếp nhận
    SUPPLEMENT = "supplement"  # cần bổ sung giấy tờ
    EXTENDED = "extended"  # hẹn lại
    READY = "ready"  # có kết quả
    OUT_FOR_DELIVERY = "out_for_delivery"
    INVITATION_1 = "invitation_1"
    INVITATION_2 = "invitation_2"
    HELD = "held"
    DELIVERED = "delivered"
    RETURNED = "returned"  # chuyển lại cơ quan
    NEWS = "news"  # anything else that the desk explains in person
    CODE = "code"  # one-time code, said to the courier by the receiver


_WORDS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.RECEIVED: "{office} đã nhận hồ sơ của bạn.",
    NoticeKind.ACCEPTED: "Cơ quan đã tiếp nhận hồ sơ của bạn.",
    NoticeKind.SUPPLEMENT: "Cơ quan cần thêm giấy tờ cho hồ sơ. Liên hệ {office} để biết giấy tờ nào{until}.",
    NoticeKind.EXTENDED: "Ngày hẹn trả kết quả hồ sơ đã đổi{to}. {office} xin lỗi vì bạn phải chờ.",
    NoticeKind.READY: "Hồ sơ của bạn đã có kết quả. {office} sẽ trả theo cách bạn đã chọn.",
    NoticeKind.OUT_FOR_DELIVERY: "Hôm nay bưu tá mang kết quả hồ sơ đến bạn. Chuẩn bị giấy tờ để nhận.",
    NoticeKind.INVITATION_1: "Bưu tá đã đến mà chưa giao được kết quả hồ sơ. Mời bạn nhận tại {office}{until}.",
    NoticeKind.INVITATION_2: (
        "Mời lần hai: nhận kết quả hồ sơ tại {office}{until}. Quá hạn, kết quả chuyển lại cơ quan."
    ),
    NoticeKind.HELD: "Kết quả hồ sơ đang giữ tại {office}{until}. Mang giấy tờ đến nhận.",
    NoticeKind.DELIVERED: "Kết quả hồ sơ đã được giao. Nếu không phải bạn hay người bạn nhờ, gọi {office} ngay.",
    NoticeKind.RETURNED: "Kết quả hồ sơ đã chuyển lại cơ quan. Liên hệ {office} để biết cách nhận.",
    NoticeKind.NEWS: "Có tin về hồ sơ của bạn. Liên hệ {office}.",
    NoticeKind.CODE: "Mã nhận kết quả: {code}. Chỉ đọc cho bưu tá khi đã cầm bưu gửi trên tay. {office}.",
}
KIND_NAME: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.RECEIVED: "đã nhận hồ sơ",
    NoticeKind.ACCEPTED: "cơ quan đã tiếp nhận",
    NoticeKind.SUPPLEMENT: "cần bổ sung",
    NoticeKind.EXTENDED: "hẹn lại",
    NoticeKind.READY: "có kết quả",
    NoticeKind.OUT_FOR_DELIVERY: "đang đi phát",
    NoticeKind.INVITATION_1: "giấy mời lần 1",
    NoticeKind.INVITATION_2: "giấy mời lần 2",
    NoticeKind.HELD: "lưu giữ chờ nhận",
    NoticeKind.DELIVERED: "đã phát",
    NoticeKind.RETURNED: "chuyển lại cơ quan",
    NoticeKind.NEWS: "mời liên hệ",
    NoticeKind.CODE: "mã xác nhận",
}
URGENT: Final = frozenset({NoticeKind.CODE})
"""What somebody stands at the door for: it goes at once and is worth nothing later."""

GOOD_FOR: Final = timedelta(days=2)
URGENT_GOOD_FOR: Final = timedelta(minutes=15)


def words(
    kind: NoticeKind, *, office: str, link: str, day: date | None = None, code: str = "", accents: bool = True,
    training: bool = False,
) -> str:  # fmt: skip
    """The message: stage and office, the tracking link, and a day where the kind has one; nothing of the dossier.

    `accents` False: letters without marks, for gateways that charge by them. RuleViolation for a code that is none.

    >>> words(NoticeKind.HELD, office="Bưu cục Tây Hồ", link="https://x.vn/t/abc", day=date(2026, 12, 4), accents=False)
    'Ket qua ho so dang giu tai Buu cuc Tay Ho den het 04/12/2026. Mang giay to den nhan. https://x.vn/t/abc'
    """
    if (kind is NoticeKind.CODE) != bool(code) or (code and not (code.isascii() and code.isalnum())):
        raise RuleViolation("Mã xác nhận gồm chữ số và chữ cái, và chỉ đi cùng tin báo mã. Tạo mã mới rồi gửi lại.")
    until, to = (f" đến hết {day:%d/%m/%Y}", f" sang {day:%d/%m/%Y}") if day else ("", "")
    said = _WORDS[kind].format(office=office, until=until, to=to, code=code)
    text = f"[TẬP HUẤN] {said}" if training else said
    if kind is not NoticeKind.CODE:
        text = f"{text} {link}"
    return text if accents else _plain(text)


def _plain(text: str) -> str:
    """Letters without marks; đ becomes d."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def may_go_from(kind: NoticeKind, at: datetime) -> datetime:
    """The first instant from `at` (aware) at which a message may go: at once, or when the quiet hours end.

    >>> may_go_from(NoticeKind.READY, datetime(2026, 12, 1, 22, 30, tzinfo=LOCAL)).isoformat()
    '2026-12-02T07:00:00+07:00'
    >>> may_go_from(NoticeKind.CODE, datetime(2026, 12, 1, 22, 30, tzinfo=LOCAL)).isoformat()
    '2026-12-01T22:30:00+07:00'
    """
    here = local(at)
    if kind in URGENT or QUIET_UNTIL <= here.time() < QUIET_FROM:
        return at
    morning = here.date() + timedelta(days=here.time() >= QUIET_FROM)
    return datetime.combine(morning, QUIET_UNTIL, LOCAL)


def worth_until(kind: NoticeKind, at: datetime) -> datetime:
    """After this instant a message that could not go is given up: what it says is no news any more."""
    return may_go_from(kind, at) + (URGENT_GOOD_FOR if kind in URGENT else GOOD_FOR)
