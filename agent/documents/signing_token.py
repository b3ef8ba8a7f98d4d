"""Signers whose keys are on a PKCS#11 token: the clerk's certificate is found, his PIN opens it for a shift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from agent.clock import Clock
from agent.documents import checking, signing_engines, signing_rules, token_errors
from agent.documents.signing import Checks, DemoSigners, FileSigners
from agent.documents.signing_key import KeySigner, Tools
from agent.documents.signing_rules import Rules
from agent.documents.token import OnToken, Token
from agent.documents.token_errors import Tries
from agent.errors import SigningError
from agent.ports_signing import Signer, Standing


class TokenSigner(KeySigner):
    """The key on the token while its holder's session is open; SigningError ("signing-pin-needed") when it is not."""

    def __init__(self, signer: Any, tools: Tools, token: Token, holder: str, *, training: bool) -> None:
        super().__init__(signer, tools, training=training)
        self._token, self._holder = token, holder

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._token.used_by(self._holder):
            yield


class TokenSigners(Checks):
    """Signers by one token at a time; the office's own key is `own`'s, for a token is a person's."""

    def __init__(
        self,
        token: Token,
        own: DemoSigners | FileSigners,
        clock: Clock,
        *,
        roots: Sequence[bytes] = (),
        rules: Rules,
        training: bool = False,
    ) -> None:
        super().__init__(clock, roots, own._training_roots)
        self._token, self._own, self._training = token, own, training
        self._tools = Tools(clock, rules, self.roots())
        self._signer: tuple[str, TokenSigner] | None = None

    def of(self, username: str, full_name: str, *, pin: str = "") -> TokenSigner:
        """The clerk's signer; with a PIN the token is opened anew, without one it must be open for this clerk.

        SigningError for a token that is not there, is another person's or locked, and for a wrong or missing PIN. The
        certificate is judged before the PIN is tried.
        """
        if not pin:
            with self._token.used_by(username):
                if self._signer is not None and self._signer[0] == username:
                    return self._signer[1]
            raise token_errors.pin_needed()
        mine, others = self._mine(username, full_name)
        problems = self._judged(mine, others, self._clock.now()).problems
        if problems:
            raise SigningError(" ".join(problems), code="signing-certificate")
        self._token.open(username, pin)
        try:
            signer = self._made(mine, others, username)
        except SigningError:
            self._token.close()
            raise
        self._signer = username, signer
        return signer

    def ready(self, username: str, full_name: str) -> Standing:
        """What is known of the clerk's key now, without a PIN: the token, whose it is, its certificate, tries left."""
        try:
            mine, others = self._mine(username, full_name)
            known = self._judged(mine, others, self._clock.now())
            if self._token.holder == username:
                return known
            tries = self._token.tries()
        except SigningError as error:
            return Standing("", self._training, (error.message,), needs_pin=error.code != "signing-pin-locked")
        if tries is Tries.NONE:
            return Standing(known.subject, self._training, (*known.problems, tries.value))
        remarks = (*known.remarks, *([tries.value] if tries.value else []))
        return Standing(known.subject, self._training, known.problems, remarks, True, known.evidence)

    def forget(self, username: str) -> None:
        """Log out of the token: the clerk left, or the screen is locked."""
        self._token.close(username)
        if self._signer is not None and self._signer[0] == username:
            self._signer = None

    def office(self, name: str) -> Signer:
        """The office's own signer, which seals what it exports."""
        return self._own.office(name)

    def _mine(self, username: str, full_name: str) -> tuple[OnToken, list[Any]]:
        """The clerk's certificate on the token, the youngest of several, and all others there."""
        held, rules = self._token.certificates(), self._tools.rules
        people = [one for one in held if not one.certificate.ca] or held
        mine = [one for one in people if signing_rules.belongs(one.certificate, rules, username, full_name)]
        if not mine:
            raise signing_rules.not_yours(people[0].certificate, rules, username, full_name)
        chosen = max(mine, key=lambda one: (not signing_rules.misuse(one.certificate), one.certificate.not_valid_after))
        return chosen, [one.certificate for one in held if one is not chosen]

    def _judged(self, mine: OnToken, others: list[Any], at: datetime) -> Standing:
        return self._tools.standing(mine.certificate, others, at, training=self._training)

    def _made(self, mine: OnToken, others: list[Any], username: str) -> TokenSigner:
        with self._token.used_by(username) as session:
            chain = [*others, *checking.certificates(self._tools.rules.chain)]
            signer = signing_engines.on_token(session, mine.id, mine.certificate, chain, self._token.mechanisms())
        if signer is None:
            raise token_errors.no_key()
        return TokenSigner(signer, self._tools, self._token, username, training=self._training)
