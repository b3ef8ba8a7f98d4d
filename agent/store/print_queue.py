"""What waits for one terminal's printer: why it waits, and that it need not wait any longer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agent.domain.jobs import JobState
from agent.store.base import joined
from agent.store.outbox import Job


def hinder(*, lane: str, terminal_id: str, words: str) -> int:
    """Say on the ready jobs why they wait; how many did not say so yet."""
    silent = _waiting(lane, terminal_id) & (Job.error != words)
    if not Job.select(Job.id).where(silent).exists():
        return 0
    with joined():
        return int(Job.update(error=words).where(silent).execute())


def hurry(*, lane: str, terminal_id: str, at: datetime) -> int:
    """Make the ready jobs due now; how many were to wait longer."""
    early = _waiting(lane, terminal_id) & (Job.not_before > at)
    if not Job.select(Job.id).where(early).exists():
        return 0
    with joined():
        return int(Job.update(not_before=at).where(early).execute())


def waiting(terminal_id: str, lanes: list[str]) -> list[Job]:
    """What waits in these lanes, asks for the clerk or was refused, oldest first; who makes a job anew cancels it."""
    open_states = [JobState.READY, JobState.SENDING, JobState.NEEDS_CLERK, JobState.HELD, JobState.REJECTED]
    mine = (Job.terminal_id == terminal_id) & Job.lane.in_(lanes) & Job.state.in_(open_states)
    return list(Job.select().where(mine).order_by(Job.id).limit(200))


def refused(lane: str, terminal_id: str, *, kind: str) -> list[Job]:
    """What of a kind was refused at a terminal and not made anew yet."""
    mine = (Job.lane == lane) & (Job.terminal_id == terminal_id) & (Job.kind == kind)
    return list(Job.select().where(mine & (Job.state == JobState.REJECTED)))


def _waiting(lane: str, terminal_id: str) -> Any:
    return (Job.lane == lane) & (Job.terminal_id == terminal_id) & (Job.state == JobState.READY)
