"""Claim files: opened in time, held from erasure, answered, minuted and paid by two, told in the papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from agent.clock import local
from agent.domain.canonical import FeeLedger
from agent.domain.money_entries import Account, moved
from agent.errors import Forbidden, IllegalStep, NotFound, RuleViolation
from agent.store import money
from agent.store.calendar import Body, working_calendar
from agent.store.claims import Claim, ClaimEntry
from agent.store.delivery import Authorisation, ItemPlan
from agent.store.dossiers import Contact, Dossier
from agent.store.erasure import erase_rows, files_of
from agent.store.journal import JournalEntry
from agent.store.retention import is_held
from agent.tracking.back.claims import Complaint, add_fact, add_inventory, entries_of, open_claim, reopen, take_step
from agent.tracking.back.day_end import come_back
from agent.tracking.back.decide import forward_to_office, redeliver
from agent.tracking.back.invite import invite
from agent.tracking.back.lists import open_list, put_on
from agent.tracking.back.papers import claim_pdf, invitation_pdf, list_pdf
from agent.tracking.back.proxy import AuthorisationInput, authorise
from tests import postgres
from tests.flow.delivery_desk import CHIEF, CLERK, COURIER, ELSEWHERE, Office, office
from tests.flow.money_desk import pages_as
from tests.unit.test_forms import codes, texts

PAYER = replace(CLERK, username="hoa", full_name="Vũ Thị Hoa")
FACTS = "Bao bì ướt, mép rách 3 cm khi bưu tá giao."


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("claims")
    if request.param == "sqlite":
        made = office(folder)
        yield made
        made.site.store.close()
        return
    with postgres.migrated(request.getfixturevalue("postgres_server")) as url:
        made = office(folder, url)
        yield made
        made.bind().site.store.close()


@pytest.fixture(autouse=True)
def bound(at: Office) -> None:
    at.bind()


def complaint(kind: str = "damaged_part", **more: object) -> Complaint:
    return Complaint(kind, FACTS, "Nguyễn Thị Hường", "0912 345 678", **more)  # type: ignore[arg-type]


def float_of(at: Office, amount: int) -> None:
    """Who pays has small change in her till."""
    legs = moved(
        {FeeLedger.FREIGHT: amount}, (Account.FLOAT, CHIEF.office_id), (Account.TILL, f"user:{PAYER.username}")
    )
    with at.site.store.writing():
        money.post("float", "float_out", legs, by=CHIEF, at=at.clock.now(), ids=at.site.ids)


def money_of(at: Office, account: str) -> int:
    """What all holders of an account have of the operator's money, in đồng."""
    with at.site.store.reading():
        held = money.holders(Account(account), CHIEF.office_id)
    return sum(one.get(FeeLedger.FREIGHT, 0) for one in held.values())


def test_a_claim_is_minuted_by_a_supervisor_paid_by_another_and_holds_its_dossier_until_then(at: Office) -> None:
    (number,) = at.arrived(collect=26_000)
    claim = open_claim(at.site, number, complaint(), by=CLERK)
    dossier = at.item(number).dossier
    with at.site.store.reading():
        assert is_held(dossier), "nothing of it is erased while the claim is open"
    assert (claim.liability, claim.answer_by) == (0, date(2026, 11, 23))
    with pytest.raises(RuleViolation, match=claim.number):
        open_claim(at.site, number, complaint(), by=CLERK)
    add_fact(at.site, claim.uid, "Bưu tá xác nhận túi hở khóa.", by=CLERK)
    add_inventory(at.site, claim.uid, "Trích lục, nhòe dấu", 2, 16_000, by=CLERK)
    with pytest.raises(Forbidden):
        take_step(at.site, claim.uid, "accept", "Có lỗi của bưu cục.", by=CLERK)
    with pytest.raises(RuleViolation, match="nội dung trả lời"):
        take_step(at.site, claim.uid, "accept", "ừ", by=CHIEF)
    with pytest.raises(IllegalStep):
        take_step(at.site, claim.uid, "pay", "", by=CHIEF)
    take_step(at.site, claim.uid, "accept", "Có lỗi của bưu cục trong bảo quản.", by=CHIEF)
    with pytest.raises(RuleViolation, match="ít nhất 16000"):
        take_step(at.site, claim.uid, "minutes", "", amount=15_999, by=CHIEF)
    minuted = take_step(at.site, claim.uid, "minutes", "", amount=20_000, by=CHIEF)
    assert (minuted.liability, minuted.pay_by) == (20_000, date(2026, 12, 16))
    pdf = claim_pdf(at.site, claim.uid, by=CHIEF)
    assert codes(pdf, 300) >= {number, claim.number} and "20.000 đ" in " ".join(texts(pdf))
    with pytest.raises(RuleViolation, match="không đủ tiền"):
        take_step(at.site, claim.uid, "pay", "", by=PAYER)
    float_of(at, 20_000)
    with pytest.raises(Forbidden, match="người khác chi trả"):
        take_step(at.site, claim.uid, "pay", "", by=CHIEF)
    paid = take_step(at.site, claim.uid, "pay", "", by=PAYER)
    assert [money_of(at, account) for account in ("compensation", "operator")] == [0, -6_000], "26.000 earned"
    assert paid.closed_at is not None
    with at.site.store.reading():
        assert not is_held(dossier)
    with pytest.raises(RuleViolation, match="đã đóng"):
        add_fact(at.site, claim.uid, "thêm một điều", by=CLERK)


def test_a_complaint_that_is_late_negative_or_of_another_office_is_refused(at: Office) -> None:
    (number,) = at.arrived()
    late = complaint(complained_on=date(2026, 11, 16), transit_ended_on=date(2026, 5, 15))
    for given, words in (
        (late, "đã quá hạn"), (complaint("stolen"), "Chọn nội dung"), (complaint(damage=-1), "Số tiền"),
        (complaint(damage=10**13), "Số tiền"), (Complaint("lost", "mất", "Hường"), "sự việc"),
        (complaint(complained_on=date(2027, 1, 1)), "sau hôm nay"),
    ):  # fmt: skip
        with pytest.raises(RuleViolation, match=words):
            open_claim(at.site, number, given, by=CLERK)
    with pytest.raises(Forbidden):
        open_claim(at.site, number, complaint(), by=ELSEWHERE)
    made = open_claim(at.site, number, complaint("lost", reissue=8_000), by=CLERK)
    assert made.liability == 4 * made.freight + 8_000
    assert at.item(number).state == "lost", "a claim of loss says it of the item too"
    with pytest.raises(NotFound):
        add_fact(at.site, made.uid, "không phải của tôi", by=ELSEWHERE)
    take_step(at.site, made.uid, "reject", "Đã tìm thấy trong kho, không mất.", by=CHIEF)


def test_a_rejected_file_is_opened_again_on_new_evidence_and_nothing_else_is(at: Office) -> None:
    (number,) = at.arrived()
    claim = open_claim(at.site, number, complaint(), by=CLERK)
    with pytest.raises(IllegalStep):
        reopen(at.site, claim.uid, "Có ảnh chụp lúc nhận.", by=CHIEF)
    take_step(at.site, claim.uid, "reject", "Không thấy lỗi của bưu cục.", by=CHIEF)
    dossier = Dossier.get_by_id(at.item(number).dossier_id)
    assert not is_held(dossier)
    at.later(days=8)
    with pytest.raises(Forbidden):
        reopen(at.site, claim.uid, "Có ảnh chụp lúc nhận.", by=CLERK)
    with pytest.raises(RuleViolation, match="chứng cứ mới"):
        reopen(at.site, claim.uid, "ảnh", by=CHIEF)
    again = reopen(at.site, claim.uid, "Có ảnh chụp lúc nhận.", by=CHIEF)
    assert (again.state, again.closed_at, again.answered_at) == ("open", None, None)
    assert again.answer_by > claim.answer_by and again.next_by == again.answer_by
    assert is_held(dossier)
    with at.site.store.reading():
        assert [one.kind for one in entries_of(again)] == ["fact", "rejection", "reopened"]
        told = JournalEntry.select().where(JournalEntry.kind == "claim_reopened").count()
    assert told == 1
    take_step(at.site, claim.uid, "reject", "Ảnh không chứng minh lỗi.", by=CHIEF)
    other = open_claim(at.site, number, complaint(), by=CLERK)
    with pytest.raises(RuleViolation, match=other.number):
        reopen(at.site, claim.uid, "Lại có ảnh chụp khác.", by=CHIEF)
    take_step(at.site, other.uid, "reject", "Không thấy lỗi của bưu cục.", by=CHIEF)
    at.later(days=250)
    with pytest.raises(RuleViolation, match="quá hạn"):
        reopen(at.site, claim.uid, "Lại có ảnh chụp khác.", by=CHIEF)


def test_the_papers_of_the_day_name_every_item_and_are_gone_with_their_person(at: Office) -> None:
    (number, other) = at.arrived(2, collect=26_000)
    on = open_list(at.site, COURIER.username, by=CLERK)
    for one in (number, other):
        put_on(at.site, on.uid, one, by=CLERK)
    with at.site.store.writing():
        Contact.update(name="Phạm An").where(Contact.dossier == at.item(number).dossier_id).execute()
    pdf = list_pdf(at.site, on.uid, by=CLERK)
    assert codes(pdf, 300) >= {number, other, on.number}
    words = " ".join(" ".join(texts(pdf)).split())
    assert "Nguyễn Thị Hường" in words and "gọi Phạm An" in words, "the owner receives, the contact is to be called"
    from agent.tracking.back.lists import offer

    offer(at.site, on.uid, by=CLERK)
    at.out([number])
    at.fail(number, evidence=("position",))
    at.given_back(number)
    come_back(at.site, number, by=CLERK)
    made = invite(at.site, number, by=CLERK)
    paper = invitation_pdf(at.site, made.uid, by=CLERK)
    assert codes(paper, 300) >= {number} and "001188012345" not in " ".join(texts(paper))
    today = local(at.clock.now()).date()
    with at.site.store.reading():
        on_day = working_calendar(CLERK.office_id, body=Body.OFFICE).next_working(today)
    redeliver(at.site, number, on_day, by=CLERK, agreed="gọi chị Hường 0912 345 678")
    given = AuthorisationInput("handwritten", "Lê Văn Nam", today, photo=b"\xff\xd8\xffpicture")
    authorise(at.site, number, given, by=CLERK)
    claim = open_claim(at.site, number, complaint("late"), by=CLERK)
    take_step(at.site, claim.uid, "reject", "Bưu gửi đi đúng thời gian toàn trình.", by=CHIEF)
    with at.site.store.writing():
        dossier = Dossier.get_by_id(at.item(number).dossier_id)
        photo = Authorisation.get(Authorisation.item == at.item(number)).photo_sha256
        assert photo in {sha256 for _terminal, sha256 in files_of(dossier)}, "its picture goes with it"
        erase_rows(dossier, at=at.clock.now())
        left = [*_texts(ItemPlan), *_texts(Authorisation), *_texts(Claim), *_texts(ClaimEntry)]
    said = " ".join(left)
    assert "chị Hường" not in said and "Lê Văn Nam" not in said and "đúng thời gian toàn trình" not in said
    with pytest.raises(RuleViolation, match="đã giao bưu tá"):
        put_on(at.site, on.uid, other, by=CLERK)


def _texts(model: type) -> list[str]:
    return [str(value) for row in model.select().dicts() for value in row.values()]  # type: ignore[attr-defined]


def test_the_file_stays_its_offices_when_another_one_delivers_the_item(at: Office) -> None:
    (number,) = at.arrived()
    claim = open_claim(at.site, number, complaint("late"), by=CLERK)
    take_step(at.site, claim.uid, "reject", "Trong thời hạn, không có lỗi.", by=CHIEF)
    forward_to_office(at.site, number, ELSEWHERE.office_id, by=CLERK)
    come_back(at.site, number, by=ELSEWHERE)
    page = pages_as(at, CHIEF.username)(f"/delivery/claims/{claim.uid}")
    assert claim.number in page and f"/delivery/items/{number}" not in page
    assert reopen(at.site, claim.uid, "Người nhận đưa phong bì có dấu ngày.", by=CHIEF).closed_at is None
    with pytest.raises(NotFound):
        reopen(at.site, claim.uid, "Người nhận đưa phong bì có dấu ngày.", by=replace(CHIEF, office_id="BC-SONTAY"))
