"""What the prints of a dossier say, from its rows: component labels and covers, an item's label, the receipt slip."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.domain.canonical import Handling
from agent.domain.catalogue import HANDLING_NAME
from agent.domain.custody_attempts import MIN_GAP_WORKING_DAYS
from agent.domain.dossier import ReturnWay
from agent.domain.identifiers_person import display_phone
from agent.domain.s10 import S10, SERVICE_MARK
from agent.errors import RuleViolation
from agent.intake.forms import RETURN_PLACE, receipt_form, tracking_url
from agent.site import Site
from agent.store.dossiers import Component, Contact, Dossier
from agent.store.items import Item
from agent.store.rounds import stop_of

if TYPE_CHECKING:
    from labels.sheets.cover import CoverSheet
    from labels.spec import ComponentLabel, ItemLabel, ReceiptSlip


def component_spec(site: Site, dossier: Dossier, components: Sequence[Component], one: Component) -> ComponentLabel:
    """The label of a component; no personal data."""
    from labels.spec import ComponentLabel

    return ComponentLabel(
        provisional=dossier.provisional,
        code=component_code(components, one),
        name=one.name,
        position=components.index(one) + 1,
        of=len(components),
        handling=HANDLING_NAME[Handling(one.handling)],
        office=site.settings.office.name,
        training=site.settings.training,
    )


def cover_sheet(site: Site, dossier: Dossier, components: Sequence[Component], one: Component) -> CoverSheet:
    """The cover of a component's pages; no personal data."""
    from labels.sheets.cover import CoverSheet

    return CoverSheet(
        provisional=dossier.provisional,
        component=component_code(components, one),
        name=one.name,
        position=components.index(one) + 1,
        of=len(components),
        procedure=f"{dossier.procedure_code}  {dossier.procedure_name}",
        office=site.settings.office.name,
        training=site.settings.training,
    )


def component_code(components: Sequence[Component], one: Component) -> str:
    """How codes name a component: by its catalogue code, by its uid where two rounds ask for the same paper."""
    alone = sum(other.code == one.code for other in components) == 1
    return one.code if alone and one.code else str(one.uid)


def item_spec(site: Site, dossier: Dossier, item: Item) -> ItemLabel:
    """The return label: what delivery needs, no citizen's id and no procedure.

    RuleViolation when the receiver's address is not known, or was erased.
    """
    from labels.spec import ItemLabel

    office, number = site.settings.office, S10.parse(item.number)
    with site.store.reading():
        contact = Contact.get_or_none(Contact.dossier == dossier)
        receiver = stop_of(item).name
    if contact is None or not receiver or not contact.address:
        raise RuleViolation("Hồ sơ không còn tên và địa chỉ người nhận, không in được nhãn bưu gửi. Trả tại quầy.")
    known = dossier.agency == office.authority
    return ItemLabel(
        item_number=number.text,
        service_mark=SERVICE_MARK.get(number.service, "BƯU GỬI"),
        sending_authority=office.authority_name if known else f"Cơ quan mã {dossier.agency}",
        receiver_name=receiver,
        receiver_address=contact.address,
        masked_phone=_masked(contact.phone),
        dossier_code=dossier.official or dossier.provisional,
        amount_to_collect=item.collect,
        addressee_only=True,
        undelivered=(
            f"Phát hai lần cách nhau {MIN_GAP_WORKING_DAYS} ngày làm việc, mỗi lần để giấy mời; sau đó chuyển hoàn "
            f"cơ quan gửi qua {office.name}, điện thoại {office.phone}."
        ),
        qr_payload=tracking_url(site, dossier),
        training=site.settings.training,
    )


def slip_spec(site: Site, dossier: Dossier) -> ReceiptSlip:
    """The receipt for a roll: form 01 in short, without the address that the result goes to."""
    from labels.spec import ReceiptSlip

    form = receipt_form(site, dossier.uid)
    if dossier.return_way is ReturnWay.COURIER:
        form = dataclasses.replace(form, result_place=RETURN_PLACE[ReturnWay.COURIER])
    return ReceiptSlip(form)


def _masked(phone: str) -> str:
    """The ends of a telephone number: enough to tell two receivers apart, not to call."""
    digits = display_phone(phone).replace(" ", "") if phone else ""
    return f"{digits[:2]}•• ••• {digits[-3:]}" if len(digits) >= 7 else ""
