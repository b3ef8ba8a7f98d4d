"""A paper that was digitised once is offered at the next intake, taken instead of a scan, and sent by its hash."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from agent.domain.actor import Actor
from agent.domain.reuse import Terms, why_not
from agent.domain.roles import Role
from agent.errors import InvalidIntake
from agent.intake.digitise import make_copies
from agent.intake.erase import erase_person
from agent.intake.filing import wants_copy
from agent.intake.guide import catalogue, today
from agent.intake.label import confirm_label
from agent.intake.paper_facts import Entry, enter, entry_of, proposed
from agent.intake.paper_reuse import Offer, offers
from agent.intake.request import ComponentInput, PartyInput
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.intake.void import void
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of
from agent.store.paper_facts import PaperFacts, PaperUse
from agent.store.papers import Paper
from agent.store.values import CONFIRMED, Value
from tests.builders import CHIEF, CLERK
from tests.flow.counter import Counter

ID, PROCEDURE, AGENCY = "001188012345", "2.000635", "H26.019.02"
SONTAY = Actor("sontay", "Vũ Thị Hoa", Role.CLERK, "BC-SONTAY", "T9")


def paper_of(desk: Counter, dossier: Dossier) -> Paper:
    with desk.site.store.reading():
        found: Paper = Paper.select().where(Paper.dossier == dossier).first()
    return found


def entered(desk: Counter, dossier: Dossier, **entry: Any) -> Paper:
    paper, terms = paper_of(desk, dossier), {"permanent": True, **entry}
    enter(desk.site, dossier.uid, paper.uid, Entry(**terms), approve=True, by=CLERK)
    return paper


def shown(desk: Counter, *, by: Actor = CLERK, agency: str = AGENCY, procedure: str = PROCEDURE) -> list[Offer]:
    return offers(desk.site, ID, procedure=procedure, agency=agency, on=today(desk.site), by=by)


def lines(desk: Counter, *, reused: str = "") -> tuple[ComponentInput, ...]:
    """Everything that is mandatory, the first digitised one by a paper that is there already."""
    case = catalogue(desk.site).current(PROCEDURE, today(desk.site)).case()
    first = next(one.code for one in case.mandatory if one.digitised)
    return tuple(
        ComponentInput(one.code, "electronic", reused=reused)
        if one.code == first and reused
        else ComponentInput(one.code)
        for one in case.mandatory
    )


def test_a_paper_goes_again_by_its_hash_and_not_one_byte_is_sent_twice(either: Counter) -> None:
    desk = either
    source = desk.handed_off()
    paper = entered(desk, source, number="12/2020", issued_on=date(2020, 5, 6), issuer="UBND phường")
    (offer,) = [one for one in shown(desk) if not one.why]
    assert (offer.number, offer.validity, offer.source) == ("12/2020", "vô thời hạn", source.official)

    dossier = desk.receive(components=lines(desk, reused=str(offer.uid)))
    with desk.site.store.reading():
        component = next(one for one in components_of(dossier) if one.reused_from)
        assert component.reused_from == paper.code and not wants_copy(component)
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    make_copies(desk.site, dossier.uid, by=CLERK)
    sign_copies(desk.site, dossier.uid, by=CLERK)
    job = submit(desk.site, dossier.uid, by=CLERK)
    sent = next(one for one in json.loads(job.payload)["components"] if one["code"] == component.code)
    assert (sent["reusedFrom"], sent["paperCode"]) == (paper.code, paper.code)
    assert [file["sha256"] for file in sent["files"]] == [paper.signed_sha256]

    desk.site.vault.erase(paper.signed_sha256 or "")  # the province has it: nobody needs it here
    desk.send()
    assert desk.job(job.key).state.value == "acked", desk.job(job.key).error
    held = desk.held("SELECT sha256 FROM files WHERE number = :n", n=desk.now(dossier).official)
    assert paper.signed_sha256 in {row["sha256"] for row in held}
    assert "paper_reused" in desk.kinds(dossier)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"permanent": False, "valid_until": date(2020, 1, 1)}, "hết hiệu lực từ 01/01/2020"),
        ({"procedures": ("1.004616",)}, "chỉ dùng cho thủ tục 1.004616"),
        ({"agencies": ("H30",)}, "chỉ dùng tại cơ quan H30"),
    ],
)
def test_what_may_not_serve_is_shown_with_the_reason_and_not_taken(
    desk: Counter, entry: dict[str, Any], words: str
) -> None:
    paper = entered(desk, desk.handed_off(), **entry)
    (offer,) = shown(desk)
    assert words in offer.why
    with pytest.raises(InvalidIntake) as refused:
        desk.receive(components=lines(desk, reused=paper.code))
    assert words in refused.value.message
    with desk.site.store.reading():
        assert Dossier.select().count() == 1, "nothing was received"


def test_a_paper_nobody_spoke_for_is_not_offered_and_every_reason_is_given_at_once(desk: Counter) -> None:
    dossier = desk.handed_off()
    (offer,) = shown(desk)
    assert offer.why == ("chưa ghi hiệu lực và phạm vi",) and not offer.entered
    enter(desk.site, dossier.uid, offer.uid, Entry(number="1", procedures=("9.9",)), approve=False, by=CLERK)
    (offer,) = shown(desk)
    assert offer.why == ("chưa duyệt cho dùng lại", "chưa ghi thời hạn hiệu lực", "chỉ dùng cho thủ tục 9.9")
    with pytest.raises(InvalidIntake, match="thời hạn"):
        enter(desk.site, dossier.uid, offer.uid, Entry(number="1"), approve=True, by=CLERK)


def test_another_office_and_another_owner_see_nothing_and_cannot_take_it(desk: Counter) -> None:
    paper = entered(desk, desk.handed_off())
    assert shown(desk, by=SONTAY) == []
    assert offers(desk.site, "001099099099", procedure=PROCEDURE, agency=AGENCY, on=today(desk.site), by=CLERK) == []
    other = PartyInput(chip_card="001088054321||Trần Thị Đào|14031988|Nữ|12 Lạc Long Quân|05062021", phone="0912345678")
    with pytest.raises(InvalidIntake, match="không phải giấy tờ của chủ hồ sơ này"):
        desk.receive(owner=other, components=lines(desk, reused=paper.code))


def test_a_dossier_that_was_voided_lends_nothing(desk: Counter) -> None:
    dossier = desk.signed()
    entered(desk, dossier)
    assert shown(desk)[0].why == ()
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    assert "đã hủy" in shown(desk)[0].why[0]


def test_a_name_that_is_no_paper_of_ours_is_left_to_the_province(desk: Counter) -> None:
    dossier = desk.receive(components=lines(desk, reused="KHO-TINH-0001"))
    with desk.site.store.reading():
        assert any(one.reused_from == "KHO-TINH-0001" for one in components_of(dossier))
        assert PaperUse.select().count() == 0


def test_what_people_confirmed_of_a_paper_is_its_entry_when_it_is_signed(desk: Counter) -> None:
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    desk.digitise(dossier)
    paper = paper_of(desk, dossier)
    read = {"number": "77/GKS", "issued_on": "2019-02-03", "issuer": "UBND xã", "valid_until": "permanent"}
    with desk.site.store.writing():
        for field, value in read.items():
            Value.create(
                dossier=dossier,
                component=paper.component,
                field=field,
                value=value,
                state=CONFIRMED,
                at=desk.clock.now(),
            )
    sign_copies(desk.site, dossier.uid, by=CLERK)
    with desk.site.store.reading():
        facts = PaperFacts.get()
        assert (facts.number, facts.issued_on, facts.permanent) == ("77/GKS", date(2019, 2, 3), True)
        assert facts.approved_by == CLERK.username
        assert proposed(desk.site, paper).issuer == "UBND xã"
    assert entry_of({"issued_on": "no day"}) == Entry()


def test_erasure_reaches_the_index_and_keeps_what_an_unerased_dossier_uses(desk: Counter) -> None:
    source = desk.signed()
    paper = entered(desk, source, number="BÍ MẬT 1", abstract="Nguyễn Thị Hường")
    other = desk.receive(components=lines(desk, reused=paper.code))
    void(desk.site, other.uid, by=CLERK, reason="nhầm")
    void(desk.site, source.uid, by=CLERK, reason="nhầm")
    erase_person(desk.site, ID, basis="x", by=CHIEF)
    with desk.site.store.reading():
        assert PaperFacts.select().count() == 0
        assert not Component.select().where(Component.reused_from != "").exists()
        assert {use.code for use in PaperUse.select()} == {""}
    assert not desk.site.vault.has(paper.signed_sha256 or ""), "nobody uses it any more"
    assert shown(desk) == []


def test_a_day_is_the_last_on_which_a_paper_serves() -> None:
    terms = Terms(True, valid_until=date(2026, 11, 29))
    asked = {"procedure": "1", "agency": "H26"}
    assert why_not(terms, on=date(2026, 11, 29), **asked) == []
    assert why_not(terms, on=date(2026, 11, 29) + timedelta(days=1), **asked) != []
    assert why_not(replace(terms, agencies=("H26.01",)), on=date(2026, 11, 1), **asked) != []
