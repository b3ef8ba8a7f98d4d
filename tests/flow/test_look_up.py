"""The owner of an open intake is compared with the province's register; the intake goes on whatever comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.domain.actor import Actor
from agent.domain.breaker import Circuit
from agent.domain.roles import Role
from agent.errors import HandoffUnavailable, InvalidIntake, NotFound
from agent.intake.draft import discard_draft, open_draft
from agent.intake.filing import wants_copy
from agent.intake.guide import catalogue, today
from agent.intake.look_up import Answer, Outcome, Person, look_up, person_of
from agent.intake.paper_reuse import offers
from agent.intake.province_papers import province_offers
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.settings import LookUps
from agent.site import Site
from agent.soap.profiles.unoffered import NothingOffered
from agent.store.accounts import AccessLog
from agent.store.dossiers import Draft
from agent.store.look_ups import LookUp
from agent.store.lookup import components_of
from agent.store.province_line import LineStatus, write_line
from agent.web.counter.intake_form import checklist
from tests.builders import CLERK, OFFICE
from tests.contract.sandbox_process import Sandbox
from tests.flow.counter import Counter, counter

TAP = "001090999901"  # known to the sandbox's register, with name and day of birth
CHIP = f"{TAP}||Nguyễn Văn Tập|15031990|Nam|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
PROCEDURE = "2.000635"
OTHER = Actor("sontay", "Vũ Thị Hoa", Role.CLERK, "BC-SONTAY", "T9")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, prepared: Path, shared_province: Sandbox) -> Iterator[Counter]:
    """One counter for the whole file."""
    with counter(tmp_path_factory.mktemp("look-up") / "data", prepared, shared=shared_province) as opened:
        yield opened


def draft(desk: Counter, **body: str) -> Draft:
    return open_draft(desk.site, by=CLERK, body={"procedure": PROCEDURE, "owner_chip": CHIP, **body})


def kept(desk: Counter, held: Draft) -> list[LookUp]:
    with desk.site.store.reading():
        return list(LookUp.select().where(LookUp.draft_uid == held.uid).order_by(LookUp.id.desc()))


@contextmanager
def limited(desk: Counter, per_hour: int) -> Iterator[Site]:
    yield replace(desk.site, settings=desk.site.settings.with_(look_up=LookUps(per_hour)))


def test_a_person_the_register_knows_matches_and_only_flags_are_kept(desk: Counter) -> None:
    held = draft(desk)
    answer = look_up(desk.site, held.uid, by=CLERK)
    assert answer is not None
    assert (answer.person, answer.matches) == (Outcome.ANSWERED, {"name": True, "birth": True})
    rows = kept(desk, held)
    assert {(row.kind, row.outcome) for row in rows} == {("person", "answered"), ("papers", "answered")}
    assert {row.purpose for row in rows} == {f"intake:{PROCEDURE}|{held.uid}"}
    said = " ".join(str(row.__data__) for row in rows)
    assert TAP not in said and "Tập" not in said
    with desk.site.store.reading():
        looks = [row.what for row in AccessLog.select().where(AccessLog.actor == CLERK.name)]
    assert {"province person look-up", "province papers look-up"} <= set(looks)


def test_another_name_or_day_of_birth_is_said_and_nobody_is_found_under_a_free_number(desk: Counter) -> None:
    other = draft(desk, owner_chip=CHIP.replace("Nguyễn Văn Tập", "Trần Văn Khác").replace("15031990", "16031990"))
    answer = look_up(desk.site, other.uid, by=CLERK)
    assert answer and answer.matches == {"name": False, "birth": False}
    nobody = draft(desk, owner_chip=CHIP.replace(TAP, "001090123456"))
    absent = look_up(desk.site, nobody.uid, by=CLERK)
    assert absent and (absent.person, absent.matches) == (Outcome.ABSENT, {})


def test_only_the_clerks_own_open_intake_with_a_procedure_and_a_number_asks(desk: Counter) -> None:
    held = draft(desk)
    with pytest.raises(NotFound):
        look_up(desk.site, held.uid, by=OTHER)
    discard_draft(desk.site, held.uid, by=CLERK)
    with pytest.raises(NotFound):
        look_up(desk.site, held.uid, by=CLERK)
    with pytest.raises(NotFound):
        look_up(desk.site, uuid.uuid4(), by=CLERK)
    assert look_up(desk.site, draft(desk, procedure="").uid, by=CLERK) is None
    short = draft(desk, owner_chip="", owner_id="00109099990")
    assert look_up(desk.site, short.uid, by=CLERK) is None
    firm = draft(desk, owner_chip="", owner_id="0100109106", owner_kind="organisation")
    assert look_up(desk.site, firm.uid, by=CLERK) is None
    assert kept(desk, short) == kept(desk, firm) == []


def test_a_number_typed_by_hand_is_asked_about_with_what_stands_beside_it() -> None:
    typed = {"owner_id": "001 090 999 901", "owner_name": " Nguyễn  Văn Tập ", "owner_birth": "15/3/1990"}
    assert person_of(typed) == Person(TAP, "Nguyễn Văn Tập", "1990-03-15")
    assert person_of({"owner_id": TAP, "owner_id_kind": "passport"}) is None


def test_after_so_many_questions_an_hour_the_clerk_is_told_when_the_next_is_free(desk: Counter) -> None:
    desk.later(hours=2)
    with limited(desk, 2) as site:
        for _ in range(2):
            answer = look_up(site, draft(desk).uid, by=CLERK)
            assert answer and answer.person is Outcome.ANSWERED
            desk.later(minutes=10)
        stopped = look_up(site, (third := draft(desk)).uid, by=CLERK)
        assert stopped is not None and stopped.person is Outcome.LIMIT and stopped.limit == 2
        assert stopped.again_at is not None
        assert (stopped.again_at - desk.clock.now()).total_seconds() == 40 * 60
        assert kept(desk, third) == []
        desk.later(minutes=41)
        again = look_up(site, third.uid, by=CLERK)
        assert again and again.person is Outcome.ANSWERED
    with limited(desk, 0) as site:
        never = look_up(site, draft(desk).uid, by=CLERK)
        assert never == Answer(Outcome.LIMIT)


class Down:
    """A province that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        def call(**_asked: Any) -> Any:
            raise HandoffUnavailable("Không nối được tới tỉnh.")

        return call


@pytest.mark.parametrize(("province", "outcome"), [(Down, Outcome.UNAVAILABLE), (NothingOffered, Outcome.UNSUPPORTED)])
def test_offline_or_without_that_ability_the_intake_goes_on_and_no_question_is_counted(
    desk: Counter, province: type, outcome: Outcome
) -> None:
    desk.later(hours=2)
    here = province()
    site = replace(desk.site, province=lambda: here, settings=desk.site.settings.with_(look_up=LookUps(1)))
    held = draft(desk)
    for _ in range(2):
        answer = look_up(site, held.uid, by=CLERK)
        assert answer and (answer.person, answer.papers) == (outcome, ())
    assert {row.outcome for row in kept(desk, held)} == {outcome.value}
    case = catalogue(desk.site).current(PROCEDURE, today(desk.site)).case()
    lines = tuple(ComponentInput(one.code) for one in case.mandatory)
    dossier = receive(
        site, Intake(PROCEDURE, PartyInput(chip_card=CHIP, phone="0912 345 678"), lines, draft=held.uid), by=CLERK
    )
    assert dossier.provisional


def test_while_the_line_is_known_to_be_down_nobody_waits_to_learn_it_again(desk: Counter) -> None:
    held, now = draft(desk), desk.clock.now()
    with desk.site.store.writing():
        write_line(
            "T1", office_id=OFFICE, endpoint="", state=Circuit.OPEN.value, since=now, changed_at=now, paused={}
        )  # fmt: skip
    try:
        answer = look_up(desk.site, held.uid, by=CLERK)
    finally:
        with desk.site.store.writing():
            LineStatus.delete().execute()
    assert answer == Answer(Outcome.UNAVAILABLE) and kept(desk, held) == []
    asked = look_up(desk.site, held.uid, by=CLERK)
    assert asked and asked.person is Outcome.ANSWERED


def test_a_paper_in_the_provinces_store_is_offered_and_goes_by_its_code(desk: Counter) -> None:
    desk.later(hours=2)
    first = desk.handed_off(owner=PartyInput(chip_card=CHIP, phone="0912 345 678"))
    assert first.official
    held = draft(desk)
    answer = look_up(desk.site, held.uid, by=CLERK)
    assert answer is not None and answer.papers
    (offer, *_) = province_offers(answer.papers, [], on=today(desk.site))
    assert offer.province and offer.value == offer.code and offer.source == first.official and not offer.why
    assert TAP not in offer.shown
    ours = offers(desk.site, TAP, procedure=PROCEDURE, agency="", on=today(desk.site), by=CLERK)
    assert [one.why for one in ours] == [("chưa ghi hiệu lực và phạm vi",)]  # so the province's word counts
    assert offer.code in [one.code for one in province_offers(answer.papers, ours, on=today(desk.site))]
    entered = [replace(one, entered=True) for one in ours]
    assert offer.code not in [one.code for one in province_offers(answer.papers, entered, on=today(desk.site))]

    again = desk.receive(components=reusing(desk, offer.value), owner=PartyInput(chip_card=CHIP, phone="0912 345 678"))
    with desk.site.store.reading():
        (taken,) = [one for one in components_of(again) if one.reused_from]
        assert taken.reused_from == offer.code and not wants_copy(taken)
    with pytest.raises(InvalidIntake, match="không phải giấy tờ của chủ hồ sơ"):
        desk.receive(components=reusing(desk, offer.value))  # of another owner


def test_a_paper_that_holds_no_longer_is_shown_with_its_reason() -> None:
    paper = {
        "paperCode": "X.GKS.1",
        "componentCode": "C",
        "name": "Giấy",
        "number": "H26-1",
        "validUntil": "2026-01-31",
    }
    (over,) = province_offers([paper], [], on=date(2026, 2, 1))
    assert over.why == ("hết hiệu lực từ 31/01/2026",)
    (good,) = province_offers([paper], [], on=date(2026, 1, 31))
    assert (good.why, good.validity) == ((), "đến hết 31/01/2026")
    (said,) = province_offers([{**paper, "valid": False}], [], on=date(2026, 1, 1))
    assert said.why == ("tỉnh ghi không còn giá trị",)
    assert province_offers([{**paper, "paperCode": ""}], [], on=date(2026, 1, 1)) == []


def test_a_declaration_is_written_anew_whatever_the_province_holds(desk: Counter) -> None:
    case = catalogue(desk.site).current("1.001193", today(desk.site)).case()
    paper = {"name": "Giấy", "number": "H26-1", "paperCode": "X.GKS.1"}
    held = [{**paper, "componentCode": one.code} for one in case.requirements if one.digitised]
    lines = checklist(case, {"procedure": "1.001193"}, province_offers(held, [], on=today(desk.site)))
    offered = [line.requirement.name for line in lines if line.offers]
    assert "Giấy chứng sinh" in offered and not [name for name in offered if name.startswith("Tờ khai")]


def reusing(desk: Counter, code: str) -> tuple[ComponentInput, ...]:
    """Everything that is mandatory, the first digitised one by a paper of the province's store."""
    case = catalogue(desk.site).current(PROCEDURE, today(desk.site)).case()
    first = next(one for one in case.mandatory if one.digitised)
    return tuple(
        ComponentInput(one.code, "electronic", reused=code) if one is first else ComponentInput(one.code)
        for one in case.mandatory
    )


def test_what_is_taken_from_the_provinces_store_needs_no_scan(desk: Counter) -> None:
    code = "001090999901.GTK.0000000"
    dossier = desk.receive(components=reusing(desk, code), owner=PartyInput(chip_card=CHIP, phone="0912 345 678"))
    with desk.site.store.reading():
        (taken,) = [one for one in components_of(dossier) if one.reused_from]
    assert taken.reused_from == code
