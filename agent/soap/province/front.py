"""The gate before the parser: bounded weight, no DTD, one SOAP 1.1 envelope."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from agent.soap.caps import REQUEST, Caps, Forbidden, TooHeavy, weigh
from agent.soap.contract import ENVELOPE
from agent.soap.encodings import Unreadable, utf8_of
from agent.soap.province.refusal import Refusal

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = REQUEST.bytes


def inflate(data: bytes) -> bytes:
    """A gzip request body, never more than one byte over the limit of a message; Refusal when it is damaged."""
    inflater = zlib.decompressobj(31)
    try:
        made = inflater.decompress(data, MAX_BYTES + 1)
    except zlib.error:
        raise Refusal("MESSAGE_INVALID", "Thông điệp nén bị hỏng.") from None
    if len(made) <= MAX_BYTES and not inflater.eof:
        raise Refusal("MESSAGE_INVALID", "Thông điệp nén bị hỏng.")
    return made


def open_envelope(data: bytes, content_type: str, understood: Collection[str] = (), caps: Caps = REQUEST) -> _Element:
    """The envelope of a request; Refusal MESSAGE_LIMIT or MESSAGE_INVALID otherwise.

    `understood` are the namespaces of header blocks that may say mustUnderstand.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        text = utf8_of(data, content_type)
        weigh(text, caps)
        root = etree.fromstring(text, parser)
    except TooHeavy:
        raise Refusal("MESSAGE_LIMIT", "Thông điệp quá lớn, quá sâu hoặc có quá nhiều mục.") from None
    except (Forbidden, Unreadable, etree.XMLSyntaxError):
        raise Refusal("MESSAGE_INVALID", "Thông điệp không phải XML hợp lệ, hoặc có phần bị cấm.") from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Refusal("MESSAGE_INVALID", "Thông điệp không phải SOAP 1.1.")
    for block in root.findall(f"{{{ENVELOPE}}}Header/*"):
        known = str(block.tag).partition("}")[0].removeprefix("{") in understood
        if block.get(f"{{{ENVELOPE}}}mustUnderstand") in ("1", "true") and not known:
            raise Refusal("MESSAGE_INVALID", "Thông điệp có phần đầu bắt buộc mà tỉnh không hiểu.", field="Header")
    only_body(root)
    return root


def only_body(root: _Element) -> _Element:
    """The only child of the only Body; Refusal MESSAGE_INVALID otherwise."""
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise Refusal("MESSAGE_INVALID", "Thông điệp phải có đúng một Body với đúng một phần tử.", field="Body")
    return bodies[0][0]
