"""Every trouble with every language: the outcome and the clerk's words, never a second label, never a false "printed".

MATRIX is the design; docs/devices.md shows the same table to readers, and the last test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.devices.drivers.learnt import STATUS, Learnt, Remembered
from agent.devices.simulators.process import SimulatorProcess
from agent.errors import DeviceUnavailable
from agent.ports import PrintOutcome, PrintResult
from tests.devices.printers import PATIENT, QUICK, device, during, eventually, label, printer

DOCS = Path(__file__).resolve().parents[2] / "docs" / "devices.md"
NOT_SENT, NOT_PRINTED, UNCERTAIN = "not sent", "not printed", "uncertain"
LANGUAGES = ("zpl", "tspl", "escpos")
BRISK = 0.7  # seconds for one reply that may fail to come


@dataclass(frozen=True)
class Cell:
    """What the clerk is told, and how many labels come out once the trouble is mended."""

    outcome: str
    words: str
    later: int = 0


def alike(outcome: str, words: str, later: int = 0) -> dict[str, Cell | None]:
    return dict.fromkeys(LANGUAGES, Cell(outcome, words, later))


PAPER, LOST, SILENT = "hết giấy", "Mất liên lạc", "không trả lời"
MATRIX: dict[str, dict[str, Cell | None]] = {
    "paper out before": alike(NOT_PRINTED, PAPER),
    "paper out under the label": alike(UNCERTAIN, PAPER, 1),
    "head or cover open before": {
        **alike(NOT_PRINTED, "Đầu in đang mở"),
        "escpos": Cell(NOT_PRINTED, "Nắp máy in đang mở"),
    },
    "head or cover open under the label": {
        **alike(UNCERTAIN, "Đầu in đang mở", 1),
        "escpos": Cell(UNCERTAIN, "Nắp máy in đang mở", 1),
    },
    "ribbon out before": {**alike(NOT_PRINTED, "hết ruy băng"), "escpos": None},
    "ribbon out under the label": {**alike(UNCERTAIN, "hết ruy băng", 1), "escpos": None},
    "paused before": {**alike(NOT_PRINTED, "tạm dừng"), "escpos": Cell(NOT_PRINTED, "nút đẩy giấy")},
    "stall before": alike(NOT_SENT, SILENT),
    "stall under the label": alike(UNCERTAIN, SILENT, 1),
    "garbage before": {
        "zpl": Cell(NOT_PRINTED, "trả lời sai lệnh ~HS"),
        "tspl": Cell(NOT_PRINTED, "trả lời sai lệnh ESC !S"),
        "escpos": Cell(NOT_PRINTED, "trả lời sai lệnh DLE EOT"),
    },
    "garbage under the label": alike(UNCERTAIN, "trả lời sai lệnh", 1),
    "silence, never heard": alike(NOT_SENT, "nhờ quản trị dò lại"),
    "silence, heard before": alike(NOT_SENT, SILENT),
    "silence, learnt as mute": alike(UNCERTAIN, "không biết trả lời", 1),
    "unplugged before": alike(NOT_SENT, "Không liên lạc được"),
    "unplugged within": alike(UNCERTAIN, "rồi mới"),
    "unplugged after the last byte": alike(UNCERTAIN, "rồi mới"),
}
ORDERS = {"paper out": "paper-out", "head or cover open": "head-open", "ribbon out": "ribbon-out", "paused": "pause"}
ORDERS |= {"stall": "stall", "garbage": "garble", "silence": "silence"}


@pytest.fixture(scope="module", params=LANGUAGES)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(request.param, folder=tmp_path_factory.mktemp(request.param)) as simulator:
        yield simulator


def run(simulator: SimulatorProcess, language: str, trouble: str) -> PrintOutcome:
    """Bring the trouble about and print one label in it."""
    memory = Remembered()
    identity = f"{language}@{device(simulator, language).address}"
    if "before" in trouble or "heard before" in trouble:
        memory.keep(identity, Learnt(language, "", {STATUS: True}))
    if "mute" in trouble:
        memory.keep(identity, Learnt(language, "", {STATUS: False}))
    silent = trouble.startswith(("stall before", "silence"))
    garbled = trouble.startswith(("garbage", "stall")) or language == "zpl"  # a time-out passes before the end
    timeout = QUICK if silent else BRISK if garbled else PATIENT
    act = printer(simulator, language, timeout, memory=memory).print
    job = label(language)
    if trouble == "unplugged before":
        simulator.tell("vanish")
        return act(job)
    if trouble == "unplugged within":
        simulator.tell("vanish", after=40)
        return act(job)
    order = next((order for name, order in ORDERS.items() if trouble.startswith(name)), "vanish")
    if "under" in trouble or trouble == "unplugged after the last byte":
        simulator.tell("slow", seconds=30)
        return during(simulator, lambda: act(job), order)
    simulator.tell(order)
    return act(job)


def all_quiet(simulator: SimulatorProcess) -> bool:
    said = simulator.tell("status")
    return not (said["formats"] or said["faults"] or said["stalled"]) and bool(said["connected"])


@pytest.mark.parametrize("trouble", MATRIX)
def test_the_clerk_is_told_what_happened_and_no_label_is_lost_or_doubled(
    running: SimulatorProcess, request: pytest.FixtureRequest, trouble: str
) -> None:
    language = request.node.callspec.params["running"]
    cell = MATRIX[trouble][language]
    if cell is None:
        assert running.tell(next(o for name, o in ORDERS.items() if trouble.startswith(name)))["ok"] is False
        return
    before = len(running.labels)
    try:
        outcome = run(running, language, trouble)
        told, words = str(outcome.result).replace("_", " "), outcome.reason
    except DeviceUnavailable as error:
        told, words = NOT_SENT, error.message
    finally:
        running.tell("ok")
    eventually(lambda: all_quiet(running))
    assert (told, cell.words in words) == (cell.outcome, True), words
    assert words.endswith(".")
    eventually(lambda: len(running.labels) - before >= cell.later)
    assert len(running.labels) - before == cell.later
    again = printer(running, language).print(label(language))  # and the printer is fit for the next
    assert (again.result, again.reason) == (PrintResult.PRINTED, "")
    assert len(running.labels) - before == cell.later + 1


def as_markdown() -> str:
    """The matrix as docs/devices.md shows it."""
    lines = ["| trouble | zpl | tspl | escpos |", "|---|---|---|---|"]
    for trouble, row in MATRIX.items():
        cells = [
            "no such part" if cell is None else f"{cell.outcome}: “{cell.words}”" + (" ¹" if cell.later else "")
            for cell in (row[language] for language in LANGUAGES)
        ]
        lines.append(f"| {trouble} | {' | '.join(cells)} |")
    return "\n".join(lines)


def test_the_table_in_the_documentation_is_this_one() -> None:
    assert as_markdown() in DOCS.read_text(encoding="utf-8")
