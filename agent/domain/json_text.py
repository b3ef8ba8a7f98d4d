"""RFC 8785 JSON text, by the C encoder wherever it writes the same bytes."""

from __future__ import annotations

import json
import re
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
# whole floats, exponents and integers beyond 2**53 have their own rules; keys beyond the BMP sort otherwise in UTF-16
_SPECIAL = re.compile(
    r"(?:^|[:\[,])-?(?:[0-9]{16,}|[0-9]+\.0|[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]+)(?:[,\]}]|$)"
    r"|[\ud800-\udfff\U00010000-\U0010ffff]"
)


def canonical_text(value: Any) -> str:
    """The RFC 8785 form of a JSON value; rfc8785.CanonicalizationError for what has none.

    >>> canonical_text({"b": [1, True, None], "a": "Hồ sơ"})
    '{"a":"Hồ sơ","b":[1,true,null]}'
    """
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError):
        return _by_the_book(value)
    return _by_the_book(value) if _SPECIAL.search(text) else text


def _by_the_book(value: Any) -> str:
    import rfc8785

    return rfc8785.dumps(value).decode()
