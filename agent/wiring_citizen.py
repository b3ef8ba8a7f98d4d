"""Build what citizens are served by: the channel of messages and the key of the office's receipts."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigError
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.documents.receipt_key import FileReceiptKey
    from agent.ports_notices import Notifier
    from agent.store.keys import Keys


def open_notifier(settings: Settings) -> Notifier | None:
    """The channel that the settings name, None without one; ConfigError for one that cannot be used."""
    asked = settings.notices
    if not asked.channel:
        return None
    if asked.channel == "http":
        from agent.messages.http import HttpNotifier

        return HttpNotifier(asked, training=settings.training)
    from agent.messages.file import ConsoleNotifier, FileNotifier

    if asked.channel == "file":
        if not settings.training and not asked.folder:
            raise ConfigError(
                "[notices] channel = file cần folder: thư mục mà chương trình gửi tin của bưu cục lấy tệp."
            )
        return FileNotifier(Path(asked.folder) if asked.folder else settings.data / "notices")
    if asked.channel == "console" and settings.training:
        return ConsoleNotifier()
    raise ConfigError(
        f"[notices] channel = {asked.channel!r}: chọn http, file, hoặc để trống"
        + (", console." if settings.training else " (console chỉ dùng khi tập huấn).")
    )


def open_receipt_key(settings: Settings, keys: Keys) -> FileReceiptKey:
    """The key of this terminal's receipts, made at its first use."""
    from agent.documents.receipt_key import FileReceiptKey
    from agent.store.keys import key_folder

    secret = hmac.digest(keys.vault, b"receipt key", "sha256").hex().encode()
    return FileReceiptKey.open(key_folder(settings.data), secret, training=settings.training)
