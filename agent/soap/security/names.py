"""Namespaces and algorithm addresses of WS-Security, XML signatures and X-Road, as their standards spell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.domain.canonical_codec import parse_instant
from agent.errors import AgentError

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
DIGEST_PASSWORD = f"{_OASIS}username-token-profile-1.0#PasswordDigest"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
X509V3 = f"{_OASIS}x509-token-profile-1.0#X509v3"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
ECDSA_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
XROAD = "http://x-road.eu/xsd/xroad.xsd"
XROAD_IDS = "http://x-road.eu/xsd/identifiers"

WINDOW = timedelta(seconds=300)
"""How far a message's time may be from ours."""


class Invalid(Exception):
    """A message is not protected as it must be: `code` is the contract's error code, the words hold no value of it."""

    def __init__(self, code: str, words: str, field: str = "") -> None:
        super().__init__(words)
        self.code, self.words, self.field = code, words, field


def wsse(name: str) -> str:
    """A name of the security extension, as lxml writes it."""
    return f"{{{WSSE}}}{name}"


def wsu(name: str) -> str:
    """A name of the security utilities, as lxml writes it."""
    return f"{{{WSU}}}{name}"


def ds(name: str) -> str:
    """A name of XML signatures, as lxml writes it."""
    return f"{{{DS}}}{name}"


def stamp(instant: datetime) -> str:
    """An instant as WS-Security wants it, UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant_of(text: str | None, field: str) -> datetime:
    """Read a stamp; Invalid MESSAGE_EXPIRED when it is none."""
    try:
        return parse_instant((text or "").strip(), field)
    except (ValueError, AgentError):
        raise Invalid("MESSAGE_EXPIRED", "có thời điểm không đọc được", field) from None
