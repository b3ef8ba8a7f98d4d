"""The dossier's page says what the citizen is to be told, what keeps it from leaving, and what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.dossier import State
from agent.intake.draft import open_draft
from agent.intake.void import refunded
from agent.store.dossiers import Dossier
from agent.store.papers import Paper
from agent.store.public_view import tracked
from agent.web.public.stages import view_of
from tests.builders import CLERK
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import Counter, counter
from tests.flow.test_look_up import CHIP, PROCEDURE
from tests.flow.test_values_forms import Browser
from tests.flow.test_whole_way import words_of
from tests.webdesk import add_people


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, prepared: Path, shared_province: Sandbox) -> Iterator[Counter]:
    """One counter for the whole file."""
    with counter(tmp_path_factory.mktemp("news") / "data", prepared, shared=shared_province) as opened:
        add_people(opened.site)
        yield opened


@pytest.fixture(scope="module")
def browser(desk: Counter) -> Browser:
    return Browser(desk, "lananh")


def page(dossier: Dossier, end: str = "") -> str:
    return f"/counter/dossiers/{dossier.uid}{end}"


def told_by(desk: Counter, dossier: Dossier, *acts: str, **options: object) -> Dossier:
    desk.act(dossier, *acts, **options)
    desk.program.follow_once(desk.site)
    return desk.now(dossier)


def test_a_moved_day_is_said_with_its_letter_until_the_clerk_has_told_it(desk: Counter, browser: Browser) -> None:
    dossier = told_by(desk, desk.handed_off(procedure="1.001612"), "take-up")
    due = datetime(2031, 1, 20, 3, tzinfo=UTC)
    dossier = told_by(desk, dossier, "extend", due_at=due, note="Chờ xác minh tại xã.")
    seen = browser.get(page(dossier)).text
    assert "Tỉnh xin lỗi và hẹn lại ngày trả" in seen and "Chờ xác minh tại xã." in seen and "Alt+B" in seen
    letter = words_of(browser.get(page(dossier, "/documents/apology.pdf")).data)
    assert "20/01/2031" in letter and "Chờ xác minh tại xã" in letter and "THỦ TRƯỞNG" in letter
    assert "tỉnh hẹn lại" in browser.get(page(dossier, "/why")).text

    tasks = re.findall(r'name="task" value="([^"]+)"', seen)
    assert browser.post(page(dossier, "/told"), task=tasks, way="phone").status_code == 303
    after = browser.get(page(dossier)).text
    assert "Đã ghi: đã báo công dân." in after and 'name="task"' not in after
    assert browser.post(page(dossier, "/told"), task=[*tasks, "không phải mã"], way="phone").status_code == 303
    assert browser.post(page(dossier, "/told"), task=tasks, way="").status_code == 422


def test_what_is_to_be_paid_stands_on_the_desk_and_on_the_citizens_own_page(desk: Counter, browser: Browser) -> None:
    owed = [{"component": "LPTB", "name": "Lệ phí trước bạ", "reason": "450.000 đ"}]
    dossier = told_by(desk, desk.handed_off(), "take-up", "pay", requests=owed)
    assert "Lệ phí trước bạ: 450.000 đ" in browser.get(page(dossier)).text
    with desk.site.store.reading():
        found = tracked(dossier.public_token)
    assert found is not None and "nghĩa vụ tài chính" in view_of(found).headline
    assert dossier.official and dossier.official in browser.get("/counter/queue/tell").text


def test_a_stopped_dossier_is_in_the_side_list(desk: Counter, browser: Browser) -> None:
    dossier = told_by(desk, desk.handed_off(), "take-up", "stop", note="Công dân đề nghị dừng.")
    queue = browser.get("/counter/queue/ended").text
    assert dossier.official and dossier.official in queue and "Dừng, từ chối" in queue
    assert 'aria-current="page"' in browser.get(page(dossier)).text


def test_a_damaged_file_stands_on_the_page_and_its_key_leads_to_the_signature(desk: Counter, browser: Browser) -> None:
    dossier = desk.signed()
    assert "Kiểm tra trước khi gửi: đạt" in browser.get(page(dossier)).text
    with desk.site.store.reading():
        paper = Paper.select().where(Paper.dossier == dossier).first()
    desk.site.vault.erase(paper.signed_sha256)
    seen = browser.get(page(dossier)).text
    assert "Chưa gửi được, còn 1 điểm." in seen and paper.name in seen
    redo = page(dossier, f"/papers/{paper.uid}/redo")
    assert redo in seen and "Sửa: làm lại bản này" in seen
    assert browser.post(page(dossier, "/submit")).status_code == 422
    assert browser.post(redo).status_code == 303
    assert "bản số hóa còn nguyên. Ký lại." in browser.get(page(dossier)).text
    assert desk.now(dossier).state is State.DIGITISED


def test_voiding_says_what_goes_back_to_the_citizen(desk: Counter, browser: Browser) -> None:
    dossier = desk.receive()
    assert "Trả lại công dân" in browser.get(page(dossier, "/void")).text
    assert browser.post(page(dossier, "/void"), reason="nhập nhầm thủ tục").status_code == 303
    after = browser.get(page(dossier)).text
    assert "sổ tiền đã ghi hoàn" in after and "đã hoàn" in after and refunded(desk.site, dossier.uid)


def test_an_electronic_result_asks_for_what_is_unpaid(desk: Counter, browser: Browser) -> None:
    dossier = desk.with_result("electronic", return_way="electronic", fees_paid=False)
    seen = browser.get(page(dossier)).text
    assert 'name="collected"' in seen and "trước khi trả" in seen
    (result,) = desk.results(dossier)
    send = page(dossier, f"/results/{result.uid}/electronic")
    assert browser.post(send, collected="0").status_code == 422
    amount = re.search(r'name="collected"[^>]*value="(\d+)"', seen)
    assert amount and browser.post(send, collected=amount[1]).status_code == 303
    assert desk.now(dossier).state is State.CLOSED


def test_the_intake_asks_the_register_after_its_page_and_says_it_in_one_line(desk: Counter, browser: Browser) -> None:
    held = open_draft(desk.site, by=CLERK, body={"procedure": PROCEDURE, "owner_chip": CHIP})
    address = f"/counter/drafts/{held.uid}"
    assert f'hx-post="{address}/look-up"' in browser.get(address).text
    answered = browser.post(f"{address}/look-up").text
    assert "Khớp cơ sở dữ liệu: họ tên, ngày sinh" in answered
    again = browser.get(address).text
    assert 'hx-post="' + address + "/look-up" not in again and "Khớp cơ sở dữ liệu" in again
