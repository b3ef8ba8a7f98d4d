"""What pyHanko signs with: a key in memory that is parsed once, one on a token, one that is elsewhere."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

from agent.errors import SigningError

DIGEST = "sha256"
BAD_PIN = "Mật khẩu (PIN) của khóa ký không đúng hoặc tệp khóa hỏng. Nhập lại, hoặc xin cấp lại khóa."


def from_p12(p12: bytes, password: str) -> Any:
    """A pyHanko signer from PKCS#12 bytes; SigningError for a wrong password, a damaged file or no key inside."""
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, certificate, others = pkcs12.load_key_and_certificates(p12, password.encode() or None)
    except (ValueError, TypeError) as error:
        raise SigningError(BAD_PIN, code="signing-pin") from error
    if key is None or certificate is None:
        raise SigningError("Tệp khóa không có khóa ký hoặc chứng thư. Xin cấp lại tệp .p12.")
    der = serialization.Encoding.DER
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _kept_signer()(
        kept=key,
        signing_cert=_as_issued(x509.Certificate.load(certificate.public_bytes(der))),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=_registry([x509.Certificate.load(other.public_bytes(der)) for other in others]),
        embed_roots=False,
    )


def on_token(session: Any, key: bytes, certificate: Any, chain: Sequence[Any], mechanisms: set[Any]) -> Any:
    """A pyHanko signer for the token's key of this id (CKA_ID); None when the token has no such key.

    The token hashes where it can; the others are given the digest.
    """
    from pkcs11 import Attribute, Mechanism, ObjectClass
    from pyhanko.sign.pkcs11 import PKCS11Signer

    found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key}))
    if len(found) != 1:
        return None
    whole = Mechanism.ECDSA_SHA256 if certificate.public_key.algorithm == "ec" else Mechanism.SHA256_RSA_PKCS
    signer = PKCS11Signer(
        session,
        signing_cert=_as_issued(certificate),
        key_id=key,
        ca_chain=[_as_issued(one) for one in chain],
        embed_roots=False,
        use_raw_mechanism=whole not in mechanisms,
    )
    return signer if signer.signing_cert else None  # asking fetches the key's handle now, not at the first signature


def elsewhere(certificate: Any, chain: Sequence[Any], sign: Callable[[bytes], bytes]) -> Any:
    """A pyHanko signer whose raw signature over SHA-256 of some bytes is made by `sign`."""
    return _distant_signer()(
        sign=sign, signing_cert=_as_issued(certificate), cert_registry=_registry(chain), embed_roots=False
    )


def _registry(certificates: Sequence[Any]) -> Any:
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([_as_issued(one) for one in certificates])
    return registry


def _as_issued(certificate: Any) -> Any:
    return _issued().load(certificate.dump())


@functools.cache
def _issued() -> Any:
    from asn1crypto import x509

    class Issued(x509.Certificate):  # type: ignore[misc]
        """A certificate is encoded anew, in all its parts, for each signature (10 ms); this one stays as it came."""

        _der: bytes | None = None

        def dump(self, force: bool = False) -> bytes:
            if self._der is None:
                self._der = super().dump()
            return self._der

    return Issued


def naming_its_certificate(signer: Any) -> Any:
    """The signer for PAdES; the attribute that names its certificate is encoded once, not for each signature (8 ms)."""
    from asn1crypto import tsp
    from pyhanko.sign.attributes import SignedAttributeProviderSpec, SigningCertificateV2Provider
    from pyhanko.sign.general import as_signing_certificate_v2

    encoded = as_signing_certificate_v2(signer.signing_cert).dump()

    class Named(SigningCertificateV2Provider):
        async def build_attr_value(self, dry_run: bool = False) -> Any:
            return tsp.SigningCertificateV2.load(encoded)

    class OnlyThat(SignedAttributeProviderSpec):
        def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> list[Any]:
            return [Named(signer.signing_cert)]

    named = copy.copy(signer)
    named.signed_attr_prov_spec = OnlyThat()
    return named


@functools.cache
def _kept_signer() -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from pyhanko.sign.signers.pdf_cms import SimpleSigner

    class KeptSigner(SimpleSigner):
        """SimpleSigner parses and checks the key at each signature (40 ms for RSA); this one keeps it."""

        def __init__(self, kept: Any, **rest: Any) -> None:
            super().__init__(**rest)
            self._kept = kept

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            if digest_algorithm == DIGEST and isinstance(self._kept, rsa.RSAPrivateKey):
                return self._kept.sign(data, padding.PKCS1v15(), hashes.SHA256())
            if digest_algorithm == DIGEST and isinstance(self._kept, ec.EllipticCurvePrivateKey):
                return self._kept.sign(data, ec.ECDSA(hashes.SHA256()))
            other: bytes = super().sign_raw(data, digest_algorithm)
            return other

    return KeptSigner


@functools.cache
def _distant_signer() -> Any:
    from pyhanko.sign.signers.pdf_cms import Signer

    class DistantSigner(Signer):
        """Gives the bytes away and takes the raw signature back."""

        def __init__(self, sign: Callable[[bytes], bytes], *, cert_registry: Any, **rest: Any) -> None:
            super().__init__(**rest)
            self._sign, self._cert_registry = sign, cert_registry

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return bytes(512) if dry_run else self._sign(data)

    return DistantSigner
