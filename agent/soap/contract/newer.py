"""What a province of a newer revision says beyond ours is left out, so that an addition stops nobody."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from agent.soap.contract import NAMESPACE, XSD

if TYPE_CHECKING:
    from lxml.etree import _Element

_XS = "{http://www.w3.org/2001/XMLSchema}"
Shape = dict[str, Any]


def leave_out_unknown(element: _Element) -> list[str]:
    """Take out of an answer what our XSD has no place for; the names taken out, never a value."""
    shape = _shapes().get(_local(element))
    found: list[str] = []
    if shape is not None:
        _prune(element, shape, found)
    return found


def _prune(element: _Element, shape: Shape, found: list[str]) -> None:
    for child in list(element):
        name = _local(child)
        if not str(child.tag).startswith(f"{{{NAMESPACE}}}") or name not in shape:
            found.append(name)
            element.remove(child)
        elif shape[name] is not None:
            _prune(child, shape[name], found)


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


@cache
def _shapes() -> dict[str, Shape]:
    """Each wrapper element with the children it may have, by name; None for a child without children."""
    from lxml import etree

    root: Any = etree.parse(XSD).getroot()
    types: dict[str, Any] = {one.get("name"): one for one in root.findall(f"{_XS}complexType")}

    def shape_of(holder: Any) -> Shape | None:
        named = (holder.get("type") or "").rpartition(":")[2]
        kind = types.get(named) if named else holder.find(f"{_XS}complexType")
        if kind is None:
            return None
        return {part.get("name"): shape_of(part) for part in kind.findall(f"{_XS}sequence/{_XS}element")}

    return {one.get("name"): shape_of(one) or {} for one in root.findall(f"{_XS}element")}
