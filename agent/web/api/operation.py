"""One API operation: its access, its body checked, its answer kept under the client's idempotency key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache, wraps
from typing import Any
from uuid import UUID

from flask import json, request
from peewee import IntegrityError
from werkzeug.wrappers import Response

from agent.accounts.principal import Principal
from agent.domain.actor import Actor
from agent.domain.roles import Action
from agent.errors import Duplicate, RuleViolation
from agent.store.requests import Idempotency
from agent.web.context import current_user, site
from agent.web.guard import MIB, allow

LONGEST_KEY = 200


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
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Who does it, as the use cases take it."""
        user = self.user
        return Actor(user.username, user.full_name, user.role, user.office_id, user.terminal_id)

    def remember(self, answer: Any) -> None:
        """Keep the answer under the key, inside the caller's write transaction."""
        if self.key and not self.kept:
            Idempotency.insert(
                client=_client(self.user),
                key=self.key,
                request_sha256=self.fingerprint,
                status=self.status,
                body=plain(answer),
                created_at=site().clock.now(),
            ).execute()
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


OPERATIONS: list[Operation] = []


def operation(
    blueprint: Any, method: str, path: str, *actions: Action, takes: Any = None, gives: Any = None, status: int = 200,
    needs_key: bool = False, body_cap: int = MIB, query: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Make a function of a Call (and the path's values) an operation of the API."""

    def mark(act: Callable[..., Any]) -> Callable[..., Any]:
        summary = (act.__doc__ or "").strip().splitlines()[0]
        OPERATIONS.append(
            Operation(method, path, act.__name__, summary, actions, takes, gives, status, needs_key, query)
        )

        @wraps(act)
        def view(**values: Any) -> Response:
            return _answer(act, values, takes=takes, status=status, needs_key=needs_key)

        allow(*actions, body=body_cap)(view)
        blueprint.add_url_rule(path, endpoint=act.__name__, view_func=view, methods=[method.upper()])
        return view

    return mark


def _answer(act: Callable[..., Any], values: dict[str, Any], *, takes: Any, status: int, needs_key: bool) -> Response:
    call = Call(current_user(), None, status)
    if request.method == "POST":
        call.key = request.headers.get("Idempotency-Key", "").strip()
        if len(call.key) > LONGEST_KEY or (needs_key and not call.key):
            raise BadRequest(
                f"Thiếu tiêu đề Idempotency-Key, hoặc dài hơn {LONGEST_KEY} ký tự. Gửi một khóa cho mỗi việc."
            )
        raw = request.get_data(cache=True)
        call.fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + raw).hexdigest()
    replay = _replay(call)
    if replay is not None:
        return replay
    call.body = checked_body(takes) if takes is not None else None
    try:
        answer = act(call, **values)
        _keep(call, answer)
    except IntegrityError:
        replay = _replay(call)  # the same key was answered by another thread in the meantime
        if replay is None:
            raise
        return replay
    return respond(answer, call.status)


def _keep(call: Call, answer: Any) -> None:
    if call.key and not call.kept and not isinstance(answer, Response):
        with site().store.writing():
            call.remember(answer)


def _replay(call: Call) -> Response | None:
    """The answer that this key got before; Duplicate when it was used for another request."""
    if not call.key:
        return None
    with site().store.reading():
        kept = Idempotency.get_or_none((Idempotency.client == _client(call.user)) & (Idempotency.key == call.key))
    if kept is None:
        return None
    if kept.request_sha256 != call.fingerprint:
        raise Duplicate("Idempotency-Key này đã dùng cho yêu cầu khác. Dùng khóa mới cho việc mới.", code="idempotency")
    answer = respond(kept.body, kept.status)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _client(user: Principal) -> str:
    return f"{user.username}/{user.client}"


def checked_body(shape: Any) -> Any:
    """The JSON body as `shape`; BadRequest names each field that is wrong."""
    from pydantic import ValidationError

    try:
        return adapter(shape).validate_json(request.get_data(cache=True), strict=False)
    except ValidationError as error:
        fields = {".".join(map(str, one["loc"])) or "body": one["msg"] for one in error.errors(include_input=False)}
        raise BadRequest("Nội dung JSON không đúng mẫu trong /api/v1/openapi.json.", fields) from None


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


def plain(value: Any) -> Any:
    """Dataclasses, instants, uids and enums as JSON values; instants end in Z."""
    if hasattr(value, "__dataclass_fields__"):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, UUID) else value


def uid_of(text: str) -> UUID:
    """A path's uid; BadRequest when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("Mã trong địa chỉ phải là UUID. Lấy mã từ danh sách hồ sơ.", {"id": "uuid"}) from None


def limit_of(default: int = 50, most: int = 200) -> int:
    """`?limit=`, 1 to 200."""
    text = request.args.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= most):
        raise BadRequest(f"limit phải là số từ 1 đến {most}.", {"limit": "1..200"})
    return int(text)
