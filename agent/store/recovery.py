"""The office's recovery key: wraps the data keys for backups, so that a lost machine loses no dossier."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from agent.errors import ConfigError

_INFO = b"postal-agent data keys"


def fingerprint(public_pem: bytes) -> str:
    """The first 16 hex characters of the SHA-256 of the public key."""
    return _fingerprint(_public(public_pem))


def wrap(secret: bytes, public_pem: bytes) -> bytes:
    """The secret as a JSON envelope that only the private key opens: X25519 with ChaCha20-Poly1305, or RSA-OAEP.

    RSA (2048 bits or more) takes at most 190 bytes.
    """
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    public = _public(public_pem)
    if isinstance(public, X25519PublicKey):
        parts = _wrap_x25519(secret, public)
    elif isinstance(public, RSAPublicKey):
        parts = {"kind": "rsa-oaep", "sealed": public.encrypt(secret, _oaep()).hex()}
    else:
        raise ConfigError("Khoá cứu hộ phải là khoá công khai X25519 hoặc RSA (PEM). Tạo lại khoá rồi cấu hình lại.")
    return json.dumps({"recovery": _fingerprint(public), **parts}, indent=1).encode()


def unwrap(envelope: bytes, private_pem: bytes, password: bytes | None = None) -> bytes:
    """The secret of an envelope; ConfigError when the key is not the one it was made for."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    wrong = ConfigError("Khoá cứu hộ không mở được gói này. Dùng đúng khoá riêng và mật khẩu của bưu cục.")
    try:
        private: Any = load_pem_private_key(private_pem, password)
        parts = json.loads(envelope)
        if parts["recovery"] != _fingerprint(private.public_key()):
            raise wrong
        sealed = bytes.fromhex(parts["sealed"])
        if parts["kind"] == "rsa-oaep":
            opened: bytes = private.decrypt(sealed, _oaep())
            return opened
        return _unwrap_x25519(sealed, bytes.fromhex(parts["sender"]), private)
    except (ValueError, TypeError, KeyError, InvalidTag) as error:
        raise wrong from error


def _wrap_x25519(secret: bytes, public: Any) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    once = X25519PrivateKey.generate()
    sender = once.public_key().public_bytes_raw()
    nonce = os.urandom(12)
    key = _derive(once.exchange(public), sender + public.public_bytes_raw())
    sealed = nonce + ChaCha20Poly1305(key).encrypt(nonce, secret, _INFO)
    return {"kind": "x25519-chacha20poly1305", "sender": sender.hex(), "sealed": sealed.hex()}


def _unwrap_x25519(sealed: bytes, sender: bytes, private: Any) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    shared = private.exchange(X25519PublicKey.from_public_bytes(sender))
    key = _derive(shared, sender + private.public_key().public_bytes_raw())
    return ChaCha20Poly1305(key).decrypt(sealed[:12], sealed[12:], _INFO)


def _derive(shared: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=_INFO).derive(shared)


def _oaep() -> Any:
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256

    return padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)


def _public(public_pem: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return load_pem_public_key(public_pem)
    except ValueError as error:
        raise ConfigError(f"Không đọc được khoá cứu hộ (PEM): {error}. Kiểm tra tệp khoá công khai.") from error


def _fingerprint(public: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]
