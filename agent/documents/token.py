"""One PKCS#11 token (USB token): found, opened by its PIN, kept open while it is used, closed when it is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.documents import token_errors
from agent.documents.token_errors import Tries
from agent.errors import SigningError

if TYPE_CHECKING:
    from asn1crypto import x509


@dataclass(frozen=True)
class OnToken:
    """A certificate as the token keeps it; its key has the same id."""

    id: bytes
    certificate: x509.Certificate


class Token:
    """The token that `label` (or serial number) names, or the only one that is plugged in, by the maker's `module`.

    One session at a time; it is closed after `idle_seconds` without use. The PIN is passed on and not kept. Calls may
    come from several threads. Everything that the token refuses is a SigningError that says what to do.
    """

    def __init__(self, module: Path, label: str = "", *, idle_seconds: float = 900.0) -> None:
        self._module, self._label, self._idle_seconds = module, label, idle_seconds
        self._lock = threading.RLock()
        self._session: Any = None
        self._holder = ""
        self._suspect = False  # after a fault the library is started anew, as makers' libraries need it
        self._timer: threading.Timer | None = None

    @property
    def holder(self) -> str:
        """Who opened the token; empty while it is closed."""
        return self._holder

    def tries(self) -> Tries:
        """What the token says of further PINs."""
        from pkcs11 import TokenFlag

        with self._guarded():
            flags = self._find().flags
        if flags & TokenFlag.USER_PIN_LOCKED:
            return Tries.NONE
        if flags & TokenFlag.USER_PIN_FINAL_TRY:
            return Tries.LAST
        return Tries.FEW if flags & TokenFlag.USER_PIN_COUNT_LOW else Tries.FULL

    def certificates(self) -> list[OnToken]:
        """All certificates, readable without a PIN; SigningError when the token is not there or holds none."""
        from asn1crypto import x509
        from pkcs11 import Attribute, ObjectClass

        with self._guarded():
            token = self._found_again()
            session = self._session or token.open()
            try:
                items = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
                held = [(bytes(item[Attribute.ID]), item[Attribute.VALUE]) for item in items]
            finally:
                if session is not self._session:
                    session.close()
        if not held:
            raise token_errors.no_certificate()
        return [OnToken(key, x509.Certificate.load(der)) for key, der in held]

    def open(self, holder: str, pin: str) -> None:
        """Log in for `holder`, who alone may use the session; whoever held it before is logged out."""
        import pkcs11

        self.close()
        with self._guarded():
            token = self._find()
            try:
                self._session = token.open(user_pin=pin)
            except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
                self._suspect = True  # the refused session stays open in the library
                raise token_errors.wrong_pin(self.tries()) from None
            except pkcs11.PinLocked:
                raise token_errors.locked() from None
            self._holder = holder
            self._touch()

    def close(self, holder: str = "") -> None:
        """Log out; with `holder`, only when the session is his."""
        import pkcs11

        with self._lock:
            if self._session is None or (holder and holder != self._holder):
                return
            with suppress(pkcs11.PKCS11Error):
                self._session.close()
            self._forget()

    @contextmanager
    def used_by(self, holder: str) -> Iterator[Any]:
        """The session, for one signature of `holder`; SigningError when it is closed or somebody else's."""
        with self._guarded():
            if self._session is None or holder != self._holder:
                raise token_errors.pin_needed()
            self._found_again()
            self._touch()
            yield self._session
            self._touch()

    def mechanisms(self) -> set[Any]:
        """What the token can do, as the library names it."""
        with self._guarded():
            return set(self._find().slot.get_mechanisms())

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Under the lock, with the library's errors as ours; a fault of the token closes the session."""
        import pkcs11

        with self._lock:
            try:
                yield
            except SigningError:
                raise
            except pkcs11.PKCS11Error as error:
                was_open = self._session is not None
                self._forget()
                self._suspect = True
                raise (token_errors.pulled_out() if was_open and self._gone(error) else _said(error)) from error

    def _gone(self, error: Exception) -> bool:
        """Whether the token went away: makers' libraries say that in many ways, some only by not finding it again."""
        import pkcs11

        signs = (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SessionHandleInvalid, pkcs11.SessionClosed)
        if isinstance(error, (*signs, pkcs11.ObjectHandleInvalid, pkcs11.KeyHandleInvalid)):
            return True
        try:
            self._find()
        except (SigningError, pkcs11.PKCS11Error):
            return True
        return False

    def _found_again(self) -> Any:
        """The token; when the session's token is gone, the session is too."""
        try:
            return self._find()
        except SigningError as error:
            if self._session is None:
                raise
            self._forget()
            self._suspect = True
            raise token_errors.pulled_out() from error

    def _find(self) -> Any:
        """The one token that is meant, by its description of this moment."""
        import pkcs11

        found = []
        for slot in self._library().get_slots(token_present=True):
            with suppress(pkcs11.PKCS11Error):  # a reader whose token is being pulled out
                token = slot.get_token()
                if pkcs11.TokenFlag.TOKEN_INITIALIZED in token.flags:
                    found.append(token)
        labels = [token.label for token in found]
        if self._label:
            found = [one for one in found if self._label in (one.label, one.serial.decode("ascii", "replace").strip())]
        if not found:
            raise token_errors.absent(self._label, labels)
        if len(found) > 1:
            raise token_errors.several(
                [f"{one.label} – {one.serial.decode('ascii', 'replace').strip()}" for one in found]
            )
        return found[0]

    def _library(self) -> Any:
        import pkcs11

        try:
            library = pkcs11.lib(str(self._module))
            if self._suspect and self._session is None:
                library.reinitialize()
                self._suspect = False
        except (pkcs11.PKCS11Error, OSError) as error:
            pkcs11.unload(str(self._module))
            raise token_errors.not_loaded(self._module, str(error)) from error
        return library

    def _touch(self) -> None:
        """Put the end of the session off."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_seconds, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._session, self._holder, self._timer = None, "", None


def _said(error: Exception) -> SigningError:
    import pkcs11

    if isinstance(error, pkcs11.TokenNotPresent | pkcs11.DeviceRemoved | pkcs11.TokenNotRecognised):
        return token_errors.absent()
    if isinstance(error, pkcs11.PinLocked):
        return token_errors.locked()
    if isinstance(error, pkcs11.UserNotLoggedIn):
        return token_errors.pin_needed()
    return token_errors.other(error)
