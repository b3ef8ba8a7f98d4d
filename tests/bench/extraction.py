"""How well values are taken from papers: `python -m tests.bench.extraction [--seeds 3] [--only gks …] [--save]`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources

from agent.documents.digitiser import PageDigitiser
from agent.domain.extraction import SURE, PageCode, PageWords, Rules
from agent.domain.extraction_take import take
from agent.domain.extraction_toml import parse_rules
from tests.bench.figures import ROOT, Figure, at_least, at_most, load, table
from tests.sample_papers import FACES, KINDS, MAKERS, Paper, make

FIRST_SEED = 500  # the rules were made with smaller ones
TODAY = date(2026, 11, 29)


@dataclass(frozen=True)
class Outcome:
    """What became of one field of one page."""

    kind: str
    way: str
    face: str
    seed: int
    field: str
    wanted: str
    got: str
    confidence: int

    @property
    def result(self) -> str:
        if not self.got:
            return "empty"
        same = self.got.casefold() == self.wanted.casefold()  # a QR writes a name small that is printed large
        return "right" if same else "wrong"

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


def rules() -> Rules:
    """The program's own."""
    return parse_rules(resources.files("agent.domain").joinpath("data", "extraction.toml").read_text(encoding="utf-8"))


def outcomes(
    kinds: Sequence[str], seeds: Sequence[int], digitiser: PageDigitiser, spent: Counter[str]
) -> Iterator[Outcome]:  # fmt: skip
    """Draw, read and take; a face a seed, in turn."""
    faces, known = list(FACES), rules()
    for kind in kinds:
        for seed in seeds:
            for way in KINDS:
                face = faces[seed % len(faces)]
                paper = make(kind, seed, face=face, way=way)
                page, began = words_of(paper, digitiser), time.process_time()
                taken = take(known, paper.kind, [page], today=TODAY)
                spent["taking"] += round(1e6 * (time.process_time() - began))
                spent["pages"] += 1
                for field, wanted in paper.truth.items():
                    found = taken.values.get(field)
                    got, sure = (found.value, found.confidence) if found else ("", 0)
                    yield Outcome(kind, way, face, seed, field, wanted, got, sure)


def words_of(paper: Paper, digitiser: PageDigitiser) -> PageWords:
    """The page's words and codes by the real readers."""
    image = digitiser.read_bytes("page.jpg", paper.jpeg)[0]
    text = digitiser.read_text(image)
    codes = [PageCode(one["kind"], one["text"], tuple(one["box"])) for one in digitiser.read_codes(image)]
    return PageWords("page", image.width, image.height, text.angle, text.words, codes)


def summary(found: Sequence[Outcome], spent: Counter[str]) -> list[Figure]:
    """The shares with their limits."""
    figures = []
    for way in KINDS:
        mine = [one for one in found if one.way == way]
        if not mine:
            continue
        count = Counter(one.result for one in mine)
        right, wrong, empty = (count[name] / len(mine) for name in ("right", "wrong", "empty"))
        limit = {"clean": 0.95, "noisy": 0.85, "skewed": 0.85}[way]
        note = f"{len(mine)} fields; wrong {wrong:.1%}, empty {empty:.1%}"
        figures.append(at_least(f"fields right, {way}", right, limit, note))
    sure = [one for one in found if one.sure]
    lies = [one for one in sure if one.result == "wrong"]
    figures.append(at_least("right fields that one key confirms", _share(sure, found), 0.6))
    note = f"{len(lies)} of {len(sure)}: " + "; ".join(f"{one.kind} {one.field}" for one in lies) if lies else ""
    figures.append(at_most("wrong among the sure", 100 * len(lies) / max(1, len(sure)), 0.5, "%", note))
    figures.append(at_most("taking, a page, processor", spent["taking"] / 1e3 / max(1, spent["pages"]), 150, "ms"))
    return figures


def _share(sure: Sequence[Outcome], found: Sequence[Outcome]) -> float:
    right = [one for one in found if one.result == "right"]
    return sum(one.result == "right" for one in sure) / max(1, len(right))


def by_kind(found: Sequence[Outcome]) -> str:
    """A table of the shares of each type, and every field that was wrong."""
    rows = [
        "| type | way | fields | right | wrong | empty | sure | wrong and sure |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(one.kind for one in found):
        for way in KINDS:
            mine = [one for one in found if (one.kind, one.way) == (kind, way)]
            count = Counter(one.result for one in mine)
            lies = sum(one.sure and one.result == "wrong" for one in mine)
            sure = sum(one.sure for one in mine)
            cells = (kind.upper(), way, len(mine), count["right"], count["wrong"], count["empty"], sure, lies)
            rows.append("| " + " | ".join(map(str, cells)) + " |")
    rows += ["", "Wrong ones (what was read → what stands there, confidence):", ""]
    rows += [
        f"- {one.kind} {one.way} {one.face} {one.field}: {one.got} → {one.wanted} ({one.confidence})"
        for one in found
        if one.result == "wrong"
    ]
    return "\n".join(rows)


def main() -> int:
    """Run what was asked for; 1 when a figure misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.extraction", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="papers of each type, each clean, noisy and skewed")
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--only", action="append", choices=MAKERS)
    parser.add_argument("--save", action="store_true", help="write docs/results/extraction-<date>.md")
    asked = parser.parse_args()
    os.nice(5)
    spent: Counter[str] = Counter()
    seeds = range(asked.first, asked.first + asked.seeds)
    found = list(outcomes(asked.only or MAKERS, seeds, PageDigitiser(), spent))
    text = table(summary(found, spent)) + "\n\n" + by_kind(found)
    print(text)
    if asked.save:
        now = datetime.now(UTC)
        path = ROOT / "docs" / "results" / f"extraction-{now:%Y-%m-%d}.md"
        head = (
            f"# Values taken from papers, {now:%Y-%m-%d %H:%M} UTC\n\n"
            f"`python -m tests.bench.extraction --first {asked.first} --seeds {asked.seeds}`, load {load()}. "
            "Drawn papers of made-up people "
            f"(tests/sample_papers.py), A4 at 200 dpi, a face a seed out of {len(FACES)}; none of these seeds was used "
            "to make the rules. Read by the product's own reader; nothing is known of the dossier's people, who would "
            "make more of it sure. Right is letter by letter, accents included.\n\n"
        )
        path.write_text(head + text + "\n", encoding="utf-8")
        print(f"\nSaved: {path}")
    return 0 if all(figure.holds is not False for figure in summary(found, spent)) else 1


if __name__ == "__main__":
    sys.exit(main())
