"""Which plugged-in device a device line means, and whether it is still the one that it was."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.devices.found import Found
from agent.errors import ConfigError

PREFIX = "usb-id:"
IDENTITY = re.compile(r"(?P<model>[0-9a-f]{4}:[0-9a-f]{4})(?::(?P<serial>.+)|@(?P<place>[^@]+))?", re.DOTALL | re.I)
CALLED = {"usb": "máy in", "hidraw": "đầu đọc", "evdev": "đầu đọc"}
TAKE_OVER = "Nếu đổi máy có chủ ý, bấm “Dùng máy này”; nếu không, cắm lại máy cũ."


class Verdict(StrEnum):
    """What became of the device that a line was last seen as."""

    SAME = "same"
    MOVED = "moved"  # the same unit at another port: go on
    SWAPPED = "swapped"  # another unit of the same model, or one that cannot be told from another: ask a person
    OTHER_MODEL = "other-model"  # something else is plugged in at its port: ask the administrator
    ABSENT = "absent"


@dataclass(frozen=True)
class Change:
    """What a line's device is now; `found` is the one meant by `words` (None when absent), which say what to do."""

    verdict: Verdict
    found: Found | None = None
    words: str = ""  # Vietnamese; empty when there is nothing to say


def usb_id(found: Found, among: Sequence[Found] = ()) -> str:
    """The address that means this very device wherever its node is, and none of `among`.

    `usb-id:0a5f:0166:28J1234`; `usb-id:0403:6010@1-3:1.1` for one of several ports of a device; else its node.
    """
    if found.identity == found.node:
        return found.node
    alike = [one for one in among if (one.kind, one.identity) == (found.kind, found.identity) and one != found]
    return f"{PREFIX}{found.model}@{found.place}" if alike else PREFIX + found.identity


def resolve(address: str, kind: str, found: Sequence[Found]) -> Found | None:
    """The device of `kind` that an address means: a node, or `usb-id:VID:PID` with `:SERIAL`, `@PORT` or nothing.

    None when it is not plugged in. ConfigError when the address is not understood or means several.
    """
    ours = [one for one in found if one.kind == kind]
    if not address.startswith(PREFIX):
        return next((one for one in ours if _same_node(one.node, address)), None)
    asked = IDENTITY.fullmatch(address.removeprefix(PREFIX))
    if asked is None:
        raise ConfigError(
            f"Không hiểu địa chỉ “{address}”. Viết usb-id:VID:PID:SỐMÁY hoặc usb-id:VID:PID@CỔNG, "
            "ví dụ usb-id:0a5f:0166:28J1234 hoặc usb-id:0a5f:0166@1-1.4."
        )
    model, serial, place = asked["model"].lower(), asked["serial"], asked["place"]
    meant = [
        one
        for one in ours
        if one.model == model and serial in {None, one.serial} and place in {None, one.path, one.place}
    ]
    if len(meant) > 1:
        raise ConfigError(_ambiguous(address, meant))
    return meant[0] if meant else None


def compare(identity: str, place: str, kind: str, found: Sequence[Found]) -> Change:
    """What became of the device last seen as `identity` at `place` (`Found.identity`, `.place` or `.path`).

    `found` is what is plugged in now without what serves other lines: a printer that has no serial number could not
    be told from theirs.
    """
    ours = [one for one in found if one.kind == kind]
    was = IDENTITY.fullmatch(identity)
    if was is None or not (was["serial"] or was["place"]):
        here = next((one for one in ours if _same_node(one.node, identity)), None)
        return Change(Verdict.SAME, here) if here else _absent(kind, identity, "")
    path, _, interface = (place or was["place"] or "").partition(":")
    models = [one for one in ours if one.model == was["model"].lower() and interface in {"", one.interface}]
    own = [one for one in models if one.own_serial == (was["serial"] or "")]
    if here := _at(path, own):
        return Change(Verdict.SAME, here)
    if was["serial"] and len({one.path for one in own}) == 1:
        return Change(Verdict.MOVED, own[0], _moved(kind, own[0], path))
    if another := _at(path, models) or next(iter(own or models), None):
        return Change(Verdict.SWAPPED, another, _swapped(kind, another, was["serial"] or "", path))
    if other := _at(path, [one for one in ours if one.model != was["model"].lower()]):
        return Change(Verdict.OTHER_MODEL, other, _other_model(kind, other, identity))
    return _absent(kind, was["serial"] or "", path)


def _at(path: str, among: Sequence[Found]) -> Found | None:
    return next((one for one in among if one.path == path), None)


def _same_node(node: str, address: str) -> bool:
    if node.upper().startswith("COM"):
        return node.upper() == address.upper()
    try:
        return node == address or os.path.realpath(address) == os.path.realpath(node)  # a link of udev's by-id
    except OSError:  # it went while it was followed
        return False


def _ambiguous(address: str, meant: Sequence[Found]) -> str:
    places = "; ".join(f"{one.node} ({PREFIX}{one.model}@{_narrow(one, meant)})" for one in meant)
    return (
        f"Địa chỉ “{address}” hợp với {len(meant)} thiết bị đang cắm: {places}. "
        "Ghi địa chỉ trong ngoặc của đúng thiết bị vào tệp cấu hình, hoặc rút bớt."
    )


def _narrow(one: Found, among: Sequence[Found]) -> str:
    return one.path if [other.path for other in among].count(one.path) == 1 else one.place


def _called(kind: str) -> str:
    return CALLED.get(kind, "thiết bị")


def _numbered(serial: str) -> str:
    return f"số máy {serial}" if serial else "không có số máy"


def _moved(kind: str, here: Found, path: str) -> str:
    what = f"{_called(kind)} {here.words}"
    return f"{what[:1].upper()}{what[1:]} ({_numbered(here.own_serial)}) nay cắm ở cổng {here.path}, trước là {path}."


def _swapped(kind: str, here: Found, serial: str, path: str) -> str:
    what, now = _called(kind), here.own_serial
    if now == serial:  # none, or one that two units share
        why = "Loại này không có số máy riêng" if not serial else f"Có nhiều máy cùng số máy {serial}"
        return (
            f"Không thấy {what} ở cổng {path}; có một máy cùng loại ở cổng {here.path}. "
            f"{why} nên không biết có phải máy cũ không. "
            "Nếu đúng máy, bấm “Dùng máy này”; nếu không, cắm lại cổng cũ."
        )
    was = f"trước là {serial}" if serial else "trước là máy không có số máy"
    if here.path == path:
        return f"Ở cổng này bây giờ là {what} khác ({_numbered(now)}, {was}). {TAKE_OVER}"
    return (
        f"Không thấy {what} {_numbered(serial)}; ở cổng {here.path} có một máy khác cùng loại ({_numbered(now)}). "
        f"{TAKE_OVER}"
    )


def _other_model(kind: str, here: Found, identity: str) -> str:
    return (
        f"Ở cổng này bây giờ là loại {_called(kind)} khác: {here.words} ({here.model}), trước là {identity}. "
        "Cắm lại máy cũ, hoặc nhờ quản trị khai báo máy mới (loại máy khác có thể dùng ngôn ngữ in khác)."
    )


def _absent(kind: str, named: str, path: str) -> Change:
    what = f"{_called(kind)} số máy {named}" if path and named else f"{_called(kind)} {named}".strip()
    where = f" (lần cuối ở cổng {path})" if path else ""
    return Change(Verdict.ABSENT, None, f"Không thấy {what}{where}. Kiểm tra nguồn điện và cáp USB rồi cắm lại.")
