"""Each look at a readable page is written down, once for a visit; what is erased is said to be, and is no fault."""

from __future__ import annotations

from datetime import timedelta

from agent.store import retention
from agent.store.accounts import AccessLog
from agent.store.dossiers import Component, Dossier
from agent.store.papers import Page, Paper
from agent.store.readings import PaperText
from tests.flow.counter import Counter
from tests.flow.test_values_forms import Browser, filed

__all__ = ["filed"]  # a fixture


def looks(desk: Counter) -> list[str]:
    with desk.site.store.reading():
        return [f"{row.actor} {row.what}" for row in AccessLog.select().order_by(AccessLog.id)]


def page_of(desk: Counter, component: Component) -> tuple[Page, str]:
    with desk.site.store.reading():
        page: Page = Page.get(Page.component == component)
        return page, f"/counter/dossiers/{component.dossier.uid}/pages/{page.uid}"


def test_a_readable_picture_that_is_asked_for_by_itself_is_one_look_of_a_visit(
    desk: Counter, filed: tuple[Dossier, Component]
) -> None:  # fmt: skip
    _, address = page_of(desk, filed[1])
    browser = Browser(desk, "lananh")
    assert [browser.get(f"{address}.jpg").mimetype for _ in range(3)] == ["image/jpeg"] * 3
    assert looks(desk) == ["user:lananh page picture"]
    Browser(desk, "minh").get(f"{address}.jpg")
    assert looks(desk)[1:] == ["user:minh page picture"], "somebody else's look is another"
    with desk.site.store.writing():
        AccessLog.update(at=desk.site.clock.now() - timedelta(days=1)).execute()
    browser.get(f"{address}.jpg")
    assert looks(desk)[2:] == ["user:lananh page picture"], "the next day's look is another"


def test_the_pictures_of_an_opened_page_are_its_own_look(desk: Counter, filed: tuple[Dossier, Component]) -> None:
    _, address = page_of(desk, filed[1])
    browser = Browser(desk, "lananh")
    browser.get(address)
    browser.get(f"{address}.jpg")
    assert looks(desk) == ["user:lananh page"]


def test_a_page_that_comes_back_with_a_refusal_is_a_look_too(desk: Counter, filed: tuple[Dossier, Component]) -> None:
    _, address = page_of(desk, filed[1])
    refused = Browser(desk, "lananh").post(f"{address}/act", act="nonsense")
    assert refused.status_code == 422 and "Chưa chọn việc" in refused.text
    assert looks(desk) == ["user:lananh page"]


def test_a_page_whose_picture_is_erased_says_so(desk: Counter, filed: tuple[Dossier, Component]) -> None:
    page, address = page_of(desk, filed[1])
    with desk.site.store.writing():
        retention.doom(filed[0], [("T1", page.sha256)], at=desk.site.clock.now())
    browser = Browser(desk, "lananh")
    assert browser.get(f"{address}.jpg").mimetype == "image/svg+xml" and looks(desk) == []
    assert "ảnh đã xóa theo yêu cầu" in browser.get(address).text


def test_a_copy_and_its_text_that_are_erased_are_said_to_be(desk: Counter, filed: tuple[Dossier, Component]) -> None:
    desk.digitise(filed[0])
    site, at = desk.site, desk.site.clock.now()
    text = site.vault.put(b'{"pages": []}')
    with site.store.writing():
        paper = Paper.get(Paper.component == filed[1])
        PaperText.delete().where(PaperText.paper == paper).execute()
        PaperText.create(paper=paper, dossier=filed[0], terminal_id="T1", sha256=text, size=13, made_at=at)
    browser, address = Browser(desk, "lananh"), f"/counter/dossiers/{filed[0].uid}/papers/{paper.uid}"
    assert [browser.get(address + end).status_code for end in (".pdf", "/text.json")] == [200, 200]
    with site.store.writing():
        retention.doom(filed[0], [("T1", paper.copy_sha256), ("T1", text)], at=at)
    before = looks(desk)
    for end in (".pdf", "/text.json"):
        answer = browser.get(address + end)
        assert answer.status_code == 404 and "đã xóa theo yêu cầu" in answer.text
    assert looks(desk) == before, "nothing was seen"
