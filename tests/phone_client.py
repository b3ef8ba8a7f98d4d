"""A courier's phone for tests: its key, its journal of chained events, requests that trust the office's CA."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric import ec

from agent.clock import RandomIds
from agent.domain.phone_event import event_hash

LOCAL = "+07:00"


def jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The public half as a phone sends it."""
    numbers = key.public_key().public_numbers()

    def text(value: int) -> str:
        return base64.urlsafe_b64encode(value.to_bytes(32)).rstrip(b"=").decode()

    return {"kty": "EC", "crv": "P-256", "x": text(numbers.x), "y": text(numbers.y)}


class PhoneClient:
    """One phone: `pair` it, `mint` events, `send` them; `outbox` holds what was minted, oldest first."""

    def __init__(self, url: str, ca: Path | str | bool = True) -> None:
        self.url, self.key = url, ec.generate_private_key(ec.SECP256R1())
        self.http = requests.Session()
        self.http.verify = str(ca) if isinstance(ca, Path) else ca
        self.http.trust_env = False  # no proxy, no bundle of the machine's
        self.token = self.phone = self.courier = ""
        self.outbox: list[dict[str, Any]] = []
        self._ids, self._boot, self._ticks = RandomIds(), str(uuid.uuid4()), itertools.count(1000, 1000)

    def pair(self, code: str, *, name: str = "Máy thử") -> requests.Response:
        """Show a pairing code; after an answer of 200 this phone is let in."""
        body = {"code": code, "name": name, "key": jwk(self.key), "app": "1.0.0"}
        answer = self.http.post(f"{self.url}/api/v1/courier/pair", json=body, timeout=30)
        if answer.status_code == 200:
            said = answer.json()
            self.phone, self.token, self.courier = said["phone"], said["token"], said["courier"]
            self.http.headers["Authorization"] = f"Bearer {self.token}"
        return answer

    def mint(self, step: str, item: str, *, to: str = "", holder: str = "", **fields: Any) -> dict[str, Any]:
        """The next event of the journal, chained to the one before; parents are followed per item."""
        seq = len(self.outbox) + 1
        parent = next((one["id"] for one in reversed(self.outbox) if one["item"] == item), fields.pop("parent", None))
        event = {
            "id": str(self._ids.uid()), "phone": self.phone, "seq": seq,
            "previous": event_hash(self.outbox[-1]) if self.outbox else "0" * 64,
            "at": (datetime.now(UTC) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + LOCAL,
            "monotonic_ms": next(self._ticks), "boot": self._boot, "clock_offset_ms": 0, "app": "1.0.0",
            "step": step, "item": item, "bag": "", "parent": parent, "from": holder or f"courier:{self.courier}",
            "to": to, "reason": "", "action": "", "evidence": [], "capture": "camera", "note": "", "position": None,
            "corrects": None, "proof": None,
        }  # fmt: skip
        event |= fields
        self.outbox.append(event)
        return event

    def send(self, events: list[dict[str, Any]] | None = None, *, timeout: float = 60) -> requests.Response:
        """Send events (all of the outbox) as one gzipped batch."""
        body = json.dumps({"phone": self.phone, "events": self.outbox if events is None else events}).encode()
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        data = gzip.compress(body, 6)
        return self.http.post(f"{self.url}/api/v1/events:batch", data=data, headers=headers, timeout=timeout)

    def round(self, since: str = "") -> dict[str, Any]:
        """The round since a cursor."""
        return self._got(f"/courier/round?since={since}")

    def state(self, unsent: int = 0) -> dict[str, Any]:
        """How far this phone's events are held."""
        return self._got(f"/courier/state?unsent={unsent}")

    def put(self, data: bytes, *, sha256: str = "", kind: str = "image/png") -> requests.Response:
        """Send a picture, under its own hash unless another is said."""
        name = sha256 or hashlib.sha256(data).hexdigest()
        address = f"{self.url}/api/v1/courier/blobs/{name}"
        return self.http.put(address, data=data, headers={"Content-Type": kind}, timeout=60)

    def _got(self, path: str) -> dict[str, Any]:
        answer = self.http.get(f"{self.url}/api/v1{path}", timeout=30)
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said


def signature(text: str = "ký") -> bytes:
    """A small PNG of a signature, different for each text."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (120, 40), 255)
    strokes = [(5 + n * 9, 5 + (ord(char) * 7 + n * 13) % 30) for n, char in enumerate((text * 12)[:12])]
    ImageDraw.Draw(image).line(strokes, fill=0)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def proof(picture: bytes, *, receiver: str = "Nguyễn Thị Hường", collected: int = 0) -> dict[str, Any]:
    """A proof of delivery that is complete, with this signature."""
    return {
        "receiver": receiver, "relation": "chủ hồ sơ", "authorisation": "", "identity_type": "CCCD",
        "identity_last4": "2345", "identity_matched": True, "collected": collected, "code": "",
        "signature": hashlib.sha256(picture).hexdigest(), "photo": "",
    }  # fmt: skip
