"""A value comes back as it went in, and compares the same way, on both databases."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

import peewee
import pytest

from agent.store import base, fields
from tests.store.build import NOW

HANOI = timezone(timedelta(hours=7))


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class FieldProbe(base.Model):
    uid = fields.UidField(unique=True, default=uuid.uuid4)
    at = fields.UtcField(null=True)
    day = fields.DateField(null=True)
    plain_day = peewee.DateField(null=True)
    body = fields.JsonField(null=True)
    amount = fields.MoneyField(default=0)
    colour = fields.EnumField(Colour, default=Colour.RED)
    digest = fields.ShaField(null=True)
    raw = fields.BytesField(null=True)
    blob = peewee.BlobField(null=True)
    yes = peewee.BooleanField(default=False)


@pytest.fixture
def probe(store):
    with store.writing():
        store.database.create_tables([FieldProbe])

    def save(**values):
        with store.writing():
            return FieldProbe.get_by_id(FieldProbe.create(**values).id)

    return save


def test_values_come_back_as_they_went_in(probe):
    values = {
        "uid": uuid.uuid4(),
        "at": NOW,
        "day": date(2026, 2, 28),
        "plain_day": date(2026, 3, 1),
        "body": {"tên": "Đỗ Thị Ánh", "n": [1, None, True], "a": {}},
        "amount": 9_007_199_254_740_993,
        "colour": Colour.BLUE,
        "digest": "ab" * 32,
        "raw": b"\x00\xff",
        "blob": b"\xff\x00",
        "yes": True,
    }
    row = probe(**values)
    for name, value in values.items():
        got = getattr(row, name)
        assert bytes(got) == value if name == "blob" else (got == value and type(got) is type(value)), name


def test_equal_instants_of_two_zones_are_equal_and_sorted_by_time(probe):
    probe(at=datetime(2026, 11, 21, 9, 3, 4, 123456, tzinfo=HANOI))
    probe(at=datetime(2026, 11, 21, 9, 3, 4, tzinfo=HANOI))  # earlier, though without fraction
    assert FieldProbe.select().where(FieldProbe.at == NOW).count() == 1
    assert FieldProbe.select().where(FieldProbe.at < NOW).count() == 1
    assert [row.at.microsecond for row in FieldProbe.select().order_by(FieldProbe.at)] == [0, 123456]
    assert {row.at.utcoffset() for row in FieldProbe.select()} == {timedelta(0)}


@pytest.mark.parametrize(
    "values",
    [
        {"at": datetime(2026, 11, 21, 2, 3, 4)},  # noqa: DTZ001
        {"day": NOW},
        {"amount": 1.5},
        {"amount": True},
        {"amount": "15000"},
        {"colour": "green"},
        {"digest": "AB" * 32},
        {"digest": "ab"},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(probe, values):
    with pytest.raises(ValueError, match=r"."):
        probe(**values)


def test_a_row_is_found_by_its_uid(probe):
    row = probe()
    probe()
    assert FieldProbe.get(FieldProbe.uid == row.uid).id == row.id
    assert FieldProbe.get(FieldProbe.uid == str(row.uid)).id == row.id
    assert FieldProbe.select().where(FieldProbe.uid.in_([row.uid])).count() == 1


def test_json_is_kept_in_its_canonical_form(probe, store):
    row = probe(body={"b": 1, "a": "đ"})
    sql = "SELECT body FROM field_probe WHERE id = " + str(row.id)
    assert store.database.execute_sql(sql).fetchone()[0] == '{"a":"đ","b":1}'
