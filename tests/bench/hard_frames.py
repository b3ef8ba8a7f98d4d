"""The hard set: 60 camera frames of our labels, fifteen each blurred, noisy, tilted, unevenly lit; always the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.label_frames import View, frame, item_number, label_of

KINDS = ("blur", "noise", "tilt", "light")
EACH, BARS = 15, 10  # frames a kind; of them so many aimed at the bars, the others at the QR code
LINK = "https://tracuu.example.vn/t/7hq2mKQ9vB3x{:05d}"


@dataclass(frozen=True)
class HardFrame:
    """One frame as the camera's JPEG, the text that is wanted, all that its label shows, and how it was made hard."""

    name: str
    jpeg: bytes
    text: str
    texts: tuple[str, str]
    view: View


def hard_frames() -> Iterator[HardFrame]:
    """The frames of each kind, from hard to what no decoder is expected to read."""
    for kind in KINDS:
        for n in range(EACH):
            seed = KINDS.index(kind) * 100 + n
            bars, hardness = n < BARS, (n if n < BARS else 2 * (n - BARS) + 1) / BARS
            number, link = item_number(47_312_482 + 37 * seed), LINK.format(seed)
            view = view_of(kind, hardness, bars=bars, seed=seed)
            out = io.BytesIO()
            frame(label_of(number, qr=link), view, seed).save(out, "JPEG", quality=view.quality)
            name = f"{kind}-{'bars' if bars else 'qr'}-{n:02d}"
            yield HardFrame(name, out.getvalue(), number if bars else link, (number, link), view)


def view_of(kind: str, hardness: float, *, bars: bool, seed: int) -> View:
    """A hand-held view in which one thing is bad, `hardness` from 0 to 1, and the others are as on a good day."""
    rng = np.random.default_rng(7_000 + seed)
    bad = {name: hardness if name == kind else 0.0 for name in KINDS}
    sign = rng.choice([-1, 1])
    return View(
        aim=(0.5, 0.22) if bars else (0.82, 0.75),
        scale=rng.uniform(0.75, 1.05),
        turn=rng.uniform(-5, 5) + sign * 45 * bad["tilt"],
        tilt=(rng.uniform(-6, 6) + sign * 40 * bad["tilt"], rng.uniform(-6, 6) - sign * 25 * bad["tilt"]),
        focus=0.6 + 2.4 * bad["blur"],
        shake=(1 + 9 * bad["blur"] * rng.random(), rng.uniform(0, 180)),
        dark=rng.uniform(0.05, 0.25) + 0.7 * bad["light"],
        dark_from=rng.uniform(0, 360),
        glare=(0.2 + bad["light"]) * float(kind == "light" and rng.random() < 0.5),
        noise=3 + 37 * bad["noise"],
        quality=round(85 - 45 * bad["noise"]),
    )
