"""Settings of what the citizen sees and hears: messages, the promise, surveys and feedback."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Notices:
    """How citizens are told by message (agent.ports_notices); without a channel the desk tells them."""

    channel: str = ""  # http, file (one file a message), console (the log says that there was one); empty: none
    folder: str = ""  # of the file channel; empty: notices/ in the data folder
    opt_in: bool = False  # only citizens who said so; else all whose phone is known and who did not decline
    accents: bool = True  # false: letters without marks, for gateways that charge by them
    url: str = ""  # http: where a message is posted
    body: str = '{"to": {to}, "text": {text}, "reference": {key}}'  # placeholders become JSON strings
    content_type: str = "application/json"  # or application/x-www-form-urlencoded: placeholders are URL-encoded
    headers: tuple[str, ...] = ()  # "Authorization: Bearer {secret}"
    secret_file: str = ""  # its first line is {secret}
    key_header: str = "Idempotency-Key"  # carries the message's key; empty: the gateway knows none
    idempotent: bool = False  # the gateway promises one message for one key, so a doubtful one may be sent again
    status_url: str = ""  # where it is asked what became of {key}; empty: it cannot be asked
    outcome: str = ""  # field of its JSON answer that says what became of it ("data.status"); empty: the HTTP status
    sent: tuple[str, ...] = ()  # values of that field
    refused: tuple[str, ...] = ()  # values of that field; any other: not known
    reference: str = ""  # field with the gateway's own number
    roots: str = ""  # PEM of a private CA; empty: the platform's roots
    connect_timeout: float = 5.0
    read_timeout: float = 15.0


@dataclass(frozen=True)
class Promise:
    """The clock from counter to doorstep: which table of postal legs, and which zones where an address says none."""

    legs: str = ""  # a file in the form of agent/domain/data/postal_legs.toml; empty: that one
    forward_zone: str = "same_area"  # from the counter to the authority
    return_zone: str = "within_province"  # from the authority to an address of which no area is known
    warn_days: int = 1  # working days before a leg's end from which its promise is about to break


@dataclass(frozen=True)
class Citizen:
    """What citizens may say, and by when the office answers."""

    survey_hours: int = 24  # so long an answer may be changed; then it is reported
    survey_days: int = 60  # so long after the delivery it may be given
    feedback_days: int = 5  # working days in which feedback is answered
