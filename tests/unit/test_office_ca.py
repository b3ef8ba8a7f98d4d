"""The office's own CA: what it vouches for, who reads its keys, renewal, and what happens at the server's door."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509

from agent.errors import ConfigError
from agent.settings import Web
from agent.store import office_ca
from agent.web import tls
from agent.web.server import make_server, make_trust_server, stop
from tests.webdesk import START, HandClock, make_app, make_site

YEAR = timedelta(days=365)


@pytest.fixture
def ca(tmp_path: Path) -> office_ca.OfficeCa:
    return office_ca.init(tmp_path, name="Bưu cục Tây Hồ", hosts=["Buucuc.lan"], ips=["192.168.1.10"], now=START)


def test_a_phone_that_trusts_the_ca_trusts_the_server_under_each_of_its_names(ca, tmp_path):
    assert ca.names() == (["buucuc.lan"], ["192.168.1.10"])
    server, root = ca.server(), ca.ca()
    server.verify_directly_issued_by(root)
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in usage] == ["1.3.6.1.5.5.7.3.1"]  # TLS servers, nothing else
    life = server.not_valid_after_utc - server.not_valid_before_utc
    assert timedelta(days=390) < life < timedelta(days=825)  # iPhones refuse more


def test_the_ca_cannot_vouch_for_anybody_but_the_office(ca, tmp_path):
    held = ca.ca().extensions.get_extension_for_class(x509.NameConstraints)
    assert held.critical
    names = [one.value for one in held.value.permitted_subtrees if isinstance(one, x509.DNSName)]
    assert names == ["buucuc.lan", "localhost"]
    for hosts, ips in ((["vietcombank.com.vn"], []), ([], ["8.8.8.8"])):
        with pytest.raises(ConfigError, match="không được xác nhận"):
            office_ca.renew(tmp_path, now=START, hosts=hosts, ips=ips)
    assert office_ca.renew(
        tmp_path, now=START, hosts=["moi.buucuc.lan"], ips=["10.1.2.3"]
    )  # a new address needs no new CA
    assert ca.names() == (["moi.buucuc.lan"], ["10.1.2.3"])


def test_nobody_else_reads_the_keys(ca):
    for path in (ca.ca_key, ca.pair):
        assert path.stat().st_mode & 0o077 == 0
        assert b"PRIVATE KEY" in path.read_bytes()
    assert b"PRIVATE" not in ca.ca_cert.read_bytes()


def test_the_server_certificate_is_made_anew_in_time_and_phones_notice_nothing(ca, tmp_path):
    print_before, first = ca.fingerprint(), ca.server().serial_number
    assert not office_ca.renew(tmp_path, now=START + YEAR * 0.9, only_when_due=True)
    assert office_ca.renew(tmp_path, now=START + YEAR * 1.05, only_when_due=True)
    assert ca.server().serial_number != first and ca.fingerprint() == print_before
    assert ca.names() == (["buucuc.lan"], ["192.168.1.10"])


def test_doctor_says_what_ends_soon_and_who_reads_a_key(ca, tmp_path):
    assert all(fine for fine, _words in office_ca.describe(tmp_path, START))
    late = [words for fine, words in office_ca.describe(tmp_path, START + timedelta(days=380)) if not fine]
    assert len(late) == 1 and "office-ca renew" in late[0]
    ca.ca_key.chmod(0o644)
    assert any("chmod 600" in words for fine, words in office_ca.describe(tmp_path, START) if not fine)
    old = [words for fine, words in office_ca.describe(tmp_path, START + YEAR * 9.8) if not fine]
    assert any("CA mới" in words for words in old)


@pytest.mark.parametrize(
    ("hosts", "ips", "said"),
    [
        (["a b"], [], "Tên máy"), (["192.168.1.1"], [], "Tên máy"), ([], ["300.1.1.1"], "IP không hợp lệ"),
        ([], ["0.0.0.0"], "0.0.0.0"), ([], [], "ít nhất một"),
    ],
)  # fmt: skip
def test_a_name_that_phones_cannot_call_is_refused(tmp_path, hosts, ips, said):
    with pytest.raises(ConfigError, match=said):
        office_ca.init(tmp_path, name="B", hosts=hosts, ips=ips, now=START)
    assert office_ca.find(tmp_path) is None


def test_a_second_ca_is_refused_because_every_phone_would_have_to_trust_again(ca, tmp_path):
    with pytest.raises(ConfigError, match="đã có CA"):
        office_ca.init(tmp_path, name="B", hosts=["x.lan"], ips=[], now=START)


def test_a_lost_ca_key_says_what_to_do_and_the_server_goes_on(ca, tmp_path):
    ca.ca_key.unlink()
    with pytest.raises(ConfigError, match="khóa CA"):
        office_ca.renew(tmp_path, now=START + YEAR)
    web = tls.office_web(Web(port=8443), tmp_path, START + YEAR)
    assert web.tls_cert == str(ca.pair) and web.phone_url == "https://buucuc.lan:8443"
    assert {"buucuc.lan", "192.168.1.10"} <= set(web.allowed_hosts)


def test_the_command_makes_shows_and_renews_it(tmp_path, capsys):
    from agent import cli
    from agent.processes import Program
    from agent.settings import Settings

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = cli.run(cli.parse(["office-ca", *words, "--json"]), Program(Settings(data=tmp_path)))
        return code, json.loads(capsys.readouterr().out)

    assert run("show")[1]["error"]["code"] == "config"
    code, made = run("init", "--host", "buucuc.lan", "--ip", "192.168.1.10")
    assert code == 0 and made["hosts"] == ["buucuc.lan"] and made["server_days"] == 396 and made["ca_days"] > 3600
    assert run("show")[1] == made
    code, renewed = run("renew", "--ip", "192.168.1.20")
    assert code == 0 and renewed["ips"] == ["192.168.1.20"] and renewed["fingerprint"] == made["fingerprint"]
    assert run("init", "--host", "x.lan")[0] == 3


# --- the door ------------------------------------------------------------------------------------
@contextmanager
def office(folder: Path, **more: Any):
    """A real server over TLS by the CA of `folder`, in this process."""
    clock = HandClock(office_ca_now())
    office_ca.init(folder, name="Bưu cục", hosts=["localhost"], ips=["127.0.0.1"], now=clock.now())
    web = tls.office_web(replace(Web(), port=0, phone_url="https://localhost:1", **more), folder, clock.now())
    site = make_site(
        folder, clock, **{name: getattr(web, name) for name in ("tls_cert", "allowed_hosts", "phone_url", "hsts")}
    )
    app = make_app(site)
    server = make_server(app, web)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server, site, app, web
    finally:
        stop(server, app)
        thread.join(10)
        site.store.close()


def office_ca_now():
    """TLS compares with the machine's own clock."""
    from agent.clock import SystemClock

    return SystemClock().now()


def get(server: Any, folder: Path, path: str = "/healthz", **options: Any) -> requests.Response:
    address = f"https://localhost:{server.bind_addr[1]}{path}"
    return requests.get(address, verify=str(folder / "office-ca" / "ca.crt"), timeout=10, **options)


def test_silent_strangers_at_the_door_keep_no_phone_waiting(tmp_path):
    with office(tmp_path) as (server, *_):
        silent = [socket.create_connection(("127.0.0.1", server.bind_addr[1])) for _ in range(6)]
        try:
            assert get(server, tmp_path).status_code == 200  # the handshakes of those before are not waited for
        finally:
            for one in silent:
                one.close()


def test_the_offices_own_ca_shuts_no_plain_port_of_the_same_host(tmp_path):
    with office(tmp_path) as (server, *_):
        assert "Strict-Transport-Security" not in get(server, tmp_path).headers


def test_who_types_http_is_told_https_in_words(tmp_path):
    with office(tmp_path) as (server, *_):
        answer = requests.get(f"http://127.0.0.1:{server.bind_addr[1]}/", timeout=10)
        assert answer.status_code == 400 and "https" in answer.text


def test_a_certificate_that_was_made_anew_is_used_without_a_restart(tmp_path):
    with office(tmp_path) as (server, _site, _app, web):
        port, now = server.bind_addr[1], office_ca_now()
        before = ssl.get_server_certificate(("127.0.0.1", port))
        seen = tls.look_after(server, web, tmp_path, now, 0.0)
        office_ca.renew(tmp_path, now=now)  # as the command does it
        assert tls.look_after(server, web, tmp_path, now, seen) != seen
        after = ssl.get_server_certificate(("127.0.0.1", port))
        assert after != before and get(server, tmp_path).status_code == 200


def test_an_office_address_without_tls_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(ConfigError, match="office-ca init"):
        make_server(None, replace(Web(), host="0.0.0.0", port=0))


def test_the_plain_port_gives_the_ca_and_nothing_else(tmp_path):
    with office(tmp_path) as (_server, _site, app, web):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        plain = make_trust_server(app, replace(web, trust_port=port))
        thread = threading.Thread(target=plain.serve, daemon=True)
        thread.start()
        try:
            at = f"http://127.0.0.1:{port}"
            got = requests.get(f"{at}/ca.crt", timeout=10)
            assert got.headers["Content-Type"].startswith("application/x-x509-ca-cert")
            assert x509.load_der_x509_certificate(got.content) == office_ca.find(tmp_path).ca()
            page = requests.get(f"{at}/", timeout=10)
            assert page.url == f"{at}/trust" and office_ca.find(tmp_path).fingerprint()[:2].upper() in page.text
            for path in ("/sign-in", "/api/v1/openapi.json", "/metrics", "/phones/"):
                led = requests.get(at + path, timeout=10, allow_redirects=False)
                assert (led.status_code, led.headers["Location"]) == (303, "/trust"), path
            refused = requests.post(f"{at}/api/v1/courier/pair", json={}, timeout=10, allow_redirects=False)
            assert refused.status_code == 303
        finally:
            plain.stop()
            thread.join(10)
    assert make_trust_server(None, Web()) is None
