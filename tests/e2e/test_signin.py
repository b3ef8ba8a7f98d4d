"""Signing in and out in a real browser: by keyboard, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from agent.accounts.access import Purpose, record_access
from agent.accounts.principal import Principal
from agent.accounts.sign_in import FREE_TRIES, WrongPassword, sign_in
from agent.domain.roles import Role
from agent.web.live import Live
from tests.e2e.styleguide import PAGES, add_styleguide
from tests.webdesk import PASSWORD, HandClock, add_people, make_app, make_site, serving

CLERK = Principal("lananh", "Nguyễn Thị Lan Anh", Role.CLERK, "BC-TAYHO", "T1")
DESKS = {"lananh": "/counter/", "minh": "/counter/", "tuyen7": "/courier/", "tinh": "/province/", "quantri": "/admin/"}


def enter(page, served, name="lananh", password=PASSWORD, at="/sign-in"):
    """Sign in with the keyboard alone: the cursor is already in the first field."""
    page.goto(served.url + at)
    page.locator("#f-username:focus").wait_for(state="attached")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def path(page, served):
    return page.url.removeprefix(served.url)


@pytest.mark.parametrize("name", DESKS)
def test_each_role_signs_in_by_keyboard_and_lands_at_its_desk(page, served, name):
    enter(page, served, name)
    assert path(page, served) == DESKS[name]


def test_without_javascript_too(chromium, served):
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    enter(page, served)
    assert path(page, served) == "/counter/"
    page.get_by_role("button", name="Ra ca").press("Enter")
    page.wait_for_url("**/sign-in")
    context.close()


def test_a_wrong_password_is_said_and_the_name_is_kept(page, served):
    enter(page, served, password="sai rồi nhé bạn")
    assert "Sai tên hoặc mật khẩu" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.input_value("#f-username") == "lananh"
    assert page.input_value("#f-password") == ""


def test_after_five_failures_even_the_right_password_waits(page, served):
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassword):
            sign_in(served.site, "lananh", "sai rồi nhé bạn", terminal_id="T1")
    enter(page, served)
    assert "Sai tên hoặc mật khẩu" in page.get_by_role("alert").inner_text()
    served.clock.forward(seconds=31)
    enter(page, served)
    assert path(page, served) == "/counter/"


def test_signing_out_ends_the_session_and_back_shows_nothing(page, served):
    enter(page, served)
    page.get_by_role("button", name="Ra ca").press("Enter")
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.wait_for_url("**/sign-in**")
    assert "Lan Anh" not in page.inner_text("body")


def test_a_session_left_alone_asks_again_and_returns_to_the_same_page(page, served):
    enter(page, served)
    page.goto("about:blank")  # the open page notices the lock by itself, and would go to the same place meanwhile
    served.clock.forward(minutes=16)
    page.goto(served.url + "/counter/?q=an")
    page.wait_for_url("**/sign-in?next=*")
    enter(page, served, at=path(page, served))
    assert path(page, served) == "/counter/?q=an"


def test_a_form_on_another_site_cannot_act_for_the_clerk(page, served):
    enter(page, served)
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{served.url}/sign-out"><button>gift</button></form>')
    with page.expect_navigation() as led:
        page.get_by_role("button").click()
    assert led.value.status == 403
    page.goto(served.url + "/counter/")
    assert path(page, served) == "/counter/"


def test_the_language_changes_by_a_link_and_stays(page, served):
    page.goto(served.url + "/sign-in")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**lang=en**")
    assert page.get_by_role("heading", name="Sign in").is_visible()
    page.goto(served.url + "/sign-in")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_and_error_pages_have_no_accessibility_violation(page, served, axe, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(served.url + "/sign-in")
    assert axe(page) == []
    enter(page, served, password="sai rồi nhé bạn")
    assert axe(page) == []
    page.goto(served.url + "/nowhere")
    assert axe(page) == []


@pytest.fixture
def guide(tmp_path):
    site = make_site(tmp_path, HandClock())
    add_people(site)
    app = make_app(site)
    add_styleguide(app)
    with serving(site, app) as running:
        yield running
    site.store.close()


WHO = {"counter": "lananh", "province": "tinh", "courier": "tuyen7"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_macro_is_accessible_and_fits_its_screen(page, guide, axe, scheme):
    page.emulate_media(color_scheme=scheme)
    for name in PAGES:
        page.set_viewport_size({"width": 1366, "height": 768})
        if name in WHO:
            page.context.clear_cookies()
            enter(page, guide, WHO[name])
        width = 390 if name in ("courier", "public") else 1366
        page.set_viewport_size({"width": width, "height": 844 if width == 390 else 768})
        page.goto(f"{guide.url}/styleguide/{name}")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        if width == 390:
            small = page.evaluate(
                "[...document.querySelectorAll('.foot .do, .pair .do, .stops a')]"
                ".filter(e => e.getBoundingClientRect().height < 48).length"
            )
            assert small == 0, name


def test_keys_named_on_the_screen_work(page, guide):
    enter(page, guide)
    page.goto(guide.url + "/styleguide/counter")
    focused = "document.activeElement.id"
    assert page.evaluate(focused) == "scan"
    page.keyboard.press("F5")  # a key of the page, not the browser's reload
    assert page.url.endswith("#")
    page.goto(guide.url + "/styleguide/form")
    assert page.evaluate("document.activeElement.className") == "errors"
    page.keyboard.press("F2")
    assert page.evaluate(focused) == "scan"
    page.keyboard.type("4711")  # bare characters of a scanner fire nothing
    assert page.input_value("#scan") == "4711"


@pytest.mark.parametrize("streams", [12, 0])
def test_figures_of_an_open_screen_follow_the_store_by_stream_or_by_polling(page, guide, streams):
    guide.app.extensions["live"] = station = Live(streams=streams)
    unsent = [3]
    station.provide("unsent", lambda user: unsent[0])
    enter(page, guide)
    page.goto(guide.url + "/styleguide/counter")
    figure = page.locator("[data-live=unsent]")
    expect(figure).to_have_text("3")
    if streams:
        unsent[0] = 4
        record_access(guide.site, CLERK, dossier=None, purpose=Purpose.SEARCH, what="any commit")
        expect(figure).to_have_text("4")
