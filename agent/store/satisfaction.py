"""The report of what a citizen thinks of the service: queued once a dossier, from the counter or from the citizen."""

from __future__ import annotations

from datetime import datetime

from agent.clock import Ids
from agent.domain.canonical import canonical_json
from agent.domain.canonical_codec import instant_text
from agent.domain.canonical_reports import CanonicalAnswer, CanonicalSatisfaction
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.outbox import Job
from agent.store.sending import queue_message

OPERATION = "ReportSatisfaction"
QUESTION = "CHUNG"  # one question about all of it
LEAST, MOST = 1, 5  # rất không hài lòng … rất hài lòng, the contract's scale
LANE = "handoff"


def satisfaction_key(dossier: Dossier) -> str:
    """The key under which a dossier's answer is reported, whoever took it."""
    return f"{dossier.provisional}/H1"


def reported(dossier: Dossier) -> Job | None:
    """The report that is on its way or there."""
    return outbox.find(satisfaction_key(dossier))


def queue_satisfaction(
    dossier: Dossier, score: int, *, channel: str, answered_at: datetime, at: datetime, ids: Ids, comment: str = ""
) -> Job:
    """Queue the report in the caller's write transaction; one that is queued already stays as it is.

    `channel`: counter | online. The report goes behind whatever of the dossier is on its way.
    """
    queued = reported(dossier)
    if queued is not None:
        return queued
    payload = canonical_json(
        CanonicalSatisfaction(
            salt=dossier.salt.hex(),
            provisional=dossier.provisional,
            answered_at=instant_text(answered_at.replace(microsecond=0)),
            official=dossier.official or "",
            channel=channel,
            comment=comment,
            answers=(CanonicalAnswer(QUESTION, score),),
        )
    )
    return queue_message(dossier, "satisfaction", satisfaction_key(dossier), payload, uid=ids.uid(), at=at, due=None)
