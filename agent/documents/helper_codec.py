"""What crosses the pipe between this program and its helpers: frames of values from a closed list of types.

Not pickle: a helper takes strangers' files apart, and whoever takes the helper over must not be able to make the
other side run anything. A decoder that can only build the types named here leaves wrong values, never code.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from agent.errors import (
    AgentError,
    ConfigError,
    DocumentError,
    IntegrityError,
    SigningError,
    StoreError,
    StoreFull,
    StoreLocked,
)
from agent.ports import Copy, PageImage, Verdict
from agent.ports_signing import SignatureReport, SignedPdf, Standing
from agent.ports_text import PageText, Word

LONGEST_HEADER = 64 * 2**20  # bytes: the words of 500 full pages and more
PIECE = 2**20  # bytes that are taken from the pipe at once
LONGEST_FRAME = 2**30  # bytes; what claims to be longer is not read
_LENGTH = struct.Struct(">I")
_NONE = type(None)
SHAPES: dict[type, dict[str, tuple[type, ...]]] = {
    PageImage: {
        **dict.fromkeys(("name", "sha256", "media", "reason"), (str,)),
        **dict.fromkeys(("width", "height"), (int,)),
        "raw": (bytes,),
        "dpi": (int, _NONE),
        "verdict": (Verdict,),
        "findings": (tuple,),
        "seen": (dict,),
    },
    Copy: {"pdf": (bytes,), "pages": (int,), "evidence": (dict,)},
    SignatureReport: {
        **dict.fromkeys(("valid", "trusted", "training"), (bool,)),
        "signer": (str,),
        **dict.fromkeys(("signed_at", "stamped_at"), (datetime, _NONE)),
        "problems": (tuple,),
    },
    Standing: {
        "subject": (str,),
        **dict.fromkeys(("training", "needs_pin"), (bool,)),
        **dict.fromkeys(("problems", "remarks"), (tuple,)),
        "evidence": (dict,),
    },
    SignedPdf: {"pdf": (bytes,), "level": (str,), "remarks": (tuple,)},
    PageText: {
        **dict.fromkeys(("state", "reason", "engine", "language"), (str,)),
        **dict.fromkeys(("confidence", "angle", "seconds"), (float,)),
        "words": (tuple,),
    },
    Word: {
        "text": (str,),
        "line": (int,),
        **dict.fromkeys(("confidence", "left", "top", "right", "bottom", "x", "y", "length", "height"), (float,)),
    },
}
ROWS = (Word,)  # so many that they cross without the names of their fields
_NAMED = {kind.__name__: kind for kind in SHAPES}
_ERRORS: dict[str, type[AgentError]] = {
    kind.__name__: kind
    for kind in (
        AgentError, ConfigError, DocumentError, IntegrityError, SigningError, StoreError, StoreFull, StoreLocked
    )
}  # fmt: skip


class BadFrame(ValueError):
    """The other side sent what is no frame: it ended in the middle, or is not ours any more."""


def send(stream: IO[bytes], values: Mapping[str, Any], *, known: Sequence[bytes] = ()) -> list[bytes]:
    """Write one frame and return its bytes objects; those of `known` (from the frame that is answered) are only named.

    OSError when the other side is gone, TypeError for a value that does not cross.
    """
    blobs: list[bytes] = []
    of = _plain(dict(values), blobs, {id(blob): number for number, blob in enumerate(known)})
    header = json.dumps({"of": of, "sizes": [len(blob) for blob in blobs]}, separators=(",", ":")).encode()
    stream.write(_LENGTH.pack(len(header)) + header)
    for blob in blobs:
        stream.write(blob)
    stream.flush()
    return blobs


def receive(stream: IO[bytes], *, known: Sequence[bytes] = ()) -> tuple[dict[str, Any], list[bytes]] | None:
    """The next frame's values and its bytes objects, None at the orderly end; BadFrame for anything else."""
    start = stream.read(_LENGTH.size)
    if not start:
        return None
    try:
        (length,) = _LENGTH.unpack(start)
        header = json.loads(_exactly(stream, length, LONGEST_HEADER))
        sizes = header["sizes"]
        if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) > LONGEST_FRAME:
            raise BadFrame("sizes")
        blobs = [_exactly(stream, size, LONGEST_FRAME) for size in sizes]
        values = _value(header["of"], blobs, known)
    except (ValueError, LookupError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise BadFrame(str(error)) from error
    if not isinstance(values, dict):
        raise BadFrame("values")
    return values, blobs


def error_out(error: AgentError) -> dict[str, str]:
    """The error as plain values: its nearest type that crosses, its code and its words."""
    kind = next(base.__name__ for base in type(error).__mro__ if base.__name__ in _ERRORS)
    return {"kind": kind, "code": error.code, "message": error.message}


def error_in(said: Mapping[str, str]) -> AgentError:
    """The typed error that `error_out` described; BadFrame for an unknown type."""
    kind = _ERRORS.get(said.get("kind", ""))
    if kind is None or not isinstance(said.get("message"), str) or not isinstance(said.get("code"), str):
        raise BadFrame("error")
    return kind(said["message"], code=said["code"])


def _exactly(stream: IO[bytes], length: int, limit: int) -> bytes:
    if length > limit:
        raise BadFrame("too long")
    held = io.BytesIO()  # not read at once: that takes the memory twice
    while held.tell() < length:
        piece = stream.read(min(PIECE, length - held.tell()))
        if not piece:
            raise BadFrame("ended in the middle")
        held.write(piece)
    return held.getvalue()


def _plain(value: Any, blobs: list[bytes], known: Mapping[int, int]) -> Any:
    """The value as JSON: an array is a list, an object has one key, its type."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is bytes:
        if id(value) in known:
            return {"known": known[id(value)]}
        blobs.append(value)
        return {"bytes": len(blobs) - 1}
    if kind is list or kind is tuple:
        items = [_plain(item, blobs, known) for item in value]
        return items if kind is list else {"tuple": items}
    if kind is dict:
        return {"map": {_key(name): _plain(item, blobs, known) for name, item in value.items()}}
    if kind is Verdict:
        return {"verdict": value.value}
    if kind is datetime:
        return {"instant": value.isoformat()}
    if isinstance(value, Path):
        return {"path": str(value)}
    if kind in ROWS:
        return {kind.__name__: [_plain(getattr(value, name), blobs, known) for name in SHAPES[kind]]}
    if kind in SHAPES:
        return {kind.__name__: {name: _plain(getattr(value, name), blobs, known) for name in SHAPES[kind]}}
    raise TypeError(f"{kind.__name__} does not cross to a helper")


def _key(name: Any) -> str:
    if type(name) is not str:
        raise TypeError("names are text")
    return name


def _value(plain: Any, blobs: Sequence[bytes], known: Sequence[bytes]) -> Any:
    if isinstance(plain, list):
        return [_value(item, blobs, known) for item in plain]
    if not isinstance(plain, dict):
        return plain
    ((kind, of),) = plain.items()
    simple: dict[str, Callable[[Any], Any]] = {
        "bytes": lambda number: blobs[_index(number)],
        "known": lambda number: known[_index(number)],
        "verdict": Verdict,
        "instant": datetime.fromisoformat,
        "path": Path,
    }
    if kind in simple:
        return simple[kind](of)
    if kind == "tuple":
        return tuple(_value(item, blobs, known) for item in of)
    if isinstance(of, list):
        of = dict(zip(SHAPES[_NAMED[kind]], of, strict=True))
    held = {name: _value(item, blobs, known) for name, item in of.items()}
    return held if kind == "map" else _shaped(_NAMED[kind], held)


def _shaped(kind: type, held: dict[str, Any]) -> Any:
    shape = SHAPES[kind]
    if held.keys() != shape.keys() or not all(type(held[name]) in types for name, types in shape.items()):
        raise BadFrame(kind.__name__)
    return kind(**held)


def _index(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise BadFrame("index")
    return number
