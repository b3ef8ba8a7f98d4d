"""The shape of a message as its schema gives it: elements in order, required or not, repeated or not, their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.soap.profiles.wsdl import XS, Service, resolve

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST = 12
_Simple = tuple[str, tuple[str, ...], tuple[str, ...]]
_GROUPS = ("sequence", "all", "choice", "complexContent", "extension", "restriction", "complexType")


@dataclass(frozen=True)
class Node:
    """One element: its name as lxml writes it, and what may stand in it."""

    tag: str
    required: bool = True
    many: bool = False
    kind: str = ""  # local name of the built-in type of a leaf
    values: tuple[str, ...] = ()  # the values that the schema lists
    facets: tuple[str, ...] = ()  # what else a value must be: "maxLength=100"
    children: tuple[Node, ...] = ()

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition("}")[2]

    def child(self, name: str) -> Node | None:
        """The child of this name."""
        return next((one for one in self.children if one.name == name), None)

    def at(self, path: str) -> Node | None:
        """The element at a path of names joined by "/"; the empty path is this one."""
        found: Node | None = self
        for name in filter(None, path.split("/")):
            found = found.child(name) if found else None
        return found

    def walk(self, path: str = "") -> Iterator[tuple[str, Node]]:
        """Every element below, with its path."""
        for one in self.children:
            place = f"{path}/{one.name}" if path else one.name
            yield place, one
            yield from one.walk(place)


class Shapes:
    """Reads the shapes of a service's messages."""

    def __init__(self, service: Service) -> None:
        self._elements: dict[str, _Element] = {}
        self._types: dict[str, _Element] = {}
        for schema in service.schemas:
            space = schema.get("targetNamespace")
            for one in schema:
                name = one.get("name")
                if name is None:
                    continue
                tag = f"{{{space}}}{name}" if space else name
                (self._elements if one.tag == f"{{{XS}}}element" else self._types)[tag] = one

    def of(self, tag: str) -> Node | None:
        """The shape of a global element, None when no schema has it."""
        found = self._elements.get(tag)
        return self._node(found, tag, 0) if found is not None else None

    def _node(self, element: _Element, tag: str, depth: int, *, required: bool = True) -> Node:
        many = element.get("maxOccurs", "1") not in ("0", "1")
        needed = required and element.get("minOccurs", "1") != "0" and element.get("nillable") != "true"
        if depth > DEEPEST:
            return Node(tag, needed, many, "string")
        inner = next((one for one in element if _local(one) in ("complexType", "simpleType")), None)
        name = element.get("type")
        if inner is None and name is not None:
            qualified = resolve(element, name)
            if qualified.startswith(f"{{{XS}}}"):
                return Node(tag, needed, many, name.rpartition(":")[2])
            inner = self._types.get(qualified)
        if inner is None:
            return Node(tag, needed, many, "string")
        if _local(inner) == "simpleType":
            return Node(tag, needed, many, *self._simple(inner))
        simple = next((one for one in inner if _local(one) == "simpleContent"), None)
        if simple is not None:
            return Node(tag, needed, many, *self._named(simple[0], simple[0].get("base")))
        return Node(tag, needed, many, children=tuple(self._children(inner, depth + 1)))

    def _children(self, group: _Element, depth: int, *, required: bool = True) -> Iterator[Node]:
        base = group.get("base")
        if _local(group) == "extension" and base and (held := self._types.get(resolve(group, base))) is not None:
            yield from self._children(held, depth, required=required)
        for one in group:
            kind = _local(one)
            if kind == "element":
                name = one.get("ref")
                if name is not None:
                    tag = resolve(one, name)
                    target = self._elements.get(tag)
                    if target is not None:
                        made = self._node(target, tag, depth)
                        occurs = self._occurs(one, required)
                        yield replace(made, required=occurs[0], many=occurs[1])
                else:
                    yield self._node(one, _tag_of(one), depth, required=required)
            elif kind in _GROUPS:
                needed = required and kind != "choice" and one.get("minOccurs", "1") != "0"
                yield from self._children(one, depth, required=needed)

    def _occurs(self, element: _Element, required: bool) -> tuple[bool, bool]:
        many = element.get("maxOccurs", "1") not in ("0", "1")
        return required and element.get("minOccurs", "1") != "0", many

    def _simple(self, kind: _Element) -> _Simple:
        """The built-in type, the listed values and the facets of a simple type; a union lists what its members list."""
        for one in kind:
            if _local(one) == "restriction":
                base, values, facets = self._named(one, one.get("base"))
                own = tuple(str(each.get("value")) for each in one if _local(each) == "enumeration")
                more = [f"{_local(each)}={each.get('value')}" for each in one if each.get("value") is not None]
                told = sorted({*facets, *(text for text in more if not text.startswith("enumeration="))})
                return base, own or values, tuple(told)
            if _local(one) == "union":
                members = [self._named(one, name) for name in (one.get("memberTypes") or "").split()]
                members += [self._simple(each) for each in one if _local(each) == "simpleType"]
                base = members[-1][0] if members else "string"
                return base, tuple(value for _, some, _ in members for value in some), ()
        return "string", (), ()

    def _named(self, at: _Element, name: str | None) -> _Simple:
        if not name:
            return "string", (), ()
        held = self._types.get(resolve(at, name))
        return self._simple(held) if held is not None else (name.rpartition(":")[2], (), ())


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _tag_of(element: _Element) -> str:
    """The name of a local element, in its schema's namespace where that is asked for."""
    schema = element
    while (above := schema.getparent()) is not None:
        schema = above
    qualified = element.get("form", schema.get("elementFormDefault", "unqualified")) == "qualified"
    space = schema.get("targetNamespace")
    return f"{{{space}}}{element.get('name')}" if qualified and space else str(element.get("name"))
