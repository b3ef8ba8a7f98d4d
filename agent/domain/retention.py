"""How long what was digitised is kept after a dossier's end, and why it must be kept longer."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from agent.errors import ConfigError
from agent.settings import Retention


class Kind(StrEnum):
    """What has a time of keeping (thời hạn lưu giữ) of its own."""

    MASTERS = "masters"
    COPIES = "copies"
    TEXTS = "texts"
    VALUES = "values"


WORDS: Final = {
    Kind.MASTERS: "ảnh gốc của trang",
    Kind.COPIES: "bản sao điện tử",
    Kind.TEXTS: "chữ đọc được",
    Kind.VALUES: "giá trị trích xuất",
}


def check_days(asked: Retention) -> None:
    """ConfigError for days that cannot be meant: negative, or raw pages kept longer than the copies made of them."""
    for one in fields(asked):
        if getattr(asked, one.name) < 0:
            raise ConfigError(f"[retention] {one.name} là số ngày từ 0 (giữ mãi) trở lên. Sửa lại.")
    if asked.copies_days and (not asked.masters_days or asked.masters_days > asked.copies_days):
        raise ConfigError(
            f"[retention] masters_days = {asked.masters_days}, copies_days = {asked.copies_days}: ảnh gốc không được "
            "giữ lâu hơn bản sao đã ký. Đặt masters_days từ 1 đến copies_days."
        )


def due_kinds(asked: Retention, now: datetime) -> dict[Kind, datetime]:
    """Each kind that has a time of keeping, with the instant before which a dossier must have ended.

    >>> from datetime import UTC
    >>> due_kinds(Retention(masters_days=30), datetime(2026, 11, 30, tzinfo=UTC))
    {<Kind.MASTERS: 'masters'>: datetime.datetime(2026, 10, 31, 0, 0, tzinfo=datetime.timezone.utc)}
    """
    days = {kind: int(getattr(asked, f"{kind.value}_days")) for kind in Kind}
    return {kind: now - timedelta(days=count) for kind, count in days.items() if count}
