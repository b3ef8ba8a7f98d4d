"""A PKCS#11 token for tests, SoftHSM with a USB token's bad days, and the certificate authority that it trusts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

AT = datetime.now(UTC).replace(microsecond=0)  # poppler judges by the machine's clock, and fresh answers only
CLERK = "Trần Lan Anh"
PIN = "730519"
CA_KEYS = ("root", "sub", "clerk", "office", "server")
SOFTHSM = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")


# --- the authority -----------------------------------------------------------------------------
class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Tests read their own output."""


@dataclass
class Authority:
    """Root, intermediate and whoever they certify, with OCSP, CRL and time-stamps on a loopback port."""

    folder: Path
    url: str
    arch: Any
    asked: list[str] = field(default_factory=list)  # paths that were asked for
    up: bool = True

    def der(self, name: str) -> bytes:
        return self.arch.get_cert(name).dump()

    def pem(self, *names: str) -> bytes:
        from asn1crypto import pem

        return b"".join(pem.armor("CERTIFICATE", self.der(name)) for name in names)

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    @property
    def tsa(self) -> str:
        return f"{self.url}/vn/tsa/tsa"

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """The services; while `up` is false every answer is 503."""
        from certomancer.integrations.animator import Animator, AnimatorArchStore

        self.asked.append(environ["PATH_INFO"])
        if not self.up:
            start("503 Service Unavailable", [])
            return [b""]
        return Animator(AnimatorArchStore({"vn": self.arch}), at_time=AT, with_web_ui=False)(environ, start)


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    from certomancer.registry import CertomancerConfig
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    folder.mkdir(parents=True, exist_ok=True)
    for name in CA_KEYS:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (folder / f"{name}.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    with make_server("127.0.0.1", 0, None, WSGIServer, _Quiet) as server:  # type: ignore[arg-type]
        url = f"http://127.0.0.1:{server.server_port}"
        made = CertomancerConfig(_config(), str(folder), external_url_prefix=url, lazy_load_keys=True)
        online = Authority(folder, url, made.pki_archs["vn"])
        server.set_app(online)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield online
        finally:
            server.shutdown()
            thread.join(10)


def days(count: int) -> str:
    """So many days from now, as certomancer reads dates."""
    return f"{AT + timedelta(days=count):%Y-%m-%dT%H:%M:%S+0000}"


def _usage(*params: str) -> dict[str, Any]:
    return {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": list(params)}}


def _purpose(what: str) -> dict[str, Any]:
    return {"id": "extended_key_usage", "critical": True, "value": [what]}


def _config() -> dict[str, Any]:
    people = {"clerk": CLERK, "other": "Lê Văn Khác", "office": "Bưu cục Tây Hồ"}
    names = {"root": "Root CA", "sub": "Sub CA", "tsa": "TSA", "ocsp": "OCSP", **people}
    entities = {name: {"common-name": words, "country-name": "VN"} for name, words in names.items()}
    entities["clerk"]["serial-number"] = "CCCD:001188012345"
    long = {"valid-from": days(-700), "valid-to": days(1200)}
    asked = [
        {
            "id": "crl_distribution_points",
            "smart-value": {"schema": "crl-dist-url", "params": {"crl-repo-names": ["sub"]}},
        },
        {
            "id": "authority_information_access",
            "smart-value": {"schema": "aia-urls", "params": {"ocsp-responder-names": ["sub"]}},
        },
    ]
    ca = [{"id": "basic_constraints", "critical": True, "value": {"ca": True}}, _usage("key_cert_sign", "crl_sign")]
    from_root = {"schema": "crl-dist-url", "params": {"crl-repo-names": ["root"]}}

    def leaf(subject: str, key: str, *extensions: Any, **more: Any) -> dict[str, Any]:
        shown = list(extensions) or [_usage("digital_signature", "non_repudiation"), *asked]
        return {"subject": subject, "subject-key": key, "issuer": "sub", "validity": long, "extensions": shown, **more}

    certs = {
        "root": {"subject": "root", "issuer": "root", "validity": long, "extensions": ca},
        "sub": {
            "subject": "sub", "issuer": "root", "validity": long,
            "extensions": [*ca, {"id": "crl_distribution_points", "smart-value": from_root}],
        },
        "clerk": leaf("clerk", "clerk"),
        "other": leaf("other", "clerk"),
        "office": leaf("office", "office"),
        "quiet": leaf("clerk", "clerk", _usage("digital_signature")),
        "encrypts": leaf("clerk", "clerk", _usage("key_encipherment")),
        "expired": leaf("clerk", "clerk", validity={**long, "valid-to": days(-20)}),
        "future": leaf("clerk", "clerk", validity={**long, "valid-from": days(10)}),
        "revoked": leaf("clerk", "clerk", revocation={"revoked-since": days(-11), "reason": "key_compromise"}),
        "tsa": leaf("tsa", "server", _usage("digital_signature"), _purpose("time_stamping")),
        "ocsp": leaf("ocsp", "server", _usage("digital_signature"), _purpose("ocsp_signing"), {"id": "ocsp_no_check"}),
    }  # fmt: skip
    services = {
        "ocsp": {
            "sub": {
                "for-issuer": "sub",
                "responder-cert": "ocsp",
                "signing-key": "server",
                "validity-period": {"hours": 6},  # a slow run may come to its test long after AT
            },
        },
        "crl-repo": {
            name: {"for-issuer": name, "signing-key": name, "simulated-update-schedule": "P7D"}
            for name in ("root", "sub")
        },
        "time-stamping": {"tsa": {"signing-key": "server", "signing-cert": "tsa", "certs-to-embed": ["sub"]}},
    }
    return {
        "keysets": {"keys": {"keys": {name: {"path": f"{name}.pem"} for name in CA_KEYS}}},
        "pki-architectures": {
            "vn": {"keyset": "keys", "entities": entities, "certs": certs, "services": services},
        },
    }  # fmt: skip


# --- the token ---------------------------------------------------------------------------------
class TokenRig:
    """SoftHSM in a folder behind the rough module; processes started from here reach it by the environment."""

    def __init__(self, folder: Path, module: Path) -> None:
        self.folder, self.module = folder, module
        self._rough = folder / "rough"
        for name in ("tokens", "rough"):
            (folder / name).mkdir(parents=True)
        words = f"directories.tokendir = {folder / 'tokens'}\nslots.removable = true\nlog.level = ERROR\n"
        (folder / "softhsm.conf").write_text(words)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "SOFTHSM2_CONF": str(self.folder / "softhsm.conf"),
            "SOFTHSM_MODULE": next(path for path in SOFTHSM if Path(path).exists()),
            "ROUGH_TOKEN": str(self._rough),
        }

    def token(self, label: str = "clerk01") -> TokenRig:
        """Put an empty token in."""
        self._softhsm("--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN)
        return self

    def certificate(self, der: bytes, key: Path | None, *, id: str = "01", label: str = "clerk01") -> TokenRig:
        """Put a certificate, and its key, on the token."""
        if key is not None:
            self._softhsm("--import", str(key), "--token", label, "--label", "khoa", "--id", id, "--pin", PIN)
        path = self.folder / f"{id}.der"
        path.write_bytes(der)
        tool = [
            "pkcs11-tool",
            "--module",
            self.environ["SOFTHSM_MODULE"],
            "--token-label",
            label,
            "--login",
            "--pin",
            PIN,
        ]
        self._run([*tool, "--write-object", str(path), "--type", "cert", "--id", id, "--label", "chung thu"])
        return self

    def says(self, name: str, words: str = "") -> None:
        """What the rough module is to do from now on."""
        (self._rough / name).write_text(words)

    def no_more(self, name: str) -> None:
        (self._rough / name).unlink(missing_ok=True)

    @property
    def made(self) -> int:
        """Signatures that the token made."""
        return self._count("made")

    @property
    def tries(self) -> int:
        """Wrong PINs since the last right one."""
        return self._count("tries")

    def _count(self, name: str) -> int:
        path = self._rough / name
        return path.stat().st_size if path.exists() else 0

    @property
    def gate(self) -> Path:
        return self._rough / "gate"

    def _softhsm(self, *words: str) -> None:
        self._run(["softhsm2-util", *words])

    def _run(self, words: list[str]) -> None:
        done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **self.environ}, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def built(folder: Path) -> Path:
    """The rough module, compiled; skips with the reason where that cannot be."""
    for program in ("softhsm2-util", "pkcs11-tool", "gcc"):
        if not shutil.which(program) or sys.platform != "linux":
            pytest.skip(f"{program} is not installed, or not Linux")
    module, source = folder / "rough_token.so", Path(__file__).with_name("rough_token.c")
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", module, source, "-ldl"], check=True)
    return module
