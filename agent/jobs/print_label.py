"""Handler of the print lanes: one job to the printer that has the role now, with the truth about the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from agent.domain.jobs import PRINTER_ROLES, JobState, print_lane
from agent.domain.media import parse_media
from agent.errors import ConfigError, DeviceError, DeviceUnavailable, NotFound
from agent.intake.print_jobs import printer_line
from agent.jobs.runner import Settlement
from agent.ports import PrintOutcome, PrintResult
from agent.settings import Device
from agent.site import Site
from agent.store.outbox import Job

AGAIN = timedelta(seconds=5)
ROLE_OF: Final = {print_lane(role): role for role in PRINTER_ROLES}


def print_job(site: Site, job: Job) -> Settlement:
    """Send the frozen bytes; what is uncertain goes to the clerk and is never sent again by itself.

    Bytes made for another language, resolution or paper than the printer's are refused and not sent: the role, the
    roll or the settings may have changed since they were made.
    """
    again, role = site.clock.now() + AGAIN, ROLE_OF[job.lane]
    try:
        payload = job.payload
    except NotFound as error:  # erased with the person's data
        return Settlement(JobState.REJECTED, error=error.message)
    line = printer_line(site, role)
    made_for = (job.result or {}).get("made_for", {})
    try:
        words = _foreign(line, payload, made_for)
    except ConfigError as error:  # nobody knows what lies in the printer
        return Settlement(JobState.READY, error=error.message, retry_at=again)
    if words:
        return Settlement(JobState.REJECTED, error=words)
    try:
        printer = site.devices.named(line.name) if line.name else site.devices.printer(role)
        outcome = printer.print(payload)
    except DeviceUnavailable as error:
        return Settlement(JobState.READY, error=error.message, retry_at=again)
    except DeviceError as error:
        return Settlement(JobState.NEEDS_CLERK, error=error.message)
    return _settled(outcome, {"made_for": made_for, **outcome.evidence}, again)


def _settled(outcome: PrintOutcome, evidence: dict[str, Any], again: datetime) -> Settlement:
    if outcome.result is PrintResult.PRINTED:
        return Settlement(JobState.ACKED, result=evidence)
    if outcome.result is PrintResult.NOT_PRINTED:
        return Settlement(JobState.READY, error=outcome.reason, retry_at=again, result=evidence)
    return Settlement(JobState.NEEDS_CLERK, error=outcome.reason, result=evidence)


def _foreign(line: Device, payload: bytes, made_for: Mapping[str, Any]) -> str:
    """Why these bytes are not for the printer of this line; empty when they are, or when no printer has the role."""
    from labels.produce import language_of

    language, dpi, media = language_of(payload), made_for.get("dpi", line.dpi), made_for.get("media", line.media)
    if not line.name:
        return ""
    if language != line.language:
        differs = f"máy in {language or 'chưa rõ loại'}, máy in bây giờ ({line.name}) nói {line.language}"
    elif dpi != line.dpi:
        differs = f"máy in {dpi} dpi, máy in bây giờ ({line.name}) là {line.dpi} dpi"
    elif parse_media(media) != parse_media(line.media, device=line.name):
        differs = f"giấy {_paper(media)}, giấy bây giờ trong máy in ({line.name}) là {_paper(line.media)}"
    else:
        return ""
    return f"Bản in làm cho {differs}. Chưa gửi gì ra máy in. Bấm in lại."


def _paper(media: str) -> str:
    """A paper in words."""
    size = parse_media(media)
    if size is None:
        return "chưa khai khổ"
    return f"cuộn {size[0]:g} mm" if not size[1] else f"{size[0]:g}×{size[1]:g} mm"


HANDLERS: Final = dict.fromkeys(("label", "component-label", "item-label", "slip", "test"), print_job)
