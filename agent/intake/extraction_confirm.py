"""A clerk's word on values of papers: confirmed, corrected, or not on the paper; the journal keeps commitments only."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

from agent.domain.actor import Actor
from agent.domain.extraction import SURE, FieldRule, PaperType, Source
from agent.domain.extraction_check import checked
from agent.domain.extraction_compare import differences
from agent.errors import NotFound, RuleViolation
from agent.intake.extraction import extract_all, parties_of
from agent.intake.extraction_rules import rules_of
from agent.intake.filing import USABLE, component_of, pages_of, wants_copy
from agent.intake.page_places import lie_elsewhere
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.erasure import is_erased
from agent.store.lookup import components_of, dossier_by_uid
from agent.store.progress import note, told
from agent.store.values import ABSENT, CONFIRMED, CORRECTED, PROPOSED, Value, run_of, values_of_component


def settle_value(
    site: Site, uid: uuid.UUID, component_uid: uuid.UUID, field: str, text: str, *, by: Actor
) -> Value:  # fmt: skip
    """Keep what the clerk says of one field: nothing typed means that the paper does not have it.

    RuleViolation for a day or an id that cannot be, with what to type instead; then nothing is kept.
    """
    rules = rules_of(site)
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        component = component_of(dossier, component_uid)
        rule = _rule(rules.type_of(_kind(component)), field)
        row = values_of_component(component).get(field)
        if row is None or is_erased(dossier):
            raise NotFound("Mục này không còn trên giấy tờ. Tải lại trang.")
        value = checked(rule.kind, text)
        state = ABSENT if not value else CONFIRMED if value == row.read else CORRECTED
        if (row.state, row.value) == (state, value):
            return row  # the answer to the first press was lost
        _settle(site, dossier, component, {row: (state, value)}, by)
    return row


def confirm_sure(site: Site, uid: uuid.UUID, *, by: Actor) -> int:
    """Confirm all values of a dossier that are sure and differ from nothing that is known; how many."""
    rules = rules_of(site)
    count = 0
    with site.store.writing():
        dossier = dossier_by_uid(uid)
        parties = parties_of(dossier)
        for component in components_of(dossier):
            rows = values_of_component(component)
            kind = rules.type_of(_kind(component))
            apart = differences(kind, {field: row.value for field, row in rows.items()}, parties)
            sure = [row for row in rows.values() if is_sure(row) and row.field not in apart]
            if sure:
                _settle(site, dossier, component, {row: (CONFIRMED, row.value) for row in sure}, by)
                count += len(sure)
    return count


def is_sure(row: Value) -> bool:
    """Whether a proposed value may be confirmed without looking at each."""
    return bool(row.state == PROPOSED and row.value and row.confidence >= SURE and not row.doubt)


def take_what_is_asked(site: Site, uid: uuid.UUID) -> None:
    """Before `require_settled`, outside any transaction: take what the end of a process kept from being taken."""
    if _is_asked(site):
        extract_all(site, uid)


def require_settled(site: Site, dossier: Dossier) -> None:
    """RuleViolation when the settings ask for every found value to be settled and some are not; inside reading().

    Pages that are still to be read are waited for, those that cannot be are not.
    """
    if not _is_asked(site):
        return
    components = [component for component in components_of(dossier) if wants_copy(component)]
    newest = max((component.round for component in components), default=0)
    waiting, unread, away = list[str](), list[str](), dict[str, str]()
    for component in components:
        run = run_of(component)
        if any(row.state == PROPOSED and row.value for row in values_of_component(component).values()):
            waiting.append(component.name)
        elif component.round == newest and (run is None or run.unread):
            pages = [page for page in pages_of(component) if page.verdict in USABLE]
            if elsewhere := lie_elsewhere(site, dossier, pages):
                away[component.name] = next(iter(elsewhere.values()))
            elif pages and site.settings.ocr.enabled:
                unread.append(component.name)
    if waiting or unread or away:
        raise RuleViolation(" ".join(_asked(waiting, unread, away)))


def _asked(waiting: list[str], unread: list[str], away: Mapping[str, str]) -> Iterator[str]:
    """What is to be done before signing, in words."""
    if waiting:
        names = "; ".join(waiting)
        yield f"Chưa xác nhận dữ liệu bóc tách của: {names}. Mở trang dữ liệu giấy tờ, xác nhận rồi ký lại."
    if unread:
        yield f"Chưa đọc xong chữ của: {'; '.join(unread)}. Chờ máy đọc xong, xem dữ liệu giấy tờ rồi ký lại."
        yield "Lâu không xong thì báo quản trị viên."
    for name, terminal in away.items():
        yield f"Chưa lấy dữ liệu của: {name}. Trang nằm ở máy {terminal}: mở trang dữ liệu giấy tờ tại đó rồi ký lại."


def _is_asked(site: Site) -> bool:
    return site.settings.extraction.required and site.settings.extraction.enabled


def _settle(
    site: Site, dossier: Dossier, component: Component, said: Mapping[Value, tuple[str, str]], by: Actor
) -> None:  # fmt: skip
    """Write a person's word down and note that it was given: fields, states, commitments."""
    at = site.clock.now()
    for row, (state, value) in said.items():
        if state == CORRECTED:
            row.source = Source.CLERK.value
        row.state, row.value, row.by, row.at, row.doubt = state, value, by.username, at, ""
        row.save()
    note(
        dossier, "values_settled", by=by, at=at, ids=site.ids, component=str(component.uid),
        fields=[row.field for row in said],
        values=[f"{state}:{told(dossier, value)}" for state, value in said.values()],
    )  # fmt: skip


def _kind(component: Component) -> str:
    """The type by whose rules the values were taken."""
    run = run_of(component)
    return run.kind if run else component.doc_type


def _rule(kind: PaperType, field: str) -> FieldRule:
    rule = next((one for one in kind.fields if one.code == field), None)
    if rule is None:
        raise NotFound("Loại giấy tờ này không có mục đó. Tải lại trang.")
    return rule
