"""Where keys lie: a PKCS#11 token, a remote service, P12 files, or the demonstration CA; and the signers from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.clock import Clock
from agent.documents.signing import DemoSigners, FileSigners
from agent.documents.signing_rules import Rules
from agent.ports_signing import Signers


@dataclass(frozen=True)
class KeySource:
    """Where keys lie: a token by its maker's `module`, `remote`ly, in P12 `files`, else in a demonstration CA's folder.

    The office's own key comes from the files or the demonstration CA, wherever the clerks' keys are.
    """

    authority: Path | None = None
    files: Path | None = None
    module: Path | None = None
    token: str = ""  # label or serial number; empty: the only one that is plugged in
    remote: bool = False
    training: bool = False  # what a token's key signs is marked as training
    roots: tuple[bytes, ...] = ()
    rules: Rules = field(default_factory=Rules)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> KeySource:
        """The source whose fields, and those of its rules, are `plain` values."""
        return cls(**{**plain, "rules": Rules(**plain["rules"])})

    def open(self, clock: Clock) -> Signers:
        """The signers that use these keys in this process; ValueError when no place is named."""
        own = self._own(clock)
        if self.module is not None:
            from agent.documents.signing_token import TokenSigners
            from agent.documents.token import Token

            token = Token(self.module, self.token, idle_seconds=self.rules.idle_seconds)
            return TokenSigners(token, own, clock, roots=self.roots, rules=self.rules, training=self.training)
        if self.remote:
            from agent.documents.remote_signing import NoRemoteService, RemoteSigners

            return RemoteSigners(NoRemoteService(), own, clock, roots=self.roots, rules=self.rules)
        return own

    def _own(self, clock: Clock) -> DemoSigners | FileSigners:
        from agent.documents.demo_ca import DemoAuthority

        if self.files is not None:
            return FileSigners(self.files, clock, roots=self.roots, rules=self.rules)
        if self.authority is None:
            raise ValueError("a key source names P12 files or a demonstration CA")
        authority = DemoAuthority.open(self.authority, at=clock.now())
        return DemoSigners(authority, clock, roots=self.roots, rules=self.rules)

    @property
    def asks_pin(self) -> bool:
        """Whether a clerk's key stays open in the process that opened it, and closes with it."""
        return self.module is not None or self.files is not None

    def absolute(self) -> KeySource:
        """The same places, whatever the current folder."""
        places = {name: path.absolute() for name in ("authority", "files", "module") if (path := getattr(self, name))}
        return replace(self, **places)
