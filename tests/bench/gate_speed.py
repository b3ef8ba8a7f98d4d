"""How long the gate looks at a page, codes included: decode, codes, looks, verdict, of 300 dpi A4 JPEG in colour."""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from figures import Figure, at_most, load, middle, percentile, table  # noqa: E402

from agent.documents.pages import read_bytes  # noqa: E402
from tests import vietnamese_pages  # noqa: E402

LIMIT_MS, PAGES, ROUNDS = 60.0, 12, 3


def stack() -> list[bytes]:
    """Pages in every face and kind that this machine has, noisy ones with a red seal; every fourth a cover sheet."""
    from tests.unit.test_pages_sight import cover

    faces = list(vietnamese_pages.faces())
    made = []
    for number in range(PAGES):
        if number % 4 == 3:
            made.append(vietnamese_pages.encoded(cover(), "JPEG", quality=75))
            continue
        kind = vietnamese_pages.KINDS[number % 3]
        made.append(vietnamese_pages.page(number, face=faces[number % len(faces)], kind=kind).jpeg())
    return made


def measure() -> list[Figure]:
    """Processor time of each page, the median and the slowest tenth."""
    pages, took = stack(), []
    read_bytes("warm.jpg", pages[0])
    for _ in range(ROUNDS):
        for raw in pages:
            start = time.process_time()
            (page,) = read_bytes("a.jpg", raw)
            took.append((time.process_time() - start) * 1000)
            assert page.seen["needs"]
    size = sum(map(len, pages)) // len(pages) // 1000
    note = f"{PAGES} pages of {size} kB, p90 {percentile(took, 0.9):.1f} ms"
    return [at_most("gate and codes, processor time a page, median", middle(took), LIMIT_MS, "ms", note)]


def main() -> int:
    """Print the table; 1 when a figure misses its limit."""
    figures = measure()
    print(table(figures))
    print(f"\nload {load()}")
    return int(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
