"""`backup`: a consistent copy of database, vault and office CA while the agents run; keys only wrapped or sealed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from agent.cli.program import Program
    from agent.site import Site

PEM: Final = "recovery.pem"  # the office's public recovery key, beside the database
NO_RECOVERY: Final = (
    f"Chưa có khóa cứu hộ: mất máy này thì không mở được bản sao lưu. Đặt khóa công khai {PEM} của bưu cục vào thư "
    "mục dữ liệu rồi sao lưu lại."
)
CA: Final = "office-ca.sealed"  # the office's CA, readable with the data keys alone
NO_CA: Final = "Bản sao lưu không có CA của bưu cục: nếu có điện thoại đã ghép thì phải cài CA mới và ghép lại."
PG_DUMP: Final = "Cơ sở dữ liệu PostgreSQL sao lưu bằng pg_dump; ở đây chỉ sao kho tài liệu."


def back_up(program: Program, target: Path) -> dict[str, Any]:
    """Copy into `target`, again and again: the database whole, of the vault what is new or was erased.

    Returns {target, database: sha256 or "pg_dump", objects, copied, removed, bytes, keys, office_ca, warnings}. The
    database copy is encrypted with the same key as the original. StoreError when it could not be written, ConfigError
    for a target inside the data folder.
    """
    from agent.cli import progress

    site = program.site()
    data = site.settings.data.resolve()
    if target.resolve() == data or data in target.resolve().parents:
        raise ConfigError(f"Không sao lưu vào chính thư mục dữ liệu {data}. Chọn ổ đĩa khác.")
    warnings = []
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        if site.store.dialect == "sqlite":
            database = _copy_database(site, target / "agent.db")
        else:
            database = "pg_dump"
            warnings.append(PG_DUMP)
        done = _copy_vault(data / "vault", target / "vault")
        keys = _copy_keys(data, target)
        if not keys:
            warnings.append(NO_RECOVERY)
        ca = _copy_ca(data, target)
        at = site.clock.now().isoformat()
        whole = {"target": str(target.resolve()), "at": at, "database": database, **done, "keys": keys, "office_ca": ca}
        (target / "backup.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"Không ghi được vào {target}: {error.strerror}. Kiểm tra ổ đĩa rồi sao lưu lại.") from error
    for words in warnings:
        progress(f"⚠ {words}")
    return {**whole, "warnings": warnings}


def _copy_database(site: Site, target: Path) -> str:
    """One snapshot of the database by SQLite's own backup, under the same key; the SHA-256 of the file."""
    import apsw

    fresh = target.with_name(target.name + "-new")
    fresh.unlink(missing_ok=True)
    database: Any = site.store.database
    try:
        copy = apsw.Connection(str(fresh))
        try:
            if database.key is not None:
                copy.execute(f"PRAGMA key = 'raw:{database.key.hex()}'")
            with copy.backup("main", database.connection(), "main") as backup:
                while not backup.done:
                    backup.step(-1)
            said = [row[0] for row in copy.execute("PRAGMA quick_check")]
        finally:
            copy.close()
    except apsw.Error as error:
        raise StoreError(f"Không sao được cơ sở dữ liệu: {error}. Bản sao cũ còn nguyên; chạy `doctor`.") from error
    if said != ["ok"]:
        raise StoreError("Bản sao cơ sở dữ liệu bị lỗi, bản sao cũ còn nguyên. Chạy `doctor` rồi sao lưu lại.")
    fresh.replace(target)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def _copy_vault(source: Path, target: Path) -> dict[str, int]:
    """Bring the copy of the vault up to date: contents before the key that makes them readable, erased keys out."""
    copied = total = removed = 0
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = {path.relative_to(source) for kind in ("*.bin", "*.key") for path in source.glob(f"??/{kind}")}
    for name in [*sorted(found, key=lambda path: (path.suffix == ".key", path)), Path("vault.id")]:
        try:
            copied_bytes = _copy_new(source / name, target / name)
        except FileNotFoundError:
            continue  # erased while we copied
        copied, total = copied + bool(copied_bytes), total + copied_bytes
    for held in [path for kind in ("*.key", "*.bin") for path in target.glob(f"??/{kind}")]:
        if not (source / held.relative_to(target)).exists():
            held.unlink()
            removed += 1
    objects = sum(1 for _ in target.glob("??/*.key"))
    return {"objects": objects, "copied": copied, "removed": removed, "bytes": total}


def _copy_new(source: Path, target: Path) -> int:
    """Copy what is not there yet in full, in one step; the bytes copied. Objects never change under a name."""
    size = source.stat().st_size
    if target.exists() and target.stat().st_size == size:
        return 0
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = target.with_name(target.name + ".part")
    shutil.copyfile(source, fresh)
    fresh.replace(target)
    return size


def _copy_keys(data: Path, target: Path) -> str:
    """The keys wrapped for the office's recovery key, never plain; empty when there is no recovery key."""
    from agent.store.keys import key_folder, load_or_make_keys

    if (data / PEM).exists():
        load_or_make_keys(data, recovery_pem=(data / PEM).read_bytes())
    wrapped = key_folder(data) / "recovery.json"
    if not wrapped.exists():
        return ""
    shutil.copyfile(wrapped, target / "recovery.json")
    return "recovery.json"


def _copy_ca(data: Path, target: Path) -> str:
    """The office's CA, sealed by the data keys; empty, and none in the backup, where the office has none."""
    from agent.store.key_places import write_durably
    from agent.store.keys import load_or_make_keys
    from agent.store.office_ca_copy import seal

    sealed = seal(data, load_or_make_keys(data))
    if not sealed:
        (target / CA).unlink(missing_ok=True)
        return ""
    write_durably(target / CA, sealed)
    return CA
