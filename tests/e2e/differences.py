"""A handful of differences as a comparison would have left them, for the reconciliation desk's tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agent.clock import local
from agent.domain.buckets import ledger_row_digest
from agent.domain.dossier import State
from agent.store.dossiers import Dossier, LedgerRow
from agent.store.ledger import facts
from agent.store.reconciliation import Difference, Run
from tests.builders import OFFICE, Station
from tests.e2e.rounds import received

OTHER = "BC-SONTAY"
OURS, THEIRS = "9f3c" + "0" * 58 + "a1", "51d0" + "0" * 58 + "7e"


def plant(at: Station) -> dict[str, Difference]:
    """One difference of each of four kinds in two offices, by kind; a run for each office."""
    now = at.site.clock.now()
    dossiers = [_acknowledged(at, n) for n in range(3)]
    with at.site.store.writing():
        Dossier.update(office_id=OTHER).where(Dossier.id == dossiers[2].id).execute()
        runs = {
            office: Run.create(
                uid=at.site.ids.uid(), office_id=office, at=now, compared=count, in_flight=2, differences=2, exchanged=1
            )
            for office, count in ((OFFICE, 12_410), (OTHER, 8))
        }

        def add(kind: str, office: str, dossier: Dossier | None, hours: int, **values: Any) -> Difference:
            made: Difference = Difference.create(
                uid=at.site.ids.uid(), run=runs[office], office_id=office, kind=kind,
                bucket=f"{office}|{local(now).date()}", key=dossier.provisional if dossier else "T9-6T20-0001",
                number=(dossier.official if dossier else "H26.007.00-261112-120377"),
                found_at=now - timedelta(hours=hours), **values,
            )  # fmt: skip
            return made

        return {
            "file": add(
                "file", OFFICE, dossiers[0], 27, owner="province", ours={"files": [OURS, "77aa" + "0" * 60]},
                theirs={"files": [THEIRS, "77aa" + "0" * 60]},
                explanation=f"Hồ sơ {dossiers[0].official}: tỉnh thiếu 1 tệp (9f3c00000000…) và bưu cục không gửi mà "
                "tỉnh có 1 tệp (51d000000000…).",
            ),
            "fee": add(
                "fee", OFFICE, dossiers[1], 2, owner="province", ours={"fee": 8000}, theirs={"fee": 18_000},
                explanation="Bưu cục đã thu 8.000 đ, tỉnh ghi 18.000 đ; nội dung hồ sơ hai bên vẫn khớp.",
            ),
            "status": add(
                "status", OTHER, dossiers[2], 50, owner="system", ours={"status": 4}, theirs={"status": 9},
                explanation="Tỉnh ghi “Đã xử lý xong”, bưu cục mới biết “Đang xử lý”: tin trạng thái không tới.",
            ),
            "missing_here": add(
                "missing_here", OTHER, None, 1, owner="system", ours={},
                theirs={"key": "T9-6T20-0001", "number": "H26.007.00-261112-120377", "digest": THEIRS, "status": 2,
                        "fee": 0, "files": [THEIRS], "items": [], "at": "2026-11-20T02:00:00Z"},
                explanation="Tỉnh ghi hồ sơ H26.007.00-261112-120377 là của bưu cục, nhưng bưu cục không có.",
            ),
        }  # fmt: skip


def _acknowledged(at: Station, person: int) -> Dossier:
    dossier = received(at, person)
    now = at.site.clock.now()
    with at.site.store.writing():
        dossier.state, dossier.province_status = State.HANDED_OFF, 4
        dossier.official = f"H26.019.02-261121-{120_400 + dossier.id}"
        dossier.save()
        row = {
            "key": dossier.provisional, "number": dossier.official, "digest": "ab" * 32, "status": 4, "fee": 8000,
            "files": [OURS, "77aa" + "0" * 60], "items": [], "at": "2026-11-21T02:00:00.000000Z",
        }  # fmt: skip
        LedgerRow.create(
            dossier=dossier, bucket=f"{dossier.office_id}|{local(now).date()}", office_id=dossier.office_id,
            key=dossier.provisional, row=row, digest=ledger_row_digest(facts(row)), changed_at=now,
        )  # fmt: skip
    return dossier
