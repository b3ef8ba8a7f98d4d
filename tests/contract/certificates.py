"""Authorities, certificates and keys for TLS and message signatures, made for a test and written as PEM files."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Held:
    """A certificate with its key, as objects and as PEM files."""

    certificate: x509.Certificate
    key: Any
    certificate_file: str
    key_file: str


class Authority:
    """A root that issues certificates; files go to `folder`."""

    def __init__(self, folder: Path, name: str = "Gốc thử") -> None:
        self._folder, self._name, self._key = folder, name, ec.generate_private_key(ec.SECP256R1())
        subject = _named(name)
        builder = _builder(subject, subject, self._key.public_key(), NOW - 400 * DAY, NOW + 400 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = builder.sign(self._key, hashes.SHA256())
        self.file = str(folder / f"{name}.pem")
        Path(self.file).write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        name: str,
        *,
        hosts: tuple[str, ...] = ("127.0.0.1", "localhost"),
        since: dt.datetime = NOW - DAY,
        until: dt.datetime = NOW + 90 * DAY,
        key: Any = None,
        password: str = "",
    ) -> Held:
        """A certificate for `name`, valid for the hosts, with a new P-256 key unless one is given."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_named(name), self.certificate.subject, key.public_key(), since, until)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        stem = self._folder / f"{self._name}-{name}-{certificate.serial_number}"
        Path(f"{stem}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        hidden: Any = serialization.NoEncryption()
        if password:
            hidden = serialization.BestAvailableEncryption(password.encode())
        Path(f"{stem}.key").write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
        )
        return Held(certificate, key, f"{stem}.pem", f"{stem}.key")


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A new RSA key."""
    return rsa.generate_private_key(65537, bits)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: x509.Name, issuer: x509.Name, key: Any, since: dt.datetime, until: dt.datetime) -> Any:
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), since, until)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
