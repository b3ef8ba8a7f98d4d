"""The contract's own files (WSDL, XSD) and the check of one message element against them."""

from __future__ import annotations

import re
import threading
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.soap.contract.chunk import ONE_BYTE, is_chunk

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "urn:vn:tthc:postal:1"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
WSDL = Path(__file__).with_name("tthc.wsdl")
XSD = Path(__file__).with_name("tthc.xsd")
REVISION = 1
"""Grows with every addition within this version of the contract."""
QUERIES = frozenset(
    {
        "GetCapabilities",
        "GetProcedures",
        "LookupPerson",
        "LookupReusableDocuments",
        "GetUploadState",
        "GetSubmission",
        "GetReceipt",
        "GetStatusChanges",
        "CompareDigests",
        "ListBucket",
        "GetJournalHead",
    }
)
"""Operations that change no dossier: an unusable answer to them is "unavailable", never "unknown"."""
RETRYABLE = frozenset({"CHUNK_INVALID", "CHUNK_GAP", "FILE_DIGEST", "LOOKUP_LIMIT", "BUSY", "INTERNAL"})
"""Error codes with which the same message may succeed later."""
OPERATIONS = QUERIES | {
    "AllocateNumber",
    "PutDocumentChunk",
    "SubmitDossier",
    "SupplementDossier",
    "WithdrawDossier",
    "ReportDelivery",
    "ReportCustody",
    "ReportPayments",
    "ReportSatisfaction",
}

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
    chunk = element.find(qualified("bytes"))
    if chunk is not None and not len(chunk) and is_chunk(chunk.text or ""):
        element = _light(element, chunk)  # libxml2 would take 13 ms for a MiB that is checked already
    return "" if compiled.validate(element) else _named(compiled)


def _light(element: etree._Element, chunk: etree._Element) -> etree._Element:
    """The same element with the smallest part in the place of a large one."""
    from lxml import etree

    made = etree.Element(element.tag, _attributes(element))
    made.text = element.text
    for child in element:
        if child is chunk:
            small = etree.SubElement(made, chunk.tag, _attributes(chunk))
            small.text, small.tail = ONE_BYTE, chunk.tail
        else:
            made.append(deepcopy(child))
    return made


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


def _named(compiled: etree.XMLSchema) -> str:
    """The field that the schema's error log names."""
    entries: Any = compiled.error_log
    for entry in entries:
        found = _SUBJECT.search(entry.message)
        if found:
            return found.group(1)
    return "?"
