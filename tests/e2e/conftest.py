"""A real Chromium and a served application for the browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.webdesk import HandClock, Served, add_people, make_site, serving

UNWANTED = (  # the last such switch counts: what Playwright switches off, then the drawing of the browser's own window
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess",
)  # fmt: skip
FLAGS = (
    f"--disable-features={','.join(UNWANTED)}", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; skipped with a reason where there is none, failed in CI.

    Not for the whole session: Playwright keeps an event loop running in this thread, and signing needs one of its own.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium on this machine: install the package chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*FLAGS, "--no-sandbox"] if root else [*FLAGS]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The application with all of USERS signed up, its clock in the test's hand."""
    site = make_site(tmp_path, HandClock())
    add_people(site)
    with serving(site) as running:
        yield running
    site.store.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A fresh page of the counter's size that speaks Vietnamese; fails the test on a script error or blocked file."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    sheet = context.new_page()
    problems: list[str] = []
    sheet.on("pageerror", lambda error: problems.append(str(error)))
    sheet.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield sheet
    context.close()
    assert not problems


def violations(page: Any) -> list[str]:
    """What axe-core has against the page, WCAG 2.2 A and AA."""
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("axe-core is not installed: npm ci")
        pytest.skip("axe-core is not installed: npm ci")
    page.evaluate(AXE.read_text(encoding="utf-8"))  # not a script tag: the page's own policy forbids those
    found = page.evaluate(
        "() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],"
        " resultTypes: ['violations']}).then(r => r.violations)"  # of the rest it needs no paths
    )
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found for node in v["nodes"]]


@pytest.fixture
def axe() -> Any:
    """`axe(page)`: the list of violations."""
    return violations
