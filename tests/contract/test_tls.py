"""TLS towards a province: real servers with certificates made here, each fault named before anything is sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agent.errors import HandoffBlocked, HandoffOutcomeUnknown, HandoffUnavailable
from agent.soap.gateway import SoapGateway
from agent.soap.tls import Tls
from tests.bench.line_bytes import CountingProxy
from tests.contract.answering import answering
from tests.contract.certificates import DAY, NOW, Authority, Held
from tests.contract.sandbox_process import OFFICE, PROCEDURE, Sandbox, dossier, page, submit, upload

ENDED = datetime(2026, 11, 25, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Keys:
    """Two authorities that do not know each other, and what each issued."""

    folder: Path
    ours: Authority
    others: Authority
    server: Held
    client: Held


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("tls")
    ours, others = Authority(folder, "Gốc của tỉnh"), Authority(folder, "Gốc khác")
    return Keys(folder, ours, others, ours.issue("máy chủ tỉnh"), ours.issue("bưu cục", password="khóa"))


@pytest.fixture(scope="module")
def tls(keys: Keys) -> Tls:
    secret = keys.folder / "key-password"
    secret.write_text("khóa\n", encoding="utf-8")
    return Tls(keys.ours.file, keys.client.certificate_file, keys.client.key_file, str(secret))


@pytest.fixture(scope="module")
def sandbox(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Takes calls by TLS only, from holders of a certificate of the province's authority."""
    demands = {
        "tls_certificate": keys.server.certificate_file,
        "tls_key": keys.server.key_file,
        "tls_client_roots": keys.ours.file,
    }
    with Sandbox(tmp_path_factory.mktemp("province"), demands=json.dumps(demands)) as running:
        yield running


def number(gateway: SoapGateway, key: str = "k") -> str:
    return gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key=key)


def test_a_dossier_goes_over_tls_with_a_client_certificate_and_a_pinned_authority(sandbox: Sandbox, tls: Tls) -> None:
    assert sandbox.endpoint.startswith("https://")
    gateway = sandbox.gateway(tls=tls)
    upload(gateway, page())
    assert submit(gateway, dossier("T1-0001")).key == "T1-0001"
    assert gateway.submission("T1-0001") is not None


@pytest.mark.parametrize("which", ["none", "of another authority"])
def test_a_client_that_the_province_does_not_know_is_told_so_and_not_unknown(
    sandbox: Sandbox, keys: Keys, which: str
) -> None:
    """TLS 1.3 refuses the client after its handshake, when the request may be out already: it was not read."""
    other = keys.others.issue("kẻ lạ")
    tls = Tls(keys.ours.file) if which == "none" else Tls(keys.ours.file, other.certificate_file, other.key_file)
    with pytest.raises((HandoffBlocked, HandoffOutcomeUnknown)) as refused:
        number(sandbox.gateway(tls=tls), which.replace(" ", "-"))
    if isinstance(refused.value, HandoffBlocked):  # a reset may overtake the alert: then nobody can know
        assert "tls_certificate" in refused.value.message and not refused.value.retryable


@contextmanager
def tls_server(
    held: Held, *, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
) -> Iterator[tuple[str, list[bytes]]]:
    """A bare TLS server and what it was sent after the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.maximum_version = newest
    context.load_cert_chain(held.certificate_file, held.key_file)
    stop, heard = threading.Event(), list[bytes]()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            server.settimeout(0.05)
            while not stop.is_set():
                with suppress(OSError):
                    peer, _ = server.accept()
                    peer.settimeout(2)
                    with context.wrap_socket(peer, server_side=True) as secured:
                        heard.append(secured.recv(65_536))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.getsockname()[1]}/soap/tthc", heard
        finally:
            stop.set()
            thread.join(5)


def refusal(endpoint: str, tls: Tls) -> HandoffBlocked:
    with pytest.raises(HandoffBlocked) as refused:
        number(SoapGateway(endpoint, connect_timeout=2, read_timeout=2, tls=tls))
    assert not refused.value.retryable and "chưa có gì được gửi" in refused.value.message
    return refused.value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("expired", ("“máy chủ cũ”", "hết hạn ngày 25/11/2026", "thay chứng thư")),
        ("not yet", ("“máy chủ mai”", "chưa có hiệu lực", "đồng hồ")),
        ("other host", ("“máy khác”", "không cấp cho máy “127.0.0.1”")),
        ("other authority", ("“kẻ mạo danh”", "không do tổ chức", "tls_roots")),
    ],
)
def test_a_wrong_server_certificate_is_named_and_hears_nothing(keys: Keys, name: str, words: tuple[str, ...]) -> None:
    held = {
        "expired": lambda: keys.ours.issue("máy chủ cũ", since=NOW - 90 * DAY, until=ENDED),
        "not yet": lambda: keys.ours.issue("máy chủ mai", since=NOW + DAY),
        "other host": lambda: keys.ours.issue("máy khác", hosts=("tinh.example",)),
        "other authority": lambda: keys.others.issue("kẻ mạo danh"),
    }[name]()
    with tls_server(held) as (endpoint, heard):
        message = refusal(endpoint, Tls(keys.ours.file)).message
    for word in words:
        assert word in message
    assert all(data == b"" for data in heard)


def test_with_a_named_authority_the_machines_own_roots_do_not_count(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_server(keys.others.issue("máy chủ")) as (endpoint, _):
        monkeypatch.setenv("SSL_CERT_FILE", keys.others.file)
        refusal(endpoint, Tls(keys.ours.file))
        with pytest.raises(HandoffOutcomeUnknown):  # believed by the machine's roots; the server then just hangs up
            number(SoapGateway(endpoint, read_timeout=2, tls=Tls()))


def test_a_certificate_itself_may_be_pinned(keys: Keys) -> None:
    with tls_server(keys.server) as (endpoint, _), pytest.raises(HandoffOutcomeUnknown):
        number(SoapGateway(endpoint, read_timeout=2, tls=Tls(keys.server.certificate_file)))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_an_old_protocol_is_refused_before_anything_is_sent(keys: Keys) -> None:
    with tls_server(keys.server, newest=ssl.TLSVersion.TLSv1_1) as (endpoint, heard):
        assert "TLS 1.2" in refusal(endpoint, Tls(keys.ours.file)).message
    assert heard == []


def test_a_port_that_speaks_no_tls_is_named(keys: Keys) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n", eager=True) as endpoint:
        assert "TLS" in refusal(endpoint.replace("http:", "https:"), Tls(keys.ours.file)).message


def test_a_handshake_that_is_cut_is_tried_again(keys: Keys) -> None:
    """A server that is just starting anew hangs up in the middle: nothing is wrong with any certificate."""
    with answering(b"", eager=True) as endpoint, pytest.raises(HandoffUnavailable) as refused:
        number(SoapGateway(endpoint.replace("http:", "https:"), read_timeout=2, tls=Tls(keys.ours.file)))
    assert refused.value.retryable


def test_our_own_certificate_is_checked_before_the_line_is_opened(keys: Keys, tls: Tls, tmp_path: Path) -> None:
    old = keys.ours.issue("bưu cục", since=NOW - 90 * DAY, until=ENDED)
    wrong = tmp_path / "password"
    wrong.write_text("sai\n", encoding="utf-8")
    endpoint = "https://127.0.0.1:1/"
    assert "25/11/2026" in refusal(endpoint, Tls(keys.ours.file, old.certificate_file, old.key_file)).message
    assert "tls_key" in refusal(endpoint, Tls(keys.ours.file, tls.certificate, tls.key, str(wrong))).message
    assert "tls_key" in refusal(endpoint, Tls(keys.ours.file, tls.certificate, keys.server.key_file)).message
    assert "tls_certificate" in refusal(endpoint, Tls(keys.ours.file, str(tmp_path / "none"))).message
    assert "tls_roots" in refusal(endpoint, Tls(str(tmp_path / "none"))).message


def test_a_closed_port_stays_a_line_that_is_down(keys: Keys) -> None:
    with pytest.raises(HandoffUnavailable) as refused:
        number(SoapGateway("https://127.0.0.1:1/", connect_timeout=0.5, tls=Tls(keys.ours.file)))
    assert refused.value.retryable


def test_files_that_were_mended_are_read_without_a_restart(
    sandbox: Sandbox, keys: Keys, tls: Tls, tmp_path: Path
) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(Path(keys.others.file).read_bytes())
    gateway = sandbox.gateway(tls=Tls(str(roots), tls.certificate, tls.key, tls.key_password_file))
    with pytest.raises(HandoffBlocked):
        number(gateway)
    roots.write_bytes(Path(keys.ours.file).read_bytes())
    assert number(gateway, "mended")


def test_one_tls_connection_serves_many_calls(sandbox: Sandbox, tls: Tls) -> None:
    """A handshake for each call would cost more than the call."""
    proxy = CountingProxy(urlsplit(sandbox.endpoint).port or 0)
    gateway = SoapGateway(f"https://127.0.0.1:{proxy.port}/soap/tthc", read_timeout=5, tls=tls)
    for n in range(5):
        assert gateway.submission(f"k{n}") is None
    gateway.close()
    proxy.close()
    assert proxy.connections == 1
