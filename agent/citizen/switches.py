"""Turn what an office offers its citizens on or off; say whether one citizen wants messages."""

from __future__ import annotations

from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.jobs import JobState
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import journal, outbox
from agent.store.citizen import Switch, is_on, keep_wish, turn
from agent.store.lookup import dossier_by_uid
from agent.store.notices import drop_words
from agent.store.progress import note


def turn_switch(site: Site, name: str, on: bool, *, by: Actor) -> None:
    """Turn a switch of the actor's office; as it stands already changes nothing."""
    if name not in set(Switch):
        raise RuleViolation("Không có mục này. Mở lại trang.")
    switch = Switch(name)
    with site.store.writing():
        if is_on(by.office_id, switch) == on:
            return
        turn(by.office_id, switch, on, by=by.username, at=site.clock.now())
        journal.append(
            "dossier", "switch_turned", uid=site.ids.uid(), at=site.clock.now(), actor=by.name, office_id=by.office_id,
            terminal_id=by.terminal_id, dossier_id=None, body={"switch": switch.value, "on": on},
        )  # fmt: skip


def say_wish(site: Site, uid: UUID, wanted: bool, *, by: Actor) -> None:
    """Keep whether the citizen of a dossier wants messages."""
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        keep_wish(dossier, wanted, by=by.username, at=site.clock.now())
        note(dossier, "notice_wish", by=by, at=site.clock.now(), ids=site.ids, wanted=wanted)


def told_by_phone(site: Site, uid: UUID, key: str, *, by: Actor) -> None:
    """The clerk found out, or told the citizen, what a message of doubtful fate was to say: it is over."""
    with site.store.writing():
        dossier, job = dossier_by_uid(uid), outbox.show(key)
        if job.dossier_id != dossier.id:
            raise RuleViolation("Tin này thuộc hồ sơ khác. Mở lại trang.")
        outbox.resolve(job, JobState.ACKED, at=site.clock.now())
        drop_words(job)
        note(dossier, "notice_told", by=by, at=site.clock.now(), ids=site.ids, job=str(job.uid))
