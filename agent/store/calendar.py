"""The calendar of working days in use: the frozen table that ships with the product."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from agent.domain.calendar_vn import Calendar, parse_calendar


@lru_cache(maxsize=1)
def working_calendar() -> Calendar:
    """Working days, holidays and make-up Saturdays with their states."""
    return parse_calendar(resources.files("agent.domain").joinpath("data", "calendar_vn.toml").read_text("utf-8"))
