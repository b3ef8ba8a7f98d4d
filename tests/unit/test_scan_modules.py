"""The courier's scanning modules in node: what a reader typed, what an input method did to it, when a code counts."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from agent.domain.s10 import S10
from agent.domain.scan_repair import repaired, repairs
from agent.domain.telex import from_telex, from_vni
from agent.errors import InvalidIdentifier
from tests.label_frames import item_number

SCAN = Path(__file__).parents[2] / "agent" / "web" / "static" / "courier-app" / "scan"
NUMBER = "RD473124829VN"
LINK = "https://tracuu.example.vn/t/7hq2mKQ9vB3x"


def ask(**questions: Any) -> dict[str, Any]:
    """What the modules answer, in one start of node."""
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is not installed") if os.environ.get("CI") else pytest.skip("node is not installed")
    command = [node, "--no-warnings", str(Path(__file__).with_name("scan_modules.mjs")), str(SCAN)]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def is_item(text: str) -> bool:
    try:
        return S10.parse(text).text == text
    except InvalidIdentifier:
        return False


def damaged() -> list[str]:
    """Item numbers of many prefixes as Telex and VNI leave them."""
    rng = random.Random(7)
    letters = "ADEORUVWZ"
    numbers = [item_number(rng.randrange(10**8), rng.choice(letters) + rng.choice(letters)) for _ in range(60)]
    return [nfc(method(number).upper()) for number in numbers for method in (from_telex, from_vni)]


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def test_the_phone_undoes_an_input_method_as_the_counter_does() -> None:
    texts = [*damaged(), NUMBER, "PÁ|T1", "Đ7-N", "xin chào", "7" * 200]
    said = ask(repairs=texts, repaired=damaged(), typed=["RD1", "dawngj phuwowcs", "d9a8ng5", "quoofc", "giuwax"])
    assert [set(one) for one in said["repairs"]] == [set(repairs(text)) for text in texts]
    assert said["repaired"] == [repaired(text, is_item) for text in damaged()]
    assert said["typed"] == [
        [nfc(from_telex(text)), nfc(from_vni(text))]
        for text in ("RD1", "dawngj phuwowcs", "d9a8ng5", "quoofc", "giuwax")
    ]


def test_a_number_is_known_by_its_check_digit_and_our_codes_by_their_head() -> None:
    texts = [NUMBER, "RD 473 124 829 VN", "RD473124828VN", "PA1T|T-17", "PA2P|x|1/2|{", LINK, "12345678", ""]
    assert ask(ours=texts)["ours"] == [True, True, False, True, True, True, False, False]


def test_a_code_counts_after_two_equal_reads_and_once_while_it_is_in_view() -> None:
    bars = [NUMBER, "Code128"]
    once = {"frames": [[at, [bars]] for at in (0, 30, 60, 90, 1900, 1930, 3800, 3830)]}
    again = {"frames": [[at, [bars]] for at in (0, 30, 2100, 2130)]}
    torn = {"frames": [[0, [bars]], [1100, [bars]], [1200, []], [1300, [["RD473124801VN", "Code128"]]]]}
    said = ask(steady=[once, again, torn])["steady"]
    assert said == [[[30, NUMBER, True]], [[30, NUMBER, True], [2130, NUMBER, True]], []]


def test_the_link_beside_a_number_is_told_only_when_it_is_alone() -> None:
    both = [[30 * n, [[LINK, "QRCode"], [NUMBER, "Code128"]]] for n in range(20)]
    alone = [[30 * n, [[LINK, "QRCode"]]] for n in range(20)]
    said = ask(steady=[{"frames": both, "wanted": "RD"}, {"frames": alone, "wanted": "RD"}])["steady"]
    assert said == [[[30, NUMBER, True]], [[150, LINK, False]]]


def keys(text: str, *, gap: float, end: str = "Enter", start: float = 1000) -> list[list[Any]]:
    """Key presses as a browser reports them."""
    pressed: list[list[Any]] = []
    for n, char in enumerate(text):
        code = f"Digit{char}" if char.isdigit() else f"Key{char.upper()}"
        pressed.append([char, code, char.isupper(), start + n * gap])
    return [*pressed, [end, end, False, start + len(text) * gap]] if end else pressed


def test_a_readers_burst_is_told_from_a_persons_keys() -> None:
    fast, tab, bare = keys(NUMBER, gap=8), keys(NUMBER, gap=35, end="Tab"), keys(NUMBER, gap=8, end="")
    person, short, prose = keys(NUMBER, gap=110), keys("RD12", gap=8), keys("xinchaocacban", gap=20, end="")
    mixed = [*keys("AB", gap=90, end=""), *keys(NUMBER, gap=8, start=2000)]
    prefixed = [["]", "BracketRight", False, 990], *keys("C0" + NUMBER, gap=8)]
    whole = [{"text": NUMBER, "damaged": False, "repaired": False}]
    said = ask(bursts=[fast, tab, bare, prefixed, mixed, person, short, prose])["bursts"]
    assert said == [whole, whole, whole, whole, whole, [], [], []]


def test_what_an_input_method_swallowed_is_taken_from_the_keys_themselves() -> None:
    number = item_number(51234567, "AA")  # Telex makes Â of AA
    swallowed = keys(number, gap=8)
    swallowed[0][0] = swallowed[1][0] = "Process"
    replaced = keys(number, gap=8)
    replaced[1:2] = [["Backspace", "Backspace", False, 1005], ["Â", "", False, 1006]]
    hopeless = keys("ĂĂ1234", gap=8)
    for one in hopeless:
        one[1] = ""
    said = ask(bursts=[swallowed, replaced, hopeless])["bursts"]
    assert said[0] == said[1] == [{"text": number, "damaged": False, "repaired": True}]
    assert said[2][0]["damaged"] is True
