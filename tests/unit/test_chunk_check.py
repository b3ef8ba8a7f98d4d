"""A file's part is judged as the XSD judges it, whatever is in it."""

from __future__ import annotations

import base64
import random

import pytest
from lxml import etree

from agent.soap import messages
from agent.soap.contract import first_fault, qualified, schema
from agent.soap.contract.chunk import MAX_CHUNK, is_chunk

SHA = "a" * 64
GIVEN = {"sha256": SHA, "offset": 0, "total": 9, "chunkSha256": SHA, "bytes": b"x"}
ODD = [
    "",
    "=",
    "====",
    "A===",
    "AA=A",
    "AA==AAAA",
    "aB==",
    "aA==",
    "aAB=",
    "aAA=",
    "a*A=",
    "ẠAA",
    "AA==\n",
    " AAAA",
]


def request(text: str) -> etree._Element:
    element = messages.element_of("PutDocumentChunk", GIVEN)
    found = element.find(qualified("bytes"))
    assert found is not None
    found.text = text
    return element


def mangled() -> list[str]:
    """Base64 with a letter changed, dropped or added, by seed."""
    chance, made = random.Random(20261129), []
    for _ in range(400):
        text = list(base64.b64encode(chance.randbytes(chance.randrange(1, 12))).decode())
        place = chance.randrange(len(text))
        text[place : place + chance.randrange(2)] = chance.choice(["", "A", "=", "/", "-", "Q", "AA"])
        made.append("".join(text))
    return made


def test_what_the_quick_check_takes_and_refuses_is_what_the_schema_does() -> None:
    texts = [*ODD, *mangled()]
    for text in texts:
        sound = schema().validate(request(text))
        assert first_fault(request(text)) == ("" if sound else "bytes"), text
        if is_chunk(text):
            assert sound, text
    assert sum(map(is_chunk, texts)) > 50


@pytest.mark.parametrize("size", [MAX_CHUNK, MAX_CHUNK + 1])
def test_a_part_is_at_most_a_mebibyte(size: int) -> None:
    text = base64.b64encode(bytes(size)).decode()
    assert is_chunk(text) == (size == MAX_CHUNK)
    element = request(text)
    assert first_fault(element) == ("" if size == MAX_CHUNK else "bytes")
    found = element.find(qualified("bytes"))
    assert found is not None and found.text == text


def test_the_other_fields_of_a_part_are_checked_all_the_same() -> None:
    assert first_fault(messages.element_of("PutDocumentChunk", {**GIVEN, "offset": -1})) == "offset"
    element = request("AAAA")
    element[-1].set("more", "1")
    assert first_fault(element) == "bytes"
