"""Whether what types is a reader: kept when its first scan is a reader's test code, else given up by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent import log
from agent.intake.devices import trial_of
from agent.intake.scans import kind_of, text_of
from agent.ports import Scan
from agent.site import Site
from agent.store import devices as rows
from agent.store.devices import DeviceSetup

logger = log.get(__name__)
TEST = "reader-test"
Arrived = tuple[datetime, Scan]  # when it arrived, and the scan


def judged(site: Site, scans: Sequence[Arrived]) -> list[Arrived]:
    """The scans that may be kept, after the trials that they decide.

    The first that a device on trial delivers is either a test code, and the device is kept, or the device is given up
    at once and nothing of what it typed is kept: it may be the clerk's keyboard. Nor is what comes from a device that
    is in use no longer, which may have been on trial until a moment ago.
    """
    used, trials = {line.name for line in site.devices.lines()}, _on_trial(site)
    kept, passed, failed = list[Arrived](), set[str](), set[str]()
    for at, scan in scans:
        name = scan.device
        if name not in used:
            continue
        if name in trials and name not in passed | failed:
            proved = not scan.torn and kind_of(text_of(scan.payload)) == TEST
            (passed if proved else failed).add(name)
        if name not in failed:
            kept.append((at, scan))
    for name in passed:
        _keep(site, trials[name])
    _give_up(site, [trials[name] for name in failed])
    return kept


def end_trials(site: Site) -> None:
    """Give up what has delivered nothing until its trial was over; free while no such device is in use."""
    now = site.clock.now()
    over = [(row, trial_of(row.line)) for row in _on_trial(site).values()]
    _give_up(site, [row for row, until in over if until is not None and until <= now])


def _on_trial(site: Site) -> dict[str, DeviceSetup]:
    named = {line.name for line in site.settings.devices}
    if not any(line.kind == "evdev" and line.name not in named for line in site.devices.lines()):
        return {}
    with site.store.reading():
        found = rows.setups(site.settings.terminal.id)
    return {row.name: row for row in found if trial_of(row.line) is not None}


def _keep(site: Site, row: DeviceSetup) -> None:
    fields = {name: value for name, value in (row.line or {}).items() if name != "trial_until"}
    with site.store.writing():
        rows.decide(
            office_id=row.office_id,
            terminal_id=row.terminal_id,
            name=row.name,
            at=site.clock.now(),
            by=row.changed_by,
            line=fields,
        )
    logger.info("device setup %s has read a test code: kept", row.id)
    site.devices.reload()


def _give_up(site: Site, setups: Sequence[DeviceSetup]) -> None:
    if not setups:
        return
    with site.store.writing():
        for row in setups:
            rows.forget(row.terminal_id, row.name)
    for row in setups:
        logger.warning("device setup %s has read no test code: given up", row.id)
    site.devices.reload()
