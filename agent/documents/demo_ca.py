"""A demonstration certificate authority in a folder, so that training signs like the real thing and says TRAINING."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.documents import durable
from agent.errors import SigningError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

TRAINING = "TRAINING / TẬP HUẤN"
ORGANISATIONS = {
    "clerk": f"Bưu điện Việt Nam – {TRAINING}",
    "office": f"Bưu điện Việt Nam – {TRAINING}",
    "province": f"UBND tỉnh – {TRAINING}",
}
Kind = Literal["clerk", "office", "province"]
_YEARS = {"root": 10, "sub": 10, "leaf": 2}


@dataclass(frozen=True)
class _Material:
    """What signs: the intermediate's key and both certificates; the root's key is thrown away at birth."""

    key: RSAPrivateKey
    sub: x509.Certificate
    root: x509.Certificate


class DemoAuthority:
    """The demonstration CA: a root, an intermediate, and a P12 for whoever asks. Never for production."""

    def __init__(self, folder: Path, material: _Material, at: datetime) -> None:
        self._folder, self._material, self._at = folder, material, at

    @classmethod
    def open(cls, folder: Path, *, at: datetime) -> DemoAuthority:
        """The CA of `folder`; made at the first call, and made anew when it is damaged or has expired at `at`.

        `at` is an aware instant; certificates are dated by it. SigningError when the clock stands before the CA.
        """
        durable.private_folder(folder)
        path = folder / "authority.pem"
        material = _load(path)
        if material is None or material.sub.not_valid_after_utc <= at + timedelta(days=1):
            made = _found(at)
            if path.exists():
                durable.replace(path, made)
            else:
                durable.claim(path, made)
            material = _load(path)
        if material is None:
            raise SigningError(f"Không tạo được CA tập huấn trong {folder}. Xóa thư mục này rồi làm lại.")
        if at < material.sub.not_valid_before_utc:
            raise SigningError("Đồng hồ của máy chậm hơn ngày lập CA tập huấn. Chỉnh lại ngày giờ rồi làm lại.")
        authority = cls(folder, material, at)
        for name, content in (("root.pem", authority.root_pem), ("chain.pem", authority.chain_pem)):
            if not (folder / name).exists() or (folder / name).read_bytes() != content:
                durable.replace(folder / name, content)
        return authority

    @property
    def root_pem(self) -> bytes:
        """The root certificate, PEM."""
        return _pem(self._material.root)

    @property
    def chain_pem(self) -> bytes:
        """The intermediate's and the root's certificates, PEM, in this order."""
        return _pem(self._material.sub) + self.root_pem

    def p12(self, name: str, kind: Kind, *, username: str = "", at: datetime | None = None) -> tuple[bytes, str]:
        """The P12 of a person or body and its password; issued at the first call, again when it is damaged or expired.

        `name` is the certificate's common name (64 characters at most are used), `username` tells namesakes apart.
        """
        at = at or self._at
        slug = hashlib.sha256(f"{kind}\0{username}\0{name}".encode()).hexdigest()[:20]
        path, secret = self._folder / f"{kind}-{slug}.p12", self._folder / f"{kind}-{slug}.password"
        if not secret.exists() or not secret.read_bytes():
            secret.unlink(missing_ok=True)
            durable.claim(secret, secrets.token_urlsafe(18).encode())
        password = secret.read_bytes()
        if not path.exists() or not self._stands(path.read_bytes(), password, at):
            durable.replace(path, self._issue(name, kind, username, password, at))
        return path.read_bytes(), password.decode()

    def _stands(self, content: bytes, password: bytes, at: datetime) -> bool:
        certificate = _certificate_in(content, password)
        if certificate is None or certificate.issuer != self._material.sub.subject:
            return False
        return certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc - timedelta(days=1)

    def _issue(self, name: str, kind: Kind, username: str, password: bytes, at: datetime) -> bytes:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.serialization import pkcs12

        key, ca = _key(), self._material
        subject = _name(name, ORGANISATIONS[kind], username)
        certificate = _certificate(subject, key, ca.sub.subject, ca.key, start=at - timedelta(days=1), role="leaf")
        seal = serialization.BestAvailableEncryption(password)
        return pkcs12.serialize_key_and_certificates(name[:64].encode(), key, certificate, [ca.sub, ca.root], seal)


def _found(at: datetime) -> bytes:
    """A new root and intermediate as one PEM file: key, intermediate, root."""
    from cryptography.hazmat.primitives import serialization

    root_key, sub_key, birth = _key(), _key(), at - timedelta(days=365)
    mark = secrets.token_hex(4)  # the names of two demonstration CAs never collide
    root_name = _name(f"Root CA {TRAINING} {mark}", ORGANISATIONS["clerk"])
    sub_name = _name(f"Sub CA {TRAINING} {mark}", ORGANISATIONS["clerk"])
    root = _certificate(root_name, root_key, root_name, root_key, start=birth, role="root")
    sub = _certificate(sub_name, sub_key, root_name, root_key, start=birth, role="sub")
    key = sub_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key + _pem(sub) + _pem(root)


@lru_cache(maxsize=16)
def _certificate_in(content: bytes, password: bytes) -> x509.Certificate | None:
    """The certificate of a P12, or None when it is damaged; remembered, as opening one checks its whole key."""
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        return pkcs12.load_key_and_certificates(content, password)[1]
    except ValueError:
        return None


def _load(path: Path) -> _Material | None:
    """The CA's material, or None when absent or damaged."""
    try:
        return _material(path.read_bytes())
    except FileNotFoundError:
        return None


@lru_cache(maxsize=4)
def _material(content: bytes) -> _Material | None:
    """The parts of `authority.pem`, or None when damaged; remembered, as opening the key checks all of it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    try:
        key = serialization.load_pem_private_key(content, None)
        sub, root = x509.load_pem_x509_certificates(content)
        sub.verify_directly_issued_by(root)
    except (ValueError, TypeError):
        return None
    if not isinstance(key, RSAPrivateKey) or key.public_key() != sub.public_key():
        return None
    return _Material(key, sub, root)


def _certificate(
    subject: x509.Name,
    key: RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: RSAPrivateKey,
    *,
    start: datetime,
    role: Literal["root", "sub", "leaf"],
) -> x509.Certificate:
    """A certificate without extended key usage: documentSigning alone is unknown to some readers."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    authority = role != "leaf"
    builder = x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=start,
        not_valid_after=start + timedelta(days=365 * _YEARS[role] + 2),
    )
    path_length = {"root": 1, "sub": 0, "leaf": None}[role]
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=authority, path_length=path_length), True),
        (_usage(authority), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
    ]
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(authority: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, organisation: str, username: str = "") -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common[:64]),
    ]
    if username:
        parts.append((NameOID.USER_ID, username[:64]))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)
