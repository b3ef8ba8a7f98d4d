"""The two faces of the app's letters, cut down to Vietnamese and English: 40 kB instead of 270."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FACES = {"regular.woff": "BeVietnamPro-Regular.ttf", "semibold.woff": "BeVietnamPro-SemiBold.ttf"}
LETTERS = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1EA0, 0x1EF9), (0x300, 0x303), (0x309, 0x309),
    (0x323, 0x323), (0x2013, 0x2014), (0x2018, 0x2019), (0x201C, 0x201D), (0x2026, 0x2026), (0x20AB, 0x20AB),
    (0x2190, 0x2192),
)  # fmt: skip
FEATURES = ["tnum", "mark", "mkmk", "ccmp"]


def faces() -> dict[str, bytes]:
    """The faces as WOFF by file name; none where the font's package is missing, and the phone's own letters serve."""
    spec = find_spec("fontpkg_be_vietnam_pro")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "files"
    return {name: _cut(folder / source) for name, source in FACES.items() if (folder / source).is_file()}


def _cut(path: Path) -> bytes:
    from fontTools import subset  # type: ignore[import-untyped]

    options: Any = subset.Options()
    options.flavor, options.hinting, options.layout_features = "woff", False, FEATURES
    font = subset.load_font(str(path), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in LETTERS for code in range(first, last + 1)])
    cutter.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    return out.getvalue()
