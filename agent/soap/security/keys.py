"""Keys and certificates of signed messages, read from PEM files with words for what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import local
from agent.soap.security.choices import Signature
from agent.soap.security.names import Invalid
from agent.soap.tls import blocked, first_line

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate


@dataclass(frozen=True)
class SigningKey:
    """A private key (RSA or elliptic curve) with its certificate."""

    key: RSAPrivateKey | EllipticCurvePrivateKey
    certificate: Certificate


@dataclass(frozen=True)
class Peer:
    """Whose signature counts: one of the pinned certificates, or one that a root issued to `name` (empty: to any)."""

    pinned: tuple[Certificate, ...] = ()
    roots: tuple[Certificate, ...] = ()
    name: str = ""

    def accept(self, certificate: Certificate, now: datetime) -> None:
        """Return when the certificate counts at `now`; Invalid SIGNATURE_INVALID otherwise."""
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Invalid("SIGNATURE_INVALID", "ký bằng chứng thư ngoài thời hạn hiệu lực", "BinarySecurityToken")
        if certificate in self.pinned:
            return
        if not any(_issued(certificate, root, now) for root in self.roots):
            raise Invalid("SIGNATURE_INVALID", "ký bằng chứng thư không được tin cậy", "BinarySecurityToken")
        if self.name and self.name not in _names(certificate):
            raise Invalid("SIGNATURE_INVALID", "ký bằng chứng thư của người khác", "BinarySecurityToken")


def signing_key(choice: Signature, now: datetime) -> SigningKey:
    """Our key; HandoffBlocked names the file that cannot be used, or the certificate's end."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    setting = f"“{choice.certificate}” ([province] sign_certificate)"
    certificates = certificates_in(choice.certificate)
    try:
        password = first_line(choice.key_password_file).encode() if choice.key_password_file else None
        key = load_pem_private_key(Path(choice.key).read_bytes(), password)
    except (OSError, ValueError, TypeError):
        raise blocked(
            f"Không mở được khóa ký thông điệp “{choice.key}” ([province] sign_key, sign_key_password_file)."
        ) from None
    certificate = certificates[0]
    if certificate.not_valid_after_utc < now:
        until = f"{local(certificate.not_valid_after_utc):%d/%m/%Y}"
        raise blocked(f"Chứng thư ký thông điệp {setting} đã hết hạn ngày {until}. Xin chứng thư mới rồi thay tệp.")
    fits = isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    if not fits or key.public_key() != certificate.public_key():
        raise blocked(f"Khóa “{choice.key}” ([province] sign_key) không phải của chứng thư {setting}.")
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return SigningKey(key, certificate)


def peer_of(choice: Signature) -> Peer:
    """Who must have signed the other side's messages; HandoffBlocked when a file cannot be read."""
    if not choice.peer_certificate and not choice.peer_roots:
        raise blocked("Chưa ghi chứng thư của tỉnh để kiểm chữ ký trả lời ([province] peer_certificate, peer_roots).")
    return Peer(
        certificates_in(choice.peer_certificate) if choice.peer_certificate else (),
        certificates_in(choice.peer_roots) if choice.peer_roots else (),
        choice.peer_name,
    )


def certificates_in(path: str) -> tuple[Certificate, ...]:
    """The certificates of a PEM file, at least one; HandoffBlocked otherwise."""
    from cryptography import x509

    try:
        return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))
    except (OSError, ValueError):
        raise blocked(f"Không đọc được tệp chứng thư “{path}”.") from None


def _issued(certificate: Certificate, root: Certificate, now: datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    if not root.not_valid_before_utc <= now <= root.not_valid_after_utc:
        return False
    try:
        certificate.verify_directly_issued_by(root)
        return root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def _names(certificate: Certificate) -> Sequence[str]:
    from cryptography.x509.oid import NameOID

    return [str(found.value) for found in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
