"""Electronic originals (bản điện tử): what a check of their signatures means, and what the clerk is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final


class Standing(StrEnum):
    """How one signature stands, and a file as its worst signature."""

    TRUSTED = "trusted"  # correct, untouched, by a known authority
    EXTENDED = "extended"  # the same, with something added later that the signer allows
    UNKNOWN = "unknown"  # correct and untouched, but nobody here knows the authority
    CHANGED = "changed"  # correct once: the file was changed afterwards
    BROKEN = "broken"  # not correct, or not readable
    NONE = "none"  # no signature


WORST: Final = (Standing.BROKEN, Standing.CHANGED, Standing.UNKNOWN, Standing.EXTENDED, Standing.TRUSTED)
WORDS: Final = {
    Standing.TRUSTED: "chữ ký hợp lệ",
    Standing.EXTENDED: "chữ ký hợp lệ; sau đó có phần thêm mà người ký cho phép",
    Standing.UNKNOWN: "chữ ký đúng, chưa rõ nơi cấp chứng thư",
    Standing.CHANGED: "nội dung bị sửa sau khi ký",
    Standing.BROKEN: "chữ ký sai hoặc không đọc được",
}
FINDINGS: Final = {  # of agent.domain.page_rules
    Standing.TRUSTED: "original",
    Standing.EXTENDED: "signed-extended",
    Standing.UNKNOWN: "signed-unknown",
    Standing.CHANGED: "signed-changed",
    Standing.BROKEN: "signed-broken",
}
COVERS: Final = {
    "whole": "ký toàn bộ tệp",
    "revision": "ký toàn bộ tệp lúc đó; phần thêm sau không được chữ ký này bao trùm",
    "part": "chỉ ký một phần tệp",
}


def worst(standings: Iterable[Standing]) -> Standing:
    """How a file stands whose signatures stand so.

    >>> worst([Standing.TRUSTED, Standing.CHANGED])
    <Standing.CHANGED: 'changed'>
    """
    found = set(standings)
    return next((standing for standing in WORST if standing in found), Standing.NONE)


def signers(signatures: Iterable[Mapping[str, Any]]) -> str:
    """Who signed, each named once, in order."""
    return "; ".join(dict.fromkeys(str(one["signer"]) for one in signatures))


def is_original(seen: Mapping[str, Any]) -> bool:
    """Whether what was seen on a page says that it is a whole signed file, and that its signatures stand."""
    said = seen.get("original") or {}
    return said.get("state") in (Standing.TRUSTED, Standing.EXTENDED, Standing.UNKNOWN)
