"""The office's own private CA (cơ quan chứng thực riêng của bưu cục): its files, its server's certificate, renewals."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.errors import ConfigError
from agent.store.key_places import write_durably

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

CA_YEARS: Final = 10
SERVER_DAYS: Final = 397  # phones refuse more than 825 days, and browsers of some makers more than 398
RENEW_DAYS: Final = 30  # before its end a server certificate is made anew, by `serve` itself
WARN_CA_DAYS: Final = 180  # every phone has to trust the next CA before this one ends
BACKDATED: Final = timedelta(days=2)  # clocks of phones are hours off
ROOMY: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
"""Networks of offices: the CA may vouch for addresses in them, so that a new address needs no new trust on phones."""
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


@dataclass(frozen=True)
class OfficeCa:
    """Where the files lie: certificates as PEM, keys as PEM that only this account reads."""

    folder: Path

    @property
    def ca_cert(self) -> Path:
        return self.folder / "ca.crt"

    @property
    def ca_key(self) -> Path:
        return self.folder / "ca.key"

    @property
    def pair(self) -> Path:
        """The server's key and certificate in one file: a power cut never leaves a key beside another's certificate."""
        return self.folder / "server.pem"

    def ca(self) -> Certificate:
        """The CA's certificate; ConfigError when its file cannot be read."""
        return _read(self.ca_cert)

    def server(self) -> Certificate:
        """The server's certificate; ConfigError when its file cannot be read."""
        return _read(self.pair)

    def ca_der(self) -> bytes:
        """The CA's certificate as phones take it (DER)."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return self.ca().public_bytes(Encoding.DER)

    def fingerprint(self) -> str:
        """SHA-256 of the CA's certificate (DER) in 64 lower-case hex characters: what phones show of it."""
        return hashlib.sha256(self.ca_der()).hexdigest()

    def names(self) -> tuple[list[str], list[str]]:
        """Host names and IP addresses under which the server answers."""
        from cryptography import x509

        held = self.server().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return held.get_values_for_type(x509.DNSName), [str(ip) for ip in held.get_values_for_type(x509.IPAddress)]


def find(data: Path) -> OfficeCa | None:
    """The data folder's CA, None when none was made."""
    ca = OfficeCa(data / "office-ca")
    return ca if ca.ca_cert.exists() else None


def init(data: Path, *, name: str, hosts: Sequence[str], ips: Sequence[str], now: datetime) -> OfficeCa:
    """Make the CA and its server's certificate; ConfigError when there is one already or a name cannot be meant.

    The CA is held to the host names given here and to addresses of private networks (name constraints): whoever steals
    its key cannot pose as a bank or as anybody else on the phones that trust it.
    """
    if find(data) is not None:
        raise ConfigError(
            "Bưu cục đã có CA riêng. Đổi tên máy, địa chỉ hoặc gia hạn bằng `postal-agent office-ca renew`; "
            "CA mới buộc mọi điện thoại phải cài lại."
        )
    wanted, addresses = _checked(hosts, ips)
    if not wanted and not addresses:
        raise ConfigError("Cần ít nhất một --host (tên máy) hoặc --ip (địa chỉ) mà điện thoại sẽ gọi tới.")
    made = OfficeCa(data / "office-ca")
    made.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = _new_key()
    write_durably(made.ca_key, _key_pem(key))
    write_durably(made.ca_cert, _pem(_ca_certificate(key, name, wanted, addresses, now)))
    _issue(made, wanted, addresses, now)
    return made


def renew(
    data: Path, *, now: datetime, hosts: Sequence[str] = (), ips: Sequence[str] = (), only_when_due: bool = False
) -> bool:
    """Make the server's certificate anew, with the names given or those that it has; whether one was made.

    ConfigError without a CA, without its key, or for a name that the CA may not vouch for.
    """
    ca = find(data)
    if ca is None:
        raise ConfigError("Bưu cục chưa có CA riêng. Chạy: postal-agent office-ca init --host TÊN --ip ĐỊA_CHỈ")
    if only_when_due and days_left(ca.server(), now) > RENEW_DAYS:
        return False
    wanted, addresses = _checked(hosts, ips) if hosts or ips else _checked(*ca.names())
    _issue(ca, wanted, addresses, now)
    return True


def days_left(certificate: Certificate, now: datetime) -> int:
    """Whole days until the certificate ends; negative when it has."""
    return (certificate.not_valid_after_utc - now).days


def describe(data: Path, now: datetime) -> list[tuple[bool, str]]:
    """What `doctor` says of the CA: whether a line is fine, and its words; empty without a CA."""
    ca = find(data)
    if ca is None:
        return []
    server, root = days_left(ca.server(), now), days_left(ca.ca(), now)
    lines = [
        (
            server > RENEW_DAYS,
            f"chứng thư máy chủ còn {server} ngày"
            + ("" if server > RENEW_DAYS else ". Chạy `postal-agent office-ca renew` rồi khởi động lại máy chủ."),
        ),
        (
            root > WARN_CA_DAYS,
            f"CA của bưu cục còn {root} ngày"
            + ("" if root > WARN_CA_DAYS else ". Lập CA mới và cho mọi điện thoại tin cậy nó trước khi hết hạn."),
        ),
    ]
    for path in (ca.ca_key, ca.pair):
        if sys.platform != "win32" and path.exists() and path.stat().st_mode & 0o077:
            lines.append((False, f"Người khác đọc được {path}. Chạy: chmod 600 {path}"))
    return lines


# --- certificates --------------------------------------------------------------------------------
def _checked(hosts: Sequence[str], ips: Sequence[str]) -> tuple[list[str], list[str]]:
    wanted = list(dict.fromkeys(host.strip().lower().rstrip(".") for host in hosts))
    for host in wanted:
        if not _HOST.fullmatch(host) or _is_address(host):
            raise ConfigError(
                f"Tên máy “{host}” không hợp lệ. Ví dụ: --host buucuc-tayho.lan; địa chỉ số thì dùng --ip."
            )
    try:
        addresses = list(dict.fromkeys(str(ipaddress.ip_address(ip.strip())) for ip in ips))
    except ValueError as error:
        raise ConfigError(f"Địa chỉ IP không hợp lệ ({error}). Ví dụ: --ip 192.168.1.10") from None
    if any(ipaddress.ip_address(ip).is_unspecified for ip in addresses):
        raise ConfigError("0.0.0.0 không phải địa chỉ mà điện thoại gọi tới được. Ghi địa chỉ của máy chủ trong mạng.")
    return wanted, addresses


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ca_certificate(key: Any, name: str, hosts: Sequence[str], ips: Sequence[str], now: datetime) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    networks = [ipaddress.ip_network(one) for one in ROOMY]
    networks += [ipaddress.ip_network(ip) for ip in ips if not _roomy(ip)]
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"CA riêng của {name}"[:64]),
        ]
    )
    permitted: list[Any] = [x509.DNSName(host) for host in dict.fromkeys((*hosts, "localhost"))]
    permitted += [x509.IPAddress(network) for network in networks]
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = _builder(subject, subject, key.public_key(), now, timedelta(days=365 * CA_YEARS))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(usage, critical=True).add_extension(identifier, critical=False)
    made = made.add_extension(x509.NameConstraints(permitted, None), critical=True)
    signed: Certificate = made.sign(key, hashes.SHA256())
    return signed


def _issue(ca: OfficeCa, hosts: Sequence[str], ips: Sequence[str], now: datetime) -> None:
    """A new key and certificate for the server, in place of the old pair."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    root = ca.ca()
    if root.not_valid_after_utc <= now:
        raise ConfigError("CA của bưu cục đã hết hạn. Bỏ thư mục office-ca cũ, lập CA mới rồi cài lại trên điện thoại.")
    _require_permitted(root, hosts, ips)
    try:
        signer: Any = load_pem_private_key(ca.ca_key.read_bytes(), None)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Không mở được khóa CA {ca.ca_key}. Đưa tệp khóa về chỗ cũ, gia hạn rồi cất đi lại."
        ) from error
    end = min(timedelta(days=SERVER_DAYS), root.not_valid_after_utc - now)
    key, subject = _new_key(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, (*hosts, *ips)[0][:64])])
    names: list[Any] = [x509.DNSName(host) for host in hosts]
    names += [x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips]
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    made = _builder(subject, root.subject, key.public_key(), now, end)
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(usage, critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = made.add_extension(issuer, critical=False)
    signed = made.sign(signer, hashes.SHA256())
    write_durably(ca.pair, _key_pem(key) + _pem(signed))


def _require_permitted(root: Certificate, hosts: Sequence[str], ips: Sequence[str]) -> None:
    from cryptography import x509

    permitted = root.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    domains = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    strange = [host for host in hosts if not any(host == one or host.endswith("." + one) for one in domains)]
    strange += [ip for ip in ips if not any(_within(ip, network) for network in networks)]
    if strange:
        raise ConfigError(
            f"CA của bưu cục không được xác nhận cho {', '.join(strange)} (chỉ cho: {', '.join(domains)} và địa chỉ "
            "mạng nội bộ). Dùng một trong các tên đó, hoặc bỏ thư mục office-ca cũ, lập CA mới rồi cài lại các máy."
        )


def _within(ip: str, network: Any) -> bool:
    address = ipaddress.ip_address(ip)
    return address.version == network.version and address in network


def _roomy(ip: str) -> bool:
    return any(_within(ip, ipaddress.ip_network(one)) for one in ROOMY)


def _builder(subject: Any, issuer: Any, public_key: Any, now: datetime, life: timedelta) -> Any:
    from cryptography import x509

    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - BACKDATED).not_valid_after(now + life)


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _key_pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made


def _pem(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _read(path: Path) -> Certificate:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"Không đọc được chứng thư {path}. Phục hồi tệp, hoặc chạy `office-ca renew`.") from error
