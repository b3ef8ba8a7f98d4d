"""Invite the addressee (giấy mời): twice, two working days apart, on paper and as a message."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from agent.domain.actor import Actor
from agent.domain.delivery import invited_days, require_may_invite, rules_on
from agent.domain.notices import NoticeKind
from agent.errors import NotFound, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.calendar import Body, working_calendar
from agent.store.delivery import Invitation
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.notices import queue_notice
from agent.store.progress import announce, note
from agent.tracking.back.own import own_item, standing_attempts, today, written_days


def invite(site: Site, number: str, *, by: Actor) -> Invitation:
    """Write the next invitation: the paper is to be printed, and a message goes where the citizen wants messages."""
    with site.store.writing():
        item = own_item(number, by)
        if item.state in ("delivered", "returned", "return_approved", "lost", "registered"):
            raise RuleViolation(f"Bưu gửi {item.number} không còn chờ người nhận. Mở bưu gửi để xem.")
        if not item.attempts:
            raise RuleViolation(f"Bưu gửi {item.number} chưa phát lần nào. Đưa vào danh sách phát trước.")
        day, calendar = today(site), working_calendar(item.office_id, body=Body.OFFICE)
        require_may_invite(calendar, invited(item), day)
        until = day
        for _day in range(rules_on(day).collect_days):
            until = calendar.next_working(until)
        last = Invitation.select().where(Invitation.item == item).order_by(Invitation.number.desc()).first()
        made: Invitation = rows.create(
            Invitation, uid=site.ids.uid(), item=item, number=last.number + 1 if last else 1, attempt=item.attempts,
            collect_from=calendar.next_working(day), collect_until=until, made_by=by.username,
            made_at=site.clock.now(),
        )  # fmt: skip
        dossier = Dossier.get_by_id(item.dossier_id)
        kind = NoticeKind.INVITATION_1 if made.number == 1 else NoticeKind.INVITATION_2
        job = queue_notice(
            dossier, kind, settings=site.settings, at=site.clock.now(), ids=site.ids,
            once=f"{item.number}-{made.number}", day=until,
        )  # fmt: skip
        made.notice = "queued" if job is not None else "not_sent"
        made.save()
        note(
            dossier, "invitation", by=by, at=site.clock.now(), ids=site.ids, ledger="custody", item=item.number,
            number=made.number, until=str(until), notice=made.notice,
        )  # fmt: skip
        announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
    return made


def invited(item: Item) -> list[date]:
    """The days on which the addressee was invited, by the courier's paper or the office's."""
    return invited_days(standing_attempts(item), written_days(item))


def invitation_by_uid(uid: UUID) -> Invitation:
    """The invitation, or NotFound."""
    found: Invitation | None = Invitation.get_or_none(Invitation.uid == uid)
    if found is None:
        raise NotFound("Không có giấy mời này. Mở lại bưu gửi.")
    return found


def invitations_of(item: Item) -> list[Invitation]:
    """The invitations that the office wrote, in order."""
    return list(Invitation.select().where(Invitation.item == item).order_by(Invitation.number))
