"""The office's pages for its citizens, and the citizen's own: accessible at both widths, and worked through by hand."""

from __future__ import annotations

from datetime import date

import pytest

from agent.citizen import feedback
from agent.citizen.calendar import DayAsked, propose
from agent.domain.actor import Actor
from agent.domain.calendar_vn import DayKind, DayState
from agent.domain.roles import Role
from agent.store.calendar import Body, working_calendar
from agent.store.citizen import Feedback, Switch, turn
from agent.store.dossiers import Dossier
from agent.tracking.deliver import deliver
from tests.builders import OFFICE
from tests.e2e import rounds
from tests.flow.counter import PROOF
from tests.webdesk import PASSWORD, serving

MINH = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
STORM = date(2026, 11, 25)


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    made = rounds.station(tmp_path_factory.mktemp("office"))
    yield made
    made.site.store.close()


@pytest.fixture(scope="module")
def given(at) -> Dossier:
    item = rounds.out(at)
    deliver(at.site, item.number, PROOF, by=rounds.COURIER)
    dossier = Dossier.get_by_id(item.dossier_id)
    feedback.give(at.site, dossier.id, "feedback", "Chờ lâu <b>quá</b>")
    with at.site.store.writing():
        turn(OFFICE, Switch.PHONE_TRACKING, True, by="minh", at=at.site.clock.now())
    return dossier


def signed_in(running, chromium, name: str, width: int = 1366):
    page = chromium.new_context(viewport={"width": width, "height": 844}, locale="vi-VN").new_page()
    page.goto(running.url + "/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


@pytest.mark.parametrize("width", [390, 1366])
def test_every_page_is_accessible_and_fits(at, given, chromium, axe, width):
    entry = propose(at.site, DayAsked(date(2026, 11, 26 + (width > 390)), DayKind.OFF, DayState.OFFICIAL, Body.BOTH,
                                      "bưu cục đóng cửa vì bão"), by=MINH)  # fmt: skip
    token = given.public_token
    visits = {
        "": [f"/t/{token}", f"/t/{token}/survey", f"/t/{token}/feedback", "/t/"],
        "minh": ["/citizen/", "/citizen/feedback", "/citizen/surveys", f"/citizen/dossiers/{given.uid}/notices",
                 f"/counter/dossiers/{given.uid}/why"],
        "quantri": ["/citizen/calendar", f"/citizen/calendar/{entry}", "/citizen/switches"],
    }  # fmt: skip
    with serving(at.site) as running:
        for who, paths in visits.items():
            page = signed_in(running, chromium, who, width) if who else rounds.phone(chromium)
            for path in paths:
                assert page.goto(running.url + path).status == 200, path
                assert axe(page) == [], path
                if not path.startswith("/counter/"):  # the counter's frame is a desk's
                    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path
            page.context.close()


def test_a_citizen_rates_by_one_tap_without_scripts(at, given, chromium):
    with serving(at.site) as running:
        page = rounds.phone(chromium, java_script_enabled=False)
        page.goto(f"{running.url}/t/{given.public_token}")
        page.get_by_role("link", name="Bạn hài lòng thế nào?").click()
        page.get_by_role("button", name="Hài lòng", exact=True).click()
        assert page.get_by_role("status").inner_text() == "Đã ghi. Cảm ơn bạn."
        page.fill("[name=words]", "Cảm ơn")
        page.get_by_role("button", name="Gửi thêm lời").click()
        assert page.context.cookies() == []
        page.context.close()


def test_a_storm_day_goes_from_proposal_to_countersign_on_the_screen(at, given, chromium):
    dossier = rounds.received(at)
    with serving(at.site) as running:
        page = signed_in(running, chromium, "minh")
        page.goto(running.url + "/citizen/calendar")
        page.fill("[name=on]", STORM.isoformat())
        page.check("[name=body][value=both]")
        page.fill("[name=why]", "bưu cục đóng cửa vì bão")
        page.get_by_role("button", name="Xem hồ sơ nào đổi ngày").click()
        assert "hồ sơ đổi ngày hẹn" in page.inner_text("main")
        page.get_by_role("button", name="Đề nghị, chờ người thứ hai duyệt").click()
        assert "Bạn là người đề nghị" in page.inner_text("main")
        address = page.url
        page.context.close()
        page = signed_in(running, chromium, "quantri")
        page.goto(address)
        page.get_by_role("button", name="Duyệt", exact=True).click()
        assert "Đã duyệt" in page.inner_text("#said")
        page.context.close()
    assert not working_calendar(OFFICE).is_working(STORM)
    assert dossier.office_id == OFFICE


def test_the_office_answers_what_a_citizen_said(at, given, chromium):
    with serving(at.site) as running:
        page = signed_in(running, chromium, "lananh")
        page.goto(running.url + "/citizen/feedback")
        assert "Chờ lâu <b>quá</b>" in page.inner_text("main")
        page.fill("[name=answer]", "Đã gọi xin lỗi")
        page.get_by_role("button", name="Ghi đã trả lời").click()
        assert "Đã ghi câu trả lời" in page.inner_text("#said")
        page.context.close()
    assert Feedback.get(Feedback.dossier == given).state == "answered"
