"""Codes that others print at the top left of papers: a hint where a page belongs, never more than that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

# Official numbers of dossiers in both of their forms, wherever they stand in the code's text.
PATTERNS: Final = (r"(?P<dossier>[A-Z][0-9]{2}(?:\.[0-9]{2,3}){1,2}-[0-9]{6,8}-[0-9]{4,7})",)
TOP_LEFT: Final = 0.4, 0.3  # of the page's width and height


def hint_of(codes: Iterable[Mapping[str, Any]], patterns: Sequence[str] = PATTERNS) -> str:
    """The dossier's number that a QR at a page's top left names; "" for none. `codes` as in PageImage.seen.

    >>> hint_of([{"text": "DVC|H26.019.02-20261121-0000007|x", "kind": "QR Code", "x": 0.1, "y": 0.1}])
    'H26.019.02-20261121-0000007'
    """
    for code in codes:
        if code["kind"] == "QR Code" and code["x"] <= TOP_LEFT[0] and code["y"] <= TOP_LEFT[1]:
            for pattern in patterns:
                if found := re.search(pattern, str(code["text"])):
                    return found["dossier"]
    return ""
