"""X-Road 4.0 headers (PR-MESS 2.2): written on a request, and held against what the answer carries."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.soap.contract import ENVELOPE
from agent.soap.security.choices import XRoad, XRoadMember
from agent.soap.security.names import SHA256, SHA512, XROAD, XROAD_IDS, Invalid

if TYPE_CHECKING:
    from lxml.etree import _Element

VERSION = "4.0"
HASH = f"{{{XROAD}}}requestHash"
ALGORITHMS = {SHA512: hashlib.sha512, SHA256: hashlib.sha256, "SHA-512": hashlib.sha512, "SHA-256": hashlib.sha256}
"""By address as the standard says, and by the bare name that older security servers write."""


def add_headers(header: _Element, choice: XRoad, operation: str, *, id: str, issue: str) -> None:
    """Add client, service, id, userId, issue and protocolVersion; the service code is the operation."""
    from lxml import etree

    kind = "SUBSYSTEM" if choice.client.subsystem else "MEMBER"
    _member(header, "client", choice.client, kind)
    service = _member(header, "service", choice.service, "SERVICE")
    etree.SubElement(service, f"{{{XROAD_IDS}}}serviceCode").text = operation
    if choice.service_version:
        etree.SubElement(service, f"{{{XROAD_IDS}}}serviceVersion").text = choice.service_version
    for name, text in (("id", id), ("userId", choice.user_id), ("issue", issue), ("protocolVersion", VERSION)):
        if text:
            etree.SubElement(header, f"{{{XROAD}}}{name}").text = text


def fields_of(root: _Element) -> list[tuple[str, ...]]:
    """The X-Road fields of an envelope in their order: name, attributes and texts of each; without requestHash."""
    header = root.find(f"{{{ENVELOPE}}}Header")
    blocks = [] if header is None else [b for b in header if str(b.tag).startswith(f"{{{XROAD}}}") and b.tag != HASH]
    return [_flat(block) for block in blocks]


def check_answer(root: _Element, sent: Sequence[tuple[str, ...]], request: bytes) -> None:
    """Return when the answer copies every field in order and hashes our request; Invalid otherwise."""
    if fields_of(root) != list(sent):
        raise Invalid("MESSAGE_INVALID", "không chép đúng phần đầu X-Road của câu hỏi", "Header")
    found = root.findall(f"{{{ENVELOPE}}}Header/{HASH}")
    algorithm = ALGORITHMS.get(found[0].get("algorithmId") or "") if len(found) == 1 else None
    if algorithm is None:
        raise Invalid("MESSAGE_INVALID", "thiếu requestHash hoặc dùng thuật toán lạ", "requestHash")
    try:
        theirs = base64.b64decode("".join((found[0].text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        theirs = b""
    if not hmac.compare_digest(theirs, algorithm(request).digest()):
        raise Invalid("MESSAGE_INVALID", "trả lời cho một thông điệp khác (requestHash không khớp)", "requestHash")


def copy_headers(answer: _Element, request: _Element, content: bytes) -> None:
    """Copy the request's X-Road fields to an answer's Header as a provider's side does, with requestHash (SHA-512)."""
    from copy import deepcopy

    from lxml import etree

    for block in request.findall(f"{{{ENVELOPE}}}Header/*"):
        if str(block.tag).startswith(f"{{{XROAD}}}") and block.tag != HASH:
            answer.append(deepcopy(block))
    made = etree.SubElement(answer, HASH, algorithmId=SHA512, nsmap={"xro": XROAD})
    made.text = base64.b64encode(hashlib.sha512(content).digest()).decode("ascii")


def check_request(root: _Element, operation: str) -> None:
    """Return when a request carries the mandatory fields, once each; Invalid MESSAGE_INVALID otherwise."""
    fields = {field[0]: field for field in fields_of(root)}
    for name in ("client", "service", "id", "protocolVersion"):
        if len([field for field in fields_of(root) if field[0] == name]) != 1:
            raise Invalid("MESSAGE_INVALID", f"thiếu phần đầu X-Road “{name}”", name)
    if VERSION not in fields["protocolVersion"]:
        raise Invalid("MESSAGE_INVALID", "không phải X-Road 4.0", "protocolVersion")
    if not any(text == f"serviceCode={operation}" for text in fields["service"]):
        raise Invalid("MESSAGE_INVALID", "gọi dịch vụ X-Road khác với thao tác", "service")


def _member(header: _Element, name: str, member: XRoadMember, kind: str) -> _Element:
    from lxml import etree

    made = etree.SubElement(header, f"{{{XROAD}}}{name}")
    made.set(f"{{{XROAD_IDS}}}objectType", kind)
    parts = ("xRoadInstance", member.instance), ("memberClass", member.member_class), ("memberCode", member.member_code)
    for part, text in (*parts, ("subsystemCode", member.subsystem)):
        if text:
            etree.SubElement(made, f"{{{XROAD_IDS}}}{part}").text = text
    return made


def _flat(block: _Element) -> tuple[str, ...]:
    name = str(block.tag).rpartition("}")[2]
    attributes = [f"@{key!s}={block.get(key)}" for key in sorted(map(str, block.keys()))]
    children = [f"{str(child.tag).rpartition('}')[2]}={(child.text or '').strip()}" for child in block]
    return (name, *attributes, *children, *([] if len(block) else [(block.text or "").strip()]))
