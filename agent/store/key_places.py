"""Places that keep a small secret: Windows DPAPI, the desktop's Secret Service, a file for its owner only."""

from __future__ import annotations

import base64
import importlib
import os
import sys
from pathlib import Path
from typing import Any, Protocol

from agent.errors import ConfigError

_SERVICE = "postal-agent"


class KeyPlace(Protocol):
    """Keeps one secret of a data folder."""

    name: str  # stable: "dpapi", "secret-service", "file"

    def usable(self) -> bool:
        """Whether this machine and session have it."""

    def read(self) -> bytes | None:
        """The secret, or None when there is none; ConfigError when it cannot be opened."""

    def write(self, secret: bytes) -> None:
        """Keep the secret durably."""


class FilePlace:
    """`keys/keys.json`, readable by its owner only; protects nothing when the disk is stolen."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys.json"

    def usable(self) -> bool:
        return True

    def read(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"Không đọc được khoá {self.path}: {error}. Kiểm tra quyền của tệp.") from error

    def write(self, secret: bytes) -> None:
        write_durably(self.path, secret)


class DpapiPlace:
    """`keys/keys.dpapi`, sealed by Windows for the signed-in account."""

    name = "dpapi"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys.dpapi"

    def usable(self) -> bool:
        return sys.platform == "win32"

    def read(self) -> bytes | None:
        return _dpapi("CryptUnprotectData", self.path.read_bytes()) if self.path.exists() else None

    def write(self, secret: bytes) -> None:
        write_durably(self.path, _dpapi("CryptProtectData", secret))


class SecretServicePlace:
    """The desktop's key ring, by the optional `keyring` library; absent on a machine without a session."""

    name = "secret-service"

    def __init__(self, data: Path) -> None:
        self._account = str(data.resolve())

    def usable(self) -> bool:
        try:
            ring = importlib.import_module("keyring").get_keyring()
        except ImportError:
            return False
        return sys.platform != "win32" and bool(ring.priority >= 1)  # 0 and less: the null and the failing backend

    def read(self) -> bytes | None:
        ring: Any = importlib.import_module("keyring")
        try:
            text = ring.get_password(_SERVICE, self._account)
        except ring.errors.KeyringError as error:
            raise ConfigError(
                f"Không mở được kho khoá của máy: {error}. Mở khoá phiên làm việc rồi chạy lại."
            ) from error
        return None if text is None else base64.b64decode(text)

    def write(self, secret: bytes) -> None:
        importlib.import_module("keyring").set_password(_SERVICE, self._account, base64.b64encode(secret).decode())


def places(data: Path, folder: Path) -> list[KeyPlace]:
    """All places, best first."""
    return [DpapiPlace(folder), SecretServicePlace(data), FilePlace(folder)]


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file so that after a power cut there is the old or the new one, complete; mode 0600."""
    draft = path.with_name(path.name + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(path)
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _dpapi(function: str, data: bytes) -> bytes:
    import ctypes

    class Blob(ctypes.Structure):
        _fields_ = (("size", ctypes.c_uint32), ("data", ctypes.c_void_p))

    library: Any = ctypes
    buffer = ctypes.create_string_buffer(data, len(data))
    given, made = Blob(len(data), ctypes.cast(buffer, ctypes.c_void_p)), Blob()
    call = getattr(library.windll.crypt32, function)
    no_window = 0x1  # CRYPTPROTECT_UI_FORBIDDEN
    if not call(ctypes.byref(given), None, None, None, None, no_window, ctypes.byref(made)):
        raise ConfigError(
            "Windows không mở được khoá của thư mục dữ liệu này. Đăng nhập đúng tài khoản đã cài đặt, hoặc phục hồi "
            "khoá bằng khoá cứu hộ của bưu cục."
        )
    try:
        return ctypes.string_at(made.data, made.size)
    finally:
        library.windll.kernel32.LocalFree(ctypes.c_void_p(made.data))
