"""Starts the sandbox province as a real process for tests, and makes dossiers to hand it."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import importlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from agent.clock import SystemClock
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
    canonical_json,
    digest,
)
from agent.domain.dossier import PaperForm, ReturnWay
from agent.settings import Sandbox as SandboxSettings
from agent.soap.gateway import SoapGateway

ROOT = Path(__file__).resolve().parents[2]
OFFICE, PROCEDURE = "BC-TAYHO", "1.001193"


def signer() -> Any:
    """A throw-away key that makes detached CMS signatures."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs7

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tỉnh tập huấn TRAINING")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + dt.timedelta(days=3650))
    certificate = builder.sign(key, hashes.SHA256())

    def sign(data: bytes) -> bytes:
        made = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(certificate, key, hashes.SHA256())
        return made.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])

    return sign


class Sandbox:
    """One sandbox process over `folder`; use as a context manager."""

    def __init__(
        self, folder: Path, *, faults: str = "", desk: str = "", port: int = 0, office: str = "", demands: str = ""
    ) -> None:
        self.folder = folder
        self._command = [sys.executable, "-m", "tests.contract.sandbox_process", str(folder), "--port", str(port)]
        self._command += ["--faults", faults, "--desk", desk, "--office", office, "--demands", demands]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        self.endpoint = self.process.stdout.readline().strip()
        assert "://127.0.0.1:" in self.endpoint, "the sandbox did not start"

    @property
    def base(self) -> str:
        return self.endpoint.removesuffix("/soap/tthc")

    def gateway(self, *, read_timeout: float = 10.0, **protection: Any) -> SoapGateway:
        return SoapGateway(self.endpoint, connect_timeout=2.0, read_timeout=read_timeout, **protection)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)

    def resident_kilobytes(self) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(text.partition("VmHWM:")[2].split()[0])

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_given: object) -> None:
        if self.process.poll() is None:
            self.kill()
        if self.process.stdout:
            self.process.stdout.close()


def wait_for(condition: Any, *, seconds: float = 10.0) -> None:
    """Poll until the condition holds; fail after the limit."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "the condition did not come true in time"
        time.sleep(0.01)


def page(text: str = "trang 1") -> bytes:
    return f"%PDF-1.7 {text}\n".encode() * 40


def dossier(name: str = "T1-0001", *, files: tuple[bytes, ...] = (page(),), **changes: Any) -> CanonicalDossier:
    held = tuple(
        CanonicalFile(hashlib.sha256(data).hexdigest(), f"giay-{n}.pdf", len(data), 1, "application/pdf")
        for n, data in enumerate(files)
    )
    component = CanonicalComponent(
        "000.00.00.G15-KQ0001", "Giấy chứng sinh", PaperForm.ORIGINAL, 1, 1, Handling.KEEP_FORWARD, files=held
    )
    values: dict[str, Any] = {
        "salt": "00112233445566778899aabbccddeeff",
        "provisional": name,
        "procedure": CanonicalProcedure(PROCEDURE, 1),
        "agency": "H26.019.02",
        "office": OFFICE,
        "terminal": "T1",
        "channel": Channel.POSTAL,
        "received_at": "2026-11-21T01:30:00Z",
        "return_way": ReturnWay.COURIER,
        "due_at": "2026-11-25T10:00:00Z",
        "content": "Đăng ký khai sinh cho con <&\n thứ hai",
        "owner": CanonicalParty(PartyKind.PERSON, "Nguyễn Thị Thử", "cccd", "001199000001", "1999-02-03", "female"),
        "submitter": CanonicalParty(PartyKind.PERSON, "Trần Văn Mẫu", relation="Chồng"),
        "components": (component,),
        "fees": (CanonicalFee("LP01", "Lệ phí", FeeLedger.STATE, 8000, CollectedAt.RECEIPT, True),),
    }
    return CanonicalDossier(**{**values, **changes})


def supplement(name: str, round_: int, *, files: tuple[bytes, ...] = (page("bổ sung"),)) -> CanonicalSupplement:
    return CanonicalSupplement("ff" * 16, name, round_, components=dossier(files=files).components)


def delivery(name: str, *results: CanonicalResult) -> CanonicalDelivery:
    return CanonicalDelivery("ee" * 16, name, results=results)


def upload(gateway: SoapGateway, data: bytes, *, chunk: int = 65_536) -> str:
    name = hashlib.sha256(data).hexdigest()
    state = gateway.upload_state(name)
    while not state.complete:
        part = data[state.received : state.received + chunk]
        state = gateway.put_chunk(name, offset=state.received, total=len(data), data=part)
    return name


def submit(gateway: SoapGateway, value: CanonicalDossier, key: str = "") -> Any:
    payload = canonical_json(value)
    return gateway.submit(key=key or value.provisional, digest=digest(payload), dossier=payload)


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def post(url: str, body: bytes, content_type: str = "text/xml; charset=utf-8", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type, **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def main() -> None:
    from agent.soap.province.numbers import Rules
    from agent.soap.province.server import serve_sandbox
    from agent.soap.province.submissions import Submissions

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", default="")
    parser.add_argument("--desk", default="")
    parser.add_argument("--office", default="")
    parser.add_argument("--demands", default="", help="settings of [sandbox] as JSON")
    given = parser.parse_args()
    desk = Submissions
    if given.desk:
        module, _, name = given.desk.partition(":")
        desk = getattr(importlib.import_module(module), name)
    serve_sandbox(
        folder=given.folder,
        sign_bytes=signer(),
        now=SystemClock().now,
        port=given.port,
        faults=given.faults,
        rules=Rules(offices={given.office: "H26.019.02"} if given.office else {}),
        announce=lambda url: print(url, flush=True),
        desk=desk,
        asked=SandboxSettings(**json.loads(given.demands or "{}")),
    )


if __name__ == "__main__":
    main()
