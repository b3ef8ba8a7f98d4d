"""Known corruptions of a ledger, one a dossier, in a real store and a real sandbox: each is named for what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.reconcile.compare import compare_all
from agent.reconcile.record import Found
from agent.store import outbox
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.ledger import correct_row
from agent.store.reconciliation import BucketSum
from tests.bench.ledgers import Ledgers, two_ledgers

SHA = "d" * 64
THEIRS = "UPDATE dossiers SET {} WHERE number = :number"
RESULT = (
    "INSERT INTO results (number, id, name, type, form, sha256, item, delivered_at)"
    " VALUES (:number, 'R1', '', '', 'paper', '', '{}', '2026-11-21T01:30:00Z')"
)
COPY = "INSERT INTO dossiers SELECT {} FROM dossiers WHERE number = :number"
COLUMNS = "office, bucket, procedure, owner_id, digest, status, version, fee, received_at, due_at, canonical, 0"
FIRST_FILE = "(SELECT min(rowid) FROM files WHERE number = :number)"

# what is done to the province's ledger (SQL) or to ours (facts), the differences that must be named, words of them
CORRUPTIONS: dict[str, tuple[Any, set[str], str]] = {
    "the province lost the dossier": (THEIRS.format("dropped = 1"), {"missing_there"}, "sổ của tỉnh không có"),
    "the province has one that we never saw": (
        COPY.format(f"number || '9', 'T9-' || provisional, submitted_as || '-Z', {COLUMNS}"),
        {"missing_here"}, "nhưng bưu cục không có",
    ),
    "we lost our row of a dossier that we know": ("ours lost", {"missing_here"}, "ở bưu cục hồ sơ này còn"),
    "the province wrote it down twice": (
        COPY.format(f"number || '8', provisional, submitted_as || '-Y', {COLUMNS}"),
        {"missing_here"}, "một lần gửi bị ghi hai lần",
    ),
    "the province's status went back": (THEIRS.format("status = 1"), {"status"}, "trạng thái ở tỉnh lùi lại"),
    "a status message never came": (THEIRS.format("status = 9"), {"status"}, "tin trạng thái không tới"),
    "our status was moved by hand": ({"status": 9}, {"status"}, "lùi lại"),
    "the content was changed at the province": (THEIRS.format(f"digest = '{SHA}'"), {"content"}, "khác nội dung"),
    "the content was changed here": ({"digest": SHA}, {"content"}, "khác nội dung tỉnh đã"),
    "another official number": (
        "UPDATE files SET number = number || '7' WHERE number = :number; " + THEIRS.format("number = number || '7'"),
        {"content"}, "mang số"),
    "another hour of receipt": (
        THEIRS.format("received_at = substr(received_at, 1, 11) || '03:59:59Z'"), {"content"}, "thời điểm tiếp nhận",
    ),
    "another day of receipt": (
        THEIRS.format("received_at = '2026-03-03T03:00:00Z', bucket = office || '|2026-03-03'"),
        {"content"}, "nhận ngày 2026-03-03",
    ),
    "another office": (
        THEIRS.format("office = 'BC-900', bucket = 'BC-900' || substr(bucket, 7)"), {"content"},
        "là của bưu cục BC-900",
    ),
    "a file was exchanged": (
        f"UPDATE files SET sha256 = '{SHA}' WHERE rowid = {FIRST_FILE}", {"file"}, "tỉnh thiếu 1 tệp",
    ),
    "a file is lost": (f"DELETE FROM files WHERE rowid = {FIRST_FILE}", {"file"}, "tỉnh thiếu 1 tệp"),
    "a file that we did not send": (
        f"INSERT INTO files VALUES (:number, '{SHA}', '', '', '', '', 1)", {"file"}, "bưu cục không gửi mà tỉnh có",
    ),
    "the province's fee is higher": (THEIRS.format("fee = fee + 10000"), {"fee"}, "đã bị đổi ở tỉnh sau khi nhận"),
    "the province has no fee": (THEIRS.format("fee = 0"), {"fee"}, "tỉnh ghi 0 đ"),
    "our fee was changed": ({"fee": 777_000}, {"fee"}, "Bưu cục đã thu 777.000 đ"),
    "fee and content were changed": (
        THEIRS.format(f"fee = fee + 5, digest = '{SHA}'"), {"fee", "content"}, "nội dung hồ sơ hai bên cũng khác nhau",
    ),
    "the province does not know a delivery": ({"items": ["RD000000019VN"]}, {"parcel"}, "sổ tỉnh không ghi"),
    "a delivery that we did not report": (RESULT.format("RD000000022VN"), {"parcel"}, "bưu cục không có báo cáo đó"),
    "it waits longer than a day": ("late", {"late"}, "mà tỉnh chưa xác nhận"),
}  # fmt: skip


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Found]]]:
    """All corruptions at once, each in a dossier of its own, and the differences that one comparison found in it."""
    with two_ledgers(tmp_path_factory.mktemp("ledgers"), 160, offices=4, days=20) as both:
        keys = {name: f"T1-{number * 5 + 2:07d}" for number, name in enumerate(CORRUPTIONS, start=1)}
        for name, (act, _, _) in CORRUPTIONS.items():
            corrupt(both, keys[name], act)
        later = Later(both.site.clock.now() + timedelta(hours=30))
        reports = compare_all(replaced(both.site, later))
        found = [one for report in reports for one in report.differences]
        yield {name: [one for one in found if one.key in (key, f"T9-{key}")] for name, key in keys.items()}
        assert len(found) == sum(len(kinds) for _, kinds, _ in CORRUPTIONS.values())  # and nothing else


def corrupt(both: Ledgers, key: str, act: Any) -> None:
    at, dossier = both.site.clock.now(), Dossier.get(Dossier.provisional == key)
    row = LedgerRow.get(LedgerRow.key == key)
    if isinstance(act, str) and act not in ("ours lost", "late"):
        with both.ledger.writing():
            both.ledger.run(act, number=row.row["number"])
        return
    with both.site.store.writing():
        if act == "late":
            outbox.enqueue(
                uid=both.site.ids.uid(), lane="handoff", kind="delivery", key=f"{key}/D1", payload=b"{}",
                office_id=dossier.office_id, dossier_id=dossier.id, priority=0, at=at,
            )  # fmt: skip
        elif act == "ours lost":
            LedgerRow.delete().where(LedgerRow.id == row.id).execute()
            BucketSum.delete().where(BucketSum.bucket == row.bucket).execute()
        else:
            correct_row(dossier, at=at - timedelta(hours=1), **act)


class Later:
    def __init__(self, at: Any) -> None:
        self._at = at

    def now(self) -> Any:
        return self._at


def replaced(site: Any, clock: Any) -> Any:
    return replace(site, clock=clock)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_is_named_for_what_it_is(named: dict[str, list[Found]], name: str) -> None:
    _, kinds, words = CORRUPTIONS[name]
    assert {one.kind.value for one in named[name]} == kinds and len(named[name]) == len(kinds)
    assert any(words in one.explanation for one in named[name]), [one.explanation for one in named[name]]
    assert all(one.owner and one.suggestion and one.repairs for one in named[name])


def test_there_are_at_least_twenty_two() -> None:
    assert len(CORRUPTIONS) >= 22
