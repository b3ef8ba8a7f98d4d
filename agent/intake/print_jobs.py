"""Print jobs: bytes frozen for the printer that has a role, queued in its lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from agent.domain.actor import Actor
from agent.domain.jobs import JobState, print_lane
from agent.domain.media import parse_media
from agent.errors import RuleViolation
from agent.settings import Device
from agent.site import Site
from agent.store import outbox, rows
from agent.store.dossiers import Dossier
from agent.store.outbox import Job

if TYPE_CHECKING:
    from labels.spec import Spec

COMMONEST: Final = {"label": "zpl", "receipt": "escpos"}  # what a job waits in while no printer is set up
GONE: Final = (JobState.CANCELLED, JobState.REJECTED)  # nothing came out, and nothing will: to be made anew
SETTLED: Final = (JobState.ACKED, *GONE)


@dataclass(frozen=True)
class Frozen:
    """Checked bytes and what they were made for: the printer's `dpi` and `media`, as its device line said then."""

    payload: bytes
    made_for: dict[str, Any]


def printer_line(site: Site, role: str) -> Device:
    """How the printer that has this role now is set up; one without a name while none has it."""
    line = site.devices.line(role)
    return line or Device(name="", role=role, kind="", address="", language=COMMONEST[role])


def freeze(site: Site, spec: Spec, role: str) -> Frozen:
    """The checked bytes of `spec` for the printer that has the role now.

    Raises RuleViolation with the reason when it cannot be printed there, ConfigError when the device line does not
    say its media properly.
    """
    from labels.errors import LabelError
    from labels.produce import produce_on

    line = printer_line(site, role)
    media = parse_media(line.media, device=line.name)
    try:
        payload = produce_on(spec, line.language, dpi=line.dpi, media=media)
    except LabelError as error:
        raise RuleViolation(f"Không in được: {error.message}") from error
    return Frozen(payload, {"dpi": line.dpi, "media": line.media})


def queue_print(
    site: Site, dossier: Dossier | None, frozen: Frozen, *, kind: str, key: str, role: str, by: Actor
) -> Job:
    """Queue frozen bytes for this terminal's printer, in the caller's write transaction."""
    job = outbox.enqueue(
        uid=site.ids.uid(),
        lane=print_lane(role),
        kind=kind,
        key=key,
        payload=frozen.payload,
        office_id=dossier.office_id if dossier else by.office_id,
        terminal_id=by.terminal_id,
        dossier_id=dossier.id if dossier else None,
        at=site.clock.now(),
    )
    job.result = {"made_for": frozen.made_for}
    rows.change(Job, job.id, result=job.result)
    return job


def give_up(job: Job | None, reason: str) -> None:
    """Cancel a job that was refused before anything was sent, so that only its successor is asked about."""
    if job is not None and job.state is JobState.REJECTED:
        outbox.cancel(job.key, reason)
