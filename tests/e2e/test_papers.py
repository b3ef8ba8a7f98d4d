"""Papers that are here already are taken by one key; a paper's page answers a doubtful official; files are exported."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from playwright.sync_api import expect

from agent.domain.canonical_zip import unpack
from agent.intake.paper_facts import Entry, enter
from agent.settings import load
from agent.store.accounts import AccessLog
from agent.store.papers import Paper
from agent.wiring import build_site
from tests.builders import CLERK as ACTOR
from tests.builders import Station as Desk
from tests.builders import signed
from tests.e2e.clerk import BIRTH, CARD, Clerk
from tests.e2e.serving import station


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with station(tmp_path_factory.mktemp("counter")) as running:
        running.add_people(("tinh", "province", "tinh"), office="TTHCC")
        running.add_people(("sontay", "clerk", "sontay"), office="BC-SONTAY")
        yield running


@pytest.fixture(scope="module")
def dossier(counter):
    """The address of a signed dossier and its papers; one of them serves again, the other has expired."""
    with ThreadPoolExecutor(1) as apart:  # Playwright keeps this thread's event loop, and signing needs one of its own
        return apart.submit(_signed, counter).result(60)


def _signed(counter):
    site = build_site(load(counter.data))
    try:
        made = signed(Desk(site, None), procedure=BIRTH)
        first, second = Paper.select().where(Paper.dossier == made).order_by(Paper.id)
        enter(site, made.uid, first.uid, Entry(number="12/2020", permanent=True), approve=True, by=ACTOR)
        enter(site, made.uid, second.uid, Entry(valid_until=date(2021, 1, 1)), approve=True, by=ACTOR)
        return f"{counter.url}/counter/dossiers/{made.uid}", [str(first.uid), str(second.uid)]
    finally:
        site.store.close()


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


def looks(counter) -> list[str]:
    """What the access log holds."""
    site = build_site(load(counter.data))
    try:
        return [f"{row.actor} {row.purpose} {row.what}" for row in AccessLog.select()]
    finally:
        site.store.close()


def test_what_is_here_already_is_taken_by_one_key_and_never_scanned_again(clerk, counter, dossier, axe):
    page = clerk.page
    clerk.sign_in()
    clerk.keys = 0
    clerk.scan(BIRTH)
    clerk.scan(CARD)
    clerk.sees("Dùng lại bản đã có")
    clerk.sees("hết hiệu lực từ 01/01/2021")
    assert axe(page) == []
    clerk.go("F7")
    taken = page.locator("input[name^='reuse:']:checked")
    expect(taken).to_have_count(1)
    assert taken.input_value() == dossier[1][0]
    page.locator("input[name=owner_phone]").focus()
    page.keyboard.type("0912345678")  # known of a returning citizen in time; not part of taking papers again
    clerk.go("Enter")
    clerk.sees("dùng lại từ kho")
    assert clerk.keys <= 7 and clerk.no_mouse()
    assert "user:lananh intake reusable papers" in looks(counter)


def test_a_paper_s_page_answers_and_keeps_what_is_typed_by_keys_alone(clerk, counter, dossier, axe):
    page, (address, uids) = clerk.page, dossier
    clerk.sign_in()
    page.goto(f"{address}/papers/{uids[1]}")
    clerk.sees("Từ lúc ký có ai sửa không?")
    clerk.sees("vừa kiểm tra lại")
    assert axe(page) == []
    page.locator("#f-valid_until").fill("31/31/2030")
    clerk.go("F10")
    clerk.sees("không phải ngày")
    assert page.locator("#f-valid_until").input_value() == "31/31/2030"
    page.locator("#f-valid_until").fill("31/12/2030")
    clerk.go("F10")
    clerk.sees("Giấy tờ này được đưa ra ở lần nộp sau")
    assert clerk.no_mouse()
    bundle = page.request.get(f"{address}/papers/{uids[0]}/evidence.zip").body()
    assert {"paper.json", "paper.pdf", "manifest.cms"} <= set(unpack(bundle))
    assert "paper.pdf" not in unpack(page.request.get(f"{address}/papers/{uids[0]}/evidence.zip?pdf=0").body())
    assert any("paper evidence bundle" in look for look in looks(counter))


def test_the_province_reads_the_evidence_and_another_office_does_not(clerk, dossier, axe):
    page, (address, uids) = clerk.page, dossier
    clerk.sign_in("tinh")
    page.goto(f"{address}/papers/{uids[0]}")
    clerk.sees("Có tin được bản này không?")
    assert axe(page) == []
    expect(page.locator("#entry")).to_have_count(0)
    page.context.clear_cookies()
    clerk.sign_in("sontay")
    for path in ("papers", f"papers/{uids[0]}", f"papers/{uids[0]}/evidence.zip"):
        assert page.request.get(f"{address}/{path}").status == 403


def test_the_supervisor_takes_the_file_set_away_with_a_purpose(clerk, counter, dossier, axe):
    page, (address, _) = clerk.page, dossier
    clerk.sign_in("lananh")
    page.goto(f"{address}/papers")
    expect(page.get_by_text("Xuất bộ tệp")).to_have_count(0)
    page.context.clear_cookies()
    clerk.sign_in("minh")
    page.goto(f"{address}/papers")
    assert axe(page) == []
    with page.expect_download() as got:
        clerk.press("F8")
    names = zipfile.ZipFile(io.BytesIO(got.value.path().read_bytes())).namelist()
    assert {"index.csv", "index.json"} < set(names) and sum(name.startswith("papers/") for name in names) == 2
    assert "user:minh complaint file set" in looks(counter)
