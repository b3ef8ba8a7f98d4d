"""Codes that lead to no dossier: a badge changes hands at the terminal, the others say what they are."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from agent.accounts.sessions import sign_out
from agent.domain.forward import Paper, parse_number
from agent.errors import InvalidIdentifier
from agent.web.context import current_user, see_other, site
from agent.web.counter.desk import here
from agent.web.i18n import gettext as _
from agent.web.notices import say
from agent.web.security import session_cookie
from labels.payload import BagCode, Code, CommandCode, ManifestCode, ReaderTestCode
from labels.sheets.reader_setup import LINEAR_TEST, MATRIX_TEST

TESTS = {test.split("|")[1]: test.split("|")[2] for test in (LINEAR_TEST, MATRIX_TEST)}


def change_hands(holder: str) -> Response:
    """A badge ends the session that is open and asks its holder for the password: it says who, and proves nothing.

    What was being typed is kept as the draft of whoever typed it. One's own badge locks the counter: whoever comes
    back types the password alone, and stands again where the work was left.
    """
    back = here() if holder == current_user().username else None
    token = request.cookies.get(session_cookie())
    if token:
        sign_out(site(), token)
    answer: Response = redirect(url_for("auth.sign_in_form", user=holder, next=back), code=303)
    answer.delete_cookie(session_cookie())
    return answer


def bag_or_paper(code: BagCode | ManifestCode) -> Response:
    """The page of a bag or paper of ours; one that another office's program minted is said to be so."""
    number = code.number
    office = {"DS": "delivery.list_by_number", "CH": "delivery.return_by_number", "KN": "delivery.claim_by_number"}
    if number[:2] in office and number[2:3].isdigit():
        return see_other(office[number[:2]], number=number)
    try:
        parse_number(number)
    except InvalidIdentifier:
        say_what_it_is(code)
        return redirect(here(), code=303)
    return see_other("bags.bag" if number[0] == Paper.BAG else "bags.manifest", number=number)


def say_what_it_is(code: Code) -> None:
    """Tell the clerk what was scanned, where nothing else follows from it."""
    match code:
        case BagCode(number=number):
            say(
                _("Đây là túi thư %(number)s, không mở được ở đây: hỏi người quản lý túi, hoặc nơi giao túi.")
                % {"number": number}
            )
        case ManifestCode(number=number):
            say(
                _("Đây là bản kê %(number)s, không mở được ở đây: hỏi người quản lý túi, hoặc nơi lập bản kê.")
                % {"number": number}
            )
        case ReaderTestCode(test=test, body=body):
            if TESTS.get(test) == body:
                say(_("Máy đọc gửi đúng từng chữ: %(body)s") % {"body": body})
            else:
                words = _("Máy đọc gửi sai: nhận được “%(body)s”. Xem lại tờ cài đặt máy đọc.")
                say(words % {"body": body}, kind="bad")
        case CommandCode():
            say(_("Thẻ lệnh này không dùng ở trang này."), kind="warn")
