"""A filed page is looked at large, turned, moved, put elsewhere, exchanged and taken out by keys alone."""

from __future__ import annotations

import io

import pikepdf
import pytest
from playwright.sync_api import expect

from agent.errors import RuleViolation
from agent.intake.arrange import turn_page
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, component_of, pages_of, wants_copy
from agent.intake.label import confirm_label
from agent.settings import load
from agent.store.journal import entries
from agent.store.lookup import components_of, dossier_by_uid
from agent.wiring import build_site
from tests.builders import CLERK as ACTOR
from tests.builders import Station as Desk
from tests.builders import received, scanned
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with station(tmp_path_factory.mktemp("counter")) as running:
        yield running


@pytest.fixture
def site(counter):
    built = build_site(load(counter.data))
    yield built
    built.store.close()


@pytest.fixture
def dossier(site):
    """A dossier whose first component has three pages and whose second has one."""
    made = received(Desk(site, None), procedure="1.001193")
    confirm_label(site, made.uid, made.provisional, by=ACTOR)
    first, second = [one for one in components_of(made) if wants_copy(one)][:2]
    for component, names in ((first, "ABC"), (second, "D")):
        for name in names:
            pages = site.digitiser().read_bytes(f"{name}.jpg", scanned(f"{made.provisional} {name}"))
            add_pages(site, made.uid, component.uid, pages, by=ACTOR)
    return made


def names(site, dossier, number):
    with site.store.reading():
        held = dossier_by_uid(dossier.uid)
        component = [one for one in components_of(held) if wants_copy(one)][number]
        return [page.name for page in pages_of(component_of(held, component.uid))]


def test_a_filed_page_is_put_right_with_the_keyboard_alone(counter, page, site, dossier, tmp_path, axe):
    clerk, better = Clerk(page, counter), tmp_path / "better.jpg"
    better.write_bytes(scanned("better"))
    clerk.sign_in()
    page.goto(f"{counter.url}/counter/dossiers/{dossier.uid}")
    clerk.go("Alt+l")
    clerk.sees("Trang 1/3")
    page.screenshot(path=tmp_path / "look.png")
    assert axe(page) == []
    clerk.go("Alt+r")
    clerk.sees("xoay 90°")
    clerk.go("Control+ArrowDown")
    clerk.sees("Trang 2/3")
    assert names(site, dossier, 0) == ["B.jpg", "A.jpg", "C.jpg"]
    clerk.press("Alt+m")
    page.locator("#f-place:focus").wait_for()
    clerk.press("Tab")
    clerk.go("Enter")
    clerk.sees("Đã chuyển trang")
    assert (names(site, dossier, 0), names(site, dossier, 1)) == (["B.jpg", "C.jpg"], ["D.jpg", "A.jpg"])
    clerk.choose_file("F8", better)
    clerk.sees("Đã thay trang")
    assert names(site, dossier, 1) == ["D.jpg", "better.jpg"]
    clerk.go("ArrowLeft")
    clerk.sees("Trang 1/2")
    clerk.go("Escape")
    clerk.sees("chuyển một trang sang thành phần khác")
    assert clerk.no_mouse()
    with site.store.reading():
        kinds = [entry.kind for entry in entries("dossier", dossier_id=dossier.id)]
    changes = [kind for kind in kinds if kind.startswith("page_")]
    assert changes == ["page_turned", "page_moved", "page_placed", "page_replaced"]
    expect(page.locator(".thumbs li")).to_have_count(4)


def test_the_copy_of_a_page_that_was_turned_is_made_anew_and_a_signed_one_is_left_alone(counter, page, site, dossier):
    clerk = Clerk(page, counter)
    clerk.sign_in()
    before = {paper.component_id: paper.copy_sha256 for paper in make_copies(site, dossier.uid, by=ACTOR)}
    page.goto(f"{counter.url}/counter/dossiers/{dossier.uid}")
    clerk.go("Alt+l")
    clerk.go("Alt+r")
    clerk.sees("xoay 90°")
    (anew,) = make_copies(site, dossier.uid, by=ACTOR)
    assert anew.copy_sha256 != before[anew.component_id]
    with pikepdf.open(io.BytesIO(site.vault.get(anew.copy_sha256))) as pdf:
        across = [float(one.mediabox[2]) > float(one.mediabox[3]) for one in pdf.pages]
    assert across == [True, False, False]
    look = page.url
    page.goto(f"{counter.url}/counter/dossiers/{dossier.uid}/sign")
    clerk.go("F7")
    clerk.sees("Đã ký")
    page.goto(look)
    expect(page.locator("[data-key='Alt+R']")).to_have_count(0)
    with site.store.reading():
        held = next(one for one in components_of(dossier_by_uid(dossier.uid)) if wants_copy(one))
        first = pages_of(held)[0]
    with pytest.raises(RuleViolation, match="đã ký, không thay trang"):
        turn_page(site, dossier.uid, first.uid, 90, by=ACTOR)
