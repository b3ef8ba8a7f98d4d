"""The values page as a browser without scripts posts it: nothing typed is lost, nobody else sees it, looks are kept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agent.intake.extraction import extract_all, values_of
from agent.intake.filing import add_pages, wants_copy
from agent.intake.label import confirm_label
from agent.store.accounts import AccessLog
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of
from agent.store.readings import PageReading
from tests.builders import CLERK, scanned
from tests.flow.counter import Counter
from tests.webdesk import PASSWORD, add_people, make_app

HOST = {"Host": "127.0.0.1:8080"}


class Browser:
    """A signed-in user's browser without scripts."""

    def __init__(self, desk: Counter, name: str) -> None:
        self.web = make_app(desk.site).test_client()
        self.token = self._token("/sign-in")
        self.post("/sign-in", username=name, password=PASSWORD)
        self.token = self._token("/counter/keys")

    def get(self, path: str) -> Any:
        return self.web.get(path, headers=HOST)

    def post(self, path: str, **form: Any) -> Any:
        return self.web.post(path, headers=HOST, data={"_csrf": self.token, **form})

    def _token(self, path: str) -> str:
        found = re.search(r'name="_csrf" value="([^"]+)"', self.get(path).text)
        assert found
        return found.group(1)


@pytest.fixture
def filed(desk: Counter) -> tuple[Dossier, Component]:
    """A dossier with one page of which nothing could be read: its fields are there to be typed."""
    add_people(desk.site)
    dossier = desk.receive(procedure="1.001193")
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        form = next(one for one in components_of(dossier) if wants_copy(one))
    add_pages(desk.site, dossier.uid, form.uid, desk.site.digitiser().read_bytes("a.jpg", scanned("a")), by=CLERK)
    return dossier, form


def test_a_refused_value_comes_back_as_it_was_typed_and_a_good_one_leads_on(
    desk: Counter, filed: tuple[Dossier, Component]
) -> None:  # fmt: skip
    dossier, form = filed
    browser, page = Browser(desk, "lananh"), f"/counter/dossiers/{dossier.uid}/values"
    seen = browser.get(page)
    assert seen.status_code == 200 and "Còn 1 trang đang được đọc" in seen.text
    with desk.site.store.reading():
        looks = [row.what for row in AccessLog.select()]
    assert "values of papers" in looks

    refused = browser.post(f"{page}/{form.uid}/child_birth", value="31/02/2025")
    assert refused.status_code == 422
    assert 'value="31/02/2025"' in refused.text and "không có trong lịch" in refused.text
    kept = browser.post(f"{page}/{form.uid}/child_birth", value="8-3-2025")
    assert kept.status_code == 303 and f"#f-{form.uid}-" in kept.headers["Location"]
    with desk.site.store.reading():
        assert dict(values_of(form)) == {"child_birth": "2025-03-08"}
    named = browser.post(f"{page}/{form.uid}/child_name", value="<b>Trần Gia Bảo</b>")
    assert named.status_code == 303 and "<b>Trần" not in browser.get(page).text, "what is typed is no markup"
    assert "xác nhận 2 mục dữ liệu trên giấy tờ" in browser.get(page.removesuffix("/values")).text


def test_other_offices_and_other_roles_see_nothing(desk: Counter, filed: tuple[Dossier, Component]) -> None:
    dossier, form = filed
    extract_all(desk.site, dossier.uid)
    page = f"/counter/dossiers/{dossier.uid}/values"
    for name in ("sontay", "tuyen7"):
        browser = Browser(desk, name)
        assert browser.get(page).status_code in (403, 404)
        assert browser.post(f"{page}/{form.uid}/child_name", value="X Y").status_code in (403, 404)
        assert browser.post(f"{page}/sure").status_code in (403, 404)
    with desk.site.store.reading():
        assert dict(values_of(form)) == {}


def test_a_page_that_cannot_be_read_leaves_its_fields_to_be_typed(
    desk: Counter, filed: tuple[Dossier, Component]
) -> None:  # fmt: skip
    dossier, form = filed
    with desk.site.store.writing():
        PageReading.update(state="failed", reason="mờ").execute()
    browser, page = Browser(desk, "lananh"), f"/counter/dossiers/{dossier.uid}/values"
    seen = browser.get(page).text
    assert "Còn 1 trang" not in seen and "không đọc được" in seen and f"f-{form.uid}-child_name" in seen
