"""A restored office server is the one that its phones trust: the CA comes back with the data, and nothing lies open."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from agent.cli.backing_up import CA, NO_CA, back_up
from agent.cli.restoring import restore
from agent.domain.roles import Role
from agent.errors import ConfigError
from agent.processes import Program
from agent.settings import Settings
from agent.store import office_ca
from agent.store.keys import load_or_make_keys
from agent.store.office_ca_copy import unseal
from agent.store.phones import Phone
from agent.tracking.phones import pairing
from agent.tracking.phones.access import bearer_of
from tests.builders import CHIEF, station
from tests.flow.test_doctor import recovery_key
from tests.phone_client import PhoneClient, jwk
from tests.webdesk import add_people, serving


@pytest.fixture
def lost(tmp_path: Path):
    """An office with a CA and a paired phone: its backup on a stick, its recovery key in a safe, the machine gone."""
    at = station(tmp_path / "office")
    add_people(at.site, "tuyen7")
    ca = office_ca.init(
        at.folder, name="Bưu cục Tây Hồ", hosts=["buucuc.lan"], ips=["127.0.0.1"], now=at.site.clock.now()
    )
    code = pairing.new_code(at.site, "tuyen7", by=CHIEF)
    phone = pairing.pair(at.site, code.text, name="Máy", key=jwk(PhoneClient("").key), app="1")
    (tmp_path / "safe.pem").write_bytes(recovery_key(at.folder))
    done = back_up(at.program, tmp_path / "stick")
    assert (done["office_ca"], done["warnings"]) == (CA, [])
    at.site.store.close()
    return tmp_path, ca, phone.token


def test_a_phone_trusts_the_restored_server_and_is_known_to_it(lost):
    tmp_path, ca, token = lost
    fresh = Settings(data=tmp_path / "new")
    done = restore(fresh, tmp_path / "stick", tmp_path / "safe.pem")
    assert done["database"] and done["office_ca"] == ["ca.key", "server.pem", "ca.crt"] and done["warnings"] == []
    found = office_ca.find(fresh.data)
    assert found.ca_cert.read_bytes() == ca.ca_cert.read_bytes()
    assert [path.stat().st_mode & 0o077 for path in (found.ca_key, found.pair)] == [0, 0]
    site = Program(fresh).site()
    try:
        assert bearer_of(site, token).user.role is Role.COURIER
        assert Phone.select().count() == 1
        assert office_ca.renew(
            fresh.data, now=site.clock.now()
        )  # its key is whole: the next certificate is trusted too
        settings = site.settings.web
        from dataclasses import replace

        secure = replace(site, settings=replace(site.settings, web=replace(settings, tls_cert=str(found.pair))))
        with serving(secure) as running:
            where = running.url.replace("http:", "https:")
            headers = {"Authorization": f"Bearer {token}"}
            answer = requests.get(f"{where}/api/v1/courier/state", headers=headers, verify=str(ca.ca_cert), timeout=20)
            assert (answer.status_code, answer.json()["revoked"]) == (200, False)
    finally:
        site.store.close()


def test_the_backup_holds_no_readable_key_and_is_never_restored_over_data(lost):
    tmp_path, ca, _token = lost
    secrets = [line for line in ca.ca_key.read_bytes().splitlines() if b"-----" not in line]
    for path in (tmp_path / "stick").rglob("*"):
        assert not path.is_file() or not any(line in path.read_bytes() for line in secrets), path
    with pytest.raises(ConfigError, match="đã có dữ liệu"):
        restore(Settings(data=tmp_path / "office"), tmp_path / "stick", tmp_path / "safe.pem")
    (tmp_path / "other").mkdir()
    (tmp_path / "wrong.pem").write_bytes(recovery_key(tmp_path / "other"))
    with pytest.raises(ConfigError, match="Khoá cứu hộ"):
        restore(Settings(data=tmp_path / "new"), tmp_path / "stick", tmp_path / "wrong.pem")
    assert not (tmp_path / "new").exists()


def test_a_spoiled_copy_of_the_ca_and_one_of_other_keys_are_refused(lost):
    tmp_path, _ca, _token = lost
    sealed = (tmp_path / "stick" / CA).read_bytes()
    keys = load_or_make_keys(tmp_path / "office")
    for spoiled, with_keys in ((sealed[:-1] + bytes([sealed[-1] ^ 1]), keys),
                               (sealed, load_or_make_keys(tmp_path / "strange"))):  # fmt: skip
        with pytest.raises(ConfigError, match="hỏng"):
            unseal(spoiled, with_keys, tmp_path / "new")
    with pytest.raises(ConfigError, match="không ghi đè"):
        unseal(sealed, keys, tmp_path / "office")


def test_a_restore_that_fails_leaves_nothing_behind_and_can_be_done_again(lost):
    tmp_path, _ca, _token = lost
    sealed, fresh = tmp_path / "stick" / CA, Settings(data=tmp_path / "new")
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    with pytest.raises(ConfigError, match=r"office-ca\.sealed"):
        restore(fresh, tmp_path / "stick", tmp_path / "safe.pem")
    assert list(fresh.data.rglob("*")) == []
    sealed.unlink()
    done = restore(fresh, tmp_path / "stick", tmp_path / "safe.pem")
    assert done["database"] and done["office_ca"] == [] and done["warnings"] == [NO_CA]
