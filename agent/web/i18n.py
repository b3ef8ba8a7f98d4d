"""Two languages: Vietnamese in the source, English from .po files that are read on their first use."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from flask import Flask, g, has_request_context, request

LANGUAGES = ("vi", "en")
COOKIE = "lang"
CATALOGUES = Path(__file__).parent / "translations"  # en.po and one en.<part>.po for each part of the site


@functools.cache
def english() -> dict[str, str]:
    """Vietnamese words to English ones."""
    from babel.messages.pofile import read_po

    words: dict[str, str] = {}
    for path in sorted(CATALOGUES.glob("en*.po")):
        with path.open("rb") as file:
            words |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.pluralizable}
    return words


def language() -> str:
    """The language of this request: `?lang=`, the cookie, on public pages what the browser asks for, else Vietnamese.

    A counter's machine often runs an English system; its clerk reads Vietnamese until somebody chooses otherwise.
    """
    if not has_request_context():
        return LANGUAGES[0]
    if "language" not in g:
        asked = (request.args.get("lang"), request.cookies.get(COOKIE))
        chosen = next((a for a in asked if a in LANGUAGES), None)
        if chosen is None and request.blueprint == "public":
            chosen = request.accept_languages.best_match(LANGUAGES)
        g.language = chosen or LANGUAGES[0]
    return str(g.language)


def gettext(words: str) -> str:
    """The words in the user's language; the Vietnamese ones where there is no translation."""
    return words if language() == "vi" else english().get(words, words)


def ngettext(one: str, many: str, count: int) -> str:
    """Vietnamese has no plural; English keeps two entries."""
    return gettext(one if count == 1 else many)


def install(app: Flask) -> None:
    """Give templates `_()` and `{% trans %}`, and remember `?lang=` in a cookie."""
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["language"] = language

    @app.after_request
    def remember(response: Any) -> Any:
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, language(), max_age=31_536_000, samesite="Lax", httponly=True)
        response.headers.setdefault("Content-Language", language())
        response.vary.add("Accept-Language")
        return response
