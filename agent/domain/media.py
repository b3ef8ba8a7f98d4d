"""What lies in a printer, as a device line says it: labels of a size, or a roll of a width."""

from __future__ import annotations

import re
from typing import Final

from agent.errors import ConfigError

_MEDIA: Final = re.compile(r"\s*(\d{1,3}(?:\.\d{1,2})?)\s*[x×]\s*(\d{1,3}(?:\.\d{1,2})?)\s*")


def parse_media(text: str, *, device: str = "") -> tuple[float, float] | None:
    """Width and height in mm; height 0 is a roll without end; None where nothing is said. ConfigError else.

    >>> parse_media("100x60"), parse_media("72x0"), parse_media("")
    ((100.0, 60.0), (72.0, 0.0), None)
    """
    if not text.strip():
        return None
    found = _MEDIA.fullmatch(text)
    width, height = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if width < 20 or width > 220 or 0 < height < 10:
        where = f"Thiết bị “{device}”: " if device else ""
        raise ConfigError(
            f'{where}khổ giấy media = “{text}” không đọc được. Ghi rộng x cao bằng mm, ví dụ media = "100x60", '
            'giấy cuộn thì cao bằng 0: media = "72x0".'
        )
    return width, height
