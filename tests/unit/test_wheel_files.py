"""What the wheel holds: every file of the program that is no Python source matches a pattern of its package data."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_that_screens_and_the_courier_app_load_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["agent"]
    held = {path for pattern in patterns for path in (ROOT / "agent").glob(pattern)}
    files = (path for path in (ROOT / "agent").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    left_out = [str(path.relative_to(ROOT)) for path in files if path.suffix != ".py" and path not in held]
    assert left_out == []
