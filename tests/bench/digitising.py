"""From page images to signed copies in the vault, everything included but OCR: time, processor, memory, bytes.

The product's own processes do it: pages are read and judged, copied to PDF/A, signed on a token and checked, and all is
stored, encrypted and synced. Peer: OCRmyPDF without OCR, PDF/A, in the same run; it is used where it is found.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from agent.documents.demo_ca import DemoAuthority
from agent.documents.helper import HelperDigitiser, HelperSigners
from agent.documents.vault import FileVault
from tests import vietnamese_pages
from tests.bench import sign_speed
from tests.bench.figures import Figure, at_most, middle, percentile, processor_seconds

AT = datetime.now(UTC).replace(microsecond=0)
CLERK, STACK, ROUNDS = "Trần Lan Anh", 20, 5
QUALITY = 45  # about 780 kB for a noisy page in colour with a seal
ONE_MS, EACH_MS, TIMES, HELPER_MB = 100.0, 50.0, 25.0, 350.0


class Chain:
    """Helpers, token and vault of one run."""

    def __init__(self, folder: Path) -> None:
        authority = DemoAuthority.open(folder / "ca", at=AT)
        self.digitiser = HelperDigitiser()
        self.signers = HelperSigners(sign_speed.token_source(folder, authority), sign_speed.Stands())
        self.signer = self.signers.of("lananh", CLERK, pin=sign_speed.PIN)
        self.vault, self.peak, self.sizes = FileVault(folder / "vault", os.urandom(32)), 0, dict[str, list[int]]()

    def digitise(self, raws: Sequence[bytes], *, title: str) -> tuple[float, float]:
        """Wall and processor seconds of one paper, all processes together."""
        began, before = time.monotonic(), self._spent()
        read = self.digitiser.read_all([(f"{n}.jpg", raw) for n, raw in enumerate(raws)])
        pages = [page for some in read for page in some]
        for page in pages:
            self.vault.put_as(page.sha256, page.raw)
        copy = self.digitiser.copy(pages, title=title, at=AT)
        self.vault.put(copy.pdf)
        assert copy.pages == len(raws)
        done = self.signer.sign_pdf(copy.pdf, at=AT, reason="Sao", stamp=sign_speed.STAMP)
        report = self.signers.check_pdf(done.pdf)
        assert report.valid, report.problems
        self.vault.put(done.pdf)
        took = time.monotonic() - began, self._spent() - before
        self.peak = max(self.peak, *(_largest(pid) for pid in self._pids()))
        return took

    def close(self) -> None:
        """End the helpers."""
        self.digitiser.close()
        self.signers.close()

    def _pids(self) -> list[int]:
        return [*self.digitiser.pids(), *self.signers.pids()]

    def _spent(self) -> float:
        return time.process_time() + sum(processor_seconds(pid) for pid in self._pids())


def measure() -> list[Figure]:
    """One page and twenty, and OCRmyPDF turn about with the twenty."""
    faces = list(vietnamese_pages.faces())
    raws = [
        vietnamese_pages.page(n, face=faces[n % len(faces)], kind="noisy").jpeg(quality=QUALITY) for n in range(STACK)
    ]
    with tempfile.TemporaryDirectory(prefix="postal-digitise-") as made:
        chain = Chain(Path(made))
        try:
            return _figures(chain, raws)
        finally:
            chain.close()


def _figures(chain: Chain, raws: Sequence[bytes]) -> list[Figure]:
    chain.digitise(raws[:1], title="warm")
    single = [chain.digitise([raw], title=f"Tờ {n}")[0] * 1000 for n, raw in enumerate(raws)]
    many, ours, theirs = list[float](), list[float](), list[float]()
    program = shutil.which(os.environ.get("OCRMYPDF", "ocrmypdf"))
    for n in range(ROUNDS):
        wall, spent = chain.digitise(raws, title=f"Tập {n}")
        many.append(wall * 1000 / len(raws))
        ours.append(spent / len(raws))
        if program and n < ROUNDS - 2:
            theirs.append(_their_way(program, raws) / len(raws))
    size = sum(map(len, raws)) // len(raws) // 1000
    figures = [
        at_most(
            "one page, image to stored signed copy, median", middle(single), ONE_MS, "ms",
            f"{size} kB colour, token, checked; p90 {percentile(single, 0.9):.0f} ms",
        ),
        at_most(f"{STACK} pages as one paper, a page", middle(many), EACH_MS, "ms", f"{ROUNDS} rounds"),
        at_most("largest helper, resident", chain.peak / 1024, HELPER_MB, "MB", "pages and signing"),
        Figure("the same, processor a page", f"{middle(ours) * 1000:.0f} ms", note="all processes"),
    ]  # fmt: skip
    if not theirs:
        return [*figures, Figure("OCRmyPDF without OCR", "skipped", note="not found; OCRMYPDF names its program")]
    times = middle(theirs) / middle(ours)
    return [
        *figures,
        Figure("OCRmyPDF without OCR, PDF/A, processor a page", f"{middle(theirs) * 1000:.0f} ms", note="unsigned"),
        Figure("times as much", f"{times:.1f}", f">= {TIMES:g}", times >= TIMES, "same run, turn about"),
    ]


def _their_way(program: str, raws: Sequence[bytes]) -> float:
    """Processor seconds of OCRmyPDF for a PDF of the same images."""
    import img2pdf

    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "in.pdf", Path(folder) / "out.pdf"
        source.write_bytes(img2pdf.convert(list(raws)))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = [program, "-q", "--ocr-engine", "none", "--output-type", "pdfa", "-j", "2", str(source), str(made)]
        subprocess.run(words, check=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _largest(pid: int) -> int:
    """A process's largest resident memory so far in kB (Linux)."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0])
