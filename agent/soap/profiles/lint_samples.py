"""Tries a profile: samples become messages, are checked against the schema, and are read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.soap.profiles.convert import Unconvertible
from agent.soap.profiles.mapping import Builder, Said, Scope, Unmappable, back, there
from agent.soap.profiles.profile import Fault, Lines, Profile
from agent.soap.profiles.samples import CONTENT, WORDS, samples
from agent.soap.profiles.shape import Shapes
from agent.soap.profiles.wsdl import Service


def sample_faults(profile: Profile, service: Service, lines: Lines) -> Iterator[Fault]:
    """A fault for each sample that has no valid message, or whose values do not come back."""
    shapes, payloads = Shapes(service), samples()
    for name, one in profile.operations.items():
        shape = shapes.of(service.operations[one.calls].request)
        if shape is None:
            continue
        builder = Builder(shape, one.send)
        seen = set[tuple[str, str]]()
        for words, payload in payloads.get(name, [("câu hỏi", {})]):
            for place, what, fix in _tried(builder, service, payload):
                key = f"operation.{name}.send.{place}"
                if (key, what) not in seen:
                    seen.add((key, what))
                    yield Fault(lines.of(key), key, f"mẫu “{words}”: {what}", fix)


def _tried(builder: Builder, service: Service, payload: Any) -> Iterator[tuple[str, str, str]]:
    from lxml import etree

    said: list[Said] = []
    try:
        message = builder.build(Scope(payload, WORDS, lambda _sha256: CONTENT), said)
    except Unmappable as error:
        yield error.place, str(error), "Sửa phép đổi hoặc bảng mã của dòng này."
        return
    again = etree.fromstring(etree.tostring(message))
    wrong = service.first_fault(again)
    if wrong:
        yield wrong, "thông điệp không theo lược đồ", "Thêm “| default:…”, đổi dạng, hoặc ánh xạ mục còn thiếu."
        return
    places = [message.getroottree().getpath(one.element) for one in said]
    for one, place in zip(said, places, strict=True):
        found: Any = again.getroottree().xpath(place, namespaces=_spaces(message))
        text = str(found[0].text or "") if isinstance(found, list) and found else ""
        problem = _lost(one, text)
        if problem:
            yield one.place, problem, "Chọn phép đổi đọc ngược được, hoặc bảng mã đủ hai chiều."


def _lost(one: Said, text: str) -> str:
    """Why the value does not come back, empty when it does; constants and what is lossy must only come out the same."""
    if not one.entry.source:
        return ""
    try:
        value = back(one.entry, text)
        if any(step.lossy for step in one.entry.steps):
            return ""
        day_of_instant = any(step.name == "date" and "HH" not in step.argument for step in one.entry.steps)
        if str(there(one.entry, value)) != text and not isinstance(value, bool):
            return "đọc ngược rồi ghi lại ra giá trị khác"
    except Unconvertible as error:
        return f"không đọc ngược được: {error}"
    if one.entry.source.startswith("@"):
        return ""
    settled = any(step.map and text in step.map.back for step in one.entry.steps)
    same = value == one.value or str(value) == str(one.value) or settled or day_of_instant
    return "" if same else "giá trị đọc ngược khác giá trị đã gửi"


def _spaces(element: Any) -> dict[str, str]:
    return {prefix: space for prefix, space in element.nsmap.items() if prefix}
