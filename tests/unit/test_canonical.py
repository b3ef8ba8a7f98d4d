"""The canonical dossier: strict to read, the same bytes everywhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.bucket_rows import custody_bucket, fees_bucket, milestone_digest, payment_digest
from agent.domain.buckets import sum_digests
from agent.domain.canonical import (
    CanonicalDelivery,
    CanonicalDossier,
    CanonicalSupplement,
    bucket_digest,
    bucket_of,
    canonical_json,
    collected_fee,
    digest,
    ledger_row_digest,
)
from agent.domain.canonical_codec import instant_text, to_plain
from agent.errors import RuleViolation
from agent.ports import LedgerRow
from agent.ports_province import CustodyMilestone, PaymentRow
from agent.soap.contract import first_fault
from agent.soap.messages import canonical_of, element_of

HERE = Path(__file__).resolve().parent
CONTRACT = HERE.parent / "contract"
VECTORS = json.loads((CONTRACT / "digest_vectors.json").read_text(encoding="utf-8"))
KINDS = {kind.__name__: kind for kind in (CanonicalDossier, CanonicalSupplement, CanonicalDelivery)}
WHOLE: dict[str, Any] = VECTORS["payloads"][1]["value"]


def rows() -> list[LedgerRow]:
    return [
        LedgerRow(
            **{
                **row,
                "files": tuple(row["files"]),
                "items": tuple(row["items"]),
                "at": datetime.fromisoformat(row["at"]),
            }
        )
        for row in VECTORS["bucket"]["rows"]
    ]


@pytest.mark.parametrize("vector", VECTORS["payloads"], ids=lambda vector: vector["name"])
def test_every_vector_has_its_digest(vector: dict[str, Any]) -> None:
    value = KINDS[vector["kind"]].from_json(vector["value"])
    assert canonical_json(value).decode() == vector["canonical"]
    assert digest(canonical_json(value)) == vector["sha256"]
    assert json.loads(canonical_json(value)) == vector["value"]


@pytest.mark.parametrize(("program", "script"), [("node", "digest_check.mjs"), ("php", "digest_check.php")])
def test_javascript_and_php_compute_the_same_digests(program: str, script: str) -> None:
    runs = shutil.which(program)
    if runs is None:
        pytest.skip(f"{program} is not installed")
    command = [runs, str(CONTRACT / script), str(CONTRACT / "digest_vectors.json")]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert found["payloads"] == [vector["sha256"] for vector in VECTORS["payloads"]]
    assert found["bucket"] == VECTORS["bucket"]["digest"]
    assert found["buckets"] == [bucket["digest"] for bucket in VECTORS["buckets"]]


def test_a_bucket_does_not_depend_on_the_order_but_on_every_fact() -> None:
    both = rows()
    expected = (VECTORS["bucket"]["count"], VECTORS["bucket"]["digest"])
    assert bucket_digest(both) == bucket_digest(both[::-1]) == expected
    first = both[0]
    for change in (
        {"status": 9},
        {"fee": 1},
        {"files": ()},
        {"items": ("counter",)},
        {"number": "H26-261121-0001"},
        {"at": first.at + timedelta(seconds=1)},
    ):
        assert ledger_row_digest(replace(first, **change)) != ledger_row_digest(first)
    assert ledger_row_digest(replace(first, items=first.items[::-1])) == ledger_row_digest(first)


def test_buckets_of_fees_and_custody_have_their_digests() -> None:
    fees, custody = VECTORS["buckets"]
    instant = datetime.fromisoformat
    payments = [PaymentRow(**{**row, "at": instant(row["at"])}) for row in fees["rows"]]
    milestones = [CustodyMilestone(**{**row, "at": instant(row["at"])}) for row in custody["rows"]]
    assert sum_digests(map(payment_digest, payments)) == (fees["count"], fees["digest"])
    assert sum_digests(map(milestone_digest, milestones)) == (custody["count"], custody["digest"])
    assert fees_bucket("BC-TAYHO", payments[0].at) == fees["bucket"]
    assert custody_bucket("BC-TAYHO", milestones[0].at) == custody["bucket"]


def test_equal_instants_in_two_zones_are_the_same_bytes() -> None:
    there = datetime(2026, 11, 21, 0, 30, tzinfo=timezone(timedelta(hours=7)))
    here = there.astimezone(UTC)
    assert instant_text(there) == instant_text(here) == "2026-11-20T17:30:00Z"
    assert bucket_of("BC-TAYHO", here) == bucket_of("BC-TAYHO", there) == "BC-TAYHO|2026-11-21"
    with pytest.raises(RuleViolation):
        instant_text(here.replace(tzinfo=None))


def changed(path: str, value: Any) -> dict[str, Any]:
    copy: Any = json.loads(json.dumps(WHOLE))
    *way, last = path.split("/")
    place = copy
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return dict(copy)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("salt", "xyz"),
        ("salt", KeyError),
        ("receivedAt", "2026-11-21T08:30:00+07:00"),
        ("receivedAt", "2026-02-30T01:30:00Z"),
        ("receivedAt", ""),
        ("official", "123"),
        ("channel", "fax"),
        ("channel", None),
        ("owner", []),
        ("owner/name", None),
        ("owner/name", "x" * 301),
        ("owner/name", unicodedata.normalize("NFD", "Ánh")),
        ("content", "dòng\r\nmới"),
        ("content", "\x00"),
        ("content", "\ud800"),
        ("components", {}),
        ("components/0/quantity", -1),
        ("components/0/quantity", "1"),
        ("components/0/quantity", True),
        ("components/0/files/0/sha256", "AB" * 32),
        ("fees/0/amount", 8000.0),
        ("fees/0/amount", 10**13),
        ("fees/0/paid", 1),
        ("extra", "x"),
    ],
)
def test_what_is_not_canonical_is_refused_by_field_and_without_its_value(path: str, value: Any) -> None:
    with pytest.raises(RuleViolation) as refused:
        CanonicalDossier.from_json(changed(path, value))
    assert path.rpartition("/")[2] in refused.value.message
    if isinstance(value, str) and len(value) > 3:
        assert value not in refused.value.message


def test_a_dossier_made_by_hand_is_tidied_and_then_checked() -> None:
    whole = CanonicalDossier.from_json(WHOLE)
    typed = replace(whole, content=unicodedata.normalize("NFD", "Đăng ký") + "\r\nlại")
    assert json.loads(canonical_json(typed))["content"] == "Đăng ký\nlại"
    with pytest.raises(RuleViolation):
        canonical_json(replace(whole, salt="short"))


def test_only_paid_lines_count_as_collected() -> None:
    assert collected_fee(CanonicalDossier.from_json(WHOLE)) == 8000


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40).map(
    lambda text: unicodedata.normalize("NFC", text)
)


@settings(max_examples=60, deadline=None)
@given(content=TEXT, name=TEXT, address=TEXT, amount=st.integers(0, 10**12))
def test_any_text_survives_the_way_through_xml(content: str, name: str, address: str, amount: int) -> None:
    plain = changed("content", content)
    plain["owner"] |= {"name": name, "address": f"{address}\n\t {content}"}
    plain["fees"][0]["amount"] = amount
    value = CanonicalDossier.from_json(plain)
    request = {"key": "k", "payloadDigest": digest(canonical_json(value)), "dossier": to_plain(value)}

    from lxml import etree

    element = etree.fromstring(etree.tostring(element_of("SubmitDossier", request)))
    assert first_fault(element) == ""
    assert digest(canonical_json(canonical_of(CanonicalDossier, element[2]))) == request["payloadDigest"]
