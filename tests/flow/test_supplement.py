"""The province asks for more: all gaps in one request, the papers arrive, and the dossier goes on."""

from __future__ import annotations

import pytest

from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.errors import IllegalStep, Incomplete, RuleViolation
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages
from agent.intake.forms import supplement_pdf
from agent.intake.request import ComponentInput
from agent.intake.sign import sign_copies
from agent.intake.supplement import send_supplement, take_papers
from agent.reconcile.compare import compare
from agent.site import Site
from agent.store import journal, outbox
from agent.store.dossiers import Dossier, Supplement
from agent.store.outbox import Job
from tests.builders import CLERK, OFFICE, scanned
from tests.flow.counter import Counter
from tests.flow.test_whole_way import words_of

BIRTH_NOTICE, MARRIAGE = "000.00.00.Y99-KQ900103", "000.00.00.Y99-KQ900106"
GAPS = [
    {"component": BIRTH_NOTICE, "name": "Giấy chứng sinh", "reason": "mờ dấu"},
    {"component": MARRIAGE, "name": "Giấy chứng nhận kết hôn", "reason": "thiếu"},
]


def asked(desk: Counter, *gaps: dict[str, str]) -> Dossier:
    dossier = desk.handed_off(procedure="1.001193")
    desk.act(dossier, "supplement", requests=list(gaps or GAPS))
    desk.program.follow_once(desk.site)
    return desk.now(dossier)


def bring(site: Site, dossier: Dossier, *codes: str) -> None:
    """The papers arrive, are copied and signed."""
    for component in take_papers(site, dossier.uid, [ComponentInput(code) for code in codes], by=CLERK):
        pages = site.digitiser().read_bytes("bo-sung.jpg", scanned(component.code))
        add_pages(site, dossier.uid, component.uid, pages, by=CLERK)
    make_copies(site, dossier.uid, by=CLERK)
    sign_copies(site, dossier.uid, by=CLERK)


def rounds(desk: Counter, dossier: Dossier) -> list[Supplement]:
    with desk.site.store.reading():
        return list(Supplement.select().where(Supplement.dossier == dossier).order_by(Supplement.round))


def test_all_gaps_come_in_one_request_and_the_dossier_goes_on_when_they_are_answered(either: Counter) -> None:
    desk = either
    dossier = asked(desk)
    assert dossier.state is State.SUPPLEMENT_ASKED
    paper = words_of(supplement_pdf(desk.site, dossier.uid))
    assert all(gap["name"] in paper and gap["reason"] in paper for gap in GAPS)

    with pytest.raises(Incomplete) as missing:
        send_supplement(desk.site, dossier.uid, by=CLERK)
    assert len(missing.value.gaps) == 2

    bring(desk.site, dossier, BIRTH_NOTICE, MARRIAGE)
    job = send_supplement(desk.site, dossier.uid, by=CLERK)
    assert desk.now(dossier).state is State.SUPPLEMENT_SENT
    desk.send()
    assert desk.job(job.key).state is JobState.ACKED
    done = desk.now(dossier)
    assert (done.state, done.province_status) == (State.HANDED_OFF, 2)
    (round_,) = rounds(desk, dossier)
    assert round_.state == "acked" and round_.answered_at

    desk.act(dossier, "finish", "result-ready")
    desk.send()
    assert desk.now(dossier).state is State.RESULT_READY
    assert not compare(desk.site, office=OFFICE).differences
    assert journal.verify() == []


def test_a_paper_brought_but_not_signed_is_named_and_nothing_leaves(desk: Counter) -> None:
    dossier = asked(desk)
    bring(desk.site, dossier, BIRTH_NOTICE)
    take_papers(desk.site, dossier.uid, [ComponentInput(MARRIAGE)], by=CLERK)
    with pytest.raises(Incomplete, match=r"kết hôn.*chưa ký"):
        send_supplement(desk.site, dossier.uid, by=CLERK)
    with desk.site.store.reading():
        assert not Job.select().where(Job.kind == "supplement").exists()


@pytest.mark.parametrize(
    "paper", [ComponentInput(MARRIAGE, form="giấy viết tay"), ComponentInput(MARRIAGE, quantity=0)]
)
def test_what_is_mistyped_in_a_supplement_is_refused_in_words(desk: Counter, paper: ComponentInput) -> None:
    dossier = asked(desk)
    with pytest.raises(RuleViolation):
        take_papers(desk.site, dossier.uid, [paper], by=CLERK)
    assert rounds(desk, dossier)[0].state == "asked"


def test_nobody_supplements_what_the_province_did_not_ask_for(desk: Counter) -> None:
    dossier = desk.handed_off()
    with pytest.raises(IllegalStep, match="supplement"):
        take_papers(desk.site, dossier.uid, [ComponentInput(MARRIAGE)], by=CLERK)


def test_a_second_request_read_together_with_the_first_is_on_the_paper_too(desk: Counter) -> None:
    dossier = asked(desk, GAPS[0])
    desk.act(dossier, "take-up")
    desk.act(dossier, "supplement", requests=[GAPS[1]])  # both messages are read at once
    desk.program.follow_once(desk.site)
    assert desk.now(dossier).state is State.SUPPLEMENT_ASKED
    assert GAPS[1]["name"] in words_of(supplement_pdf(desk.site, dossier.uid))


def test_a_next_round_waits_for_the_answer_to_the_one_before(open_counter: object) -> None:
    desk: Counter = open_counter(faults="cut-after-commit:op=SupplementDossier:times=1")  # type: ignore[operator]
    dossier = asked(desk, GAPS[0])
    bring(desk.site, dossier, BIRTH_NOTICE)
    job = send_supplement(desk.site, dossier.uid, by=CLERK)
    desk.send_jobs()
    assert desk.job(job.key).state is JobState.UNKNOWN
    desk.act(dossier, "supplement", requests=[GAPS[1]])  # the province has the papers and asks for one more
    desk.program.follow_once(desk.site)
    assert desk.now(dossier).state is State.SUPPLEMENT_SENT
    desk.later()
    desk.send()
    assert desk.now(dossier).state is State.SUPPLEMENT_ASKED
    assert [round_.state for round_ in rounds(desk, dossier)] == ["acked", "asked"]
    assert desk.held("SELECT count(*) AS n FROM supplements")[0]["n"] == 1


def test_papers_that_come_too_late_are_answered_by_where_the_province_stands(desk: Counter) -> None:
    dossier = asked(desk, GAPS[0])
    bring(desk.site, dossier, BIRTH_NOTICE)
    job = send_supplement(desk.site, dossier.uid, by=CLERK)
    desk.act(dossier, "take-up")  # the province goes on without them before they arrive
    desk.program.follow_once(desk.site)
    desk.send_jobs()
    assert desk.job(job.key).state is JobState.REJECTED
    late = desk.now(dossier)
    assert late.state is State.HANDED_OFF and "không đang chờ bổ sung" in late.problem


@pytest.mark.parametrize(
    ("acts", "state"), [(("stop",), State.STOPPED), (("take-up", "finish"), State.SUPPLEMENT_SENT)]
)
def test_an_end_withdraws_a_supplement_that_still_waits_to_be_sent(
    desk: Counter, acts: tuple[str, ...], state: State
) -> None:
    dossier = asked(desk, GAPS[0])
    bring(desk.site, dossier, BIRTH_NOTICE)
    job = send_supplement(desk.site, dossier.uid, by=CLERK)
    desk.act(dossier, *acts)
    desk.program.follow_once(desk.site)
    assert desk.now(dossier).state is state
    if state is State.STOPPED:
        assert desk.job(job.key).state is JobState.CANCELLED
        with desk.site.store.reading():
            assert outbox.ls(states=[s for s in JobState if s not in (JobState.ACKED, JobState.CANCELLED)]) == []
