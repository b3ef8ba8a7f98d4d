"""Bytes that were put into the vault for a row that then did not come to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from agent.domain.actor import Actor
from agent.errors import AgentError, StoreError
from agent.site import Site
from agent.store import inbox, papers, readings


@contextmanager
def unless_refused(site: Site, pages: Iterable[str], *, by: Actor) -> Iterator[None]:
    """When what is done here is refused, erase the page images (SHA-256) that were put for it and nothing names."""
    try:
        yield
    except AgentError:
        with suppress(StoreError):  # what went wrong first is what is said
            for sha256 in set(pages):
                erase_object(site, sha256, by)
        raise


@contextmanager
def unless_kept(site: Site, files: Iterable[str]) -> Iterator[None]:
    """When what is done here ends without a paper that names them, erase these copies or signed files."""
    try:
        yield
    finally:
        with suppress(StoreError):
            for sha256 in set(files):
                erase_file(site, sha256)


def erase_object(site: Site, sha256: str, by: Actor) -> None:
    """Erase a page image that nothing names, and its words; under the writers' lock: nothing comes to name it then."""
    if site.vault.has(sha256):
        with site.store.writing():
            inbox.lock_terminal(by.terminal_id)
            if not inbox.is_named(sha256):
                here = site.settings.terminal.id  # the vault is this terminal's
                for words in readings.words_of_alone([sha256], here):
                    if site.vault.has(words):
                        site.vault.erase(words)
                readings.forget([sha256], at=site.clock.now(), terminal_id=here)
                site.vault.erase(sha256)


def erase_file(site: Site, sha256: str) -> None:
    """Erase a copy or a signed file that no paper names; under the writers' lock as well."""
    with site.store.reading():
        if papers.is_named(sha256):
            return
    if site.vault.has(sha256):
        with site.store.writing():
            if not papers.is_named(sha256):
                site.vault.erase(sha256)
