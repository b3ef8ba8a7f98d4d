"""How well and how fast Vietnamese pages are read: letters wrong by page, and processor time beside OCRmyPDF.

`python tests/bench/ocr_speed.py [--pages N] [--speed N] [--ocrmypdf PROGRAM] [--save]`; OCRmyPDF is no dependency:
it is used where it is found, with Debian's tesseract-ocr and ghostscript.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from figures import Figure, at_most, load, processor_seconds, table  # noqa: E402

from agent.documents.digitiser import PageDigitiser  # noqa: E402
from agent.documents.helper import HelperDigitiser  # noqa: E402
from agent.ports import PageImage  # noqa: E402
from agent.ports_text import PageText  # noqa: E402
from tests.vietnamese_pages import DPI, KINDS, Drawn, error_rate, faces, page  # noqa: E402

AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
LIMITS = {"clean": 0.5, "noisy": 2.0, "skewed": 2.0}  # per cent of characters
LIMIT_TIMES, LIMIT_MB, LIMIT_MM = 3.0, 350.0, 2.0
LONG = 600.0


@dataclass(frozen=True)
class Score:
    """How one page was read."""

    face: str
    kind: str
    seed: int
    letters: int
    wrong: float  # per cent
    near: float  # share of words within LIMIT_MM
    confidence: float
    seconds: float


def measure_reading(count: int) -> tuple[list[Score], int]:
    """`count` pages of each face and kind; and the readers' largest resident memory in kB."""
    digitiser, own, scores, peak = HelperDigitiser(readers=1), PageDigitiser(), list[Score](), 0
    for face in faces():
        for kind in KINDS:
            for seed in range(1, count + 1):
                drawn = page(seed, face=face, kind=kind)
                (image,) = own.read_bytes("page.jpg", drawn.jpeg())
                text = digitiser.read_text(image, seconds=LONG)
                wrong = 100 * error_rate(drawn.text, text.text)
                facts = (len(drawn.text), wrong, near(drawn, text), text.confidence, text.seconds)
                scores.append(Score(face, kind, seed, *facts))
    for pid in digitiser.reader_pids():
        peak = max(peak, resident(pid))
    digitiser.close()
    return scores, peak


def near(drawn: Drawn, text: PageText) -> float:
    """The share of the words read right whose start lies within LIMIT_MM of where it was drawn."""
    wanted = [word for line in drawn.lines for word in line.words]
    alike = SequenceMatcher(None, [word[0] for word in wanted], [word.text for word in text.words], autojunk=False)
    hits = []
    for a, b, size in alike.get_matching_blocks():
        for (_, left, base, _), word in zip(wanted[a : a + size], text.words[b : b + size], strict=True):
            x, y = drawn.place(left, base)
            hits.append(max(abs(word.x - x), abs(word.y - y)) <= LIMIT_MM / 25.4 * DPI)
    return sum(hits) / max(1, len(hits))


def resident(pid: int) -> int:
    """A process's largest resident memory so far in kB (Linux)."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0])


def our_way(pages: Sequence[PageImage], readers: int) -> tuple[float, float, bytes]:
    """Processor and wall seconds of all processes from judged pages to the two-layer PDF/A, starts too; the PDF."""
    digitiser = HelperDigitiser(readers=readers, size=1)
    mine, began = time.process_time(), time.monotonic()
    with ThreadPoolExecutor(readers) as crew:
        texts = list(crew.map(lambda each: digitiser.read_text(each, seconds=LONG), pages))
    copy = digitiser.with_text(digitiser.copy(pages, title="Hồ sơ", at=AT), texts)
    wall, spent = time.monotonic() - began, time.process_time() - mine
    spent += sum(processor_seconds(pid) for pid in (*digitiser.pids(), *digitiser.reader_pids()))
    digitiser.close()
    return spent, wall, copy.pdf


def their_way(program: str, pdf: bytes, jobs: int) -> tuple[float, float, bytes]:
    """The same for OCRmyPDF from a PDF of the same images."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "in.pdf", Path(folder) / "out.pdf"
        source.write_bytes(pdf)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        command = [program, "-q", "-l", "vie", "--output-type", "pdfa", "-j", str(jobs), str(source), str(made)]
        subprocess.run(command, check=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"})
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return spent, wall, made.read_bytes()


def measure(count: int, rounds: int) -> list[Figure]:
    """The speed alone, for the one table of all benches."""
    return measure_speed(count, shutil.which(os.environ.get("OCRMYPDF", "ocrmypdf")), rounds)


def measure_speed(count: int, program: str | None, rounds: int) -> list[Figure]:
    """Processor time a page, turn about in one run."""
    import img2pdf

    kinds, names = ("noisy", "clean", "skewed"), list(faces())
    drawn = [page(70 + n, face=names[n % len(names)], kind=kinds[n % 3]) for n in range(count)]
    jpegs = [each.jpeg() for each in drawn]
    own = PageDigitiser()
    pages = [own.read_bytes(f"{n}.jpg", data)[0] for n, data in enumerate(jpegs)]
    source = img2pdf.convert(jpegs)
    ours, theirs, sizes = list[float](), list[float](), (0, 0)
    walls, cores = list[float](), os.cpu_count() or 1
    for _ in range(rounds):
        spent, wall, made = our_way(pages, cores)
        ours.append(spent / count)
        walls.append(wall / count)
        if program:
            spent, _, other = their_way(program, source, cores)
            theirs.append(spent / count)
            sizes = len(made), len(other)
    each = statistics.median(ours)
    figures = [
        Figure(
            "two-layer PDF/A, ours: processor a page", f"{each:.3f} s", note=f"{count} colour pages, {rounds} rounds"
        ),
        Figure(f"pages a minute, {cores} readers", f"{60 / statistics.median(walls):.0f}", note=f"load {load()}"),
        Figure(
            f"pages a minute that {cores} cores read, by processor time",
            f"{cores * 60 / each:.0f}",
            note=f"a feeder of 30 pages a minute {cores * 2 / each:.1f} times over; four fifths is the network's",
        ),
    ]
    if theirs:
        other = statistics.median(theirs)
        times = other / each
        figures += [
            Figure("OCRmyPDF -l vie --output-type pdfa: processor a page", f"{other:.3f} s", note=version(program)),
            Figure(
                "times as much", f"{times:.2f}", f">= {LIMIT_TIMES:g}", times >= LIMIT_TIMES, "same run, turn about"
            ),
            Figure("kB a page, ours / OCRmyPDF", f"{sizes[0] / count / 1000:.0f} / {sizes[1] / count / 1000:.0f}"),
        ]
    else:
        figures.append(Figure("OCRmyPDF", "skipped", note="its program was not found; --ocrmypdf names one"))
    return figures


def version(program: str | None) -> str:
    """What the program says of itself."""
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"version {said}"


def judged(scores: Sequence[Score]) -> list[Figure]:
    """The scores by kind, as figures with limits."""
    figures = []
    for kind in KINDS:
        rows = [score for score in scores if score.kind == kind]
        whole = sum(row.wrong * row.letters for row in rows) / sum(row.letters for row in rows)
        worst = max(row.wrong for row in rows)
        figures.append(Figure(
            f"wrong letters, {kind}", f"{whole:.2f} %", f"<= {LIMITS[kind]:g} %", whole <= LIMITS[kind],
            f"{len(rows)} pages, worst page {worst:.2f} %",
        ))  # fmt: skip
    place = statistics.mean(row.near for row in scores)
    figures.append(Figure("words read right that lie within 2 mm", f"{place:.2%}"))
    seconds = statistics.median(row.seconds for row in scores)
    figures.append(Figure("processor time to read a page, median", f"{seconds:.2f} s"))
    return figures


def by_page(scores: Sequence[Score]) -> str:
    """Every page, as a table."""
    lines = ["| face | kind | page | letters | wrong % | within 2 mm | confidence |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {r.face} | {r.kind} | {r.seed} | {r.letters} | {r.wrong:.2f} | {r.near:.1%} | {r.confidence:.0f} |"
        for r in scores
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Measure, say, and with --save write docs/results/ocr-<date>.md; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3, help="pages of each face and kind")
    parser.add_argument("--speed", type=int, default=20, help="pages of the comparison")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ocrmypdf", default=shutil.which("ocrmypdf"))
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args(arguments)
    scores, peak = measure_reading(given.pages)
    figures = judged(scores)
    figures.append(at_most("a reader's peak resident memory", peak / 1024, LIMIT_MB, "MB"))
    figures += measure_speed(given.speed, given.ocrmypdf, given.rounds)
    now, plain = datetime.now(UTC), [word for word in arguments if "/" not in word]
    command = " ".join(("python tests/bench/ocr_speed.py", *plain))
    text = "\n\n".join([
        f"# Vietnamese text of pages, {now:%Y-%m-%d %H:%M} UTC",
        f"`{command}`, load at the end {load()}; others worked on the machine too, which makes both ways dearer alike.",
        table(figures),
        "Pages are drawn by tests/vietnamese_pages.py: A4 at 300 dpi, 13 point, JPEG 75. Noisy: cream paper with\n"
        "grain, a shadow, dust, grey ink, a red seal. Skewed: the same turned by 0.7 to 3 degrees. White space counts\n"
        "once, accents always. Processor time is that of all processes, their starts included.",
        by_page(scores),
    ])  # fmt: skip
    sys.stdout.write(text + "\n")
    if given.save:
        (ROOT / "docs" / "results" / f"ocr-{now:%Y-%m-%d}.md").write_text(text + "\n", encoding="utf-8")
    return int(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
