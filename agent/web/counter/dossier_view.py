"""A dossier as its page shows it: stations, the one next step, parties, fees, hand-off in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain.dossier import AT_PROVINCE, BEFORE_HANDOFF, ENDED, WORDS, ReturnWay, Role, State
from agent.domain.jobs import JobState
from agent.ports import Verdict
from agent.store import desk as rows
from agent.store.desk import Gathered
from agent.store.dossiers import Supplement
from agent.tracking.items import due_fees
from agent.tracking.sending import Outlook
from agent.web.counter.component_view import ComponentView, component_views, undecided
from agent.web.i18n import gettext
from agent.web.line_words import outlook_words

OTHER_PRINTS = ("component-label", "item-label", "slip")
TAKES_PAGES = (State.LABELLED, State.DIGITISED, State.REJECTED, State.SUPPLEMENT_ASKED)
SENT = (*AT_PROVINCE, State.RESULT_READY, State.CLOSED, State.REFUSED, State.STOPPED)


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


ROLES = {
    Role.OWNER: _("Chủ hồ sơ"),
    Role.SUBMITTER: _("Người nộp"),
    Role.REPRESENTATIVE: _("Người được đại diện"),
}


@dataclass(frozen=True)
class DossierView:
    """What the page of one dossier needs beside its rows."""

    held: Gathered
    components: list[ComponentView]
    current: ComponentView | None
    label: str  # none | waiting | printed | ask | done
    handoff: tuple[str, str, str]  # sign, words, what the province or the line said
    next: str  # the kind of the next step
    stations: list[tuple[str, str]]
    names: dict[str, str]
    mark: str

    @property
    def dossier(self) -> Any:
        return self.held.dossier

    @property
    def round(self) -> Supplement | None:
        """The supplement round that waits for the citizen."""
        asked = self.dossier.state is State.SUPPLEMENT_ASKED
        return self.held.rounds[0] if asked and self.held.rounds else None

    @property
    def unsigned(self) -> int:
        """Copies that wait for the signature."""
        return sum(1 for paper in self.held.papers.values() if not paper.signed_sha256)

    @property
    def back(self) -> tuple[str, int]:
        """The next step of the way back, and the id of the item or result that it is for."""
        for item in self.held.items.values():
            if item.state == "registered":
                return "collect", item.id
            if item.holder.startswith("office:") and not item.offered_to:
                return "give", item.id
        ready = [result for result in self.held.results if result.state == "ready"]
        for result in ready:
            if result.form == "electronic":
                return "electronic", result.id
            return ("register", 0) if result.way is ReturnWay.COURIER else ("pick-up", result.id)
        return "", 0

    @property
    def comes(self) -> str:
        """The name of the person who handed the dossier in."""
        party = self.held.parties.get(Role.SUBMITTER) or self.held.parties.get(Role.OWNER)
        return str(party.subject.name) if party else ""

    @property
    def due_at_counter(self) -> int:
        """Đồng to collect from who picks a result up at the counter."""
        fees = due_fees(self.held.fees, self.held.items.values(), by_courier=False)
        return sum(fee.amount for fee in fees)

    @property
    def print_asks(self) -> bool:
        """Whether a print beside the dossier's label waits for the clerk's word."""
        jobs = [job for job in reversed(self.held.jobs) if job.kind in OTHER_PRINTS]
        newest = {(job.kind, job.key.rpartition("/")[0]): job for job in jobs}
        return any(job.state in (JobState.NEEDS_CLERK, JobState.REJECTED) for job in newest.values())

    @property
    def only_refused(self) -> bool:
        """Whether every page that waits for the clerk's word is one that cannot be taken."""
        return all(page.verdict == Verdict.REFUSED for one in self.components if one.open for page in one.doubts)

    @property
    def may_void(self) -> bool:
        """Whether the dossier can still be taken back at the counter."""
        return self.dossier.state in BEFORE_HANDOFF

    @property
    def may_sign_and_send(self) -> bool:
        """Whether F10 can do all that is left before the hand-off."""
        return self.next in ("copies", "sign", "send", "resend")

    @property
    def takes_pages(self) -> bool:
        """Whether pages can be put into the current component now."""
        return self.current is not None and self.current.open and self.dossier.state in TAKES_PAGES


def view_of(
    held: Gathered, *, chosen: str, names: dict[str, str], waits: Mapping[int, Outlook] | None = None
) -> DossierView:
    """The view; `chosen` is the uid of the component whose pages are shown, else the first with something to do.

    `waits`: what is known of its messages that wait.
    """
    dossier = held.dossier
    asked = dossier.state is State.SUPPLEMENT_ASKED and held.rounds
    components = component_views(held, round_=held.rounds[0].round if asked else 0)
    current = next((one for one in components if str(one.row.uid) == chosen), None)
    current = current or next((one for one in components if one.short), None)
    current = current or next((one for one in components if one.open and not one.pages), None)
    current = current or next((one for one in components if one.pages), None)
    label, handoff = _label(held), _handoff(held, waits or {})
    step = _next(held, components, label)
    return DossierView(
        held, components, current, label, handoff, step, _stations(held, components, label, handoff), names,
        rows.mark_of(dossier),
    )  # fmt: skip


def _label(held: Gathered) -> str:
    job = held.job("label")
    if held.dossier.label_scanned_at is not None:
        return "ask" if job and job.state is JobState.NEEDS_CLERK else "done"
    if job is None:
        return "none"
    if job.state is JobState.NEEDS_CLERK:
        return "ask"
    if job.state in (JobState.REJECTED, JobState.CANCELLED):
        return "none"  # nothing came out, and nothing will
    return "printed" if job.state is JobState.ACKED else "waiting"


def _handoff(held: Gathered, waits: Mapping[int, Outlook]) -> tuple[str, str, str]:
    dossier = held.dossier
    job = held.job("supplement" if dossier.state is State.SUPPLEMENT_SENT else "submit")
    if dossier.state is State.REJECTED:
        return "refused", gettext("tỉnh chưa nhận"), dossier.problem
    if dossier.state in (State.SUBMITTED, State.SUPPLEMENT_SENT) and job is not None:
        if job.state is JobState.UNKNOWN or (job.state is JobState.SENDING and job.doubt):
            return "unknown", gettext("chưa rõ – đang hỏi lại tỉnh"), job.error
        if job.state is JobState.HELD:
            return "decide", gettext("đang giữ lại, chưa gửi"), job.error
        said = [job.error] if job.error else []
        said += [outlook_words(waits[job.id])] if job.id in waits else []
        return "partial", gettext("đang chờ gửi tỉnh"), " ".join(said)
    if dossier.state in SENT:
        return "complete", gettext("tỉnh đã tiếp nhận"), dossier.problem
    return "untouched", gettext("chưa gửi"), ""


def _next(held: Gathered, components: list[ComponentView], label: str) -> str:
    state = held.dossier.state
    if label == "ask":
        return "answer"
    if state is State.RECEIVED:
        return {"none": "label", "waiting": "wait-label"}.get(label, "scan-label")
    if state in (State.LABELLED, State.DIGITISED, State.SUPPLEMENT_ASKED):
        return _next_in_papers(held, components)
    ends = {State.SIGNED: "send", State.REJECTED: "resend", State.SUBMITTED: "wait", State.SUPPLEMENT_SENT: "wait"}
    return "deliver" if state is State.RESULT_READY else ends.get(state, "none")


def _next_in_papers(held: Gathered, components: list[ComponentView]) -> str:
    here = [one for one in components if one.open]
    asked = held.dossier.state is State.SUPPLEMENT_ASKED
    if asked and (not held.rounds or held.rounds[0].state == "asked"):
        return "bring"
    if any(undecided(page) for one in here for page in one.pages):
        return "decide"
    if any(one.short for one in here):
        return "pages"
    if any(one.pages and one.paper is None for one in here):
        return "copies"
    if any(one.paper is not None for one in here):
        return "sign"
    return "send-supplement" if asked else "copies" if held.dossier.state is State.LABELLED else "sign"


def _stations(
    held: Gathered, components: list[ComponentView], label: str, handoff: tuple[str, str, str]
) -> list[tuple[str, str]]:
    dossier, state = held.dossier, held.dossier.state
    wanted = [one for one in components if one.row.round == 0 and (one.open or one.paper or one.pages)]
    done = sum(1 for one in wanted if one.paper)
    labels = {"none": "untouched", "waiting": "partial", "printed": "partial", "ask": "decide", "done": "complete"}
    counted = f"{gettext('Số hóa')} {done}/{len(wanted)}"
    copied = "complete" if done and done == len(wanted) else "partial" if any(one.pages for one in wanted) else "none"
    signed = [paper for paper in held.papers.values() if paper.signed_sha256]
    past = state in SENT or state in (State.SIGNED, State.SUBMITTED, State.REJECTED, State.SUPPLEMENT_SENT)
    steps = [
        (gettext("Tiếp nhận"), "complete"),
        (gettext("Nhãn"), labels[label]),
        (counted, "untouched" if copied == "none" else copied),
        (gettext("Ký"), "complete" if past else "partial" if signed else "untouched"),
        (gettext("Gửi tỉnh"), handoff[0]),
    ]
    if held.rounds:
        answered = "complete" if held.rounds[0].state == "acked" else "partial"
        steps.append((gettext("Bổ sung"), "decide" if state is State.SUPPLEMENT_ASKED else answered))
    given = sum(1 for result in held.results if result.state == "delivered")
    steps.append((gettext("Kết quả"), "complete" if held.results else "untouched"))
    back = "complete" if state is State.CLOSED else "partial" if given or held.items else "untouched"
    steps.append((f"{gettext('Trả')} {given}/{len(held.results)}" if held.results else gettext("Trả"), back))
    if state in ENDED and state is not State.CLOSED:
        steps.append((gettext(WORDS[dossier.state]), "refused"))
    return steps


def overdue(view: DossierView, now: datetime) -> bool:
    """Whether the promised time has passed on an open dossier."""
    return bool(view.dossier.due_at and view.dossier.due_at < now and view.dossier.state not in ENDED)
