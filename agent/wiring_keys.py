"""Where signing keys and the roots of trust lie, by the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigError
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.documents.key_source import KeySource


def key_source(settings: Settings) -> KeySource:
    """Where keys lie and the rules for them; ConfigError for what the settings get wrong."""
    from agent.documents.key_source import KeySource
    from agent.documents.signing_rules import PARTS, Rules

    asked = settings.signing
    for name, value, known in (
        ("kind", asked.kind, ("p12", "pkcs11", "remote")),
        ("revocation", asked.revocation, ("off", "soft", "hard")),
        ("match", asked.match, PARTS),
    ):
        if value not in known:
            raise ConfigError(f"[signing] {name} = “{value}” không có. Chọn một trong: {', '.join(known)}.")
    if asked.kind == "pkcs11" and not asked.module:
        raise ConfigError("[signing] kind = pkcs11 cần module: đường dẫn thư viện (.dll, .so) của nhà cấp chữ ký số.")
    rules = Rules(
        revocation=asked.revocation,
        tsa=asked.tsa,
        tsa_required=asked.tsa_required,
        patience=asked.patience,
        match=asked.match,
        subjects=asked.subjects,
        chain=tuple(_pem(asked.chain)),
        idle_seconds=asked.idle_minutes * 60,
    )
    demonstrated = settings.training and not asked.path
    return KeySource(
        authority=authority_folder(settings) if demonstrated else None,
        files=None if demonstrated else Path(asked.path or settings.data / "keys"),
        module=Path(asked.module) if asked.kind == "pkcs11" else None,
        token=asked.token,
        remote=asked.kind == "remote",
        training=settings.training,
        roots=tuple(trusted(settings)),
        rules=rules,
    )


def trusted(settings: Settings) -> list[bytes]:
    """PEM of the roots that the settings name: the province's, and those of clerks and time-stamps."""
    return [*_pem(settings.province.trust), *_pem(settings.signing.trust)]


def _pem(path: str) -> list[bytes]:
    try:
        return [Path(path).read_bytes()] if path else []
    except OSError as error:
        raise ConfigError(f"Không đọc được tệp chứng thư {path}. Kiểm tra đường dẫn trong cấu hình.") from error


def authority_folder(settings: Settings) -> Path:
    """Where the demonstration CA lives."""
    return settings.data / "demonstration-ca"
