"""How an office wants its signatures: who a certificate belongs to, how it is checked, how a signature is dated."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from agent.documents import checking
from agent.errors import SigningError

PARTS = ("common_name", "serial_number", "user_id", "email_address")
SIGNS = {"digital_signature", "non_repudiation"}  # either lets a certificate sign documents


@dataclass(frozen=True)
class Rules:
    """What the settings' [signing] section says beside where the key lies."""

    revocation: str = "soft"  # off; soft: what cannot be asked is said and signed; hard: it is not signed
    tsa: str = ""  # address of an RFC 3161 time-stamp authority; empty: B-B
    tsa_required: bool = False  # without a time-stamp no signature, instead of B-B with the reason
    patience: float = 5.0  # seconds for one answer of a time-stamp, OCSP or CRL server
    match: str = PARTS[0]  # the part of the certificate's subject that names the clerk
    subjects: tuple[str, ...] = ()  # "username=value" where that part is not the full name
    chain: tuple[bytes, ...] = ()  # PEM of the authorities between the certificate and its root
    idle_seconds: float = 900.0  # an opened key is closed after so long without use

    def wanted(self, username: str, full_name: str) -> str:
        """What the matched part must say for this clerk."""
        named = dict(line.split("=", 1) for line in self.subjects if "=" in line)
        if username in named:
            return named[username].strip()
        return full_name if self.match == PARTS[0] else username


def owner(certificate: Any, part: str) -> list[str]:
    """What a part of the subject says; e-mail addresses of the alternative names count too."""
    native = certificate.subject.native.get(part)
    found = native if isinstance(native, list) else [native] if native else []
    if part == "email_address" and certificate.subject_alt_name_value:
        found += [name.native for name in certificate.subject_alt_name_value if name.name == "rfc822_name"]
    return [str(one) for one in found]


def belongs(certificate: Any, rules: Rules, username: str, full_name: str) -> bool:
    """Whether the certificate is the clerk's: same letters, whatever their case and spaces."""
    wanted = _plain(rules.wanted(username, full_name))
    return bool(wanted) and wanted in map(_plain, owner(certificate, rules.match))


def not_yours(certificate: Any, rules: Rules, username: str, full_name: str) -> SigningError:
    """The refusal when the certificate is somebody else's."""
    said = ", ".join(owner(certificate, rules.match)) or checking.common_name(certificate)
    wanted = rules.wanted(username, full_name)
    return SigningError(
        f"Chứng thư này cấp cho “{said}”, không phải cho bạn (“{wanted}”). "
        "Dùng thiết bị ký của chính mình, hoặc nhờ quản trị viên đối chiếu tên trong [signing] subjects.",
        code="signing-other-person",
    )


def misuse(certificate: Any) -> str:
    """Why a certificate is not for signing; empty when it is."""
    usage = certificate.key_usage_value
    if certificate.ca or (usage is not None and not usage.native & SIGNS):
        return "Chứng thư không được cấp để ký. Dùng chứng thư ký số cá nhân hoặc của đơn vị."
    return ""


def out_of_date(certificate: Any, at: Any) -> str:
    """Why a certificate does not stand at `at` by its dates; empty when it does."""
    if at < certificate.not_valid_before:
        return f"Chứng thư chỉ có hiệu lực từ {certificate.not_valid_before:%d/%m/%Y}. Kiểm tra đồng hồ máy."
    if at > certificate.not_valid_after:
        return f"Chứng thư đã hết hạn ngày {certificate.not_valid_after:%d/%m/%Y}. Xin cấp lại."
    return ""


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
