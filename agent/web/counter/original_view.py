"""Signatures on an electronic original as the screen shows them: who, when, what is covered, how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain.originals import Standing
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


WORDS = {
    Standing.TRUSTED: ("complete", _("chữ ký hợp lệ")),
    Standing.EXTENDED: ("decide", _("chữ ký hợp lệ; sau đó có phần thêm mà người ký cho phép")),
    Standing.UNKNOWN: ("decide", _("chữ ký đúng, chưa rõ nơi cấp chứng thư")),
    Standing.CHANGED: ("refused", _("nội dung bị sửa sau khi ký")),
    Standing.BROKEN: ("refused", _("chữ ký sai hoặc không đọc được")),
}
COVERS = {
    "whole": _("ký toàn bộ tệp"),
    "revision": _("ký tệp như lúc đó, có phần thêm sau"),
    "part": _("chỉ ký một phần tệp"),
}


@dataclass(frozen=True)
class SignatureView:
    """One signature of a file."""

    signer: str
    issuer: str
    at: datetime | None
    stamped: bool  # the time is a time-stamp authority's, not only the signer's word
    covers: str
    sign: str
    words: str
    training: bool


def signature_views(seen: Mapping[str, Any]) -> list[SignatureView]:
    """The signatures that were found on a page's file; none on paper."""
    return [_view(one) for one in (seen.get("original") or {}).get("signatures", [])]


def _view(one: Mapping[str, Any]) -> SignatureView:
    sign, words = WORDS[Standing(one["state"])]
    covers = COVERS[one["covers"]]
    at = one["stamped_at"] or one["at"]
    return SignatureView(
        one["signer"], one["issuer"], datetime.fromisoformat(at) if at else None, bool(one["stamped_at"]),
        gettext(covers), sign, gettext(words), bool(one["training"]),
    )  # fmt: skip
