"""The office's key for receipts of the hand-over: an Ed25519 key in the folder of keys, made once."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Final

from agent.documents.durable import claim, private_folder
from agent.errors import ConfigError

NAME: Final = {True: "receipt-training.pem", False: "receipt.pem"}
PUBLIC_NAME: Final = {True: "receipt-training.pub.pem", False: "receipt.pub.pem"}


class FileReceiptKey:
    """A PEM file (PKCS #8, 0600), encrypted by a secret of the platform's key store; the public half lies beside it."""

    def __init__(self, pem: bytes, secret: bytes, *, training: bool) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            private = load_pem_private_key(pem, secret)
        except (ValueError, TypeError) as error:
            raise ConfigError(
                "Không mở được khóa biên nhận trong keys/. Chuyển tệp đó đi nơi khác rồi chạy lại để tạo khóa mới; "
                "biên nhận cũ vẫn kiểm được bằng khóa công khai cũ."
            ) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise ConfigError("Khóa biên nhận không phải Ed25519. Khôi phục tệp khóa của bưu cục.")
        self._private, self._training = private, training
        self._public = private.public_key().public_bytes_raw()

    @classmethod
    def open(cls, folder: Path, secret: bytes, *, training: bool) -> FileReceiptKey:
        """The key of a folder, made at the first use; `secret` encrypts it. ConfigError for one that does not open."""
        path = private_folder(folder) / NAME[training]
        if not path.exists():
            claim(path, _new_pem(secret))
        made = cls(path.read_bytes(), secret, training=training)
        published = folder / PUBLIC_NAME[training]
        if not published.exists():
            claim(published, made.public_pem())
        return made

    @property
    def kid(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        x = base64.urlsafe_b64encode(self._public).rstrip(b"=").decode()
        text = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._public

    @property
    def training(self) -> bool:
        """Whether it was made for training."""
        return self._training

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self._private.sign(data)

    def public_pem(self) -> bytes:
        """The public key as it is published (SubjectPublicKeyInfo, PEM)."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _new_pem(secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    made = Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(secret))
