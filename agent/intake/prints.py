"""Everything of a dossier that a printer of this terminal prints: its labels, its items' labels, the receipt slip."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from agent.domain.actor import Actor
from agent.domain.custody_steps import ENDED as ITEM_ENDED
from agent.domain.dossier import ENDED, State
from agent.domain.jobs import CLERK_LANES, PRINTER_ROLES, JobState, print_lane
from agent.errors import NotFound, RuleViolation
from agent.intake.label import answer_label, label_spec, request_label, test_spec
from agent.intake.print_jobs import SETTLED, freeze, give_up, queue_print
from agent.intake.print_specs import component_spec, cover_sheet, item_spec, slip_spec
from agent.site import Site
from agent.store import outbox, print_queue
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.lookup import components_of, dossier_by_uid, dossier_of
from agent.store.outbox import Job
from agent.store.progress import note, told

if TYPE_CHECKING:
    from labels.spec import Spec

LABEL, SLIP, COMPONENT, ITEM = "label", "slip", "component-label", "item-label"  # kinds of outbox jobs
NOT_WAITING: Final = "Bản in này không còn chờ, không bỏ được nữa. Tải lại trang để xem tình trạng mới."
CANCELLABLE: Final = (JobState.READY, JobState.HELD, JobState.REJECTED)


@dataclass(frozen=True)
class Print:
    """One thing to print; `name` names it within the dossier, `of` is a component's name or an item's number.

    `jobs` are its jobs, oldest first; a further one of a `careful` thing needs a reason. What is `over` (the dossier
    or the item has ended) is listed while a job of it waits, and is not printed any more.
    """

    name: str
    kind: str
    role: str
    of: str
    key: str  # how the keys of its jobs begin
    make: Callable[[], Spec]
    jobs: tuple[Job, ...]
    careful: bool = False
    over: bool = False

    @property
    def job(self) -> Job | None:
        """The newest job."""
        return self.jobs[-1] if self.jobs else None

    @property
    def waits(self) -> bool:
        """Whether the newest job is still under way or waits for the clerk's word."""
        return self.job is not None and self.job.state not in SETTLED


def prints_of(site: Site, uid: uuid.UUID) -> list[Print]:
    """What can be printed of the dossier, with what became of each: label, slip, components, items on their way."""
    with site.store.reading():
        dossier = dossier_by_uid(uid)
        jobs = outbox.of_dossier(dossier.id)
        components = components_of(dossier)
        items = list(Item.select().where(Item.dossier == dossier).order_by(Item.id))
    number, ended = dossier.provisional, dossier.state in ENDED

    def one(name: str, kind: str, key: str, make: Callable[[], Spec], *, over: bool, of: str = "") -> Print:
        mine = tuple(job for job in jobs if job.key.startswith(key))
        role, careful = "receipt" if kind == SLIP else "label", kind in (LABEL, ITEM)
        return Print(name, kind, role, of, key, make, mine, careful, over)

    made = label_spec(site, dossier, components=len(components))
    found = [
        one(LABEL, LABEL, f"{number}/L", lambda: made, over=ended),
        one(SLIP, SLIP, f"{number}/R", lambda: slip_spec(site, dossier), over=dossier.state is State.VOIDED),
    ]
    for component in components:
        place = f"{component.round}.{component.position}"
        make = _bound(component_spec, site, dossier, components, component)
        found.append(one(f"component-{place}", COMPONENT, f"{number}/C{place}/", make, over=ended, of=component.name))
    for item in items:
        make = _bound(item_spec, site, dossier, item)
        gone = item.state in ITEM_ENDED
        found.append(one(f"item-{item.number}", ITEM, f"{item.number}/I", make, over=gone, of=item.number))
    return [one for one in found if one.waits or not one.over]


def request_print(
    site: Site, uid: uuid.UUID, name: str, *, by: Actor, reason: str = "", seen: int | None = None
) -> Job:
    """Queue one thing for its printer. What is still under way is not queued twice.

    `seen` is how many jobs the asker's page showed: a form that comes twice prints once. RuleViolation when a reason
    is missing, or with the reason why it cannot be printed.
    """
    one = find_print(site, uid, name)
    seen = len(one.jobs) if seen is None else seen
    if there := _there(one, one.job, len(one.jobs), seen=seen, reason=reason):
        return there
    if one.kind == LABEL:
        return request_label(site, uid, by=by, again=reason.strip(), seen=seen)
    frozen = freeze(site, one.make(), one.role)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        before = outbox.count_keys(one.key)
        last = outbox.find(f"{one.key}{before}") if before else None
        if there := _there(one, last, before, seen=seen, reason=reason):
            return there  # another screen, or the same form, was faster
        give_up(last, "in lại")
        job = queue_print(site, dossier, frozen, kind=one.kind, key=f"{one.key}{before + 1}", role=one.role, by=by)
        _note(site, dossier, "print_queued", one, by=by, attempt=before + 1, reason=told(dossier, reason))
    return job


def _there(one: Print, last: Job | None, count: int, *, seen: int, reason: str) -> Job | None:
    """The newest job when it is still open, or the asker knew of fewer; RuleViolation when a reason is missing."""
    if last is None or last.state not in SETTLED or seen < count:
        return last
    if one.careful and last.state is JobState.ACKED and not reason.strip():
        raise RuleViolation("Nhãn này đã in rồi. Muốn in thêm, ghi lý do rồi bấm in lại.")
    return None


def answer_print(site: Site, uid: uuid.UUID, name: str, *, came_out: bool, by: Actor) -> Job:
    """The clerk says whether an uncertain print came out; if not, a new one is queued, unless the thing is over."""
    one = find_print(site, uid, name)
    if name == LABEL and not one.over:
        return answer_label(site, uid, came_out=came_out, by=by)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        job = outbox.find(one.job.key) if one.job else None
        if job is None or job.state is not JobState.NEEDS_CLERK:
            raise RuleViolation("Bản in này không còn chờ trả lời. Tải lại trang để xem tình trạng mới.")
        answer = JobState.ACKED if came_out else JobState.CANCELLED
        outbox.resolve(job, answer, at=site.clock.now(), result={"by": by.name})
        _note(site, dossier, "print_answered", one, by=by, came_out=came_out)
    return job if came_out or one.over else request_print(site, uid, name, by=by)


def answer_job(site: Site, key: str, *, came_out: bool, by: Actor) -> Job:
    """The same for the job of a key, a test print too; NotFound for another terminal's job, or one that is no print."""
    job, dossier, asked = _of_key(site, key, by)
    if dossier is not None:
        if asked is None:
            raise RuleViolation("Bản in này không còn chờ trả lời. Tải lại trang để xem tình trạng mới.")
        return answer_print(site, dossier.uid, asked.name, came_out=came_out, by=by)
    if job.state is not JobState.NEEDS_CLERK:
        raise RuleViolation("Bản in này không còn chờ trả lời. Tải lại trang để xem tình trạng mới.")
    with site.store.writing():
        answer = JobState.ACKED if came_out else JobState.CANCELLED
        outbox.resolve(job, answer, at=site.clock.now(), result={"by": by.name})
    return job if came_out else request_test(site, _role_of(job), by=by)


def repeat_job(site: Site, key: str, *, by: Actor) -> Job:
    """Make a print anew that was refused unsent; errors as of `answer_job`, and of `request_print`."""
    job, dossier, asked = _of_key(site, key, by)
    if job.state is not JobState.REJECTED or (dossier is not None and asked is None):
        raise RuleViolation("Bản in này không in lại được nữa. Tải lại trang để xem tình trạng mới.")
    if dossier is None or asked is None:
        return request_test(site, _role_of(job), by=by)
    return request_print(site, dossier.uid, asked.name, by=by, seen=len(asked.jobs))


def drop_job(site: Site, key: str, *, by: Actor) -> Job:
    """Give up a print of a key that was not sent; errors as of `answer_job`."""
    job, dossier, asked = _of_key(site, key, by)
    if dossier is not None and asked is not None:
        return cancel_print(site, dossier.uid, asked.name, by=by)
    if job.state not in CANCELLABLE:
        raise RuleViolation(NOT_WAITING)
    with site.store.writing():
        return outbox.cancel(key, "bỏ ở quầy")


def _of_key(site: Site, key: str, by: Actor) -> tuple[Job, Dossier | None, Print | None]:
    """The job of a key at this terminal, its dossier, and what it is the newest job of, if that may be printed."""
    with site.store.reading():
        job = outbox.show(key)
        dossier = dossier_of(job.dossier_id) if job.dossier_id is not None else None
    if job.lane not in CLERK_LANES or job.terminal_id != by.terminal_id:
        raise NotFound("Bản in này không phải của quầy này. Xem hàng chờ in ở trang Thiết bị.")
    prints = prints_of(site, dossier.uid) if dossier else []
    return job, dossier, next((one for one in prints if one.job and one.job.key == key), None)


def _role_of(job: Job) -> str:
    return next(role for role in PRINTER_ROLES if print_lane(role) == job.lane)


def cancel_print(site: Site, uid: uuid.UUID, name: str, *, by: Actor) -> Job:
    """Give up a print that has not been sent; RuleViolation when it is at the printer or over already."""
    one = find_print(site, uid, name)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        job = outbox.find(one.job.key) if one.job else None
        if job is None or job.state not in CANCELLABLE:
            raise RuleViolation(NOT_WAITING)
        cancelled = outbox.cancel(job.key, "bỏ ở quầy")
        _note(site, dossier, "print_cancelled", one, by=by)
    return cancelled


def request_test(site: Site, role: str, *, by: Actor) -> Job:
    """Queue a label (or slip) that names no dossier, to try the printer that has a role."""
    frozen = freeze(site, test_spec(site), role)
    with site.store.writing():
        for refused in print_queue.refused(print_lane(role), by.terminal_id, kind="test"):
            give_up(refused, "in lại")
        key = f"TEST/{by.terminal_id}/{site.ids.uid()}"
        return queue_print(site, None, frozen, kind="test", key=key, role=role, by=by)


def find_print(site: Site, uid: uuid.UUID, name: str) -> Print:
    """The thing of that name; NotFound when the dossier has none, or has it no longer."""
    found = next((one for one in prints_of(site, uid) if one.name == name), None)
    if found is None:
        raise NotFound("Hồ sơ không có thứ này để in, hoặc không còn in được nữa. Tải lại trang.")
    return found


def print_pdf(site: Site, uid: uuid.UUID, *names: str) -> bytes:
    """The same on paper, a page each, for when the printer is down; RuleViolation with the reason otherwise."""
    from labels import pdf
    from labels.errors import LabelError

    try:
        return pdf.batch([find_print(site, uid, name).make() for name in names])
    except LabelError as error:
        raise RuleViolation(f"Không in được: {error.message}") from error


def covers_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """A cover sheet before each component's pages, as A4 PDF, for one pass through the scanner."""
    from labels.errors import LabelError
    from labels.sheets.cover import covers

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        components = components_of(dossier)
    try:
        return covers([cover_sheet(site, dossier, components, component) for component in components])
    except LabelError as error:
        raise RuleViolation(f"Không in được: {error.message}") from error


def _bound(make: Callable[..., Spec], *values: object) -> Callable[[], Spec]:
    """`make` with its values of now (a loop's variables change); what the spec itself refuses is a RuleViolation."""

    def made() -> Spec:
        from labels.errors import LabelError

        try:
            return make(*values)
        except LabelError as error:
            raise RuleViolation(f"Không in được: {error.message}") from error

    return made


def _note(site: Site, dossier: Dossier, kind: str, one: Print, *, by: Actor, **body: Any) -> None:
    """Write it down: a component by its place and an item by its number, no names."""
    _, _, place = one.name.partition("-")
    note(dossier, kind, by=by, at=site.clock.now(), ids=site.ids, print=one.kind, of=place, **body)
