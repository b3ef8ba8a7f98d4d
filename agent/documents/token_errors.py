"""What a PKCS#11 token's refusals mean to the clerk: a stable code, what happened, and what to do next."""

from __future__ import annotations

import struct
import sys
from enum import Enum
from pathlib import Path

from agent.errors import SigningError


class Tries(Enum):
    """What the token says of the PIN; it never gives a number."""

    FULL = ""
    FEW = "Thiết bị báo đã có lần nhập sai PIN: còn rất ít lần thử, sai nữa thiết bị có thể khóa."
    LAST = "Chỉ còn 1 lần thử PIN: sai lần này là thiết bị khóa. Chưa chắc thì hỏi lại mã trước khi nhập."
    NONE = "Mã PIN của thiết bị đã bị khóa vì nhập sai nhiều lần. Mang thiết bị tới nơi cấp chứng thư để mở khóa."


def absent(label: str = "", others: list[str] | None = None) -> SigningError:
    """No token, or not the one that is set up."""
    if label and others:
        words = f"Không thấy thiết bị ký số “{label}”; đang cắm: {', '.join(others)}. Cắm đúng thiết bị rồi ký lại."
    else:
        words = "Chưa cắm thiết bị ký số (USB token), hoặc máy không nhận ra. Cắm thiết bị rồi ký lại."
    return SigningError(words, code="signing-token")


def pulled_out() -> SigningError:
    """The token went away while it was open."""
    return SigningError(
        "Thiết bị ký số bị rút ra giữa chừng; bản đang ký chưa có chữ ký. Cắm lại, nhập mã PIN rồi ký tiếp.",
        code="signing-token",
    )


def several(labels: list[str]) -> SigningError:
    """More than one token, and the settings do not say which."""
    return SigningError(
        f"Có {len(labels)} thiết bị ký số đang cắm ({', '.join(labels)}). Rút bớt để còn một, "
        "hoặc nhờ quản trị viên đặt [signing] token là nhãn của thiết bị cần dùng.",
        code="signing-tokens",
    )


def wrong_pin(tries: Tries) -> SigningError:
    """The PIN was refused; says what the token told of further tries."""
    if tries is Tries.NONE:
        return locked()
    more = tries.value or "Nhập sai vài lần thì thiết bị khóa."
    return SigningError(f"Mã PIN không đúng. {more}", code="signing-pin")


def locked() -> SigningError:
    """The token takes no PIN any more."""
    return SigningError(Tries.NONE.value, code="signing-pin-locked")


def pin_needed(words: str = "Nhập mã PIN của thiết bị ký số.") -> SigningError:
    """The key is closed."""
    return SigningError(words, code="signing-pin-needed")


def no_key() -> SigningError:
    """There is a certificate, and no key of its own."""
    return SigningError(
        "Thiết bị có chứng thư nhưng không có khóa ký đi cùng (CKA_ID). Xin nơi cấp chứng thư nạp lại khóa.",
        code="signing-key",
    )


def no_certificate() -> SigningError:
    """The token is empty."""
    return SigningError(
        "Thiết bị ký số không có chứng thư nào. Dùng đúng thiết bị, hoặc xin nơi cấp chứng thư nạp lại.",
        code="signing-key",
    )


def not_loaded(module: Path, said: str) -> SigningError:
    """The maker's library cannot be used; finds out why."""
    ours = 64 if sys.maxsize > 2**32 else 32
    bits = bits_of(module)
    if bits == 0:
        why = "không có tệp này. Cài phần mềm của nhà cấp chữ ký số, rồi đặt [signing] module đúng đường dẫn"
    elif bits is None:
        why = "tệp này không phải thư viện PKCS#11. Đặt [signing] module đúng tệp .dll hoặc .so của nhà cấp chữ ký số"
    elif bits != ours:
        why = f"thư viện {bits}-bit, còn chương trình này {ours}-bit. Cài bản {ours}-bit của nhà cấp chữ ký số"
    else:
        why = f"{said.rpartition(': ')[2] or 'không rõ lý do'}. Cài lại phần mềm của nhà cấp chữ ký số"
    return SigningError(f"Không nạp được thư viện của thiết bị ký số {module}: {why}.", code="signing-module")


def bits_of(module: Path) -> int | None:
    """32 or 64 for a library, 0 when there is no such file, None when it is none."""
    try:
        head = module.read_bytes()[:4096]
    except OSError:
        return 0
    if head[:4] == b"\x7fELF":
        return {1: 32, 2: 64}.get(head[4])
    if head[:2] == b"MZ" and len(head) > 64:
        (at,) = struct.unpack_from("<I", head, 60)
        if head[at : at + 4] == b"PE\0\0" and len(head) >= at + 6:
            (machine,) = struct.unpack_from("<H", head, at + 4)
            return 32 if machine in (0x14C, 0x1C4) else 64
    return None


def other(error: Exception) -> SigningError:
    """Anything else, by the name that the library gives it."""
    return SigningError(
        f"Thiết bị ký số báo lỗi ({type(error).__name__}). Rút ra, cắm lại rồi ký lại; nếu vẫn vậy, báo quản trị viên.",
        code="signing-token",
    )
