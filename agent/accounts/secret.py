"""How secrets are kept: only their SHA-256 is stored."""

from __future__ import annotations

import hashlib


def digest(secret: str) -> str:
    """SHA-256 of a random token in 64 lower-case hex characters."""
    return hashlib.sha256(secret.encode()).hexdigest()
