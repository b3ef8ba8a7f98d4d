"""The rules by which values are taken from papers: the program's own, with what the settings' file adds to them."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

from agent.domain.extraction import Rules
from agent.domain.extraction_toml import parse_rules
from agent.errors import ConfigError
from agent.site import Site


def rules_of(site: Site) -> Rules:
    """The rules that count now; ConfigError when the settings' file cannot be read or says something impossible."""
    own = resources.files("agent.domain").joinpath("data", "extraction.toml").read_text(encoding="utf-8")
    added = site.settings.extraction.rules
    if not added:
        return _parsed(own)
    try:
        return _parsed(own, Path(added).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Không đọc được tệp quy tắc bóc tách {added}. Kiểm tra [extraction] rules.") from error


@lru_cache(maxsize=4)
def _parsed(*texts: str) -> Rules:
    return parse_rules(*texts)
