"""The gateway against the sandbox province: a process of its own behind a real socket."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.canonical import CanonicalResult, bucket_digest, canonical_json, digest
from agent.domain.dossier import ReturnWay
from agent.errors import HandoffRejected, HandoffUnavailable, RuleViolation
from agent.ports import BucketDigest, ProvinceGateway
from agent.ports_province import ProvinceReports
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

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BUCKET = f"{OFFICE}|2026-11-21"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("province")) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(sandbox: Sandbox) -> SoapGateway:
    return sandbox.gateway()


def test_one_dossier_goes_all_the_way_and_both_ledgers_agree(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        gateway = sandbox.gateway()
        number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0001")
        upload(gateway, page())
        receipt = submit(gateway, dossier("T1-0001", official=number), key="submit-1")
        assert (receipt.number, receipt.duplicate) == (number, False)

        act(tmp_path, "T1-0001", "take-up", now=NOW)
        gap = {"component": "000.00.00.G15-KQ0001", "name": "Giấy chứng sinh", "reason": "Mờ"}
        act(tmp_path, number, "supplement", now=NOW, requests=[gap])
        asked = gateway.status_changes(office=OFFICE, cursor=0)[-1]
        assert (asked.status, asked.requests) == (5, (gap,))

        upload(gateway, page("bổ sung"))
        payload = canonical_json(supplement("T1-0001", 1))
        gateway.supplement(key="supplement-1", digest=digest(payload), supplement=payload)

        act(tmp_path, number, "take-up", now=NOW)
        act(tmp_path, number, "finish", now=NOW)
        ready = act(
            tmp_path, number, "result-ready", now=NOW, results=[{"name": "Giấy khai sinh"}, {"form": "electronic"}]
        )
        last = gateway.status_changes(office=OFFICE, cursor=asked.cursor)[-1]
        assert last.status == 9 and [result["form"] for result in last.results] == ["paper", "electronic"]
        assert last.version == ready["version"]

        first, second = (result["id"] for result in ready["results"])
        at = "2026-11-22T02:00:00Z"
        for key, result in (
            ("d1", CanonicalResult(first, ReturnWay.COURIER, at, "RR123456785VN", "Chủ hồ sơ", "ab" * 32)),
            ("d2", CanonicalResult(second, ReturnWay.ELECTRONIC, at)),
        ):
            payload = canonical_json(delivery("T1-0001", result))
            gateway.report_delivery(key=key, digest=digest(payload), delivery=payload)

        (row,) = gateway.list_bucket(BUCKET)
        assert (row.key, row.number, row.status, row.fee) == ("T1-0001", number, 10, 8000)
        assert row.items == ("RR123456785VN", "electronic") and len(row.files) == 2
        count, value = bucket_digest([row])
        assert gateway.compare_digests(scope=OFFICE, digests=[BucketDigest(BUCKET, count, value)]) == []


def test_the_same_key_and_content_return_the_original_receipt(gateway: SoapGateway) -> None:
    upload(gateway, page())
    first = submit(gateway, dossier("T1-0100"))
    again = submit(gateway, dossier("T1-0100"))
    assert again.duplicate and (again.document, again.signature) == (first.document, first.signature)
    held = gateway.submission("T1-0100")
    assert held is not None and held.document == first.document


def test_the_same_key_with_other_content_is_refused_as_key_reuse(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0101"))
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0101", content="khác"))
    assert (refused.value.error_code, refused.value.field) == ("KEY_REUSE", "key")


def test_a_dossier_whose_file_is_not_there_is_refused_by_name(gateway: SoapGateway) -> None:
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0102", files=(page("chưa gửi"),)))
    assert refused.value.error_code == "FILE_MISSING"
    assert gateway.submission("T1-0102") is None


def test_an_unknown_procedure_and_a_foreign_number_are_refused(gateway: SoapGateway) -> None:
    with pytest.raises(HandoffRejected) as refused:
        gateway.allocate_number(office=OFFICE, procedure="9.999999", key="x")
    assert refused.value.error_code == "PROCEDURE_UNKNOWN"
    upload(gateway, page())
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0103", official="H26.019.02-261121-019999"))
    assert refused.value.error_code == "NUMBER_UNKNOWN"


def test_a_number_once_used_is_not_given_to_another_dossier(gateway: SoapGateway) -> None:
    upload(gateway, page())
    number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0104")
    assert gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0104") == number
    submit(gateway, dossier("T1-0104", official=number))
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0105", official=number))
    assert refused.value.error_code == "NUMBER_TAKEN"


def test_an_office_outside_the_contract_is_refused(tmp_path: Path) -> None:
    with Sandbox(tmp_path, office=OFFICE) as sandbox, pytest.raises(HandoffRejected) as refused:
        sandbox.gateway().allocate_number(office="BC-KHAC", procedure=PROCEDURE, key="x")
    assert refused.value.error_code == "OFFICE_UNKNOWN"


def test_a_file_resumes_where_it_stopped_and_is_sent_once(gateway: SoapGateway) -> None:
    data = page("dài") * 50
    name = digest(data)
    assert gateway.put_chunk(name, offset=0, total=len(data), data=data[:1000]).received == 1000
    overlapping = gateway.put_chunk(name, offset=500, total=len(data), data=data[500:2000])
    assert (overlapping.received, overlapping.complete) == (2000, False)
    with pytest.raises(HandoffUnavailable) as gap:
        gateway.put_chunk(name, offset=5000, total=len(data), data=data[5000:])
    assert gap.value.code == "handoff-chunk-gap"
    upload(gateway, data)
    assert gateway.upload_state(name).complete


def test_a_file_that_ends_with_another_hash_is_discarded(gateway: SoapGateway) -> None:
    promised = digest(b"promised")
    with pytest.raises(HandoffUnavailable) as wrong:
        gateway.put_chunk(promised, offset=0, total=5, data=b"other")
    assert wrong.value.code == "handoff-file-digest"
    assert gateway.upload_state(promised).received == 0


def test_reusable_papers_of_the_owner_are_found(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0106"))
    found = gateway.lookup_reusable(owner_id="001199000001", procedure=PROCEDURE)
    assert digest(page()) in {paper["sha256"] for paper in found}
    assert gateway.lookup_reusable(owner_id="001199999999", procedure=PROCEDURE) == []


def test_the_catalogue_is_read_from_a_version_on(gateway: SoapGateway) -> None:
    assert PROCEDURE in {entry["code"] for entry in gateway.procedures()}
    assert gateway.procedures(since=1) == []


def test_the_feed_goes_on_from_the_cursor(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0107"))
    changes = gateway.status_changes(office=OFFICE, cursor=0, maximum=1000)
    assert gateway.status_changes(office=OFFICE, cursor=changes[-1].cursor) == []
    assert gateway.status_changes(office=OFFICE, cursor=0, maximum=1) == changes[:1]
    assert gateway.status_changes(office="BC-KHAC", cursor=0) == []


def test_a_supplement_nobody_asked_for_is_refused(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0108"))
    payload = canonical_json(supplement("T1-0108", 1, files=(page(),)))
    with pytest.raises(HandoffRejected) as refused:
        gateway.supplement(key="s-0108", digest=digest(payload), supplement=payload)
    assert refused.value.error_code == "NOT_ASKED"


def test_a_delivery_of_an_unknown_result_is_refused(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0109"))
    payload = canonical_json(delivery("T1-0109", CanonicalResult("KQ", ReturnWay.COUNTER, "2026-11-22T02:00:00Z")))
    with pytest.raises(HandoffRejected) as refused:
        gateway.report_delivery(key="d-0109", digest=digest(payload), delivery=payload)
    assert refused.value.error_code == "RESULT_UNKNOWN"


def test_a_payload_that_is_not_canonical_never_leaves(gateway: SoapGateway) -> None:
    payload = canonical_json({"salt": "x"})
    with pytest.raises(RuleViolation):
        gateway.submit(key="k", digest=digest(payload), dossier=payload)
    with pytest.raises(HandoffRejected) as refused:
        gateway.submit(key="k", digest="0" * 64, dossier=canonical_json(dossier()))
    assert refused.value.error_code == "DIGEST_MISMATCH"


def test_a_value_outside_its_facet_never_leaves_and_is_not_quoted(gateway: SoapGateway) -> None:
    with pytest.raises(HandoffRejected) as refused:
        gateway.upload_state("bí mật của Nguyễn")
    assert (refused.value.error_code, refused.value.field) == ("SCHEMA_INVALID", "sha256")
    assert "Nguyễn" not in str(refused.value)


def test_many_threads_share_one_gateway_and_each_gets_its_own_answer(gateway: SoapGateway) -> None:
    def asks(thread: int) -> bool:
        names = [digest(f"{thread}/{n}".encode()) for n in range(15)]
        return all(gateway.upload_state(name).sha256 == name for name in names)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(asks, range(8)))


def test_the_same_submission_from_eight_threads_at_once_makes_one_dossier(gateway: SoapGateway) -> None:
    upload(gateway, page())
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _n: submit(gateway, dossier("T1-0110")), range(8)))
    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert len({receipt.document for receipt in receipts}) == 1


def test_the_gateway_is_what_the_port_asks_for() -> None:
    gateway = SoapGateway("http://127.0.0.1:1/")
    for name, method in {**vars(ProvinceReports), **vars(ProvinceGateway)}.items():
        if not name.startswith("_") and callable(method):
            assert inspect.signature(getattr(SoapGateway, name)) == inspect.signature(method), name
    gateway.close()
