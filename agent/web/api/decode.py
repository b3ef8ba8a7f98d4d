"""The API's eye for phones whose browser cannot read codes: a picture in, its codes out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from agent.domain.roles import Action
from agent.tracking.phones import pictures
from agent.tracking.phones.codes import SeenCode, codes_on
from agent.web.api import api
from agent.web.api.operation import Call, operation
from agent.web.phone_access import current_phone


@dataclass(frozen=True)
class CodesOut:
    """The codes of a picture; none when it shows none that can be read."""

    codes: tuple[SeenCode, ...]


@operation(
    api, "post", "/courier/decode", Action.VIEW_ROUND, gives=CodesOut, raw=pictures.KINDS, phones=True,
    body_cap=pictures.LARGEST,
)  # fmt: skip
def decode_picture(call: Call) -> CodesOut:
    """Read the Code 128 and QR codes of a picture (PNG or JPEG, at most 5 MB); it is not kept."""
    current_phone()
    return CodesOut(codes_on(request.get_data(cache=True, parse_form_data=False)))
