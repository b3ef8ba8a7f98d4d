"""Checks what a profile says of codes: error codes, value maps, and their totality in both directions."""

from __future__ import annotations

from collections.abc import Iterator

from agent.soap.profiles.convert import ValueMap
from agent.soap.profiles.profile import Entry, Fault, Lines, MappedOperation, Profile
from agent.soap.profiles.shape import Node, Shapes
from agent.soap.profiles.wsdl import Service


class Codes:
    """The checks that need no operation of ours."""

    def __init__(self, profile: Profile, service: Service, lines: Lines) -> None:
        self._profile, self._service, self._lines = profile, service, lines
        self._shapes = Shapes(service)

    def _fault(self, key: str, what: str, fix: str) -> Fault:
        return Fault(self._lines.of(key), key, what, fix)

    def _response(self, one: MappedOperation) -> Node | None:
        theirs = self._service.operations.get(one.calls)
        return self._shapes.of(theirs.response) if theirs else None

    def errors(self) -> Iterator[Fault]:
        errors = self._profile.errors
        if not errors.code:
            return
        documented = set(errors.documented)
        for name, one in self._profile.operations.items():
            shape = self._response(one)
            if shape is None:
                continue
            node = shape.at(errors.code)
            if node is None:
                what = f"trả lời của {one.calls} (thao tác {name}) không có phần tử “{errors.code}”"
                yield self._fault("errors.code", what, f"Các phần tử có: {', '.join(c.name for c in shape.children)}.")
            else:
                documented |= set(node.values)
        for code in sorted(documented - set(errors.means)):
            yield self._fault(
                "errors.means", f"chưa có nghĩa của mã lỗi {code}", f'Thêm {code} = "reject" (hay nghĩa khác).'
            )
        if documented:
            for code in sorted(set(errors.means) - documented):
                yield self._fault(f"errors.means.{code}", f"tỉnh không có mã lỗi {code}", "Sửa mã hoặc bỏ dòng này.")
        if "done" not in errors.means.values():
            yield self._fault("errors.means", "không mã nào có nghĩa done", 'Thêm mã thành công, ví dụ 0 = "done".')
        for code, meaning in errors.means.items():
            if meaning == "reject" and not errors.words.get(code):
                yield self._fault(
                    f"errors.means.{code}",
                    f"mã lỗi {code} chưa có lời cho giao dịch viên",
                    f"Thêm {code} vào [errors.words].",
                )

    def maps(self) -> Iterator[Fault]:
        used = {
            step.map.name
            for one in self._profile.operations.values()
            for entry in (*one.send.values(), *one.answer.values())
            for step in entry.steps
            if step.map
        }
        for name, one in self._profile.maps.items():
            if name not in used:
                yield self._fault(f"map.{name}", "không dòng nào dùng bảng này", "Dùng nó (| map:…) hoặc bỏ đi.")
            yield from self._back(name, one)

    def _back(self, name: str, one: ValueMap) -> Iterator[Fault]:
        for code in sorted(set(one.ours.values())):
            sharing = sorted(mine for mine, theirs in one.ours.items() if theirs == code)
            if len(sharing) > 1 and code not in one.back:
                yield self._fault(
                    f"map.{name}", f"mã “{code}” đứng cho {', '.join(sharing)}: không đọc ngược được",
                    f'Thêm [map.{name}.back] {code} = "{sharing[0]}".',
                )  # fmt: skip
        for code, mine in one.back.items():
            if mine not in one.ours:
                yield self._fault(
                    f"map.{name}.back.{code}", f"“{mine}” không có trong bảng", "Ghi một giá trị của bảng."
                )

    def values(self, key: str, entry: Entry, ours: tuple[str, ...], node: Node) -> Iterator[Fault]:
        """Whether a map has each of our values, and theirs are those that the schema lists."""
        held = next((step.map for step in entry.steps if step.map), None)
        if held is None:
            if node.values and ours and not any(step.name in ("bool", "default") for step in entry.steps):
                yield self._fault(
                    key, f"“{node.name}” là bảng mã mà không có phép đổi", "Thêm “| map:TÊN” và bảng [map.TÊN]."
                )
            return
        where = f"map.{held.name}"
        for value in ours:
            if value not in held.ours:
                yield self._fault(where, f"bảng thiếu giá trị “{value}” (mục {node.name})", f'Thêm {value} = "…".')
        for value in held.ours:
            if ours and value not in ours:
                yield self._fault(
                    f"{where}.{value}", f"“{value}” không phải giá trị của ta", f"Các giá trị: {', '.join(ours)}."
                )
        listed = set(node.values or held.documented)
        there = {*held.ours.values(), *held.back, *held.unused}
        for code in sorted(listed - there):
            yield self._fault(where, f"bảng thiếu mã “{code}” của {node.name}", f'Thêm mã, hoặc unused = ["{code}"].')
        for mine, code in held.ours.items():
            if listed and code not in listed:
                yield self._fault(
                    f"{where}.{mine}", f"{node.name} không có mã “{code}”", f"Các mã: {', '.join(sorted(listed))}."
                )
