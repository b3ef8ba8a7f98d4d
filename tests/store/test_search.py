"""Dossiers are found by what a clerk types, newest first."""

from __future__ import annotations

import pytest

from agent.store import search
from tests.store.build import queue

HERE, THERE = "BC-TAYHO", "BC-CAUGIAY"
PEOPLE = {
    1: ("Nguyễn Văn Đức", "H26.019.02-261121-0001", "+84912345678"),
    2: ("NGUYỄN THỊ ÁNH", "H26.019.02-261121-0002", "0912 345 999"),
    3: ("Đỗ Ánh Nguyệt", "H26.019.02-261121-0013", "0987654321"),
    4: ("Công ty TNHH 36 Phố", "H26.019.02-261122-0001", "02438290000"),
}


@pytest.fixture
def found(store):
    with store.writing():
        for number, (name, code, phone) in PEOPLE.items():
            search.index(number, office_id=HERE, names=[name], codes=[code], phones=[phone])
        search.index(5, office_id=THERE, names=["Nguyễn Văn Đức"], codes=["T1-1234-K"], phones=[])
    return lambda query, **more: search.find(query, **{"office_id": HERE, **more})


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("nguyễn", [2, 1]),
        ("NGUYEN", [2, 1]),
        ("nguy", [3, 2, 1]),  # beginnings count, newest first
        ("ng", [3, 2, 1]),
        ("đức", [1]),
        ("duc", [1]),
        ("Đ", []),  # one letter finds nothing
        ("", []),
        ("  -- ", []),
        ("anh nguyen", [2]),  # any order, all words
        ("ánh ng", [3, 2]),
        ("nguyen v", [1]),
        ("nguyen van thi", []),
        ("do anh nguyet", [3]),
        ("36 pho", [4]),
        ("345678", [1]),  # the end of a telephone
        ("912345678", [1]),
        ("0912 345 999", [2]),
        ("+84912345678", [1]),
        ("345", []),
        ("999", [2]),
        ("99", []),
        ("H26.019.02-261121-0002", [2]),
        ("h26 019 02 261121 00", [3, 2, 1]),
        ("h2601902261122", [4]),
        ("T1-1234-K", []),  # of another office
        ("'; DROP TABLE x", []),
        ('ng" OR "', []),
        ("ng* (van)", [1]),
    ],
)
def test_what_is_typed_finds(found, typed, ids):
    assert found(typed) == ids


def test_another_offices_dossiers_are_found_only_by_who_may_see_all(found):
    assert found("nguyen van duc") == [1]
    assert found("nguyen van duc", office_id=THERE) == [5]
    assert found("nguyen van duc", office_id=None) == [5, 1]
    assert found("T1-1234-K", office_id=THERE) == [5]
    assert found("T1-1234", office_id=None) == [5]


def test_a_corrected_name_replaces_the_old_one_and_an_erased_one_is_gone(store, found):
    with store.writing():
        search.index(1, office_id=HERE, names=["Lê Văn Đức"], codes=[], phones=[])
    assert (found("nguyen duc"), found("le duc"), found("345678")) == ([], [1], [])
    with store.writing():
        search.remove(1)
        search.remove(1)
    assert found("le duc") == []


def test_the_list_stops_at_its_limit_with_the_newest(store, found):
    with store.writing():
        for number in range(100, 160):
            search.index(number, office_id=HERE, names=["Trần Thị Bưởi"], codes=[f"B-{number}"], phones=["0901112223"])
    assert found("tran buoi") == list(range(159, 109, -1))
    assert found("tran", limit=3) == [159, 158, 157]
    assert found("112223", limit=2) == [159, 158]
    assert found("b1", limit=2) == [159, 158]


def test_an_erased_name_leaves_no_trace_in_the_embedded_file(tmp_path):
    from agent.store.database import Store

    plain = Store.open(data=tmp_path)  # without a key, to look inside
    plain.migrate()
    with plain.writing():
        search.index(1, office_id=HERE, names=["Bimattuyetdoi"], codes=["XYZXYZ99"], phones=["0900888777"])
        search.index(2, office_id=HERE, names=["Khác Hẳn"], codes=[], phones=[])
    with plain.writing():
        search.remove(1)
    plain.database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    plain.close()
    content = (tmp_path / "agent.db").read_bytes()
    for trace in (b"bimatt", b"bimat", b"tuyetdoi", b"xyzxyz99", b"777888"):
        assert trace not in content, trace


def test_a_dossier_is_made_findable_only_with_its_use_case(store):
    with pytest.raises(RuntimeError, match="inside"):
        search.index(1, office_id=HERE, names=[], codes=[], phones=[])
    with store.writing():
        queue()
        search.index(1, office_id=HERE, names=["  ", "—"], codes=[""], phones=["", "+84"])
    assert search.find("84", office_id=None) == []
