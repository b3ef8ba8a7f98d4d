"""Memory-hard password hashes: argon2id, at most two computed at a time."""

from __future__ import annotations

import threading
from typing import Any

from agent.errors import RuleViolation

MINIMUM_LENGTH = 10
_KIB, _PASSES = 12_288, 3  # one of OWASP's equal choices: 12 MiB, 3 passes, 1 lane
_turns = threading.BoundedSemaphore(2)  # bounds memory: 24 sign-ins at once would take 300 MB


def _hasher() -> Any:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_KIB, parallelism=1)


def hash_password(password: str) -> str:
    """The encoded argon2id hash; RuleViolation when the password is too short."""
    if len(password) < MINIMUM_LENGTH:
        raise RuleViolation(f"Mật khẩu phải có ít nhất {MINIMUM_LENGTH} ký tự. Hãy chọn một câu dễ nhớ.")
    with _turns:
        return str(_hasher().hash(password))


def password_matches(encoded: str, password: str) -> bool:
    """Whether the password is right; takes as long for an empty or damaged hash as for a real one."""
    from argon2.exceptions import InvalidHashError, VerificationError

    hasher = _hasher()
    with _turns:
        if not encoded:
            hasher.hash(password)
            return False
        try:
            return bool(hasher.verify(encoded, password))
        except (VerificationError, InvalidHashError):
            return False
