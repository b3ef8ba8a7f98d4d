"""The X.509 signature of a message: Body, Timestamp and what else is named, RSA or ECDSA with SHA-256."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from agent.soap.security.keys import SigningKey
from agent.soap.security.names import (
    BASE64,
    DS,
    ECDSA_SHA256,
    EXCLUSIVE,
    RSA_SHA256,
    SHA256,
    WINDOW,
    X509V3,
    ds,
    stamp,
    wsse,
    wsu,
)

if TYPE_CHECKING:
    from lxml.etree import _Element


def add_timestamp(security: _Element, now: datetime) -> _Element:
    """Add a Timestamp that ends after the allowed window."""
    from lxml import etree

    made = etree.SubElement(security, wsu("Timestamp"))
    etree.SubElement(made, wsu("Created")).text = stamp(now)
    etree.SubElement(made, wsu("Expires")).text = stamp(now + WINDOW)
    return made


def sign(security: _Element, parts: Sequence[_Element], signer: SigningKey) -> None:
    """Add the certificate and a signature over `parts`, which stand in their final place of the envelope."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from lxml import etree

    # Made in its place: lxml mixes up made-up prefixes of an element that moves to where other prefixes hold.
    token = etree.SubElement(security, wsse("BinarySecurityToken"), EncodingType=BASE64, ValueType=X509V3)
    token.set(wsu("Id"), "X509")
    token.text = base64.b64encode(signer.certificate.public_bytes(Encoding.DER)).decode("ascii")
    security.insert(0, token)
    for part in parts:
        part.set(wsu("Id"), part.get(wsu("Id")) or str(part.tag).rpartition("}")[2])
    signature = etree.SubElement(security, ds("Signature"), nsmap={"ds": DS})
    info = _signed_info(signature, parts, signer)
    made = base64.b64encode(_signed(canonical(info), signer)).decode("ascii")
    etree.SubElement(signature, ds("SignatureValue")).text = made
    reference = etree.SubElement(etree.SubElement(signature, ds("KeyInfo")), wsse("SecurityTokenReference"))
    etree.SubElement(reference, wsse("Reference"), URI="#X509", ValueType=X509V3)


def canonical(element: _Element, prefixes: Sequence[str] = ()) -> bytes:
    """Exclusive XML canonicalisation 1.0 of an element, without comments."""
    from lxml import etree

    return bytes(
        etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes) or None
        )
    )


def _signed_info(signature: _Element, parts: Sequence[_Element], signer: SigningKey) -> _Element:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from lxml import etree

    info = etree.SubElement(signature, ds("SignedInfo"))
    etree.SubElement(info, ds("CanonicalizationMethod"), Algorithm=EXCLUSIVE)
    method = RSA_SHA256 if isinstance(signer.key, RSAPrivateKey) else ECDSA_SHA256
    etree.SubElement(info, ds("SignatureMethod"), Algorithm=method)
    for part in parts:
        reference = etree.SubElement(info, ds("Reference"), URI=f"#{part.get(wsu('Id'))}")
        transforms = etree.SubElement(reference, ds("Transforms"))
        etree.SubElement(transforms, ds("Transform"), Algorithm=EXCLUSIVE)
        etree.SubElement(reference, ds("DigestMethod"), Algorithm=SHA256)
        value = base64.b64encode(hashlib.sha256(canonical(part)).digest()).decode("ascii")
        etree.SubElement(reference, ds("DigestValue")).text = value
    return info


def _signed(data: bytes, signer: SigningKey) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(signer.key, RSAPrivateKey):
        return signer.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    first, second = decode_dss_signature(signer.key.sign(data, ec.ECDSA(hashes.SHA256())))
    size = (signer.key.curve.key_size + 7) // 8
    return first.to_bytes(size, "big") + second.to_bytes(size, "big")  # RFC 4050: the two numbers side by side
