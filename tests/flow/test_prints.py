"""Prints of a dossier: queued once, in the printer's language, answered by the clerk, refused with the reason."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from agent.devices.simulators import escpos_picture, zpl_picture
from agent.devices.simulators.process import SimulatorProcess
from agent.domain.dossier import Role, State
from agent.domain.jobs import JobState, print_lane
from agent.errors import ConfigError, NotFound, RuleViolation
from agent.intake.label import find_label_job, request_label
from agent.intake.prints import (
    answer_job,
    answer_print,
    cancel_print,
    covers_pdf,
    drop_job,
    find_print,
    print_pdf,
    prints_of,
    repeat_job,
    request_print,
    request_test,
)
from agent.jobs.print_label import HANDLERS
from agent.jobs.runner import Worker
from agent.settings import Device
from agent.store import claiming, outbox, print_queue
from agent.store.dossiers import Contact, Dossier, Party, Subject
from agent.store.items import Item
from agent.tracking.items import allot_range, register_item
from agent.web.app import create_app
from agent.wiring import build_site
from labels.payload import ComponentCode, read_code
from tests.builders import CLERK, OFFICE
from tests.flow.counter import Counter
from tests.webdesk import PASSWORD, add_people

HOST = {"Host": "127.0.0.1:8080"}
LABEL = Device("nhan", "label", "tcp", "127.0.0.1:9", language="zpl")
ROLL = Device("cuon", "receipt", "tcp", "127.0.0.1:10", language="escpos", media="80x0")


def devices(desk: Counter, *lines: Device) -> Counter:
    """The desk as it is when its settings name these devices."""
    settings = desk.site.settings.with_(devices=lines)
    desk.site.store.close()
    site = build_site(settings, clock=desk.clock)
    return Counter(site, type(desk.program)(settings), desk.clock, desk.province)


def work(desk: Counter, role: str) -> int:
    """What the thread that owns the role's printer does once."""
    return Worker(desk.site, HANDLERS, (print_lane(role),), f"test:{role}", batch=1).run_once()


def codes(picture: bytes) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(picture)).convert("L"))}


def texts(pdf: bytes) -> list[str]:
    import pypdfium2

    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf)]


def names(desk: Counter, dossier: Any, kind: str) -> list[str]:
    return [one.name for one in prints_of(desk.site, dossier.uid) if one.kind == kind]


@pytest.fixture
def both(desk: Counter) -> Counter:
    return devices(desk, LABEL, ROLL)


def test_each_component_gets_its_label_once_however_often_the_key_is_hit(both: Counter) -> None:
    dossier = both.receive()
    wanted = names(both, dossier, "component-label")
    assert len(wanted) >= 2
    for _ in range(3):
        for name in wanted:
            request_print(both.site, dossier.uid, name, by=CLERK, seen=0)
    jobs = [job for job in outbox.of_dossier(dossier.id) if job.kind == "component-label"]
    assert [job.lane for job in jobs] == ["print"] * len(wanted)
    said = [read_code(code) for job in jobs for code in codes(zpl_picture.draw(job.payload))]
    assert {one.component for one in said if isinstance(one, ComponentCode)} == {
        component.code for component in _components(dossier)
    }


def _components(dossier: Any) -> list[Any]:
    from agent.store.lookup import components_of

    return components_of(dossier)


def test_the_receipt_slip_goes_to_the_roll_printer_without_number_phone_or_address(both: Counter) -> None:
    dossier = both.receive(return_way="courier")
    job = request_print(both.site, dossier.uid, "slip", by=CLERK)
    assert (job.lane, job.kind, job.terminal_id) == ("print-receipt", "slip", "T1")
    picture = escpos_picture.draw(job.payload)
    assert Image.open(BytesIO(picture)).width == 576
    assert dossier.provisional in codes(picture)
    (page,) = texts(print_pdf(both.site, dossier.uid, "slip"))
    assert "Nguyễn Thị Hường" in page
    assert "Bưu tá phát tận nơi" in page
    for hidden in ("001188012345", "0912", "Lạc Long Quân, Tây Hồ"):
        assert hidden not in page


def test_a_return_label_says_all_that_delivery_needs_and_nothing_that_it_may_not(both: Counter) -> None:
    dossier = both.with_result("paper")
    allot_range(both.site, OFFICE, "RR", 47312482, 47312999)
    item = register_item(both.site, dossier.uid, by=CLERK)
    with both.site.store.writing():
        Item.update(collect=26_000).where(Item.id == item.id).execute()
    job = request_print(both.site, dossier.uid, f"item-{item.number}", by=CLERK)
    assert (job.kind, job.key, item.number) == ("item-label", "RR473124829VN/I1", "RR473124829VN")
    assert codes(zpl_picture.draw(job.payload)) >= {"RR473124829VN"}
    assert any(dossier.public_token in code for code in codes(zpl_picture.draw(job.payload)))
    (page,) = texts(print_pdf(both.site, dossier.uid, f"item-{item.number}"))
    for said in ("RR 473 124 829 VN", "BƯU PHẨM BẢO ĐẢM", "UBND phường Tây Hồ", "Nguyễn Thị Hường",
                 "12 Lạc Long Quân",
                 "09•• ••• 678", dossier.official, "26.000 đ", "CHỈ GIAO TẬN TAY NGƯỜI NHẬN",
                 "chuyển hoàn"):  # fmt: skip
        assert said in page
    for forbidden in ("001188012345", "12345678", dossier.procedure_name, dossier.procedure_code):
        assert forbidden not in page


def test_a_second_return_label_needs_a_reason(both: Counter) -> None:
    dossier = both.with_result("paper")
    both.item(dossier)
    (name,) = names(both, dossier, "item-label")
    job = request_print(both.site, dossier.uid, name, by=CLERK)
    settle(both, job, JobState.ACKED)
    with pytest.raises(RuleViolation, match="ghi lý do"):
        request_print(both.site, dossier.uid, name, by=CLERK, reason="  ")
    assert request_print(both.site, dossier.uid, name, by=CLERK, reason="nhãn rách").key.endswith("/I2")


def settle(desk: Counter, job: Any, state: JobState, error: str = "") -> None:
    (claimed,) = claiming.claim(
        lanes=(job.lane,), worker="w", at=desk.clock.now(), lease=_minute(), terminal_id="T1", limit=1
    )
    assert claimed.key == job.key
    claiming.settle(claimed, state, at=desk.clock.now(), error=error)


def _minute() -> Any:
    from datetime import timedelta

    return timedelta(minutes=1)


def test_a_return_label_without_an_address_or_after_the_end_is_refused(both: Counter) -> None:
    dossier = both.with_result("paper")
    item = both.item(dossier)
    with both.site.store.writing():
        Contact.update(address="").where(Contact.dossier == dossier).execute()
    with pytest.raises(RuleViolation, match="địa chỉ người nhận"):
        request_print(both.site, dossier.uid, f"item-{item.number}", by=CLERK)
    with both.site.store.writing():
        Item.update(state="delivered").where(Item.id == item.id).execute()
    with pytest.raises(NotFound):
        find_print(both.site, dossier.uid, f"item-{item.number}")


def test_a_name_that_no_printer_can_print_is_refused_naming_the_character(both: Counter) -> None:
    dossier = both.with_result("paper")
    item = both.item(dossier)
    with both.site.store.writing():
        owner = Party.get((Party.dossier == dossier) & (Party.role == Role.OWNER)).subject_id
        Subject.update(name="Hường 😀").where(Subject.id == owner).execute()
    for ask in (request_print, print_pdf):
        with pytest.raises(RuleViolation, match=r"“😀” .U.1F600"):
            ask(both.site, dossier.uid, f"item-{item.number}", **({"by": CLERK} if ask is request_print else {}))


@pytest.mark.parametrize("name", ["slip", "component-0.1"])
def test_the_clerk_answers_for_every_kind_whether_it_came_out(both: Counter, name: str) -> None:
    dossier = both.receive()
    job = request_print(both.site, dossier.uid, name, by=CLERK)
    with pytest.raises(RuleViolation, match="không còn chờ trả lời"):
        answer_print(both.site, dossier.uid, name, came_out=True, by=CLERK)
    settle(both, job, JobState.NEEDS_CLERK)
    again = answer_print(both.site, dossier.uid, name, came_out=False, by=CLERK)
    assert (outbox.show(job.key).state, again.state, again.key[-1]) == (JobState.CANCELLED, JobState.READY, "2")
    settle(both, again, JobState.NEEDS_CLERK)
    assert answer_print(both.site, dossier.uid, name, came_out=True, by=CLERK).state is JobState.ACKED
    kinds = both.kinds(dossier)
    assert (kinds.count("print_queued"), kinds.count("print_answered")) == (2, 2)


def test_what_waits_can_be_given_up_and_printed_later(both: Counter) -> None:
    dossier = both.receive()
    request_print(both.site, dossier.uid, "slip", by=CLERK)
    assert cancel_print(both.site, dossier.uid, "slip", by=CLERK).state is JobState.CANCELLED
    with pytest.raises(RuleViolation, match="không bỏ được nữa"):
        cancel_print(both.site, dossier.uid, "slip", by=CLERK)
    assert request_print(both.site, dossier.uid, "slip", by=CLERK).key.endswith("/R2")


def test_a_label_made_for_another_language_is_not_sent_and_can_be_made_anew(desk: Counter, tmp_path: Any) -> None:
    desk = devices(desk, LABEL)
    dossier = desk.receive()
    request_label(desk.site, dossier.uid, by=CLERK)
    with SimulatorProcess("tspl", folder=tmp_path / "tspl") as printer:
        address = printer.address.removeprefix("tcp://")
        desk = devices(desk, replace(LABEL, name="moi", language="tspl", address=address))
        assert work(desk, "label") == 1
        job = find_label_job(desk.site, dossier)
        assert job.state is JobState.REJECTED
        assert "làm cho máy in zpl, máy in bây giờ (moi) nói tspl" in job.error
        assert "Bấm in lại" in job.error
        assert printer.pictures == []
        again = request_label(desk.site, dossier.uid, by=CLERK)  # no reason is asked: nothing was printed
        assert work(desk, "label") == 1
        assert outbox.show(again.key).state is JobState.ACKED
        assert outbox.show(job.key).state is JobState.CANCELLED
        (picture,) = printer.pictures
        assert dossier.provisional in codes(picture.read_bytes())


def test_a_receipt_for_the_roll_never_goes_to_the_label_printer(both: Counter) -> None:
    dossier = both.receive()
    request_print(both.site, dossier.uid, "slip", by=CLERK)
    assert work(both, "label") == 0
    assert work(both, "receipt") == 1


def test_a_label_larger_than_the_paper_and_unreadable_media_are_refused(desk: Counter) -> None:
    small = devices(desk, replace(LABEL, media="50x30"))
    dossier = small.receive()
    with pytest.raises(RuleViolation, match=r"lớn hơn giấy trong máy in .50×30 mm"):
        request_label(small.site, dossier.uid, by=CLERK)
    wrong = devices(small, replace(LABEL, media="100 by 60"))
    with pytest.raises(ConfigError, match='media = "100x60"'):
        request_label(wrong.site, dossier.uid, by=CLERK)


def test_cover_sheets_name_every_component_and_no_person(both: Counter) -> None:
    dossier = both.receive()
    pages = texts(covers_pdf(both.site, dossier.uid))
    components = _components(dossier)
    assert len(pages) == len(components)
    for page, component in zip(pages, components, strict=True):
        assert component.name in page.replace("\ufffe", "")
        assert "Hường" not in page


def test_a_test_print_goes_to_the_role_that_is_tried(both: Counter) -> None:
    job = request_test(both.site, "receipt", by=CLERK)
    assert (job.lane, job.kind, job.dossier_id) == ("print-receipt", "test", None)
    assert codes(escpos_picture.draw(job.payload))


def test_an_erased_print_is_refused_and_not_asked_about(both: Counter) -> None:
    dossier = both.receive()
    job = request_print(both.site, dossier.uid, "slip", by=CLERK)
    with both.site.store.writing():
        outbox.erase_payloads(dossier.id)
    work(both, "receipt")
    gone = outbox.show(job.key)
    assert gone.state is JobState.REJECTED
    assert "xoá theo yêu cầu" in gone.error


def test_a_test_print_and_a_dossiers_print_are_answered_by_the_key_of_their_job(both: Counter) -> None:
    tried = request_test(both.site, "label", by=CLERK)
    settle(both, tried, JobState.NEEDS_CLERK)
    again = answer_job(both.site, tried.key, came_out=False, by=CLERK)
    assert (again.kind, again.state, outbox.show(tried.key).state) == ("test", JobState.READY, JobState.CANCELLED)
    outbox.cancel(again.key, "enough")
    dossier = both.receive()
    slip = request_print(both.site, dossier.uid, "slip", by=CLERK)
    settle(both, slip, JobState.NEEDS_CLERK)
    assert answer_job(both.site, slip.key, came_out=True, by=CLERK).state is JobState.ACKED
    with pytest.raises(RuleViolation, match="không còn chờ trả lời"):
        answer_job(both.site, slip.key, came_out=True, by=CLERK)


def test_a_question_that_outlives_its_dossier_is_answered_and_prints_nothing_more(both: Counter) -> None:
    dossier = both.receive()
    label = request_label(both.site, dossier.uid, by=CLERK)
    settle(both, label, JobState.NEEDS_CLERK)
    with both.site.store.writing():
        Dossier.update(state=State.STOPPED).where(Dossier.id == dossier.id).execute()
    assert [one.name for one in prints_of(both.site, dossier.uid)] == ["label", "slip"]
    assert answer_print(both.site, dossier.uid, "label", came_out=False, by=CLERK).state is JobState.CANCELLED
    assert [one.name for one in prints_of(both.site, dossier.uid)] == ["slip"]
    assert len([job for job in outbox.of_dossier(dossier.id) if job.kind == "label"]) == 1


def test_a_form_that_comes_twice_prints_once_even_when_the_printer_is_fast(both: Counter) -> None:
    dossier = both.receive()
    first = request_print(both.site, dossier.uid, "slip", by=CLERK, seen=0)
    settle(both, first, JobState.ACKED)
    assert request_print(both.site, dossier.uid, "slip", by=CLERK, seen=0).key == first.key
    assert request_print(both.site, dossier.uid, "slip", by=CLERK, seen=1).key == f"{dossier.provisional}/R2"


def at_once(desk: Counter, ask: Callable[[], Any]) -> list[str]:
    """The keys of the jobs that four clicks at once give."""
    start, given = threading.Barrier(4), []

    def click() -> None:
        start.wait(30)
        try:
            given.append(str(ask().key))
        finally:
            desk.site.store.database.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(given) == len(threads)
    return given


@pytest.mark.parametrize("kind", ["label", "dossier page", "slip"])
def test_a_form_that_is_sent_at_once_from_several_windows_prints_once(either: Counter, kind: str) -> None:
    desk = either
    dossier = desk.receive()
    site, uid = desk.site, dossier.uid
    name = "slip" if kind == "slip" else "label"
    settle(desk, request_print(site, uid, name, by=CLERK, seen=0), JobState.ACKED)

    def ask() -> Any:
        if kind == "dossier page":
            return request_label(site, uid, by=CLERK, again="nhãn rách", seen=1)
        return request_print(site, uid, name, by=CLERK, reason="nhãn rách", seen=1)

    assert set(at_once(desk, ask)) == {f"{dossier.provisional}/{'R' if kind == 'slip' else 'L'}2"}
    jobs = [job for job in outbox.of_dossier(dossier.id) if job.kind == name]
    assert [job.state for job in jobs] == [JobState.ACKED, JobState.READY]
    settle(desk, jobs[-1], JobState.ACKED)
    assert set(at_once(desk, ask)) == {jobs[-1].key}, "the same form once more, after a fast printer"


def test_a_label_that_is_under_way_or_asked_about_is_not_queued_beside_whatever_the_reason(both: Counter) -> None:
    dossier = both.receive()
    first = request_label(both.site, dossier.uid, by=CLERK)
    assert request_label(both.site, dossier.uid, by=CLERK, again="nhãn rách").key == first.key
    settle(both, first, JobState.NEEDS_CLERK)
    assert request_label(both.site, dossier.uid, by=CLERK, again="nhãn rách").key == first.key
    answer_print(both.site, dossier.uid, "label", came_out=True, by=CLERK)
    assert request_label(both.site, dossier.uid, by=CLERK, again="nhãn rách").key.endswith("/L2")
    assert both.kinds(dossier).count("label_queued") == 2


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (LABEL, {"dpi": 300}, "làm cho máy in 203 dpi, máy in bây giờ (nhan) là 300 dpi"),
        (LABEL, {"media": "50x30"}, "làm cho giấy chưa khai khổ, giấy bây giờ trong máy in (nhan) là 50×30 mm"),
        (ROLL, {"media": "58x0"}, "làm cho giấy cuộn 80 mm, giấy bây giờ trong máy in (cuon) là cuộn 58 mm"),
    ],
    ids=["dpi", "label", "roll"],
)
def test_a_print_made_for_another_resolution_or_paper_is_not_sent_and_can_be_made_anew(
    desk: Counter, tmp_path: Any, before: Device, after: dict[str, Any], words: str
) -> None:
    with SimulatorProcess(before.language, folder=tmp_path / "printer") as printer:
        line = replace(before, address=printer.address.removeprefix("tcp://"))
        desk = devices(desk, line)
        dossier = desk.receive()
        name = "label" if before is LABEL else "slip"
        job = request_print(desk.site, dossier.uid, name, by=CLERK)
        desk = devices(desk, replace(line, **after))
        assert work(desk, line.role) == 1
        refused = outbox.show(job.key)
        assert refused.state is JobState.REJECTED
        assert words in refused.error
        assert "Bấm in lại" in refused.error
        assert printer.pictures == []
        if after == {"media": "50x30"}:
            with pytest.raises(RuleViolation, match="giấy"):
                request_print(desk.site, dossier.uid, name, by=CLERK)
            return
        again = request_print(desk.site, dossier.uid, name, by=CLERK)
        assert work(desk, line.role) == 1
        assert outbox.show(again.key).state is JobState.ACKED
        assert len(printer.pictures) == 1


def test_a_printer_that_could_not_print_for_a_while_still_knows_what_the_job_was_made_for(
    desk: Counter, tmp_path: Any
) -> None:
    with SimulatorProcess("zpl", folder=tmp_path / "printer") as printer:
        line = replace(LABEL, address=printer.address.removeprefix("tcp://"))
        desk = devices(desk, line)
        job = request_print(desk.site, desk.receive().uid, "label", by=CLERK)
        printer.tell("paper-out")
        assert work(desk, "label") == 1
        assert outbox.show(job.key).state is JobState.READY
        printer.tell("ok")
        desk = devices(desk, replace(line, media="100×60"))
        desk.later()
        assert work(desk, "label") == 1
        assert "giấy bây giờ trong máy in (nhan) là 100×60 mm" in outbox.show(job.key).error


def test_what_a_printer_refused_stays_in_the_queue_until_it_is_made_anew_or_given_up(both: Counter) -> None:
    lanes = [print_lane(role) for role in ("label", "receipt")]

    def queued() -> list[str]:
        return [job.key for job in print_queue.waiting("T1", lanes)]

    dossier = both.receive()
    slip = request_print(both.site, dossier.uid, "slip", by=CLERK)
    tried = request_test(both.site, "receipt", by=CLERK)
    settle(both, slip, JobState.REJECTED, "khác giấy")
    settle(both, tried, JobState.REJECTED, "khác giấy")
    assert queued() == [slip.key, tried.key]
    again = [repeat_job(both.site, key, by=CLERK).key for key in (slip.key, tried.key)]
    assert queued() == again
    with pytest.raises(RuleViolation, match="không in lại được nữa"):
        repeat_job(both.site, slip.key, by=CLERK)
    for key in again:
        assert drop_job(both.site, key, by=CLERK).state is JobState.CANCELLED
    assert queued() == []
    label = request_label(both.site, dossier.uid, by=CLERK)
    settle(both, label, JobState.REJECTED, "khác giấy")
    with both.site.store.writing():
        Dossier.update(state=State.STOPPED).where(Dossier.id == dossier.id).execute()
    with pytest.raises(RuleViolation, match="không in lại được nữa"):
        repeat_job(both.site, label.key, by=CLERK)
    assert drop_job(both.site, label.key, by=CLERK).state is JobState.CANCELLED
    assert queued() == []


class Browser:
    """A clerk's browser at a desk."""

    def __init__(self, desk: Counter) -> None:
        self.web = create_app(desk.site).test_client()
        self.token = self._token("/sign-in")
        self.post("/sign-in", username="lananh", password=PASSWORD)
        self.token = self._token("/")

    def get(self, path: str) -> str:
        return self.web.get(path, headers=HOST, follow_redirects=True).text

    def post(self, path: str, **form: Any) -> str:
        return self.web.post(path, headers=HOST, data={"_csrf": self.token, **form}, follow_redirects=True).text

    def _token(self, path: str) -> str:
        found = re.search(r'name="_csrf" value="([^"]+)"', self.get(path))
        assert found
        return found[1]


def test_the_dossier_page_knows_which_label_it_showed_and_the_device_page_shows_what_was_refused(both: Counter) -> None:
    add_people(both.site, "lananh")
    browser, dossier = Browser(both), both.receive()
    page = f"/counter/dossiers/{dossier.uid}"
    browser.post(f"{page}/label", seen=0)
    settle(both, find_label_job(both.site, dossier), JobState.ACKED)
    assert '<input type="hidden" name="seen" value="1">' in browser.get(page)
    assert "Đã gửi in nhãn" in browser.post(f"{page}/label", seen=1, reason="nhãn rách")
    settle(both, find_label_job(both.site, dossier), JobState.REJECTED, "Bản in làm cho máy in 300 dpi.")
    assert "Đã có một bản đang in" in browser.post(f"{page}/label", seen=1, reason="nhãn rách")
    assert re.search(r"<tr data-job.*bị từ chối.*Bản in làm cho máy in 300 dpi\.", browser.get("/devices/"), re.DOTALL)
    job = find_label_job(both.site, dossier)
    assert "bản mới đang chờ in" in browser.post(f"/devices/jobs/{job.key}/repeat")
    again = find_label_job(both.site, dossier)
    assert (again.state, again.key[-3:]) == (JobState.READY, "/L3")
    settle(both, again, JobState.REJECTED, "Bản in làm cho máy in 300 dpi.")
    assert "<tr data-job" not in browser.post(f"/devices/jobs/{again.key}/drop")


def test_all_component_labels_asked_for_twice_from_one_page_come_once(both: Counter) -> None:
    add_people(both.site, "lananh")
    browser, dossier = Browser(both), both.receive()
    page = f"/counter/dossiers/{dossier.uid}/print"
    count = len(names(both, dossier, "component-label"))

    def made() -> int:
        return len([job for job in outbox.of_dossier(dossier.id) if job.kind == "component-label"])

    for _ in range(2):
        browser.post(page, print="components", seen=0)
        for job in outbox.of_dossier(dossier.id):
            if job.kind == "component-label" and job.state is JobState.READY:
                settle(both, job, JobState.ACKED)
    assert made() == count
    browser.post(page, print="components", seen=count)
    assert made() == 2 * count
