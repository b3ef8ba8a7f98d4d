"""The signing page with a token: the PIN once a shift, every refusal in words, all by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, wants_copy
from agent.intake.label import confirm_label
from agent.settings import load
from agent.store.lookup import components_of
from agent.wiring import build_site
from tests.builders import CLERK as ACTOR
from tests.builders import Station as Desk
from tests.builders import received, scanned
from tests.contract.token_rig import PIN, TokenRig, authority, built
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    """The clerk's token, and what processes that are started now need to find it."""
    with authority(tmp_path_factory.mktemp("ca")) as trust, pytest.MonkeyPatch.context() as environment:
        made = TokenRig(tmp_path_factory.mktemp("token") / "token", built(tmp_path_factory.mktemp("module")))
        for name, value in made.environ.items():
            environment.setenv(name, value)
        made.token().certificate(trust.der("clerk"), trust.key("clerk"))
        for name in ("root", "sub"):
            (made.folder / f"{name}.crt").write_bytes(trust.pem(name))
        yield made


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium, rig):
    lines = [
        '[signing]\nkind = "pkcs11"\nsubjects = ["lananh=Trần Lan Anh"]\nrevocation = "soft"',
        f'module = "{rig.module}"\ntrust = "{rig.folder}/root.crt"\nchain = "{rig.folder}/sub.crt"\n',
    ]
    with station(tmp_path_factory.mktemp("counter"), devices="\n".join(lines)) as running:
        yield running


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


@pytest.fixture
def dossier(counter):
    """The address of a dossier whose copies wait for the signature."""
    site = build_site(load(counter.data))
    try:
        made = received(Desk(site, None), procedure="1.001193")
        confirm_label(site, made.uid, made.provisional, by=ACTOR)
        for component in (one for one in components_of(made) if wants_copy(one)):
            pages = site.digitiser().read_bytes("scan.jpg", scanned(made.provisional))
            add_pages(site, made.uid, component.uid, pages, by=ACTOR)
        make_copies(site, made.uid, by=ACTOR)
        return f"{counter.url}/counter/dossiers/{made.uid}"
    finally:
        site.store.close()


def pin_field(clerk):
    return clerk.page.locator("#f-pin:focus")


def test_the_pin_is_asked_once_a_shift_and_again_after_signing_out(clerk, dossier, rig, axe):
    page = clerk.page
    clerk.sign_in()
    page.goto(dossier + "/sign")
    clerk.sees("Trần Lan Anh")
    pin_field(clerk).wait_for()
    assert axe(page) == []
    clerk.type("111222")
    clerk.go("Enter")
    clerk.sees("Mã PIN không đúng")
    clerk.sees("rất ít lần thử")
    pin_field(clerk).wait_for()
    assert page.locator("#f-pin").input_value() == ""  # nothing comes back from the server
    clerk.type(PIN)
    clerk.go("F7")
    clerk.sees("Đã ký 2 bản")
    page.goto(dossier + "/sign")
    clerk.sees("Khóa đang mở, không hỏi lại PIN")
    expect(page.locator("#f-pin")).to_have_count(0)
    assert clerk.no_mouse()
    page.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url("**/sign-in*")
    clerk.sign_in()
    page.goto(dossier + "/sign")
    pin_field(clerk).wait_for()
    assert rig.made == 2


def test_a_token_that_is_not_there_or_locked_says_so_and_nothing_is_signed(clerk, dossier, rig):
    page = clerk.page
    clerk.sign_in()
    rig.says("out")
    page.goto(dossier + "/sign")
    clerk.sees("Chưa cắm thiết bị ký số")
    rig.no_more("out")
    rig.says("tries", "xx")
    page.goto(dossier + "/sign")
    clerk.sees("Chỉ còn 1 lần thử PIN")
    pin_field(clerk).wait_for()
    clerk.type("111222")
    clerk.go("Enter")
    clerk.sees("đã bị khóa")
    expect(page.locator("#f-pin")).to_have_count(0)
    clerk.sees("mở khóa")
    rig.no_more("tries")
    page.goto(dossier + "/sign")
    pin_field(clerk).wait_for()
    clerk.type(PIN)
    clerk.go("F7")
    clerk.sees("Đã ký 2 bản")


def test_what_stops_the_signature_is_told_where_paper_is_scanned(clerk, dossier, rig, tmp_path):
    page, told = clerk.page, clerk.page.locator(".outlook")
    clerk.sign_in()
    rig.says("out")
    page.goto(f"{clerk.station.url}/counter/inbox")
    expect(told).to_contain_text(re.compile("(Chưa cắm t|T)hiết bị ký số"))
    page.goto(dossier)
    expect(told).to_contain_text("Bạn vẫn quét được")
    page.screenshot(path=tmp_path / "outlook.png")
    rig.no_more("out")
    with page.expect_response("**/counter/outlook"):
        page.goto(dossier)
    expect(told).to_have_count(0)
