"""Stacks that others wrote speak the contract: all operations with our sandbox, our gateway with their servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.domain.canonical import CanonicalResult, FeeLedger, bucket_digest, canonical_json, digest
from agent.domain.canonical_reports import (
    CanonicalAnswer,
    CanonicalPayment,
    CanonicalPayments,
    CanonicalSatisfaction,
    CanonicalWithdrawal,
    PaymentKind,
    PaymentMeans,
)
from agent.domain.dossier import ReturnWay
from agent.soap.contract import OPERATIONS
from agent.soap.gateway import SoapGateway
from agent.soap.province.clerk import act
from tests.contract.sandbox_process import (
    OFFICE,
    PROCEDURE,
    Sandbox,
    delivery,
    dossier,
    page,
    submit,
    supplement,
    upload,
)
from tests.interop.soap_peers import Client, listed, missing, server

NOW, AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC), "2026-11-21T03:00:00Z"
SALT, NAME = "ab" * 16, "T1-0001"
BUCKET = f"{OFFICE}|2026-11-21"
LONG = page("dài") * 60


@pytest.fixture(params=["node", "php"])
def stack(request: pytest.FixtureRequest) -> str:
    """One foreign stack; a skip says why it cannot be had."""
    if why := missing(request.param):
        pytest.skip(why)
    return str(request.param)


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "province") as running:
        yield running


def plain(value: Any) -> Any:
    """A canonical value as JSON, in the order of the contract."""
    from agent.domain.canonical_codec import to_plain

    return to_plain(value)


def test_every_operation_is_spoken_by_a_foreign_client(stack: str, province: Sandbox) -> None:
    with Client(stack, f"{province.endpoint}?wsdl") as peer:
        assert set(peer.operations) == set(OPERATIONS)
        capable(peer)
        number = handed_in(peer, province)
        looked_up(peer)
        followed(peer, province, number)
        reported(peer, province, number)
        reconciled(peer, province, number)
        withdrawn(peer)
        assert set(peer.called) - {"upload"} == set(OPERATIONS)


def capable(peer: Client) -> None:
    """What the province can, its catalogue, one number for one key."""
    able = peer.ask("GetCapabilities")
    assert sorted(listed(able, "operations", "operation")) == sorted(OPERATIONS) and able["training"] is True
    procedures = listed(peer.ask("GetProcedures", sinceVersion=0), "procedures", "procedure")
    assert PROCEDURE in {one["code"] for one in procedures}


def handed_in(peer: Client, province: Sandbox) -> str:
    """Number, files in chunks, the dossier twice, and once with other content; its number."""
    number = peer.ask("AllocateNumber", office=OFFICE, procedure=PROCEDURE, key=NAME)["number"]
    assert peer.ask("AllocateNumber", office=OFFICE, procedure=PROCEDURE, key=NAME)["number"] == number
    sent = peer.upload(LONG, chunk=10_000)
    assert (int(sent["received"]), sent["complete"], sent["chunks"]) == (len(LONG), True, -(-len(LONG) // 10_000))
    assert peer.upload(LONG, chunk=10_000)["chunks"] == 0
    mine = dossier(NAME, files=(LONG,), official=number)
    first = peer.ask("SubmitDossier", signed=mine, key="S1", payloadDigest="", dossier=plain(mine))["receipt"]
    again = peer.ask("SubmitDossier", signed=mine, key="S1", payloadDigest="", dossier=plain(mine))["receipt"]
    assert (first["number"], first["digest"], first["duplicate"]) == (number, digest(canonical_json(mine)), False)
    assert (again["duplicate"], again["document"]) == (True, first["document"])
    other = dossier(NAME, files=(LONG,), official=number, content="khác")
    refused = peer.ask("SubmitDossier", signed=other, key="S1", payloadDigest="", dossier=plain(other))["fault"]
    assert (refused["errorCode"], refused["field"], str(refused["retryable"]).lower()) == ("KEY_REUSE", "key", "false")
    wrong = peer.ask("SubmitDossier", key="S2", payloadDigest="0" * 64, dossier=plain(other))["fault"]
    assert wrong["errorCode"] == "DIGEST_MISMATCH"
    assert peer.ask("GetSubmission", key="S1")["receipt"]["document"] == first["document"]
    assert peer.ask("GetSubmission", key="S9").get("receipt") is None
    assert peer.ask("GetReceipt", key="S1")["receipt"]["signature"] == first["signature"]
    held = province.gateway().submission("S1")
    assert held is not None and (held.number, held.digest) == (number, first["digest"])
    return str(number)


def looked_up(peer: Client) -> None:
    """A person by match flags, a paper that serves again."""
    known = peer.ask(
        "LookupPerson", personId="001199000001", purpose="intake:T1-0002", fullName="nguyễn thị THỬ", birthDate="1999"
    )
    assert (known["known"], known["fullName"], known["birthDate"]) == (True, "yes", "yes")
    found = listed(
        peer.ask("LookupReusableDocuments", ownerId="001199000001", procedure=PROCEDURE), "documents", "document"
    )
    assert [one["sha256"] for one in found] == [digest(LONG)]


def followed(peer: Client, province: Sandbox, number: str) -> None:
    """The feed, a supplement that was asked for, and the result."""
    gap = {"component": "000.00.00.G15-KQ0001", "name": "Giấy chứng sinh", "reason": "Mờ"}
    act(province.folder, number, "take-up", now=NOW)
    act(province.folder, number, "supplement", now=NOW, requests=[gap])
    asked = listed(peer.ask("GetStatusChanges", office=OFFICE, cursor=0, maximum=100), "changes", "change")[-1]
    assert (int(asked["status"]), asked["number"]) == (5, number)
    assert [one["reason"] for one in listed(asked, "requests", "request")] == ["Mờ"]
    peer.upload(page("bổ sung"), chunk=65_536)
    more = supplement(NAME, 1)
    receipt = peer.ask("SupplementDossier", signed=more, key="B1", payloadDigest="", supplement=plain(more))["receipt"]
    assert receipt["number"] == number
    for step in ("take-up", "finish", "result-ready"):
        act(province.folder, number, step, now=NOW)
    last = listed(
        peer.ask("GetStatusChanges", office=OFFICE, cursor=int(asked["cursor"]), maximum=100), "changes", "change"
    )[-1]
    (result,) = listed(last, "results", "result")
    handed = delivery(NAME, CanonicalResult(result["id"], ReturnWay.COURIER, AT, "RR123456785VN", "Chủ hồ sơ"))
    receipt = peer.ask("ReportDelivery", signed=handed, key="D1", payloadDigest="", delivery=plain(handed))["receipt"]
    assert receipt["number"] == number


def reported(peer: Client, province: Sandbox, number: str) -> None:
    """Money, custody, and what the citizen thinks of it."""
    entry = CanonicalPayment("p-1", PaymentKind.COLLECTED, FeeLedger.STATE, "LP01", 8000, AT, PaymentMeans.CASH, "BL-1")
    money = CanonicalPayments(SALT, NAME, payments=(entry,))
    paid = peer.ask("ReportPayments", signed=money, key="P1", payloadDigest="", report=plain(money))["receipt"]
    opinion = CanonicalSatisfaction(SALT, NAME, AT, channel="counter", answers=(CanonicalAnswer("q1", 5),))
    said = peer.ask("ReportSatisfaction", signed=opinion, key="H1", payloadDigest="", satisfaction=plain(opinion))
    assert (paid["number"], said["receipt"]["number"]) == (number, number)
    event = {"uid": "e-1", "item": "EA123456785VN", "provisional": NAME, "kind": "accept", "at": AT}
    for accepted in (1, 0):
        told = peer.ask("ReportCustody", office=OFFICE, events=[event])
        assert (int(told["accepted"]), int(told["duplicates"])) == (accepted, 1 - accepted)
    (milestone,) = province.gateway().list_milestones(f"custody:{BUCKET}")
    assert milestone.uid == "e-1"


def reconciled(peer: Client, province: Sandbox, number: str) -> None:
    """Both books by digests, one bucket's rows, the heads of the journals."""
    ours = province.gateway().list_bucket(BUCKET)
    count, value = bucket_digest(ours)
    same = {"bucket": BUCKET, "count": count, "digest": value}
    assert listed(peer.ask("CompareDigests", scope=OFFICE, digests=[same]), "buckets", "bucket") == []
    (other,) = listed(peer.ask("CompareDigests", scope=OFFICE, digests=[]), "buckets", "bucket")
    assert (other["bucket"], other["digest"]) == (BUCKET, value)
    (row,) = listed(peer.ask("ListBucket", bucket=BUCKET), "rows", "row")
    assert (row["number"], int(row["status"]), int(row["fee"])) == (number, 10, 8000)
    head = {"chain": "dossier", "sequence": 3, "hash": "cd" * 32}
    exchanged = peer.ask("GetJournalHead", office=OFFICE, heads=[head])
    assert exchanged["office"] == OFFICE and exchanged["signature"]


def withdrawn(peer: Client) -> None:
    """A second dossier that the citizen takes back."""
    mine = dossier("T1-0002", files=(LONG,))
    peer.ask("SubmitDossier", signed=mine, key="S-2", payloadDigest="", dossier=plain(mine))
    wish = CanonicalWithdrawal(SALT, "T1-0002", AT, reason="Đổi ý")
    first = peer.ask("WithdrawDossier", signed=wish, key="R-2", payloadDigest="", withdrawal=plain(wish))["receipt"]
    again = peer.ask("WithdrawDossier", signed=wish, key="R-2", payloadDigest="", withdrawal=plain(wish))["receipt"]
    assert (first["duplicate"], again["duplicate"], again["document"]) == (False, True, first["document"])


def test_our_gateway_hands_a_dossier_to_a_foreign_server(stack: str, tmp_path: Path) -> None:
    with server(stack, tmp_path) as endpoint:
        gateway = SoapGateway(endpoint, connect_timeout=2.0, read_timeout=10.0)
        number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key=NAME)
        assert gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key=NAME) == number
        upload(gateway, LONG, chunk=10_000)
        assert gateway.upload_state(digest(LONG)).complete
        first = submit(gateway, dossier(NAME, files=(LONG,), official=number), key="S1")
        again = submit(gateway, dossier(NAME, files=(LONG,), official=number), key="S1")
        assert (first.number, first.duplicate, again.duplicate) == (number, False, True)
        held = gateway.submission("S1")
        assert held is not None and held.document == first.document
        assert gateway.submission("S9") is None
        (change,) = gateway.status_changes(office=OFFICE, cursor=0)
        assert (change.number, change.status, change.note) == (number, 1, "Đã nhận <hồ sơ> & giấy tờ")
        gateway.close()


def test_a_refusal_of_a_foreign_server_is_read_as_what_it_says(stack: str, tmp_path: Path) -> None:
    from agent.errors import HandoffRejected

    with server(stack, tmp_path) as endpoint:
        gateway = SoapGateway(endpoint, connect_timeout=2.0, read_timeout=10.0)
        submit(gateway, dossier(NAME, files=()), key="S1")
        with pytest.raises(HandoffRejected) as refused:
            submit(gateway, dossier(NAME, files=(), content="khác"), key="S1")
        assert (refused.value.error_code, refused.value.field) == ("KEY_REUSE", "key")
        gateway.close()
