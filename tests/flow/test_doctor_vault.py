"""`doctor --vault` finds every way in which the vault can be damaged, says whose it is, and mends only what is safe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.documents.vault import FileVault
from agent.processes import main
from agent.store import base
from agent.store.papers import Paper
from tests.builders import Station, signed, station

HOUR = 3600


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Station:
    at = station(tmp_path_factory.mktemp("stations") / "prepared")
    signed(at)
    return at


@pytest.fixture
def at(prepared: Station, tmp_path: Path) -> Iterator[Station]:
    """A copy of that station that a test may break."""
    prepared.bind()
    base.current().database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    shutil.copytree(prepared.folder, tmp_path / "copy")
    here = station(tmp_path / "copy")
    yield here
    here.site.store.close()
    prepared.bind()


def vault(at: Station) -> FileVault:
    assert isinstance(at.site.vault, FileVault)
    return at.site.vault


def the_copy(at: Station) -> tuple[Path, Path]:
    """Key and contents of the first paper's copy."""
    held = vault(at)
    sha256 = Paper.select().first().copy_sha256
    return held._path(held._name(bytes.fromhex(sha256))), held._find(sha256).path


def doctor(at: Station, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Exit code, the vault's lines by name, and what was said on stderr."""
    capsys.readouterr()
    code = main(["doctor", "--vault", *words, "--json", "--data", str(at.folder)])
    out, err = capsys.readouterr()
    at.bind()
    return code, {line["name"]: line for line in json.loads(out)}, err


def old(path: Path) -> Path:
    stamp = path.stat().st_mtime - 3 * HOUR
    os.utime(path, (stamp, stamp))
    return path


def test_a_sound_vault_is_said_to_be_sound(at: Station, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, _ = doctor(at, capsys)
    assert code == 0
    assert all(lines[name]["fine"] for name in ("kho tài liệu", "tệp vô chủ", "giấy tờ", "tệp tạm"))
    assert "nguyên vẹn" in lines["kho tài liệu"]["words"]


def _cut(key: Path, contents: Path) -> None:
    contents.write_bytes(contents.read_bytes()[:-1])


def _grown(key: Path, contents: Path) -> None:
    contents.write_bytes(contents.read_bytes() + b"\0")


def _touched(key: Path, contents: Path) -> None:
    whole = bytearray(contents.read_bytes())
    whole[len(whole) // 2] ^= 1
    contents.write_bytes(whole)


def _no_contents(key: Path, contents: Path) -> None:
    contents.unlink()


def _bad_key(key: Path, contents: Path) -> None:
    whole = bytearray(key.read_bytes())
    whole[-1] ^= 1
    key.write_bytes(whole)


def _no_key(key: Path, contents: Path) -> None:
    key.unlink()


def _nothing(key: Path, contents: Path) -> None:
    key.unlink()
    contents.unlink()


@pytest.mark.parametrize(
    ("damage", "line", "words"),
    [
        (_cut, "kho tài liệu", "bị cụt"),
        (_grown, "kho tài liệu", "bị cụt hoặc thừa"),
        (_touched, "kho tài liệu", "đã hỏng"),
        (_no_contents, "kho tài liệu", "mất tệp nội dung"),
        (_bad_key, "kho tài liệu", "tệp khóa (.key) hỏng"),
        (_no_key, "giấy tờ", "mất tệp khóa (.key), nội dung (.bin) còn"),
        (_nothing, "giấy tờ", "không có trong kho"),
    ],
)
def test_each_damage_is_told_with_what_to_copy_from_the_backup(
    at: Station, capsys: pytest.CaptureFixture[str], damage: Callable[[Path, Path], None], line: str, words: str
) -> None:
    key, contents = the_copy(at)
    held = (key.read_bytes(), contents.read_bytes())
    damage(key, contents)
    code, lines, err = doctor(at, capsys, "--repair")
    assert code == 1 and not lines[line]["fine"] and words in lines[line]["words"]
    place = f"{key.parent.name}/{key.stem}"
    assert f"Chép lại {place}.key" in err and "bản sao lưu" in err
    if damage is not _bad_key:  # such a key does not say whose it was
        assert "hồ sơ T1-" in lines[line]["words"]
    assert damage is _nothing or key.exists() or contents.exists(), "what is damaged is never removed"

    key.write_bytes(held[0])
    contents.write_bytes(held[1])
    assert doctor(at, capsys)[0] == 0, "copied back as it says, it is sound again"


def test_what_no_row_names_is_told_with_its_age_and_left_alone(at: Station, capsys: pytest.CaptureFixture[str]) -> None:
    sha256 = vault(at).put(b"nobody's")
    code, lines, _ = doctor(at, capsys)
    assert code == 0 and lines["tệp vô chủ"]["fine"], "what is being written now is nobody's for a moment"
    old(vault(at)._path(vault(at)._name(bytes.fromhex(sha256))))
    code, lines, err = doctor(at, capsys, "--repair")
    assert code == 0 and lines["tệp vô chủ"]["advice"] and "1 tệp" in lines["tệp vô chủ"]["words"]
    assert "không dòng nào nêu, ghi từ" in err
    assert vault(at).has(sha256)


def test_what_an_interrupted_write_left_is_removed_when_asked_and_only_when_old(
    at: Station, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = vault(at)._folder / "00"
    stray, young = folder / f"{'0' * 40}-{'1' * 32}.bin", folder / f"{'1' * 40}.key.abc.part"
    stray.write_bytes(b"x")
    young.write_bytes(b"y")
    old(stray)
    code, lines, _ = doctor(at, capsys)
    assert code == 0 and lines["tệp tạm"]["advice"] and stray.exists(), "told, and not touched"
    code, lines, _ = doctor(at, capsys, "--repair")
    assert code == 0 and lines["tệp tạm"]["fine"] and not stray.exists() and young.exists()


def test_a_lost_key_keeps_its_contents_from_being_swept(at: Station, capsys: pytest.CaptureFixture[str]) -> None:
    key, contents = the_copy(at)
    key.unlink()
    old(contents)
    assert doctor(at, capsys, "--repair")[0] == 1
    assert contents.exists(), "with the key from the backup it can be read again"


MEASURE = """
import resource, sys
from pathlib import Path
from agent.documents.vault import FileVault
held = FileVault(Path(sys.argv[1]), bytes(32))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert [one.problem for one in held.inspect()] == [""]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="only on Windows there is no resource module")
def test_a_large_object_is_read_in_little_memory(tmp_path: Path) -> None:
    FileVault(tmp_path, bytes(32)).put(bytes(64 << 20))
    words = [sys.executable, "-c", MEASURE, str(tmp_path)]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    assert int(said.stdout) < 24 << 10, f"{said.stdout} KB for 64 MB"
