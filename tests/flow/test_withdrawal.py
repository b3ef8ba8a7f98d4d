"""The citizen asks for the dossier back: sent once, behind what goes before it, and the province decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.clock import SystemClock
from agent.domain.canonical import canonical_json, digest
from agent.domain.canonical_zip import unpack
from agent.domain.citizen_news import News
from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.errors import HandoffNotOffered, RuleViolation, WithdrawalTooLate
from agent.intake.void import void
from agent.intake.withdrawal import ask_withdrawal
from agent.reconcile.bundle import make_bundle
from agent.reconcile.compare import compare
from agent.reconcile.verify import verify
from agent.soap.profiles.unoffered import Limited
from agent.store import journal, outbox
from agent.store.citizen_tasks import open_tasks
from agent.store.dossiers import Dossier
from agent.store.outbox import Job, Payload
from agent.tracking.deliver import pick_up
from agent.tracking.satisfaction import rate
from agent.wiring import offline_checker
from tests.builders import CLERK, OFFICE
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import PROOF, Counter, counter
from tests.flow.test_values_forms import Browser
from tests.webdesk import add_people


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, prepared: Path, shared_province: Sandbox) -> Iterator[Counter]:
    """One counter for the whole file; each test has its own dossier."""
    folder = tmp_path_factory.mktemp("withdrawal") / "data"
    with counter(folder, prepared, shared=shared_province) as opened:
        yield opened


def ask(desk: Counter, dossier: Dossier, **changes: str) -> Job:
    values = {"reason": "Đổi ý, nộp lại sau", "asked_by": "owner", **changes}
    return ask_withdrawal(desk.site, dossier.uid, by=CLERK, **values)


def news(desk: Counter, dossier: Dossier) -> list[News]:
    with desk.site.store.reading():
        return [task.kind for task in open_tasks(dossier)]


def statements(desk: Counter, dossier: Dossier) -> list[dict[str, object]]:
    """What the province keeps of this dossier's withdrawals and answers."""
    query = "SELECT operation, canonical FROM statements WHERE number = :number ORDER BY rowid"
    kept = desk.held(query, number=desk.now(dossier).official)
    return [{"operation": row["operation"], **json.loads(row["canonical"])} for row in kept]


def test_a_withdrawal_goes_behind_the_dossier_and_its_state_changes_when_the_province_has_it(desk: Counter) -> None:
    dossier = desk.submitted()
    job = ask(desk, dossier)
    with desk.site.store.reading():
        assert outbox.show(job.key).after_id == outbox.show(f"{dossier.provisional}/S1").id
    assert ask(desk, dossier, reason="bấm lần nữa").key == job.key
    assert desk.now(dossier).state is State.SUBMITTED
    desk.send()
    assert desk.job(job.key).state is JobState.ACKED
    now = desk.now(dossier)
    assert (now.state, now.province_status, news(desk, dossier)) == (State.WITHDRAWAL_ASKED, 7, [])
    (kept,) = statements(desk, dossier)
    assert (kept["reason"], kept["relation"]) == ("Đổi ý, nộp lại sau", "chủ hồ sơ")
    with pytest.raises(RuleViolation, match="đã ghi nhận"):
        ask(desk, dossier)
    desk.act(dossier, "stop", note="Trả hồ sơ theo yêu cầu.")
    desk.program.follow_once(desk.site)
    assert (desk.now(dossier).state, news(desk, dossier)) == (State.STOPPED, [News.STOP])
    kinds = desk.kinds(dossier)
    assert kinds.index("withdrawal_queued") < kinds.index("acknowledge") < kinds.index("withdraw") < kinds.index("stop")
    assert journal.verify() == []
    assert not compare(desk.site, office=OFFICE).differences
    bundle = make_bundle(desk.site, dossier.uid)  # who asked for what, and that the province had it, can be shown
    assert [sent["kind"] for sent in json.loads(unpack(bundle)["dossier.json"])["payloads"]] == ["submit", "withdrawal"]
    assert verify(bundle, checker=offline_checker(SystemClock())).consistent


def test_a_province_that_goes_on_all_the_same_is_told_to_the_citizen(desk: Counter) -> None:
    dossier = desk.handed_off()
    ask(desk, dossier)
    desk.send()
    desk.act(dossier, "take-up", note="Đã thụ lý, không rút được.")
    desk.program.follow_once(desk.site)
    assert (desk.now(dossier).state, news(desk, dossier)) == (State.HANDED_OFF, [News.GOES_ON])
    again = ask(desk, dossier, reason="vẫn muốn rút")
    assert again.key.endswith("/R2")


def test_what_the_province_said_before_the_withdrawal_came_there_does_not_undo_it(desk: Counter) -> None:
    dossier = desk.handed_off()
    desk.act(dossier, "take-up")  # not read yet
    ask(desk, dossier)
    desk.send_jobs()
    assert desk.now(dossier).state is State.WITHDRAWAL_ASKED
    desk.program.follow_once(desk.site)
    assert (desk.now(dossier).state, desk.now(dossier).province_status) == (State.WITHDRAWAL_ASKED, 7)
    assert "resume" not in desk.kinds(dossier) and news(desk, dossier) == []


def test_a_refusal_is_told_on_the_dossier_and_a_result_keeps_the_dossier_from_being_withdrawn(desk: Counter) -> None:
    dossier = desk.handed_off()
    job = ask(desk, dossier)
    desk.act(dossier, "take-up", "finish", "result-ready")  # before the request is there
    desk.send_jobs()
    assert desk.job(job.key).state is JobState.REJECTED
    refused = desk.now(dossier)
    assert refused.state is State.HANDED_OFF
    assert "không nhận yêu cầu rút" in refused.problem and "kết thúc" in refused.problem
    desk.program.follow_once(desk.site)
    assert (desk.now(dossier).state, desk.job(job.key).state) == (State.RESULT_READY, JobState.CANCELLED)
    with pytest.raises(WithdrawalTooLate, match="đã có kết quả"):
        ask(desk, dossier)


def test_a_dossier_that_the_province_refuses_is_voided_here_and_nothing_is_withdrawn_there(desk: Counter) -> None:
    dossier = desk.submitted()
    job = ask(desk, dossier)
    with desk.site.store.writing():
        submit = outbox.show(f"{dossier.provisional}/S1")
        known = desk.held("SELECT count(*) AS n FROM dossiers")[0]["n"]
        _spoil(submit)
    desk.send()
    now = desk.now(dossier)
    assert (now.state, desk.job(job.key).state) == (State.REJECTED, JobState.CANCELLED)
    assert "hủy tại quầy" in now.problem
    assert void(desk.site, dossier.uid, by=CLERK, reason="công dân rút").state is State.VOIDED
    assert desk.held("SELECT count(*) AS n FROM dossiers")[0]["n"] == known


def _spoil(submit: Job) -> None:
    """A message that the province has to refuse: of a procedure that it does not receive."""
    frozen = json.loads(submit.payload)
    frozen["procedure"]["code"] = "9.999999"
    body = canonical_json(frozen)
    Payload.update(body=body).where(Payload.job == submit.id).execute()
    Job.update(digest=digest(body)).where(Job.id == submit.id).execute()


def test_a_withdrawal_names_its_reason_and_who_asks(desk: Counter) -> None:
    dossier = desk.submitted()
    with pytest.raises(RuleViolation, match="lý do"):
        ask(desk, dossier, reason=" x ")
    for nobody in ("submitter", "representative", ""):  # the owner handed it in: there is no other
        with pytest.raises(RuleViolation, match="người xin rút"):
            ask(desk, dossier, asked_by=nobody)
    with pytest.raises(RuleViolation, match="chưa gửi tỉnh"):
        ask(desk, desk.receive())


def test_a_province_without_these_operations_is_not_asked(desk: Counter) -> None:
    limited = Limited(desk.site.province(), ("WithdrawDossier", "ReportSatisfaction"))
    site = replace(desk.site, province=lambda: limited)
    dossier = desk.submitted()
    add_people(desk.site, "lananh")
    page = f"/counter/dossiers/{dossier.uid}"
    assert "Alt+W" in Browser(desk, "lananh").get(page).text
    assert "Alt+W" not in Browser(replace(desk, site=site), "lananh").get(page).text
    with pytest.raises(HandoffNotOffered, match="bằng văn bản"):
        ask_withdrawal(site, dossier.uid, reason="Đổi ý", asked_by="owner", by=CLERK)
    with pytest.raises(HandoffNotOffered, match="hài lòng"):
        rate(site, dossier.uid, 5, by=CLERK)
    assert "withdrawal_queued" not in desk.kinds(dossier)


def test_satisfaction_is_asked_after_a_result_and_reported_once(desk: Counter) -> None:
    dossier = desk.with_result(return_way="counter")
    with pytest.raises(RuleViolation, match="Chưa trả"):
        rate(desk.site, dossier.uid, 4, by=CLERK)
    (result,) = desk.results(dossier)
    pick_up(desk.site, dossier.uid, result.uid, PROOF, by=CLERK)
    with pytest.raises(RuleViolation, match="từ 1 đến 5"):
        rate(desk.site, dossier.uid, 6, by=CLERK)
    job = rate(desk.site, dossier.uid, 4, by=CLERK)
    assert rate(desk.site, dossier.uid, 1, by=CLERK).key == job.key
    desk.send()
    assert desk.job(job.key).state is JobState.ACKED
    (kept,) = statements(desk, dossier)
    assert kept["answers"] == [{"question": "CHUNG", "score": 4}]
    assert not compare(desk.site, office=OFFICE).differences


def test_a_lost_receipt_of_a_withdrawal_is_asked_for_and_the_province_has_it_once(
    tmp_path: Path, prepared: Path
) -> None:
    faults = "cut-after-commit:op=WithdrawDossier:times=1"
    with counter(tmp_path / "data", prepared, faults=faults) as own:
        dossier = own.handed_off()
        job = ask(own, dossier)
        own.send_jobs()
        assert own.job(job.key).state is JobState.UNKNOWN
        own.program.follow_once(own.site)  # the feed says it before the receipt is here
        assert (own.now(dossier).state, news(own, dossier)) == (State.WITHDRAWAL_ASKED, [])
        own.later()
        own.send()
        assert own.job(job.key).state is JobState.ACKED
        assert len(statements(own, dossier)) == 1
        assert own.now(dossier).state is State.WITHDRAWAL_ASKED
