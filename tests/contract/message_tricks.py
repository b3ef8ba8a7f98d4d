"""Ways to tamper with a rightly signed message: wrapping in its known variants, and weaker algorithms."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

from agent.soap.contract import ENVELOPE, NAMESPACE
from agent.soap.messages import element_of
from agent.soap.security.names import DS, EXCLUSIVE, ds, wsse, wsu

Envelope = Any
BODY, HEADER = f"{{{ENVELOPE}}}Body", f"{{{ENVELOPE}}}Header"


def evil() -> Any:
    return element_of("GetSubmission", {"key": "EVIL"})


def new_body(root: Envelope, *, id: str = "") -> Any:
    made = etree.Element(BODY)
    made.append(evil())
    if id:
        made.set(wsu("Id"), id)
    return made


def moved_to_header(root: Envelope) -> None:
    """The signed Body goes into a wrapper in the Header; an unsigned one stands in its place."""
    body = root.find(BODY)
    wrapper = etree.SubElement(root.find(HEADER), "{urn:x}Wrapper")
    wrapper.append(body)
    root.append(new_body(root))


def moved_bare_to_header(root: Envelope) -> None:
    root.find(HEADER).append(root.find(BODY))
    root.append(new_body(root, id="Other"))


def moved_under_security(root: Envelope) -> None:
    root.find(f"{HEADER}/{wsse('Security')}").append(root.find(BODY))
    root.append(new_body(root))


def moved_into_object(root: Envelope) -> None:
    """Object wrapping: the signed Body hides in the signature itself."""
    held = etree.SubElement(root.find(f".//{ds('Signature')}"), ds("Object"))
    held.append(root.find(BODY))
    root.append(new_body(root))


def moved_into_new_body(root: Envelope) -> None:
    old = root.find(BODY)
    made = new_body(root)
    made.append(old)
    root.append(made)


def second_body_before(root: Envelope) -> None:
    root.insert(1, new_body(root))


def second_body_after(root: Envelope) -> None:
    root.append(new_body(root))


def same_id_first(root: Envelope) -> None:
    body = root.find(BODY)
    copied = copy.deepcopy(body)
    wrapper = etree.SubElement(root.find(HEADER), "{urn:x}Wrapper")
    wrapper.append(copied)
    body.remove(body[0])
    body.append(evil())


def same_id_by_another_name(root: Envelope) -> None:
    """The same value under `Id`, `xml:id`: which one a reference means must not be a question."""
    body = root.find(BODY)
    wrapper = etree.SubElement(root.find(HEADER), "{urn:x}Wrapper", Id="Body")
    wrapper.append(copy.deepcopy(body[0]))


def two_ids_on_one_element(root: Envelope) -> None:
    root.find(BODY).set("Id", "Second")


def body_of_another_namespace(root: Envelope) -> None:
    body = root.find(BODY)
    wrapper = etree.SubElement(root, "{http://www.w3.org/2003/05/soap-envelope}Body")
    wrapper.append(copy.deepcopy(body[0]))


def copied_body_in_header(root: Envelope) -> None:
    """The signed Body stays; a look-alike elsewhere waits for a receiver that searches by name."""
    wrapper = etree.SubElement(root.find(HEADER), "{urn:x}Wrapper")
    wrapper.append(new_body(root))


def second_envelope_inside(root: Envelope) -> None:
    inner = etree.SubElement(root.find(HEADER), f"{{{ENVELOPE}}}Envelope")
    inner.append(root.find(BODY))
    root.append(new_body(root))


def second_security_header(root: Envelope) -> None:
    root.find(HEADER).insert(0, etree.Element(wsse("Security")))


def second_signature(root: Envelope) -> None:
    security = root.find(f"{HEADER}/{wsse('Security')}")
    security.append(copy.deepcopy(security.find(ds("Signature"))))


def second_timestamp(root: Envelope) -> None:
    security = root.find(f"{HEADER}/{wsse('Security')}")
    other = copy.deepcopy(security.find(wsu("Timestamp")))
    other.set(wsu("Id"), "Other")
    security.insert(0, other)


def timestamp_moved(root: Envelope) -> None:
    security = root.find(f"{HEADER}/{wsse('Security')}")
    root.find(HEADER).append(security.find(wsu("Timestamp")))


def edited_body(root: Envelope) -> None:
    root.find(f".//{{{NAMESPACE}}}key").text = "EVIL"


def edited_timestamp(root: Envelope) -> None:
    root.find(f".//{wsu('Expires')}").text = "2099-01-01T00:00:00Z"


def no_signature(root: Envelope) -> None:
    signature = root.find(f".//{ds('Signature')}")
    signature.getparent().remove(signature)


def no_header(root: Envelope) -> None:
    root.remove(root.find(HEADER))


def weak_digest(root: Envelope) -> None:
    root.find(f".//{ds('DigestMethod')}").set("Algorithm", f"{DS}sha1")


def weak_method(root: Envelope) -> None:
    root.find(f".//{ds('SignatureMethod')}").set("Algorithm", f"{DS}rsa-sha1")


def keyed_method(root: Envelope) -> None:
    root.find(f".//{ds('SignatureMethod')}").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def other_transform(root: Envelope) -> None:
    root.find(f".//{ds('Transform')}").set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")


def further_transform(root: Envelope) -> None:
    etree.SubElement(root.find(f".//{ds('Transforms')}"), ds("Transform"), Algorithm=EXCLUSIVE)


def external_reference(root: Envelope) -> None:
    root.find(f".//{ds('Reference')}").set("URI", "http://127.0.0.1:1/body.xml")


def whole_document_reference(root: Envelope) -> None:
    root.find(f".//{ds('Reference')}").set("URI", "")


def pointer_to_another_token(root: Envelope) -> None:
    root.find(f".//{wsse('Reference')}").set("URI", "#Body")


def key_by_value(root: Envelope) -> None:
    info = root.find(f".//{ds('KeyInfo')}")
    etree.SubElement(info, ds("KeyValue"))


TRICKS: list[Callable[[Envelope], None]] = [
    moved_to_header,
    moved_bare_to_header,
    moved_under_security,
    moved_into_object,
    moved_into_new_body,
    second_body_before,
    second_body_after,
    same_id_first,
    same_id_by_another_name,
    two_ids_on_one_element,
    body_of_another_namespace,
    copied_body_in_header,
    second_envelope_inside,
    second_security_header,
    second_signature,
    second_timestamp,
    timestamp_moved,
    edited_body,
    edited_timestamp,
    no_signature,
    no_header,
    weak_digest,
    weak_method,
    keyed_method,
    other_transform,
    further_transform,
    external_reference,
    whole_document_reference,
    pointer_to_another_token,
    key_by_value,
]
