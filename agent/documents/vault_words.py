"""What vaults say of an object's hash and of what is wrong with it."""

from __future__ import annotations

import hashlib
from typing import Final

from agent.errors import DocumentError, IntegrityError

SAID: Final = {
    "key": "tệp khóa (.key) hỏng.",
    "missing": "có khóa nhưng mất tệp nội dung (.bin).",
    "short": "tệp nội dung (.bin) bị cụt hoặc thừa.",
    "changed": "nội dung đã hỏng hoặc bị sửa.",
}


def digest_of(sha256: str) -> bytes:
    """The 32 bytes of a hash; DocumentError for what is none."""
    try:
        digest = bytes.fromhex(sha256)
    except ValueError:
        digest = b""
    if len(digest) != 32 or digest.hex() != sha256:
        raise DocumentError("Mã SHA-256 phải gồm 64 chữ số hệ 16 viết thường. Kiểm tra lại mã tài liệu.")
    return digest


def require_hash(sha256: str, data: bytes) -> None:
    """IntegrityError when the bytes do not have the promised hash."""
    if hashlib.sha256(data).digest() != digest_of(sha256):
        raise IntegrityError(f"Nội dung nhận được không khớp mã {sha256[:12]}…. Gửi lại tệp từ đầu.")


def absent(sha256: str) -> DocumentError:
    """The refusal for an object that is not there."""
    return DocumentError(f"Kho không có tài liệu {sha256[:12]}…. Tài liệu chưa được lưu hoặc đã bị xóa.", code="absent")


def damaged(name: str) -> IntegrityError:
    """The refusal for an object that cannot be trusted."""
    return IntegrityError(f"Tài liệu {name[:12]}… trong kho đã hỏng hoặc bị sửa. Khôi phục từ bản sao lưu.")
