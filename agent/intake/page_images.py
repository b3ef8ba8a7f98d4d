"""A filed page as the image that the adapters take: its bytes from the vault, with what is known of it."""

from __future__ import annotations

from agent.ports import PageImage, Verdict
from agent.site import Site
from agent.store.papers import Page


def image_of(site: Site, page: Page) -> PageImage:
    """The page's image; DocumentError when this terminal's vault does not hold it."""
    return PageImage(
        name=page.name,
        raw=site.vault.get(page.sha256),
        sha256=page.sha256,
        media=page.media,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        verdict=Verdict(page.verdict),
        reason=page.reason,
        findings=tuple(page.findings),
        seen={**page.seen, "turned": page.turn},
    )
