"""A paper's values beside their pictures: confirmed, corrected and refused by keyboard, nothing typed being lost."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import expect

from agent.intake.digitise import make_copies
from agent.intake.extraction import values_of
from agent.intake.filing import add_pages, wants_copy
from agent.intake.label import confirm_label
from agent.settings import load
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.values import run_of
from agent.wiring import build_site
from tests.builders import CLERK as ACTOR
from tests.builders import Station as Desk
from tests.builders import received
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station, until
from tests.letter_pages import needs_data
from tests.sample_papers import make

pytestmark = needs_data
FORM, NOTICE = make("tkks", 7), make("gcs", 7)


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("POSTAL_AGENT_OCR_ENABLED", "true")
        with station(tmp_path_factory.mktemp("counter")) as running:
            yield running


class Papers:
    """A dossier whose two papers were filed, its site beside the served one."""

    def __init__(self, counter) -> None:
        self.site = build_site(load(counter.data).with_())
        made = received(Desk(self.site, None), procedure="1.001193")
        confirm_label(self.site, made.uid, made.provisional, by=ACTOR)
        self.uid, self.url = made.uid, f"{counter.url}/counter/dossiers/{made.uid}"
        with self.site.store.reading():
            self.components = [one for one in components_of(made) if wants_copy(one) and one.required]
        for component, paper in zip(self.components, (FORM, NOTICE), strict=True):
            pages = self.site.digitiser().read_bytes("scan.jpg", paper.jpeg)
            add_pages(self.site, made.uid, component.uid, pages, by=ACTOR)
        make_copies(self.site, made.uid, by=ACTOR, wait=0)

    def taken(self) -> bool:
        """Whether the background has taken the values of both."""
        with self.site.store.reading():
            runs = [run_of(component) for component in self.components]
        return all(run is not None and run.unread == 0 for run in runs)

    def values(self) -> dict[str, str]:
        """What counts of the form."""
        with self.site.store.reading():
            form = components_of(dossier_by_uid(UUID(str(self.uid))))[0]
            return dict(values_of(form))


@pytest.fixture
def papers(counter):
    made = Papers(counter)
    until(made.taken, "the background took the values", seconds=60)
    yield made
    made.site.store.close()


def test_two_papers_are_settled_by_keyboard_and_nothing_typed_is_lost(page, counter, papers, axe):
    clerk = Clerk(page, counter)
    clerk.sign_in()
    page.goto(papers.url + "/sign")
    clerk.sees("còn chờ")
    clerk.go("Alt+G")
    clerk.sees("Dữ liệu trên giấy tờ")
    clerk.sees(f"Họ tên trên giấy: {FORM.truth['requester_name']}, khác với chủ hồ sơ: Nguyễn Thị Hường.")
    page.locator("svg.crop").first.wait_for()
    until(lambda: page.evaluate("document.querySelector('#look-at use').getAttribute('href')"), "a page is shown")
    assert axe(page) == []

    fields = page.locator("[data-value-row] input[name=value]").count()
    clerk.keys = 0
    clerk.press("F8")  # all that were read for sure, the disagreement not among them
    clerk.sees("Đã xác nhận ")
    assert "requester_name" not in papers.values()
    assert papers.values()["title"] == FORM.truth["title"]

    box = page.locator(f"#f-{papers.components[0].uid}-child_birth")
    box.focus()
    box.select_text()
    clerk.type("31022025")
    clerk.press("Enter")
    clerk.sees("không có trong lịch")
    expect(box).to_be_focused()
    expect(box).to_have_value("31022025")
    box.select_text()
    clerk.type("08032025")
    clerk.press("Enter")
    expect(page.locator(f"#s-{papers.components[0].uid}-child_birth")).to_contain_text("đã sửa", timeout=20_000)
    assert papers.values()["child_birth"] == "2025-03-08"

    name = page.locator(f"#f-{papers.components[0].uid}-requester_name")
    name.focus()
    name.select_text()
    clerk.type("Nguyễn Thị")
    clerk.press("Escape")  # takes back what was typed, stays on the page
    expect(name).to_have_value(FORM.truth["requester_name"])
    clerk.press("Enter")
    expect(page.locator(f"#s-{papers.components[0].uid}-requester_name")).to_contain_text("đã xác nhận", timeout=20_000)
    assert papers.values()["requester_name"] == FORM.truth["requester_name"]

    while page.evaluate("document.activeElement.name === 'value'"):  # faster than the disk writes
        clerk.press("Enter")
    assert clerk.keys <= fields + 40, "a key a field, and what was typed"
    clerk.go("Enter")  # nothing waits: the next step
    clerk.sees("Sẽ ký")
    clerk.sees(f"{fields} mục đã xong, 0 đọc chắc, 0 còn chờ")
    assert clerk.no_mouse()
