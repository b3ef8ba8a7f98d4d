"""`doctor` tells what is wrong, however broken it is; `backup` makes a copy that opens with the wrapped keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.backing_up import back_up
from agent.cli.checkup import examine, write_bundle
from agent.cli.checkup_line import Line
from agent.documents.vault import FileVault
from agent.domain.canonical_zip import unpack
from agent.errors import ConfigError
from agent.intake.erase import erase_person
from agent.processes import Program, main
from agent.settings import Settings
from agent.store import base, journal
from agent.store.database import Store
from agent.store.dossiers import Dossier
from agent.store.keys import Keys
from agent.store.papers import Paper
from agent.store.recovery import unwrap
from tests.builders import CHIEF, Station, delivered, signed, station, station_with_province


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station that carried one dossier all the way and prepared another; its province is gone."""
    folder = tmp_path_factory.mktemp("stations") / "carried"
    with station_with_province(folder) as at:
        delivered(at)
        signed(at)
    yield at.bind()


@pytest.fixture
def copied(carried: Station, tmp_path: Path) -> Iterator[Station]:
    """A copy of that station that a test may break."""
    base.current().database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    shutil.copytree(carried.folder, tmp_path / "copy")
    at = station(tmp_path / "copy")
    yield at
    at.site.store.close()
    carried.bind()


def wrong(lines: list[Line]) -> dict[str, str]:
    """What is not fine and no mere advice."""
    return {line.name: line.words for line in lines if not line.fine and not line.advice}


def examined(at: Station, *, vault: bool = False) -> dict[str, str]:
    at.site.store.close()
    found = wrong(examine(Program(at.site.settings), vault=vault))
    return found


def change(at: Station, sql: str, *values: object) -> None:
    with at.site.store.writing():
        at.site.store.database.execute_sql(sql, values)


def test_a_sound_station_has_advice_only(carried: Station, capsys: pytest.CaptureFixture[str]) -> None:
    lines = examine(Program(carried.site.settings), vault=True)
    assert wrong(lines) == {}
    names = {line.name for line in lines}
    assert {"SQLite", "ổ đĩa", "sổ", "trạng thái hồ sơ", "trạng thái bưu gửi", "kho tài liệu", "chứng thư"} <= names
    assert next(line.words for line in lines if line.name == "tỉnh").startswith("sandbox: Không kết nối")

    assert main(["doctor", "--json", "--data", str(carried.folder)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert {"name", "fine", "words", "advice"} == set(json.loads(line)[0])
    carried.bind()


def test_a_cached_state_that_its_journal_does_not_lead_to_is_reported(copied: Station) -> None:
    change(copied, "UPDATE dossier SET state = 'result_ready' WHERE state = 'closed'")
    found = examined(copied)
    assert list(found) == ["trạng thái hồ sơ"] and "“closed”" in found["trạng thái hồ sơ"]


def test_an_item_whose_events_lead_elsewhere_is_reported(copied: Station) -> None:
    change(copied, "UPDATE item SET holder = 'courier:khac'")
    assert list(examined(copied)) == ["trạng thái bưu gửi"]


def test_a_changed_ledger_row_is_reported(copied: Station) -> None:
    change(copied, """UPDATE ledger_row SET "row" = replace("row", '"fee":34000', '"fee":24000')""")
    assert list(examined(copied)) == ["sổ đối soát"]


def test_a_journal_that_was_edited_is_reported(copied: Station) -> None:
    copied.site.store.database.execute_sql("DROP TRIGGER journal_entry_no_update")
    change(copied, "UPDATE journal_entry SET actor = 'user:khac' WHERE id = 5")
    assert "đã bị sửa" in examined(copied)["sổ"]


def test_a_paper_that_the_vault_lost_is_reported(copied: Station) -> None:
    sha256 = Paper.select().order_by(Paper.id.desc()).first().signed_sha256
    copied.site.vault.erase(sha256)
    assert sha256[:12] in examined(copied)["giấy tờ"]


def test_a_damaged_vault_object_is_found_by_reading_everything(copied: Station) -> None:
    sha256 = Paper.select().first().copy_sha256
    vault = copied.site.vault
    assert isinstance(vault, FileVault)
    path = vault._find(sha256).path
    whole = bytearray(path.read_bytes())
    whole[100] ^= 1
    path.write_bytes(whole)
    assert "đã hỏng" in examined(copied, vault=True)["kho tài liệu"]


@pytest.mark.parametrize("how", ["garbage", "middle", "no keys"])
def test_a_damaged_database_gives_lines_and_no_crash(copied: Station, how: str, tmp_path: Path) -> None:
    copied.site.store.close()
    path = copied.folder / "agent.db"
    content = bytearray(path.read_bytes())
    if how == "no keys":
        shutil.rmtree(copied.folder / "keys")
    else:
        start = 0 if how == "garbage" else 5 * 4096
        content[start : start + 100 * 4096] = b"\x5a" * len(content[start : start + 100 * 4096])
        path.write_bytes(content)
    program = Program(copied.site.settings)
    lines = examine(program)
    assert wrong(lines) and all(line.words for line in lines)
    write_bundle(program, lines, tmp_path / "diagnostics.zip")
    assert unpack((tmp_path / "diagnostics.zip").read_bytes())["report.json"]


def test_a_folder_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    lines = examine(Program(Settings(data=tmp_path / "none")))
    assert any("Chưa có" in line.words for line in lines) and not (tmp_path / "none").exists()


def test_the_diagnostics_hold_no_person_and_no_secret(carried: Station, tmp_path: Path) -> None:
    settings = carried.site.settings.with_(log_level="debug")
    program = Program(settings)
    write_bundle(program, examine(program), tmp_path / "diagnostics.zip")
    carried.bind()
    text = b"".join(unpack((tmp_path / "diagnostics.zip").read_bytes()).values()).decode()
    for secret in ("Nguyễn Thị Hường", "001188012345", "0912", "recovery", Dossier.get().provisional):
        assert secret not in text


# --- backup ----------------------------------------------------------------------------------------
def recovery_key(folder: Path) -> bytes:
    """Put an office's public recovery key into the data folder; the private one, PEM."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    (folder / "recovery.pem").write_bytes(public)
    return private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())


def test_a_backup_taken_while_writing_opens_with_the_recovery_key_alone(copied: Station, tmp_path: Path) -> None:
    private, target = recovery_key(copied.folder), tmp_path / "backup"
    with copied.site.store.writing():
        done = back_up(copied.program, target)  # a writer is in the middle of something
    assert (done["keys"], done["warnings"]) == ("recovery.json", [])
    assert not (target / "agent.db").read_bytes().startswith(b"SQLite")
    assert b"keys.json" not in b"".join(path.name.encode() for path in target.rglob("*"))

    keys = Keys.from_bytes(unwrap((target / "recovery.json").read_bytes(), private))
    restored = Store.open(data=target, key=keys.database)
    try:
        assert journal.verify() == [] and Dossier.select().count() == 2
        vault = FileVault(target / "vault", keys.vault)
        assert vault.check() == []
        assert all(vault.has(paper.signed_sha256) for paper in Paper.select())
    finally:
        restored.close()


def test_a_second_backup_copies_what_is_new_and_forgets_what_was_erased(copied: Station, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    first = back_up(copied.program, target)
    again = back_up(copied.program, target)
    assert first["copied"] > 4 and (again["copied"], again["removed"]) == (0, 0)
    assert any("khóa cứu hộ" in words for words in first["warnings"])

    with pytest.raises(ConfigError):
        back_up(copied.program, copied.folder / "inside")
    copied.bind()
    change(copied, "UPDATE subject SET id_number = '' WHERE id <> 1")
    erase_person(copied.site, "001188012345", basis="91/2025/QH15", by=CHIEF)
    assert back_up(copied.program, target)["removed"] > 2
    assert examined(copied, vault=True) == {}
