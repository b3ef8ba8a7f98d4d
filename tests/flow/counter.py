"""A counter for flow tests: a real site on either database, a clock in the test's hand, a real sandbox province."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.domain.custody_steps import CustodyStep
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, wants_copy
from agent.intake.guide import catalogue, today
from agent.intake.label import confirm_label
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.intake.sign import sign_copies
from agent.intake.submit import submit
from agent.processes import Program
from agent.settings import Database, Settings
from agent.soap.province import clerk
from agent.soap.province.ledger import Ledger
from agent.store import base, journal, outbox
from agent.store.dossiers import Dossier
from agent.store.items import Item, Result
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.outbox import Job
from agent.tracking.custody import accept, courier_holder, hand_over, move
from agent.tracking.deliver import ProofInput
from agent.tracking.items import allot_range, collect_from_authority, register_item
from agent.wiring import build_site
from tests.builders import CARD, CLERK, COURIER, OFFICE, Station, scanned
from tests.contract.sandbox_process import Sandbox
from tests.webdesk import HandClock

PROOF = ProofInput(
    receiver="Nguyễn Thị Hường", relation="chủ hồ sơ", identity_type="CCCD", identity_last4="2345",
    identity_matched=True, signature=b"strokes", position={"lat": 21.07, "lon": 105.82, "accuracy_m": 12},
)  # fmt: skip


@dataclass
class Counter(Station):
    """A station whose clock the test moves, with a sandbox province that can be killed and started."""

    clock: HandClock
    province: Sandbox

    # --- time and the province
    def later(self, **amount: float) -> None:
        """Move the clock on (default: an hour), so that what waits for another try is due."""
        self.clock.forward(**(amount or {"hours": 1}))

    def send_jobs(self) -> None:
        """Send everything that is due now."""
        while self.program.send_once(self.site):
            pass

    def send(self) -> None:
        self.send_jobs()
        self.program.follow_once(self.site)

    def act(self, dossier: Dossier, *actions: str, **options: Any) -> None:
        for action in actions:
            clerk.act(self.province.folder, dossier.provisional, action, now=datetime.now(UTC), **options)

    def held(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of the province's own ledger."""
        ledger = Ledger(self.province.folder)
        try:
            return ledger.rows(query, **values)
        finally:
            ledger.close()

    # --- looking
    def now(self, dossier: Dossier) -> Dossier:
        with self.site.store.reading():
            return dossier_by_uid(dossier.uid)

    def job(self, key: str) -> Job:
        with self.site.store.reading():
            return outbox.show(key)

    def results(self, dossier: Dossier) -> list[Result]:
        with self.site.store.reading():
            return list(Result.select().where(Result.dossier == dossier).order_by(Result.id))

    def kinds(self, dossier: Dossier, ledger: str = "dossier") -> list[str]:
        """What the journal says of a dossier, in order."""
        with self.site.store.reading():
            return [entry.kind for entry in journal.entries(ledger, dossier_id=dossier.id)]

    # --- doing
    def receive(self, **changes: Any) -> Dossier:
        """A received dossier; `changes` are fields of the intake."""
        procedure = changes.pop("procedure", "2.000635")
        case = catalogue(self.site).current(procedure, today(self.site)).case(changes.get("case", ""))
        values: dict[str, Any] = {
            "owner": PartyInput(chip_card=CARD, phone="0912 345 678"),
            "components": tuple(ComponentInput(needed.code) for needed in case.mandatory),
            **changes,
        }
        return receive(self.site, Intake(procedure, **values), by=CLERK)

    def digitise(self, dossier: Dossier) -> None:
        for component in (one for one in components_of(dossier) if wants_copy(one)):
            pages = self.site.digitiser().read_bytes("scan.jpg", scanned(dossier.provisional))
            add_pages(self.site, dossier.uid, component.uid, pages, by=CLERK)
        make_copies(self.site, dossier.uid, by=CLERK)

    def signed(self, **changes: Any) -> Dossier:
        dossier = self.receive(**changes)
        confirm_label(self.site, dossier.uid, dossier.provisional, by=CLERK)
        self.digitise(dossier)
        sign_copies(self.site, dossier.uid, by=CLERK)
        return self.now(dossier)

    def submitted(self, **changes: Any) -> Dossier:
        dossier = self.signed(**changes)
        submit(self.site, dossier.uid, by=CLERK)
        return self.now(dossier)

    def handed_off(self, **changes: Any) -> Dossier:
        dossier = self.submitted(**changes)
        self.send()
        return self.now(dossier)

    def with_result(self, *results: str, **changes: Any) -> Dossier:
        """A dossier whose results (`paper` or `electronic`, one by default) are ready."""
        dossier = self.handed_off(**changes)
        self.act(dossier, "take-up", "finish")
        self.ready(dossier, *(results or ("paper",)))
        return self.now(dossier)

    def ready(self, dossier: Dossier, *forms: str) -> None:
        """The province makes results of these forms."""
        self.act(dossier, "result-ready", results=[{"name": f"Kết quả {form}", "form": form} for form in forms])
        self.send()

    def item(self, dossier: Dossier) -> Item:
        """The dossier's item, in the office."""
        allot_range(self.site, OFFICE, "RD", 1000 * dossier.id, 1000 * dossier.id + 999)
        made = register_item(self.site, dossier.uid, by=CLERK)
        return collect_from_authority(self.site, made.number, by=CLERK)

    def out(self, dossier: Dossier) -> str:
        """The number of the dossier's item, out for delivery with the courier."""
        number = str(self.item(dossier).number)
        holder = courier_holder(COURIER.username)
        hand_over(self.site, [number], to=holder, by=CLERK)
        accept(self.site, [number], holder=holder, by=COURIER)
        move(self.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
        return number


def prepare(folder: Path) -> None:
    """A data folder as an agent leaves it after its first start: keys, database, vault, a CA with the clerk's key."""
    site = build_site(Settings(data=folder))
    site.signers().of(CLERK.username, CLERK.full_name)
    site.store.close()


@contextmanager
def emptied(province: Sandbox | None, folder: Path, faults: str) -> Iterator[Sandbox]:
    """The shared sandbox with an empty ledger, or one of the counter's own when it must misbehave."""
    if province is None or faults:
        with Sandbox(folder.with_name(f"{folder.name}-sandbox"), faults=faults) as own:
            yield own
        return
    ledger = Ledger(province.folder)
    try:
        with ledger.writing():
            _empty(ledger)
    finally:
        ledger.close()
    yield province


def _empty(ledger: Ledger) -> None:
    """Delete every row of a ledger that defends itself against that."""
    triggers = ledger.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    for trigger in triggers:
        ledger.run(f"DROP TRIGGER {trigger['name']}")
    for table in ledger.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"):
        ledger.run(f"DELETE FROM {table['name']}")
    for trigger in triggers:
        ledger.run(trigger["sql"])


@contextmanager
def counter(
    folder: Path, prepared: Path, *, shared: Sandbox | None = None, url: str = "", faults: str = "",
    training: bool = True,
) -> Iterator[Counter]:  # fmt: skip
    """A counter in `folder`, a copy of `prepared`, with a sandbox province; `url` names a PostgreSQL database."""
    shutil.copytree(prepared, folder)
    with emptied(shared, folder, faults) as province:
        settings = Settings(data=folder, database=Database(url))
        settings = settings.with_(province=replace(settings.province, endpoint=province.endpoint, read_timeout=5.0))
        clock = HandClock(datetime.now(UTC))
        site = replace(build_site(settings, clock=clock), settings=settings.with_(training=training))
        try:
            yield Counter(site, Program(settings), clock, province)
        finally:
            base.proxy.initialize(site.store.database)
            site.store.close()
