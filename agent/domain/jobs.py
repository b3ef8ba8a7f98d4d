"""Outbox jobs: their states, the legal steps between them, and how long to wait before another try."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from agent.clock import local
from agent.errors import IllegalStep


class JobState(StrEnum):
    """Where a job (việc chờ gửi) stands."""

    READY = "ready"
    SENDING = "sending"
    ACKED = "acked"
    REJECTED = "rejected"
    UNKNOWN = "unknown"  # sent, and nobody said what became of it: ask before sending again
    HELD = "held"
    NEEDS_CLERK = "needs_clerk"
    CANCELLED = "cancelled"


class JobStep(StrEnum):
    """What may happen to a job."""

    CLAIM = "claim"
    ACK = "ack"
    REJECT = "reject"
    LOSE = "lose"  # the outcome is not known
    DEFER = "defer"  # nothing was sent; later
    ASK = "ask"  # only the clerk can tell
    HOLD = "hold"
    RELEASE = "release"
    RESUME = "resume"  # release of a job whose outcome is not known
    RETRY = "retry"
    CANCEL = "cancel"


JOB_STEPS: Final[dict[tuple[JobState, JobStep], JobState]] = {
    (JobState.READY, JobStep.CLAIM): JobState.SENDING,
    (JobState.READY, JobStep.HOLD): JobState.HELD,
    (JobState.READY, JobStep.RETRY): JobState.READY,
    (JobState.READY, JobStep.CANCEL): JobState.CANCELLED,
    (JobState.SENDING, JobStep.ACK): JobState.ACKED,
    (JobState.SENDING, JobStep.REJECT): JobState.REJECTED,
    (JobState.SENDING, JobStep.LOSE): JobState.UNKNOWN,
    (JobState.SENDING, JobStep.DEFER): JobState.READY,
    (JobState.SENDING, JobStep.ASK): JobState.NEEDS_CLERK,
    (JobState.SENDING, JobStep.HOLD): JobState.HELD,
    (JobState.UNKNOWN, JobStep.CLAIM): JobState.SENDING,
    (JobState.UNKNOWN, JobStep.HOLD): JobState.HELD,
    (JobState.UNKNOWN, JobStep.RETRY): JobState.UNKNOWN,
    (JobState.UNKNOWN, JobStep.ACK): JobState.ACKED,  # seen by other evidence
    (JobState.UNKNOWN, JobStep.ASK): JobState.NEEDS_CLERK,
    (JobState.HELD, JobStep.RELEASE): JobState.READY,
    (JobState.HELD, JobStep.RESUME): JobState.UNKNOWN,
    (JobState.HELD, JobStep.CANCEL): JobState.CANCELLED,
    (JobState.REJECTED, JobStep.RETRY): JobState.READY,
    (JobState.REJECTED, JobStep.CANCEL): JobState.CANCELLED,
    (JobState.NEEDS_CLERK, JobStep.ACK): JobState.ACKED,
    (JobState.NEEDS_CLERK, JobStep.RETRY): JobState.READY,
    (JobState.NEEDS_CLERK, JobStep.CANCEL): JobState.CANCELLED,
}
STATE_WORDS: Final[dict[JobState, str]] = {
    JobState.READY: "chờ gửi",
    JobState.SENDING: "đang gửi",
    JobState.ACKED: "đã xong",
    JobState.REJECTED: "bị từ chối",
    JobState.UNKNOWN: "chưa rõ – đang hỏi lại tỉnh",
    JobState.HELD: "đang giữ lại",
    JobState.NEEDS_CLERK: "chờ giao dịch viên",
    JobState.CANCELLED: "đã bỏ",
}
"""What people read for each state."""
FINAL: Final = frozenset({JobState.ACKED, JobState.CANCELLED})
DUE: Final = (JobState.READY, JobState.UNKNOWN)  # states in which a worker may claim
PRINTER_ROLES: Final = ("label", "receipt")

SHORTEST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=30)


def print_lane(role: str) -> str:
    """The lane of the jobs for the printer that has a role, one of CLERK_LANES.

    >>> print_lane("label"), print_lane("receipt")
    ('print', 'print-receipt')
    """
    return "print" if role == "label" else f"print-{role}"


CLERK_LANES: Final = frozenset(print_lane(role) for role in PRINTER_ROLES)  # lost here: not repeated without the clerk


def legal_steps(state: JobState) -> list[JobStep]:
    """The steps that are possible in a state.

    >>> [str(step) for step in legal_steps(JobState.HELD)]
    ['release', 'resume', 'cancel']
    """
    return [step for at, step in JOB_STEPS if at is state]


def advance_job(state: JobState, step: JobStep) -> JobState:
    """The state a job reaches when `step` is done in `state`; IllegalStep when that is not possible.

    >>> advance_job(JobState.SENDING, JobStep.LOSE)
    <JobState.UNKNOWN: 'unknown'>
    """
    try:
        return JOB_STEPS[state, step]
    except KeyError:
        raise IllegalStep(state, step, allowed=legal_steps(state)) from None


def step_to(state: JobState, target: JobState) -> JobStep:
    """The step that leads from `state` to `target`; IllegalStep when there is none.

    >>> step_to(JobState.SENDING, JobState.ACKED)
    <JobStep.ACK: 'ack'>
    """
    for (at, step), reached in JOB_STEPS.items():
        if at is state and reached is target:
            return step
    raise IllegalStep(state, target, allowed=legal_steps(state))


def backoff(attempts: int, rng: Random) -> timedelta:
    """How long to wait after failed attempt number `attempts` (from 1), drawn evenly from 5 s to a ceiling.

    The ceiling doubles from 10 s to 30 min, so that counters cut off together do not come back together.
    """
    doublings = min(max(attempts, 1) - 1, 16)
    shortest = SHORTEST_WAIT.total_seconds()
    ceiling = min(LONGEST_WAIT.total_seconds(), 2 * shortest * 2**doublings)
    return timedelta(seconds=rng.uniform(shortest, ceiling))


def urgency(due_at: datetime | None, at: datetime) -> int:
    """The priority of a message to the province, lower first: the local day on which its dossier is due.

    What has no promised time counts as due in a week; of one day the oldest goes first.

    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 5, tzinfo=UTC)
    >>> urgency(now, now) < urgency(None, now) < urgency(now + timedelta(days=8), now)
    True
    """
    return local(due_at or at + timedelta(days=7)).toordinal()
