"""The paper leg: sealed envelopes, bags, manifests, hand-over at the authority; nothing in two places, all named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.actor import Actor
from agent.domain.forward import Seal
from agent.domain.roles import Role
from agent.errors import ConfigError, InvalidIdentifier, NotFound, RuleViolation
from agent.store import journal
from agent.store.bags import BagLine, Parcel, ParcelEvent, SealFact, parcel_of
from agent.store.dossiers import Dossier
from agent.store.minutes import FilingChange, Minutes, MinutesLine, lines_of_minutes, shortages
from agent.tracking.forward.bagging import close_bag, open_bag, put, take_out
from agent.tracking.forward.counting import tally
from agent.tracking.forward.envelopes import papers_to_carry, seal_again, seal_envelope, see_seal
from agent.tracking.forward.handover import (
    abandon,
    scan_handover,
    seal_at_handover,
    start_handover,
    uncount,
)
from agent.tracking.forward.manifests import announce
from agent.tracking.forward.parcels import custody_of_parcel
from agent.tracking.forward.signing import (
    Signed,
    add_note,
    close_count,
    count_on,
    countersign_note,
    settle_difference,
    sign_handover,
)
from tests.builders import CHIEF, CLERK, OFFICE
from tests.flow.counter import Counter

AGENCY, OTHER_AGENCY = "H26.019.02", "H26.020.01"
DESK, THERE = f"office:{OFFICE}", f"authority:{AGENCY}"
COURIER = Actor("tuyen7", "Phạm Đức Ân", Role.COURIER, OFFICE, "T1")
OFFICIAL = Signed("Nguyễn Văn Bình", "screen", b'{"kind":"strokes"}')


def sealed(desk: Counter, count: int, *, start: int = 0, **changes: str) -> list[Parcel]:
    return [seal_envelope(desk.site, desk.receive(**changes).uid, f"VN{start + n:06d}", by=CLERK) for n in range(count)]


def label(envelope: Parcel) -> str:
    """What a reader sends from the dossier's label on the envelope."""
    return f"PA1|{envelope.number.partition('/')[0]}|\r"


def bagged(desk: Counter, envelopes: list[Parcel], seal: str = "TUI0001") -> Parcel:
    bag = open_bag(desk.site, "forward", AGENCY, by=CLERK)
    for envelope in envelopes:
        put(desk.site, bag.number, label(envelope), by=CLERK)
    return close_bag(desk.site, bag.number, seal, by=CLERK)


def hand_over_all(desk: Counter, envelopes: list[Parcel]) -> None:
    manifest = announce(desk.site, "forward", AGENCY, [label(one) for one in envelopes], by=CLERK)
    minutes = start_handover(desk.site, manifest.number, by=CLERK)
    for one in envelopes:
        assert scan_handover(desk.site, minutes.number, label(one), by=CLERK).good
    close_count(desk.site, minutes.number, by=CLERK)
    sign_handover(desk.site, minutes.number, OFFICIAL, by=CLERK)


def now(desk: Counter, parcel: Parcel) -> Parcel:
    """The row as it is, which must be the fold of its events."""
    with desk.site.store.reading():
        row = parcel_of(parcel.number)
        assert row is not None
        fold = custody_of_parcel(row)
    assert fold is not None
    assert (row.state, row.holder, row.offered_to, row.bag) == (fold.state, fold.holder, fold.offered_to, fold.bag)
    return row


def test_fourteen_envelopes_go_in_a_bag_and_twelve_arrive_the_two_are_named_and_stay_with_the_giver(
    either: Counter,
) -> None:
    site = either.site
    envelopes = sealed(either, 14)
    bag = bagged(either, envelopes)
    manifest = announce(site, "forward", AGENCY, [f"PA1T|{bag.number}"], by=CLERK)
    assert (manifest.bags, manifest.things, manifest.dossiers) == (1, 14, 14)
    minutes = start_handover(site, manifest.number, by=CLERK, place="Bộ phận Một cửa")
    assert start_handover(site, manifest.number, by=CLERK).number == minutes.number, "asking again is no second count"

    early = scan_handover(site, minutes.number, label(envelopes[0]), by=CLERK)
    assert early.kind == "elsewhere" and "túi" in early.words, "its bag was not opened before both sides yet"
    assert scan_handover(site, minutes.number, f"PA1T|{bag.number}", by=CLERK).good
    with pytest.raises(RuleViolation, match="niêm phong"):
        close_count(site, minutes.number, by=CLERK)
    with pytest.raises(RuleViolation, match="Quét lại"):
        scan_handover(site, minutes.number, "TUI0002", by=CLERK)
    assert scan_handover(site, minutes.number, "TUI0001", by=CLERK).kind == "opened"
    for envelope in envelopes[:11]:
        assert scan_handover(site, minutes.number, label(envelope), by=CLERK).kind == "counted"
    assert scan_handover(site, minutes.number, envelopes[11].seal, by=CLERK).kind == "counted", "by its seal too"
    assert scan_handover(site, minutes.number, label(envelopes[3]), by=CLERK).kind == "again"
    with site.store.reading():
        stand = tally(lines_of_minutes(minutes))
    assert (stand.expected, stand.present, stand.short) == (14, 12, 2)

    with pytest.raises(RuleViolation, match="chưa chốt"):
        sign_handover(site, minutes.number, OFFICIAL, by=CLERK)
    assert now(either, envelopes[0]).holder == DESK, "an offer moves nothing"
    close_count(site, minutes.number, by=CLERK)
    sign_handover(site, minutes.number, OFFICIAL, by=CLERK)
    sign_handover(site, minutes.number, OFFICIAL, by=CLERK)

    assert [now(either, one).holder for one in envelopes] == [THERE] * 12 + [DESK] * 2
    assert [now(either, one).offered_to for one in envelopes] == [""] * 14
    assert now(either, bag).done_at is not None
    with site.store.reading():
        short = shortages(OFFICE)
        assert [(one.number, one.verdict, one.follow) for one in short] == [
            (envelopes[12].number, "short", "search"), (envelopes[13].number, "short", "search"),
        ]  # fmt: skip
        assert not BagLine.select().where(BagLine.inside.is_null(False)).exists()
        codes = {one.step: one.upu_code for one in ParcelEvent.select().join(Parcel).where(Parcel.kind == "envelope")}
        assert codes == {
            "register": "EMA", "into_bag": "EDE", "out_of_bag": "EDD", "offer": None, "accept": "EMI", "withdraw": None,
        }  # fmt: skip
        assert journal.verify() == []
    settle_difference(site, short[0].id, "found", by=CLERK)
    settle_difference(site, short[1].id, "lost", by=CHIEF)
    assert now(either, envelopes[13]).state == "lost"
    with site.store.reading():
        assert shortages(OFFICE) == []
    again = announce(site, "forward", AGENCY, [label(envelopes[12])], by=CLERK)
    assert again.things == 1, "what turned up goes with the next trip"


def test_a_thing_is_in_one_bag_only_and_bad_scans_say_what_to_do(desk: Counter) -> None:
    site = desk.site
    first, second = sealed(desk, 2)
    bag, other = (open_bag(site, "forward", AGENCY, by=CLERK) for _ in range(2))
    put(site, bag.number, label(first), by=CLERK)
    put(site, bag.number, label(first), by=CLERK)
    for text, error, words in (
        (label(first), RuleViolation, "đang trong túi"),
        ("RR123456785CN", RuleViolation, "China Post"),
        ("SPXVN0123456789", RuleViolation, "SPX"),
        ("RR123456785VN", NotFound, "trong sổ"),
        ("RR123456784VN", InvalidIdentifier, "sai chữ số kiểm tra"),
        (f"PA1T|{bag.number}", RuleViolation, "không nằm trong túi khác"),
        ("PA1|T1-6T21-00CQ|", NotFound, "chưa có phong bì"),
        ("PA1|T1-6T2", InvalidIdentifier, "không trọn vẹn"),
        ("", InvalidIdentifier, "Chưa quét gì"),
    ):
        with pytest.raises(error, match=words):
            put(site, other.number, text, by=CLERK)
    with pytest.raises(RuleViolation, match="chưa có gì"):
        close_bag(site, other.number, "VN900000", by=CLERK)
    with pytest.raises(RuleViolation, match="đã dùng cho"):
        close_bag(site, bag.number, first.seal, by=CLERK)
    close_bag(site, bag.number, "VN900001", by=CLERK)
    close_bag(site, bag.number, "VN900001", by=CLERK)
    with pytest.raises(RuleViolation, match="đã đóng"):
        put(site, bag.number, label(second), by=CLERK)
    with pytest.raises(RuleViolation, match="đã đóng"):
        take_out(site, bag.number, first.number, by=CLERK)
    with pytest.raises(RuleViolation, match="không phải bạn"):
        put(site, other.number, label(second), by=COURIER)
    with site.store.reading():
        assert [line.number for line in BagLine.select()] == [first.number]


def test_a_broken_seal_is_a_fact_with_who_saw_it_and_the_papers_are_counted_together(desk: Counter) -> None:
    site = desk.site
    whole, torn = sealed(desk, 2)
    manifest = announce(site, "forward", AGENCY, [label(whole), torn.seal], by=CLERK)
    minutes = start_handover(site, manifest.number, by=CLERK)
    for envelope in (whole, torn):
        assert scan_handover(site, minutes.number, label(envelope), by=CLERK).good
    seal_at_handover(site, minutes.number, torn.number, Seal.BROKEN, by=CLERK)
    close_count(site, minutes.number, by=CLERK)
    sign_handover(site, minutes.number, Signed("Lê Thị Hà", "paper"), by=CLERK)
    with site.store.reading():
        facts = [
            (one.fact, one.seen_by, one.witness)
            for one in SealFact.select().where(SealFact.parcel == torn).order_by(SealFact.id)
        ]
        lines = {line.number: (line.verdict, line.seal_state, line.follow) for line in lines_of_minutes(minutes)}
    assert facts == [
        ("applied", CLERK.name, ""), ("intact", CLERK.name, THERE), ("broken", CLERK.name, THERE),
    ]  # fmt: skip
    assert lines[whole.number] == ("present", "intact", "")
    assert lines[torn.number] == ("present", "broken", "with_inventory")
    fold = custody_of_parcel(now(desk, torn))
    assert fold and fold.opened


def test_a_seal_broken_in_the_office_is_replaced_before_the_envelope_leaves(desk: Counter) -> None:
    site = desk.site
    (envelope,) = sealed(desk, 1)
    with pytest.raises(RuleViolation, match="còn nguyên"):
        seal_again(site, envelope.number, "VN777777", by=CLERK)
    see_seal(site, envelope.number, Seal.BROKEN, by=CLERK)
    bag = open_bag(site, "forward", AGENCY, by=CLERK)
    with pytest.raises(RuleViolation, match="không còn nguyên"):
        put(site, bag.number, label(envelope), by=CLERK)
    seal_again(site, envelope.number, "VN777777", by=CLERK)
    put(site, bag.number, label(envelope), by=CLERK)
    assert now(desk, envelope).seal == "VN777777"


def test_what_is_over_is_taken_when_it_belongs_there_and_carried_back_when_not(desk: Counter) -> None:
    site = desk.site
    listed, forgotten = sealed(desk, 2)
    (astray,) = sealed(desk, 1, start=50, agency=OTHER_AGENCY)
    manifest = announce(site, "forward", AGENCY, [label(listed)], by=CLERK)
    minutes = start_handover(site, manifest.number, by=CLERK)
    answers = {
        text: scan_handover(site, minutes.number, text, by=CLERK).kind
        for text in (label(listed), label(forgotten), label(astray), "RR123456785CN", "PA1|T1-6T21-00CQ|")
    }
    assert list(answers.values()) == ["counted", "over", "elsewhere", "unknown", "unknown"]
    with pytest.raises(InvalidIdentifier):
        scan_handover(site, minutes.number, "RR123456784VN", by=CLERK)
    close_count(site, minutes.number, by=CLERK)
    count_on(site, minutes.number, by=CLERK)
    uncount(site, minutes.number, forgotten.number, by=CLERK)
    assert now(desk, forgotten).offered_to == ""
    assert scan_handover(site, minutes.number, label(forgotten), by=CLERK).kind == "over"
    close_count(site, minutes.number, by=CLERK)
    sign_handover(site, minutes.number, OFFICIAL, by=CLERK)
    assert [now(desk, one).holder for one in (listed, forgotten, astray)] == [THERE, THERE, DESK]
    with site.store.reading():
        named = {line.number: line.follow for line in shortages(OFFICE)}
    assert named == {astray.number: "go_back", "RR123456785CN": "ask", "T1-6T21-00CQ": "ask"}
    bag = open_bag(site, "forward", AGENCY, by=CLERK)
    with pytest.raises(RuleViolation, match="đã giao cho"):
        put(site, bag.number, label(listed), by=CLERK)
    with pytest.raises(RuleViolation, match="trước đây"):
        other = start_handover(
            site, announce(site, "forward", AGENCY, [label(sealed(desk, 1, start=70)[0])], by=CLERK).number, by=CLERK
        )
        scan_handover(site, other.number, label(listed), by=CLERK)


def test_an_abandoned_count_gives_everything_back_to_the_giver(desk: Counter) -> None:
    site = desk.site
    envelopes = sealed(desk, 2)
    bag = bagged(desk, envelopes[:1])
    manifest = announce(site, "forward", AGENCY, [bag.number, label(envelopes[1])], by=CLERK)
    minutes = start_handover(site, manifest.number, by=CLERK)
    scan_handover(site, minutes.number, bag.number, by=CLERK)
    seal_at_handover(site, minutes.number, bag.number, Seal.MISSING, by=CLERK)
    abandon(site, minutes.number, by=CLERK)
    for envelope in envelopes:
        row = now(desk, envelope)
        assert (row.holder, row.offered_to, row.bag) == (DESK, "", "")
    assert announce(site, "forward", AGENCY, [label(one) for one in envelopes], by=CLERK).things == 2


def test_signing_the_minutes_files_the_dossier_and_moves_its_due_date_where_the_office_says_so(either: Counter) -> None:
    office = replace(either.site.settings.office, filing="minutes")
    site = replace(either.site, settings=either.site.settings.with_(office=office))
    dossier = either.receive(procedure="1.001612")
    assert dossier.filed_at is None and dossier.due_at is not None
    envelope = seal_envelope(site, dossier.uid, "VN000001", by=CLERK)
    manifest = announce(site, "forward", dossier.agency, [label(envelope)], by=CLERK)
    either.later(days=9)
    minutes = start_handover(site, manifest.number, by=CLERK)
    scan_handover(site, minutes.number, label(envelope), by=CLERK)
    close_count(site, minutes.number, by=CLERK)
    kept = sign_handover(site, minutes.number, OFFICIAL, by=CLERK)
    filed = either.now(dossier)
    assert filed.filed_at == kept.signed_at
    assert filed.due_at is not None and filed.due_at > dossier.due_at
    assert filed.due_calculation["minutes"] == minutes.number
    assert "filed" in either.kinds(dossier)
    with site.store.reading():
        change = FilingChange.get()
        entry = next(one for one in journal.entries("dossier", dossier_id=dossier.id) if one.kind == "filed")
    assert (change.due_before, change.due_after) == (dossier.due_at, filed.due_at)
    assert entry.body["was"] == dossier.due_at.isoformat()


def test_minutes_do_not_file_where_the_desk_itself_is_the_place_of_filing(desk: Counter) -> None:
    (envelope,) = sealed(desk, 1)
    manifest = announce(desk.site, "forward", AGENCY, [label(envelope)], by=CLERK)
    minutes = start_handover(desk.site, manifest.number, by=CLERK)
    scan_handover(desk.site, minutes.number, label(envelope), by=CLERK)
    close_count(desk.site, minutes.number, by=CLERK)
    sign_handover(desk.site, minutes.number, OFFICIAL, by=CLERK)
    with desk.site.store.reading():
        assert Dossier.get().filed_at is None
        assert not FilingChange.select().exists()


def test_signed_minutes_are_corrected_by_an_added_entry_that_a_second_person_countersigns(desk: Counter) -> None:
    site = desk.site
    (envelope,) = sealed(desk, 1)
    minutes = start_handover(site, announce(site, "forward", AGENCY, [label(envelope)], by=CLERK).number, by=CLERK)
    scan_handover(site, minutes.number, label(envelope), by=CLERK)
    with pytest.raises(RuleViolation, match="chưa ký"):
        add_note(site, minutes.number, "Ghi nhầm tên người nhận", by=CLERK)
    close_count(site, minutes.number, by=CLERK)
    sign_handover(site, minutes.number, OFFICIAL, by=CLERK)
    with pytest.raises(RuleViolation, match="hai bên đã ký"):
        count_on(site, minutes.number, by=CLERK)
    note = add_note(site, minutes.number, "Ghi nhầm tên người nhận, đúng là Bình", by=CLERK)
    with pytest.raises(RuleViolation, match="người thứ hai"):
        countersign_note(site, minutes.number, note.uid, by=CLERK)
    (another,) = sealed(desk, 1, start=7)
    others = start_handover(site, announce(site, "forward", AGENCY, [label(another)], by=CLERK).number, by=CLERK)
    with pytest.raises(NotFound):  # the address of other minutes, as of another office's, opens nothing here
        countersign_note(site, others.number, note.uid, by=CHIEF)
    assert countersign_note(site, minutes.number, note.uid, by=CHIEF).countersigned_by == CHIEF.name
    with site.store.reading():
        assert Minutes.get().digest and MinutesLine.select().where(MinutesLine.minutes == minutes).count() == 1
        assert "Bình" not in str([one.body for one in journal.entries("custody")]), "no name in the journal"


def test_papers_that_must_go_are_listed_with_what_is_late_first(desk: Counter) -> None:
    old = desk.receive()
    desk.later(days=5)
    fresh = desk.receive()
    waiting = papers_to_carry(desk.site, OFFICE)
    assert [(one.dossier.id, one.late, one.papers) for one in waiting] == [(old.id, True, 1), (fresh.id, False, 1)]
    envelope = seal_envelope(desk.site, old.uid, "VN000001", by=CLERK)
    assert seal_envelope(desk.site, old.uid, "vn 000001", by=CLERK).number == envelope.number
    with pytest.raises(RuleViolation, match="đã có phong bì"):
        seal_envelope(desk.site, old.uid, "VN000002", by=CLERK)
    with pytest.raises(RuleViolation, match="đã dùng"):
        seal_envelope(desk.site, fresh.uid, "VN000001", by=CLERK)
    assert papers_to_carry(desk.site, OFFICE)[0].envelope is not None


def test_where_the_desk_carries_no_paper_nothing_is_late_but_what_is_excepted(either: Counter) -> None:
    kept, carried = either.receive(procedure="1.001612"), either.receive()
    assert kept.procedure_code != carried.procedure_code

    def listed(**asked: object) -> list[int]:
        office = replace(either.site.settings.office, **asked)  # type: ignore[arg-type]
        site = replace(either.site, settings=either.site.settings.with_(office=office))
        return [one.dossier.id for one in papers_to_carry(site, OFFICE)]

    either.later(days=5)
    assert listed() == [kept.id, carried.id]
    assert listed(carry="none") == []
    assert listed(carry="none", carry_except=(carried.procedure_code,)) == [carried.id]
    assert listed(carry_except=(carried.procedure_code,)) == [kept.id]
    assert listed(carry_except=(carried.agency,)) == []
    with pytest.raises(ConfigError, match="carry"):
        replace(either.site.settings.office, carry="sometimes")


def test_which_dossiers_the_minutes_file_can_differ_by_procedure(either: Counter) -> None:
    filed, other = either.receive(procedure="1.001612"), either.receive()
    office = replace(either.site.settings.office, filing_except=("1.001612",))
    site = replace(either.site, settings=either.site.settings.with_(office=office))
    envelopes = [seal_envelope(site, one.uid, f"VN00000{n}", by=CLERK) for n, one in enumerate((filed, other), 1)]
    manifest = announce(site, "forward", filed.agency, [label(one) for one in envelopes], by=CLERK)
    minutes = start_handover(site, manifest.number, by=CLERK)
    for one in envelopes:
        scan_handover(site, minutes.number, label(one), by=CLERK)
    close_count(site, minutes.number, by=CLERK)
    kept = sign_handover(site, minutes.number, OFFICIAL, by=CLERK)
    assert (either.now(filed).filed_at, either.now(other).filed_at) == (kept.signed_at, None)
