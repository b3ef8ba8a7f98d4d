"""Cards and sheets for the office's own printer: procedures, commands, badges, a reader's set-up, bag labels."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.clock import local
from agent.domain.roles import Action
from agent.intake.guide import catalogue, today
from agent.store.accounts import User
from agent.store.administration import users
from agent.web.admin import admin
from agent.web.admin.words import ROLE_NAME
from agent.web.context import current_user, site
from agent.web.counter.document_pages import pdf_answer
from agent.web.guard import allow
from agent.web.i18n import gettext as _


@admin.get("/sheets")
@allow(Action.GUIDE)
def sheets() -> ResponseReturnValue:
    """What can be printed here."""
    return _page()


@admin.get("/sheets/procedures.pdf")
@allow(Action.GUIDE)
def procedure_cards() -> ResponseReturnValue:
    """A card for each procedure that is asked for; for all in force when none is."""
    from labels.sheets.cards import ProcedureCard, cards

    asked = request.args.getlist("code")
    known = [one for one in catalogue(site()).in_force(today(site())) if not asked or one.code in asked]
    chosen = [ProcedureCard(one.code, one.name, one.field_name) for one in known]
    return _sheet(lambda: cards(chosen, title="Thẻ thủ tục"), "the-thu-tuc")


@admin.get("/sheets/commands.pdf")
@allow(Action.GUIDE)
def command_cards() -> ResponseReturnValue:
    """A card for each command of the scan box."""
    from labels.payload import Command
    from labels.sheets.cards import CommandCard, cards

    return _sheet(lambda: cards([CommandCard(one) for one in Command], title="Thẻ lệnh"), "the-lenh")


@admin.get("/sheets/badges.pdf")
@allow(Action.MANAGE_USERS)
def badges() -> ResponseReturnValue:
    """A badge for each user that is asked for; for all who can sign in when none is."""
    from labels.sheets.cards import Badge, cards

    asked = request.args.getlist("user")
    chosen = [Badge(one.username, one.full_name, _role(one), _office(one)) for one in _staff()]
    chosen = [one for one in chosen if not asked or one.holder in asked]
    return _sheet(lambda: cards(chosen, title="Thẻ nhân viên"), "the-nhan-vien")


@admin.get("/sheets/reader.pdf")
@allow(Action.GUIDE)
def reader_sheet() -> ResponseReturnValue:
    """The sheet that sets a reader up and shows whether it passes letters on as they are."""
    from labels.sheets.reader_setup import NEWLAND_EXAMPLE, set_up

    return _sheet(lambda: set_up(NEWLAND_EXAMPLE), "cai-dat-may-doc")


@admin.get("/sheets/bag.pdf")
@allow(Action.MANAGE_BAGS)
def bag_label() -> ResponseReturnValue:
    """The label of a bag or of a manifest, from what the form says."""
    from labels import pdf
    from labels.spec import BagLabel, ManifestLabel

    given, here, now = request.args, site().settings, local(site().clock.now())
    number, destination = (given.get(name, "").strip()[:limit] for name, limit in (("number", 48), ("to", 120)))
    if not number or not destination:
        return _refused(_("Ghi số túi (hoặc số bản kê) và nơi đến rồi in."))
    items, bags, dossiers = (_count(given.get(name, "")) for name in ("items", "bags", "dossiers"))
    office = here.office.name

    def make() -> bytes:
        if given.get("kind") == "manifest":
            return pdf.batch(
                [ManifestLabel(number, office, destination, bags, items, dossiers, now, training=here.training)]
            )
        seal = given.get("seal", "").strip()[:30]
        return pdf.batch([BagLabel(number, office, destination, items, seal, now, training=here.training)])

    return _sheet(make, "nhan-tui")


def _sheet(make: Callable[[], bytes], name: str) -> ResponseReturnValue:
    """The PDF, or the page again with the reason why there is none."""
    from labels.errors import LabelError

    try:
        return pdf_answer(make(), name)
    except LabelError as error:
        return _refused(_("Không in được: %(why)s") % {"why": error.message})


def _refused(words: str) -> ResponseReturnValue:
    return _page(problem=words), 422


def _page(*, problem: str = "") -> str:
    may = current_user().may(Action.MANAGE_USERS)
    return render_template(
        "admin/sheets.html",
        procedures=catalogue(site()).in_force(today(site())),
        staff=[(one, _role(one), _office(one)) for one in _staff()] if may else [],
        problem=problem,
        typed=request.args,
    )


def _staff() -> list[User]:
    with site().store.reading():
        return [one for one in users() if one.active]


def _role(user: User) -> str:
    words = ROLE_NAME[user.role]
    return words[0].upper() + words[1:]


def _office(user: User) -> str:
    office = site().settings.office
    return office.name if user.office_id == office.id else str(user.office_id)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
