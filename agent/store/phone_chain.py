"""How far a phone's own sequence of events is held, and which numbers below the highest are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from agent.store import rows
from agent.store.custody_events import DeviceEvent, PhoneChain

MOST_GAPS: Final = 200  # that one answer names


@dataclass(frozen=True)
class Standing:
    """`next_seq`: the lowest number that is not held; `missing`: gaps [from, to] below the highest that is."""

    next_seq: int
    missing: list[list[int]]

    @property
    def owed(self) -> int:
        """How many events below the highest are missing."""
        return sum(last - first + 1 for first, last in self.missing)


def standing(phone_uid: UUID) -> Standing:
    """How a phone's sequence stands; inside a transaction."""
    chain = rows.first(PhoneChain, phone_uid=phone_uid)
    if chain is None:
        return Standing(1, [])
    if chain.top_seq < chain.next_seq:
        return Standing(chain.next_seq, [])
    above = (DeviceEvent.phone_uid == phone_uid) & (DeviceEvent.seq > chain.next_seq)
    held: Any = DeviceEvent.select(DeviceEvent.seq).distinct().where(above).order_by(DeviceEvent.seq).tuples()
    missing: list[list[int]] = []
    next_one = chain.next_seq
    for (seq,) in held:
        if seq > next_one and len(missing) < MOST_GAPS:
            missing.append([next_one, seq - 1])
        next_one = seq + 1
    return Standing(chain.next_seq, missing)
