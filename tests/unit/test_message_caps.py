"""What passes the weighing keeps every cap, whichever way it was weighed; broken XML is left to the parser behind."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from agent.soap.caps import Caps, Forbidden, TooHeavy, weigh

CAPS = Caps(bytes=2_000, depth=4, nodes=12, attributes=6, equals_signs=30)
PIECES = [
    "<a>",
    "</a>",
    "<b/>",
    "<c d='1'>",
    "</c>",
    "x=y",
    "<e f='1' g='2'/>",
    "=",
    "&lt;",
    "<!-- c -->",
    "<?pi x?>",
    "<![CDATA[<]]>",
]


def messages() -> list[bytes]:
    """Well-formed and broken documents by seed, most of them small."""
    chance, made = random.Random(20261129), []
    for _ in range(3_000):
        inner = "".join(chance.choice(PIECES) for _ in range(chance.randrange(0, 12)))
        for _ in range(chance.randrange(0, 6)):
            inner = f"<n>{inner}</n>"
        head = chance.choice(
            ["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8'?>\n", "<!DOCTYPE r>", "<?pi?>"]
        )
        made.append(f"{head}<r>{inner}</r>".encode())
    return made


def verdict(data: bytes) -> bool:
    """Whether the message passes the weighing."""
    try:
        weigh(data, CAPS)
    except (TooHeavy, Forbidden):
        return False
    return True


def sizes(root: etree._Element) -> tuple[int, int, int]:
    """Depth, nodes and attributes of a tree, counted by another parser."""
    elements = list(root.iter(etree.Element))
    return (
        max(len(list(one.iterancestors())) + 1 for one in elements),
        len(elements),
        sum(len(one.attrib) for one in elements),
    )


def test_what_passes_is_within_every_cap_and_holds_no_instruction() -> None:
    passed = refused = 0
    for data in messages():
        try:
            root = etree.fromstring(data)
        except etree.XMLSyntaxError:
            continue  # such a message is refused by the parser behind
        depth, nodes, attributes = sizes(root)
        forbidden = b"<!DOCTYPE" in data or b"<?pi" in data
        light = depth <= CAPS.depth and nodes <= CAPS.nodes and attributes <= CAPS.attributes and not forbidden
        assert verdict(data) == light, data
        passed, refused = passed + light, refused + (not light)
    assert passed > 100 and refused > 100


@pytest.mark.parametrize("signs", [30, 31])
def test_many_equals_signs_are_refused_before_any_parser_sees_them(signs: int) -> None:
    assert verdict(b"<r>" + b"=" * signs + b"</r>") is (signs == 30)
