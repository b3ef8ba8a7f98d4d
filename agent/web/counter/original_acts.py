"""Acts on electronic originals, and what templates show of their signatures."""

from __future__ import annotations

from uuid import UUID

from flask import request

from agent.domain.roles import Action
from agent.intake.camera import choose_filed
from agent.intake.electronic import take_as_original
from agent.store.dossiers import Dossier
from agent.web.context import site
from agent.web.counter import counter
from agent.web.counter.desk import actor
from agent.web.counter.dossier_acts import on_dossier
from agent.web.counter.original_view import signature_views
from agent.web.i18n import gettext as _
from agent.web.notices import say

counter.add_app_template_global(signature_views)


@counter.post("/dossiers/<uuid:uid>/pages/<uuid:page>/flat")
@on_dossier(Action.DIGITISE)
def choose_flat(held: Dossier, page: UUID) -> None:
    """Take a camera's picture as the corrected page, or as it came."""
    flat = request.form.get("act") == "flat"
    choose_filed(site(), held.uid, page, flat=flat, by=actor())
    say(_("Dùng trang đã nắn thẳng.") if flat else _("Dùng ảnh gốc như đã chụp."))


@counter.post("/dossiers/<uuid:uid>/components/<uuid:component>/original")
@on_dossier(Action.DIGITISE)
def take_original(held: Dossier, component: UUID) -> None:
    """The component was handed in electronically: the signed file under it stays as it came."""
    take_as_original(site(), held.uid, component, by=actor())
    say(_("Đã ghi là nộp bản điện tử: tệp gốc được giữ nguyên và gửi tỉnh như vậy, không ký lại."))
