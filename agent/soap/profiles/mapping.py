"""Builds their message from our values and reads our values from theirs, by the lines of a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.soap.profiles.convert import Unconvertible
from agent.soap.profiles.ours import CONTENT
from agent.soap.profiles.profile import Entry
from agent.soap.profiles.shape import Node

if TYPE_CHECKING:
    from lxml.etree import _Element


class Unmappable(ValueError):
    """A value that cannot be said or read; `place` is the path of their element, and no value is told."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(why)
        self.place = place


@dataclass(frozen=True)
class Scope:
    """What a message is made of: the payload, words with @, the items of the lists at hand, the bytes of files."""

    payload: Mapping[str, Any]
    words: Mapping[str, Any]
    content: Callable[[str], str] = lambda _sha256: ""  # the base64 text of a file's bytes
    bound: Mapping[str, Mapping[str, Any]] | None = None

    def inside(self, path: str, item: Mapping[str, Any]) -> Scope:
        """The scope in which `path` is this item of that list."""
        return replace(self, bound={**(self.bound or {}), path: item})

    def each(self, path: str) -> Iterator[Scope]:
        """A scope for each item of a list, through the lists that it lies in and that are not at hand yet."""
        held = self._nearest(path)
        start = (self.bound or {})[held] if held else self.payload
        yield from self._each(start, held, path.removeprefix(f"{held}.").split(".") if held else path.split("."))

    def _each(self, value: Any, at: str, names: Sequence[str]) -> Iterator[Scope]:
        for n, name in enumerate(names):
            value = value.get(name) if isinstance(value, Mapping) else None
            at = f"{at}.{name}" if at else name
            if isinstance(value, list | tuple):
                for item in value:
                    inner = self.inside(at, item)
                    if names[n + 1 :]:
                        yield from inner._each(item, at, names[n + 1 :])
                    else:
                        yield inner
                return

    def _nearest(self, path: str) -> str:
        return max((one for one in self.bound or {} if path.startswith(f"{one}.")), key=len, default="")

    def value(self, path: str) -> Any:
        """The value at a path; "" where there is none, a list where it crosses a list that is not at hand."""
        if path.endswith(CONTENT):
            return self.content(str(self.value(path.removesuffix(CONTENT) + "sha256")))
        if path.startswith("@"):
            return self.words.get(path, "")
        held = self._nearest(path)
        start: Any = (self.bound or {})[held] if held else self.payload
        return _down(start, path.removeprefix(f"{held}.").split(".") if held else path.split("."))


def _down(value: Any, names: Sequence[str]) -> Any:
    for n, name in enumerate(names):
        if isinstance(value, list | tuple):
            return [_down(one, names[n:]) for one in value]
        value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            return ""
    return value


@dataclass(frozen=True)
class Said:
    """One leaf as it was said: their path, the line it came by, our value, their element."""

    place: str
    entry: Entry
    value: Any
    element: _Element


class Builder:
    """Builds messages of one shape by one mapping; safe to share between threads."""

    def __init__(self, shape: Node, entries: Mapping[str, Entry]) -> None:
        self._shape, self._entries = shape, entries
        self._groups = {path[:at] for path in entries for at, letter in enumerate(path) if letter == "/"}

    def build(self, scope: Scope, said: list[Said] | None = None) -> _Element:
        """The message; Unmappable names the element whose value has no place in it."""
        from lxml import etree

        space = self._shape.tag.partition("}")[0].lstrip("{")
        root = etree.Element(self._shape.tag, nsmap={"p": space} if self._shape.tag.startswith("{") else None)
        self._fill(root, self._shape, "", scope, said)
        return root

    def _fill(self, parent: _Element, node: Node, path: str, scope: Scope, said: list[Said] | None) -> None:
        from lxml import etree

        for child in node.children:
            place = f"{path}/{child.name}" if path else child.name
            entry = self._entries.get(place)
            if entry is not None and entry.each:
                for inner in scope.each(entry.each):
                    self._fill(etree.SubElement(parent, child.tag), child, place, inner, said)
            elif child.children:
                if place in self._groups:
                    self._fill(etree.SubElement(parent, child.tag), child, place, scope, said)
            elif entry is not None:
                self._leaf(parent, child, place, entry, scope, said)

    def _leaf(
        self, parent: _Element, child: Node, place: str, entry: Entry, scope: Scope, said: list[Said] | None
    ) -> None:
        from lxml import etree

        value = taken(entry, scope)
        try:
            told = there(entry, value)
        except Unconvertible as error:
            raise Unmappable(place, str(error)) from None
        for text in told if isinstance(told, list) and child.many else [told]:
            if isinstance(text, list):
                raise Unmappable(place, "là một danh sách; thêm “| first” hoặc “| join”")
            if text in ("", None) and not child.required:
                continue
            made = etree.SubElement(parent, child.tag)
            made.text = written(text)
            if said is not None:
                said.append(Said(place, entry, value, made))


def taken(entry: Entry, scope: Scope) -> Any:
    """Our value of a line: of one source as it is, of several as a list."""
    values = [part.text if part.constant else scope.value(part.text) for part in entry.parts]
    return values[0] if len(values) == 1 else values


def there(entry: Entry, value: Any) -> Any:
    """Their value of ours."""
    for step in entry.steps:
        value = step.there(value)
    return value


def back(entry: Entry, text: str) -> Any:
    """Our value of theirs, through the conversions the other way round."""
    value: Any = text
    for step in reversed(entry.steps):
        value = step.back(value)
    return value


def written(value: Any) -> str:
    """A value as XML text."""
    return ("true" if value else "false") if isinstance(value, bool) else "" if value is None else str(value)


# --- answers -----------------------------------------------------------------------------------
def texts(element: _Element, path: str) -> list[str]:
    """The texts of all elements at a path of local names."""
    return [one.text or "" for one in elements(element, path)]


def elements(element: _Element, path: str) -> list[_Element]:
    """All elements at a path of local names."""
    found = [element]
    for name in filter(None, path.split("/")):
        found = [child for one in found for child in one if str(child.tag).rpartition("}")[2] == name]
    return found


def read_answer(element: _Element, answer: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Our values of an answer, one dict an item of `each` (one in all without it); Unmappable names the element."""
    each = answer.get("each")
    where = each.source if each else ""
    return [_item(one, answer, where) for one in elements(element, where)]


def _item(element: _Element, answer: Mapping[str, Entry], where: str) -> dict[str, Any]:
    groups = {name.partition(".")[0] for name in answer if "." in name}
    read: dict[str, Any] = {
        name: _read(element, entry, where) for name, entry in answer.items() if name != "each" and "." not in name
    }
    for group in groups:
        inner = {name.partition(".")[2]: entry for name, entry in answer.items() if name.startswith(f"{group}.")}
        path = inner["each"].source if "each" in inner else ""
        place = f"{where}/{path}".strip("/")
        values = {name: entry for name, entry in inner.items() if name != "each"}
        read[group] = [_item(one, values, place) for one in elements(element, path)]
    return read


def _read(element: _Element, entry: Entry, where: str) -> Any:
    part = entry.parts[0]
    if part.constant:
        return part.text
    found = texts(element, part.text)
    listed = any(step.name == "list" for step in entry.steps)
    if not listed and len(found) > 1 and not any(step.name in ("first", "join") for step in entry.steps):
        raise Unmappable(f"{where}/{part.text}".strip("/"), "có nhiều hơn một phần tử")
    value: Any = found if listed or len(found) > 1 else "".join(found)
    try:
        for step in entry.steps:
            if step.name in ("default", "join", "first"):
                value = step.there(value)
            elif listed and step.name != "list":
                value = [step.back(one) for one in value]
            else:
                value = step.back(value)
    except Unconvertible as error:
        raise Unmappable(f"{where}/{part.text}".strip("/"), str(error)) from None
    return value
