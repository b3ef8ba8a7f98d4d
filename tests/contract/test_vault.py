"""Every vault keeps what it was given, and says so when it cannot."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from agent.documents.vault import CHUNK, FileVault
from agent.documents.vault_memory import MemoryVault
from agent.errors import ConfigError, DocumentError, IntegrityError, StoreFull
from agent.ports import Vault

KEY = bytes(range(32))
PAGE = "Trang giấy có dấu đỏ".encode() * 7
OTHER_PAGE = b"another page"
LONG = os.urandom(1 << 16) * 40 + b"tail"  # 2.5 chunks


@pytest.fixture(params=["file", "memory"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    yield FileVault(tmp_path / "vault", KEY) if request.param == "file" else MemoryVault()


def test_every_vault_keeps_the_first_bytes_under_a_hash(vault: Vault) -> None:
    digest = vault.put(PAGE)
    assert digest == hashlib.sha256(PAGE).hexdigest()
    assert vault.put(PAGE) == digest
    with pytest.raises(IntegrityError):
        vault.put_as(digest, OTHER_PAGE)
    assert vault.get(digest) == PAGE
    assert vault.size(digest) == len(PAGE)
    assert vault.check() == []


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_sizes_around_a_chunk_come_back_whole(vault: Vault, size: int) -> None:
    data = (LONG * 2)[:size]
    digest = vault.put(data)
    assert (vault.get(digest), vault.size(digest)) == (data, size)


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 5), (CHUNK - 2, 4), (CHUNK, CHUNK), (len(LONG) - 3, 50), (len(LONG), 1), (3, 0)]
)
def test_a_part_is_read_as_slicing_would(vault: Vault, offset: int, length: int) -> None:
    digest = vault.put(LONG)
    assert vault.read(digest, offset, length) == LONG[offset : offset + length]


def test_an_absent_object_is_said_to_be_absent(vault: Vault) -> None:
    nowhere = hashlib.sha256(b"nowhere").hexdigest()
    assert not vault.has(nowhere)
    for call in (vault.get, vault.size, vault.erase):
        with pytest.raises(DocumentError, match="không có tài liệu"):
            call(nowhere)
    with pytest.raises(DocumentError, match="SHA-256"):
        vault.get("../../etc/passwd")


def test_an_erased_object_is_gone_until_it_is_put_again(vault: Vault) -> None:
    digest = vault.put(PAGE)
    vault.erase(digest)
    assert not vault.has(digest)
    with pytest.raises(DocumentError):
        vault.get(digest)
    assert vault.check() == []
    vault.put(PAGE)
    assert vault.get(digest) == PAGE


def test_a_second_process_reads_what_the_first_one_wrote(tmp_path: Path) -> None:
    digest = FileVault(tmp_path, KEY).put(LONG)
    assert FileVault(tmp_path, KEY).get(digest) == LONG


def test_a_wrong_master_key_is_refused_at_once(tmp_path: Path) -> None:
    FileVault(tmp_path, KEY)
    with pytest.raises(ConfigError, match="Khóa"):
        FileVault(tmp_path, bytes(32))


def test_a_stolen_disk_shows_neither_text_nor_hash(tmp_path: Path) -> None:
    digest = FileVault(tmp_path, KEY).put(PAGE)
    for path in tmp_path.rglob("*"):
        assert digest[:16] not in str(path)
        if path.is_file():
            content = path.read_bytes()
            assert b"gi\xe1\xba\xa5y" not in content
            assert bytes.fromhex(digest) not in content
            assert path.stat().st_mode & 0o077 == 0


def test_every_flipped_or_missing_byte_is_found(tmp_path: Path) -> None:
    vault = FileVault(tmp_path, KEY)
    digest = vault.put(LONG)
    for path in [*tmp_path.glob("??/*.bin"), *tmp_path.glob("??/*.key")]:
        sound = path.read_bytes()
        torn = [sound[:-1], sound[: CHUNK + 16], sound + b"x", b""]
        flipped = [sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :] for at in (0, len(sound) // 2, len(sound) - 1)]
        for damage in [*torn, *flipped]:
            if damage == sound:
                continue
            path.write_bytes(damage)
            with pytest.raises(IntegrityError):
                vault.get(digest)
            assert len(vault.check()) == 1
        path.write_bytes(sound)
    assert vault.check() == []


def test_chunks_cannot_change_places(tmp_path: Path) -> None:
    vault = FileVault(tmp_path, KEY)
    digest = vault.put(bytes(CHUNK) + bytes([1]) * CHUNK + b"end")
    (path,) = tmp_path.glob("??/*.bin")
    step, data = CHUNK + 16, path.read_bytes()
    path.write_bytes(data[step : 2 * step] + data[:step] + data[2 * step :])
    with pytest.raises(IntegrityError):
        vault.read(digest, 0, 10)


def test_a_part_needs_only_its_own_chunk(tmp_path: Path) -> None:
    vault = FileVault(tmp_path, KEY)
    digest = vault.put(LONG)
    (path,) = tmp_path.glob("??/*.bin")
    data = bytearray(path.read_bytes())
    data[5] ^= 1
    path.write_bytes(bytes(data))
    assert vault.read(digest, CHUNK, 100) == LONG[CHUNK : CHUNK + 100]
    with pytest.raises(IntegrityError):
        vault.read(digest, 0, 100)


def test_lost_chunks_are_reported_and_mended_by_putting_again(tmp_path: Path) -> None:
    vault = FileVault(tmp_path, KEY)
    digest = vault.put(PAGE)
    next(iter(tmp_path.glob("??/*.bin"))).unlink()
    assert not vault.has(digest)
    assert len(vault.check()) == 1
    vault.put(PAGE)
    assert vault.get(digest) == PAGE
    assert vault.check() == []


def test_a_full_disk_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="no file size limit on this platform")
    vault = FileVault(tmp_path, KEY)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, hard))
    try:
        with pytest.raises(StoreFull, match="đầy"):
            vault.put(LONG)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "vault.id"]
    vault.put(LONG)
    assert vault.check() == []


def _put_many(folder: str) -> list[str]:
    vault = FileVault(Path(folder), KEY)
    return [vault.put(PAGE * number) for number in range(1, 40)]


def test_processes_that_put_the_same_bytes_at_once_share_one_object(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(_put_many, [str(tmp_path)] * 3))
    assert answers[0] == answers[1] == answers[2]
    assert FileVault(tmp_path, KEY).check() == []
    assert len(list(tmp_path.glob("??/*.key"))) == len(list(tmp_path.glob("??/*.bin"))) == 39


WRITER = """
import os, sys
from pathlib import Path
from agent.documents.vault import FileVault
vault = FileVault(Path(sys.argv[1]), bytes(range(32)))
while True:
    print(vault.put(os.urandom(3_000_000)), flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this platform")
def test_the_plug_pulled_in_mid_write_never_leaves_half_an_object(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for count in range(1, 6):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            acknowledged += [run.stdout.readline().strip() for _ in range(count)]
            run.send_signal(signal.SIGKILL)
    vault = FileVault(tmp_path, KEY)
    assert vault.check() == []
    assert all(vault.has(digest) for digest in acknowledged)
    vault.sweep(datetime.now(UTC))
    assert len(list(tmp_path.glob("??/*.bin"))) == len(list(tmp_path.glob("??/*.key")))
    assert not list(tmp_path.rglob("*.part"))
    assert vault.check() == []


def test_an_erasure_that_was_cut_off_leaves_nothing_readable_and_is_finished_by_the_next(tmp_path: Path) -> None:
    held = FileVault(tmp_path / "vault", KEY)
    digest = held.put(PAGE)
    (key,) = (tmp_path / "vault").glob("??/*.key")
    grave = key.rename(key.with_name(f"{key.name}.{'0' * 16}.grave"))  # as after the first step
    assert not held.has(digest) and [one.problem for one in held.inspect()] == ["leftover", "leftover"]
    with pytest.raises(DocumentError):
        held.get(digest)
    held.erase(digest)
    assert not grave.exists() and list(held.inspect()) == []
    with pytest.raises(DocumentError) as refused:
        held.erase(digest)
    assert refused.value.code == "absent"


def test_bytes_that_are_put_again_are_young_again(vault: Vault) -> None:
    digest = vault.put(PAGE)
    if isinstance(vault, FileVault):
        (key,) = vault._folder.glob("??/*.key")
        os.utime(key, (0, 0))
        assert vault.written_at(digest) == datetime.fromtimestamp(0, UTC)
        vault.put(PAGE)
        assert vault.written_at(digest) > datetime(2020, 1, 1, tzinfo=UTC)
    vault.erase(digest)
    with pytest.raises(DocumentError):
        vault.written_at(digest)
