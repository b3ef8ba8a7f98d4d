"""UsernameToken with password digest (WS-Security 1.1): made for a request, checked at the receiving side."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent.soap.security.names import BASE64, DIGEST_PASSWORD, WINDOW, Invalid, instant_of, stamp, wsse, wsu

if TYPE_CHECKING:
    from lxml.etree import _Element

FAILED = "AUTHENTICATION_FAILED"
SHORTEST_NONCE, LONGEST_NONCE = 8, 64


@dataclass(frozen=True)
class Presented:
    """A token whose digest is right: the receiver must still see to it that its nonce was never used before."""

    username: str
    nonce: bytes
    created: datetime


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Base64 of SHA-1(nonce + created + password), as the token profile defines it."""
    made = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return base64.b64encode(made).decode("ascii")


def add_token(security: _Element, username: str, password: str, *, nonce: bytes, now: datetime) -> _Element:
    """Add a token to a Security header; `nonce` is fresh random bytes."""
    from lxml import etree

    created = stamp(now)
    token = etree.SubElement(security, wsse("UsernameToken"))
    etree.SubElement(token, wsse("Username")).text = username
    secret = etree.SubElement(token, wsse("Password"), Type=DIGEST_PASSWORD)
    secret.text = password_digest(nonce, created, password)
    once = etree.SubElement(token, wsse("Nonce"), EncodingType=BASE64)
    once.text = base64.b64encode(nonce).decode("ascii")
    etree.SubElement(token, wsu("Created")).text = created
    return token


def check_token(security: _Element, username: str, password: str, now: datetime) -> Presented:
    """The token of a message; Invalid AUTHENTICATION_FAILED or MESSAGE_EXPIRED.

    One answer for a wrong name and a wrong password, and digests are compared in constant time.
    """
    tokens = security.findall(wsse("UsernameToken"))
    if len(tokens) != 1:
        raise Invalid(FAILED, "thiếu tên và mật khẩu kết nối", "UsernameToken")
    given = {name: tokens[0].findall(name) for name in (wsse("Username"), wsse("Password"), wsse("Nonce"))}
    created = tokens[0].findall(wsu("Created"))
    if any(len(found) != 1 for found in (*given.values(), created)):
        raise Invalid(FAILED, "có UsernameToken không đủ phần", "UsernameToken")
    name, secret, once = (found[0] for found in given.values())
    try:
        nonce = base64.b64decode((once.text or "").strip(), validate=True)
    except (binascii.Error, ValueError):
        nonce = b""
    if secret.get("Type") != DIGEST_PASSWORD or not SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE:
        raise Invalid(FAILED, "có mật khẩu không ở dạng tóm tắt", "UsernameToken")
    at = instant_of(created[0].text, "Created")
    if abs(at - now) > WINDOW:
        raise Invalid("MESSAGE_EXPIRED", "có UsernameToken quá cũ hoặc từ tương lai", "Created")
    expected = password_digest(nonce, created[0].text or "", password)
    same = hmac.compare_digest(expected.encode(), (secret.text or "").strip().encode())
    if not same or not hmac.compare_digest((name.text or "").encode(), username.encode()):
        raise Invalid(FAILED, "có tên hoặc mật khẩu sai", "UsernameToken")
    return Presented(username, nonce, at)
