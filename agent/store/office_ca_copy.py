"""The office's CA in a backup: sealed by the data keys, so that a restored server is the one that phones trust."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from agent.errors import ConfigError
from agent.store.key_places import write_durably
from agent.store.keys import Keys
from agent.store.office_ca import find

_INFO: Final = b"postal-agent office ca"
_NONCE: Final = 12


def seal(data: Path, keys: Keys) -> bytes:
    """The CA's files, readable with the data keys alone; empty without a CA. A key that lies elsewhere is not in it."""
    ca = find(data)
    if ca is None:
        return b""
    files = {path.name: path.read_text("ascii") for path in (ca.ca_cert, ca.ca_key, ca.pair) if path.exists()}
    nonce = os.urandom(_NONCE)
    sealed: bytes = _cipher(keys).encrypt(nonce, json.dumps(files).encode(), _INFO)
    return nonce + sealed


def unseal(sealed: bytes, keys: Keys, data: Path) -> list[str]:
    """Put the CA's files into a data folder that has none; their names.

    ConfigError for other keys or a spoiled copy, and where there is a CA already: it may be the one that phones trust.
    """
    from cryptography.exceptions import InvalidTag

    if find(data) is not None:
        raise ConfigError(f"Đã có office-ca trong {data}: không ghi đè. Dời thư mục đó đi rồi phục hồi lại.")
    try:
        files = json.loads(_cipher(keys).decrypt(sealed[:_NONCE], sealed[_NONCE:], _INFO))
    except (InvalidTag, ValueError) as error:
        raise ConfigError(
            "Bản sao CA của bưu cục (office-ca.sealed) bị hỏng hoặc của bộ khóa khác. Dùng bản sao lưu khác; không có "
            "thì bỏ tệp đó ra rồi phục hồi lại: điện thoại phải ghép lại."
        ) from error
    folder = data / "office-ca"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = sorted(files, key=lambda name: name == "ca.crt")  # the certificate last: with it there is a CA
    for name in names:
        write_durably(folder / Path(name).name, files[name].encode("ascii"))
    return names


def _cipher(keys: Keys) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=None, info=_INFO).derive(keys.vault))
