"""`restore`: a backup becomes a data folder again, with the keys that the office's recovery key opens."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.backing_up import CA, NO_CA
from agent.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from agent.settings import Settings
    from agent.store.keys import Keys


def restore(settings: Settings, source: Path, private: Path, password: bytes | None = None) -> dict[str, Any]:
    """Fill the data folder of `settings` from a backup, whole or not at all; nothing that is there is written over.

    Returns {data, database, objects, office_ca, warnings}. ConfigError for a folder that is in use, a backup without
    wrapped keys and a recovery key that is not its own; StoreError when it could not be written.
    """
    from agent.store.keys import Keys, key_folder
    from agent.store.recovery import unwrap

    data, wrapped = settings.data, source / "recovery.json"
    taken = [name for name in ("agent.db", "vault", "office-ca") if (data / name).exists()]
    if taken or key_folder(data).exists():
        raise ConfigError(f"{data} đã có dữ liệu. Phục hồi vào thư mục trống, hoặc dời dữ liệu cũ đi trước.")
    if not wrapped.exists():
        raise ConfigError(
            f"{source} không có recovery.json: bản sao lưu được làm khi chưa có khóa cứu hộ, không mở được."
        )
    keys = Keys.from_bytes(unwrap(wrapped.read_bytes(), private.read_bytes(), password))
    warnings: list[str] = []
    try:
        names = _fill(data, source, keys, warnings)
    except BaseException as error:
        for made in (data / "agent.db", data / "vault", key_folder(data), data / "office-ca"):  # none of it was there
            made.unlink(missing_ok=True) if made.is_file() else shutil.rmtree(made, ignore_errors=True)
        if isinstance(error, OSError):
            raise StoreError(
                f"Không ghi được vào {data}: {error.strerror}. Kiểm tra ổ đĩa rồi phục hồi lại."
            ) from error
        raise
    if not names:
        warnings.append(NO_CA)
    return {
        "data": str(data), "database": (data / "agent.db").exists(), "office_ca": names, "warnings": warnings,
        "objects": sum(1 for _ in (data / "vault").glob("??/*.key")),
    }  # fmt: skip


def _fill(data: Path, source: Path, keys: Keys, warnings: list[str]) -> list[str]:
    """Copy it all; the names of the CA's files."""
    from agent.store.keys import key_folder, restore_keys
    from agent.store.office_ca_copy import unseal

    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copytree(source / "vault", data / "vault")
    if (source / "agent.db").exists():
        shutil.copyfile(source / "agent.db", data / "agent.db")
    else:
        warnings.append("Cơ sở dữ liệu PostgreSQL phục hồi bằng pg_restore; ở đây chỉ có kho tài liệu và khóa.")
    restore_keys(data, keys)
    shutil.copyfile(source / "recovery.json", key_folder(data) / "recovery.json")
    return unseal((source / CA).read_bytes(), keys, data) if (source / CA).exists() else []
