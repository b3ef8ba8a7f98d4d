"""A count: hand-over at the authority, results taken over, a bag that arrived; scanned, closed, signed, kept."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.forward import FOLLOW_NAME, SEAL_NAME, VERDICT_NAME, Follow, Seal, Verdict
from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store import bags_view as view
from agent.store.bags import BAG
from agent.store.minutes import Minutes, MinutesLine, lines_of_minutes, notes_of
from agent.tracking.forward import arrivals, collecting, handover, signing
from agent.tracking.forward.counting import ARRIVAL, COLLECTION, HANDOVER, Answer, tally
from agent.tracking.forward.papers import minutes_pdf
from agent.web.bags import bags
from agent.web.bags.desk import SEALS, minutes_of, said_back, told
from agent.web.bags.home import KIND_WORDS
from agent.web.context import acting, see_other, site
from agent.web.courier.signature import strokes_of
from agent.web.delivery.desk import pdf_answer, scanned
from agent.web.guard import allow
from agent.web.i18n import gettext
from agent.web.notices import say

SHOWN = 12  # lines of each part of a count; a bag of fifty fits beside it when its minutes are open
SCANS = {
    HANDOVER: handover.scan_handover,
    COLLECTION: collecting.scan_collection,
    ARRIVAL: arrivals.scan_arrival,
}


@bags.get("/c/<number>")
@allow(Action.MANAGE_BAGS)
def count(number: str) -> ResponseReturnValue:
    """The count as it stands: how many are there, which are missing, what was seen last; later the signed minutes."""
    with site().store.reading():
        minutes = minutes_of(number)
        lines = lines_of_minutes(minutes)
        numbers = view.numbers_of([one.dossier_id for one in lines if one.dossier_id is not None])
        notes = notes_of(minutes)
    things = [one for one in lines if one.kind != BAG]
    seen = sorted((one for one in things if one.counted_at), key=lambda one: one.counted_at, reverse=True)
    return render_template(
        "bags/count.html", minutes=minutes, stand=tally(lines), missing=[one for one in things if not one.counted_at],
        seen=seen, bags=[one for one in lines if one.kind == BAG], numbers=numbers, notes=notes, shown=SHOWN,
        last=seen[0] if seen else None, kinds=KIND_WORDS, waiting=_waiting(lines),
        verdicts={one.value: VERDICT_NAME[one] for one in Verdict},
        follows={one.value: FOLLOW_NAME[one] for one in Follow}, seals={one.value: SEAL_NAME[one] for one in Seal},
    )  # fmt: skip


@bags.post("/c/<number>/scan")
@allow(Action.MANAGE_BAGS)
@said_back
def scan_count(number: str) -> ResponseReturnValue:
    """One scan of a count; what it came to stands at the top."""
    kind = _own(number).kind
    text = scanned()
    if text:
        told(SCANS[kind](site(), number, text, by=acting()))
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/seal")
@allow(Action.MANAGE_BAGS)
@said_back
def seal_of_count(number: str) -> ResponseReturnValue:
    """What both sides see of a seal: of the bag that waits, else of what was scanned last."""
    minutes = _own(number)
    fact = SEALS.get(request.form.get("fact", ""))
    if fact is None:
        raise RuleViolation("Chọn tình trạng niêm phong: còn nguyên, bị rách vỡ, không còn, hoặc sai số.")
    seen = request.form.get("seen", "").strip()[:30]
    told(_seal(minutes, request.form.get("line", "")[:60], fact, seen))
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/back")
@allow(Action.MANAGE_BAGS)
@said_back
def uncount(number: str) -> ResponseReturnValue:
    """Take one scan back."""
    minutes, line = _own(number), request.form.get("line", "")[:60]
    if minutes.kind == HANDOVER:
        handover.uncount(site(), number, line, by=acting())
    elif minutes.kind == COLLECTION:
        collecting.uncount_collected(site(), number, line, by=acting())
    else:
        raise RuleViolation("Bưu gửi đã nhận vào bưu cục, không bỏ đếm được. Ghi chú đính chính sau khi chốt.")
    say(gettext("Đã bỏ lượt đếm %(line)s.") % {"line": line})
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/close")
@allow(Action.MANAGE_BAGS)
@said_back
def close_it(number: str) -> ResponseReturnValue:
    """Close the count of a hand-over, or finish an arrival."""
    minutes = _own(number)
    if minutes.kind == ARRIVAL:
        arrivals.finish_arrival(site(), number, by=acting())
        say(gettext("Đã nhận túi. Cái thiếu nằm ở mục chênh lệch."))
    else:
        signing.close_count(site(), number, by=acting())
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/on")
@allow(Action.MANAGE_BAGS)
@said_back
def on(number: str) -> ResponseReturnValue:
    """Go on counting before anybody signs."""
    _own(number)
    signing.count_on(site(), number, by=acting())
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/sign")
@allow(Action.MANAGE_BAGS)
@said_back
def sign(number: str) -> ResponseReturnValue:
    """Both sides signed, on the screen or on paper: custody moves."""
    minutes, name = _own(number), request.form.get("name", "")
    drawn = strokes_of(request.form.get("strokes", ""))
    if minutes.kind == COLLECTION:
        collecting.sign_collection(site(), number, name, by=acting())
    else:
        how = signing.SCREEN if drawn else signing.PAPER
        if how == signing.PAPER and not request.form.get("on_paper"):
            raise RuleViolation(
                "Người nhận chưa ký. Ký vào khung, hoặc in biên bản, ký giấy rồi đánh dấu “đã ký giấy”."
            )
        signing.sign_handover(site(), number, signing.Signed(name, how, drawn), by=acting())
    say(gettext("Biên bản đã ký và lưu. Từ giờ bên nhận giữ."))
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/abandon")
@allow(Action.MANAGE_BAGS)
@said_back
def abandon(number: str) -> ResponseReturnValue:
    """Give the count up; nothing moves."""
    minutes = _own(number)
    if minutes.kind == HANDOVER:
        handover.abandon(site(), number, by=acting())
    elif minutes.kind == COLLECTION:
        collecting.abandon_collection(site(), number, by=acting())
    else:
        raise RuleViolation("Túi đã nhận thì phải đếm cho xong; cái thiếu sẽ được ghi tên.")
    say(gettext("Đã bỏ lần kiểm đếm; mọi thứ vẫn do bên giao giữ."), kind="warn")
    return see_other("bags.home")


@bags.post("/c/<number>/note")
@allow(Action.MANAGE_BAGS)
@said_back
def note(number: str) -> ResponseReturnValue:
    """A late correction, added beside the signed minutes."""
    _own(number)
    signing.add_note(site(), number, request.form.get("words", ""), by=acting())
    say(gettext("Đã ghi đính chính; chờ người thứ hai ký xác nhận."), kind="warn")
    return see_other("bags.count", number=number)


@bags.post("/c/<number>/note/<uuid:uid>")
@allow(Action.COUNTERSIGN)
@said_back
def countersign(number: str, uid: UUID) -> ResponseReturnValue:
    """A second person stands for the correction."""
    _own(number)
    signing.countersign_note(site(), number, uid, by=acting())
    return see_other("bags.count", number=number)


@bags.get("/c/<number>/minutes.pdf")
@allow(Action.MANAGE_BAGS)
def minutes_paper(number: str) -> ResponseReturnValue:
    """The minutes to print and sign."""
    _own(number)
    return pdf_answer(minutes_pdf(site(), number), f"bien-ban-{number}")


def _own(number: str) -> Minutes:
    with site().store.reading():
        return minutes_of(number)


def _seal(minutes: Minutes, line: str, fact: Seal, seen: str) -> Answer:
    if minutes.kind == ARRIVAL:
        return arrivals.seal_at_arrival(site(), minutes.number, fact, by=acting(), seen=seen)
    if minutes.kind == HANDOVER:
        return handover.seal_at_handover(site(), minutes.number, line, fact, by=acting(), seen=seen)
    raise RuleViolation("Kết quả nhận tại cơ quan không có niêm phong để ghi.")


def _waiting(lines: list[MinutesLine]) -> MinutesLine | None:
    """The bag whose seal must be looked at now."""
    bags_of = [one for one in lines if one.kind == BAG and not one.seal_state]
    return next((one for one in bags_of if one.counted_at), bags_of[0] if bags_of else None)
