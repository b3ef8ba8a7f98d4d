"""The error tree: what can go wrong, with a stable code and words that say what to do next.

Every error carries `code` (stable, listed in docs/errors.md), `message` (Vietnamese, for the person
in front of the screen) and `retryable`. HTTP status and exit codes are mapped at the edges.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class AgentError(Exception):
    """Base of all errors that the product raises on purpose."""

    code: str = "agent"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class ConfigError(AgentError):
    """A setting, profile or installation is wrong; the administrator mends it."""

    code = "config"


class RuleViolation(AgentError):
    """The request breaks a rule of the field; nothing was changed."""

    code = "rule"


class IllegalStep(RuleViolation):
    """The step is not possible in this state."""

    code = "illegal-step"

    def __init__(self, state: str, step: str, *, allowed: Iterable[str] = ()) -> None:
        self.state, self.step, self.allowed = str(state), str(step), tuple(str(a) for a in allowed)
        now = ", ".join(self.allowed) or "không còn bước nào"
        super().__init__(f"Không làm được bước “{step}” khi hồ sơ ở trạng thái “{state}”. Bước làm được: {now}.")


class WithdrawalTooLate(RuleViolation):
    """A result is there or the dossier has ended: nothing is left to withdraw."""

    code = "withdrawal-too-late"

    def __init__(self, number: str, state: str) -> None:
        self.number, self.state = number, state
        super().__init__(
            f"Hồ sơ {number} không rút được nữa: {state}. Chưa gửi gì cho tỉnh; nếu có kết quả thì trả cho công dân."
        )


class InvalidIdentifier(RuleViolation):
    """A number, code or card text is not what it claims to be."""

    code = "invalid-identifier"

    def __init__(self, kind: str, value: str, message: str) -> None:
        self.kind, self.value = kind, value
        super().__init__(message)


class Duplicate(RuleViolation):
    """The same key was used before with other content."""

    code = "duplicate"


class NotFound(RuleViolation):
    """No such dossier, item, paper … that this user may see."""

    code = "not-found"


class Forbidden(RuleViolation):
    """The user's role or office does not allow this."""

    code = "forbidden"


class Incomplete(RuleViolation):
    """Something mandatory is missing; `gaps` lists every gap at once."""

    code = "incomplete"

    def __init__(self, message: str, gaps: Iterable[str] = ()) -> None:
        self.gaps = tuple(gaps)
        super().__init__(message)


class InvalidIntake(Incomplete):
    """What was typed at the counter has faults; `fields` names each field and what is wrong with it."""

    code = "invalid-intake"

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = dict(fields)
        count = len(self.fields)
        super().__init__(f"Còn {count} chỗ cần sửa: {' '.join(self.fields.values())}", self.fields.values())


class DeviceError(AgentError):
    """A printer, reader or scanner did not do its part."""

    code = "device"


class DeviceUnavailable(DeviceError):
    """The device cannot be reached; nothing was sent."""

    code = "device-unavailable"
    retryable = True


class DeviceProtocol(DeviceError):
    """The device answered what its language does not allow."""

    code = "device-protocol"


class DeviceOutcomeUnknown(DeviceError):
    """Bytes were sent and the outcome is not known: ask the clerk, never resend blindly."""

    code = "device-outcome-unknown"


class DocumentError(AgentError):
    """A page image, PDF or vault object cannot be used."""

    code = "document"


class IntegrityError(DocumentError):
    """Stored bytes do not match their hash."""

    code = "integrity"


class SigningError(AgentError):
    """The signature could not be made or is not valid."""

    code = "signing"


class HandoffError(AgentError):
    """The province's system did not take or answer a message."""

    code = "handoff"


class HandoffUnavailable(HandoffError):
    """The province cannot be reached, and nothing was processed there."""

    code = "handoff-unavailable"
    retryable = True


class HandoffRejected(HandoffError):
    """The province refused with a reason; `error_code` and `field` are its own words."""

    code = "handoff-rejected"

    def __init__(self, message: str, *, error_code: str = "", field: str = "") -> None:
        self.error_code, self.field = error_code, field
        super().__init__(message)


class HandoffNotOffered(HandoffRejected):
    """The province's system has no such operation; nothing was sent. `field` is the operation."""

    code = "handoff-not-offered"


class HandoffOutcomeUnknown(HandoffError):
    """A request left and no usable answer came: query by key before resending."""

    code = "handoff-outcome-unknown"


class HandoffFault(HandoffOutcomeUnknown):
    """The province answered that it failed inside at this message: the line carries, the outcome is not known."""


class HandoffFailedInside(HandoffUnavailable):
    """The province answered that it failed inside at a question: the line carries, nothing was changed."""

    code = "handoff-internal"


class HandoffBlocked(HandoffUnavailable):
    """Nothing was sent, and trying again helps only after somebody mends what the message names: a certificate …"""

    code = "handoff-blocked"
    retryable = False


class HandoffDrift(HandoffError):
    """The province answered what the contract does not know: `operation` and `field` name the place, never a value.

    Only that operation is touched; the others may go on.
    """

    code = "handoff-drift"

    def __init__(self, message: str, *, operation: str, field: str) -> None:
        self.operation, self.field = operation, field
        super().__init__(message)


class HandoffDriftUnknown(HandoffDrift, HandoffOutcomeUnknown):
    """Drift in the answer to something that may have been processed."""


class HandoffDriftUnavailable(HandoffDrift, HandoffUnavailable):
    """Drift in the answer to a question: nothing was changed, and asking again gets the same."""

    retryable = False


class StoreError(AgentError):
    """The database did not take a change; nothing was half done."""

    code = "store"


class StoreFull(StoreError):
    """The disk is full; the change was rolled back."""

    code = "store-full"
    retryable = True


class StoreLocked(StoreError):
    """Another process holds the database or the data folder."""

    code = "store-locked"
    retryable = True
