"""A fake camera for Chromium: a file of JPEG frames that it plays, thirty a second, over and over."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.label_frames import View, frame, label_of, qr_picture

SIZE = (960, 540)
SHOWN = 9  # frames that one label is shown, 0.3 s
BETWEEN = 1  # frames of the bare table between two labels


class FakeCamera:
    """The file and the flags that make Chromium play it; it may be filmed anew while no page has the camera open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.film([Image.new("L", SIZE, 90)])

    @property
    def flags(self) -> list[str]:
        """For the browser's start."""
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.path}",
        ]

    def film(self, pictures: Iterable[Image.Image], *, shown: int = SHOWN, between: int = 0) -> None:
        """Show each picture for so many frames, with so many of the bare table behind it."""
        table = _jpeg(Image.new("L", SIZE, 90)) * between
        made = b"".join(_jpeg(picture) * shown + table for picture in pictures)
        part = self.path.with_suffix(".part")
        part.write_bytes(made)
        part.replace(self.path)

    def labels(self, numbers: Iterable[str], *, shown: int = SHOWN) -> None:
        """The return labels of these items under a courier's hand, one after the other."""
        self.film((held_label(number, seed) for seed, number in enumerate(numbers)), shown=shown, between=BETWEEN)

    def screen(self, codes: Iterable[bytes], *, shown: int = SHOWN) -> None:
        """Another phone's screen with QR codes, each a PNG, seen a little askew."""
        views = (
            View(aim=(0.5, 0.5), scale=1.0, turn=4, tilt=(8, -6), focus=0.6, noise=4, dark=0.2) for _ in iter(int, 1)
        )
        shots = (Image.open(io.BytesIO(code)).convert("L") for code in codes)
        self.film((frame(_fitted(shot), view, 1, SIZE) for shot, view in zip(shots, views, strict=False)), shown=shown)

    def code(self, text: str) -> None:
        """One QR code with this text."""
        self.film([frame(_fitted(qr_picture(text, 6)), View(aim=(0.5, 0.5), scale=1.0, focus=0.5, noise=3), 2, SIZE)])


def held_label(number: str, seed: int) -> Image.Image:
    """A label as a courier holds it on an ordinary day: askew by some degrees, lit from one side, a little soft."""
    rng = np.random.default_rng(90_000 + seed)
    view = View(
        aim=(rng.uniform(0.42, 0.58), rng.uniform(0.2, 0.3)),
        scale=rng.uniform(0.6, 0.8),
        turn=rng.uniform(-7, 7),
        tilt=(rng.uniform(-14, 14), rng.uniform(-12, 12)),
        focus=rng.uniform(0.3, 0.8),
        dark=rng.uniform(0.05, 0.4),
        dark_from=rng.uniform(0, 360),
        noise=rng.uniform(2, 8),
    )
    return frame(label_of(number, qr=f"https://tracuu.example.vn/t/7hq2mKQ9vB3x{seed:05d}"), view, seed, SIZE)


def _fitted(picture: Image.Image) -> Image.Image:
    """As large as the frame shows whole."""
    side = int(SIZE[1] * 0.86)
    return picture.resize((side, side), Image.Resampling.NEAREST if picture.width < side else Image.Resampling.BOX)


def _jpeg(picture: Image.Image) -> bytes:
    """As cameras send it: colour at half resolution (4:2:0)."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=80, subsampling="4:2:0")
    return out.getvalue()
