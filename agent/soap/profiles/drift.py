"""Compares the WSDL that a province serves with the one of its profile: which operations are touched, and where."""

from __future__ import annotations

import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from agent.errors import ConfigError, HandoffUnavailable
from agent.soap.profiles.profile import Profile
from agent.soap.profiles.shape import Node, Shapes
from agent.soap.profiles.wsdl import Operation, Service, read_wsdl

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_FILES: Final = 40
SECONDS: Final = 10.0
_LOCATION: Final = re.compile(rb'schemaLocation\s*=\s*"([^"]+)"')


@dataclass(frozen=True)
class Touched:
    """One of the province's operations that changed: where (paths), and our operations that call it."""

    operation: str
    what: tuple[str, ...]
    ours: tuple[str, ...]


@dataclass(frozen=True)
class Drift:
    """How the province's contract differs from the profile's: what is touched, and what is new and harms nobody."""

    touched: tuple[Touched, ...]
    new: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Plain JSON."""
        touched = [{"operation": one.operation, "what": list(one.what), "ours": list(one.ours)} for one in self.touched]
        return {"same": not self.touched, "touched": touched, "new": list(self.new)}


def compare(profile: Profile, where: str) -> Drift:
    """Compare with the WSDL at an address (`?wsdl` is added where nothing is asked) or in a file.

    ConfigError when it is no WSDL, HandoffUnavailable when it cannot be had.
    """
    ours = read_wsdl(profile.wsdl)
    if "://" not in where:
        return _differences(profile, ours, read_wsdl(Path(where)))
    with tempfile.TemporaryDirectory() as folder:
        return _differences(profile, ours, read_wsdl(_fetched(where, Path(folder))))


def _differences(profile: Profile, ours: Service, theirs: Service) -> Drift:
    calls: dict[str, list[str]] = {name: [] for name in ours.operations}
    for name, one in profile.operations.items():
        calls.setdefault(one.calls, []).append(name)
    used = [name for name in ours.operations if profile.speaks == "contract" or calls[name]]
    touched = []
    for name in used:
        what = tuple(_changes(name, ours, theirs))
        if what:
            touched.append(Touched(name, what, tuple(calls[name])))
    return Drift(tuple(touched), tuple(sorted(set(theirs.operations) - set(ours.operations))))


def _changes(name: str, ours: Service, theirs: Service) -> Iterator[str]:
    mine, other = ours.operations[name], theirs.operations.get(name)
    if other is None:
        yield "không còn thao tác này"
        return
    if mine.action != other.action:
        yield "SOAPAction khác"
    for kind in ("request", "response"):
        mine_tag, their_tag = _tag(mine, kind), _tag(other, kind)
        if mine_tag != their_tag:
            yield f"{kind}: phần tử bọc khác"
            continue
        first, second = Shapes(ours).of(mine_tag), Shapes(theirs).of(their_tag)
        if first is not None and second is not None:
            yield from (f"{kind}: {text}" for text in _nodes(first, second))


def _tag(one: Operation, kind: str) -> str:
    return one.request if kind == "request" else one.response


def _nodes(ours: Node, theirs: Node) -> Iterator[str]:
    mine, other = dict(ours.walk()), dict(theirs.walk())
    for place in [*mine, *(one for one in other if one not in mine)]:
        if place not in other:
            yield f"mất {place}"
        elif place not in mine:
            yield f"thêm {place}{' (bắt buộc)' if other[place].required else ''}"
        else:
            yield from (f"{place}: {text}" for text in _leaf(mine[place], other[place]))
    if list(mine) != list(other) and sorted(mine) == sorted(other):
        yield "thứ tự phần tử khác"


def _leaf(mine: Node, other: Node) -> Iterator[str]:
    if mine.required != other.required:
        yield "nay bắt buộc" if other.required else "nay không bắt buộc"
    if mine.many != other.many:
        yield "nay lặp lại" if other.many else "nay chỉ một"
    if mine.kind != other.kind:
        yield f"kiểu {mine.kind or 'nhóm'} nay là {other.kind or 'nhóm'}"
    lost, more = sorted(set(mine.values) - set(other.values)), sorted(set(other.values) - set(mine.values))
    if lost or more:
        yield "; ".join([*(f"mất mã {one}" for one in lost), *(f"thêm mã {one}" for one in more)])
    if mine.facets != other.facets:
        yield f"ràng buộc nay là {', '.join(other.facets) or 'không có'}"


def _fetched(address: str, folder: Path) -> Path:
    """The WSDL and every schema that it names, as files of `folder` that name each other."""
    start = address if urlsplit(address).query else f"{address}?wsdl"
    waiting, names = [start], {start: "contract.wsdl"}
    while waiting:
        url = waiting.pop()
        data = _get(url)
        for found in _LOCATION.findall(data):
            target = urljoin(url, found.decode("utf-8", "replace"))
            if target not in names:
                if len(names) >= MOST_FILES:
                    raise ConfigError(f"WSDL ở {urlsplit(address).netloc} gồm quá nhiều tệp. Tải về rồi so với tệp.")
                names[target] = f"schema{len(names)}.xsd"
                waiting.append(target)
            data = data.replace(b'"' + found + b'"', f'"{names[target]}"'.encode())
        (folder / names[url]).write_bytes(data)
    return folder / "contract.wsdl"


def _get(url: str) -> bytes:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"Không lấy WSDL từ “{urlsplit(url).scheme}”. Ghi địa chỉ http:// hoặc https://.")
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 (the scheme was looked at)
            data: bytes = answer.read(MOST_BYTES + 1)
    except (urllib.error.URLError, OSError, ValueError):
        raise HandoffUnavailable(
            f"Không lấy được WSDL ở {urlsplit(url).netloc}{urlsplit(url).path}. Kiểm tra địa chỉ và đường truyền."
        ) from None
    if len(data) > MOST_BYTES:
        raise ConfigError(f"WSDL ở {urlsplit(url).netloc} lớn hơn {MOST_BYTES:,} byte. Tải về rồi so với tệp.")
    return data
