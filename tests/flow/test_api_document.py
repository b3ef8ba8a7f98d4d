"""The OpenAPI document is valid and true: a served agent is called with what it describes, and with what it forbids."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import hypothesis
import pytest

from tests.flow.api_desk import Office, office, signed

EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))  # an operation, beside schemathesis's systematic ones


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("api")) as opened:
        yield opened


@pytest.fixture(scope="module")
def described(desk: Office) -> Any:
    """The document, its path values filled with a real dossier's, so that calls reach past the first look-up."""
    import schemathesis

    document = json.loads(desk.client().get("/openapi.json").raw)
    del document["security"]  # who may do what has tests of its own; here every call carries a supervisor's token
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=desk.served.url)
    return schema, signed(desk.client())


def test_the_document_is_valid_openapi_3_1(described: Any) -> None:
    schema, _made = described
    schema.validate()
    assert schema.specification.version.startswith("3.1")


def test_every_operation_documents_its_errors(desk: Office) -> None:
    paths = json.loads(desk.client().get("/openapi.json").raw)["paths"]
    operations = [one for path in paths.values() for one in path.values()]
    assert len(operations) >= 25
    for one in operations:
        assert one["summary"] and {"401", "403", "default"} <= set(one["responses"]), one["operationId"]


def test_the_served_api_keeps_to_its_document(desk: Office, described: Any, subtests: pytest.Subtests) -> None:
    from schemathesis import GenerationMode

    schema, made = described
    token = desk.client("soat").token
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with subtests.test(operation=operation.label, mode=mode.value):
                _drive(operation, mode, made, token)


def _drive(operation: Any, mode: Any, made: Any, token: str) -> None:
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    def call(case: Any) -> None:
        if isinstance(case.path_parameters, dict) and "uid" in case.path_parameters and mode.value == "positive":
            case.path_parameters["uid"] = made["id"]
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=_excluded())

    with suppress(hypothesis.errors.Unsatisfiable):  # nothing can be wrong in it
        call()


def _excluded() -> list[Any]:
    """Checks that guess: a well-formed request may break a rule of the field; tokens have their own tests."""
    from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

    return [positive_data_acceptance, ignored_auth]
