"""Handler of the print lane: one label to the terminal's printer, with the truth about the outcome."""

from __future__ import annotations

from datetime import timedelta

from agent.domain.jobs import JobState
from agent.errors import DeviceError, DeviceUnavailable
from agent.jobs.runner import Settlement
from agent.ports import PrintResult
from agent.site import Site
from agent.store.outbox import Job

AGAIN = timedelta(seconds=5)


def print_label(site: Site, job: Job) -> Settlement:
    """Send the frozen label; what is uncertain goes to the clerk and is never sent again by itself."""
    again = site.clock.now() + AGAIN
    try:
        outcome = site.devices.printer("label").print(job.payload)
    except DeviceUnavailable as error:
        return Settlement(JobState.READY, error=error.message, retry_at=again)
    except DeviceError as error:
        return Settlement(JobState.NEEDS_CLERK, error=error.message)
    if outcome.result is PrintResult.PRINTED:
        return Settlement(JobState.ACKED, result=outcome.evidence)
    if outcome.result is PrintResult.NOT_PRINTED:
        return Settlement(JobState.READY, error=outcome.reason, retry_at=again, result=outcome.evidence)
    return Settlement(JobState.NEEDS_CLERK, error=outcome.reason, result=outcome.evidence)


HANDLERS = {"label": print_label}
