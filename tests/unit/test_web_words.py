"""Both languages say everything; values look as they do on paper."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from agent.accounts.sign_in import WrongPassword
from agent.web import i18n
from agent.web.error_words import HEADLINES

WEB = Path(i18n.__file__).parent


def spoken() -> dict[str, str]:
    """All words marked for translation, with the file that says them first."""
    found: dict[str, str] = {}
    for path in sorted(WEB.rglob("*.html")):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "gettext"), [], {"trimmed": "true"}):
                for words in message if isinstance(message, tuple) else (message,):
                    found.setdefault(words, path.name)
    for path in sorted(WEB.rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords={"_": None, "gettext": None}):
                for words in message if isinstance(message, tuple) else (message,):
                    found.setdefault(words, path.name)
    return {words: where for words, where in found.items() if words}


def test_everything_on_screen_has_an_english_translation():
    english = i18n.english()
    missing = [f"{where}: {words}" for words, where in spoken().items() if words not in english]
    assert not missing
    assert len(spoken()) > 60  # the scan itself works


def test_the_answer_to_a_wrong_password_is_translated():
    assert WrongPassword().message in i18n.english()


def test_translations_keep_their_placeholders():
    import re

    for words, english in i18n.english().items():
        assert sorted(re.findall(r"%\(\w+\)\w", words)) == sorted(re.findall(r"%\(\w+\)\w", english)), words


def test_every_error_code_of_the_tree_has_a_headline():
    from agent import errors

    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, errors.AgentError)]
    general = {"agent", "store", "handoff"}
    assert {k.code for k in kinds} - set(HEADLINES) <= general


@pytest.mark.parametrize("module", ["agent.web.filters", "agent.accounts.sign_in", "agent.web.i18n"])
def test_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0
