"""What custody means for the citizen: out for delivery, held, delivered, returned, each told once by message."""

from __future__ import annotations

from datetime import timedelta

from agent.domain.custody_steps import STEPS, CustodyStep, ItemState
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item
from agent.store.notices import OF_STEP, queue_notice

OVERLAP = 200  # events looked at again: transactions commit in another order than they take their ids
AT_ONCE = 500
FRESH = timedelta(hours=12)  # what a phone tells later than that is no news any more
ENDS = {step: {state for (_, done), state in STEPS.items() if done is step} for step in OF_STEP}


class CustodyNews:
    """Looks at what was recorded since it looked last; beside the recording, so that it costs a phone's sync nothing.

    Nothing of it is kept: the message's key says what was told, also after a restart.
    """

    def __init__(self) -> None:
        self._last = 0

    def step(self, site: Site) -> int:
        """Queue the messages of new events; how many were looked at."""
        if not site.settings.notices.channel:
            return 0
        with site.store.reading():
            events = self._new(site)
            fresh = [event for event in events if outbox.find(self._key(event)) is None and self._stands(event)]
        if fresh:
            with site.store.writing():
                for event in fresh:
                    queue_notice(
                        Dossier.get_by_id(event.item.dossier_id), OF_STEP[CustodyStep(event.step)],
                        settings=site.settings, at=site.clock.now(), ids=site.ids, once=self._once(event),
                    )  # fmt: skip
        self._last = max([self._last, *(event.id for event in events)])
        return len(events)

    def _new(self, site: Site) -> list[CustodyEvent]:
        told = CustodyEvent.step.in_([step.value for step in OF_STEP])
        since = (CustodyEvent.id > self._last - OVERLAP) & (CustodyEvent.occurred_at > site.clock.now() - FRESH)
        mine = Item.office_id == site.settings.office.id
        query = CustodyEvent.select(CustodyEvent, Item).join(Item).where(told & since & mine)
        return list(query.order_by(CustodyEvent.id).limit(AT_ONCE))

    @staticmethod
    def _stands(event: CustodyEvent) -> bool:
        """Whether the item is still where the event brought it: else the next event has the news."""
        return ItemState(event.item.state) in ENDS[CustodyStep(event.step)]

    @staticmethod
    def _once(event: CustodyEvent) -> str:
        return f"{event.item.number}-{event.id}"

    def _key(self, event: CustodyEvent) -> str:
        number = Dossier.get_by_id(event.item.dossier_id).provisional
        return f"{number}/T/{OF_STEP[CustodyStep(event.step)].value}/{self._once(event)}"
