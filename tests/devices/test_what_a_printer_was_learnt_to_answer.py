"""Detection, learning, and what a cheaper model that answers less is still good for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from agent.devices.detect import Confidence, Detected, detect, device_id_of, parse_device_id
from agent.devices.drivers.learnt import Learnt, LearntFile, Remembered
from agent.devices.languages import escpos
from agent.devices.link_tcp import TcpLink
from agent.devices.registry import driver_of, find_language, identity_of, learn
from agent.devices.simulators.process import SimulatorProcess
from agent.errors import ConfigError
from agent.ports import PrintResult
from agent.settings import Device
from tests.devices.printers import PATIENT, QUICK, SPEC, device, during, eventually, label, printer

LANGUAGES = ("zpl", "tspl", "escpos")


@pytest.fixture(params=LANGUAGES)
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[SimulatorProcess, str]]:
    with SimulatorProcess(request.param, folder=tmp_path / "out") as simulator:
        yield simulator, request.param


@pytest.fixture
def tspl(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("tspl", folder=tmp_path / "out") as simulator:
        yield simulator


@pytest.fixture
def receipt(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("escpos", folder=tmp_path / "out") as simulator:
        yield simulator


def whole(simulator: SimulatorProcess, language: str) -> bool:
    """Whether one label came out with every byte of the job."""
    return len(simulator.labels) == 1 and label(language).strip() in simulator.labels[0]


def codes(picture: Path) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(Image.open(picture).convert("L"))}


def test_the_language_of_a_printer_is_found_without_printing(running: tuple[SimulatorProcess, str]) -> None:
    simulator, language = running
    found = find_language(device(simulator, "zpl"), timeout=QUICK)
    assert (found.language, found.model) == (language, f"SIM-{language.upper()}")
    assert found.confidence is Confidence.CERTAIN
    assert printer(simulator, language).print(label(language)).result is PrintResult.PRINTED
    assert whole(simulator, language)
    clean = codes(simulator.pictures[0])
    assert clean == {SPEC.provisional, SPEC.payload}  # what a printer did not understand of the questions left no ink


def test_an_id_decides_whom_to_ask_first_and_alone_is_only_likely(tspl: SimulatorProcess) -> None:
    known = parse_device_id(b"\x00\x2fMFG:TSC;CMD:TSPL2;MDL:TE210;SN:A7;")
    assert (known.manufacturer, known.model, known.commands, known.serial) == ("TSC", "TE210", ("TSPL2",), "A7")
    assert detect(TcpLink.at(tspl.address), known) == Detected("tspl", "TE210", Confidence.CERTAIN, ("tspl",))
    tspl.tell("silence")
    found = detect(TcpLink.at(tspl.address), known, timeout=0.1)
    assert (found.language, found.confidence, found.asked[0]) == ("tspl", Confidence.LIKELY, "tspl")
    assert detect(TcpLink.at(tspl.address), timeout=0.1).confidence is Confidence.UNKNOWN


def test_the_kernels_copy_of_the_id_is_read(tmp_path: Path) -> None:
    (tmp_path / "lp0" / "device").mkdir(parents=True)
    (tmp_path / "lp0" / "device" / "ieee1284_id").write_bytes(b"MFG:Zebra;MDL:ZD220;CMD:EPL,ZPL;")
    assert device_id_of("/dev/usb/lp0", folder=tmp_path).language == "zpl"
    assert device_id_of("/dev/usb/lp1", folder=tmp_path).language == ""
    assert identity_of(Device("x", "label", "usb", "/dev/usb/lp9")) == "zpl@/dev/usb/lp9"


def test_a_line_that_names_another_language_than_the_printer_speaks_is_told(
    running: tuple[SimulatorProcess, str],
) -> None:
    simulator, language = running
    wrong = LANGUAGES[LANGUAGES.index(language) - 1]
    with pytest.raises(ConfigError, match=f"máy in nói {language}"):
        learn(device(simulator, wrong), Remembered(), timeout=0.4)


def test_what_was_learnt_outlives_the_process(running: tuple[SimulatorProcess, str], tmp_path: Path) -> None:
    simulator, language = running
    said = device(simulator, language)
    kept = learn(said, LearntFile(tmp_path / "learnt.json"), timeout=PATIENT)
    assert (kept.language, kept.answers["status"]) == (language, True)
    assert LearntFile(tmp_path / "learnt.json").recall(identity_of(said)) == kept
    (tmp_path / "learnt.json").write_text("{ torn")
    assert LearntFile(tmp_path / "learnt.json").recall(identity_of(said)) == Learnt()


def test_a_printer_that_never_answers_is_used_once_an_administrator_vouched_for_it(
    running: tuple[SimulatorProcess, str],
) -> None:
    simulator, language = running
    simulator.tell("silence")
    memory, said = Remembered(), device(simulator, language)
    assert learn(said, memory, timeout=QUICK).answers["status"] is False
    driver = driver_of(said, memory=memory)
    assert (driver.status().connected, driver.status().ready) == (True, None)
    outcome = driver.print(label(language))
    assert outcome.result is PrintResult.UNCERTAIN
    eventually(lambda: whole(simulator, language))
    simulator.tell("ok")
    assert learn(said, memory, timeout=PATIENT).answers["status"] is True
    assert driver.print(label(language)).result is PrintResult.PRINTED


def test_older_tspl_firmware_is_asked_for_the_byte_alone_from_then_on(tspl: SimulatorProcess) -> None:
    tspl.tell("deaf", to="frame")
    memory = Remembered()
    driver = printer(tspl, "tspl", QUICK * 2, memory=memory)
    assert driver.print(label("tspl")).result is PrintResult.PRINTED
    (kept,) = memory._known.values()
    assert kept.answers == {"frame": False, "status": True}
    tspl.tell("paper-out")
    assert "hết giấy" in driver.status().words


def test_a_tspl_printer_that_was_never_seen_printing_is_not_called_done(tspl: SimulatorProcess) -> None:
    tspl.tell("slow", seconds=0)
    outcome = printer(tspl, "tspl").print(label("tspl"))
    assert outcome.result in {PrintResult.UNCERTAIN, PrintResult.PRINTED}
    assert (outcome.result is PrintResult.PRINTED) == outcome.evidence["seen_printing"]
    assert len(tspl.labels) == 1


def test_a_tspl_job_that_would_reset_the_printer_is_not_sent(tspl: SimulatorProcess) -> None:
    outcome = printer(tspl, "tspl").print(b"SIZE 50 mm,30 mm\r\nBITMAP 0,0,3,1,0,\x1b!R\r\nPRINT 1\r\n")
    assert outcome.result is PrintResult.NOT_PRINTED
    assert tspl.labels == []


def test_a_receipt_is_printed_when_its_id_comes_back(receipt: SimulatorProcess) -> None:
    memory = Remembered()
    driver = printer(receipt, "escpos", memory=memory)
    outcome = driver.print(label("escpos"))
    assert outcome.evidence["print_done"]
    receipt.tell("slow", seconds=0.4)
    assert driver.print(label("escpos")).evidence["seconds"] >= 0.3
    (kept,) = memory._known.values()
    assert kept.answers["done"] is True
    receipt.tell("deaf", to="done")  # it has answered before: now its silence is no proof
    assert driver.print(label("escpos")).result is PrintResult.UNCERTAIN


def test_a_receipt_printer_without_ids_proves_by_working_off_the_queue(receipt: SimulatorProcess) -> None:
    receipt.tell("deaf", to="done")
    memory = Remembered()
    driver = printer(receipt, "escpos", memory=memory)
    assert driver.print(label("escpos")).evidence["worked_off"] is True
    (kept,) = memory._known.values()
    assert kept.answers["done"] is False
    receipt.tell("slow", seconds=30)
    assert during(receipt, lambda: driver.print(label("escpos")), "paper-out").result is PrintResult.UNCERTAIN


def test_a_receipt_printer_that_proves_nothing_leaves_it_to_the_clerk(receipt: SimulatorProcess) -> None:
    receipt.tell("deaf", to="done")
    receipt.tell("deaf", to="worked-off")
    from agent.devices.drivers.escpos import EscposPrinter

    outcome = EscposPrinter(TcpLink.at(receipt.address), patience=1.0).print(label("escpos"))
    assert outcome.result is PrintResult.UNCERTAIN
    assert len(receipt.labels) == 1


def test_the_id_of_another_receipt_is_not_taken_for_this_ones(receipt: SimulatorProcess) -> None:
    receipt.tell("slow", seconds=0.6)
    with TcpLink.at(receipt.address) as link:
        link.write(label("escpos") + escpos.ask_done("zzzz"))
        eventually(lambda: receipt.tell("status")["formats"] == 1)
    outcome = printer(receipt, "escpos").print(label("escpos"))
    assert (outcome.result, len(receipt.labels)) == (PrintResult.PRINTED, 2)
    assert outcome.evidence["print_done"] != "zzzz"
