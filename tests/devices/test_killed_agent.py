"""The agent killed at each state of a job, the printer unplugged around one: what is told, and what comes out.

MATRIX is the design; docs/devices.md shows the same table to readers, and the last test holds the two together.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.devices.simulators.process import SimulatorProcess
from agent.domain.jobs import JobState
from agent.intake.prints import answer_job
from agent.store.claiming import CUT_OFF
from agent.store.outbox import Job
from tests.devices.printers import eventually
from tests.devices.running import CLERK, LIMIT, AgentProcess, Counter, counter, line

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="only on Windows are there no ptys"),
    pytest.mark.timeout(300),
]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "devices.md"
LANGUAGES = ("zpl", "tspl", "escpos")
ASKED = CUT_OFF.split(".", maxsplit=1)[0]


@dataclass(frozen=True)
class Row:
    """What became of the job once all runs again, the words beside it, and how many labels came out."""

    state: JobState
    words: str
    labels: int
    device: str  # what the device page says meanwhile


@dataclass
class Scene:
    """One printer, its queue, and the agent that is killed."""

    printer: SimulatorProcess
    at: Counter
    agent: AgentProcess

    def begins(self) -> None:
        self.agent.__enter__()
        self.at.until_ready()

    def dies(self) -> None:
        self.agent.kill()
        self.agent.__exit__()

    def comes_back(self) -> None:
        self.printer.tell("ok")
        self.begins()

    def until(self, condition: Callable[[], bool]) -> None:
        eventually(condition, LIMIT)

    def until_under_the_head(self) -> None:
        self.until(lambda: self.printer.tell("status")["formats"] == 1)


def killed_while_it_waits(scene: Scene) -> Job:
    scene.printer.tell("paper-out")
    scene.at.until_said("hết giấy")
    job = scene.at.test_print()
    scene.at.until_job(job, JobState.READY, "hết giấy")
    scene.dies()
    return job


def killed_before_the_first_byte(scene: Scene) -> Job:
    scene.printer.tell("stall")  # the question before the label stays unanswered, and the agent waits for it
    job = scene.at.test_print()
    scene.at.until_job(job, JobState.SENDING)
    scene.dies()
    return job


def killed_within_the_bytes(scene: Scene) -> Job:
    scene.printer.tell("stall", after=100)
    job = scene.at.test_print()
    scene.until(lambda: bool(scene.printer.tell("status")["stalled"]))
    assert scene.at.job(job).state is JobState.SENDING
    scene.dies()
    scene.printer.tell("vanish")  # half a label is in it: the clerk switches it off and on
    return job


def killed_after_the_last_byte(scene: Scene) -> Job:
    scene.printer.tell("slow", seconds=60)
    job = scene.at.test_print()
    scene.until_under_the_head()
    assert scene.at.job(job).state is JobState.SENDING
    scene.dies()
    return job


def killed_after_it_was_settled(scene: Scene) -> Job:
    job = scene.at.prints()
    scene.dies()
    return job


def unplugged_before(scene: Scene) -> Job:
    scene.printer.tell("vanish")
    scene.at.until_said("Kiểm tra nguồn điện")
    job = scene.at.test_print()
    scene.at.until_job(job, JobState.READY, "Kiểm tra nguồn điện")
    return job


def unplugged_within(scene: Scene) -> Job:
    scene.printer.tell("vanish", after=100)
    job = scene.at.test_print()
    scene.at.until_said("Kiểm tra nguồn điện")
    return job


def unplugged_after_the_last_byte(scene: Scene) -> Job:
    scene.printer.tell("slow", seconds=60)
    job = scene.at.test_print()
    scene.until_under_the_head()
    scene.printer.tell("vanish")
    scene.at.until_said("Kiểm tra nguồn điện")
    return job


OFF = "Kiểm tra nguồn điện"
MATRIX: dict[str, tuple[Callable[[Scene], Job], Row]] = {
    "agent killed, job ready": (killed_while_it_waits, Row(JobState.ACKED, "", 1, "")),
    "agent killed, job claimed, no byte sent": (
        killed_before_the_first_byte, Row(JobState.NEEDS_CLERK, ASKED, 0, "")
    ),
    "agent killed within the bytes": (killed_within_the_bytes, Row(JobState.NEEDS_CLERK, ASKED, 0, "")),
    "agent killed after the last byte, before the settlement": (
        killed_after_the_last_byte, Row(JobState.NEEDS_CLERK, ASKED, 1, "")
    ),
    "agent killed, job settled": (killed_after_it_was_settled, Row(JobState.ACKED, "", 1, "")),
    "printer unplugged before the job": (unplugged_before, Row(JobState.ACKED, "", 1, OFF)),
    "printer unplugged within the bytes": (unplugged_within, Row(JobState.NEEDS_CLERK, "rồi mới", 0, OFF)),
    "printer unplugged after the last byte": (
        unplugged_after_the_last_byte, Row(JobState.NEEDS_CLERK, "rồi mới", 0, OFF)
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=LANGUAGES)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp(request.param)
    with SimulatorProcess(f"{request.param}-pty", folder=folder / "printer") as printer:
        device = line(printer, request.param)
        with counter(folder / "data", device, start=False) as at:
            yield Scene(printer, at, AgentProcess(folder / "data", [device]))


@pytest.mark.parametrize("trouble", MATRIX)
def test_no_label_comes_twice_none_is_called_printed_that_was_not_and_the_clerk_is_asked(
    scene: Scene, trouble: str
) -> None:
    act, row = MATRIX[trouble]
    before = len(scene.printer.labels)
    scene.begins()
    job = act(scene)
    killed = trouble.startswith("agent")
    try:
        if killed:
            scene.comes_back()
        else:
            scene.printer.tell("ok")
            scene.at.until_ready()
        told = scene.at.until_job(job, row.state, row.words)
        assert told.error == "" if row.state is JobState.ACKED else told.error.endswith("rồi mới in lại."), told.error
        scene.until(lambda: len(scene.printer.labels) - before >= row.labels)
        scene.at.prints()  # it is fit for the next, and what came before is not sent again with it
        assert len(scene.printer.labels) - before == row.labels + 1
        if row.state is JobState.NEEDS_CLERK:
            after = answer_job(scene.at.site, job.key, came_out=bool(row.labels), by=CLERK)
            if not row.labels:
                scene.at.until_job(after, JobState.ACKED)
            assert scene.at.job(job).state is (JobState.ACKED if row.labels else JobState.CANCELLED)
            assert len(scene.printer.labels) - before == 2  # this one, and the next
    finally:
        scene.printer.tell("ok")
        scene.dies()


def as_markdown() -> str:
    """The matrix as docs/devices.md shows it."""
    states = {JobState.ACKED: "printed", JobState.NEEDS_CLERK: "asks the clerk"}
    lines = [
        "| trouble | the device page says meanwhile | the job, once all runs again | labels that came out |",
        "|---|---|---|---|",
    ]
    for trouble, (_, row) in MATRIX.items():
        words = f": “{row.words}”" if row.words else ""
        meanwhile = f"“{row.device}”" if row.device else "–"
        lines.append(f"| {trouble} | {meanwhile} | {states[row.state]}{words} | {row.labels} |")
    return "\n".join(lines)


def test_the_table_in_the_documentation_is_this_one() -> None:
    assert as_markdown() in DOCS.read_text(encoding="utf-8")
