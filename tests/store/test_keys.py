"""The keys are made once, kept as well as the machine can, and never replaced silently."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, PublicFormat

from agent.errors import ConfigError
from agent.store import recovery
from agent.store.database import Store
from agent.store.key_places import FilePlace
from agent.store.keys import Keys, describe, key_folder, load_or_make_keys, restore_keys
from tests.store.build import KEY, NOW, queue


class Ring:
    """A key ring that a session opens and closes."""

    name = "ring"

    def __init__(self):
        self.secret, self.open = None, True

    def usable(self):
        return self.open

    def read(self):
        return self.secret

    def write(self, secret):
        self.secret = secret


def on_disk(data):
    return [FilePlace(key_folder(data))]


def test_the_same_folder_gives_the_same_keys(tmp_path):
    first = load_or_make_keys(tmp_path, choice=on_disk(tmp_path))
    assert load_or_make_keys(tmp_path, choice=on_disk(tmp_path)) == first
    assert len(first.database) == len(first.vault) == 32 and first.database != first.vault
    assert load_or_make_keys(tmp_path / "other", choice=on_disk(tmp_path / "other")) != first
    assert first.database.hex() not in repr(first)


def test_a_key_file_is_for_its_owner_only_and_doctor_warns_of_it(tmp_path):
    load_or_make_keys(tmp_path, choice=on_disk(tmp_path))
    path = tmp_path / "keys" / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert any("ai lấy được đĩa" in warning for warning in describe(tmp_path))
    path.chmod(0o644)
    assert any("chmod 600" in warning for warning in describe(tmp_path))


def test_the_machines_key_ring_is_preferred_and_remembered(tmp_path):
    ring = Ring()
    choice = [ring, FilePlace(key_folder(tmp_path))]
    keys = load_or_make_keys(tmp_path, choice=choice)
    assert not (tmp_path / "keys" / "keys.json").exists()
    ring.open = False  # nobody is signed in: never make new keys beside the old data
    with pytest.raises(ConfigError, match="Không tạo khoá mới"):
        load_or_make_keys(tmp_path, choice=choice)
    ring.open = True
    assert load_or_make_keys(tmp_path, choice=choice) == keys
    assert not any("ai lấy được đĩa" in warning for warning in describe(tmp_path))


def test_lost_keys_are_never_replaced_beside_a_database(tmp_path):
    (tmp_path / "agent.db").write_bytes(b"x")
    with pytest.raises(ConfigError, match="không còn khoá"):
        load_or_make_keys(tmp_path, choice=on_disk(tmp_path))


def test_a_crash_before_the_note_of_the_place_loses_no_key(tmp_path):
    keys = load_or_make_keys(tmp_path, choice=on_disk(tmp_path))
    (tmp_path / "keys" / "place").unlink()
    assert load_or_make_keys(tmp_path, choice=on_disk(tmp_path)) == keys


def test_a_damaged_key_file_is_named(tmp_path):
    load_or_make_keys(tmp_path, choice=on_disk(tmp_path))
    (tmp_path / "keys" / "keys.json").write_bytes(b'{"database": "00"}')
    with pytest.raises(ConfigError, match="khoá cứu hộ"):
        load_or_make_keys(tmp_path, choice=on_disk(tmp_path))


def test_processes_that_start_together_agree_on_the_keys(tmp_path):
    code = "import sys; from pathlib import Path; from agent.store.keys import load_or_make_keys as f; "
    code += "print(f(Path(sys.argv[1])).vault.hex())"
    root = Path(__file__).parents[2]
    starts = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=root)
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in starts}) == 1


@pytest.mark.parametrize("kind", ["x25519", "rsa"])
def test_the_offices_recovery_key_opens_what_a_lost_machine_left(tmp_path, kind):
    private = X25519PrivateKey.generate() if kind == "x25519" else generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"mk"))
    keys = load_or_make_keys(tmp_path, recovery_pem=public, choice=on_disk(tmp_path))
    envelope = (tmp_path / "keys" / "recovery.json").read_bytes()
    assert keys.vault not in envelope and keys.vault.hex().encode() not in envelope
    opened = Keys.from_bytes(recovery.unwrap(envelope, secret, b"mk"))
    assert opened == keys
    restore_keys(tmp_path / "new", opened, choice=on_disk(tmp_path / "new"))
    assert load_or_make_keys(tmp_path / "new", choice=on_disk(tmp_path / "new")) == keys
    stranger = X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"mk")
    )
    for pem, password in ((stranger, b"mk"), (secret, b"no")):
        with pytest.raises(ConfigError, match="Khoá cứu hộ"):
            recovery.unwrap(envelope, pem, password)


def test_a_stolen_file_shows_no_name_and_opens_with_its_key_only(tmp_path):
    store = Store.open(data=tmp_path, key=KEY)
    store.migrate(NOW)
    with store.writing():
        queue("SECRET-KEY", payload=b"Nguyen Van Bi Mat " * 400)
    with store.reading():
        for path in tmp_path.glob("agent.db*"):
            found = set(re.findall(rb"[ -~]{6,}", path.read_bytes()))  # what `strings` shows
            assert not [text for text in found if re.search(rb"Nguyen|SECRET|CREATE|SQLite", text)], path
    store.close()
    for wrong in (None, bytes(32)):
        with pytest.raises(ConfigError, match="sai khoá"):
            Store.open(data=tmp_path, key=wrong)
    with pytest.raises(ConfigError, match="32 byte"):
        Store.open(data=tmp_path, key=b"short")
    again = Store.open(data=tmp_path, key=KEY)
    again.close()


def test_an_affected_sqlite_is_refused():
    from agent.store.dialects import refuse_affected

    for version in ("3.51.3", "3.54.0"):
        refuse_affected(version)
    for version in ("3.40.1", "3.51.2"):
        with pytest.raises(ConfigError, match=version):
            refuse_affected(version)


def test_a_server_that_is_not_there_is_a_matter_of_configuration(tmp_path):
    with pytest.raises(ConfigError, match="Không nối được"):
        Store.open(data=tmp_path, url=f"postgresql://postgres@/x?host={tmp_path}&connect_timeout=2")
