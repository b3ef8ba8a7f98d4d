"""The monthly statement: two sides sign the same figures once, and what comes later is the next month's adjustment."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.domain.statement import Figures, Measures, body_digest
from agent.errors import RuleViolation
from agent.intake.void import void
from agent.processes import Program, main
from agent.reconcile import statement
from agent.reconcile.record import record
from agent.reconcile.statement_papers import statement_file
from agent.settings import Database, Settings
from agent.store import journal
from agent.store.dossiers import Dossier, Fee
from agent.store.reconciliation import Difference, Run
from agent.store.statements import Statement, StatementLine
from agent.wiring import build_site
from tests import postgres
from tests.builders import CHIEF, CLERK, OFFICE, Station, received

STAFF = Actor("hoa", "Lê Thị Hoa", Role.PROVINCE, "TTHCC", "T1")
OTHER_CHIEF = Actor("binh", "Vũ Bình", Role.SUPERVISOR, "BC-SONTAY", "T1")


class Calendar:
    """A clock that the test sets; it moves on by a second a look."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 10, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def go(self, month: int, day: int) -> None:
        self.at = datetime(2026, month, day, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def at(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, calendar: Calendar
) -> Iterator[Station]:
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            url = stack.enter_context(postgres.migrated(request.getfixturevalue("postgres_server")))
        settings = Settings(data=tmp_path_factory.mktemp("station"), database=Database(url))
        place = Station(build_site(settings, clock=calendar), Program(settings))
        yield place
        place.site.store.close()


@pytest.fixture(scope="module")
def september(at: Station, calendar: Calendar) -> list[Dossier]:
    """Three dossiers of September, whose statement both sides signed in October."""
    calendar.go(9, 10)
    made = [received(at), received(at), received(at)]
    calendar.go(9, 29)
    with pytest.raises(RuleViolation, match="chưa hết"):
        sign(at, "2026-09")
    calendar.go(10, 2)
    with pytest.raises(RuleViolation, match="Đối soát rồi ký"):
        sign(at, "2026-09")
    compared(at)
    return made


def compared(at: Station) -> None:
    record(
        at.site, office=OFFICE, scope=OFFICE, day=None, found=[], flying=set(), compared=3, exchanged=0, trips=1,
        in_flight=0, by=CHIEF,
    )  # fmt: skip


def sign(at: Station, month: str, by: Actor = CHIEF) -> Statement:
    return statement.sign_for_office(at.site, office=OFFICE, month=month, by=by)


def test_both_sides_sign_the_same_figures_and_nobody_signs_for_the_other(at: Station, september: list[Dossier]) -> None:
    for stranger in (CLERK, OTHER_CHIEF, STAFF):
        with pytest.raises(RuleViolation, match="Kiểm soát viên của chính bưu cục"):
            sign(at, "2026-09", stranger)
    made = sign(at, "2026-09")
    paid = sum(fee.amount for fee in Fee.select().where(Fee.paid_at.is_null(False)))
    total = Figures.from_plain(made.body).total
    assert (total.received, total.delivered, total.money) == (3, 0, paid) and paid > 0

    with pytest.raises(RuleViolation, match="đang chờ tỉnh"):
        sign(at, "2026-09")
    with pytest.raises(RuleViolation, match="cán bộ của tỉnh"):
        statement.countersign(at.site, made.uid, by=CHIEF, digest=made.digest)
    with pytest.raises(RuleViolation, match="không còn là số liệu đã hiện"):
        statement.countersign(at.site, made.uid, by=STAFF, digest="0" * 64)
    with pytest.raises(RuleViolation, match="Ghi lý do"):
        statement.send_back(at.site, made.uid, by=STAFF, reason=" ")
    statement.send_back(at.site, made.uid, by=STAFF, reason="thiếu một hồ sơ ngày 10")

    again = sign(at, "2026-09")
    assert (again.revision, again.number) == (2, f"BBDS-{OFFICE}-202609-2") and again.digest == made.digest
    closed = statement.countersign(at.site, again.uid, by=STAFF, digest=again.digest)
    assert (closed.office_signed_by, closed.province_signed_by) == (CHIEF.name, STAFF.name)
    with pytest.raises(RuleViolation, match="hai bên đã ký"):
        sign(at, "2026-09")
    assert [entry.kind for entry in journal.entries("statement")] == [
        "statement_signed", "statement_returned", "statement_signed", "statement_closed",
    ]  # fmt: skip
    assert journal.verify() == []


def test_what_is_found_after_a_month_was_closed_is_an_adjustment_of_the_next(
    at: Station, calendar: Calendar, september: list[Dossier]
) -> None:
    first, second, third = september
    calendar.go(10, 12)
    received(at)
    before = sum(fee.amount for fee in Fee.select().where((Fee.dossier == first) & Fee.paid_at.is_null(False)))
    void(at.site, first.uid, reason="nhập nhầm", by=CLERK)
    run = Run.select().get()
    with at.site.store.writing():
        Fee.create(
            dossier=second, code="X", name="thu sót", ledger="state", amount=7_000, stage="receipt",
            paid_at=datetime(2026, 9, 11, tzinfo=UTC),
        )  # fmt: skip
        Difference.create(
            uid=at.site.ids.uid(), run=run, office_id=OFFICE, bucket=f"{OFFICE}|2026-09-10", key=third.provisional,
            kind="fee", owner="office", ours={"fee": 34_000}, theirs={"fee": 44_000}, explanation="", repair="correct",
            found_at=calendar.now(), closed_at=calendar.now(), closed_by=CHIEF.name, value=36_000,
        )  # fmt: skip
    calendar.go(11, 2)
    compared(at)
    made = statement.draft(at.site, office=OFFICE, month="2026-10")
    lines = {line.key: line for line in made.figures.adjustments}
    assert made.figures.total.received == 1 and {line.period for line in lines.values()} == {"2026-09"}
    assert lines[first.provisional].measures.received == -1
    assert lines[second.provisional].measures == Measures(state=7_000)
    assert lines[third.provisional].measures == Measures(corrected=2_000)
    assert before > 0  # what the voided one paid stays in the books until it is refunded
    assert lines[first.provisional].measures.money == 0

    signed = sign(at, "2026-10")
    calendar.go(12, 2)
    compared(at)
    with pytest.raises(RuleViolation, match="tháng 10 năm 2026 chưa được hai bên ký"):
        sign(at, "2026-11")
    statement.countersign(at.site, signed.uid, by=STAFF, digest=signed.digest)
    assert statement.draft(at.site, office=OFFICE, month="2026-11").figures.adjustments == ()  # told once


def test_a_body_that_was_tampered_with_is_not_signed(at: Station, calendar: Calendar, september: list[Dossier]) -> None:
    calendar.go(12, 3)
    made = sign(at, "2026-11")
    with at.site.store.writing():
        Statement.update(body={**made.body, "compared": 1}).where(Statement.id == made.id).execute()
    with pytest.raises(RuleViolation, match="không còn là số liệu đã hiện"):
        statement.countersign(at.site, made.uid, by=STAFF, digest=made.digest)
    assert StatementLine.select().where(StatementLine.statement == made).count() == 0


def test_the_statement_comes_as_pdf_workbook_and_csv_that_runs_no_formula(
    at: Station, september: list[Dossier]
) -> None:
    made = Statement.select().where(Statement.month == "2026-10").get()
    figures = Figures.from_plain(made.body)
    assert body_digest(figures.plain()) == made.digest
    text = statement_file(at.site, figures, "csv", made)
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert ["Mã số liệu (SHA-256)", made.digest] in rows
    assert any(row[:2] == ["2026-09", september[0].provisional] and row[3] == "-1" for row in rows)
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)

    book = statement_file(at.site, figures, "xlsx", made)
    with zipfile.ZipFile(io.BytesIO(book)) as inside:
        sheets = [name for name in inside.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 3 and b"<f>" not in b"".join(inside.read(name) for name in sheets)
    assert book == statement_file(at.site, figures, "xlsx", made)

    words = pdf_text(statement_file(at.site, figures, "pdf", made))
    for part in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BIÊN BẢN ĐỐI SOÁT", "Lê Thị Hoa", "Đỗ Quang Minh", "−1"):
        assert part in words
    assert "DỰ THẢO" in pdf_text(statement_file(at.site, figures, "pdf"))


def test_the_command_shows_a_month_as_signed_and_writes_it(
    at: Station,
    september: list[Dossier],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POSTAL_AGENT_DATABASE_URL", at.site.settings.database.url)
    asked = ["reconcile", "statement", "--month", "2026-09", "--data", str(at.folder), "--json"]
    try:
        assert main([*asked, "--export", "pdf", "--out", str(tmp_path / "b.pdf")]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        told = json.loads(line)
        assert (told["draft"], told["statement"]["total"]["received"]) == (False, 3)
        assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF") and told["file"] == str(tmp_path / "b.pdf")
        assert main(["reconcile", "statement", "--data", str(at.folder)]) == 1
        assert main([*asked[:3], "2026-13", "--data", str(at.folder)]) == 1
        assert "Ghi dạng 2026-11" in capsys.readouterr().err
    finally:
        at.bind()


def pdf_text(data: bytes) -> str:
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data))
