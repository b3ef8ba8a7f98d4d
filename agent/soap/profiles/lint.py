"""Checks a profile against its WSDL and schema: every fault at once, each with its line, its key and its fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.soap.profiles.lint_codes import Codes
from agent.soap.profiles.lint_samples import sample_faults
from agent.soap.profiles.ours import ANSWER_VALUES, CONTENT, OPERATIONS, Kind, canonical_paths
from agent.soap.profiles.profile import Entry, Fault, Lines, MappedOperation, Profile, read_profile
from agent.soap.profiles.shape import Node
from agent.soap.profiles.unoffered import METHODS
from agent.soap.profiles.wsdl import Operation, read_wsdl

AHEAD = ("upload_state", "put_chunk")  # needed only where files go ahead of the message


@dataclass(frozen=True)
class Report:
    """What lint found; remarks are no faults, but should be known."""

    profile: Profile
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "profile": self.profile.name,
            "ok": not self.faults,
            "offers": sorted(self.profile.operations) if self.profile.operations else "contract",
            "faults": [{"line": one.line, "key": one.key, "what": one.what, "fix": one.fix} for one in self.faults],
            "remarks": list(self.remarks),
        }


def lint(path: Path) -> Report:
    """Every fault of a profile, by line; ConfigError when the file or its WSDL cannot be read at all."""
    profile, faults = read_profile(path)
    if not profile.wsdl.is_file():
        return Report(profile, tuple(faults), ())
    service = read_wsdl(profile.wsdl)
    check = _Check(profile, service, Lines(path.read_text(encoding="utf-8")))
    found = [*faults, *check.all()]
    if not found:
        found = list(sample_faults(profile, service, Lines(path.read_text(encoding="utf-8"))))
    unique = {(one.line, one.key, one.what): one for one in found}
    return Report(profile, tuple(sorted(unique.values(), key=lambda one: (one.line, one.key))), tuple(check.remarks()))


class _Check(Codes):
    def all(self) -> Iterator[Fault]:
        try:
            self._service.first_fault(_empty())
        except ConfigError as error:
            yield self._fault("profile.wsdl", error.message, "Sửa lược đồ cạnh WSDL.")
        if self._profile.speaks == "contract":
            yield from self._contract()
            return
        yield from self.errors()
        yield from self.maps()
        if "submit" not in self._profile.operations:
            yield self._fault(
                "operation", "thiếu thao tác submit", "Thêm [operation.submit]: không nộp được thì vô ích."
            )
        yield from self._files()
        yield from self._numbers()
        for name, one in self._profile.operations.items():
            theirs = self._service.operations.get(one.calls)
            if theirs is None:
                there = ", ".join(sorted(self._service.operations))
                what = f"WSDL không có thao tác “{one.calls}”" if one.calls else "thiếu calls"
                yield self._fault(f"operation.{name}.calls", what, f"Ghi một trong: {there}.")
                continue
            yield from self._operation(name, one, theirs)

    def remarks(self) -> Iterator[str]:
        """What the province lacks, and what follows."""
        if self._profile.speaks == "contract":
            return
        if not self._profile.signed:
            yield "Tỉnh không ký biên nhận: biên nhận là bản ghi của bưu cục, gói chứng cứ nói rõ điều đó."
        for name in OPERATIONS:
            if name not in self._profile.operations and not (self._profile.inline and name in AHEAD):
                yield f"Không có {name}: phần việc đó báo “không có ở tỉnh này”."
        if "ledger" in self._profile.operations:
            told = [name for name in ("status", "files") if name in self._profile.operations["ledger"].answer]
            yield f"Đối soát theo danh sách của tỉnh: so có hay không, số, {', '.join(told)}; không so nội dung, phí."

    def _contract(self) -> Iterator[Fault]:
        for name in self._profile.without:
            if name not in METHODS.values():
                there = ", ".join(sorted(set(METHODS.values())))
                yield self._fault("capabilities.without", f"“{name}” không bỏ được", f"Bỏ được: {there}.")
            elif name not in self._service.operations:
                yield self._fault("capabilities.without", f"WSDL không có thao tác “{name}”", "Sửa tên hoặc bỏ đi.")
        for section in ("operation", "map"):
            if self._profile.operations if section == "operation" else self._profile.maps:
                yield self._fault(section, "hợp đồng của chính chương trình không cần ánh xạ", f"Bỏ [{section}.…].")
        if not self._profile.signed:
            yield self._fault("receipts.signed", "hợp đồng buộc tỉnh ký biên nhận", "Ghi signed = true.")

    def _numbers(self) -> Iterator[Fault]:
        """Without allocate_number a dossier leaves without its official number: nothing may need it."""
        if "allocate_number" in self._profile.operations:
            return
        fix = "Thêm [operation.allocate_number], hoặc dùng provisional."
        for path, entry in self._sent("submit").items():
            if entry.source == "@number":
                yield self._fault(f"operation.submit.send.{path}", "hồ sơ gửi đi khi chưa có số", fix)
        searched = self._profile.operations.get("submission")
        if searched and "@provisional" not in {one.source for one in searched.send.values()}:
            yield self._fault("operation.submission.send", "không tra cứu được hồ sơ chưa có số", fix)

    def _sent(self, name: str) -> Mapping[str, Entry]:
        found = self._profile.operations.get(name)
        return found.send if found else {}

    def _files(self) -> Iterator[Fault]:
        """Files must have a way: inside the message, or ahead of it."""
        for name in ("submit", "supplement"):
            one = self._profile.operations.get(name)
            inside = one is not None and any(CONTENT in entry.source for entry in one.send.values())
            if one is not None and self._profile.inline and not inside:
                what = f"tệp gửi trong thông điệp (inline) mà {name} không có dòng nào mang “{CONTENT}”"
                yield self._fault(f"operation.{name}.send", what, 'Thêm "…" = "components.files.@content".')
            if inside and not self._profile.inline:
                yield self._fault("attachments.way", f"{name} mang “{CONTENT}” mà way là chunks", 'Ghi way = "inline".')
        if not self._profile.inline and "put_chunk" not in self._profile.operations:
            yield self._fault(
                "attachments.way", "gửi tệp từng phần mà không có put_chunk", "Thêm [operation.put_chunk]."
            )

    def _operation(self, name: str, one: MappedOperation, theirs: Operation) -> Iterator[Fault]:
        request, response = self._shapes.of(theirs.request), self._shapes.of(theirs.response)
        for tag, shape in ((theirs.request, request), (theirs.response, response)):
            if shape is None:
                yield self._fault("profile.wsdl", f"lược đồ không có phần tử {tag}", "Thêm XSD còn thiếu cạnh WSDL.")
        if request is None or response is None:
            return
        yield from self._send(name, one, request)
        yield from self._answer(name, one, response)
        searched = name == "submit" and "submission" in self._profile.operations
        if OPERATIONS[name].payload is not None and not one.repeatable and not searched:
            yield self._fault(
                f"operation.{name}",
                "kết quả chưa rõ không có cách hỏi lại: không tra cứu được, gửi lại cũng không an toàn",
                "Thêm [operation.submission], hoặc ghi repeatable = true khi gửi lại không sinh hồ sơ thứ hai.",
            )

    def _send(self, name: str, one: MappedOperation, shape: Node) -> Iterator[Fault]:
        where, paths = f"operation.{name}.send", canonical_paths(OPERATIONS[name].payload)
        for path, entry in one.send.items():
            node = shape.at(path)
            if node is None:
                yield self._fault(
                    f"{where}.{path}",
                    f"{one.calls} không có phần tử “{path}”{_near(shape, path)}",
                    "Sửa đường dẫn theo XSD.",
                )
                continue
            yield from self._source(f"{where}.{path}", name, one, path, entry, node, paths)
        yield from self._required(where, one, shape, "")
        yield from self._left(name, one, paths)

    def _source(
        self, key: str, name: str, one: MappedOperation, path: str, entry: Entry, node: Node, paths: Mapping[str, Kind]
    ) -> Iterator[Fault]:
        if entry.each:
            held = paths.get(entry.each)
            if held is None or not held.list:
                yield self._fault(
                    key, f"“{entry.each}” không phải danh sách của ta", f"Các danh sách: {_lists(paths)}."
                )
            elif not node.many:
                yield self._fault(
                    key, f"“{node.name}” chỉ có một phần tử, không lặp được", "Bỏ each, hoặc trỏ tới phần tử lặp."
                )
            return
        if node.children:
            yield self._fault(key, f"“{node.name}” là một nhóm", "Ánh xạ các phần tử bên trong nó, hoặc dùng each.")
            return
        open_lists = {upper.each for at, upper in one.send.items() if upper.each and path.startswith(f"{at}/")}
        reach = {each for held in open_lists for each in (held, *_above(held))}
        for part in entry.parts:
            if part.constant:
                if node.values and part.text not in node.values:
                    yield self._fault(
                        key, f"{node.name} không có mã “{part.text}”", f"Các mã: {', '.join(node.values)}."
                    )
                continue
            if part.text.startswith("@"):
                if part.text not in OPERATIONS[name].words:
                    yield self._fault(
                        key, f"không có “{part.text}”", f"Các từ có: {', '.join(OPERATIONS[name].words)}."
                    )
                continue
            kind = paths.get(part.text.replace(CONTENT, "sha256"))
            if kind is None or kind.list:
                yield self._fault(
                    key, f"hồ sơ của ta không có “{part.text}”{_close(part.text, paths)}", "Sửa đường dẫn nguồn."
                )
                continue
            if set(kind.lists) - reach and not any(step.name in ("first", "join", "list") for step in entry.steps):
                yield self._fault(key, f"“{part.text}” nằm trong danh sách", "Thêm each ở phần tử cha, hoặc “| first”.")
            yield from self.values(key, entry, kind.values, node)

    def _required(self, where: str, one: MappedOperation, group: Node, path: str) -> Iterator[Fault]:
        """Every required element below a group that is said must be said too."""
        for child in group.children:
            place = f"{path}/{child.name}" if path else child.name
            said = place in one.send or any(other.startswith(f"{place}/") for other in one.send)
            if not said and not child.required:
                continue
            if child.many and child.children and said and place not in one.send:
                yield self._fault(
                    f"{where}.{place}", f"“{place}” lặp lại mà không có each", f'Thêm "{place}" = "each …".'
                )
            if child.children:
                yield from self._required(where, one, child, place)
            elif not said:
                yield self._fault(
                    where, f"phần tử bắt buộc “{place}” của {one.calls} chưa được ánh xạ", f'Thêm "{place}" = "…".'
                )

    def _left(self, name: str, one: MappedOperation, paths: Mapping[str, Kind]) -> Iterator[Fault]:
        """Every field of ours is said, or stands in leaves_out: nothing gets lost unseen."""
        used = {part.text for entry in one.send.values() for part in entry.parts} | set(one.leaves_out)
        if "@number" in used:
            used.add("official")
        for path, kind in paths.items():
            if not kind.list and path not in used:
                yield self._fault(
                    f"operation.{name}.send",
                    f"mục “{path}” của ta không được gửi",
                    f'Ánh xạ nó, hoặc thêm "{path}" vào leaves_out.',
                )
        for path in one.leaves_out:
            if path not in paths:
                yield self._fault(
                    f"operation.{name}.leaves_out",
                    f"ta không có mục “{path}”{_close(path, paths)}",
                    "Sửa tên hoặc bỏ đi.",
                )

    def _answer(self, name: str, one: MappedOperation, shape: Node) -> Iterator[Fault]:
        where, ours = f"operation.{name}.answer", OPERATIONS[name]
        needs = ours.needs
        if name == "submit" and "allocate_number" not in self._profile.operations:
            needs = ("number",)
        for key in needs:
            if key not in one.answer:
                yield self._fault(where, f"chưa ánh xạ “{key}” của trả lời", f'Thêm {key} = "…" vào [{where}].')
        for key, entry in one.answer.items():
            if key not in (*ours.needs, *ours.may):
                yield self._fault(
                    f"{where}.{key}", f"không cần “{key}”", f"Các mục: {', '.join((*ours.needs, *ours.may))}."
                )
                continue
            if not entry.parts or entry.parts[0].constant:
                continue
            base = [one.answer["each"].source] if "each" in one.answer and key != "each" else []
            group = key.partition(".")[0]
            if "." in key and not key.endswith(".each") and f"{group}.each" in one.answer:
                base.append(one.answer[f"{group}.each"].source)
            path = "/".join([*base, entry.parts[0].text])
            node = shape.at(path)
            if node is None:
                yield self._fault(
                    f"{where}.{key}",
                    f"trả lời của {one.calls} không có “{path}”{_near(shape, path)}",
                    "Sửa đường dẫn theo XSD.",
                )
                continue
            yield from self.values(f"{where}.{key}", entry, ANSWER_VALUES.get(key, ()), node)


def _empty() -> Any:
    from lxml import etree

    return etree.Element("none")


def _above(path: str) -> list[str]:
    """The lists that a list lies in: `components` of `components.files`."""
    names = path.split(".")
    return [".".join(names[:n]) for n in range(1, len(names))]


def _lists(paths: Mapping[str, Kind]) -> str:
    return ", ".join(sorted(path for path, kind in paths.items() if kind.list)) or "không có"


def _near(shape: Node, path: str) -> str:
    import difflib

    found = difflib.get_close_matches(path, [place for place, _ in shape.walk()], 1, 0.7)
    return f"; có phải “{found[0]}”?" if found else ""


def _close(path: str, paths: Mapping[str, Kind]) -> str:
    import difflib

    found = difflib.get_close_matches(path, list(paths), 1, 0.7)
    return f"; có phải “{found[0]}”?" if found else ""
