"""Allotted ranges of item numbers: never given twice within a year, told when low, other operators named."""

from __future__ import annotations

import pytest

from agent.domain.s10 import number_in_range
from agent.errors import NotFound, RuleViolation
from agent.store.items import Item, ItemRange
from agent.store.lookup import item_by_number
from agent.store.ranges import stock_of
from agent.tracking.items import allot_range, register_item
from tests.builders import CLERK, OFFICE
from tests.flow.counter import Counter
from tests.flow.test_collecting import results


def test_a_range_is_used_to_its_end_and_not_allotted_again_within_twelve_months(either: Counter) -> None:
    site, held = either.site, either.now
    dossiers = results(either, 3)
    with site.store.writing():
        ItemRange.delete().execute()
    allot_range(site, OFFICE, "RD", 100, 101, allotted_by="QĐ 12/2026")
    with site.store.reading():
        entered = ItemRange.get()
    assert (entered.allotted_by, entered.allotted_at) == ("QĐ 12/2026", either.clock.now())
    with pytest.raises(RuleViolation, match="trùng dải đã khai báo"):
        allot_range(site, OFFICE, "RD", 101, 120)
    numbers = [register_item(site, dossier.uid, by=CLERK).number for dossier in dossiers[:2]]
    assert [number[2:10] for number in numbers] == ["00000100", "00000101"]
    with pytest.raises(NotFound, match="hết dải số"):
        register_item(site, held(dossiers[2]).uid, by=CLERK)
    either.later(days=360)
    with pytest.raises(RuleViolation, match="dùng lại được từ"):
        allot_range(site, OFFICE, "RD", 100, 102)
    either.later(days=10)
    allot_range(site, OFFICE, "RD", 100, 102)
    third = register_item(site, dossiers[2].uid, by=CLERK).number
    assert third[2:10] == "00000102", "a number that an item of our books bears means that item for ever"
    with site.store.reading():
        assert Item.select().count() == 3


def test_what_is_left_is_told_before_it_runs_out(desk: Counter) -> None:
    allot_range(desk.site, OFFICE, "RD", 1, 1000)
    with desk.site.store.reading():
        assert not stock_of(OFFICE).low
    with desk.site.store.writing():
        ItemRange.update(next=901).execute()
    with desk.site.store.reading():
        assert (stock_of(OFFICE).left, stock_of(OFFICE).low) == (100, False)
    with desk.site.store.writing():
        ItemRange.update(next=902).execute()
    with desk.site.store.reading():
        assert stock_of(OFFICE).low


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("RR123456785CN", "China Post"),
        ("RR123456785XX", "nước ngoài mã XX"),
        ("RR123456785VN", "không thuộc dải số nào"),
        (number_in_range("RD", 5).text, "đã nhận bưu gửi chưa"),
    ],
)
def test_a_number_that_is_not_ours_is_told_as_such(desk: Counter, number: str, words: str) -> None:
    allot_range(desk.site, OFFICE, "RD", 1, 1000)
    with desk.site.store.reading(), pytest.raises(NotFound, match=words):
        item_by_number(number)
