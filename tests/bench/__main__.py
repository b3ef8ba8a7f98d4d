"""All benches in one run and one table: `python -m tests.bench [--size N] [--only NAME …] [--save]`."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import (
    bag_scans,
    call_speed,
    custody,
    decoding,
    devices,
    digitising,
    draining,
    figures,
    finding,
    gate_speed,
    line_bytes,
    ocr_speed,
    receiving,
    sending,
    sign_speed,
    starting,
)
from tests.bench.cluster import cluster
from tests.bench.figures import ROOT, Figure

FULL = 1_000_000
NAMES = (
    "receiving",
    "slow-disk",
    "draining",
    "starting",
    "finding",
    "bytes",
    "printing",
    "scanning",
    "idling",
    "digitising",
    "gate",
    "signing",
    "reading",
    "calls",
    "upload",
    "handing-off",
    "custody",
    "decoding",
    "bag-scans",
)
NO_SERVER = Figure("PostgreSQL", "skipped", note="its initdb and postgres are not installed")


class Run:
    """One run of the benches: its size, its folders, what it has measured."""

    def __init__(self, size: int, folder: Path, cache: Path) -> None:
        self.size, self.folder, self.cache = size, folder, cache
        self.full = size >= FULL // 10

    def receiving(self) -> list[Figure]:
        """Receipts over the API against bare commits, on the disk as it is."""
        made = self._received("receiving", 0, block=100 if self.full else 40)
        commits = receiving.commits_per_receipt(self.place("commits"))
        exact = Figure("commits in the log per receipt", str(commits), "= 1", commits == 1)
        return [*made, exact]

    def slow_disk(self) -> list[Figure]:
        """The same with 10 ms more for each sync to disk, on both sides."""
        return self._received("slow-disk", 10, block=50 if self.full else 20)

    def _received(self, name: str, pause: int, *, block: int) -> list[Figure]:
        shim = self._shim(pause)
        if pause and not shim:
            return [
                Figure("receive with 10 ms added to each sync", "skipped", note="gcc is not installed, or not Linux")
            ]
        label = f"{pause} ms added to each sync" if pause else "disk as it is"
        return receiving.measure(self.place(name), block=block, rounds=7 if self.full else 5, shim=shim, label=label)

    def _shim(self, pause: int) -> dict[str, str]:
        """The environment that loads the slow disk's library; empty where it cannot be built."""
        built = self.folder / "slow_disk.so"
        compiler = shutil.which("gcc")
        if not sys.platform.startswith("linux") or compiler is None:
            return {}
        source = str(Path(__file__).with_name("slow_disk.c"))
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(built), source, "-ldl"], check=True)
        return {"LD_PRELOAD": str(built), "SLOW_DISK_MS": str(pause)}

    def draining(self) -> list[Figure]:
        """A clerk beside a busy worker, on both databases."""
        made = draining.measure(self.place("drained-sqlite"))
        with cluster(self.folder / "cluster") as server:
            return made + (draining.measure(self.place("drained-postgresql"), server) if server else [NO_SERVER])

    def starting(self) -> list[Figure]:
        """Start-up and memory of `serve`."""
        return starting.measure(self.place("started"))

    def finding(self) -> list[Figure]:
        """Queue and search among very many, on both databases."""
        made = finding.measure(finding.crowded_sqlite(self.cache, self.size))
        with cluster(self.cache / "cluster") as server:
            if server is None:
                return [*made, NO_SERVER]
            url = finding.crowded_postgresql(server, self.size, self.place("loading"))
            return made + finding.measure(self.place("crowded"), url=url)

    def bytes(self) -> list[Figure]:
        """Bytes on the line for one dossier."""
        return line_bytes.measure(self.place("line"))

    def printing(self) -> list[Figure]:
        """From "print" to the last byte at a simulated printer, in each language."""
        return devices.printing(self.place("printing"))

    def scanning(self) -> list[Figure]:
        """From a reader's byte to the screen's event stream, on both databases."""
        made = devices.scanning(self.place("scanned-sqlite"))
        with cluster(self.folder / "scans-cluster") as server:
            return made + (devices.scanning(self.place("scanned-postgresql"), server) if server else [NO_SERVER])

    def idling(self) -> list[Figure]:
        """Processor time of `serve` with eight devices that have nothing to do."""
        return devices.idling(self.place("idling"))

    def digitising(self) -> list[Figure]:
        """Pages to signed copies in the vault, beside OCRmyPDF."""
        return digitising.measure()

    def gate(self) -> list[Figure]:
        """The gate's look at a page, codes included."""
        return gate_speed.measure()

    def signing(self) -> list[Figure]:
        """Twenty papers signed in one act, beside pyHanko's default P12 way."""
        return sign_speed.measure()

    def reading(self) -> list[Figure]:
        """Two-layer copies of Vietnamese pages beside OCRmyPDF."""
        return ocr_speed.measure(20 if self.full else 12, 3 if self.full else 1)

    def calls(self) -> list[Figure]:
        """Small calls to a province beside zeep's default transport, node's soap and PHP."""
        return call_speed.measure()

    def upload(self) -> list[Figure]:
        """20 MB of files to the province: memory, and speed beside a bare copy."""
        return sending.measure_upload(self.place("upload"))

    def handing_off(self) -> list[Figure]:
        """Claim, send, verify the receipt, settle, beside the bare commits of both ledgers."""
        return sending.measure_pipeline(self.place("handing-off"))

    def decoding(self) -> list[Figure]:
        """Hard camera frames through the courier's decoder in Chromium."""
        return decoding.measure()

    def bag_scans(self) -> list[Figure]:
        """The page after a scan into a bag, in Chromium."""
        return bag_scans.measure(self.place("bag-scans"))

    def custody(self) -> list[Figure]:
        """A phone's 5,000 events in one go, a long item, who holds what; on both databases."""
        made = custody.measure(self.place("custody-sqlite"), full=self.full)
        with cluster(self.folder / "custody-cluster") as server:
            if server is None:
                return [*made, NO_SERVER]
            return made + custody.measure(self.place("custody-postgresql"), full=self.full, url=server)

    def place(self, name: str) -> Path:
        """A fresh folder of this run."""
        made = self.folder / name
        made.mkdir()
        return made


def main() -> int:
    """Run what was asked for; 1 when a figure misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", type=int, default=FULL, help="dossiers to search among")
    parser.add_argument("--only", action="append", choices=NAMES, help="one bench; may be repeated")
    parser.add_argument("--save", action="store_true", help="write docs/results/bench-<date>.md")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "postal-bench-cache")
    asked = parser.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    with _folder() as folder:
        measured = list(_measured(Run(asked.size, folder, asked.cache), asked.only or NAMES))
    command = f"make bench N={asked.size}" + "".join(f" --only {name}" for name in asked.only or ())
    text = figures.table([figure for _, some in measured for figure in some])
    loads = ", ".join(f"{name} {words}" for name, words in ((name, one) for (name, one), _ in measured))
    text += f"\n\nLoad of the machine (1 and 5 minutes) after each: {loads}."
    print(text)
    if asked.save:
        print(f"\nSaved: {figures.save(ROOT / 'docs' / 'results', text, command)}")
    return 0 if all(figure.holds is not False for _, some in measured for figure in some) else 1


def _measured(run: Run, names: tuple[str, ...] | list[str]) -> Iterator[tuple[tuple[str, str], list[Figure]]]:
    for name in names:
        bench: Callable[[], list[Figure]] = getattr(run, name.replace("-", "_"))
        began = time.perf_counter()
        print(f"▸ {name}: {(bench.__doc__ or '').strip()}", file=sys.stderr, flush=True)
        made = bench()
        print(f"  {time.perf_counter() - began:.0f} s; load {figures.load()}", file=sys.stderr, flush=True)
        yield (name, figures.load()), made


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one run; PostgreSQL's unprivileged user may pass through it."""
    with tempfile.TemporaryDirectory(prefix="postal-bench-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


if __name__ == "__main__":
    sys.exit(main())
