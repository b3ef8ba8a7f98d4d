"""The promise from counter to doorstep: counted by hand, leg by leg, with what moved its date."""

from __future__ import annotations

from datetime import date, datetime, time
from importlib.resources import files

import pytest

from agent.clock import LOCAL
from agent.domain.calendar_vn import Calendar, DayEntry, DayKind, DayState, parse_calendar
from agent.domain.deadlines import CUTOFF, Term, due
from agent.domain.postal_legs import Area, Zone, parse_legs, zone_between
from agent.domain.promise import Calendars, Facts, LegKind, LegState, Routes, promise
from agent.errors import ConfigError

DATA = files("agent.domain").joinpath("data")
TABLE = parse_calendar(DATA.joinpath("calendar_vn.toml").read_text("utf-8"))
LEGS_TEXT = DATA.joinpath("postal_legs.toml").read_text("utf-8")
LEGS = parse_legs(LEGS_TEXT)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def close_of(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(17), LOCAL)


def routes(back: Zone = Zone.WITHIN_PROVINCE) -> Routes:
    edition = LEGS.edition(date(2026, 12, 1))
    return Routes(Zone.SAME_AREA, edition.zones[Zone.SAME_AREA], back, edition.zones[back], edition.source)


def facts(received: str = "2026-12-01 09:00", term: int = 3, calendar: Calendar = TABLE, **known: object) -> Facts:
    deadline = due(calendar, at(received), Term(term))
    return Facts(at(received), deadline.due_at, str(Term(term)), deadline.calculation, **known)  # type: ignore[arg-type]


def made(known: Facts, now: str, *, office: Calendar = TABLE, back: Zone = Zone.WITHIN_PROVINCE):
    return promise(known, routes(back), Calendars(TABLE, office), now=at(now))


def test_a_tuesdays_dossier_of_three_days_is_at_the_door_the_next_tuesday():
    # received Tue 1/12; the authority's three days end Fri 4/12; one day to the delivery office, one to the door
    found = made(facts(), "2026-12-01 10:00")
    assert [leg.kind for leg in found.legs] == list(LegKind)
    assert [leg.due_at for leg in found.legs] == [
        close_of("2026-12-02"), close_of("2026-12-04"), close_of("2026-12-07"), close_of("2026-12-08"),
    ]  # fmt: skip
    assert found.promised_at == found.expected_at == close_of("2026-12-08")
    assert [leg.planned for leg in found.legs] == [1, 3, 1, 1]


@pytest.mark.parametrize(
    ("zone", "door"),
    [("same_area", "2026-12-07"), ("within_province", "2026-12-08"), ("special_cities", "2026-12-09"),
     ("elsewhere", "2026-12-10")],
)  # fmt: skip
def test_each_zone_has_its_days(zone, door):
    assert made(facts(), "2026-12-01 10:00", back=Zone(zone)).promised_at == close_of(door)


def test_a_late_authority_is_named_with_its_days_and_moves_what_is_expected_but_not_what_was_promised():
    known = facts(handed_at=at("2026-12-01 09:30"), ready_at=at("2026-12-09 10:00"))
    found = made(known, "2026-12-09 11:00")
    authority = found.legs[1]
    assert (authority.planned, authority.used, authority.over, authority.state) == (3, 6, 3, LegState.DONE_LATE)
    assert found.blame is authority
    assert found.promised_at == close_of("2026-12-08") and found.expected_at == close_of("2026-12-11")
    assert found.running is not None and found.running.kind is LegKind.TO_DELIVERY_OFFICE


def test_an_early_authority_gives_its_days_to_the_citizen():
    known = facts(handed_at=at("2026-12-01 09:30"), ready_at=at("2026-12-02 10:00"))
    assert made(known, "2026-12-02 11:00").expected_at == close_of("2026-12-04")


def test_a_leg_warns_on_its_last_day_and_is_late_after_it():
    known = facts(handed_at=at("2026-12-01 09:30"))
    assert made(known, "2026-12-03 16:00").running.state is LegState.RUNNING
    near = made(known, "2026-12-04 08:00")
    assert near.breaking is near.legs[1] and near.legs[1].state is LegState.NEAR
    late = made(known, "2026-12-07 08:00")
    assert late.breaking.state is LegState.LATE and late.breaking.over == 1


def test_what_arrives_after_three_is_carried_from_the_next_day():
    assert made(facts("2026-12-01 15:01"), "2026-12-01 16:00").legs[0].due_at == close_of("2026-12-03")
    assert time(15) == CUTOFF


def test_a_holiday_that_moved_the_date_is_named():
    # 31/8 is off for Saturday 22/8, 1 and 2 September are the national day: three days from Friday 28/8 end on 7/9
    found = made(facts("2026-08-28 09:00"), "2026-08-28 10:00")
    assert found.legs[1].due_at == close_of("2026-09-07")
    assert [line.date.day for line in found.legs[1].moved_by] == [31, 1, 2]
    assert "Quốc khánh" in found.legs[1].moved_by[1].why


def test_a_storm_that_closes_the_post_office_moves_its_legs_and_not_the_authoritys_term():
    storm = DayEntry(date(2026, 12, 7), DayKind.OFF, DayState.OFFICIAL, "bưu cục đóng cửa vì bão")
    found = made(facts(), "2026-12-01 10:00", office=TABLE.with_overrides([storm]))
    assert found.legs[1].due_at == close_of("2026-12-04")
    assert found.promised_at == close_of("2026-12-09")
    assert [line.why for line in found.legs[2].moved_by] == ["thứ Hai, bưu cục đóng cửa vì bão"]


def test_a_pending_day_moves_nothing():
    maybe = DayEntry(date(2026, 12, 7), DayKind.OFF, DayState.PENDING, "đang xin ý kiến")
    found = made(facts(), "2026-12-01 10:00", office=TABLE.with_overrides([maybe]))
    assert found.promised_at == close_of("2026-12-08") and found.legs[2].moved_by == ()


def test_a_term_from_the_minutes_runs_from_the_hand_over_and_waits_for_it():
    waiting = made(facts(from_minutes=True), "2026-12-02 10:00")
    assert waiting.legs[1].state is LegState.WAITING and waiting.running is waiting.legs[0]
    signed = facts(from_minutes=True, handed_at=at("2026-12-02 16:00"))
    assert made(signed, "2026-12-03 10:00").legs[1].starts == at("2026-12-02 16:00")


def test_a_delivered_dossier_stands_still_whatever_the_hour():
    known = facts(
        handed_at=at("2026-12-01 09:30"), ready_at=at("2026-12-04 10:00"), at_office_at=at("2026-12-07 10:00"),
        delivered_at=at("2026-12-08 09:00"),
    )  # fmt: skip
    soon, later = made(known, "2026-12-08 10:00"), made(known, "2027-03-01 10:00")
    assert soon == later and soon.ended and soon.breaking is None and soon.blame is None
    assert [leg.state for leg in soon.legs] == [LegState.DONE] * 4


def test_results_at_the_counter_and_by_wire_have_no_courier():
    assert [leg.kind for leg in made(facts(by_courier=False), "2026-12-01 10:00").legs] == list(LegKind)[:3]
    wired = made(facts(by_courier=False, electronic=True), "2026-12-01 10:00")
    assert wired.promised_at == close_of("2026-12-04") and len(wired.legs) == 2


def test_an_address_is_looked_up_by_the_words_it_ends_with():
    areas = '[[areas]]\nid="1"\nprovince="01"\nspecial=true\nwords=["Tây Hồ"]\n'
    areas += '[[areas]]\nid="2"\nprovince="01"\nwords=["Sơn Tây"]\n[[areas]]\nid="3"\nprovince="79"\nspecial=true\n'
    legs = parse_legs(LEGS_TEXT + areas + 'words=["Bến Thành"]\n')
    west, far = legs.area_of("12 Lạc Long Quân, phường Tây Hồ, Hà Nội"), legs.area_of("1 Lê Lợi, phường Bến Thành")
    assert west is not None and west.id == "1" and far is not None and far.id == "3"
    assert legs.area_of("5 phố Tây Hồ Mới, Huế") is None
    assert zone_between(west, far) is Zone.SPECIAL_CITIES
    assert zone_between(west, legs.area("2") or far) is Zone.WITHIN_PROVINCE
    assert zone_between(far, Area("9", "80", False, ())) is Zone.ELSEWHERE


def test_the_tables_apply_between_their_dates_and_a_wrong_one_is_refused():
    assert LEGS.edition(date(2026, 1, 1)).zones[Zone.ELSEWHERE].total == 4
    with pytest.raises(ConfigError, match="01/01/2000"):
        LEGS.edition(date(2000, 1, 1))
    for wrong in (LEGS_TEXT.replace("slip = 8", "slip = 7"), LEGS_TEXT.replace("transit = 3", "transit = -3"), "x ="):
        with pytest.raises(ConfigError, match="bảng thời gian"):
            parse_legs(wrong)
