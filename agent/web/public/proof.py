"""Receipts of the hand-over for who holds the token, and their check by the QR for everybody."""

from __future__ import annotations

import base64
from datetime import datetime

from flask import jsonify, make_response
from werkzeug.wrappers import Response

from agent.citizen.receipt import Receipt, receipt_pdf, receipts_of, trusted_keys
from agent.citizen.receipt_check import check
from agent.web.context import site
from agent.web.guard import public as open_to_all
from agent.web.public import frame, public

LONGEST = 2000


@public.get("/<token>/receipt-<int:number>.pdf")
@open_to_all
def receipt_as_pdf(token: str, number: int) -> Response:
    """One receipt as a page."""
    found = _receipt(token, number)
    if isinstance(found, Response):
        return found
    return _file(receipt_pdf(site(), found), "application/pdf", f"bien-nhan-{number}.pdf")


@public.get("/<token>/receipt-<int:number>.json")
@open_to_all
def receipt_as_json(token: str, number: int) -> Response:
    """One receipt as a file for `verify`."""
    found = _receipt(token, number)
    if isinstance(found, Response):
        return found
    return _file(found.json(), "application/json", f"bien-nhan-{number}.json")


@public.get("/check/<jws>")
@open_to_all
def checked(jws: str) -> Response:
    """What a receipt's QR says, judged by the keys of this office's terminals."""
    verdict = check(jws.encode(), trusted_keys(site())) if len(jws) <= LONGEST else None
    if verdict is None:
        return frame.wrong()
    at = datetime.fromisoformat(verdict.facts.at) if verdict.facts and verdict.consistent else None
    return frame.page("public/checked.html", 200 if verdict.trusted else 422, verdict=verdict, at=at)


@public.get("/keys")
@open_to_all
def keys() -> Response:
    """The public keys, as a JSON Web Key Set (RFC 7517) for programs."""
    held = trusted_keys(site())
    listed = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "kid": kid,
            "x": base64.urlsafe_b64encode(x).rstrip(b"=").decode(),
        }
        for kid, x in held.items()
    ]
    return frame.quiet(jsonify(keys=listed))


@public.get("/keys.pem")
@open_to_all
def keys_as_pem() -> Response:
    """The public keys as PEM, for `verify --trust`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pems = [
        Ed25519PublicKey.from_public_bytes(x).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for x in trusted_keys(site()).values()
    ]
    return _file(b"".join(pems), "application/x-pem-file", "khoa-bien-nhan.pem")


def _receipt(token: str, number: int) -> Receipt | Response:
    dossier = frame.dossier_of(token)
    made = receipts_of(site(), dossier) if dossier is not None else []
    if dossier is None:
        return frame.wrong()
    return made[number - 1] if 1 <= number <= len(made) else frame.not_found()


def _file(data: bytes, media: str, name: str) -> Response:
    answer = make_response(data)
    answer.headers["Content-Type"] = media
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return frame.quiet(answer)
