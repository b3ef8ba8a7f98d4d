"""What citizens say: one tap, words if wanted, changeable for a day, reported once; feedback with its deadline."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from agent.citizen import feedback, surveys
from agent.citizen.survey import answer, report_surveys, survey_of
from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.errors import IllegalStep, NotFound, RuleViolation
from agent.store import journal, outbox
from agent.store.calendar import working_calendar
from agent.store.citizen import Feedback, Survey
from agent.store.dossiers import Dossier
from agent.store.erasure import erase_rows
from agent.store.satisfaction import satisfaction_key
from agent.tracking.deliver import deliver
from agent.tracking.satisfaction import rate
from tests.builders import CLERK
from tests.e2e import rounds
from tests.flow.counter import PROOF
from tests.webdesk import make_app

HOST = {"Host": "127.0.0.1:8080"}
MINH = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, "BC-TAYHO", "T1")


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    made = rounds.station(tmp_path_factory.mktemp("office"))
    yield made
    made.site.store.close()


@pytest.fixture
def citizen(at):
    """A browser without cookies and scripts."""
    return make_app(at.site).test_client(use_cookies=False)


def given(at, person: int = 0) -> Dossier:
    item = rounds.out(at, person)
    deliver(at.site, item.number, PROOF, by=rounds.COURIER)
    return Dossier.get_by_id(item.dossier_id)


def test_one_tap_is_an_answer_then_words_then_another_tap_within_the_day(at, citizen):
    dossier = given(at)
    page = citizen.get(f"/t/{dossier.public_token}", headers=HOST)
    assert "Chạm một lần là xong" in page.text
    at_survey = f"/t/{dossier.public_token}/survey"
    assert citizen.post(at_survey, data={"score": "4"}, headers=HOST).status_code == 303
    assert citizen.post(at_survey, data={"score": "4", "words": "Nhanh, dễ hiểu"}, headers=HOST).status_code == 303
    assert citizen.post(at_survey, data={"score": "5"}, headers=HOST).status_code == 303
    held = Survey.get(Survey.dossier == dossier)
    assert (held.score, held.words) == (5, "Nhanh, dễ hiểu")
    page = citizen.get(at_survey, headers=HOST)
    assert 'aria-pressed="true"' in page.text and "Nhanh, dễ hiểu" not in page.text
    assert page.headers.getlist("Set-Cookie") == []


def test_the_counters_question_and_the_citizens_are_one(at):
    dossier = given(at)
    site = replace(at.site, province=lambda: _Offers(True))
    rate(site, dossier.uid, 4, by=CLERK)
    with at.site.store.reading():
        assert not survey_of(at.site, dossier).open
    with pytest.raises(RuleViolation, match="ở quầy"):
        answer(at.site, dossier.id, 1)


class _Offers:
    """A province of which only is known what it takes."""

    def __init__(self, takes: bool) -> None:
        self.takes = takes

    def offers(self, operation: str) -> bool:
        return self.takes


def test_where_the_province_takes_none_it_is_kept_and_exported(at):
    dossier = given(at)
    answer(at.site, dossier.id, 3, "=HYPERLINK(1)")
    at.site.clock.forward(hours=25)
    report_surveys(replace(at.site, province=lambda: _Offers(False)))
    assert Survey.get(Survey.dossier == dossier).state == "kept"
    assert outbox.find(satisfaction_key(dossier)) is None
    table = list(csv.reader(io.StringIO(surveys.export(at.site, "BC-TAYHO").decode("utf-8-sig"))))
    (row,) = [row for row in table if row[0] == dossier.official]
    assert row[1:4] == ["3", "Bình thường", "'=HYPERLINK(1)"] and row[5] == "giữ ở bưu cục"


def test_what_no_document_carries_is_left_out_and_holds_no_other_answer_back(at, citizen):
    odd, plain = given(at), given(at, 1)
    page = f"/t/{odd.public_token}"
    said = {"score": "4", "words": "Nhanh\x00,\x0b dễ\r\nhiểu\x85\x1b[0m"}
    assert citizen.post(f"{page}/survey", data=said, headers=HOST).status_code == 303
    given_too = {"kind": "feedback", "words": "Cửa\x00 đóng\x0c"}
    assert citizen.post(f"{page}/feedback", data=given_too, headers=HOST).status_code == 303
    answer(at.site, plain.id, 5, "Tốt")
    assert Survey.get(Survey.dossier == odd).words == "Nhanh, dễ\nhiểu[0m"
    assert Feedback.get(Feedback.dossier == odd).words == "Cửa đóng"
    at.site.clock.forward(hours=25)
    report_surveys(replace(at.site, province=lambda: _Offers(True)))
    assert {Survey.get(Survey.dossier == one).state for one in (odd, plain)} == {"reported"}


@pytest.mark.parametrize("score", ["0", "6", "-1", "x", "", "٣", "9" * 400])
def test_a_score_that_is_none_is_refused_and_nothing_is_kept(at, citizen, score):
    dossier = given(at)
    answered = citizen.post(f"/t/{dossier.public_token}/survey", data={"score": score}, headers=HOST)
    assert answered.status_code == 422 and "từ 1 đến 5" in answered.text
    assert Survey.get_or_none(Survey.dossier == dossier) is None


def test_nobody_rates_before_the_result_is_there_or_long_after(at):
    dossier = Dossier.get_by_id(rounds.out(at).dossier_id)
    with pytest.raises(RuleViolation, match="khi đã nhận kết quả"):
        answer(at.site, dossier.id, 5)
    late = given(at)
    at.site.clock.forward(days=61)
    with pytest.raises(RuleViolation, match="quá hạn đánh giá"):
        answer(at.site, late.id, 5)


def test_feedback_has_a_deadline_a_queue_and_an_answer_that_stays(at, citizen):
    dossier = rounds.received(at)
    sent = citizen.post(
        f"/t/{dossier.public_token}/feedback", data={"kind": "recommendation", "words": "Nên có ghế ngồi"}, headers=HOST
    )
    assert sent.status_code == 303
    with at.site.store.reading():
        held = next(one for one in feedback.waiting("BC-TAYHO") if one.dossier.id == dossier.id)
    day = working_calendar().next_working
    expected = local(at.site.clock.now()).date()
    while not working_calendar().is_working(expected):
        expected = day(expected)
    for _ in range(5):
        expected = day(expected)
    assert local(held.due_at).date() == expected
    with pytest.raises(NotFound):
        feedback.settle(at.site, held.uid, "Đã xem", by=replace(MINH, office_id="BC-SONTAY"))
    feedback.settle(at.site, held.uid, "Đã gọi, sẽ thêm ghế", by=MINH)
    with pytest.raises(IllegalStep):
        feedback.settle(at.site, held.uid, "Khác", by=MINH)
    page = citizen.get(f"/t/{dossier.public_token}/feedback", headers=HOST).text
    assert "bưu cục đã trả lời" in page and "ghế" not in page
    bodies = str([one.body for one in journal.entries("dossier", dossier_id=dossier.id)])
    assert "ghế" not in bodies
    text = feedback.export(at.site, "BC-TAYHO", by=MINH).decode("utf-8-sig")
    assert "Nên có ghế ngồi" in text and "Đã gọi, sẽ thêm ghế" in text
    assert Feedback.get(Feedback.uid == held.uid).exported_at is not None


def test_feedback_without_words_or_without_end_is_refused_and_what_was_typed_stays(at, citizen):
    dossier = rounds.received(at)
    path = f"/t/{dossier.public_token}/feedback"
    for words in ("   ", "x" * 2001):
        refused = citizen.post(path, data={"kind": "feedback", "words": words}, headers=HOST)
        assert refused.status_code == 422 and "chưa được gửi" in refused.text
    at.site.clock.forward(hours=1)
    for n in range(feedback.MOST_OPEN):
        feedback.give(at.site, dossier.id, "feedback", f"lần {n}")
    refused = citizen.post(path, data={"kind": "feedback", "words": "lần nữa <b>"}, headers=HOST)
    assert refused.status_code == 422 and "lần nữa &lt;b&gt;" in refused.text
    assert citizen.post("/t/" + "x" * 22 + "/feedback", data={"words": "a"}, headers=HOST).status_code == 404


def test_words_go_with_the_persons_erasure_and_the_scores_stay(at):
    dossier = given(at)
    answer(at.site, dossier.id, 1, "Tôi là Hường")
    feedback.give(at.site, dossier.id, "feedback", "Tôi là Hường")
    with at.site.store.writing():
        erase_rows(Dossier.get_by_id(dossier.id), at=at.site.clock.now())
    assert Survey.get(Survey.dossier == dossier).words == "" and Survey.get(Survey.dossier == dossier).score == 1
    assert Feedback.get(Feedback.dossier == dossier).words == ""
