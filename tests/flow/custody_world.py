"""Offices with thousands of items and phones that mint real events, for tests of the custody journal."""

from __future__ import annotations

import itertools
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from agent.clock import RandomIds
from agent.devices.terminal import TerminalDevices
from agent.domain.custody import Entry, fold
from agent.domain.custody_order import Link
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ReturnWay, State
from agent.domain.phone_event import FIRST, PhoneEvent, Verdict, read_event
from agent.domain.s10 import number_in_range
from agent.settings import Settings
from agent.site import Site
from agent.store import rows
from agent.store.calendar import working_calendar
from agent.store.custody_chain import Chain
from agent.store.custody_keeping import Detail, Keeper
from agent.store.database import Store
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result
from agent.store.phones import PhoneBlob
from agent.tracking.journal.ingest import ingest
from tests.webdesk import HandClock

OFFICE = "BC-TAYHO"
DESK = f"office:{OFFICE}"
START = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
SIGNATURE = "5" * 64
PLACE = {"lat": 21.0712, "lon": 105.8231, "accuracy_m": 12.5, "age_s": 3}
PROOF: dict[str, Any] = {
    "receiver": "Nguyễn Thị Hường", "relation": "chủ hồ sơ", "authorisation": "", "identity_type": "CCCD",
    "identity_last4": "2345", "identity_matched": True, "collected": 0, "code": "", "signature": SIGNATURE, "photo": "",
}  # fmt: skip
S = CustodyStep
_serials = itertools.count(30_000_000)


def make_site(data: Path, *, clock: HandClock | None = None, **place: Any) -> Site:
    """A site whose store is real and migrated; adapters that custody does not touch are absent."""
    store = Store.open(**{"data": data, **place})
    if store.pending():
        store.migrate()
    absent = cast(Any, None)
    clock = clock or HandClock(START)
    return Site(Settings(data=data), clock, RandomIds(), store, absent, absent, absent, absent, TerminalDevices(()))


def furnish(site: Site, count: int, *, office: str = OFFICE, steps: bool = True, collect: int = 0) -> list[str]:
    """Numbers of new items that lie at their office, each of a dossier of its own; a signature is in the vault."""
    numbers: list[str] = []
    for start in range(0, count, 1000):
        with site.store.writing():
            numbers += _some(site, min(1000, count - start), office, steps, collect)
    keep_signature(site)
    return numbers


def keep_signature(site: Site) -> None:
    """The picture that proofs here name, in the vault."""
    with site.store.writing():
        rows.create_unless_there(
            PhoneBlob, sha256=SIGNATURE, terminal_id=site.settings.terminal.id, phone_uid=site.ids.uid(),
            media="image/png", size=10, received_at=site.clock.now(),
        )  # fmt: skip


def _some(site: Site, count: int, office: str, steps: bool, collect: int) -> list[str]:
    now, calendar, numbers = site.clock.now(), working_calendar(), []
    at = now - timedelta(days=1)
    keeper = Keeper(at=now, terminal_id=site.settings.terminal.id, ids=site.ids)
    made = []
    for _ in range(count):
        serial = next(_serials)
        number = number_in_range("RD", serial).text
        dossier = rows.create(
            Dossier, uid=site.ids.uid(), office_id=office, terminal_id="T1", provisional=f"T1-{serial}",
            official=f"G01-261116-{serial}", procedure_code="2.000635", procedure_version=1, procedure_name="Khai sinh",
            agency="G01", channel="counter", state=State.RESULT_READY, received_at=at, due_calculation={},
            return_way=ReturnWay.COURIER, public_token=f"t{serial}", salt=b"s" * 16, created_by="lananh",
            updated_at=at,
        )  # fmt: skip
        item = rows.create(
            Item, uid=site.ids.uid(), number=number, dossier=dossier.id, office_id=office, state="registered",
            holder="authority:G01", collect=collect, created_at=at, updated_at=at,
        )  # fmt: skip
        rows.create(
            Result, uid=site.ids.uid(), dossier=dossier.id, province_id="R1", name="Giấy khai sinh", form="paper",
            way=ReturnWay.COURIER, state="on_the_way", item=item.id, ready_at=at,
        )  # fmt: skip
        made.append(item)
        numbers.append(number)
    keeper.know_dossiers([item.dossier_id for item in made])
    desk = f"office:{office}"
    way = [("register", "", "authority:G01"), ("offer", "authority:G01", desk), ("accept", "authority:G01", desk),
           ("arrive", desk, "")]  # fmt: skip
    for item in made:
        chain, entries = Chain(item), []
        for index, (step, giver, taker) in enumerate(way if steps else way[:1]):
            entry = Entry(site.ids.uid(), S(step), at + timedelta(minutes=index), "user:lananh", giver, taker)
            parent = entries[-1].uid if entries else None
            entries.append(entry)
            custody = fold(entries, calendar)
            assert custody is not None
            keeper.add(chain, Link(entry, parent, "T1"), index, custody, Detail())
    keeper.save()
    return numbers


@dataclass
class PhoneAtHand:
    """A courier's phone: its wall clock is off by `wrong`, which it learnt from the server unless `offset` is False."""

    courier: str
    wrong: timedelta = timedelta()
    offset: bool = True
    office_id: str = OFFICE
    uid: uuid.UUID = field(default_factory=uuid.uuid4)
    seq: int = 0
    previous: str = FIRST
    boot: uuid.UUID = field(default_factory=uuid.uuid4)
    started: datetime = START
    last: dict[str, uuid.UUID] = field(default_factory=dict)  # by item: what the phone believes was last
    jitter: timedelta = timedelta()

    @property
    def holder(self) -> str:
        return f"courier:{self.courier}"

    def mint(self, step: CustodyStep, item: str, at: datetime, **values: Any) -> dict[str, Any]:
        """The next event of this phone as its JSON, at the true instant `at`."""
        self.seq += 1
        giver = values.pop("giver", self.holder)
        body: dict[str, Any] = {
            "id": str(uuid.uuid4()), "phone": str(self.uid), "seq": self.seq, "previous": self.previous,
            "at": (at + self.wrong + self.jitter).isoformat(timespec="milliseconds"),
            "monotonic_ms": int((at - self.started).total_seconds() * 1000), "boot": str(self.boot),
            "clock_offset_ms": int(-self.wrong.total_seconds() * 1000) if self.offset else None, "app": "1.0.0",
            "step": step.value, "item": item, "bag": "", "parent": self._parent(item or str(values.get("bag"))),
            "from": giver, "to": "",
            "reason": "", "action": "", "evidence": [], "capture": "camera", "note": "", "position": None,
            "corrects": None, "proof": None,
        }  # fmt: skip
        if step is S.DELIVER:
            body |= {"to": "receiver", "position": PLACE, "proof": PROOF}
        body |= values
        self.previous = read_event(body).hash
        self.last[item or body["bag"]] = uuid.UUID(body["id"])
        return body

    def _parent(self, item: str) -> str | None:
        known = self.last.get(item)
        return str(known) if known else None

    def sees(self, site: Site, *numbers: str) -> None:
        """Take over the server's last event of these items, as a phone does when it downloads its round."""
        with site.store.reading():
            for item in Item.select(Item.number, Item.last_event).where(Item.number.in_(list(numbers))):
                self.last[item.number] = item.last_event

    def send(self, site: Site, *bodies: dict[str, Any]) -> list[Verdict]:
        """Send events to the server."""
        return ingest(site, self, [read_event(body) for body in bodies])

    def takes(self, site: Site, *numbers: str, by: str = DESK) -> None:
        """Take items over that are offered at the server, and set out with them; all is sent at once."""
        self.sees(site, *numbers)
        now = site.clock.now()
        sent = []
        for number in numbers:
            sent.append(self.mint(S.ACCEPT, number, now, giver=by, to=self.holder))
            sent.append(self.mint(S.OUT_FOR_DELIVERY, number, now))
        assert {one.verdict for one in self.send(site, *sent)} == {"taken"}


def parsed(bodies: list[dict[str, Any]]) -> list[PhoneEvent]:
    """The events of these JSON objects."""
    return [read_event(body) for body in bodies]


def shuffled(values: list[Any], seed: int) -> list[Any]:
    """The values in an order that the seed decides."""
    made = list(values)
    random.Random(seed).shuffle(made)
    return made
