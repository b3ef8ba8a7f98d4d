"""The OpenAPI 3.1 document, made from the operations themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import Response, json

from agent import __version__
from agent.web.api import api
from agent.web.api.operation import OPERATIONS, Operation, adapter
from agent.web.guard import public

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "gaps": {"type": "array", "items": {"type": "string"}},
        "reference": {"type": "string"},
    },
}
_VALUE = re.compile(r"<(?:\w+:)?(\w+)>")


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
    return {
        "openapi": "3.1.0",
        "info": {"title": "postal-agent", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "security": [{"bearer": []}],
    }


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": _parameters(one),
        "responses": {str(one.status): _success(one, schemas), "default": _problem()},
    }
    if one.takes is not None:
        made["requestBody"] = {"required": True, "content": _json(_schema(one.takes, schemas))}
    return made


def _parameters(one: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    made: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in _VALUE.findall(one.path)
    ]
    made += [{"name": name, "in": "query", "required": False, "schema": text} for name in one.query]
    if one.method == "post":
        key = {"name": "Idempotency-Key", "in": "header", "required": one.needs_key}
        made.append({**key, "schema": {"type": "string", "minLength": 1, "maxLength": 200}})
    return made


def _success(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    if one.gives is bytes:
        return {"description": "PDF", "content": {"application/pdf": {"schema": {"type": "string"}}}}
    return {"description": "OK", "content": _json(_schema(one.gives, schemas))}


def _problem() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": "Problem (RFC 9457)", "content": {"application/problem+json": {"schema": schema}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _schema(shape: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a shape; what it refers to lands among the document's schemas."""
    made: dict[str, Any] = adapter(shape).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(made.pop("$defs", {}))
    if "title" in made and made.get("type") == "object":
        schemas[made["title"]] = made
        return {"$ref": f"#/components/schemas/{made['title']}"}
    return made
