"""The database and vault keys of a data folder: found, or made once and never again."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ConfigError
from agent.store import recovery
from agent.store.key_places import KeyPlace, places, write_durably
from agent.store.locking import waiting_lock

_SIZE = 32


@dataclass(frozen=True, repr=False)
class Keys:
    """The two secrets (32 bytes each); the database's is given to `Store.open`, the vault's to the vault."""

    database: bytes
    vault: bytes

    def to_bytes(self) -> bytes:
        """JSON, as it is kept and wrapped."""
        return json.dumps({"database": self.database.hex(), "vault": self.vault.hex()}).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Keys:
        """The keys in what `to_bytes` gave; ConfigError for anything else."""
        try:
            parts = json.loads(text)
            made = cls(bytes.fromhex(parts["database"]), bytes.fromhex(parts["vault"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError("Tệp khoá bị hỏng. Phục hồi bằng khoá cứu hộ của bưu cục từ bản sao lưu.") from error
        if len(made.database) != _SIZE or len(made.vault) != _SIZE:
            raise ConfigError("Khoá không đủ 32 byte. Phục hồi bằng khoá cứu hộ của bưu cục từ bản sao lưu.")
        return made


def key_folder(data: Path) -> Path:
    """The folder of the keys' file and the note of their place; a backup takes only `recovery.json` from it."""
    return data / "keys"


def load_or_make_keys(data: Path, *, recovery_pem: bytes | None = None, choice: list[KeyPlace] | None = None) -> Keys:
    """The folder's keys: from the place that was chosen when they were made, else new ones in the best place.

    `recovery_pem`: the office's public recovery key (X25519 or RSA); the keys wrapped for it are written to
    `keys/recovery.json`. ConfigError when keys existed and are gone: new ones would not open the old data.
    """
    folder = key_folder(data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    choice = places(data, folder) if choice is None else choice
    with waiting_lock(folder / "lock"):
        keys = _load(data, folder, choice) or _make(folder, choice)
        if recovery_pem is not None:
            _wrap(folder, keys, recovery_pem)
    return keys


def restore_keys(data: Path, keys: Keys, *, choice: list[KeyPlace] | None = None) -> None:
    """Put keys that were unwrapped from a backup into this machine's best place."""
    folder = key_folder(data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with waiting_lock(folder / "lock"):
        _keep(folder, keys, places(data, folder) if choice is None else choice)


def _load(data: Path, folder: Path, choice: list[KeyPlace]) -> Keys | None:
    noted = _noted(folder)
    if noted is None:
        # a crash between keeping and noting leaves the keys without a note: look everywhere before making new ones
        for place in choice:
            text = place.read() if place.usable() else None
            if text is not None:
                _note(folder, place)
                return Keys.from_bytes(text)
        if (data / "agent.db").exists():
            raise ConfigError(f"Có cơ sở dữ liệu trong {data} nhưng không còn khoá. Phục hồi thư mục keys/ trước.")
        return None
    for place in choice:
        if place.name == noted and place.usable():
            text = place.read()
            if text is not None:
                return Keys.from_bytes(text)
    raise ConfigError(
        f"Khoá của {data} được giữ ở “{noted}” nhưng ở đó không còn. Đăng nhập đúng tài khoản, hoặc phục hồi bằng khoá "
        f"cứu hộ. Không tạo khoá mới, vì khoá mới không mở được dữ liệu cũ."
    )


def _make(folder: Path, choice: list[KeyPlace]) -> Keys:
    keys = Keys(secrets.token_bytes(_SIZE), secrets.token_bytes(_SIZE))
    _keep(folder, keys, choice)
    return keys


def _keep(folder: Path, keys: Keys, choice: list[KeyPlace]) -> None:
    place = next(place for place in choice if place.usable())
    place.write(keys.to_bytes())
    _note(folder, place)


def _noted(folder: Path) -> str | None:
    try:
        return (folder / "place").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _note(folder: Path, place: KeyPlace) -> None:
    write_durably(folder / "place", place.name.encode())


def _wrap(folder: Path, keys: Keys, recovery_pem: bytes) -> None:
    path = folder / "recovery.json"
    if not path.exists() or json.loads(path.read_bytes()).get("recovery") != recovery.fingerprint(recovery_pem):
        write_durably(path, recovery.wrap(keys.to_bytes(), recovery_pem))


def describe(data: Path) -> list[str]:
    """What `doctor` warns of: keys in a plain file, a file others can read, no recovery key. Empty when fine."""
    folder = key_folder(data)
    warnings = []
    noted = _noted(folder)
    if noted is None:
        warnings.append(f"Chưa có khoá trong {data}. Chạy `postal-agent migrate` để tạo.")
    if noted == "file":
        path = folder / "keys.json"
        warnings.append(
            f"Khoá nằm trong tệp {path}: ai lấy được đĩa thì đọc được dữ liệu. Dùng kho khoá của máy hoặc mã hoá ổ đĩa."
        )
        if sys.platform != "win32" and path.exists() and path.stat().st_mode & 0o077:
            warnings.append(f"Người khác đọc được {path}. Chạy: chmod 600 {path}")
    if not (folder / "recovery.json").exists():
        warnings.append("Chưa có khoá cứu hộ của bưu cục: máy hỏng thì bản sao lưu không mở được.")
    return warnings
