"""How the document describes a phone's event: names and meanings; what is wrong with one is said of that one alone."""

from __future__ import annotations

from typing import Any, Final

_MEANS: Final = {
    "id": "UUIDv7, minted on the phone",
    "phone": "UUID of the phone that wrote it",
    "seq": "1, 2, … without gaps",
    "previous": "SHA-256 of the event before; 64 zeros for the first",
    "at": "the phone's clock, ISO 8601 with its offset",
    "monotonic_ms": "the app's own clock since it was started",
    "boot": "UUID of the app's run",
    "clock_offset_ms": "server minus phone at the last contact, or null",
    "app": "the app's version",
    "step": "what happened: accept, offer, withdraw, out_for_delivery, attempt_failed, deliver, damage, open, lose, "
    "reverse",
    "item": "S10 number, or empty",
    "bag": "number of a bag, or empty",
    "parent": "UUID of the event that the phone believed was last, or null",
    "from": "who has it when the step is done: courier:USER",
    "to": "who gets it, or empty",
    "reason": "of a failed attempt",
    "action": "what follows a failed attempt",
    "evidence": "kinds of evidence",
    "capture": "camera, reader or typed",
    "note": "free words",
    "position": "{lat, lon, accuracy_m, age_s}, or null",
    "corrects": "UUID of the event that a reverse asks to take back, or null",
    "redelivery": "since 1.1.0, of attempt_failed with the action redeliver: {on: YYYY-MM-DD, hours: text}, or null",
    "invitation": "since 1.1.0, of attempt_failed: number of the office's invitation that was left at the door, or 0",
    "proof": "of deliver, or null: {receiver, relation, authorisation, identity_type, identity_last4, "
    "identity_matched, collected, code, signature, photo} and, since 1.1.0, papers: [{id, taken}] of the take-back "
    "list that was asked for",
}
PHONE_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "One event as it was journalled on the phone; its hash is of the RFC 8785 JSON of all its fields.",
    "properties": {name: {"description": words} for name, words in _MEANS.items()},
}


class Described:
    """Lets the document say what an event holds, while any object is taken in and judged for itself."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return PHONE_EVENT
