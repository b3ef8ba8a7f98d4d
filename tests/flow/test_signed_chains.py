"""Heads are exchanged daily, and whoever rewrites what was signed is named: the office or the province."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import apsw
import pytest

from agent.cli.peers import folder_of
from agent.clock import SystemClock
from agent.domain.canonical import canonical_json, digest
from agent.domain.canonical_zip import pack, unpack
from agent.reconcile.agreement import entry_hash
from agent.reconcile.anchors import ANCHORS, chained
from agent.reconcile.bundle import make_bundle
from agent.reconcile.chains import OFFICE, PROVINCE, breaks, link_receipts
from agent.reconcile.heads import exchange_heads
from agent.reconcile.verify import Verdict, verify
from agent.store import journal
from agent.store.dossiers import Dossier
from agent.store.exchanges import HeadExchange, ReceiptLink
from agent.store.handoffs import ProvinceReceipt
from agent.store.journal import JournalEntry, JournalHead
from agent.wiring import offline_checker
from tests.builders import OFFICE as AT_OFFICE
from tests.builders import Station, delivered, station_with_province

CHECKER = offline_checker(SystemClock())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station_with_province(tmp_path_factory.mktemp("station")) as at:
        yield at


@pytest.fixture(scope="module")
def dossier(running: Station) -> Dossier:
    found = delivered(running)
    assert exchange_heads(running.site) and not exchange_heads(running.site)  # once a day
    return found


@pytest.fixture(scope="module")
def bundle(running: Station, dossier: Dossier) -> bytes:
    return make_bundle(running.site, dossier.uid)


def found(running: Station) -> list[tuple[str, str]]:
    with running.site.store.reading():
        return [(one.side, one.words) for one in breaks(AT_OFFICE, "T1")]


def next_day(running: Station) -> HeadExchange:
    """Exchange once more as on another day."""
    with running.site.store.writing():
        for number, one in enumerate(HeadExchange.select().order_by(HeadExchange.id)):
            HeadExchange.update(day=f"2026-01-{number + 1:02d}").where(HeadExchange.id == one.id).execute()
    assert exchange_heads(running.site)
    with running.site.store.reading():
        newest: HeadExchange = HeadExchange.select().order_by(HeadExchange.id.desc()).get()
        return newest


def resealed(running: Station, bundle: bytes, change: Any) -> Verdict:
    """What verification says of a bundle that the office itself changed and sealed anew."""
    members = dict(unpack(bundle))
    manifest = json.loads(members.pop("manifest.json"))
    members.pop("manifest.cms")
    change(members)
    manifest["members"] = {n: {"sha256": hashlib.sha256(d).hexdigest(), "size": len(d)} for n, d in members.items()}
    text = canonical_json(manifest)
    seal = running.site.signers().office("Bưu cục Tây Hồ").sign_bytes(text)
    return verify(pack({**members, "manifest.json": text, "manifest.cms": seal}), checker=CHECKER)


def test_a_bundle_carries_what_the_province_signed_of_the_journal_and_verifies(bundle: bytes) -> None:
    members = unpack(bundle)
    anchors = json.loads(members[ANCHORS])
    assert len(anchors) == len(json.loads(members["journal.json"]))
    assert "exchanges/0001.json" in members
    assert verify(bundle, checker=CHECKER) == Verdict(consistent=True, trusted=False, training=True)


def test_an_office_that_rewrites_its_journal_before_it_makes_a_bundle_is_named(running: Station, bundle: bytes) -> None:
    def rewrite(members: dict[str, bytes]) -> None:
        entries = json.loads(members["journal.json"])
        entries[0]["actor"] = "user:khac"
        before: dict[str, dict[str, Any]] = {}
        for entry in entries:
            one = before.get(entry["ledger"])
            if one is not None and one["seq"] + 1 == entry["seq"]:
                entry["prev"] = one["hash"]
            entry["hash"] = entry_hash(entry)
            before[entry["ledger"]] = entry
        members["journal.json"] = canonical_json(entries)

    verdict = resealed(running, bundle, rewrite)
    assert not verdict.consistent and any("sổ bị viết lại" in words for words in verdict.problems)


def test_an_entry_whose_path_is_left_out_is_named(running: Station, bundle: bytes) -> None:
    def drop(members: dict[str, bytes]) -> None:
        members[ANCHORS] = canonical_json(json.loads(members[ANCHORS])[1:])

    assert any("thiếu đường đối chứng" in words for words in resealed(running, bundle, drop).problems)


def test_an_exchange_that_the_province_did_not_sign_is_refused(running: Station, bundle: bytes) -> None:
    def forge(members: dict[str, bytes]) -> None:
        said = json.loads(members["exchanges/0001.json"])
        members["exchanges/0001.json"] = canonical_json({**said, "at": "2020-01-01T00:00:00Z"})

    verdict = resealed(running, bundle, forge)
    assert not verdict.consistent and any("exchanges/0001.json" in words for words in verdict.problems)


def test_receipts_that_do_not_follow_each_other_are_the_provinces(bundle: bytes) -> None:
    members = unpack(bundle)
    receipts = {n: json.loads(d) for n, d in members.items() if n.startswith("receipts/") and n.endswith(".json")}
    exchanges = {"exchanges/0001.json": json.loads(members["exchanges/0001.json"])}
    assert chained(receipts, exchanges) == []
    first, second = sorted(receipts)[:2]
    torn = {**receipts, second: {**receipts[second], "previous": "1" * 64}}
    assert any("không nối" in words for words in chained(torn, {}))
    twice = {**receipts, second: {**receipts[second], "sequence": receipts[first]["sequence"]}}
    assert any("cùng số" in words for words in chained(twice, {}))
    last = max(receipts, key=lambda name: receipts[name]["sequence"])
    other = {**receipts, last: {**receipts[last], "files": ["a" * 64]}}
    assert any("đầu chuỗi" in words for words in chained(other, exchanges))


def test_receipts_that_come_out_of_order_are_no_break_and_a_torn_one_is(running: Station, dossier: Dossier) -> None:
    with running.site.store.writing():
        link_receipts()
    assert found(running) == []
    with running.site.store.reading():
        links = list(ReceiptLink.select().order_by(ReceiptLink.sequence))
    assert [one.sequence for one in links] == [1, 2]
    with running.site.store.writing():  # the second came first: a gap, until the other is there
        ReceiptLink.delete().where(ReceiptLink.id == links[0].id).execute()
    assert found(running) == []
    with running.site.store.writing():
        assert link_receipts() == 1
        ReceiptLink.update(previous="1" * 64).where(ReceiptLink.id == links[1].id).execute()
    ((side, words),) = found(running)
    assert side == PROVINCE and "không nối" in words
    with running.site.store.writing():
        ReceiptLink.update(previous=links[1].previous).where(ReceiptLink.id == links[1].id).execute()
    assert found(running) == []


def test_a_province_that_rewrites_its_receipts_is_named_at_the_next_exchange(
    running: Station, dossier: Dossier
) -> None:
    database = apsw.Connection(str(folder_of(running.program) / "province.db"))
    for trigger in ("receipts_fixed", "receipts_kept"):
        database.execute(f"DROP TRIGGER {trigger}")
    ((kept,),) = database.execute("SELECT document FROM receipts WHERE sequence = 2").fetchall()
    forged = canonical_json({**json.loads(kept), "number": "H26.019.02-261121-019999"})
    database.execute("UPDATE receipts SET document = ? WHERE sequence = 2", (forged,))
    next_day(running)
    said = [words for side, words in found(running) if side == PROVINCE]
    assert any("khác với đầu chuỗi tỉnh ký" in words for words in said)
    assert any("đổi ở số 2" in words for words in said)
    database.execute("DELETE FROM receipts WHERE sequence = 2")
    next_day(running)
    assert any("ngắn đi" in words for side, words in found(running) if side == PROVINCE)
    with running.site.store.reading():
        assert digest(ProvinceReceipt.get(ProvinceReceipt.kind == "delivery").document) == digest(kept)


def test_an_office_that_rewrites_its_whole_journal_is_named_by_itself_and_by_the_province(
    running: Station, dossier: Dossier
) -> None:
    store = running.site.store
    store.database.execute_sql("DROP TRIGGER journal_entry_no_update")
    with store.writing():
        last = "0" * 64
        for entry in JournalEntry.select().where(JournalEntry.ledger == "dossier").order_by(JournalEntry.seq):
            entry.actor, entry.prev = "user:khac", last
            last = journal.entry_hash(entry)
            JournalEntry.update(actor=entry.actor, prev=entry.prev, hash=last).where(
                JournalEntry.id == entry.id
            ).execute()
        JournalHead.update(hash=last).where(JournalHead.ledger == "dossier").execute()
    assert journal.verify() == []  # the books agree with themselves
    ours = [words for side, words in found(running) if side == OFFICE]
    assert ours and "đã bị viết lại" in ours[0]
    exchange = next_day(running)
    assert [head["chain"] for head in exchange.conflicts] == ["dossier@T1"]
    assert any("tỉnh báo" in words for side, words in found(running) if side == OFFICE)


def test_a_claim_that_nobody_finished_is_taken_over_later(running: Station, dossier: Dossier) -> None:
    newest = next_day(running)
    with running.site.store.writing():
        HeadExchange.update(done=False).where(HeadExchange.id == newest.id).execute()
    assert not exchange_heads(running.site)  # somebody is at it
    with running.site.store.writing():
        past = running.site.clock.now() - timedelta(minutes=11)
        HeadExchange.update(claimed_at=past).where(HeadExchange.id == newest.id).execute()
    assert exchange_heads(running.site)
