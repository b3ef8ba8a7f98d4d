"""Every setting is named in the pages for the operator, and their example loads."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator
from pathlib import Path

from agent.settings import Settings, load

PAGES = Path(__file__).parents[2] / "docs"


def names(kind: type) -> Iterator[str]:
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        inner = [
            one for one in (hints[field.name], *typing.get_args(hints[field.name])) if dataclasses.is_dataclass(one)
        ]
        if inner:
            yield from names(inner[0])  # type: ignore[arg-type]
        elif field.name != "data":  # the folder is told by --data
            yield field.name


def test_every_setting_is_named_for_the_operator() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    told = set(re.findall(r"[a-z][a-z0-9_]+", pages))
    assert sorted(set(names(Settings)) - told) == []


def test_the_example_of_the_operations_page_is_a_configuration_that_loads(tmp_path: Path) -> None:
    page = (PAGES / "operations.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    (tmp_path / "agent.toml").write_text(example, encoding="utf-8")
    settings = load(tmp_path, environ={})
    assert [line.name for line in settings.devices] == ["nhan", "may-doc"]
