"""Report deliveries to the province: freeze what was delivered, queue it, keep the receipt."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agent.domain.canonical import CanonicalDelivery, CanonicalResult, canonical_json, delivered_item
from agent.domain.canonical_codec import instant_text
from agent.ports_province import Receipt
from agent.site import Site
from agent.store import outbox
from agent.store.dossiers import Dossier
from agent.store.handoffs import keep_receipt
from agent.store.items import Proof, Result
from agent.store.ledger import change_row
from agent.store.lookup import dossier_of
from agent.store.outbox import Job
from agent.store.sending import queue_message


def queue_report(site: Site, dossier: Dossier, results: Sequence[Result], proof: Proof | None) -> Job:
    """Queue the report of these results inside the caller's transaction."""
    at = site.clock.now()
    number = outbox.count_keys(f"{dossier.provisional}/D") + 1
    payload = canonical_json(
        CanonicalDelivery(
            salt=dossier.salt.hex(),
            provisional=dossier.provisional,
            official=dossier.official or "",
            results=tuple(_canonical(result, proof) for result in results),
        )
    )
    return queue_message(
        dossier, "delivery", f"{dossier.provisional}/D{number}", payload, uid=site.ids.uid(), at=at, due=at
    )


def delivery_acknowledged(site: Site, job: Job, receipt: Receipt) -> None:
    """Keep the province's receipt for a report; the same receipt again changes nothing."""
    dossier = dossier_of(job.dossier_id)
    if not keep_receipt(dossier, job.kind, receipt):
        return
    report = CanonicalDelivery.from_json(json.loads(job.payload))
    ids = [result.id for result in report.results]
    Result.update(reported=True).where((Result.dossier == dossier) & Result.province_id.in_(ids)).execute()
    change_row(dossier, at=site.clock.now(), items=[delivered_item(result) for result in report.results])


def _canonical(result: Result, proof: Proof | None) -> CanonicalResult:
    assert result.delivered_at is not None
    return CanonicalResult(
        id=result.province_id,
        way=result.way,
        item=result.item.number if result.item else "",
        delivered_at=instant_text(result.delivered_at.replace(microsecond=0)),
        relation=proof.relation if proof else "",
        proof_sha256=proof.digest if proof else "",
    )
