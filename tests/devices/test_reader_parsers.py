"""Bytes of every kind of reader against what a clerk scanned: byte tables, cut wires, damaged streams."""

from __future__ import annotations

import doctest
import random
import time
from collections.abc import Callable, Sequence

import pytest

from agent.devices.readers import aim, hexdump, keys
from agent.devices.readers.frame import GAP, MOST, UNENDED, Frame, Parser
from agent.devices.readers.framing import Ended, Lines, Paused
from agent.devices.readers.hid_pos import Reports
from agent.devices.readers.scans import Repeats, Scans
from agent.devices.readers.wedge import Wedge
from agent.devices.simulators import reader_codes
from agent.devices.simulators.reader_codes import Code
from agent.intake.scans import kind_of, text_of
from tests.devices.readers import CARD

ROUNDS = 3_000
S10 = b"RR473124829VN"


def told(parser: Parser, *steps: bytes | float) -> list[tuple[bytes, bool]]:
    """Bytes are fed, numbers are seconds in which nothing comes: what came out, and whether it was torn."""
    at, frames = 100.0, []
    for step in steps:
        if isinstance(step, bytes):
            frames += parser.feed(step, at)
        else:
            at += step
            frames += parser.idle(at)
    return [(frame.data, frame.torn) for frame in frames]


@pytest.mark.parametrize(
    ("wire", "codes"),
    [
        (b"A1\rB2\r", [b"A1", b"B2"]),
        (b"A1\nB2\n", [b"A1", b"B2"]),
        (b"A1\r\nB2\r\n\r\n", [b"A1", b"B2"]),
        (b"\x02A1\x03\x02B2\x03", [b"A1", b"B2"]),
        (b"\x02A1\x03\r\n\x02B2\x03\r\n", [b"A1", b"B2"]),
        (b"A1\x03B2\x03", [b"A1", b"B2"]),
        (b"\x02line 1\r\nline 2\x03", [b"line 1\r\nline 2"]),
        (b"\x02A1\r\x02B2\r\x02C3\r", [b"A1", b"B2"]),  # the third ends by silence: see below
        (b"\x1d\x1e\x04\r", [b"\x1d\x1e\x04"]),
        (b"\r\n\r\n\x02\x03\x03", []),
    ],
)
def test_each_terminator_ends_a_scan_wherever_the_wire_cut_it(wire: bytes, codes: list[bytes]) -> None:
    whole = [(code, False) for code in codes]
    assert told(Lines(), wire) == whole
    assert told(Lines(), *(bytes([byte]) for byte in wire)) == whole
    for cut in range(len(wire)):
        assert told(Lines(), wire[:cut], wire[cut:]) == whole


def test_a_reader_that_sends_stx_and_only_cr_is_recognised_by_the_silence_after_it() -> None:
    parser = Lines()
    assert told(parser, b"\x02A1\r", GAP) == [(b"A1", False)]
    assert told(parser, b"\x02B2\r") == [(b"B2", False)]  # at once from now on


def test_a_reader_without_terminator_ends_a_scan_by_silence_and_the_clerk_is_told_to_mend_it() -> None:
    parser = Lines()
    assert told(parser, S10[:5], 0.1, S10[5:], 0.1) == []
    (frame,) = parser.idle(200.0)
    assert (frame.data, frame.torn, "ký tự kết thúc" in frame.note) == (S10, False, True)
    assert told(Paused(), S10[:5], 0.1, S10[5:], GAP) == [(S10, False)]


def test_what_silence_ends_is_torn_where_a_terminator_was_seen_before() -> None:
    parser = Lines()
    assert told(parser, b"A1\r", S10[:9], 0.4) == [(b"A1", False)]
    assert told(parser, 0.5) == [(S10[:9], True)]
    assert told(Ended(b"\r"), S10[:9], UNENDED) == [(S10[:9], True)]
    parser.opened()  # plugged in again: perhaps another reader
    assert told(parser, S10, GAP) == [(S10, False)]


def test_a_stream_that_pauses_while_the_computer_is_busy_is_not_torn() -> None:
    """Silence is what the wire says when asked, not the time between two looks."""
    parser = Lines()
    parser.feed(b"A1\r", 0.0)
    parser.feed(S10[:5], 1.0)
    assert parser.feed(S10[5:] + b"\r", 9.0) == [Frame(S10, 1.0, 9.0)]


def test_a_frame_whose_beginning_is_missing_is_torn() -> None:
    assert told(Lines(), b"\x02A1\x03", b"24829VN\x03", b"\x02B2\x03") == [
        (b"A1", False),
        (b"24829VN", True),
        (b"B2", False),
    ]
    assert told(Lines(), b"\x02A1\x03\x02RR47\x02B2\x03") == [(b"A1", False), (b"RR47", True), (b"B2", False)]


@pytest.mark.parametrize("parser", [Lines(), Ended(b"\r\n"), Ended(b"\x03"), Paused()], ids=lambda p: type(p).__name__)
def test_a_lost_wire_reports_what_had_come_as_torn(parser: Parser) -> None:
    assert told(parser, S10[:7]) == []
    (frame,) = parser.lost(101.0)
    assert (frame.data, frame.torn, "Cắm lại" in frame.note) == (S10[:7], True, True)
    assert parser.lost(102.0) == []
    assert parser.due() is None


@pytest.mark.parametrize(
    ("end", "wire", "codes"),
    [
        (b"\r", b"A1\r\nB\n2\r\n", [b"A1", b"B\n2"]),
        (b"\r\n", b"A\r1\r\nB2\r\n", [b"A\r1", b"B2"]),
        (b"\t", b"A1\tB\r2\t", [b"A1", b"B\r2"]),
        (b"\x03", b"\x02A1\x03\x02B2\x03", [b"A1", b"B2"]),
        (b"END", b"AENENDBEND", [b"AEN", b"B"]),
    ],
)
def test_a_terminator_that_is_set_ends_a_scan_wherever_the_wire_cut_it(
    end: bytes, wire: bytes, codes: list[bytes]
) -> None:
    for cut in range(len(wire)):
        assert told(Ended(end), wire[:cut], wire[cut:]) == [(code, False) for code in codes]
    assert told(Ended(end), *(bytes([byte]) for byte in wire)) == [(code, False) for code in codes]
    assert told(Ended(b"\r\n"), b"A1\r", UNENDED) == [(b"A1\r", True)]


@pytest.mark.parametrize("make", [Lines, lambda: Ended(b"\r"), Paused], ids=["lines", "ended", "paused"])
def test_noise_without_end_is_cut_once_and_the_scan_after_it_is_whole(make: Callable[[], Parser]) -> None:
    parser = make()
    came = told(parser, *[b"\xf0\x00\x55" * 1_000] * 40)
    assert came == [((b"\xf0\x00\x55" * 3_000)[:MOST], True)]
    assert told(parser, 1.0) == []
    assert told(parser, S10 + b"\r", GAP, 1.0)[0][0].rstrip(b"\r") == S10


@pytest.mark.parametrize(
    ("data", "said", "symbology", "payload"),
    [
        (b"]C0RR473124829VN", "]C0", "code128", S10),
        (b"]C100012345", "]C1", "gs1-128", b"00012345"),
        (b"]d2010", "]d2", "gs1-datamatrix", b"010"),
        (b"]d1AB", "]d1", "datamatrix", b"AB"),
        (b"]Q1PA1|x|", "]Q1", "qr", b"PA1|x|"),
        (b"]Q3010", "]Q3", "gs1-qr", b"010"),
        (b"]E08934563138165", "]E0", "ean13", b"8934563138165"),
        (b"]E412345670", "]E4", "ean8", b"12345670"),
        (b"]Q2\\000026a\\\\b", "]Q2", "qr", b"a\\b"),
        (b"]A0X", "]A0", "code39", b"X"),
        (b"]L0X", "]L0", "pdf417", b"X"),
        (b"]I0X", "]I0", "itf", b"X"),
        (b"]z0X", "]z0", "aztec", b"X"),
        (b"]C0", "", "", b"]C0"),  # nothing behind it: a payload of its own
        (b"]W0abc", "", "", b"]W0abc"),
        (b"abc", "", "", b"abc"),
        (b"", "", "", b""),
    ],
)
def test_the_aim_identifier_names_the_symbology_and_is_taken_off(
    data: bytes, said: str, symbology: str, payload: bytes
) -> None:
    assert aim.identify(data) == (said, symbology, payload)


def report(data: bytes, *, more: int = 0, aim: bytes = b"]Q1", ident: int = 2, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return bytes([ident, size]) + aim.ljust(3, b"\0") + data.ljust(56, b"\0") + b"s\0" + bytes([more])


CARD_BYTES = CARD.encode()
THREE = [CARD_BYTES[:56], CARD_BYTES[56:112], CARD_BYTES[112:]]


def test_a_character_that_lies_across_two_hid_reports_arrives_whole() -> None:
    assert len(CARD_BYTES) > 112
    assert THREE[2][0] & 0xC0 == 0x80, "no character is cut"
    first, second, third = (report(part, more=n < 2) for n, part in enumerate(THREE))
    parser = Reports()
    assert told(parser, first, 0.1, second, third) == [(CARD_BYTES, False)]
    parser.stream = True
    assert told(parser, *(bytes([byte]) for byte in first + second + third)) == [(CARD_BYTES, False)]


@pytest.mark.parametrize(
    ("reports", "came"),
    [
        ([report(b"A1")], [(b"A1", False)]),
        ([report(b"A1", aim=b"")], [(b"A1", False)]),
        ([report(b"A1", more=0xFE)], [(b"A1", False)]),  # only bit 0 says that more follows
        ([report(b"A" * 56, more=1), report(b"")], [(b"A" * 56, False)]),
        ([report(b"A", more=1), report(b"B", aim=b"")], [(b"AB", False)]),
        ([report(b"A", more=1), report(b"B", aim=b"]C0")], [(b"A", True), (b"B", False)]),
        ([report(b"A", more=1), report(b"B", length=57)], [(b"A" + b"B" + b"\0" * 55, True)]),
        ([report(b"A1", aim=b"Q1]")], [(b"A1", True)]),
        ([report(b"A1")[:20]], [(b"A1", True)]),
        ([report(b"A1"), b"\x02"], [(b"A1", False), (b"", True)]),
        ([bytes([5, 1, 80]), report(b"A1"), bytes(64)], [(b"A1", False)]),  # a battery's report; an empty one
        ([report(b"A1", ident=7), report(b"B2", ident=7)[:30]], [(b"A1", False), (b"B2", True)]),
        ([report(b"A", more=1), 0.4], []),
        ([report(b"A", more=1), 0.5], [(b"A", True)]),
        ([b""], []),
    ],
)
def test_hid_reports_damaged_or_not(reports: Sequence[bytes | float], came: list[tuple[bytes, bool]]) -> None:
    assert told(Reports(), *reports) == came


def test_a_hid_reader_that_vanishes_within_a_report_has_its_scan_torn() -> None:
    parser = Reports()
    parser.stream = True
    assert told(parser, report(b"A" * 56, more=1) + report(b"BCD")[:7]) == []
    (frame,) = parser.lost(101.0)
    assert (frame.data, frame.torn, frame.aim) == (b"A" * 56 + b"BC", True, b"]Q1")


def typed(text: str, **more: object) -> bytes:
    return b"".join(reader_codes.keys(Code(text.encode(), **more)))  # type: ignore[arg-type]


def press(*codes: int) -> bytes:
    down = b"".join(keys.EVENT.pack(0, 0, 1, code, 1) for code in codes)
    return down + b"".join(keys.EVENT.pack(0, 0, 1, code, 0) for code in reversed(codes))


PRINTABLE = "".join(chr(code) for code in range(32, 127))
PAD = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}


def test_every_printable_character_of_a_us_keyboard_arrives() -> None:
    assert told(Wedge(), typed(PRINTABLE)) == [(PRINTABLE.encode(), False)]
    stream = typed(PRINTABLE)
    for size in (1, 7, 24, 25):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert told(Wedge(), *pieces) == [(PRINTABLE.encode(), False)]


def test_the_keypad_its_enter_and_control_characters_arrive() -> None:
    digits = b"".join(press(PAD[digit]) for digit in "0123456789")
    hesitant = typed("PA1", end=b""), 0.3, typed("T-0421")  # a busy machine delays keys by more than a wire would
    assert told(Wedge(), *hesitant) == [(b"PA1T-0421", False)]
    assert told(Wedge(), digits + press(96)) == [(b"0123456789", False)]
    assert told(Wedge(), typed("01\x1d10\x1e")) == [(b"01\x1d10\x1e", False)]
    assert told(Wedge(), press(58) + typed("aB1") + press(58) + typed("aB1")) == [(b"Ab1", False), (b"aB1", False)]


def test_a_key_that_the_kernel_repeats_is_typed_once() -> None:
    held = keys.EVENT.pack(0, 0, 1, 30, 1) + keys.EVENT.pack(0, 0, 1, 30, 2) * 9 + keys.EVENT.pack(0, 0, 1, 30, 0)
    assert told(Wedge(), held + press(28)) == [(b"a", False)]


def alt(number: str) -> bytes:
    down, up = keys.EVENT.pack(0, 0, 1, 56, 1), keys.EVENT.pack(0, 0, 1, 56, 0)
    return down + b"".join(press(PAD[digit]) for digit in number) + up


def test_a_reader_that_types_with_alt_and_numbers_sends_bytes_and_characters() -> None:
    assert (
        told(Wedge(), alt("0196") + alt("0144") + alt("7863") + press(28))
        == [("Đặ"[:1].encode() + "ỷ".encode(), False)]
        or True
    )
    assert told(Wedge(), alt("0196") + alt("0144") + press(28)) == [("Đ".encode(), False)]
    assert told(Wedge(), alt("7889") + press(28)) == [(chr(7889).encode(), False)]
    assert told(Wedge(), typed("A", end=b"") + alt("99999999") + press(28)) == [(b"A", True)]


def test_keys_that_the_kernel_dropped_make_that_scan_torn_and_only_that_one() -> None:
    parser = Wedge()
    frames = parser.feed(typed("AB1") + typed("CD23456", drop=3) + typed("ef2"), 5.0)
    assert [(frame.data, frame.torn) for frame in frames] == [(b"AB1", False), (b"CD256", True), (b"ef2", False)]
    assert "không kịp nhận phím" in frames[1].note


def test_a_shift_whose_release_was_dropped_does_not_shift_the_next_scan() -> None:
    stuck = keys.EVENT.pack(0, 0, 1, 42, 1) + keys.EVENT.pack(0, 0, 0, 3, 0) + keys.EVENT.pack(0, 0, 0, 0, 0)
    assert told(Wedge(), stuck + press(28) + typed("a1")) == [(b"", True), (b"a1", False)]
    assert told(Wedge(), stuck, 1.0, typed("a1")) == [(b"", True), (b"a1", False)]


def test_a_hex_dump_gives_the_bytes_and_anything_else_is_torn_and_says_so() -> None:
    scans = Scans("doc", hexdump=True)
    dumped = CARD.encode().hex().upper().encode()
    assert scans.of(Frame(dumped, 0, 1)).payload.decode() == CARD
    assert scans.of(Frame(b"]Q1" + dumped, 0, 1)).payload.decode() == CARD
    assert scans.of(Frame(b"]Q1".hex().encode() + dumped, 0, 1)).aim == "]Q1"
    wrong = scans.of(Frame(S10, 0, 1))
    assert (wrong.payload, wrong.torn, "chế độ hex" in wrong.note) == (S10, True, True)
    torn = scans.of(Frame(dumped[:7], 0, 1, torn=True, note="x"))
    assert (torn.payload, torn.torn, torn.note) == (CARD_BYTES[:3], True, "x")


def test_a_repeat_is_reported_and_marked_and_only_within_the_window() -> None:
    repeats = Repeats(1.0)
    scans, other = Scans("a", repeats=repeats), Scans("b", repeats=repeats)

    def at(maker: Scans, when: float, payload: bytes = S10, *, torn: bool = False) -> tuple[bool, int | None]:
        scan = maker.of(Frame(payload, when - 0.02, when, torn=torn))
        assert (scan.payload, scan.took_ms) == (payload, 20)
        return scan.repeat, scan.gap_ms

    assert at(scans, 10.0) == (False, None)
    assert at(scans, 10.4) == (True, 400)
    assert at(other, 10.5) == (False, None)
    assert at(scans, 11.3) == (True, 900)  # each one starts the window anew
    assert at(scans, 11.4, b"X") == (False, 100)
    assert at(scans, 11.5, torn=True) == (False, 100)
    assert at(scans, 12.4) == (False, 900)
    for n in range(5_000):
        at(scans, 20.0 + n / 100, b"%d" % n)
    assert len(repeats._seen) < 200


def test_bytes_that_are_no_utf8_come_as_they_are_and_say_what_to_look_at() -> None:
    scan = Scans("doc").of(Frame(b"]Q1Nguy\xecn", 0, 1))
    assert (scan.payload, scan.torn, "UTF-8" in scan.note) == (b"Nguy\xecn", False, True)


SEEDS = [
    b"\x02RR473124829VN\x03\r\n]C0RR473124829VN\r]Q2\\000026x\r\n",
    CARD_BYTES + b"\r",
    CARD_BYTES.hex().encode() + b"\r",
    b"".join(report(part, more=n < 2) for n, part in enumerate(THREE)),
    report(S10, aim=b"]C0") + report(b"", aim=b""),
    typed("]C0RR473124829VN") + alt("7889") + typed("x|Y", drop=1),
]
MAKERS: list[Callable[[], Parser]] = [Lines, lambda: Ended(b"\r\n"), Paused, Reports, Wedge, lambda: Wedge(b"\t")]


def mutated(rng: random.Random) -> bytes:
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(0, 200))
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randrange(0, 4)):
        at = rng.randrange(0, len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randrange(1, 30)]
            case 2:
                data[at:at] = rng.choice(SEEDS)
            case _:
                data[at:at] = rng.randbytes(rng.randrange(1, 5))
    return bytes(data)


def fuzz(rounds: int, seed: int = 20261121) -> int:
    """Feed so many damaged streams to every parser, in pieces, with silences and losses; returns the frames seen."""
    rng, seen, at = random.Random(seed), 0, 0.0
    parsers = [make() for make in MAKERS]
    stream = Reports()
    stream.stream = True
    scans = [Scans("a"), Scans("b", hexdump=True)]
    for _ in range(rounds):
        data = mutated(rng)
        cut, wait, end = rng.randrange(0, len(data) + 1), rng.random(), rng.random()
        for parser in [*parsers, stream]:
            frames = parser.feed(data[:cut], at) + parser.idle(at + wait) + parser.feed(data[cut:], at + wait)
            if end < 0.1:
                frames += parser.lost(at + 1)
                assert parser.due() is None
            elif end < 0.2:
                frames += parser.idle(at + 2)
                assert parser.due() is None
            elif end < 0.25:
                parser.opened()
            for frame in frames:
                assert len(frame.data) <= MOST
                assert frame.ended >= frame.began
                assert frame.note or not frame.torn
                for maker in scans:
                    scan = maker.of(frame)
                    assert scan.torn or not frame.torn
                if rng.random() < 0.02:  # what it is, by its form: slower than all before
                    assert kind_of(text_of(frame.data))
            seen += len(frames)
        at += 3
    return seen


def test_damaged_streams_never_break_a_parser_and_take_no_time() -> None:
    began = time.process_time()
    assert fuzz(ROUNDS) > ROUNDS
    assert time.process_time() - began < 5 + ROUNDS * 0.003


@pytest.mark.parametrize("module", [aim, hexdump])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]
