"""Camera frames of our own labels for tests: a label in perspective on a table, in bad light, blurred and noisy."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from labels import raster
from labels.layout import layout
from labels.spec import ItemLabel, s10_check_digit

Grey = Any  # numpy arrays of floats, 0 black to 255 white
DPI = 203


def item_number(n: int, prefix: str = "RD", country: str = "VN") -> str:
    """The S10 number of a serial."""
    serial = f"{n:08d}"
    return f"{prefix}{serial}{s10_check_digit(serial)}{country}"


def label_of(number: str, *, qr: str = "", name: str = "Nguyễn Thị Hường") -> Image.Image:
    """The return label of an item as its printer would print it, 100 x 150 mm at 203 dpi, grey."""
    spec = ItemLabel(
        item_number=number, service_mark="EMS", sending_authority="Sở Tư pháp thành phố Hà Nội", receiver_name=name,
        receiver_address="12 Lạc Long Quân, phường Tây Hồ, thành phố Hà Nội", masked_phone="09•• ••• 118",
        dossier_code="H26.019.02-20261121-0000117", amount_to_collect=26_000, addressee_only=True,
        undelivered="Giữ 5 ngày làm việc, mời hai lần, rồi chuyển hoàn cơ quan gửi.",
        qr_payload=qr or f"https://tracuu.example.vn/t/{number.lower()}k9vB3x", training=False,
    )  # fmt: skip
    return raster.image(layout(spec, DPI)).convert("L")


def qr_picture(text: str, dots: int = 4) -> Image.Image:
    """A QR code alone, `dots` pixels a module, with its quiet zone."""
    from labels.codes import QR_QUIET, qr

    rows = np.array(qr(text).rows, dtype=bool)
    field = np.pad(np.where(rows, 0, 255).astype(np.uint8), QR_QUIET, constant_values=255)
    return Image.fromarray(np.kron(field, np.ones((dots, dots), dtype=np.uint8)))


@dataclasses.dataclass(frozen=True)
class View:
    """How the camera sees a label: where it looks, how it is held, what the light and the sensor do."""

    aim: tuple[float, float] = (0.5, 0.2)  # the point of the label in the middle of the frame, as shares of its sides
    scale: float = 0.9  # frame pixels a printed dot in the middle
    turn: float = 0.0  # degrees in the plane
    tilt: tuple[float, float] = (0.0, 0.0)  # degrees about the upright and the level axis
    focus: float = 0.0  # pixels of Gaussian blur
    shake: tuple[float, float] = (0.0, 0.0)  # pixels and direction in degrees of motion blur
    dark: float = 0.0  # share of light that is missing at one side
    dark_from: float = 0.0  # direction of that side in degrees
    glare: float = 0.0  # strength of a bright spot, 0 to 1
    noise: float = 0.0  # standard deviation of the sensor's noise
    quality: int = 80  # of the camera's JPEG


def frame(label: Image.Image, view: View, seed: int, size: tuple[int, int] = (1280, 720)) -> Image.Image:
    """The frame, grey, the same for the same seed."""
    rng = np.random.default_rng(seed)
    grey = _in_perspective(label, view, size, rng)
    if view.focus:
        grey = _array(_image(grey).filter(ImageFilter.GaussianBlur(view.focus)))
    if view.shake[0]:
        grey = _moved(grey, *view.shake)
    grey = _lit(grey, view, rng)
    if view.noise:
        grey = grey + view.noise * _grain(size, rng)
    return _image(grey)


def _in_perspective(label: Image.Image, view: View, size: tuple[int, int], rng: Any) -> Grey:
    """The label on a table, as a pinhole camera sees it."""
    paper = Image.new("L", (label.width, label.height), 255)
    paper.paste(label.point(lambda value: 28 + value * 0.84), (0, 0))  # ink is no black hole, paper no lamp
    corners = np.array([(0, 0), (label.width, 0), (label.width, label.height), (0, label.height)], dtype=float)
    seen = _projected((corners - np.array(view.aim) * label.size) * view.scale, view, size)
    matrix = _homography(seen, corners)
    spread = Image.Transform.PERSPECTIVE
    inside = Image.new("L", paper.size, 255).transform(size, spread, matrix, Image.Resampling.BILINEAR, fillcolor=0)
    shown = _shrunk(paper, view.scale).transform(
        size, spread, _scaled(matrix, min(1.0, view.scale)), Image.Resampling.BICUBIC
    )
    table = np.linspace(70, 105, size[0], dtype=np.float32)[None, :] + 3 * _grain(size, rng)
    share = _array(inside) / 255
    return share * _array(shown) + (1 - share) * table


@functools.cache
def _grains(size: tuple[int, int]) -> Grey:
    """One field of normal noise for all frames of a size: making it is most of what a frame costs."""
    return np.random.default_rng(5).standard_normal((size[1], size[0]), dtype=np.float32)


def _grain(size: tuple[int, int], rng: Any) -> Grey:
    """That noise, moved by chance so that no two frames share it."""
    return np.roll(_grains(size), (int(rng.integers(size[1])), int(rng.integers(size[0]))), axis=(0, 1))


def _shrunk(paper: Image.Image, scale: float) -> Image.Image:
    """Averaged down before it is sampled, as a lens and a sensor do."""
    if scale >= 1:
        return paper
    return paper.resize((round(paper.width * scale), round(paper.height * scale)), Image.Resampling.BOX)


def _scaled(matrix: Sequence[float], scale: float) -> list[float]:
    """The homography into the shrunk picture."""
    return [value * scale for value in matrix[:6]] + list(matrix[6:])


def _projected(points: Grey, view: View, size: tuple[int, int]) -> Grey:
    turn, yaw, pitch = np.radians([view.turn, *view.tilt])
    x = points[:, 0] * np.cos(turn) - points[:, 1] * np.sin(turn)
    y = points[:, 0] * np.sin(turn) + points[:, 1] * np.cos(turn)
    x, z = x * np.cos(yaw), x * np.sin(yaw)
    y, z = y * np.cos(pitch) - z * np.sin(pitch), y * np.sin(pitch) + z * np.cos(pitch)
    away = 1 + z / (1.1 * size[0])  # the focal length of a phone, in pixels
    return np.stack([size[0] / 2 + x / away, size[1] / 2 + y / away], axis=1)


def _homography(seen: Grey, flat: Grey) -> list[float]:
    """Eight numbers that take a pixel of the frame to a dot of the label."""
    rows, right = [], []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(right))]


def _moved(grey: Grey, length: float, direction: float) -> Grey:
    steps = max(2, round(length))
    angle, total = np.radians(direction), np.zeros_like(grey)
    for step in np.linspace(-0.5, 0.5, steps):
        move = (round(np.sin(angle) * length * step), round(np.cos(angle) * length * step))
        total += np.roll(grey, move, axis=(0, 1))
    return total / steps


def _lit(grey: Grey, view: View, rng: Any) -> Grey:
    height, width = grey.shape
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    angle = np.radians(view.dark_from)
    along = ((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)) + 0.5
    grey = grey * (1 - view.dark * np.clip(along, 0, 1))
    if view.glare:
        at = rng.uniform((0.25, 0.3), (0.75, 0.7)) * (width, height)
        spot = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * (0.12 * width) ** 2))
        grey = grey + view.glare * 180 * spot
    return grey


def _array(picture: Image.Image) -> Grey:
    return np.asarray(picture, dtype=np.float32)


def _image(grey: Grey) -> Image.Image:
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
