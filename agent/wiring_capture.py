"""The part of the wiring that says what pages may become, and whose signatures on electronic originals are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import ConfigError
from agent.settings import Settings
from agent.wiring_keys import authority_folder, trusted

if TYPE_CHECKING:
    from agent.documents.capture_rules import CaptureRules


def capture_rules(settings: Settings) -> CaptureRules:
    """The rules that the settings name; ConfigError for a value that there is not."""
    from agent.documents.capture_rules import CaptureRules
    from agent.documents.originals import Trust

    for name, value, known in (
        ("bilevel", settings.copy.bilevel, ("never", "auto")),
        ("originals", settings.copy.originals, ("keep", "copy")),
    ):
        if value not in known:
            raise ConfigError(f"[copy] {name} = “{value}” không có. Chọn một trong: {', '.join(known)}.")
    shown = (authority_folder(settings) / "root.pem").absolute() if settings.training else None
    return CaptureRules(Trust(tuple(trusted(settings)), shown), settings.copy.bilevel)
