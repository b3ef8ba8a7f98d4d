"""What a courier agreed, left and took at the door, as a phone reports it: checked first, then kept with the event."""

from __future__ import annotations

from collections.abc import Iterable

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.custody_steps import ENDED, CustodyStep
from agent.domain.delivery import require_redelivery_day, rules_on
from agent.domain.phone_event import PhoneEvent
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.calendar import Body, working_calendar
from agent.store.custody_chain import Chain
from agent.store.delivery import Invitation
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.progress import note
from agent.tracking.back.invite import invitations_of
from agent.tracking.back.own import decide, plan_of
from agent.tracking.back.proxy import papers_of
from agent.tracking.journal.held import Held


def require_possible(one: Held, item: Item, left: Iterable[tuple[Held, Chain]] = ()) -> None:
    """RuleViolation, in words for the courier, for a day, an invitation or a paper that cannot be.

    `left` are the attempts that stand since this transaction began and are not written down yet.
    """
    event = one.event
    if event.redelivery is not None and one.corrected is not None:
        day = local(one.corrected).date()  # as it was agreed, however late the phone sends it
        calendar = working_calendar(item.office_id, body=Body.OFFICE)
        require_redelivery_day(calendar, event.redelivery.on, day, rules_on(day))
    if event.invitation:
        just = {other.event.invitation: other for other, chain in left if chain.item.id == item.id}
        _require_invitation(event, item, just.get(event.invitation))
    if event.proof is not None and event.proof.papers:
        _require_papers(event, item)


def keep(site: Site, one: Held, chain: Chain, *, by: Actor) -> None:
    """Write down what the attempt left, once it stands: the day, which the office decides on, and the invitation."""
    event, item = one.event, chain.item
    paper = rows.first(Invitation, item=item.id, number=event.invitation) if event.invitation else None
    if paper is not None and paper.left_in in (None, event.uid):  # else a person decided: the attempt stands without it
        rows.change(Invitation, paper.id, left_in=event.uid, left_at=one.corrected)
        note(
            Dossier.get_by_id(item.dossier_id), "invitation_left", by=by, at=site.clock.now(), ids=site.ids,
            ledger="custody", item=item.number, number=event.invitation, event=str(event.uid),
        )  # fmt: skip
    if event.redelivery is None or not _is_last_word(event, chain):
        return
    decide(
        site, item, by, action="redeliver", redeliver_on=event.redelivery.on, held_until=None,
        agreed=event.redelivery.hours.strip(), promised_in=event.uid,
    )  # fmt: skip


def _is_last_word(event: PhoneEvent, chain: Chain) -> bool:
    """Whether nothing later was tried or decided; the office's own decision stands against a late report."""
    if chain.item.state in ENDED:
        return False
    failed = [link.entry.uid for link in chain.links if link.entry.step is CustodyStep.ATTEMPT_FAILED]
    plan = plan_of(chain.item)
    return failed[-1:] == [event.uid] and (plan is None or plan.decided < chain.item.attempts)


def _require_invitation(event: PhoneEvent, item: Item, just: Held | None) -> None:
    written = {paper.number: paper for paper in invitations_of(item)}
    paper = written.get(event.invitation)
    if paper is not None and just is None and paper.left_in in (None, event.uid):
        return
    if paper is not None:
        left_at = paper.left_at or (just.corrected if just is not None else None)
        why = f"đã ghi để lại lúc {local(left_at):%H:%M %d/%m/%Y}" if left_at else "đã ghi để lại"
    else:
        why = f"chỉ có số {', '.join(map(str, written))}" if written else "bưu cục chưa viết giấy mời nào"
    raise RuleViolation(
        f"Giấy mời số {event.invitation} của bưu gửi {item.number}: {why}. Ghi lại lần phát này với đúng số trên giấy, "
        "hoặc bỏ trống số nếu là giấy viết tay.",
        code="unknown-invitation",
    )


def _require_papers(event: PhoneEvent, item: Item) -> None:
    assert event.proof is not None
    strange = set(event.proof.papers or ()) - {paper.uid for paper in papers_of(item)}
    if strange:
        raise RuleViolation(
            f"Có {len(strange)} giấy đánh dấu thu hồi không thuộc bưu gửi {item.number}. Đồng bộ để tải lại danh sách "
            "giấy, rồi ghi phát lại với đúng giấy đã thu.",
            code="unknown-paper",
        )
