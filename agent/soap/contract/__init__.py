"""The contract's own files (WSDL, XSD) and the check of one message element against them."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "urn:vn:tthc:postal:1"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
WSDL = Path(__file__).with_name("tthc.wsdl")
XSD = Path(__file__).with_name("tthc.xsd")

_local = threading.local()
_compiling = threading.Lock()  # libxml2 makes its table of types with the first schema; two at once spoil it for good
_SUBJECT = re.compile(r"Element '(?:\{[^}]*\})?([\w.\-]{1,80})'")


def qualified(name: str) -> str:
    """The name in the contract's namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


def schema() -> etree.XMLSchema:
    """The compiled XSD; one per thread, for its error log is shared state."""
    from lxml import etree

    held: etree.XMLSchema | None = getattr(_local, "schema", None)
    if held is None:
        with _compiling:
            held = etree.XMLSchema(etree.parse(XSD))
        _local.schema = held
    return held


def first_fault(element: etree._Element) -> str:
    """The name of the first field that breaks the XSD, empty when all is well; never a value of it."""
    compiled = schema()
    if compiled.validate(element):
        return ""
    entries: Any = compiled.error_log
    for entry in entries:
        found = _SUBJECT.search(entry.message)
        if found:
            return found.group(1)
    return "?"
