"""What the web application lets in: hosts, origins, roles, sizes; and how it says no."""

from __future__ import annotations

import logging
import re

import pytest
from flask import Blueprint

from agent import errors as e
from agent.accounts.tokens import make_token
from agent.domain.roles import Action
from agent.web.auth.sign_in_page import _inside
from agent.web.context import site as site_of_request
from agent.web.errors import STATUS
from agent.web.guard import allow, public
from tests.webdesk import PASSWORD, USERS, add_people, make_app, make_site

HOST = {"Host": "127.0.0.1:8080"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = make_site(tmp_path_factory.mktemp("guard"))
    add_people(made)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def app(site):
    made = make_app(site)
    extra = Blueprint("extra", __name__)
    trouble = {kind.__name__: kind for kind in STATUS if kind not in (e.IllegalStep, e.HandoffRejected)}

    @extra.get("/trouble/<name>")
    @extra.get("/api/v1/trouble/<name>")
    @public
    def raise_it(name):
        if name == "crash":
            raise ValueError("001199012345 của Nguyễn Thị Hường")
        raise trouble[name]("Máy in nhãn hết giấy. Lắp cuộn mới.")

    @extra.post("/api/v1/anything")
    @extra.post("/anything")
    @allow(Action.RECEIVE, body=2048)
    def anything():
        return site_of_request().settings.terminal.id

    @extra.get("/forgotten")
    def forgotten():
        return "nobody said who may see this"

    made.register_blueprint(extra)
    return made


@pytest.fixture(scope="module")
def browser(app):
    """A signed-in clerk's browser."""
    return signed_in(app, "lananh")


def token_of(html):
    return re.search(r'name="_csrf" value="([^"]+)"', html).group(1)


def signed_in(app, name):
    client = app.test_client()
    form = token_of(client.get("/sign-in", headers=HOST).text)
    answer = client.post("/sign-in", headers=HOST, data={"_csrf": form, "username": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def csrf(client):
    return token_of(client.get("/counter/", headers=HOST).text)


def test_every_view_says_who_may_call_it(app):
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not any(hasattr(app.view_functions[rule.endpoint], mark) for mark in ("allow", "public"))
    ]
    assert silent == ["static", "extra.forgotten"]


def test_a_view_that_says_nothing_is_shut(browser):
    assert browser.get("/forgotten", headers=HOST).status_code == 404


def test_every_route_is_open_to_its_roles_and_to_nobody_else(app):
    people = {name: signed_in(app, name) for name in USERS} | {"": app.test_client()}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "GET" not in rule.methods or not hasattr(view, "allow") or rule.endpoint == "live.events":
            continue
        values = dict.fromkeys(rule.arguments, "019a0000-0000-7000-8000-000000000000")
        with app.test_request_context(headers=HOST):
            address = app.url_for(rule.endpoint, **values)
        for name, client in people.items():
            status = client.get(address, headers=HOST).status_code
            if not name:
                assert status in (303, 401), (address, "nobody", status)
                continue
            from agent.domain.roles import may

            role = USERS[name][0]
            opened = not view.allow or any(may(role, action) for action in view.allow)
            assert (status != 403) if opened else (status == 403), (address, name, status)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8080", "10.0.0.5"])
def test_a_foreign_host_name_is_refused(app, host):
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "with_token", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True, 200),
        ({"Sec-Fetch-Site": "same-origin"}, False, 403),
        ({"Sec-Fetch-Site": "cross-site"}, True, 403),
        ({"Sec-Fetch-Site": "same-site"}, True, 403),
        ({"Origin": "http://127.0.0.1:8080"}, True, 200),
        ({"Origin": "http://127.0.0.1:9999"}, True, 403),
        ({"Origin": "null"}, True, 403),
        ({}, True, 200),
        ({}, False, 403),
    ],
)
def test_forms_of_other_sites_are_refused(browser, headers, with_token, status):
    form = {"_csrf": csrf(browser)} if with_token else {"_csrf": "x"}
    answer = browser.post("/anything", headers=HOST | headers, data=form)
    assert answer.status_code == status
    answer = browser.post("/api/v1/anything", headers=HOST | headers | {"X-CSRF-Token": form["_csrf"]})
    assert answer.status_code == status


def test_a_form_of_another_session_is_refused(app, browser):
    assert browser.post("/anything", headers=HOST, data={"_csrf": csrf(signed_in(app, "minh"))}).status_code == 403


def test_a_bearer_token_needs_no_form_token_but_its_scope(app, site):
    client = app.test_client()
    for scope, status in [("dossiers:write", 200), ("dossiers:read", 403)]:
        bearer = {"Authorization": f"Bearer {make_token(site, 'lananh', [scope])}"}
        assert client.post("/api/v1/anything", headers=HOST | bearer).status_code == status
    assert client.post("/api/v1/anything", headers=HOST | {"Authorization": "Bearer x"}).status_code == 401
    assert client.post("/anything", headers=HOST | bearer).status_code == 303  # tokens open the API only


def test_too_large_a_body_is_refused_in_words(browser):
    answer = browser.post("/anything", headers=HOST, data={"_csrf": csrf(browser), "x": "x" * 3000})
    assert answer.status_code == 413
    assert "quá lớn" in answer.text


def test_pages_carry_their_protection_and_are_not_kept(browser):
    headers = browser.get("/counter/", headers=HOST).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


def test_no_template_has_inline_script_or_style():
    from agent.web.i18n import CATALOGUES

    for path in (CATALOGUES.parent / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), path


def test_assets_and_font_are_kept_for_a_year(app):
    client = app.test_client()
    sheet = re.search(r'href="(/static/app.css\?v=\w+)"', client.get("/sign-in", headers=HOST).text).group(1)
    for address in (sheet, "/font/BeVietnamPro-Regular.ttf"):
        answer = client.get(address, headers=HOST)
        assert (answer.status_code, answer.cache_control.max_age) == (200, 31_536_000)
        assert not answer.headers.getlist("Set-Cookie")
    assert client.get("/font/..%2f__init__.py", headers=HOST).status_code == 404


def test_the_cookie_is_out_of_reach_of_scripts(app):
    assert signed_in(app, "lananh").get_cookie("agent", "127.0.0.1").http_only


@pytest.mark.parametrize("name", [k.__name__ for k in STATUS if k not in (e.IllegalStep, e.HandoffRejected)])
def test_every_error_says_what_happened_and_what_next(app, name):
    status = next(s for k, s in STATUS.items() if k.__name__ == name)
    client = app.test_client()
    page = client.get(f"/trouble/{name}", headers=HOST)
    assert page.status_code == status
    assert "Máy in nhãn hết giấy" in page.text and "Tiếp theo" in page.text
    assert ("Mã tham chiếu" in page.text) == (status >= 500)
    answer = client.get(f"/api/v1/trouble/{name}", headers=HOST)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail", "code"} <= set(answer.json)


def test_a_crash_shows_a_reference_and_neither_page_nor_log_quotes_the_citizen(app, caplog):
    with caplog.at_level(logging.INFO):
        page = app.test_client().get("/trouble/crash", headers=HOST)
        problem = app.test_client().get("/api/v1/trouble/crash", headers=HOST)
    reference = re.search(r"Mã tham chiếu: <b>([\w-]+)</b>", page.text).group(1)
    assert (page.status_code, problem.status_code, problem.json["code"]) == (500, 500, "internal")
    assert reference in caplog.text and problem.json["reference"] in caplog.text
    assert "0011990" not in caplog.text + page.text + problem.text and "Hường" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def test_errors_speak_the_users_language(app):
    client = app.test_client()
    assert "There is no page at this address" in client.get("/nowhere?lang=en", headers=HOST).text
    assert "There is no page" in client.get("/nowhere", headers=HOST).text  # remembered
    assert "Không có trang" in client.get("/nowhere?lang=vi", headers=HOST).text


def test_an_htmx_request_gets_the_message_alone(app):
    answer = app.test_client().get("/trouble/NotFound", headers=HOST | {"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#said" and "<html" not in answer.text


def test_health_readiness_and_metrics(app):
    client = app.test_client()
    assert client.get("/healthz", headers=HOST).text == "ok\n"
    assert client.get("/readyz", headers=HOST).json == {"ready": True, "reasons": {}}
    app.extensions["ready"]["printer"] = lambda: "máy in không kết nối"
    answer = client.get("/readyz", headers=HOST)
    del app.extensions["ready"]["printer"]
    assert (answer.status_code, answer.json["reasons"]) == (503, {"printer": "máy in không kết nối"})
    app.extensions["metrics"].gauge("agent_jobs", "Jobs by state.", "state", lambda: {"ready": 3})
    text = client.get("/metrics", headers=HOST).text
    assert 'agent_requests_total{part="health",status="503"} 1' in text and 'agent_jobs{state="ready"} 3' in text


@pytest.mark.parametrize(
    ("target", "led_to"),
    [("/counter/?q=1", "/counter/?q=1"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil", "/"),
     ("", "/"), ("javascript:1", "/"), ("/a\r\nb", "/")],
)  # fmt: skip
def test_sign_in_leads_nowhere_outside(target, led_to):
    assert _inside(target) == led_to
