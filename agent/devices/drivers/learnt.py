"""What each printer was learnt to answer, kept by its identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from agent import log

logger = log.get(__name__)
STATUS, FRAME, DONE = "status", "frame", "done"  # does it answer the status query, TSPL's ESC ! S, ESC/POS's GS ( H


@dataclass(frozen=True)
class Learnt:
    """One printer's profile; what is not in `answers` has never been seen either way."""

    language: str = ""
    model: str = ""
    answers: Mapping[str, bool] = field(default_factory=dict)

    def with_(self, what: str, answered: bool) -> Learnt:
        """The same with one more thing learnt."""
        return Learnt(self.language, self.model, {**self.answers, what: answered})

    def as_json(self) -> dict[str, Any]:
        return {"language": self.language, "model": self.model, "answers": dict(self.answers)}

    @classmethod
    def from_json(cls, value: Any) -> Learnt:
        """The profile in a JSON value; parts of another shape are left out.

        >>> Learnt.from_json({"language": "tspl", "answers": {"status": False, "done": "?"}})
        Learnt(language='tspl', model='', answers={'status': False})
        """
        value = value if isinstance(value, dict) else {}
        answers = value.get("answers")
        kept = {str(k): v for k, v in answers.items() if isinstance(v, bool)} if isinstance(answers, dict) else {}
        return cls(str(value.get("language", "")), str(value.get("model", "")), kept)


class Memory(Protocol):
    """Where profiles are kept; an identity is VID:PID:serial, or the port where a device has none."""

    def recall(self, identity: str) -> Learnt: ...

    def keep(self, identity: str, learnt: Learnt) -> None: ...


class Remembered:
    """Profiles in memory, for a process's life."""

    def __init__(self) -> None:
        self._known: dict[str, Learnt] = {}

    def recall(self, identity: str) -> Learnt:
        """The profile, an empty one when there is none."""
        return self._known.get(identity, Learnt())

    def keep(self, identity: str, learnt: Learnt) -> None:
        """Replace the profile."""
        self._known[identity] = learnt


class LearntFile:
    """Profiles in one JSON file, replaced whole at each change; a damaged file counts as empty.

    What the disk does not take is known until this process ends: no label must fail for that.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._unkept: dict[str, Any] = {}

    def recall(self, identity: str) -> Learnt:
        """The profile, an empty one when there is none."""
        with self._lock:
            return Learnt.from_json(self._read().get(identity))

    def keep(self, identity: str, learnt: Learnt) -> None:
        """Replace the profile."""
        with self._lock:
            self._unkept[identity] = learnt.as_json()
            known = self._read()
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                draft = self._path.with_suffix(".part")
                draft.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
                draft.replace(self._path)
            except OSError as error:
                logger.warning("what a printer answers is not kept: %s", error.strerror)
            else:
                self._unkept.clear()

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        return {**(known if isinstance(known, dict) else {}), **self._unkept}
