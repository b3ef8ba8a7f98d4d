"""What may cross between this program and its helpers, and what a helper that was taken over can do: nothing."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from agent.documents.helper_codec import SHAPES, BadFrame, error_in, error_out, receive, send
from agent.errors import HandoffUnavailable, IllegalStep, IntegrityError, SigningError, StoreFull
from agent.ports import PageImage, Verdict
from agent.ports_signing import SignatureReport

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def crossed(values: dict[str, Any]) -> dict[str, Any]:
    pipe = io.BytesIO()
    send(pipe, values)
    pipe.seek(0)
    frame = receive(pipe)
    assert frame and receive(pipe) is None
    return frame[0]


def test_values_cross_unchanged() -> None:
    page = PageImage("tờ 1", b"\0\xff", "ab", "image/jpeg", 1, 2, None, Verdict.WARN, "lý do", ("no-dpi",))
    report = SignatureReport(True, False, True, "A", AT.astimezone(timezone(timedelta(hours=7))), ("x",))
    evidence = {"bytes": 0, "deep": {"x": (1.5, None)}}
    values = {"page": [page], "report": report, "path": Path("a/ơ"), "evidence": evidence}
    assert crossed(values) == values


def test_every_field_of_what_crosses_is_named() -> None:
    for kind, shape in SHAPES.items():
        assert {field.name for field in fields(kind)} == set(shape)


@pytest.mark.parametrize("value", [object(), {1: 2}, {"x"}, Verdict, IntegrityError("x")])
def test_what_has_no_name_does_not_cross(value: object) -> None:
    with pytest.raises(TypeError):
        send(io.BytesIO(), {"value": value})


@pytest.mark.parametrize("error", [IntegrityError("hỏng"), SigningError("PIN", code="signing-pin"), StoreFull("đầy")])
def test_errors_keep_their_type_code_and_words(error: Any) -> None:
    back = error_in(error_out(error))
    assert (type(back), back.code, back.message, back.retryable) == (
        type(error),
        error.code,
        error.message,
        error.retryable,
    )


@pytest.mark.parametrize("error", [HandoffUnavailable("x"), IllegalStep("a", "b")])
def test_an_error_of_another_station_crosses_as_its_nearest_kind(error: Any) -> None:
    assert error_in(error_out(error)).message == error.message


def framed(of: object, sizes: object = ()) -> bytes:
    header = json.dumps({"of": of, "sizes": sizes}).encode()
    return struct.pack(">I", len(header)) + header


@pytest.mark.parametrize(
    "said",
    [
        b"\0\0",
        b"\xff\xff\xff\xff",
        framed({"map": {}})[:-1],
        framed([1]),
        framed({"map": {}}, [2**40]),
        framed({"map": {}}, [-1]),
        framed({"map": {}}, [5]) + b"1234",
        framed({"map": {"x": {"bytes": 0}}}),
        framed({"map": {"x": {"bytes": -1}}}, [1]) + b"1",
        framed({"map": {"x": {"Popen": {}}}}),
        framed({"map": {"x": {"Copy": {"map": {"pdf": 1}}}}}),
        framed({"map": {"x": {"Copy": {"pdf": "text", "pages": 1, "evidence": {"map": {}}}}}}),
        framed({"map": {"x": {"verdict": "fine"}}}),
        framed({"map": {"x": {"a": 1, "b": 2}}}),
        framed({"map": {"x": {"tuple": 5}}}),
        struct.pack(">I", 200_000) + b"[" * 200_000,
    ],
)
def test_a_helper_that_was_taken_over_can_only_be_misunderstood(said: bytes) -> None:
    with pytest.raises(BadFrame):
        receive(io.BytesIO(said))
