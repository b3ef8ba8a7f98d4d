"""Files that are whole or absent after a power cut, on POSIX and on Windows."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from agent.errors import StoreError, StoreFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}
TEMPORARY = ".part"


def private_folder(folder: Path) -> Path:
    """Make `folder` (and parents) readable by its owner only and return it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    return folder


def write_new(path: Path, parts: Iterable[bytes]) -> None:
    """Write `parts` to a new file of mode 0600 and flush it to the disk; StoreFull or StoreError leaves no file."""
    try:
        with open(path, "xb", opener=_owner_only) as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise storage_error(error, path) from error


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`, atomically replacing what was there."""
    part = beside(path)
    write_new(part, [data])
    try:
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise storage_error(error, path) from error
    sync_folder(path.parent)


def claim(path: Path, data: bytes) -> bool:
    """Put `data` at `path` unless something is there; whether we were first. Safe across processes."""
    part = beside(path)
    write_new(part, [data])
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links: the last writer wins, and each writer's file is whole
        try:
            part.replace(path)
        except OSError as error:
            raise storage_error(error, path) from error
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def beside(path: Path) -> Path:
    """A fresh temporary name in the same folder."""
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}{TEMPORARY}")


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable; Windows has no such call and needs none for NTFS metadata."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(error: OSError, path: Path) -> StoreError:
    """The typed error for a failed write."""
    if error.errno in _FULL:
        return StoreFull("Ổ đĩa đã đầy, chưa ghi gì. Giải phóng chỗ trống rồi làm lại.")
    return StoreError(f"Không ghi được vào {path.parent}: {error.strerror or error}. Kiểm tra quyền của thư mục.")


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
