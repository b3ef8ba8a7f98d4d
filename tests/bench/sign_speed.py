"""How fast a batch of papers is signed: one token session or one opened key, beside pyHanko's default P12 way."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from figures import Figure, load, table  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from agent.documents.demo_ca import DemoAuthority  # noqa: E402
from agent.documents.digitiser import PageDigitiser  # noqa: E402
from agent.documents.key_source import KeySource  # noqa: E402
from agent.documents.signing import DemoSigners  # noqa: E402
from agent.documents.signing_rules import Rules  # noqa: E402

AT = datetime.now(UTC).replace(microsecond=0)
BATCH, LIMIT_TIMES, PIN = 20, 4.0, "730519"
STAMP = ["BẢN SAO ĐIỆN TỬ", "Bưu cục Tây Hồ", "Trần Lan Anh", AT.isoformat()]


class Stands:
    """A clock that stands."""

    def now(self) -> datetime:
        return AT


def paper(number: int) -> bytes:
    """A one-page copy of a 300-dpi colour scan of a letter."""
    image = Image.new("RGB", (2480, 3508), "white")
    pen = ImageDraw.Draw(image)
    pen.text((1400, 300), f"CỘNG HÒA {number}", fill="black", font_size=48)
    for row in range(700, 3200, 66):
        pen.text((240, row), f"Dòng {row} của tờ số {number}, " * 4, fill=(20, 20, 40), font_size=40)
    out, own = io.BytesIO(), PageDigitiser()
    image.save(out, "JPEG", dpi=(300, 300), quality=80)
    return own.copy(own.read_bytes("a.jpg", out.getvalue()), title="Tờ khai", at=AT).pdf


def plain_way(p12: Path, password: str) -> Callable[[bytes], bytes]:
    """The documented way with a P12: load it, sign with a text stamp in a fixed box, size estimated."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.stamp import TextStampStyle

    def sign(pdf: bytes) -> bytes:
        signer = SimpleSigner.load_pkcs12(p12, passphrase=password.encode())
        meta = PdfSignatureMetadata(field_name="Signature1", subfilter=SigSeedSubFilter.PADES)
        field = SigFieldSpec("Signature1", box=(380, 760, 580, 830))
        style = TextStampStyle(stamp_text="%(signer)s\n%(ts)s")
        made = PdfSigner(meta, signer, stamp_style=style, new_field_spec=field)
        signed: bytes = made.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()
        return signed

    return sign


def token_source(folder: Path, authority: DemoAuthority) -> KeySource:
    """A clerk's key on a token of SoftHSM; its conf goes into the environment, for this process and its children."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    module = next(Path("/usr/lib").rglob("libsofthsm2.so"))
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    p12, password = authority.p12("Trần Lan Anh", "clerk")
    key, certificate, others = pkcs12.load_key_and_certificates(p12, password.encode())
    assert key and certificate
    (folder / "key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "der").write_bytes(certificate.public_bytes(Encoding.DER))
    pins = ["--so-pin", "12345678", "--pin", PIN]
    tool = ["pkcs11-tool", "--module", str(module), "--login", "--pin", PIN, "--write-object", str(folder / "der")]
    for words in (
        ["softhsm2-util", "--init-token", "--free", "--label", "bench", *pins],
        [
            "softhsm2-util",
            "--import",
            str(folder / "key"),
            "--token",
            "bench",
            "--label",
            "k",
            "--id",
            "01",
            "--pin",
            PIN,
        ],
        [*tool, "--token-label", "bench", "--type", "cert", "--id", "01"],
    ):
        subprocess.run(words, check=True, capture_output=True)
    chain = tuple(other.public_bytes(Encoding.PEM) for other in others)
    rules = Rules(revocation="off", chain=chain)
    return KeySource(authority=folder / "ca", module=module, roots=(authority.root_pem,), rules=rules)


def token_way(folder: Path, authority: DemoAuthority) -> Callable[[bytes], bytes]:
    """The product's way with a token: SoftHSM, one session."""
    signer = token_source(folder, authority).open(Stands()).of("lananh", "Trần Lan Anh", pin=PIN)
    return lambda pdf: signer.sign_pdf(pdf, at=AT, reason="Sao", stamp=STAMP).pdf


def milliseconds(sign: Callable[[bytes], bytes], papers: list[bytes]) -> float:
    """Processor time per paper of one batch, all threads."""
    began = time.process_time()
    for pdf in papers:
        sign(pdf)
    return (time.process_time() - began) * 1000 / len(papers)


def measure() -> list[Figure]:
    """The ways in turn, three batches each; medians of processor time per paper."""
    with tempfile.TemporaryDirectory(prefix="postal-sign-") as made:
        folder = Path(made)
        authority = DemoAuthority.open(folder / "ca", at=AT)
        p12, password = authority.p12("Trần Lan Anh", "clerk")
        (folder / "plain.p12").write_bytes(p12)
        key = DemoSigners(authority, Stands(), rules=Rules(revocation="off")).of("", "Trần Lan Anh")
        ways: dict[str, Any] = {
            "pyHanko's default P12 way": plain_way(folder / "plain.p12", password),
            "token, one session": token_way(folder, authority),
            "P12 opened once": lambda pdf: key.sign_pdf(pdf, at=AT, reason="Sao", stamp=STAMP).pdf,
        }
        papers = [paper(number) for number in range(BATCH)]
        for sign in ways.values():
            sign(papers[0])
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(3):
            for name, sign in ways.items():
                took[name].append(milliseconds(sign, papers))
    plain, *ours = (statistics.median(each) for each in took.values())
    figures = [Figure("pyHanko's default P12 way, CPU a paper", f"{plain:.1f} ms")]
    for name, each in zip(list(ways)[1:], ours, strict=True):
        times = plain / each
        figures.append(
            Figure(
                f"{name}, stamp placed in clear space, CPU a paper", f"{each:.1f} ms ({times:.1f} x)",
                f">= {LIMIT_TIMES:g} x", times >= LIMIT_TIMES,
            )
        )  # fmt: skip
    return figures


def main() -> int:
    """Print the table; 1 when a figure misses its limit."""
    figures = measure()
    print(table(figures))
    print(f"\nload {load()}")
    return int(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
