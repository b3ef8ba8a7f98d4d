"""What phones bring that nobody meant: impossible numbers and times, many pictures at once, an office set back."""

from __future__ import annotations

import re
import threading
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.domain.custody_order import Decision
from agent.store.custody_events import CustodyConflict
from agent.store.dossiers import Contact
from agent.tracking.back.proxy import AuthorisationInput, authorise, want_back
from agent.tracking.journal.conflicts import decide
from agent.tracking.phones.pictures import kind_of
from agent.web.app import create_app
from agent.web.courier_app.files import STATIC
from tests import builders
from tests.e2e import rounds
from tests.flow.test_phones import Desk, an_hour_later, desk, moment
from tests.phone_client import proof, signature

__all__ = ["an_hour_later", "desk"]  # fixtures

FAR = "9999-12-31T23:00:00.000+00:00"
HUGE = 10**400  # more than any number with a point can hold


@pytest.mark.parametrize(
    "odd",
    [
        {"position": {"lat": HUGE, "lon": 105.8, "accuracy_m": 5, "age_s": 0}},
        {"position": {"lat": 21.0, "lon": 105.8, "accuracy_m": 5, "age_s": HUGE}},
        {"at": "9990-01-01T00:00:00.000+07:00", "clock_offset_ms": 10**13},
        {"at": "0002-01-01T00:00:00.000+07:00", "clock_offset_ms": -(10**13)},
        {"at": FAR, "clock_offset_ms": 0}, {"at": FAR, "clock_offset_ms": None},
    ],
    ids=["latitude", "age", "too late", "too early", "last hour", "no offset"],
)  # fmt: skip
def test_a_number_or_a_time_that_does_not_exist_is_refused_alone_and_the_rest_goes_on(desk: Desk, odd: Any) -> None:
    phone, item = desk.phone(), rounds.held(desk.at, 1)
    parent = next(one["last_event"] for one in phone.round()["items"] if one["number"] == item.number)
    at = desk.served.clock.now()
    phone.mint("out_for_delivery", item.number, parent=parent, at=moment(at, 1))
    phone.mint("damage", item.number, **({"at": moment(at, 2)} | odd))
    desk.served.clock.forward(minutes=1)
    answer = phone.send()
    assert answer.status_code == 200, answer.text
    assert [one["verdict"] for one in answer.json()["verdicts"]] == ["taken", "refused"]
    assert answer.json()["next_seq"] == 3 and phone.send().status_code == 200


def test_pictures_that_come_at_once_leave_the_programs_warnings_as_they_were() -> None:
    before, pictures = list(warnings.filters), [signature(str(n)) for n in range(6)]

    def look(picture: bytes) -> None:
        for _ in range(60):
            kind_of(picture)

    threads = [threading.Thread(target=look, args=(one,)) for one in pictures]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert list(warnings.filters) == before


def test_papers_to_take_back_and_who_may_receive_come_part_by_part(desk: Desk) -> None:
    phone, item = desk.phone(), rounds.held(desk.at, 0)
    want_back(desk.site, item.number, "Giấy phép lái xe cũ", by=builders.CLERK)
    paper = AuthorisationInput("notarised", "Phạm Thị Lan", date(2026, 11, 1), number="125/2026", identity_last4="7788")
    authorise(desk.site, item.number, paper, by=builders.CLERK)
    with desk.site.store.writing():
        Contact.update(name="Lê Văn Nam").where(Contact.dossier == item.dossier_id).execute()
    mine = next(one for one in phone.round()["items"] if one["number"] == item.number)
    (back,), (proxy,) = mine["take_back"], mine["proxy"]
    assert (mine["receiver"], mine["contact"], mine["organisation"]) == ("Nguyễn Thị Hường", "Lê Văn Nam", False)
    assert mine["invitations"] == [] and phone.round()["redelivery_days"][0] >= "2026-11"
    assert back["id"] and (back["name"], back["quantity"], back["required"]) == ("Giấy phép lái xe cũ", 1, True)
    assert (proxy["name"], proxy["number"], proxy["last4"]) == ("Phạm Thị Lan", "125/2026", "7788")


def test_the_phone_learns_that_its_report_is_in_dispute_and_when_that_is_over(desk: Desk) -> None:
    phone, item = desk.phone(), rounds.out(desk.at, 1)
    (mine,) = (one for one in phone.round()["items"] if one["number"] == item.number)
    assert mine["disputed"] is False
    picture = signature("thừa")
    at = desk.served.clock.now()
    phone.mint(
        "deliver", item.number, to="receiver", parent=mine["last_event"], at=moment(at, 1),
        proof=proof(picture, collected=5_000),
    )  # fmt: skip
    desk.served.clock.forward(minutes=2)
    assert phone.put(picture).status_code == 200
    assert [(one["verdict"], one["code"]) for one in phone.send().json()["verdicts"]] == [("conflict", "amount")]
    said = phone.round()
    assert [one["disputed"] for one in said["items"] if one["number"] == item.number] == [True]
    with desk.site.store.reading():
        row = CustodyConflict.get((CustodyConflict.item == item.id) & CustodyConflict.decided_at.is_null())
    decide(desk.site, row.uid, Decision.ASIDE, by=builders.CHIEF)
    again = [one for one in phone.round(said["cursor"])["items"] if one["number"] == item.number]
    assert [(one["disputed"], one["state"]) for one in again] == [(False, "out_for_delivery")]


def test_a_phone_that_knows_more_than_a_restored_office_is_told_everything_anew(desk: Desk) -> None:
    phone, item = desk.phone(), rounds.held(desk.at, 2)
    said = phone.round("57")  # of the days that the office has lost
    assert item.number in [one["number"] for one in said["items"]] and int(said["cursor"]) < 57


def test_every_page_that_the_app_sends_a_phone_to_is_there(desk: Desk) -> None:
    scripts = "".join(Path(one).read_text("utf-8") for one in (STATIC / "courier-app" / "ui").glob("*.js"))
    named = {one or other for one, other in re.findall(r'href: "(/[^"]*)"|[A-Z]+ = "(/[^"]*)"', scripts)}
    assert named == {"/ca.crt", "/trust", "/courier/"}
    assert named <= {rule.rule for rule in create_app(desk.site).url_map.iter_rules()}
