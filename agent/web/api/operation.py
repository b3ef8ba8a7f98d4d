"""One API operation: its access, its body checked, its answer kept under the client's idempotency key."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any
from uuid import UUID

from flask import request
from peewee import IntegrityError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.wrappers import Response

from agent.accounts.principal import Principal
from agent.domain.actor import Actor
from agent.domain.roles import Action, Role
from agent.errors import Duplicate, RuleViolation
from agent.store import rows
from agent.store.requests import Idempotency
from agent.web.api.packed import unpacked
from agent.web.api.plain import plain
from agent.web.api.replay import kept_form, shown_again
from agent.web.context import current_user, site
from agent.web.guard import MIB, allow
from agent.web.phone_access import phone_or_none

LONGEST_KEY, MOST_FAULTS = 200, 50
NO_INSTANT = "Thời điểm phải có múi giờ và nằm trong năm 2000–2099, ví dụ 2026-11-21T09:00:00+07:00."
_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
_KEY_LOCKS = [threading.Lock() for _ in range(64)]


class BadRequest(RuleViolation):
    """The body, a parameter or a header is not what the OpenAPI document says."""

    code = "bad-request"

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        self.fields = fields or {}
        super().__init__(message)


@dataclass
class Call:
    """One call: who asks, the checked body, and `remember` for a use case that keeps the answer itself."""

    user: Principal
    body: Any
    status: int
    key: str = ""
    fingerprint: str = ""
    kept: bool = False

    @property
    def actor(self) -> Actor:
        """Who does it, as the use cases take it."""
        user = self.user
        return Actor(user.username, user.full_name, user.role, user.office_id, user.terminal_id)

    def remember(self, answer: Any) -> None:
        """Keep the answer under the key, inside the caller's write transaction."""
        if self.key and not self.kept:
            rows.create(
                Idempotency,
                client=client_of(self.user),
                key=self.key,
                request_sha256=self.fingerprint,
                status=self.status,
                body=kept_form(answer),
                created_at=site().clock.now(),
            )
            self.kept = True


@dataclass(frozen=True)
class Operation:
    """What the OpenAPI document says of one operation."""

    method: str
    path: str
    name: str
    summary: str
    actions: tuple[Action, ...]
    takes: Any
    gives: Any
    status: int
    needs_key: bool
    query: tuple[str, ...]
    body_cap: int
    uploads: Any
    raw: tuple[str, ...] = ()  # media types of a body that is no JSON
    open_to_all: bool = False
    packed: bool = False  # the body may come gzipped
    of_phones: tuple[Any, Any] = (None, None)  # what a phone's body is instead of `takes`, and its answer


OPERATIONS: list[Operation] = []
_NOBODY = Principal("", "", Role.COURIER, "", "", frozenset())


def operation(
    blueprint: Any, method: str, path: str, *actions: Action, takes: Any = None, gives: Any = None, status: int = 200,
    needs_key: bool = False, body_cap: int = MIB, query: tuple[str, ...] = (), uploads: Any = None,
    raw: tuple[str, ...] = (), open_to_all: bool = False, phones: bool = False, packed: bool = False,
    of_phones: tuple[Any, Any] = (None, None),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Make a function of a Call (and the path's values) an operation of the API.

    `takes` is checked before the function runs; `uploads` is a shape that the function checks itself, because the
    same may come as multipart/form-data. `phones`: paired phones may call it too; `open_to_all`: without any token.
    """

    def mark(act: Callable[..., Any]) -> Callable[..., Any]:
        summary = (act.__doc__ or "").strip().splitlines()[0]
        one = Operation(
            method, path, act.__name__, summary, actions, takes, gives, status, needs_key, query, body_cap, uploads,
            raw, open_to_all, packed, of_phones,
        )  # fmt: skip
        OPERATIONS.append(one)

        @wraps(act)
        def view(**values: Any) -> Response:
            return _answer(act, values, one)

        allow(*actions, body=body_cap)(view)
        view.public, view.phones = open_to_all, phones  # type: ignore[attr-defined]
        blueprint.add_url_rule(path, endpoint=act.__name__, view_func=view, methods=[method.upper()])
        return view

    return mark


def _answer(act: Callable[..., Any], values: dict[str, Any], one: Operation) -> Response:
    call = Call(_NOBODY if one.open_to_all else current_user(), None, one.status)
    no_control_characters(*request.args.values())
    _known_parameters(one)
    if request.method != "POST":
        return respond(act(call, **values), call.status)
    call.key = idempotency_key(needed=one.needs_key)
    raw = unpacked(one.body_cap) if one.packed else request.get_data(cache=True, parse_form_data=False)
    if request.content_length is None and len(raw) >= one.body_cap:
        raise RequestEntityTooLarge  # sent in chunks, and cut off at the limit
    call.fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + raw).hexdigest()
    with _one_at_a_time(call):
        replay = _replay(call)
        if replay is not None:
            return replay
        takes = (one.of_phones[0] if phone_or_none() else None) or one.takes
        call.body = checked_body(takes, many_voices=takes is not one.takes) if takes is not None else None
        try:
            answer = act(call, **values)
            _keep(call, answer)
        except IntegrityError:
            replay = _replay(call)  # the same key was answered by another agent of this database meanwhile
            if replay is None:
                raise
            return replay
    return respond(answer, call.status)


def _known_parameters(one: Operation) -> None:
    unknown = sorted(set(request.args) - set(one.query))
    if unknown:
        known = ", ".join(one.query) or "không có"
        words = f"Tham số không có trong /api/v1/openapi.json. Các tham số ở đây: {known}."
        raise BadRequest(words, {name[:200]: "unknown" for name in unknown[:MOST_FAULTS]})


def idempotency_key(*, needed: bool) -> str:
    """The request's key, empty when there is none; BadRequest when one is needed or it is unusable."""
    key = request.headers.get("Idempotency-Key", "")
    if (needed or "Idempotency-Key" in request.headers) and not _KEY.fullmatch(key):
        raise BadRequest(
            f"Cần tiêu đề Idempotency-Key: một khóa cho mỗi việc, 1 đến {LONGEST_KEY} ký tự ASCII, không dấu cách.",
            {"Idempotency-Key": f"1..{LONGEST_KEY}"},
        )
    return key


@contextmanager
def _one_at_a_time(call: Call) -> Iterator[None]:
    """Requests under the same key wait for each other, so that the second finds the first one's answer."""
    if not call.key:
        yield
        return
    with _KEY_LOCKS[hash((client_of(call.user), call.key)) % len(_KEY_LOCKS)]:
        yield


def _keep(call: Call, answer: Any) -> None:
    if call.key and not call.kept and not isinstance(answer, Response):
        with site().store.writing():
            call.remember(answer)


def _replay(call: Call) -> Response | None:
    """The answer that this key got before; Duplicate when it was used for another request."""
    if not call.key:
        return None
    with site().store.reading():
        kept = rows.first(Idempotency, client=client_of(call.user), key=call.key)
        if kept is None:
            return None
        if kept.request_sha256 != call.fingerprint:
            words = "Idempotency-Key này đã dùng cho yêu cầu khác. Dùng khóa mới cho việc mới."
            raise Duplicate(words, code="idempotency")
        answer = respond(shown_again(kept.body), kept.status)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def client_of(user: Principal) -> str:
    """Whose keys these are: two clients of one user never meet each other's."""
    return f"{user.username}/{user.client}"


def checked_body(shape: Any, *, many_voices: bool = False) -> Any:
    """The JSON body as `shape`; BadRequest names each field that is wrong, 415 for another media type.

    `many_voices`: each part answers for itself, so that what is odd inside one is no fault of the whole.
    """
    from pydantic import ValidationError

    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    raw = request.get_data(cache=True)
    try:
        body = adapter(shape).validate_json(raw, strict=False)
    except ValidationError as error:
        raise BadRequest("Nội dung JSON không đúng mẫu trong /api/v1/openapi.json.", _faults(error)) from None
    if not many_voices:
        json.loads(raw, object_pairs_hook=_members)  # its depth is the shape's
    return body


def _faults(error: Any) -> dict[str, str]:
    found = error.errors(include_input=False, include_url=False, include_context=False)[:MOST_FAULTS]
    return {(".".join(map(str, one["loc"])) or "body")[:200]: one["msg"] for one in found}


def _members(pairs: list[tuple[str, Any]]) -> None:
    """Refuse what parsers read differently: a name that stands twice, and the NUL character."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest("Trong JSON có tên đứng hai lần. Mỗi tên chỉ ghi một lần.", {twice[:200]: "duplicate"})
    for name, value in pairs:
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and "\0" in text:
                raise BadRequest("Nội dung có ký tự NUL. Xóa ký tự đó rồi gửi lại.", {name[:200]: "nul"})


def no_control_characters(*texts: str) -> None:
    """BadRequest for a text with NUL, which no database keeps."""
    if any("\0" in text for text in texts):
        raise BadRequest("Tham số có ký tự NUL. Xóa ký tự đó rồi gửi lại.", {"query": "nul"})


@lru_cache(maxsize=64)
def adapter(shape: Any) -> Any:
    """The validator of a shape, made once."""
    from pydantic import TypeAdapter

    return TypeAdapter(shape)


def respond(answer: Any, status: int) -> Response:
    """The answer as JSON; a ready response is passed on."""
    if isinstance(answer, Response):
        return answer
    return Response(json.dumps(plain(answer), ensure_ascii=False), status=status, mimetype="application/json")


def uid_of(text: str) -> UUID:
    """A path's uid; BadRequest when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("Mã trong địa chỉ phải là UUID. Lấy mã từ danh sách hồ sơ.", {"id": "uuid"}) from None


def is_instant(value: datetime) -> bool:
    """Whether a time names its zone and lies in this century: others cannot be brought to UTC, or are a wrong clock."""
    return value.tzinfo is not None and 2000 <= value.year < 2100
