"""Makers' byte tables against our parsers, and damaged replies: 20,000 here, a million by `make fuzz`."""

from __future__ import annotations

import doctest
import os
import random
import time
from collections.abc import Callable

import pytest

from agent.devices import detect
from agent.devices.drivers import learnt
from agent.devices.languages import escpos, tspl, words, zpl
from agent.errors import AgentError, DeviceProtocol

ROUNDS = int(os.environ.get("FUZZ", "20000"))


def test_every_fault_has_words() -> None:
    tables = (tspl.FLAGS, tspl.MEDIA_BITS, tspl.MACHINE_BITS, escpos.OFFLINE_BITS, escpos.ERROR_BITS, zpl.ERROR_BITS)
    assert {code for table in tables for code in table.values()} <= set(words.WORDS)


@pytest.mark.parametrize(
    ("byte", "faults", "printing"),
    [
        (0x00, (), False),
        (0x01, ("head-open",), False),
        (0x02, ("jam",), False),
        (0x04, ("paper-out",), False),
        (0x08, ("ribbon-out",), False),
        (0x0D, ("head-open", "paper-out", "ribbon-out"), False),
        (0x10, ("paused",), False),
        (0x20, (), True),
        (0x40, ("cover-open",), False),
        (0x80, ("other",), False),
    ],
)
def test_each_bit_of_the_tspl_status_byte(byte: int, faults: tuple[str, ...], printing: bool) -> None:
    assert tspl.parse_status_byte(bytes([byte])) == tspl.Status(faults, printing)


@pytest.mark.parametrize(
    ("four", "faults", "printing"),
    [
        (b"@@@@", (), False),
        (b"`@@@", ("paused",), False),
        (b"P@@@", (), True),
        (b"W@@@", (), True),
        (b"L@@@", ("label-waiting",), False),
        (b"E@A@", ("hot",), False),
        (b"E@B@", ("motor-hot",), False),
        (b"E@H@", ("cutter",), False),
        (b"@H@@", ("buffer-full",), False),
        (b"E@@A", ("paper-out",), False),
        (b"E@@B", ("jam",), False),
        (b"E@@D", ("ribbon-out",), False),
        (b"E@@@", ("other",), False),
        (b"Z@@@", ("other",), False),
        (b"@@@P", ("other",), False),
    ],
)
def test_each_place_of_the_tspl_status_frame(four: bytes, faults: tuple[str, ...], printing: bool) -> None:
    assert tspl.parse_status_frame(b"\x02" + four + b"\x03\r\n") == tspl.Status(faults, printing)


@pytest.mark.parametrize(
    ("answers", "faults", "low"),
    [
        ("12 12 12 12", (), False),
        ("16 12 12 12", (), False),  # the drawer's line
        ("1a 16 12 12", ("cover-open",), False),
        ("1a 1a 12 12", ("feeding",), False),
        ("1a 32 12 72", ("paper-out",), False),
        ("1a 52 1a 12", ("cutter",), False),
        ("1a 52 32 12", ("fatal",), False),
        ("1a 52 52 12", ("hot",), False),
        ("1a 12 12 12", ("offline",), False),
        ("12 12 12 1e", (), True),
    ],
)
def test_each_bit_of_the_receipt_printers_status(answers: str, faults: tuple[str, ...], low: bool) -> None:
    four = [bytes.fromhex(part) for part in answers.split()]
    assert escpos.parse_status(four) == escpos.Status(faults, low)


def test_replies_that_arrive_in_one_heap_are_told_apart() -> None:
    heap = b"\x12\x37\x220042\x00\x00\x16_TM-T20\x00\x14\x00\x00\x0f\xff"
    kinds = [reply.kind for reply in escpos.split(heap)[0]]
    assert kinds == ["status", "done", "paper", "status", "info", "auto", "noise"]
    for cut in range(len(heap)):  # wherever the wire cut it
        first, rest = escpos.split(heap[:cut])
        assert [r.kind for r in first + escpos.split(rest + heap[cut:])[0]] == kinds


def test_a_job_that_holds_a_reset_in_its_picture_is_noticed() -> None:
    assert tspl.harmful(b"BITMAP 0,0,3,1,0,\x1b!R\r\n")
    assert not tspl.harmful(b"BITMAP 0,0,3,1,0,\x1b!?\r\n")


SEEDS = [
    b"\x02030,0,0,0480,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n",
    b"\x02\r\n  PRINTER STATUS\r\n   ERRORS: 1 00000000 00000005\r\n   WARNINGS:       0 00000000 00000000\r\n\x03",
    b"\x02P@@A\x03\r\n",
    b"\x20",
    b"\x12\x16\x12\x12\x37\x220042\x00\x00_TM-T20\x00\x14\x00\x00\x0f",
    b"\x00\x3bMFG:Zebra;CMD:ZPL,EPL;MDL:ZD220;CLS:PRINTER;SN:D1J2;",
]
PARSERS: list[Callable[[bytes], object]] = [
    zpl.parse_host_status,
    zpl.parse_error_status,
    tspl.parse_status_byte,
    tspl.parse_status_frame,
    tspl.parse_model,
    escpos.split,
    lambda data: escpos.parse_status([data[at : at + 1] for at in range(4)]),
    detect.parse_device_id,
    lambda data: detect.parse_device_id(data).language,
]


def mutated(rng: random.Random) -> bytes:
    """A reply with bytes changed, cut, doubled or joined to another; sometimes only noise."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(0, 80))
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randrange(0, 4)):
        at = rng.randrange(0, len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randrange(1, 9)]
            case 2:
                data[at:at] = rng.choice(SEEDS)
            case _:
                data[at:at] = rng.randbytes(rng.randrange(1, 5))
    return bytes(data)


def fuzz(rounds: int, seed: int = 20261121) -> int:
    """Give so many damaged replies to every parser; how many were refused, with words."""
    rng, refused = random.Random(seed), 0
    for _ in range(rounds):
        data = mutated(rng)
        for parse in PARSERS:
            try:
                parse(data)
            except AgentError as error:
                assert error.message.endswith(".")
                refused += 1
    return refused


def test_damaged_replies_raise_our_own_errors_only_and_take_no_time() -> None:
    began = time.process_time()
    assert fuzz(ROUNDS) > ROUNDS
    assert time.process_time() - began < 5 + ROUNDS * 0.001


def test_a_reply_without_end_is_worked_off_at_once() -> None:
    began = time.process_time()
    for noise in (b"_" * 65_536, b"\x37\x22" * 32_768, b"ERRORS: " * 8_192, b"\x14" * 65_536, b"MFG:" * 16_384):
        for parse in PARSERS:
            try:
                parse(noise)
            except DeviceProtocol:
                continue
    assert time.process_time() - began < 5


@pytest.mark.parametrize("module", [tspl, escpos, words, detect, learnt])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
