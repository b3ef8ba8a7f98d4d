"""What is reported and asked beside dossiers: abilities, persons, withdrawal, payments, custody, receipts, heads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from agent.domain.bucket_rows import custody_bucket, fees_bucket, milestone_digest, payment_digest
from agent.domain.buckets import sum_digests
from agent.domain.canonical import NO_DIGEST, CanonicalParty, FeeLedger, PartyKind, canonical_json, digest
from agent.domain.canonical_reports import (
    CanonicalAnswer,
    CanonicalPayment,
    CanonicalPayments,
    CanonicalSatisfaction,
    CanonicalWithdrawal,
    PaymentKind,
    PaymentMeans,
)
from agent.errors import HandoffRejected, HandoffUnavailable
from agent.ports import BucketDigest
from agent.ports_province import CustodyMilestone, JournalHead, Match
from agent.soap.contract import OPERATIONS, REVISION
from agent.soap.gateway import SoapGateway
from agent.soap.province import ledger
from agent.soap.province.clerk import act
from agent.soap.province.register import LOOKUPS_PER_HOUR
from tests.contract.sandbox_process import OFFICE, Sandbox, dossier, page, submit, upload

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SALT = "ab" * 16
COMPONENT = dossier().components[0]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("province")) as running:
        upload(running.gateway(), page())
        yield running


@pytest.fixture(scope="module")
def gateway(sandbox: Sandbox) -> SoapGateway:
    return sandbox.gateway()


def sent(gateway: SoapGateway, name: str, **changes: Any) -> str:
    """A dossier of this provisional number at the province; its official number."""
    return str(submit(gateway, dossier(name, **changes)).number)


def withdrawal(name: str) -> dict[str, Any]:
    payload = canonical_json(CanonicalWithdrawal(SALT, name, "2026-11-21T03:00:00Z", reason="Đổi ý"))
    return {"digest": digest(payload), "withdrawal": payload}


def payment(uid: str, amount: int = 8000, **changes: Any) -> CanonicalPayment:
    made = CanonicalPayment(
        uid, PaymentKind.COLLECTED, FeeLedger.STATE, "LP01", amount, "2026-11-21T03:00:00Z", PaymentMeans.CASH, "BL-1"
    )
    return replace(made, **changes)


def payments(name: str, *entries: CanonicalPayment) -> dict[str, Any]:
    payload = canonical_json(CanonicalPayments(SALT, name, payments=entries))
    return {"digest": digest(payload), "payments": payload}


def event(uid: str, name: str, **changes: Any) -> CustodyMilestone:
    made = CustodyMilestone(uid, "EA123456785VN", name, "accept", AT, holder="courier:7")
    return replace(made, **changes)


def test_the_province_says_what_it_can_and_its_limits(gateway: SoapGateway) -> None:
    found = gateway.capabilities()
    assert found.operations == OPERATIONS and found.can("LookupPerson") and not found.can("BurnDossier")
    assert (found.revision, found.training) == (REVISION, True)
    assert found.limits["maxChunkBytes"] == 1024 * 1024


def test_a_person_is_answered_by_match_flags_only(gateway: SoapGateway) -> None:
    found = gateway.lookup_person(
        person_id="001090999901",
        purpose="intake:T1-0001",
        full_name="  nguyễn văn TẬP ",
        birth_date="1990",
        residence="phường Tây Hồ, Hà Nội",
    )
    assert (found.known, found.full_name, found.birth_date, found.residence) == (True, Match.YES, Match.YES, Match.NO)
    stranger = gateway.lookup_person(person_id="001090000000", purpose="intake:T1-0001", full_name="Ai Đó")
    assert (stranger.known, stranger.full_name) == (False, Match.UNKNOWN)
    owner = CanonicalParty(PartyKind.PERSON, "Vũ Thị Chủ", "cccd", "001195000077", "1995-05-06")
    sent(gateway, "T1-7001", owner=owner)
    known = gateway.lookup_person(person_id="001195000077", purpose="intake:T1-0001", birth_date="1995-05-07")
    assert (known.known, known.birth_date, known.full_name) == (True, Match.NO, Match.UNKNOWN)


def test_looking_too_often_for_one_purpose_is_refused_and_not_whom_is_kept(
    gateway: SoapGateway, sandbox: Sandbox
) -> None:
    for _ in range(LOOKUPS_PER_HOUR):
        gateway.lookup_person(person_id="001090999901", purpose="intake:T1-0002")
    with pytest.raises(HandoffUnavailable) as refused:
        gateway.lookup_person(person_id="001090999901", purpose="intake:T1-0002")
    assert refused.value.code == "handoff-lookup-limit"
    kept = apsw.Connection(str(sandbox.folder / "province.db")).execute("SELECT * FROM lookups").fetchall()
    assert "001090999901" not in str(kept)


def test_a_reusable_paper_says_until_when_it_holds(gateway: SoapGateway) -> None:
    owner = CanonicalParty(PartyKind.PERSON, "Vũ Thị Lại", "cccd", "001195000078")
    old = replace(COMPONENT, name="Giấy xác nhận tình trạng hôn nhân")
    sent(gateway, "T1-7002", owner=owner, components=(old,), received_at="2020-01-10T03:00:00Z")
    sent(gateway, "T1-7003", owner=owner)
    found = {one["name"]: one for one in gateway.lookup_reusable(owner_id="001195000078", procedure="1.001193")}
    assert (found[old.name]["validUntil"], found[old.name]["valid"]) == ("2020-07-08", False)
    assert (found[COMPONENT.name]["validUntil"], found[COMPONENT.name]["valid"]) == ("", True)


def test_a_withdrawal_asks_the_province_once_and_is_refused_when_all_is_over(
    gateway: SoapGateway, sandbox: Sandbox
) -> None:
    number = sent(gateway, "T1-7010")
    first = gateway.withdraw(key="T1-7010.rut", **withdrawal("T1-7010"))
    again = gateway.withdraw(key="T1-7010.rut", **withdrawal("T1-7010"))
    assert (first.number, again.duplicate, again.document) == (number, True, first.document)
    statuses = [one.status for one in gateway.status_changes(office=OFFICE, cursor=0, maximum=1000)]
    assert statuses.count(7) == 1
    act(sandbox.folder, number, "stop", now=AT)
    with pytest.raises(HandoffRejected) as over:
        gateway.withdraw(key="T1-7010.rut2", **withdrawal("T1-7010"))
    assert over.value.error_code == "WITHDRAW_CLOSED"
    assert gateway.submission("T1-7010.rut2") is None


def test_payment_entries_are_taken_once_and_reconciled_by_their_buckets(gateway: SoapGateway, sandbox: Sandbox) -> None:
    number = sent(gateway, "T1-7020")
    entries = (payment("pay-1"), payment("pay-2", 2000, kind=PaymentKind.REFUNDED))
    gateway.report_payments(key="T1-7020.thu", **payments("T1-7020", *entries))
    gateway.report_payments(key="T1-7020.thu2", **payments("T1-7020", *entries))  # a new report, the same entries
    with pytest.raises(HandoffRejected) as changed:
        gateway.report_payments(key="T1-7020.thu3", **payments("T1-7020", payment("pay-1", 9000)))
    assert (changed.value.error_code, changed.value.field) == ("PAYMENT_CONFLICT", "uid")

    bucket = fees_bucket(OFFICE, AT)
    rows = gateway.list_payments(bucket)
    assert [(row.key, row.number, row.kind, row.amount) for row in rows] == [
        ("pay-1", number, "collected", 8000),
        ("pay-2", number, "refunded", 2000),
    ]
    ours = [BucketDigest(bucket, *sum_digests(map(payment_digest, rows)))]
    assert gateway.compare_digests(scope=f"fees:{OFFICE}", digests=ours) == []
    database = apsw.Connection(str(sandbox.folder / "province.db"))
    database.execute("UPDATE payments SET amount = amount + 1 WHERE uid = 'pay-1'")
    assert [one.bucket for one in gateway.compare_digests(scope=f"fees:{OFFICE}", digests=ours)] == [bucket]
    database.execute("UPDATE payments SET amount = amount - 1 WHERE uid = 'pay-1'")
    assert gateway.compare_digests(scope=bucket, digests=ours) == []


def test_milestones_are_taken_by_their_uid_and_the_others_are_named(gateway: SoapGateway) -> None:
    sent(gateway, "T1-7030")
    events = [event("ev-1", "T1-7030"), event("ev-2", "T1-7030", kind="deliver", at=AT + timedelta(hours=2))]
    first = gateway.report_custody(office=OFFICE, events=events)
    assert (first.accepted, first.duplicates, first.refused) == (2, 0, ())
    mixed = [*events, event("ev-1", "T1-7030", holder="courier:8"), event("ev-3", "T9-9999")]
    second = gateway.report_custody(office=OFFICE, events=mixed)
    assert (second.accepted, second.duplicates) == (0, 2)
    assert second.refused == (("ev-1", "KEY_REUSE", "uid"), ("ev-3", "DOSSIER_UNKNOWN", "provisional"))

    bucket = custody_bucket(OFFICE, AT)
    assert gateway.list_milestones(bucket) == events
    ours = [BucketDigest(bucket, *sum_digests(map(milestone_digest, events)))]
    assert gateway.compare_digests(scope=f"custody:{OFFICE}|2026-11", digests=ours) == []
    (week,) = gateway.compare_digests(scope="custody:*", digests=[])
    assert (week.bucket, week.count) == ("custody:*|2026-W47", 2)


def test_satisfaction_gets_a_receipt_and_a_score_out_of_range_is_refused(gateway: SoapGateway) -> None:
    number = sent(gateway, "T1-7040")

    def report(score: int) -> dict[str, Any]:
        said = CanonicalSatisfaction(
            SALT, "T1-7040", "2026-11-21T03:00:00Z", answers=(CanonicalAnswer("thai-do", score),)
        )
        return {"digest": digest(canonical_json(said)), "satisfaction": canonical_json(said)}

    assert gateway.report_satisfaction(key="T1-7040.hl", **report(5)).number == number
    with pytest.raises(HandoffRejected) as wrong:
        gateway.report_satisfaction(key="T1-7040.hl2", **report(6))
    assert wrong.value.field == "score"


def test_receipts_are_chained_for_each_office_and_can_be_had_again(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as running:
        gateway = running.gateway()
        upload(gateway, page())
        for name, office in (("A-1", OFFICE), ("B-1", "BC-KHAC"), ("A-2", OFFICE), ("B-2", "BC-KHAC")):
            submit(gateway, dossier(name, office=office))
        found = [gateway.receipt(name) for name in ("A-1", "A-2", "B-1", "B-2")]
        documents = [one.document for one in found if one]
        chained = [json.loads(one) for one in documents]
        assert [(one["office"], one["sequence"]) for one in chained] == [
            (OFFICE, 1), (OFFICE, 2), ("BC-KHAC", 1), ("BC-KHAC", 2),
        ]  # fmt: skip
        assert [one["previous"] for one in chained] == [
            NO_DIGEST,
            digest(documents[0]),
            NO_DIGEST,
            digest(documents[2]),
        ]
        assert gateway.receipt("C-1") is None


def test_heads_are_exchanged_signed_chained_and_a_rewritten_journal_is_told(gateway: SoapGateway) -> None:
    sent(gateway, "T1-7050")
    ours = JournalHead("dossier", 40, "4" * 64, since=1, root="a" * 64)
    first = gateway.journal_head(office=OFFICE, ours=[ours])
    assert first.conflicts == () and first.heads[0].chain == "receipts"
    last = gateway.receipt("T1-7050")
    assert last is not None
    assert first.heads[0].hash == digest(last.document)
    assert first.heads[0].sequence == json.loads(last.document)["sequence"]

    second = gateway.journal_head(office=OFFICE, ours=[JournalHead("dossier", 41, "5" * 64)])
    assert second.conflicts == ()
    assert json.loads(second.document)["previous"] == digest(first.document)
    rewritten = gateway.journal_head(office=OFFICE, ours=[JournalHead("dossier", 41, "6" * 64)])
    assert [(one.sequence, one.hash) for one in rewritten.conflicts] == [(41, "5" * 64)]
    shortened = gateway.journal_head(office=OFFICE, ours=[JournalHead("dossier", 12, "7" * 64)])
    assert shortened.conflicts[0].sequence == 41
    assert gateway.journal_head(office="BC-KHAC", ours=[JournalHead("dossier", 1, "8" * 64)]).conflicts == ()


def test_the_ledger_of_an_older_sandbox_is_taken_over_with_its_receipts(tmp_path: Path) -> None:
    old = apsw.Connection(str(tmp_path / "province.db"))
    old.execute(f"{ledger.SCHEMA} PRAGMA user_version = 1;")
    old.execute(
        "INSERT INTO receipts (key, operation, number, digest, at, document, signature)"
        " VALUES ('T1-0000', 'SubmitDossier', 'H26.019.02-261120-010001', ?, '2026-11-20T01:00:00Z', ?, ?)",
        ("a" * 64, b'{"key":"T1-0000","digest":"' + b"a" * 64 + b'","number":"H26.019.02-261120-010001"}', b"s"),
    )
    old.close()
    with Sandbox(tmp_path) as running:
        gateway = running.gateway()
        upload(gateway, page())
        kept = gateway.receipt("T1-0000")
        assert kept is not None and kept.number == "H26.019.02-261120-010001"
        fresh = json.loads(submit(gateway, dossier("T1-0001")).document)
        assert (fresh["sequence"], fresh["previous"]) == (1, NO_DIGEST)
