"""The gate before the parser: bounded bytes, depth and counts, no DTD, one SOAP 1.1 body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from agent.soap.contract import ENVELOPE
from agent.soap.province.refusal import Refusal

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Caps:
    """Limits of one message; far above what a whole dossier needs."""

    depth: int = 24
    nodes: int = 60_000
    attributes: int = 2_000
    equals_signs: int = 20_000


CAPS = Caps()


def open_envelope(data: bytes, caps: Caps = CAPS) -> _Element:
    """The only child of the only Body; Refusal MESSAGE_LIMIT or MESSAGE_INVALID otherwise."""
    from lxml import etree

    if len(data) > MAX_BYTES:
        raise Refusal("MESSAGE_LIMIT", "Thông điệp quá lớn.")
    # Every attribute has an equals sign: this bounds a tag of 300,000 attributes before any parser builds it.
    if data.count(b"=") > caps.equals_signs:
        raise Refusal("MESSAGE_LIMIT", "Thông điệp có quá nhiều thuộc tính.")
    _weigh(data, caps)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise Refusal("MESSAGE_INVALID", "Thông điệp không phải XML hợp lệ.") from None
    return _only_body(root)


def _weigh(data: bytes, caps: Caps) -> None:
    depth = nodes = attributes = 0

    def opened(_name: str, given: list[str]) -> None:
        nonlocal depth, nodes, attributes
        depth, nodes, attributes = depth + 1, nodes + 1, attributes + len(given) // 2
        if depth > caps.depth or nodes > caps.nodes or attributes > caps.attributes:
            raise Refusal("MESSAGE_LIMIT", "Thông điệp quá sâu hoặc có quá nhiều mục.")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def forbidden(*_given: object) -> None:
        raise Refusal("MESSAGE_INVALID", "Thông điệp có khai báo DTD hoặc chỉ thị bị cấm.")

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = forbidden
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Refusal("MESSAGE_INVALID", "Thông điệp không phải XML hợp lệ.") from None


def _only_body(root: _Element) -> _Element:
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Refusal("MESSAGE_INVALID", "Thông điệp không phải SOAP 1.1.")
    for header in root.findall(f"{{{ENVELOPE}}}Header"):
        if any(block.get(f"{{{ENVELOPE}}}mustUnderstand") in ("1", "true") for block in header):
            raise Refusal("MESSAGE_INVALID", "Thông điệp có phần đầu bắt buộc mà tỉnh không hiểu.", field="Header")
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise Refusal("MESSAGE_INVALID", "Thông điệp phải có đúng một Body với đúng một phần tử.", field="Body")
    return bodies[0][0]
