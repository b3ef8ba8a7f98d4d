"""Pages and papers over the API."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request
from werkzeug.wrappers import Response

from agent.accounts.access import Purpose, record_access
from agent.domain.roles import Action
from agent.errors import NotFound
from agent.intake import filing
from agent.intake.request import STRICT
from agent.store.pages import paper_of
from agent.web.api import api
from agent.web.api.dossiers import open_dossier
from agent.web.api.operation import BadRequest, Call, checked_body, no_control_characters, operation, uid_of
from agent.web.api.shapes import PapersOut, papers_out
from agent.web.context import site

LARGEST = 64 << 20


@dataclass(frozen=True)
class FileIn:
    """One file: its name and its bytes in base64."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    name: str
    base64: str


@dataclass(frozen=True)
class PagesIn:
    """Files to file under one component; multipart/form-data with `component` and `files` is taken as well."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    component: str
    files: tuple[FileIn, ...]


@dataclass(frozen=True)
class Acceptance:
    """Why the clerk accepts a page that the gate remarked on."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    reason: str


@operation(api, "get", "/dossiers/<uid>/papers", Action.VIEW_DOSSIER, gives=PapersOut)
def get_papers(call: Call, uid: str) -> PapersOut:
    """Pages with the gate's verdicts, and digitised papers with their codes and hashes."""
    with site().store.reading():
        dossier = open_dossier(call, uid, Action.VIEW_DOSSIER)
        found = papers_out(dossier)
    record_access(site(), call.user, dossier=dossier.uid, purpose=Purpose.FOLLOW_UP, what="papers list")
    return found


@operation(
    api,
    "post",
    "/dossiers/<uid>/papers",
    Action.DIGITISE,
    gives=PapersOut,
    status=201,
    body_cap=LARGEST,
    uploads=PagesIn,
)
def add_pages(call: Call, uid: str) -> PapersOut:
    """File page images under a component; each page is judged, refused ones are kept with their reason."""
    dossier = open_dossier(call, uid, Action.DIGITISE)
    component, files = _files()
    images = [image for pages in site().digitiser().read_all(files) for image in pages]
    origin = {"kind": "upload", "device": "api"}
    filing.add_pages(site(), dossier.uid, uid_of(component), images, by=call.actor, origin=origin)
    with site().store.reading():
        return papers_out(dossier)


@operation(api, "post", "/dossiers/<uid>/pages/<page>/acceptance", Action.DIGITISE, takes=Acceptance, gives=PapersOut)
def accept_page(call: Call, uid: str, page: str) -> PapersOut:
    """Accept a page that the gate remarked on, with a reason."""
    dossier = open_dossier(call, uid, Action.DIGITISE)
    filing.accept_page(site(), dossier.uid, uid_of(page), by=call.actor, reason=call.body.reason)
    with site().store.reading():
        return papers_out(dossier)


@operation(api, "get", "/dossiers/<uid>/papers/<paper>.pdf", Action.VIEW_DOSSIER, gives=bytes)
def get_paper(call: Call, uid: str, paper: str) -> Response:
    """The signed copy of a paper (PDF/A-2b), or the unsigned one before it is signed; the look is logged."""
    wanted = uid_of(paper)
    with site().store.reading():
        dossier = open_dossier(call, uid, Action.VIEW_DOSSIER)
        found = paper_of(dossier, wanted)
    if found is None:
        raise NotFound("Hồ sơ không có bản số hóa này. Lấy mã từ danh sách giấy tờ của hồ sơ.")
    sha256 = found.signed_sha256 or found.copy_sha256
    if not site().vault.has(sha256):
        raise NotFound(f"Bản này không có ở máy này. Mở tại quầy {dossier.terminal_id}, nơi đã số hóa hồ sơ.")
    record_access(site(), call.user, dossier=dossier.uid, purpose=Purpose.FOLLOW_UP, what="paper pdf")
    return Response(site().vault.get(sha256), mimetype="application/pdf")


def _files() -> tuple[str, list[tuple[str, bytes]]]:
    if request.mimetype == "multipart/form-data":
        files = [(one.filename or "page", one.read()) for one in request.files.getlist("files")]
        component = request.form.get("component", "")
        no_control_characters(component, *(name for name, _ in files))
    else:
        body: PagesIn = checked_body(PagesIn)
        component, files = body.component, [(one.name, _decoded(one)) for one in body.files]
    if not files:
        raise BadRequest("Chưa có tệp nào. Gửi ít nhất một ảnh trang hoặc PDF.", {"files": "empty"})
    return component, files


def _decoded(file: FileIn) -> bytes:
    try:
        return base64.b64decode(file.base64, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(f"Tệp {file.name} không phải base64.", {"files": "base64"}) from None
