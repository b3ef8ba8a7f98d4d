"""The maker's byte tables, read by our parser: every flag of ~HS and ~HQES means what the manual says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.devices.languages import zpl
from agent.devices.languages.words import WORDS, in_words
from agent.devices.simulators.zpl_machine import ZplMachine
from agent.errors import DeviceProtocol

ONE = "030,0,0,0480,000,0,0,0,000,0,0,0"
TWO = "000,0,0,0,0,2,4,0,00000000,1,000"


def reply(one: str = ONE, two: str = TWO, three: str = "1234,0") -> bytes:
    return b"".join(b"\x02" + text.encode() + b"\x03\r\n" for text in (one, two, three))


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        (reply(), ()),
        (reply("030,1,0,0480,000,0,0,0,000,0,0,0"), ("paper-out",)),
        (reply("030,0,1,0480,000,0,0,0,000,0,0,0"), ("paused",)),
        (reply("030,0,0,0480,000,1,0,0,000,0,0,0"), ("buffer-full",)),
        (reply("030,0,0,0480,000,0,1,0,000,0,0,0"), ()),  # diagnostic mode
        (reply("030,0,0,0480,000,0,0,0,000,1,0,0"), ("ram-lost",)),
        (reply("030,0,0,0480,000,0,0,0,000,0,1,0"), ("cold",)),
        (reply("030,0,0,0480,000,0,0,0,000,0,0,1"), ("hot",)),
        (reply(two="000,0,1,0,0,2,4,0,00000000,1,000"), ("head-open",)),
        (reply(two="000,0,0,1,1,2,4,0,00000000,1,000"), ("ribbon-out",)),
    ],
)
def test_each_flag_of_the_host_status_has_its_place(said: bytes, faults: tuple[str, ...]) -> None:
    assert zpl.parse_host_status(said).faults == faults


def test_labels_on_their_way_are_counted() -> None:
    status = zpl.parse_host_status(reply("030,0,0,1225,002,0,0,1,000,0,0,0", "000,0,0,0,0,2,4,1,00000017,1,000"))
    assert (status.formats, status.remaining, status.partial, status.label_waiting, status.length) == (
        2,
        17,
        True,
        True,
        1225,
    )
    assert not status.idle


@pytest.mark.parametrize(("low", "code"), sorted(zpl.ERROR_BITS.items()))
def test_each_error_bit_has_its_words(low: int, code: str) -> None:
    status = zpl.parse_error_status(b"ERRORS: 1 00000000 %08X\r\nWARNINGS: 0 00000000 00000000" % low)
    assert status.faults == (code,)
    assert in_words(status.faults) != WORDS["other"]


def test_an_error_that_nobody_knows_is_still_an_error() -> None:
    for words in (b"1 00000000 00010000", b"1 00000001 00000000", b"1 00000000 00000000"):
        assert zpl.parse_error_status(b"ERRORS: " + words + b" WARNINGS: 0 00000000 00000000").faults == ("other",)


@given(st.binary() | st.integers(0, 90).map(lambda n: reply()[:n]) | st.integers(1, 90).map(lambda n: reply()[n:]))
def test_noise_and_half_replies_are_refused_not_guessed(noise: bytes) -> None:
    if noise == reply():
        return
    with pytest.raises(DeviceProtocol):
        zpl.parse_host_status(noise)


def test_the_simulated_machine_answers_inside_a_label_and_keeps_the_label_whole(tmp_path: Path) -> None:
    machine = ZplMachine(tmp_path)
    answers = b"".join(machine.feed(bytes([byte])) for byte in b"noise^XA^FO1,1~HS^FDx^FS^PQ2^XZ~HS")
    first, second = answers[: len(answers) // 2], answers[len(answers) // 2 :]
    assert zpl.parse_host_status(first).partial
    assert zpl.parse_host_status(second).idle
    assert [p.read_bytes() for p in sorted(tmp_path.iterdir())] == [b"^XA^FO1,1^FDx^FS^PQ2^XZ"] * 2


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(zpl).failed == 0
