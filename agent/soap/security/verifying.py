"""The strict check of a signed message: what is signed is what is used, and nothing beside it is looked at."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent.soap.contract import ENVELOPE
from agent.soap.security.keys import Peer
from agent.soap.security.names import (
    BASE64,
    ECDSA_SHA256,
    ECDSA_SHA512,
    EXCLUSIVE,
    RSA_SHA256,
    RSA_SHA512,
    SHA256,
    SHA512,
    WINDOW,
    X509V3,
    Invalid,
    ds,
    instant_of,
    wsse,
    wsu,
)
from agent.soap.security.signing import canonical

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from lxml.etree import _Element

BODY, HEADER = f"{{{ENVELOPE}}}Body", f"{{{ENVELOPE}}}Header"
DIGESTS = {SHA256: hashlib.sha256, SHA512: hashlib.sha512}
METHODS = {RSA_SHA256: "sha256", RSA_SHA512: "sha512", ECDSA_SHA256: "sha256", ECDSA_SHA512: "sha512"}
ID_NAMES = (wsu("Id"), "Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
SMALLEST_RSA = 2048
INCLUSIVE = f"{{{EXCLUSIVE}}}InclusiveNamespaces"


@dataclass(frozen=True)
class Verified:
    """The signed Body of a message: nothing else of the message may be used."""

    body: _Element
    certificate: Certificate
    created: datetime
    signature: bytes


def verify(root: _Element, peer: Peer, now: datetime) -> Verified:
    """The signed Body of an envelope; Invalid SIGNATURE_INVALID or MESSAGE_EXPIRED otherwise.

    One Body and one Security header with one Timestamp, certificate and signature, each in its only place; unique
    Ids; Body and Timestamp referenced, found by identity; SHA-2 only; no transform but exclusive canonicalisation.
    """
    body, security = _places(root)
    signature, token, timestamp = (
        _only(root, security, name) for name in (ds("Signature"), wsse("BinarySecurityToken"), wsu("Timestamp"))
    )
    info, value, key_info = _shape(signature, (ds("SignedInfo"), ds("SignatureValue"), ds("KeyInfo")))
    by_id = _ids(root)
    _points_at(key_info, token, by_id)
    certificate = _certificate(token)
    peer.accept(certificate, now)
    made = _bytes(value.text, "SignatureValue")
    _check_value(info, made, certificate)
    signed = list(_signed_parts(info, by_id))
    if not any(part is body for part in signed) or not any(part is timestamp for part in signed):
        raise _wrong("không ký Body và Timestamp", "Signature")
    places = [body, *security, *root[0]]
    if not all(any(part is place for place in places) for part in signed):
        raise _wrong("ký một phần không ở đúng chỗ", "Signature")
    return Verified(body, certificate, _fresh(timestamp, now), made)


def _places(root: _Element) -> tuple[_Element, _Element]:
    """The only Body and the only Security header of an envelope that holds nothing else."""
    if root.tag != f"{{{ENVELOPE}}}Envelope" or [child.tag for child in root] != [HEADER, BODY]:
        raise _wrong("không gồm đúng một Header và một Body", "Body")
    header, body = root
    expected = [root, header, body, *body.findall(f"{{{ENVELOPE}}}Fault")]
    if any(found not in expected for found in root.iter(f"{{{ENVELOPE}}}*")):
        raise _wrong("có phần SOAP lồng trong phần khác", "Body")
    blocks = header.findall(wsse("Security"))
    if len(blocks) != 1 or len(list(root.iter(wsse("Security")))) != 1:
        raise _wrong("không có đúng một phần đầu Security", "Security")
    return body, blocks[0]


def _only(root: _Element, security: _Element, name: str) -> _Element:
    found = list(root.iter(name))
    if len(found) != 1 or found[0].getparent() is not security:
        raise _wrong("không có đúng một chữ ký, chứng thư và Timestamp", name.rpartition("}")[2])
    return found[0]


def _shape(element: _Element, names: tuple[str, ...]) -> list[_Element]:
    """The children of an element, which are exactly those named, in order."""
    if tuple(child.tag for child in element) != names:
        raise _wrong("có phần lạ trong chữ ký", str(element.tag).rpartition("}")[2])
    return list(element)


def _ids(root: _Element) -> dict[str, _Element]:
    found: dict[str, _Element] = {}
    for element in root.iter():
        for name in {element.get(kind) for kind in ID_NAMES} - {None}:
            if name in found:
                raise _wrong("có Id lặp lại", "Id")
            found[str(name)] = element
        if sum(element.get(kind) is not None for kind in ID_NAMES) > 1:
            raise _wrong("có phần tử mang hai Id", "Id")
    return found


def _points_at(key_info: _Element, token: _Element, by_id: dict[str, _Element]) -> None:
    (reference,) = _shape(key_info, (wsse("SecurityTokenReference"),))
    (pointer,) = _shape(reference, (wsse("Reference"),))
    if by_id.get((pointer.get("URI") or "").removeprefix("#")) is not token:
        raise _wrong("không nói ký bằng chứng thư nào", "KeyInfo")


def _certificate(token: _Element) -> Certificate:
    from cryptography import x509

    if token.get("ValueType") != X509V3 or token.get("EncodingType", BASE64) != BASE64:
        raise _wrong("có chứng thư không phải X.509", "BinarySecurityToken")
    try:
        return x509.load_der_x509_certificate(_bytes(token.text, "BinarySecurityToken"))
    except ValueError:
        raise _wrong("có chứng thư không đọc được", "BinarySecurityToken") from None


def _signed_parts(info: _Element, by_id: dict[str, _Element]) -> Iterator[_Element]:
    """Each referenced element whose digest is right."""
    seen: set[str] = set()
    for reference in list(info)[2:]:
        transforms, method, value = _shape(reference, (ds("Transforms"), ds("DigestMethod"), ds("DigestValue")))
        address = reference.get("URI") or ""
        part = by_id.get(address[1:]) if address.startswith("#") else None
        if part is None or address in seen:
            raise _wrong("ký một phần không có, hoặc ở ngoài thông điệp", "Reference")
        seen.add(address)
        (transform,) = _shape(transforms, (ds("Transform"),))
        digest = DIGESTS.get(method.get("Algorithm") or "")
        if digest is None:
            raise _wrong("dùng thuật toán băm không được phép", "DigestMethod")
        made = digest(canonical(part, _prefixes(transform))).digest()
        if not hmac.compare_digest(made, _bytes(value.text, "DigestValue")):
            raise _wrong("có nội dung đã bị sửa sau khi ký", "Reference")
        yield part


def _prefixes(method: _Element) -> list[str]:
    """The prefixes that a canonicalisation keeps; Invalid for any other algorithm."""
    if method.get("Algorithm") != EXCLUSIVE or any(child.tag != INCLUSIVE for child in method) or len(method) > 1:
        raise _wrong("có phép biến đổi không được phép", "Transform")
    return (method[0].get("PrefixList") or "").split() if len(method) else []


def _check_value(info: _Element, made: bytes, certificate: Certificate) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    references = (ds("Reference"),) * (len(info) - 2)
    how, method, *_ = _shape(info, (ds("CanonicalizationMethod"), ds("SignatureMethod"), *references))
    name, key = method.get("Algorithm") or "", certificate.public_key()
    if name not in METHODS or len(method):
        raise _wrong("dùng thuật toán ký không được phép", "SignatureMethod")
    digest = hashes.SHA256() if METHODS[name] == "sha256" else hashes.SHA512()
    data = canonical(info, _prefixes(how))
    try:
        if isinstance(key, rsa.RSAPublicKey) and "rsa" in name and key.key_size >= SMALLEST_RSA:
            key.verify(made, data, padding.PKCS1v15(), digest)
            return
        if isinstance(key, ec.EllipticCurvePublicKey) and "ecdsa" in name:
            half = (key.curve.key_size + 7) // 8
            if len(made) == 2 * half:
                first, second = (int.from_bytes(part, "big") for part in (made[:half], made[half:]))
                key.verify(encode_dss_signature(first, second), data, ec.ECDSA(digest))
                return
    except InvalidSignature:
        raise _wrong("có chữ ký không đúng", "SignatureValue") from None
    raise _wrong("có khóa không hợp với thuật toán ký", "SignatureMethod")


def _fresh(timestamp: _Element, now: datetime) -> datetime:
    """When the message was made, at most WINDOW from now and not past its end."""
    created, expires = timestamp.findall(wsu("Created")), timestamp.findall(wsu("Expires"))
    if len(created) != 1 or len(expires) > 1 or len(timestamp) != len(created) + len(expires):
        raise _wrong("có Timestamp không đúng dạng", "Timestamp")
    at = instant_of(created[0].text, "Timestamp")
    over = bool(expires) and instant_of(expires[0].text, "Timestamp") + WINDOW < now
    if abs(at - now) > WINDOW or over:
        raise Invalid("MESSAGE_EXPIRED", "quá cũ hoặc từ tương lai", "Timestamp")
    return at


def _bytes(text: str | None, field: str) -> bytes:
    try:
        return base64.b64decode("".join((text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong("có phần base64 hỏng", field) from None


def _wrong(words: str, field: str) -> Invalid:
    return Invalid("SIGNATURE_INVALID", words, field)
