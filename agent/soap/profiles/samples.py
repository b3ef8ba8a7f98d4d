"""Dossiers, rounds and reports to try a profile on: whole, small, and one for each value of each enumeration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from agent.domain.canonical import (
    CanonicalComponent,
    CanonicalDelivery,
    CanonicalDossier,
    CanonicalFee,
    CanonicalFile,
    CanonicalParty,
    CanonicalProcedure,
    CanonicalResult,
    CanonicalSupplement,
    Channel,
    CollectedAt,
    FeeLedger,
    Handling,
    PartyKind,
)
from agent.domain.canonical_codec import to_plain
from agent.domain.dossier import PaperForm, ReturnWay

NUMBER: Final = "H26.019.02-261121-0001"
WORDS: Final = {
    "@office": "BC-TAYHO", "@number": NUMBER, "@key": "T1-6T21-00CQ/S1", "@digest": "ab" * 32,
    "@now": "2026-11-21T02:00:00Z", "@procedure": "1.001193", "@provisional": "T1-6T21-00CQ", "@since": 0,
    "@from": "2026-11-20T17:00:00Z", "@to": "2026-11-21T16:59:59Z",
    "@sha256": "0f" * 32, "@offset": 0, "@total": 9, "@chunkSha256": "1e" * 32, "@bytes": "JVBERi0xLjcK",
    "@cursor": 1_795_226_400, "@maximum": 100,
}  # fmt: skip
CONTENT: Final = "JVBERi0xLjcK"  # base64 of the beginning of a PDF
_FILE: Final = CanonicalFile("0f" * 32, "giấy chứng sinh.pdf", 9, 1, "application/pdf")
_OTHER: Final = CanonicalFile("1e" * 32, "ảnh <&> thẻ.pdf", 9, 2, "application/pdf")


def samples() -> dict[str, list[tuple[str, Any]]]:
    """Payloads as plain JSON by operation, each with a name (Vietnamese)."""
    whole = _dossier()
    dossiers = [("hồ sơ đủ mục", whole), ("hồ sơ ít mục nhất", _small())]
    dossiers += [(f"LoaiDoiTuong {kind}", replace(whole, owner=replace(_owner(), kind=kind))) for kind in PartyKind]
    dossiers += [(f"kênh {channel}", replace(whole, channel=channel)) for channel in Channel]
    dossiers += [(f"cách trả {way}", replace(whole, return_way=way)) for way in ReturnWay]
    results = tuple(
        CanonicalResult(f"KQ-{n}", way, "2026-11-25T03:00:00Z", "RD100000005VN" if way is ReturnWay.COURIER else "")
        for n, way in enumerate(ReturnWay, start=1)
    )
    provisional = str(WORDS["@provisional"])
    return {
        "submit": [(name, to_plain(one)) for name, one in dossiers],
        "supplement": [
            ("bổ sung", to_plain(CanonicalSupplement("ff" * 16, provisional, 1, NUMBER, whole.components))),
        ],
        "report_delivery": [
            ("mọi cách trả", to_plain(CanonicalDelivery("ee" * 16, provisional, NUMBER, results))),
            ("một kết quả", to_plain(CanonicalDelivery("ee" * 16, provisional, NUMBER, results[1:2]))),
        ],
    }


def _owner() -> CanonicalParty:
    return CanonicalParty(
        PartyKind.PERSON, "Nguyễn Thị Thử", "cccd", "001199000001", "1999-02-03", "female",
        "Số 1 ngõ 2, phường Tây Hồ <&>", "0912345678", "thu@example.vn",
    )  # fmt: skip


def _dossier() -> CanonicalDossier:
    parts = tuple(
        CanonicalComponent(f"KQ000{n}", f"Giấy tờ {form}", form, n, 1, Handling.KEEP_FORWARD, files=files)
        for n, (form, files) in enumerate(zip(PaperForm, ((_FILE, _OTHER), (), (_FILE,)), strict=True), start=1)
    )
    fees = tuple(
        CanonicalFee(f"LP{n}", f"Khoản {n}", ledger, 8_000 * n, at, paid=n != 2)
        for n, (ledger, at) in enumerate(zip(FeeLedger, CollectedAt, strict=True), start=1)
    )
    return CanonicalDossier(
        salt="00" * 16, provisional=str(WORDS["@provisional"]), procedure=CanonicalProcedure("1.001193", 1),
        agency="H26.019.02", office="BC-TAYHO", terminal="T1", channel=Channel.POSTAL,
        received_at="2026-11-21T18:30:05Z", return_way=ReturnWay.COURIER, official=NUMBER,
        due_at="2026-11-25T10:00:00Z", content="Đăng ký khai sinh <&\n dòng hai", owner=_owner(),
        submitter=CanonicalParty(PartyKind.PERSON, "Trần Văn Mẫu", relation="Chồng"),
        return_address="12 Lạc Long Quân", components=parts, fees=fees,
    )  # fmt: skip


def _small() -> CanonicalDossier:
    return CanonicalDossier(
        salt="00" * 16, provisional=str(WORDS["@provisional"]), procedure=CanonicalProcedure("1.001193", 1),
        agency="H26.019.02", office="BC-TAYHO", terminal="T1", channel=Channel.DIRECT,
        received_at="2026-02-28T17:00:00Z", return_way=ReturnWay.COUNTER,
        owner=CanonicalParty(PartyKind.PERSON, "Lê A"),
    )  # fmt: skip
