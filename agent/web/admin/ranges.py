"""Ranges of item numbers: what is allotted to which office, how much is left, a new one."""

from __future__ import annotations

import re

from flask import render_template, request
from flask.typing import ResponseReturnValue

from agent.domain.roles import Action
from agent.errors import RuleViolation
from agent.store.administration import item_ranges
from agent.store.ranges import free_from, stock_of
from agent.tracking.items import allot_range
from agent.web.admin import admin
from agent.web.context import see_other, site
from agent.web.guard import allow
from agent.web.i18n import gettext as _
from agent.web.notices import say


@admin.get("/ranges")
@allow(Action.MANAGE_USERS)
def ranges() -> ResponseReturnValue:
    """All ranges."""
    return _page({})


@admin.post("/ranges")
@allow(Action.MANAGE_USERS)
def allot() -> ResponseReturnValue:
    """Enter a range that the operator gave to an office."""
    form, errors = request.form, dict[str, str]()
    office, prefix = form.get("office", "").strip()[:60], form.get("prefix", "").strip().upper()
    numbers = {name: _serial(form.get(name, "")) for name in ("first", "last")}
    if not office:
        errors["office"] = _("Ghi mã bưu cục hoặc đơn vị, ví dụ BC-TAYHO.")
    if not re.fullmatch("[A-Z]{2}", prefix):
        errors["prefix"] = _("Hai chữ cái đầu của số hiệu, ví dụ RD.")
    errors |= {name: _("Số thứ tự 1 đến 8 chữ số, không có số kiểm tra.") for name in numbers if numbers[name] is None}
    first, last = numbers["first"], numbers["last"]
    if not errors and first is not None and last is not None:
        try:
            allot_range(site(), office, prefix, first, last, allotted_by=form.get("allotted_by", ""))
        except RuleViolation as error:
            errors["first"] = error.message
        else:
            words = _("Đã cấp dải %(prefix)s cho %(office)s: %(n)s số.")
            say(words % {"prefix": prefix, "office": office, "n": last - first + 1})
            return see_other("admin.ranges")
    return _page(errors), 422


def _page(errors: dict[str, str]) -> str:
    with site().store.reading():
        rows = item_ranges()
        stocks = {office: stock_of(office) for office in sorted({row.office_id for row in rows})}
    return render_template(
        "admin/ranges.html", rows=rows, errors=errors, form=request.form, stocks=stocks, free_from=free_from
    )


def _serial(text: str) -> int | None:
    digits = text.replace(" ", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 8 else None
