"""Form 06 (phiếu kiểm soát): its rows are the dossier's custody events, each held against its term."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agent.clock import local
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import Role
from agent.domain.forward import SEAL_NAME, Seal
from agent.site import Site
from agent.store.bags import FORWARD, SealFact, envelopes_of, events_of
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item
from agent.store.lookup import dossier_by_uid, subject_of
from agent.tracking.forward.papers import holder_name

HOPS: Final = (CustodyStep.ACCEPT.value, CustodyStep.DELIVER.value, CustodyStep.RETURN.value)
EMPTY_ROWS: Final = 3
EARLY, ON_TIME, LATE = "early", "on-time", "late"


@dataclass(frozen=True)
class Hop:
    """One change of hands: names as papers show them, the instant, how it stood against its term ("" for none)."""

    giver: str
    taker: str
    at: datetime
    result: str = ""
    remark: str = ""


def hops_of(site: Site, dossier: Dossier) -> list[Hop]:
    """Every change of hands of the dossier's papers and results, in the order it happened; inside reading()."""
    first = Hop(_submitter(dossier), holder_name(site, f"office:{dossier.office_id}"), dossier.received_at)
    hops = [first, *_paper_hops(site, dossier), *_result_hops(site, dossier)]
    return sorted(hops, key=lambda hop: hop.at)


def control_pdf(site: Site, uid: uuid.UUID) -> bytes:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ, with empty rows for what is still to come."""
    from labels.forms.common import Head
    from labels.forms.control import ControlForm, HopResult, render
    from labels.forms.control import Hop as Row

    with site.store.reading():
        dossier = dossier_by_uid(uid)
        hops = hops_of(site, dossier)
        rows = tuple(
            Row(hop.giver, hop.taker, local(hop.at), HopResult(hop.result) if hop.result else None, hop.remark)
            for hop in hops
        )
        office, code = site.settings.office, dossier.official or dossier.provisional
        form = ControlForm(
            head=Head(
                authority=office.authority_name,
                desk=f"Bộ phận tiếp nhận và trả kết quả – {office.name}",
                number=f"{dossier.provisional}/PKS-TTPVHCC (BPTNTKQ)",
                code=code,
                payload=f"PA1|{dossier.provisional}|{dossier.official or ''}",
                place=office.address.rpartition(",")[2].strip() or office.name,
                issued_at=local(site.clock.now()),
                training=site.settings.training,
            ),
            dossier_code=code,
            procedure_code=dossier.procedure_code,
            procedure_name=dossier.procedure_name,
            resolving_body=holder_name(site, f"authority:{dossier.agency}"),
            coordinating_body="",
            received_at=local(dossier.received_at),
            due_at=local(dossier.due_at) if dossier.due_at else None,
            hops=rows,
            empty_rows=EMPTY_ROWS if dossier.closed_at is None else 0,
        )
    return render(form)


def stand(at: datetime, term: datetime | None) -> str:
    """How an instant stood against a term: late after it, on time on its local day, early before that day.

    >>> from datetime import UTC
    >>> term = datetime(2026, 11, 30, 10, tzinfo=UTC)
    >>> stand(datetime(2026, 11, 27, 3, tzinfo=UTC), term), stand(datetime(2026, 11, 30, 11, tzinfo=UTC), term)
    ('early', 'late')
    """
    if term is None:
        return ""
    if at > term:
        return LATE
    return ON_TIME if local(at).date() == local(term).date() else EARLY


def _paper_hops(site: Site, dossier: Dossier) -> list[Hop]:
    """The papers' way to the authority: the term is that of the transfer."""
    hops = []
    for envelope in envelopes_of(dossier):
        if envelope.way != FORWARD:
            continue
        for event in events_of(envelope):
            if event.step in HOPS:
                there = event.to_holder.startswith("authority:")
                term = dossier.transfer_by if there else None
                remark = f"hồ sơ giấy, niêm phong {_seal_words(envelope.id)}" if there else "hồ sơ giấy"
                hops.append(_hop(site, event.from_holder, event.to_holder, event.occurred_at, term, remark))
    return hops


def _result_hops(site: Site, dossier: Dossier) -> list[Hop]:
    """The results' way back: what leaves the authority is held against the day the result is due."""
    hops = []
    for item in Item.select().where(Item.dossier == dossier).order_by(Item.id):
        events = CustodyEvent.select().where(CustodyEvent.item == item).order_by(CustodyEvent.id)
        for event in events:
            if event.step not in HOPS:
                continue
            leaves = event.from_holder.startswith("authority:")
            term = dossier.due_at if leaves or event.step == CustodyStep.DELIVER.value else None
            remark = f"kết quả {item.number}" + (f", túi {event.bag}" if event.bag else "")
            hops.append(_hop(site, event.from_holder, event.to_holder, event.occurred_at, term, remark))
    for envelope in envelopes_of(dossier):
        if envelope.way == FORWARD:
            continue
        hops += [
            _hop(site, event.from_holder, event.to_holder, event.occurred_at, dossier.due_at, "kết quả trả tại quầy")
            for event in events_of(envelope)
            if event.step in HOPS and event.from_holder.startswith("authority:")
        ]
    return hops


def _hop(site: Site, giver: str, taker: str, at: datetime, term: datetime | None, remark: str) -> Hop:
    return Hop(holder_name(site, giver), holder_name(site, taker), at, stand(at, term), remark)


def _seal_words(envelope_id: int) -> str:
    seen = [
        one
        for one in SealFact.select().where(SealFact.parcel == envelope_id).order_by(SealFact.id)
        if one.fact in (Seal.INTACT, Seal.BROKEN, Seal.MISSING, Seal.OTHER)
    ]
    return f"{seen[-1].seal} {SEAL_NAME[Seal(seen[-1].fact)]}" if seen else ""


def _submitter(dossier: Dossier) -> str:
    who = subject_of(dossier, Role.SUBMITTER) or subject_of(dossier, Role.OWNER)
    return str(who.name) if who is not None and who.name else "Người nộp"
