"""Check a receipt of a hand-over offline, with nothing but its bytes and the public keys that one trusts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from agent.domain.handover_receipt import HandoverFacts, found_in, read
from agent.errors import ConfigError, DocumentError


@dataclass(frozen=True)
class ReceiptVerdict:
    """What checking came to.

    consistent: the signature fits what is said. trusted: the key is one that was given or published by this office.
    training: it was made for training and has no value, whoever signed it.
    """

    consistent: bool
    trusted: bool
    training: bool
    problems: tuple[str, ...] = ()
    facts: HandoverFacts | None = None

    def stands(self, *, strict: bool) -> bool:
        """Whether to accept it; `strict`: one of training is not, unless its key was given."""
        return self.consistent and (self.trusted or (self.training and not strict))

    def plain(self) -> dict[str, Any]:
        """Plain JSON."""
        held = {"consistent": self.consistent, "trusted": self.trusted, "training": self.training}
        return held | {"problems": list(self.problems), "receipt": asdict(self.facts) if self.facts else None}


def check(data: bytes, keys: Mapping[str, bytes]) -> ReceiptVerdict | None:
    """Judge a receipt (JSON file, PDF, the QR's text); None when `data` is no receipt. `keys`: public keys by id."""
    found = found_in(data)
    if found is None:
        return None
    jws, beside = found
    try:
        held = read(jws)
    except DocumentError as error:
        return ReceiptVerdict(False, False, False, (error.message,))
    key = keys.get(held.kid)
    trusted = key is not None
    if key is None and beside is not None and thumbprint(beside) == held.kid:
        key = beside
    if key is None:
        words = "Không có khóa công khai của bưu cục đã ký. Tải khóa ở trang /t/keys của bưu cục, rồi thêm --trust."
        return ReceiptVerdict(False, False, held.facts.training, (words,), held.facts)
    if not _fits(key, held.signature, held.signed):
        return ReceiptVerdict(False, False, False, ("Chữ ký không khớp nội dung: biên nhận đã bị sửa.",))
    verdict = ReceiptVerdict(True, trusted, held.facts.training, (), held.facts)
    problems = _differing(data, held.facts)
    if problems:
        return replace(verdict, consistent=False, trusted=False, problems=problems)
    if not trusted:
        return replace(verdict, problems=("Khóa đã ký không nằm trong các khóa tin cậy đã cho.",))
    return verdict


def _differing(data: bytes, facts: HandoverFacts) -> tuple[str, ...]:
    """A JSON file says its facts twice; the readable ones must be the signed ones."""
    if not data.lstrip().startswith(b"{"):
        return ()
    said = json.loads(data).get("receipt")
    return () if said == asdict(facts) else ("Nội dung đọc được khác nội dung đã ký: biên nhận đã bị sửa.",)


def _fits(key: bytes, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def thumbprint(public: bytes) -> str:
    """The id of a public key (RFC 7638)."""
    x = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
    text = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def keys_in(pem: bytes, name: str) -> dict[str, bytes]:
    """The Ed25519 public keys in PEM text, by their ids; ConfigError, naming the file, without any."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    found = {}
    for block in pem.split(b"-----END PUBLIC KEY-----")[:-1]:
        try:
            key = load_pem_public_key(block[block.find(b"-----BEGIN") :] + b"-----END PUBLIC KEY-----\n")
        except ValueError:
            continue
        if isinstance(key, Ed25519PublicKey):
            raw = key.public_bytes_raw()
            found[thumbprint(raw)] = raw
    if not found:
        raise ConfigError(f"{name} không có khóa công khai Ed25519 nào. Tải khóa ở trang /t/keys của bưu cục.")
    return found
