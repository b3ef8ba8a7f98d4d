"""The OpenAPI 3.1 document, made from the operations themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Response, json

from agent import __version__
from agent.domain.dossier import State
from agent.domain.jobs import JobState
from agent.web.api import api
from agent.web.api.operation import LONGEST_KEY, OPERATIONS, Operation, adapter
from agent.web.api.paging import MOST, USUAL
from agent.web.guard import public

ABOUT = """\
What the counter's screens do, for programs: receive, label, digitise, sign, hand off, supplement, deliver, reconcile.

* **Who**: `Authorization: Bearer TOKEN` from `postal-agent users token NAME --scope S`. A token never allows more than
  the role of its user, and sees that user's office only.
* **Retry**: send one `Idempotency-Key` a piece of work and repeat the request, the same bytes under the same key, until
  it is answered: the work is done once. A repeated answer carries `Idempotency-Replayed: true` and shows the dossier
  as it stands. The same key with another request is refused (422, `idempotency`).
* **Later**: what prints or leaves for the province is a job; 202 says that it is queued on disk, its address what
  became of it. In state `unknown` nobody knows yet whether it arrived: the agent asks; do not send it again.
* **Pages**: lists are newest first; pass `next` as `cursor`. It is null at the end.
* **Values**: instants are UTC and end in Z (requests may carry any zone, but must carry one); amounts are whole đồng;
  hashes are SHA-256 in hex. A name that stands twice in an object, an unknown name, and NUL are refused.
* **Phones**: `/courier/...` and `/events:batch` with `phone` are called by couriers' paired phones, with the token that
  `/courier/pair` gave. A phone that was shut out gets 401 with code `phone-revoked`. Bodies of `/events:batch` may be
  gzipped (`Content-Encoding: gzip`).
* **Errors**: `application/problem+json` (RFC 9457); `code` is stable, `detail` says what happened and what to do next,
  `fields` and `gaps` name every fault at once, and `reference` finds a fault of ours in the log.
"""
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "lang": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "gaps": {"type": "array", "items": {"type": "string"}},
        "allowed": {"type": "array", "items": {"type": "string"}},
        "reference": {"type": "string"},
    },
}
ERRORS = {
    "400": "The body, a parameter or a header is not what this document says",
    "401": "No token, or one that is unknown or revoked",
    "403": "Not allowed to this role, to this token, or to this office",
    "404": "No such thing",
    "409": "The step is not possible now, or was done with other content",
    "413": "The body is too large",
    "415": "The body has another media type than this document says",
    "422": "A rule of the field is broken, or the key was used for another request",
    "429": "Asked too often; `Retry-After` says when it goes on",
    "503": "The database or the province cannot be reached now; nothing is lost, repeat it",
    "507": "The disk is full; nothing was kept, nothing is lost",
}
_VALUE = re.compile(r"<(?:\w+:)?(\w+)>")
_TEXT = {"type": "string"}
_UID = {"type": "string", "format": "uuid"}
VALUES: dict[str, dict[str, Any]] = {
    "uid": _UID,
    "page": _UID,
    "paper": _UID,
    "result": _UID,
    "number": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{9}[A-Z]{2}$", "description": "UPU S10"},
    "name": {"type": "string", "enum": ["receipt", "handed-in", "payment", "supplement"]},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    "cursor": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "since": {"type": "string", "pattern": "^[0-9]{0,18}$"},
    "unsent": {"type": "string", "pattern": "^[0-9]{1,9}$"},
    "collected": {"type": "integer", "minimum": 0, "maximum": 999_999_999_999, "default": 0},
}


@api.get("/openapi.json")
@public
def openapi() -> Response:
    """The document that describes this API."""
    return Response(json.dumps(document()), mimetype="application/json")


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    for one in OPERATIONS:
        path = "/api/v1" + _VALUE.sub(r"{\1}", one.path)
        paths.setdefault(path, {})[one.method] = _operation(one, schemas)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems = {status: {"description": words, "content": content} for status, words in ERRORS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "postal-agent", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {**problems, "default": {"description": "Problem (RFC 9457)", "content": content}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.path.split("/")[1].partition(":")[0]],
        "parameters": _parameters(one),
        "responses": {str(one.status): _success(one, schemas), **_problems(one)},
    }
    roles = ", ".join(action.value for action in one.actions)
    made["description"] = f"For who may: {roles}." if roles else "For everybody signed in."
    if one.open_to_all:
        made["description"], made["security"] = "For whoever holds the code that the body carries.", []
    if one.takes is not None:
        made["requestBody"] = {"required": True, "content": _json(_either(one.takes, one.of_phones[0], schemas))}
    elif one.uploads is not None:
        made["requestBody"] = {"required": True, "content": _json(_schema(one.uploads, schemas)) | _MULTIPART}
    elif one.raw:
        made["requestBody"] = {"required": True, "content": {kind: {} for kind in one.raw}}
    return made


_MULTIPART: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["component", "files"],
            "properties": {
                "component": _UID,
                "files": {"type": "array", "minItems": 1, "items": {"contentMediaType": "application/octet-stream"}},
            },
        }
    }
}


def _parameters(one: Operation) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": VALUES.get(name, _TEXT)}
        for name in _VALUE.findall(one.path)
    ]
    states = [state.value for state in (JobState if one.path == "/queue" else State)]
    known = {**VALUES, "state": {"type": "string", "enum": states}}
    made += [{"name": name, "in": "query", "required": False, "schema": known.get(name, _TEXT)} for name in one.query]
    if one.method == "post":
        key = {"name": "Idempotency-Key", "in": "header", "required": one.needs_key}
        printable = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
        made.append({**key, "schema": printable})
    return made


def _success(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if one.gives is bytes:
        schema = {"type": "string", "contentMediaType": "application/pdf"}
        return {"description": "A PDF", "content": {"application/pdf": {"schema": schema}}}
    made = {
        "description": "Queued" if one.status == 202 else "Done",
        "content": _json(_either(one.gives, one.of_phones[1], schemas)),
    }
    if one.method == "post":
        words = "`true` when the key was answered before: this is that answer"
        made["headers"] = {"Idempotency-Replayed": {"description": words, "schema": {"type": "string"}}}
    return made


def _problems(one: Operation) -> dict[str, Any]:
    statuses = ["400", "401", "403", "503"]
    if _VALUE.search(one.path):
        statuses += ["404", "422"]
    if one.method in ("post", "put"):
        statuses += ["404", "409", "413", "422", "507"]
    if one.takes is not None or one.uploads is not None:
        statuses.append("415")
    if one.path.startswith("/courier/"):
        statuses.append("429")
    named = {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(set(statuses))}
    return {**named, "default": {"$ref": "#/components/responses/default"}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _either(shape: Any, of_phones: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The schema of a shape, and beside it that of a phone's where phones send or get another one."""
    made = _schema(shape, schemas)
    return made if of_phones is None else {"anyOf": [made, _schema(of_phones, schemas)]}


def _schema(shape: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a shape; what it refers to lands among the document's schemas."""
    made: dict[str, Any] = adapter(shape).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(made.pop("$defs", {}))
    if "title" in made and made.get("type") == "object":
        schemas[made["title"]] = made
        return {"$ref": f"#/components/schemas/{made['title']}"}
    return made
