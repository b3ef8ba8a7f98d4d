"""A route whose links are prepared when the first is written: of a thousand routes a process writes a few dozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


class Route(Rule):
    """werkzeug's rule; compiling the code that writes its links, most of what an application's start costs, waits."""

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        prepared: list[Build] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not prepared:
                prepared.append(super(Route, self)._compile_builder(append_unknown))
            return prepared[0](rule, **values)

        return build
