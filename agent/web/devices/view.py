"""What the device page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.domain.jobs import PRINTER_ROLES, JobState, print_lane
from agent.domain.roles import Action
from agent.intake.devices import ROLES_OF, trial_of
from agent.ports import DeviceState, FoundDevice
from agent.settings import Device
from agent.store import devices as rows
from agent.store import print_queue, scans
from agent.store.desk import dossiers_by_id
from agent.store.outbox import Job
from agent.store.scans import ScanEvent
from agent.web.context import current_user, site
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


ROLE_WORDS = {
    "label": _("in nhãn"),
    "receipt": _("in biên nhận"),
    "reader": _("đọc mã"),
    "pages": _("quét trang"),
}
JOB_WORDS = {
    "label": _("nhãn hồ sơ"),
    "component-label": _("nhãn thành phần"),
    "item-label": _("nhãn bưu gửi"),
    "slip": _("biên nhận"),
    "test": _("bản in thử"),
}
SCAN_WORDS = {
    "chip-card": _("thẻ căn cước"),
    "dossier": _("hồ sơ"),
    "component": _("thành phần hồ sơ"),
    "procedure": _("thẻ thủ tục"),
    "command": _("thẻ lệnh"),
    "badge": _("thẻ nhân viên"),
    "bag": _("túi thư"),
    "manifest": _("bản kê"),
    "item": _("bưu gửi"),
    "reader-test": _("mã thử máy đọc"),
    "damaged": _("mã hỏng"),
    "words": _("chữ khác"),
    "": _("mã không trọn vẹn"),
}
LAST_SCANS = 8


@dataclass(frozen=True)
class Line:
    """One device as the page shows it."""

    line: Device
    state: DeviceState
    sign: str
    word: str
    role: str
    serves: bool  # a printer that has its role now: it prints, and can be tried
    behind: str  # the printer that has its role instead; empty when there is none
    stranger: bool  # another unit is plugged in, and a person has to say so
    unit: tuple[str, str]  # identity and place of the one that is plugged in
    roles: tuple[str, ...]  # that it can be given
    adopted: bool
    tracing: datetime | None
    trial: datetime | None  # until when it has to deliver a reader's test code, or is given up


@dataclass(frozen=True)
class Waiting:
    """One print job that waits or asks."""

    job: Job
    what: str
    number: str  # of the dossier, empty for a test


@dataclass(frozen=True)
class View:
    """The whole page."""

    lines: list[Line]
    found: list[tuple[FoundDevice, tuple[str, ...]]]
    jobs: list[Waiting]
    asking: Waiting | None
    scans: list[tuple[ScanEvent, str]]


def view() -> View:
    """The devices, the queue and the last scans of this terminal."""
    here, user = site(), current_user()
    with here.store.reading():
        setups = {row.name: row for row in rows.setups(here.settings.terminal.id)}
        jobs = print_queue.waiting(here.settings.terminal.id, [print_lane(role) for role in PRINTER_ROLES])
        numbers = {d.id: d.provisional for d in dossiers_by_id({job.dossier_id for job in jobs if job.dossier_id})}
        last = scans.latest(here.settings.terminal.id, limit=LAST_SCANS)
    states = {state.name: state for state in here.devices.states()}
    told = [(one, states[one.name]) for one in here.devices.lines() if one.name in states]
    lines = [_line(one, state, setups.get(one.name)) for one, state in told]
    waiting = [_waiting(job, numbers) for job in jobs]
    may_set_up = user.may(Action.SET_UP_DEVICES)
    found = [(one, ROLES_OF.get(one.kind, ())) for one in here.devices.found()] if may_set_up else []
    asking = next((one for one in waiting if one.job.state is JobState.NEEDS_CLERK), None)
    return View(lines, found, waiting, asking, [(scan, _kind(scan)) for scan in last])


def _line(line: Device, state: DeviceState, setup: rows.DeviceSetup | None) -> Line:
    sign, word = sign_of(state)
    has = site().devices.line(line.role)
    until = setup.trace_until if setup else None
    identity, port = site().devices.unit(line.name)
    known = (setup.known_as, setup.known_at) if setup else ("", "")
    printer = line.role in PRINTER_ROLES
    return Line(
        line=line,
        state=state,
        sign=sign,
        word=word,
        role=gettext(ROLE_WORDS.get(line.role, line.role)),
        serves=printer and has is not None and has.name == line.name,
        behind=has.name if printer and has is not None and has.name != line.name else "",
        stranger=bool(identity and known[0] and state.connected and not state.ready and (identity, port) != known),
        unit=(identity, port),
        roles=tuple(role for role in PRINTER_ROLES if role != line.role) if printer else (),
        adopted=bool(setup and setup.line),
        tracing=until if until and until > site().clock.now() else None,
        trial=trial_of(setup.line) if setup else None,
    )


def sign_of(state: DeviceState) -> tuple[str, str]:
    """The sign and the word of a state."""
    if not state.connected:
        return "refused", gettext("không kết nối")
    if state.ready:
        return "complete", gettext("sẵn sàng")
    if state.ready is None and state.role == "pages":  # a scanner answers for itself but while it is at work
        return "partial", gettext("đang quét")
    return ("unknown", gettext("không rõ")) if state.ready is None else ("decide", gettext("cần xem"))


def _waiting(job: Job, numbers: dict[int, str]) -> Waiting:
    number = numbers.get(job.dossier_id, "") if job.dossier_id else ""
    return Waiting(job, gettext(JOB_WORDS.get(job.kind, job.kind)), number)


def _kind(scan: ScanEvent) -> str:
    return gettext(SCAN_WORDS.get(scan.kind.partition(":")[0], scan.kind))
