"""What a message may weigh: bytes, depth, counts and no DTD, measured by expat before any tree is built."""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat


class TooHeavy(ValueError):
    """The message is over a cap."""


class Forbidden(ValueError):
    """The message is no well-formed XML, or holds a DTD or a processing instruction."""


@dataclass(frozen=True)
class Caps:
    """Limits of one message; `bytes` are those of the message, the others are counts."""

    bytes: int
    depth: int = 24
    nodes: int = 60_000
    attributes: int = 2_000
    equals_signs: int = 20_000


REQUEST = Caps(4 * 1024 * 1024)
"""Far above what a whole dossier needs."""
ANSWER = Caps(64 * 1024 * 1024, nodes=2_000_000, attributes=5_000, equals_signs=100_000)
"""A day of a large office's dossiers is a long list."""


def weigh(data: bytes, caps: Caps) -> None:
    """Raise TooHeavy or Forbidden; the message is not kept."""
    # Every attribute has an equals sign: this bounds a tag of 300,000 attributes before any parser builds it.
    if len(data) > caps.bytes:
        raise TooHeavy
    if _light(data, caps):
        return
    if data.count(b"=") > caps.equals_signs:
        raise TooHeavy
    depth = nodes = attributes = 0

    def opened(_name: str, given: list[str]) -> None:
        nonlocal depth, nodes, attributes
        depth, nodes, attributes = depth + 1, nodes + 1, attributes + len(given) // 2
        if depth > caps.depth or nodes > caps.nodes or attributes > caps.attributes:
            raise TooHeavy

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def forbidden(*_given: object) -> None:
        raise Forbidden

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = forbidden
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Forbidden from None


def _light(data: bytes, caps: Caps) -> bool:
    """Whether a message cannot break a cap, so that expat need not read it: a file's part is a MiB in a few elements.

    Each element has at most its own "<", and one more for each that is open; each attribute has an equals sign; a DTD
    begins with "<!", a processing instruction with "<?", as the declaration at the very beginning does.
    """
    opened = _places(data, b"<", min(caps.nodes, 2 * caps.depth))
    if opened is None or _places(data, b"=", caps.attributes) is None:
        return False
    begins = [data[at + 1 : at + 2] for at in opened]
    return b"!" not in begins and begins.count(b"?") == data.startswith(b"<?xml ")


def _places(data: bytes, sign: bytes, most: int) -> list[int] | None:
    """Where a sign stands, None when more often than `most`: find() skips a MiB ten times as fast as count()."""
    found, at = list[int](), data.find(sign)
    while at >= 0:
        if len(found) == most:
            return None
        found.append(at)
        at = data.find(sign, at + 1)
    return found
