"""The long drill of feeds: `make feeds` draws them, feeds them under kill -9, answers, files, and reports what came."""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter as Tally
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.feed import As, Ask, Question, Target
from agent.domain.roles import Role
from agent.intake.feed_answers import accept, answer, count
from agent.intake.filing import pages_of, wants_copy
from agent.intake.label import confirm_label
from agent.intake.one_pass import FeedView, feeds
from agent.settings import Settings
from agent.site import Site
from agent.store.dossiers import Component
from agent.store.inbox import InboxPage
from agent.store.lookup import components_of
from agent.wiring import build_site
from tests import builders
from tests.flow.feeds import Fed, Part, Stack, Trouble, draw

ROOT = Path(__file__).resolve().parents[2]
PROCEDURE = "1.001193"
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, builders.OFFICE, "T1")
MACHINE = """
import pickle, sys
from pathlib import Path
from agent.domain.actor import system
from agent.intake.inbox import deliver
from agent.intake.one_pass import feeds, file_feed
from agent.settings import Settings
from agent.wiring import build_site

site = build_site(Settings(data=Path(sys.argv[1])))
here = system(site.settings.office.id, site.settings.terminal.id)
print("up", flush=True)
for file in sorted(Path(sys.argv[2]).glob("*/*.page")):
    deliver(site, pickle.loads(file.read_bytes()))
    file.unlink()
    print("page", flush=True)
if sys.argv[3] == "file":
    for one in feeds(site, by=here):
        if one.plan.ready:
            file_feed(site, one.stack, mark=one.mark, by=here)
            print("filed", flush=True)
print("done", flush=True)
"""


@dataclass
class Drill:
    """What was drawn and what became of it."""

    folder: Path
    stacks: list[Stack] = field(default_factory=list)
    asked: Tally[str] = field(default_factory=Tally)
    needless: Tally[str] = field(default_factory=Tally)
    kills: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def images(self, kind: str = "") -> list[Fed]:
        """The images of all feeds, or those of one kind."""
        return [image for stack in self.stacks for image in stack.images if kind in ("", image.kind)]


def main() -> int:
    """Run the drill and write the report; 1 when a page is lost, doubled, misplaced or unasked."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dossiers", type=int, default=120)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--feeds", type=int, default=10)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--report", type=Path, default=None, help="default: docs/results/feeds-<date>.md")
    asked = parser.parse_args()
    os.environ.setdefault("FEED_SHEETS", "24")
    with tempfile.TemporaryDirectory(prefix="feeds-") as folder:
        drill = Drill(Path(folder))
        begun = datetime.now(UTC)
        for name, step in (("draw", prepare), ("feed", feed_all), ("answer", answer_all), ("file", file_all)):
            start = time.monotonic()
            step(drill, asked)
            drill.seconds[name] = time.monotonic() - start
            sys.stderr.write(f"{name}: {drill.seconds[name]:.0f} s\n")
        compare(drill)
    text = told(drill, asked, begun)
    report = asked.report or ROOT / "docs" / "results" / f"feeds-{begun:%Y-%m-%d}.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(text, encoding="utf-8")
    sys.stdout.write(text + f"\n{report}\n")
    return int(bool(drill.faults))


# --- the steps ---------------------------------------------------------------------------------
def prepare(drill: Drill, asked: argparse.Namespace) -> None:
    """Receive the dossiers, deal them to feeds, draw the feeds and lay their files down."""
    chance = random.Random(asked.seed)
    site = build_site(Settings(data=drill.data))
    at = builders.Station(site, program=None)  # type: ignore[arg-type]
    parts = [part for _ in range(asked.dossiers) for part in _parts(at)]
    for number in range(asked.pages - len(parts)):
        one = parts[number if number < len(parts) else chance.randrange(len(parts))]
        parts[parts.index(one)] = Part(one.place, one.code, one.name, one.pages + 1)
    site.store.close()
    trouble, size = Trouble(blanks=5, notes=3, unread=2, every=max(2, asked.pages // 60)), -(-len(parts) // asked.feeds)
    for number in range(asked.feeds):
        mine = parts[number * size : (number + 1) * size]
        if number == asked.feeds - 1:
            trouble.every = 2
        feed = UUID(int=chance.getrandbits(128))
        stack = draw(asked.seed % 1000 + number, mine, two_sided=number % 3 == 1, trouble=trouble, feed=feed)
        drill.stacks.append(stack)
        folder = drill.files / f"{number:03}"
        folder.mkdir(parents=True)
        for file in stack.files():
            (folder / f"{file.position:05}.page").write_bytes(pickle.dumps(file))


def _parts(at: builders.Station) -> list[Part]:
    dossier = builders.received(at, procedure=PROCEDURE)
    confirm_label(at.site, dossier.uid, dossier.provisional, by=CLERK)
    with at.site.store.reading():
        copied = [component for component in components_of(dossier) if wants_copy(component)]
    return [Part(Target(dossier.provisional, str(one.uid)), one.code, one.name, 1) for one in copied]


def feed_all(drill: Drill, asked: argparse.Namespace) -> None:
    """Feed everything, the plug pulled again and again."""
    _killed(drill, asked.seed, asked.kills * 4 // 5, "feed")


def answer_all(drill: Drill, asked: argparse.Namespace) -> None:
    """Answer every question with the truth, as a clerk who looks at the paper would; count what was asked in vain."""
    site = build_site(Settings(data=drill.data))
    try:
        for stack in drill.stacks:
            count(site, stack.feed, stack.paper, by=CLERK)
        for _ in range(6):  # an answer may lead to another question
            views = feeds(site, by=CLERK)
            for view in views:
                _answer(site, drill, view)
            if all(view.plan.ready for view in views):
                return
        left = [f"{question.ask} {len(question.keys)}" for view in views for question in view.plan.questions]
        drill.faults += [f"still asked: {one}" for one in left]
    finally:
        site.store.close()


def file_all(drill: Drill, asked: argparse.Namespace) -> None:
    """File every feed, again under kill -9."""
    _killed(drill, asked.seed + 1, asked.kills - asked.kills * 4 // 5, "file")


def compare(drill: Drill) -> None:
    """Every page under its component, in order, once; every cover and its back put away."""
    site = build_site(Settings(data=drill.data))
    wanted: dict[Target, list[str]] = {}
    for image in drill.images():
        if image.kind in ("page", "blank", "noted") and image.place is not None:
            wanted.setdefault(image.place, []).append(hashlib.sha256(image.data).hexdigest())
    for ask, kind in ((Ask.UNREAD, "unread"), (Ask.DOUBT, "blank"), (Ask.PAIR, "noted")):
        if drill.asked[ask] != len(drill.images(kind)):
            drill.faults.append(f"{len(drill.images(kind))} {kind} were fed, {drill.asked[ask]} were asked about")
    try:
        with site.store.reading():
            rows = list(InboxPage.select())
            for place, hashes in wanted.items():
                component = Component.get(Component.uid == UUID(place.component))
                if [page.sha256 for page in pages_of(component)] != hashes:
                    drill.faults.append(f"{place.dossier} {component.code}: not the pages that were fed")
        drill.faults += ["a page's bytes are gone" for row in rows if row.page_id and not site.vault.has(row.sha256)]
        if len(rows) != len(drill.images()):
            drill.faults.append(f"{len(drill.images())} images were fed, {len(rows)} came in")
        away = sum(row.page_id is None and row.filed_at is not None for row in rows)
        separators = len(drill.images("cover")) + len(drill.images("unread")) + len(drill.images("back"))
        if away != separators:
            drill.faults.append(f"{separators} separators and backs were fed, {away} were put away")
    finally:
        site.store.close()


# --- the parts ---------------------------------------------------------------------------------
def _killed(drill: Drill, seed: int, kills: int, what: str) -> None:
    """Run the machine and kill it at random moments, spread over its work; then let it end."""
    chance = random.Random(seed)
    pieces = max(1, len(list(drill.files.glob("*/*.page"))) // max(1, kills))
    for _ in range(kills):
        machine = _machine(drill, what)
        said = _heard(machine, chance.randrange(1, pieces + 2))
        threading.Event().wait(chance.uniform(0, 0.15))
        machine.kill()
        machine.wait(30)
        drill.kills += 1
        if said == "done":
            continue
    last = _machine(drill, what)
    if _heard(last, 1_000_000) != "done":
        drill.faults.append(f"{what}: the machine ended before it was done")
    last.wait(30)


def _machine(drill: Drill, what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MACHINE, str(drill.data), str(drill.files), what]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _heard(machine: subprocess.Popen[str], lines: int) -> str:
    """Its last word after so many lines, or at its end."""
    last = ""
    assert machine.stdout
    for number, line in enumerate(machine.stdout, start=1):
        last = line.strip()
        if number > lines or last == "done":
            break
    return last


def _answer(site: Site, drill: Drill, view: FeedView) -> None:
    stack = next(one for one in drill.stacks if one.feed == view.stack)
    truth = {str(page.uid): stack.images[page.position - 1] for page in view.pages}
    for question in view.plan.questions:
        said = [truth[key] for key in question.keys]
        vain = question.ask is Ask.PAIR and said[1].kind != "noted"
        (drill.needless if vain else drill.asked)[question.ask] += 1
        if not _settle(site, question, said):
            drill.faults.append(f"{question.ask}: asked about {', '.join(one.kind for one in said)}")


def _settle(site: Site, question: Question, said: list[Fed]) -> bool:
    """Answer a question as the paper says; whether it was one that may be asked."""
    first = UUID(question.keys[0]) if question.keys else UUID(int=0)
    match question.ask, [one.kind for one in said]:
        case Ask.UNREAD, ["unread", *_]:
            answer(site, [first], decided=As.COVER, to=said[0].place, by=CLERK)
        case Ask.DOUBT, ["blank"]:
            accept(site, [first], reason="mặt sau trắng", by=CLERK)
        case Ask.PAIR, [_, kind]:
            answer(site, [UUID(question.keys[1])], decided=As.PAIR if kind == "noted" else As.TWO, by=CLERK)
        case Ask.COUNT, _:
            return True  # settles itself once the pairs are told
        case _:
            return False
    return True


def told(drill: Drill, asked: argparse.Namespace, begun: datetime) -> str:
    """The report."""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    kinds = Tally(image.kind for image in drill.images())
    speed = len(drill.images()) / max(0.001, drill.seconds["feed"])
    questions = ", ".join(f"{name} {number}" for name, number in sorted(drill.asked.items()))
    vain = ", ".join(f"{name} {number}" for name, number in sorted(drill.needless.items()))
    lines = [
        f"# Feeds, {begun:%Y-%m-%d %H:%M} UTC",
        "",
        "| | |",
        "|---|---|",
        f"| command | `make feeds` (--dossiers {asked.dossiers} --pages {asked.pages} --feeds {asked.feeds} "
        f"--kills {asked.kills} --seed {asked.seed}) |",
        f"| commit | {commit or 'unknown'} |",
        f"| fed | {len(drill.images())} images in {len(drill.stacks)} feeds "
        f"({sum(stack.two_sided for stack in drill.stacks)} two-sided), {asked.dossiers} dossiers |",
        f"| of these | {', '.join(f'{name} {number}' for name, number in sorted(kinds.items()))} |",
        f"| kill -9 | {drill.kills} at random moments, most while pages came in, the others while feeds were filed |",
        f"| asked | {questions} |",
        f"| asked in vain | {vain or 'nothing'} |",
        f"| seconds | {', '.join(f'{name} {value:.0f}' for name, value in drill.seconds.items())}; "
        f"{speed:.1f} images/s with the kills |",
        f"| load | {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores at the end |",
        f"| lost, doubled, misplaced, unasked | {len(drill.faults)} |",
        "",
        *(f"- {fault}" for fault in drill.faults[:40]),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
