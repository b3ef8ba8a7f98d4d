"""The citizen's own answer reaches the province once, on either database."""

from __future__ import annotations

import json

import pytest

from agent.citizen.survey import answer, report_surveys
from agent.domain.canonical_reports import CanonicalSatisfaction
from agent.domain.jobs import JobState
from agent.errors import RuleViolation
from agent.store.satisfaction import satisfaction_key
from agent.tracking.deliver import deliver
from agent.tracking.satisfaction import rate
from tests.builders import CLERK, COURIER
from tests.flow.counter import PROOF, Counter


def test_after_a_day_it_is_fixed_and_reported_once(either: Counter):
    dossier = either.with_result()
    number = either.out(dossier)
    deliver(either.site, number, PROOF, by=COURIER)
    either.send()
    answer(either.site, dossier.id, 2, "Chờ lâu")
    assert report_surveys(either.site) == 0
    either.later(hours=25)
    with pytest.raises(RuleViolation, match="đã chốt"):
        answer(either.site, dossier.id, 5)
    assert report_surveys(either.site) == 1 and report_surveys(either.site) == 0
    job = either.job(satisfaction_key(dossier))
    said = CanonicalSatisfaction.from_json(json.loads(job.payload))
    assert (said.channel, said.comment, said.answers[0].score) == ("online", "Chờ lâu", 2)
    either.send_jobs()
    assert either.job(job.key).state is JobState.ACKED
    rate(either.site, dossier.uid, 5, by=CLERK)  # the counter asks too late: the citizen's answer stands
    assert either.job(job.key).digest == job.digest
