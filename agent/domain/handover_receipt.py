"""The citizen's receipt of a hand-over (biên nhận phát): few facts, canonical, signed as a compact JWS (RFC 7515)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from agent.domain.canonical_codec import canonical_json
from agent.domain.text import clean
from agent.errors import DocumentError

TYPE: Final = "postal-handover"
WAYS: Final = ("courier", "counter", "electronic")
KEYWORD: Final = "postal-handover:"
"""Stands before the receipt's file in the keywords of its PDF."""
_JWS: Final = re.compile(r"[A-Za-z0-9_-]{20,2000}\.[A-Za-z0-9_-]{20,4000}\.[A-Za-z0-9_-]{86}", re.ASCII)
LARGEST: Final = 2 << 20  # bytes of a file that is looked at


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """What a receipt says; nothing of the dossier, and of the receiver only initials."""

    item: str  # item number; empty: at the counter or electronically
    way: str
    office: str
    office_name: str
    at: str  # ISO 8601, UTC, Z
    receiver: str
    proof: str  # SHA-256 of the proof that the office keeps
    training: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """A receipt as it was signed: its facts, the key's id, what was signed and the signature."""

    facts: HandoverFacts
    kid: str
    signed: bytes
    signature: bytes


def initials(name: str) -> str:
    """A receiver's name of which only the first letters are left.

    >>> initials("Nguyễn Thị Hường")
    'N*** T*** H***'
    """
    return " ".join(f"{word[0]}***" for word in clean(name).split())


def signing_input(facts: HandoverFacts, kid: str) -> bytes:
    """The bytes that are signed: header and facts, the same for the same facts."""
    header = {"alg": "EdDSA", "kid": kid, "typ": "JWT"}
    payload = {"type": TYPE, "version": 1, **asdict(facts)}
    return f"{_b64(canonical_json(header))}.{_b64(canonical_json(payload))}".encode()


def compact(signed: bytes, signature: bytes) -> str:
    """The receipt as one line of text, for a QR and for files."""
    return f"{signed.decode()}.{_b64(signature)}"


def as_file(jws: str, facts: HandoverFacts, public: bytes) -> bytes:
    """The receipt as a JSON file: the facts to read, the signed line, and the public key that it names."""
    key = {"kty": "OKP", "crv": "Ed25519", "x": _b64(public)}
    return canonical_json({"receipt": asdict(facts), "jws": jws, "key": key})


def found_in(data: bytes) -> tuple[str, bytes | None] | None:
    """The signed line in a JSON file, a PDF or a QR's text, and the key that came with it; None: it is no receipt."""
    if len(data) > LARGEST:
        return None
    text = data.decode("latin-1")
    if text.startswith("%PDF"):
        inside = re.search(re.escape(KEYWORD) + r"([A-Za-z0-9_-]+)", text)
        return found_in(_unb64(inside[1])) if inside else None
    if text.lstrip().startswith("{"):
        try:
            held: Any = json.loads(data)
            return str(held["jws"]), _unb64(held["key"]["x"])
        except (ValueError, LookupError, TypeError):
            return None
    line = text.strip().rpartition("/")[2]  # the QR holds an address that ends in the line
    return (line, None) if _JWS.fullmatch(line) else None


def read(jws: str) -> Signed:
    """Read a signed line strictly; DocumentError for anything that is no receipt of ours."""
    if not _JWS.fullmatch(jws):
        raise DocumentError("Đây không phải biên nhận phát. Quét lại mã QR trên biên nhận, hoặc chọn đúng tệp.")
    header_text, payload_text, signature = jws.split(".")
    try:
        header, payload = json.loads(_unb64(header_text)), json.loads(_unb64(payload_text))
        facts = _facts(payload)
        kid = header["kid"]
        if header != {"alg": "EdDSA", "kid": kid, "typ": "JWT"} or not isinstance(kid, str):
            raise ValueError("header")
    except (ValueError, LookupError, TypeError, RecursionError):
        raise DocumentError("Biên nhận này hỏng hoặc thuộc phiên bản khác. Xin bản mới ở bưu cục.") from None
    return Signed(facts, kid, f"{header_text}.{payload_text}".encode(), _unb64(signature))


def _facts(payload: Mapping[str, Any]) -> HandoverFacts:
    values = dict(payload)
    if values.pop("type") != TYPE or values.pop("version") != 1:
        raise ValueError("type")
    facts = HandoverFacts(**values)
    texts = (facts.item, facts.way, facts.office, facts.office_name, facts.at, facts.receiver, facts.proof)
    if not all(isinstance(one, str) for one in texts) or not isinstance(facts.training, bool) or facts.way not in WAYS:
        raise ValueError("facts")
    return facts


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
