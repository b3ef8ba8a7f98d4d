"""TLS towards a province: our certificate, the authority it is held to, and words for what is wrong with either."""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import local
from agent.errors import HandoffBlocked, HandoffUnavailable

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

EXPIRED, NOT_YET, NAME = (10,), (9,), (62, 63, 64)
"""Verification codes of OpenSSL (X509_V_ERR_…)."""
REFUSES_OURS = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_UNKNOWN",
    "UNSUPPORTED_CERTIFICATE",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
    "HANDSHAKE_FAILURE",
)
"""Alerts (RFC 8446, 6.2) by which a server ends the handshake over our certificate: it has read no request then."""
NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
)
KEPT = "Hồ sơ vẫn nằm trong hàng đợi, chưa có gì được gửi."


@dataclass(frozen=True)
class Tls:
    """Files (PEM) of one province: `roots` pins its authority, `certificate` and `key` are ours.

    With `roots` the machine's own roots do not count.
    """

    roots: str = ""
    certificate: str = ""
    key: str = ""  # empty: beside the certificate, in the same file
    key_password_file: str = ""


def client_context(tls: Tls, now: datetime) -> ssl.SSLContext:
    """A context that checks chain and host name, TLS 1.2 or newer; HandoffBlocked names the file that is wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks host names and certificates
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.roots:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned authority need not be a root
        try:
            context.load_verify_locations(cafile=tls.roots)
        except (OSError, ssl.SSLError):
            raise blocked(f"Không đọc được tệp chứng thư gốc của tỉnh “{tls.roots}” ([province] tls_roots).") from None
    else:
        context.load_default_certs()
    if tls.certificate:
        _load_ours(context, tls, now)
    return context


def _load_ours(context: ssl.SSLContext, tls: Tls, now: datetime) -> None:
    setting = f"“{tls.certificate}” ([province] tls_certificate)"
    held = _certificate_in(tls.certificate)
    if held is None:
        raise blocked(f"Không đọc được chứng thư của bưu cục {setting}.")
    if now > held.not_valid_after_utc:
        until = _day(held.not_valid_after_utc)
        raise blocked(f"Chứng thư của bưu cục {setting} đã hết hạn ngày {until}. Xin chứng thư mới rồi thay tệp.")
    if now < held.not_valid_before_utc:
        since = _day(held.not_valid_before_utc)
        raise blocked(f"Chứng thư của bưu cục {setting} có hiệu lực từ ngày {since}. Kiểm tra lại đồng hồ của máy.")
    try:
        password = first_line(tls.key_password_file) if tls.key_password_file else ""
        context.load_cert_chain(tls.certificate, tls.key or None, password=password)
    except (OSError, ssl.SSLError, ValueError):
        raise blocked(
            f"Không mở được khóa của chứng thư {setting}: tệp khóa, mật khẩu khóa hoặc chứng thư không đi với nhau. "
            "Kiểm tra [province] tls_key và tls_key_password_file."
        ) from None


def refused_by_us(error: ssl.SSLError, address: tuple[str, int], seconds: float) -> HandoffUnavailable:
    """Why the handshake failed, in words with the certificate's name and end; nothing of ours was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _wrong_certificate(error, address, seconds)
    if refuses_ours(error):
        return refused_by_them()
    if error.reason in NO_TLS:
        return blocked(
            f"Máy chủ của tỉnh {address[0]} không nói TLS 1.2 trở lên ở cổng {address[1]}. "
            "Báo người quản trị kiểm tra địa chỉ và máy chủ."
        )
    return HandoffUnavailable(f"Máy chủ của tỉnh ngắt kết nối khi đang bắt tay TLS. {KEPT} Sẽ tự gửi lại.")


def _wrong_certificate(
    error: ssl.SSLCertVerificationError, address: tuple[str, int], seconds: float
) -> HandoffUnavailable:
    held = _presented(address, seconds)
    named = f"“{_common_name(held)}” " if held else ""
    until = f" (hạn {_day(held.not_valid_after_utc)})" if held else ""
    if error.verify_code in EXPIRED:
        day = f" ngày {_day(held.not_valid_after_utc)}" if held else ""
        return blocked(
            f"Chứng thư {named}của máy chủ tỉnh {address[0]} đã hết hạn{day}. "
            "Báo đơn vị vận hành hệ thống của tỉnh thay chứng thư; nếu ngày sai, chỉnh đồng hồ của máy này."
        )
    if error.verify_code in NOT_YET:
        return blocked(f"Chứng thư {named}của máy chủ tỉnh {address[0]} chưa có hiệu lực. Kiểm tra đồng hồ của máy.")
    if error.verify_code in NAME:
        return blocked(
            f"Chứng thư {named}{until.strip()} không cấp cho máy “{address[0]}”. "
            "Kiểm tra địa chỉ ở [province] endpoint; không gửi qua máy chủ này."
        )
    return blocked(
        f"Chứng thư {named}của máy chủ tỉnh {address[0]}{until} không do tổ chức mà bưu cục tin cậy cấp. "
        "Hỏi tỉnh tệp chứng thư gốc rồi ghi ở [province] tls_roots."
    )


def refused_by_them() -> HandoffBlocked:
    """The province ended the handshake over our certificate."""
    return blocked(
        "Máy chủ của tỉnh không nhận chứng thư của bưu cục ([province] tls_certificate): thiếu, hết hạn, đã thu hồi "
        "hoặc chưa được đăng ký. Báo người quản trị đăng ký chứng thư với tỉnh."
    )


def refuses_ours(error: OSError) -> bool:
    """Whether an error is the server's alert about our certificate."""
    reason = getattr(error, "reason", None) or ""
    return isinstance(error, ssl.SSLError) and "ALERT" in reason and reason.endswith(REFUSES_OURS)


def first_line(path: str) -> str:
    """The first line of a secret file, without its end; OSError when it cannot be read."""
    return (Path(path).read_text(encoding="utf-8").splitlines() or [""])[0]


def blocked(words: str) -> HandoffBlocked:
    """Nothing was sent, and somebody has to mend something first."""
    return HandoffBlocked(f"{words} {KEPT}")


def _presented(address: tuple[str, int], seconds: float) -> Certificate | None:
    """The certificate that a server shows, for naming it: asked for once more, unchecked, nothing else is sent."""
    from cryptography import x509

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError), socket.create_connection(address, seconds) as plain:
        plain.settimeout(seconds)
        with context.wrap_socket(plain, server_hostname=address[0]) as secured:
            return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
    return None


def _certificate_in(path: str) -> Certificate | None:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())[0]
    except (OSError, ValueError):
        return None


def _common_name(certificate: Certificate) -> str:
    from cryptography.x509.oid import NameOID

    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value)[:100] if names else certificate.subject.rfc4514_string()[:100]


def _day(instant: datetime) -> str:
    return f"{local(instant):%d/%m/%Y}"
