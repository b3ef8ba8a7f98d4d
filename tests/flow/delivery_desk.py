"""A delivery office for tests: items at the office, couriers, and a clock in the test's hand, on either database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Role
from agent.processes import Program
from agent.settings import Database, Settings
from agent.store.items import Item
from agent.tracking.custody import accept, courier_holder, hand_over, move, office_holder
from agent.tracking.deliver import FactContext, ProofInput, deliver, fail_attempt
from agent.tracking.items import allot_range, collect_from_authority, register_item
from agent.wiring import build_site
from tests import builders
from tests.e2e import rounds
from tests.webdesk import HandClock, add_people

MONDAY = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)  # 08:30, four working days before the Saturday
CLERK, CHIEF, COURIER = builders.CLERK, builders.CHIEF, rounds.COURIER
ELSEWHERE = Actor("sontay", "Vũ Thị Hoa", Role.CLERK, "BC-SONTAY", "T9")
MINE, DESK = courier_holder(COURIER.username), office_holder(builders.OFFICE)
LEFT = ("position", "invitation")
PROOF = ProofInput(
    receiver="Nguyễn Thị Hường", relation="chủ hồ sơ", identity_type="CCCD", identity_last4="2345",
    identity_matched=True, signature=b"strokes",
)  # fmt: skip


@dataclass
class Office(builders.Station):
    """A delivery office whose clock the test moves."""

    clock: HandClock

    def arrived(self, count: int = 1, *, collect: int = 0) -> list[str]:
        """Numbers of items that are at the office."""
        return [self._arrive(n % len(rounds.PEOPLE), collect) for n in range(count)]

    def _arrive(self, person: int, collect: int) -> str:
        dossier = rounds.with_result(self, person, collect=collect)
        item = register_item(self.site, dossier.uid, by=CLERK)
        collect_from_authority(self.site, item.number, by=CLERK)
        return str(item.number)

    def item(self, number: str) -> Item:
        with self.site.store.reading():
            found: Item = Item.get(Item.number == number)
        return found

    def out(self, numbers: Iterable[str]) -> None:
        """The courier accepts what is offered and sets out."""
        taken = accept(self.site, list(numbers), holder=MINE, by=COURIER)
        for number in taken:
            move(self.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)

    def sent_out(self, number: str) -> None:
        """An item goes from the office to the courier and out, without a list."""
        hand_over(self.site, [number], to=MINE, by=CLERK)
        self.out([number])

    def fail(self, number: str, *, reason: str = "absent", action: str = "redeliver", evidence: Iterable[str] = LEFT):
        """The courier reports that it could not be delivered; the event's uid."""
        context = FactContext(self.site.ids.uid(), self.site.clock.now(), capture="reader")
        fail_attempt(self.site, number, reason=reason, action=action, evidence=evidence, by=COURIER, context=context)
        return context.uid

    def given_back(self, number: str) -> None:
        """The courier offers it to the office."""
        hand_over(self.site, [number], to=DESK, by=COURIER)

    def deliver(self, number: str, **proof: object) -> None:
        from dataclasses import replace

        collect = self.item(number).collect
        deliver(self.site, number, replace(PROOF, collected=collect, **proof), by=COURIER)  # type: ignore[arg-type]

    def later(self, **amount: float) -> None:
        self.clock.forward(**amount)


def office(folder: Path, url: str = "") -> Office:
    """A delivery office in a folder; `url` names a PostgreSQL database."""
    settings = Settings(data=folder, database=Database(url))
    clock = HandClock(MONDAY)
    made = Office(build_site(settings, clock=clock), Program(settings), clock)
    add_people(made.site)
    allot_range(made.site, builders.OFFICE, "RD", 10_000_000, 10_009_999)
    return made
